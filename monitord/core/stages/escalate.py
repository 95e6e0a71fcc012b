"""escalate: a ticket's rounds begin, go up, stop for an answer, and begin again when the answer lapses."""

from dataclasses import replace

from monitord.core.check import ClockSet, PersonId
from monitord.core.climbing import Reach, begin, climb
from monitord.core.course import reopened_for_others
from monitord.core.escalation import (
    AcknowledgementLapsed,
    Escalation,
    EscalationDue,
    RoundReason,
    SnoozeEnded,
    Step,
)
from monitord.core.governing import calmer_policy, goes_otherwise, idle, policy_for
from monitord.core.holding import (
    advance,
    answered,
    comes,
    count,
    decline,
    hold,
    join,
    relaxed,
    send_up,
    shifted,
    snooze,
    stays_away,
)
from monitord.core.organization import Priority
from monitord.core.paging import PersonUnreachable
from monitord.core.policy import DeadlineKind, Policy, Target
from monitord.core.quorum import AcknowledgementCounted
from monitord.core.roster import in_force
from monitord.core.severity import CatastropheCalledOff, CatastropheDeclared, TargetMissed
from monitord.core.ticket import (
    AcknowledgementRenewed,
    PeopleCalled,
    PersonDeclined,
    PersonJoined,
    PriorityLowered,
    PriorityRaised,
    State,
    TeamMobilised,
    Ticket,
    TicketAcknowledged,
    TicketCommented,
    TicketEscalated,
    TicketHandedOver,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketSnoozed,
    TicketTakenOver,
    TicketWoken,
    UrgencyStressed,
)
from monitord.core.whom import meant, unreachable, urgent_by_hand
from monitord.core.world import Draft, Stage

URGENT_BY_HAND = "it is urgent"
BEFORE_A_ROUND = (DeadlineKind.LAPSE, DeadlineKind.SNOOZE)


def start(draft: Draft, event: TicketOpened) -> None:
    begin_round(draft, event.ticket, RoundReason.OPENED)
    if event.priority is Priority.URGENT and event.by is not None:
        mobilise(draft, event.ticket, event.by)


def start_again(draft: Draft, event: TicketReopened) -> None:
    """The last holder is asked first: it was solved, or nearly."""
    first = (event.last_holder,) if event.last_holder else ()
    begin_round(draft, event.ticket, RoundReason.REOPENED, first=first, alone=True)


def hand_over(draft: Draft, event: TicketHandedOver) -> None:
    begin_round(draft, event.ticket, RoundReason.HANDED_OVER, first=(event.to,), alone=True)


def begin_round(
    draft: Draft,
    number: int,
    reason: RoundReason,
    first: tuple[PersonId, ...] = (),
    alone: bool = False,
    declined: tuple[PersonId, ...] = (),
) -> None:
    """Start the ticket's next round under its priority's policy as it is now; of `first`, those whom a page
    can reach.
    """
    ticket = draft.get(Ticket, number)
    if ticket is None:
        return
    asked, before = reach(draft, number), draft.get(Escalation, number)
    policy, round = policy_of(draft, ticket, asked.last_resort), ticket.rounds + 1
    people, alone = asked.whom(first), alone and not ticket.catastrophic
    have, cannot = answered(before, (*people, *declined)) if policy.remembers else ((), ())
    declined = (*cannot, *declined)
    settle(draft, begin(number, policy, round, reason, draft.now, asked, people, alone, declined, have))


def mobilise(draft: Draft, number: int, by: PersonId) -> None:
    """A person says that it is urgent: whoever is to hear of that at once does, besides the policy's people.
    What is for certain people alone, or calls everybody, needs nobody else.
    """
    ticket, escalation = draft.get(Ticket, number), draft.get(Escalation, number)
    if ticket is None or escalation is None or ticket.page or ticket.catastrophic:
        return
    wanted = reach(draft, number).whom(urgent_by_hand(draft.configuration, ticket.service))
    people = tuple(person for person in wanted if person not in escalation.circle)
    if people:
        if ticket.state is State.ACKNOWLEDGED:  # who has it keeps it; these are called to help
            draft.put(replace(ticket, asked=tuple(dict.fromkeys((*ticket.asked, *people)))))
        draft.tell(TeamMobilised(number, by, people))
        settle(draft, join(escalation, people, by, URGENT_BY_HAND))


def mobilise_others(draft: Draft, event: UrgencyStressed) -> None:
    mobilise(draft, event.ticket, event.by)


def call_everybody(draft: Draft, event: CatastropheDeclared) -> None:
    begin_round(draft, event.ticket, RoundReason.EVERYBODY)


def call_off(draft: Draft, event: CatastropheCalledOff) -> None:
    """Who has it goes on alone; if nobody has, it begins anew by the policy of its priority."""
    ticket, escalation = draft.get(Ticket, event.ticket), draft.get(Escalation, event.ticket)
    if ticket is None or escalation is None:
        return
    if ticket.state is State.OPEN:
        begin_round(draft, event.ticket, RoundReason.CALLED_OFF)
    else:
        policy = policy_of(draft, ticket, draft.configuration.last_resort)
        draft.put(relaxed(escalation, policy, draft.now))


def widen(draft: Draft, event: TargetMissed) -> None:
    """The next tier at once, unless somebody has it by now, or nothing has begun yet."""
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None and escalation.deadline.kind is DeadlineKind.TIER:
        settle(draft, climb(escalation, draft.now, reach(draft, event.ticket)))


def send_to_next_tier(draft: Draft, event: TicketEscalated) -> None:
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        settle(draft, send_up(escalation, draft.now, reach(draft, event.ticket)))


def policy_of(draft: Draft, ticket: Ticket, last_resort: tuple[PersonId, ...]) -> Policy:
    """As the configuration is now."""
    return policy_for(draft.configuration, ticket, draft.get(Escalation, ticket.number), last_resort)


def hold_for_holder(
    draft: Draft, event: TicketAcknowledged | AcknowledgementRenewed | TicketTakenOver | TicketWoken
) -> None:
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        put_held(draft, hold(escalation, event.by, draft.now))


def go_on_with_others(draft: Draft, event: AcknowledgementCounted) -> None:
    """One of those who are needed has it."""
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        settle(draft, count(escalation, event.by, draft.now, reach(draft, event.ticket)))


def put_held(draft: Draft, escalation: Escalation) -> None:
    """With whether its holder is one of those whom the configuration knows."""
    draft.put(replace(escalation, holder_known=escalation.holder in draft.configuration.people))


def renew_by_comment(draft: Draft, event: TicketCommented) -> None:
    """A word from the holder says that they are still on it; what sleeps, sleeps on."""
    escalation = draft.get(Escalation, event.ticket)
    if escalation is None or escalation.deadline.kind is DeadlineKind.SNOOZE:
        return
    if escalation.holder == event.by:
        put_held(draft, hold(escalation, event.by, draft.now))


def put_to_sleep(draft: Draft, event: TicketSnoozed) -> None:
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        put_held(draft, snooze(escalation, event.holder, event.until, draft.now))


def start_higher(draft: Draft, event: PriorityRaised) -> None:
    """By the policy of that priority, with whoever had it."""
    first = (event.holder,) if event.holder else ()
    begin_round(draft, event.ticket, RoundReason.RAISED, first=first)
    if event.priority is Priority.URGENT and event.by is not None:
        mobilise(draft, event.ticket, event.by)


def go_on_calmer(draft: Draft, event: PriorityLowered) -> None:
    """The round goes on by the policy of that priority; nobody is paged because of it."""
    ticket, escalation = draft.get(Ticket, event.ticket), draft.get(Escalation, event.ticket)
    if ticket is None or escalation is None:
        return
    draft.put(relaxed(escalation, calmer_policy(draft.configuration, ticket, escalation), draft.now))


def call_also(draft: Draft, event: PeopleCalled) -> None:
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        settle(draft, join(escalation, event.people, event.by, event.text))


def go_on_without(draft: Draft, event: PersonDeclined) -> None:
    """Somebody cannot: the others go on, or a new round begins if it was the holder. Of one who was called
    for what somebody has, and does not come, only that is remembered.
    """
    escalation = draft.get(Escalation, event.ticket)
    if escalation is None:
        return
    if escalation.holder == event.by:
        begin_round(draft, event.ticket, RoundReason.DECLINED, declined=(event.by,))
    elif escalation.holder is None:
        settle(draft, decline(escalation, event.by, draft.now, reach(draft, event.ticket)))
    else:
        draft.put(stays_away(escalation, event.by))


def remember_who_comes(draft: Draft, event: PersonJoined) -> None:
    """Whoever has it, keeps it."""
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        draft.put(comes(escalation, event.by))


def go_up(draft: Draft, fact: EscalationDue) -> None:
    """Its deadline has come; a fact that is too early (the clock was set) changes nothing. Where a round
    begins, it does so by the policy of now.
    """
    ticket, escalation = draft.get(Ticket, fact.ticket), draft.get(Escalation, fact.ticket)
    if ticket is None or escalation is None or escalation.deadline.at > draft.now:
        return
    asked = reach(draft, fact.ticket)
    policy = policy_of(draft, ticket, asked.last_resort)
    if escalation.deadline.kind in BEFORE_A_ROUND:
        settle(draft, advance(replace(escalation, policy=policy), draft.now, asked))
    elif idle(escalation) and goes_otherwise(escalation, policy):
        begin_round(draft, fact.ticket, RoundReason.OTHER_POLICY, first=escalation.first)
    else:
        settle(draft, advance(escalation, draft.now, asked))


def stop(draft: Draft, event: TicketResolved) -> None:
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        draft.put(replace(escalation, ended=True))


def shift(draft: Draft, fact: ClockSet) -> None:
    for escalation in draft.all(Escalation):
        rearm(draft, shifted(escalation, fact.by, draft.now, draft.configuration.holidays))


def rearm(draft: Draft, escalation: Escalation) -> None:
    """With another deadline; if it sleeps, the ticket says until when."""
    ticket = draft.get(Ticket, escalation.ticket)
    if ticket is not None and escalation.deadline.kind is DeadlineKind.SNOOZE:
        draft.put(replace(ticket, snoozed_until=escalation.deadline.at))
    draft.put(escalation)


def settle(draft: Draft, step: Step) -> None:
    """Store the escalation, and on the ticket which round it is in and who was paged."""
    escalation, events = step
    ticket = draft.get(Ticket, escalation.ticket)
    if ticket is not None:
        if any(isinstance(event, AcknowledgementLapsed | SnoozeEnded) for event in events):
            ticket = reopened_for_others(ticket)
        paged = tuple(dict.fromkeys((*ticket.paged, *escalation.circle)))
        draft.put(replace(ticket, rounds=escalation.round, paged=paged))
    draft.put(escalation)
    draft.tell(*events)


def reach(draft: Draft, ticket: int) -> Reach:
    """Who can be called now; whom no page can reach is passed over, and that is said once."""
    passed_over: dict[PersonId, None] = {}

    def whom(targets: tuple[Target, ...]) -> tuple[PersonId, ...]:
        named = meant(in_force(draft), targets, draft.now)
        for person in named:
            why = unreachable(draft.configuration, person)
            if why and person not in passed_over:
                passed_over[person] = None
                draft.tell(PersonUnreachable(ticket, person, why))
        return tuple(person for person in named if person not in passed_over)

    known = draft.get(Ticket, ticket)
    urgent = known is not None and known.priority is Priority.URGENT
    called = draft.configuration.last_resort
    resort = tuple(person for person in called if not unreachable(draft.configuration, person))
    return Reach(whom, resort, urgent, draft.configuration.holidays)


ESCALATE: Stage = {
    TicketOpened: start,
    TicketReopened: start_again,
    TicketAcknowledged: hold_for_holder,
    AcknowledgementCounted: go_on_with_others,
    AcknowledgementRenewed: hold_for_holder,
    TicketTakenOver: hold_for_holder,
    TicketWoken: hold_for_holder,
    TicketSnoozed: put_to_sleep,
    PriorityRaised: start_higher,
    UrgencyStressed: mobilise_others,
    CatastropheDeclared: call_everybody,
    CatastropheCalledOff: call_off,
    TargetMissed: widen,
    PriorityLowered: go_on_calmer,
    PeopleCalled: call_also,
    TicketEscalated: send_to_next_tier,
    TicketCommented: renew_by_comment,
    PersonDeclined: go_on_without,
    PersonJoined: remember_who_comes,
    TicketHandedOver: hand_over,
    TicketResolved: stop,
    EscalationDue: go_up,
    ClockSet: shift,
}
