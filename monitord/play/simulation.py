"""A simulation: what an outage would set off, page by page, if it began at an instant.

Theory of operation. A house lives through the trouble: the facts by which it begins, then time. Every message
that the core would send is taken by a channel that always works (or refuses for good, for whom nobody can
reach), and written down with the step that asked for it. It ends where nothing new follows: when the last
tier was told twice, with the last resort; or when an acknowledgement lapsed and the next round has begun.
Whoever may not wait for that without end gives a `watch`, which is asked after every decision and may raise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from monitord.core import escalation as escalations
from monitord.core import paging, quiet, quorum, ticket, timeline
from monitord.core.check import Instant, PersonId
from monitord.core.command import Acknowledge
from monitord.core.delivery import Delivery, DeliveryRefused, DeliverySent, Purpose
from monitord.core.escalation import Escalation, LastResortJoined, PageRequested, TierReached, TierRepeated
from monitord.core.facts import Fact
from monitord.core.flow import Decision
from monitord.core.organization import Priority
from monitord.core.paging import page_key
from monitord.core.policy import DeadlineKind, Policy
from monitord.core.roster import in_force
from monitord.core.ticket import Ticket, TicketOpened
from monitord.core.verdict import Action, Judged
from monitord.core.whom import stands_for
from monitord.play.house import House, delivered
from monitord.play.uncalled import NotCalled, Way, uncalled

LONGEST = timedelta(days=14)  # what waits longer than that is not waited for
REPEATS_SHOWN = 2  # the last resort joins with the second
STEPS_MAX = 20_000
REFUSED, TAKEN = "refused", "handed over"
# Said by the pages themselves, or of no interest to whoever asks whom a trouble would wake.
PASSED_OVER = (
    PageRequested,
    TierReached,
    TierRepeated,
    escalations.RoundStarted,
    paging.NextMethodBroughtForward,
)
TOLD_OF = (escalations, ticket, paging, quiet, quorum)


@dataclass(frozen=True, slots=True)
class Question:
    """When it begins, how long to look ahead (None: until nothing new follows), who answers how long `after`
    that (None: when first paged), and whom no message reaches."""

    at: Instant
    lasts: timedelta | None = None
    acknowledged_by: PersonId | None = None
    after: timedelta | None = None
    unreachable: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One message to one person: when, in which tier and round, by what, and why; and what became of it."""

    at: Instant
    tier: int
    round: int
    person: PersonId
    channel: str
    address: str
    why: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Widening:
    """One step of the escalation: who joins the circle, and how many are in it then."""

    at: Instant
    tier: int
    round: int
    joins: tuple[PersonId, ...]
    circle: int


@dataclass(frozen=True, slots=True)
class Remark:
    """What else the timeline would say."""

    at: Instant
    says: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The answer. `ticket` is None if no ticket opens; `ends` says why it is told no further; `asked_before`
    are those who were asked already when it begins, `not_called` all who are not, with the reason.
    """

    at: Instant
    until: Instant
    ends: str
    ticket: int | None
    priority: Priority | None
    policy: str
    story: tuple[Call | Widening | Remark, ...]
    asked_before: tuple[PersonId, ...] = ()
    not_called: tuple[NotCalled, ...] = ()

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(each for each in self.story if isinstance(each, Call))

    @property
    def widenings(self) -> tuple[Widening, ...]:
        return tuple(each for each in self.story if isinstance(each, Widening))

    @property
    def remarks(self) -> tuple[Remark, ...]:
        return tuple(each for each in self.story if isinstance(each, Remark))

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Everybody whom a message reaches, in the order of the first."""
        return tuple(dict.fromkeys(call.person for call in self.calls if call.outcome == TAKEN))


@dataclass
class Simulation:
    """One question, asked of one house."""

    house: House
    question: Question
    ticket: int | None = None
    watch: Callable[[], None] = lambda: None
    story: list[Call | Widening | Remark] = field(default_factory=list)
    tried: dict[str, Call] = field(default_factory=dict)  # the newest of a page, by its key
    reasons: dict[str, str] = field(default_factory=dict)  # of a page, by its key
    tiers: dict[str, int] = field(default_factory=dict)
    paged: set[tuple[int, PersonId]] = field(default_factory=set)  # in which round
    answer_at: Instant | None = None
    answered_in: int = 0  # the round
    policy: Policy | None = None
    asked_before: tuple[PersonId, ...] = ()

    def __post_init__(self) -> None:
        self.house.answer, self.house.after = self.answer, self.listen
        if self.question.acknowledged_by and self.question.after is not None:
            self.answer_at = self.question.at + self.question.after
        climbing = self.house.world.get(Escalation, self.ticket)
        if climbing is not None:
            self.asked_before = climbing.circle
            self.paged = {(climbing.round, person) for person in climbing.circle}

    def run(self, trouble: tuple[tuple[Instant, Fact], ...]) -> Foreseen:
        """Let the trouble begin, and time pass."""
        try:
            for at, fact in trouble:
                self.house.go_to(at)
                self.house.do(fact)
            self.house.go_to(self.question.at)
            self.acknowledge()
            return self.foreseen(self.live())
        finally:
            # House and simulation know each other; a daemon that is asked often is to keep neither.
            self.house.answer, self.house.after = delivered, unheard

    def live(self) -> str:
        """Instant by instant, to the end; why it is the end."""
        end = self.question.at + (self.question.lasts or LONGEST)
        for _ in range(STEPS_MAX):
            answered = self.answer_at if self.ticket is not None else None
            following = min(filter(None, (self.house.next_instant(), answered)), default=None)
            if following is None:
                return "nothing more would happen"
            if following > end:
                return "so far was asked" if self.question.lasts else "nothing happens for two weeks"
            why = "" if self.question.lasts else self.nothing_new(following)
            if why:
                return why
            self.house.go_to(following)
            self.acknowledge()
        return f"more than {STEPS_MAX} things would happen"

    def nothing_new(self, following: Instant) -> str:
        """Why what follows is more of the same; empty if it is not."""
        climbing = self.house.world.get(Escalation, self.ticket)
        if climbing is None or following < climbing.deadline.at:
            return ""
        if climbing.deadline.kind is DeadlineKind.REVIEW:
            return "it is looked at again once a day"
        if climbing.repeats >= REPEATS_SHOWN:
            return "they are told again and again, until somebody answers"
        if self.answered_in and climbing.round > self.answered_in:
            return "the way up begins anew"
        return ""

    # What is played: a person who answers, channels that work or refuse.

    def acknowledge(self) -> None:
        if self.ticket is None or self.answer_at is None or self.answer_at > self.house.now:
            return
        assert self.question.acknowledged_by is not None, "an instant is set for an answer only"
        self.answer_at = None
        climbing = self.house.world.get(Escalation, self.ticket)
        self.answered_in = climbing.round if climbing else 0
        self.house.do(Acknowledge(self.ticket, self.question.acknowledged_by))
        self.house.deliver()

    def answer(self, delivery: Delivery) -> DeliverySent | DeliveryRefused:
        reached = delivery.person not in self.question.unreachable
        if delivery.purpose is Purpose.PAGE and delivery.ticket == self.ticket:
            self.note(delivery, TAKEN if reached else REFUSED)
        if not reached:
            return DeliveryRefused(delivery.id, "nobody can be reached there", permanent=True)
        return delivered(delivery)

    # What is written down.

    def note(self, delivery: Delivery, outcome: str) -> None:
        call = Call(
            at=self.house.now,
            tier=self.tiers.get(delivery.chain, 0),
            round=delivery.round,
            person=delivery.person or "",
            channel=delivery.channel,
            address=delivery.address,
            why=self.why(delivery),
            outcome=outcome,
        )
        self.story.append(call)
        self.tried[delivery.chain] = call
        waits_for_page = self.question.after is None and not self.answered_in and self.answer_at is None
        if outcome == TAKEN and waits_for_page and call.person == self.question.acknowledged_by:
            self.answer_at = self.house.now

    def why(self, delivery: Delivery) -> str:
        """Of a first method: what the step says; of a further one: that the one before it did not do."""
        before = self.tried.get(delivery.chain)
        if before is None:
            return self.reasons.get(delivery.chain, "")
        return f"{before.channel} {'was refused' if before.outcome == REFUSED else 'had no answer'}"

    def listen(self, fact: Fact, decision: Decision) -> None:
        """Find the ticket, and write down what the decision asks for."""
        self.watch()
        opened = [event for event in decision.events if isinstance(event, TicketOpened)]
        if self.ticket is None and opened:
            self.ticket = opened[0].ticket
        for event in decision.events:
            if self.is_remarkable(event):
                self.story.append(Remark(self.house.now, timeline.sentence(event)))
        mine = tuple(event for event in decision.events if getattr(event, "ticket", None) == self.ticket)
        climbing = self.house.world.get(Escalation, self.ticket)
        if climbing is not None and mine:
            self.policy = climbing.policy
            self.step(climbing, mine)

    def is_remarkable(self, event: Any) -> bool:
        if isinstance(event, Judged):
            return self.ticket is None and event.verdict.action is Action.HOLD
        told_of = any(type(event).__module__ == module.__name__ for module in TOLD_OF)
        mine = timeline.ticket_of(event) == self.ticket is not None
        return told_of and mine and not isinstance(event, PASSED_OVER)

    def step(self, climbing: Escalation, events: tuple[Any, ...]) -> None:
        """One step of the escalation, from the events of its decision."""
        pages = [event for event in events if isinstance(event, PageRequested)]
        if not pages:
            return
        joins = tuple(page.person for page in pages if (page.round, page.person) not in self.paged)
        self.paged.update((page.round, page.person) for page in pages)
        resort = next((event.people for event in events if isinstance(event, LastResortJoined)), ())
        for event in pages:
            key = page_key(self.house.world.installation.epoch, event)
            self.tiers[key] = climbing.tier + 1
            self.reasons[key] = self.reason(climbing, event, joins, resort)
        self.story.append(
            Widening(self.house.now, climbing.tier + 1, climbing.round, joins, len(climbing.circle))
        )

    def reason(
        self,
        climbing: Escalation,
        event: PageRequested,
        joins: tuple[PersonId, ...],
        resort: tuple[PersonId, ...],
    ) -> str:
        """Why this person is paged in this step."""
        if event.person in resort:
            return "last resort"
        if event.person not in joins:
            return "told again"
        roster = in_force(self.house.world)
        for tier in climbing.policy.tiers[climbing.tier :: -1] if climbing.tier >= 0 else ():
            for target in tier.page:
                if target == event.person:
                    return "named in the policy"
                if event.person in stands_for(roster, target, self.house.now):
                    return f"on call in {target}" if target in roster.rotations else f"in {target}"
        if event.by is not None:
            return f"asked by {event.by}"
        return "asked first" if event.person in climbing.first else "called at once"

    def foreseen(self, ends: str) -> Foreseen:
        world = self.house.world
        opened = world.get(Ticket, self.ticket)
        climbing = world.get(Escalation, self.ticket)
        self.policy = climbing.policy if climbing else self.policy
        return Foreseen(
            at=self.question.at,
            until=self.house.now,
            ends=ends,
            ticket=self.ticket,
            priority=opened.priority if opened else None,
            policy=climbing.policy.id if climbing else "",
            story=tuple(self.story),
            asked_before=self.asked_before,
            not_called=self.not_called(),
        )

    def not_called(self) -> tuple[NotCalled, ...]:
        calls = [each for each in self.story if isinstance(each, Call)]
        reached = {call.person for call in calls if call.outcome == TAKEN}
        refused = dict.fromkeys(call.person for call in calls if call.person not in reached)
        climbed = max((call.tier for call in calls), default=0)
        way = Way(self.policy, self.question.at, climbed, tuple(refused))
        return uncalled(in_force(self.house.world), way, reached)


def unheard(fact: Fact, decision: Decision) -> None:
    """Nobody listens any more."""
