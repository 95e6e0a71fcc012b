"""A whole monitord without a shell: the core decides, channels and clock are played.

The house keeps a journal of every decision, so that it can be replayed, and delivers like the courier does:
an attempt is recorded, the channel answers, the outcome is recorded.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from monitord.core.check import Instant
from monitord.core.delivery import AttemptStarted, Delivery, DeliveryRefused, DeliverySent, DeliveryState
from monitord.core.facts import Due, Fact, Installation, Record
from monitord.core.flow import Decision, react
from monitord.core.subscription import Broadcast, ExpandBroadcast
from monitord.core.world import Configuration, World

ROUNDS_MAX = 1000

Answer = Callable[[Delivery], DeliverySent | DeliveryRefused]


class NeverDone(RuntimeError):
    """Something is due again and again at one instant: a bug in a decision."""


def delivered(delivery: Delivery) -> DeliverySent:
    """What a channel in good health says."""
    return DeliverySent(delivery.id, "250 accepted")


@dataclass
class House:
    """The core, and what has happened to it so far; `records` are what it begins with."""

    configuration: Configuration
    now: Instant
    answer: Answer = delivered
    journal: list[tuple[Instant, Fact, Decision]] = field(default_factory=list)
    after: Callable[[Fact, Decision], None] = lambda fact, decision: None
    sent: list[Delivery] = field(default_factory=list)
    records: tuple[Record, ...] = ()

    def __post_init__(self) -> None:
        self.world = World(self.configuration, Installation("e1"))
        self.waiting: dict[str, Delivery] = {}
        self.broadcasts: set[str] = set()
        self.world.apply(self.records)
        self.remember(self.records)

    def do(self, fact: Fact) -> Decision:
        """Decide one fact and make it true."""
        decision = react(self.world, fact, self.now)
        self.world.apply(decision.records)
        self.remember(decision.records)
        if decision.records or decision.events:
            self.journal.append((self.now, fact, decision))
        self.after(fact, decision)
        return decision

    def remember(self, records: Iterable[Record]) -> None:
        """What the courier has to look at."""
        for record in records:
            if isinstance(record, Delivery):
                if record.state is DeliveryState.PENDING:
                    self.waiting[record.id] = record
                else:
                    self.waiting.pop(record.id, None)
            elif isinstance(record, Broadcast):
                (self.broadcasts.discard if record.done else self.broadcasts.add)(record.post)

    def tick(self) -> list[Decision]:
        """Decide everything whose time has come, until nothing is due any more."""
        decisions: list[Decision] = []
        due: list[Due] = []
        for _ in range(ROUNDS_MAX):
            due = self.world.due(self.now)
            if not due:
                return decisions
            decisions += [self.do(fact) for fact in due]
        raise NeverDone(f"still due after {ROUNDS_MAX} rounds: {due[:3]}")

    def deliver(self) -> list[Delivery]:
        """Send everything that is due, as the courier does; return what was handed over."""
        handed_over: list[Delivery] = []
        for _ in range(ROUNDS_MAX):
            for post in sorted(self.broadcasts):
                self.do(ExpandBroadcast(post))
            due = self.due_deliveries()
            if not due and not self.broadcasts:
                return handed_over
            for delivery in due:
                handed_over += self.attempt(delivery)
        raise NeverDone(f"still sending after {ROUNDS_MAX} rounds")

    def due_deliveries(self) -> list[Delivery]:
        return [delivery for delivery in self.waiting.values() if delivery.due and delivery.due <= self.now]

    def attempt(self, delivery: Delivery) -> Iterable[Delivery]:
        """Store, act, store."""
        self.do(AttemptStarted(delivery.id))
        trying = self.world.get(Delivery, delivery.id)
        if trying is None or trying.state is not DeliveryState.SENDING:
            return []
        outcome = self.answer(trying)
        self.do(outcome)
        if isinstance(outcome, DeliveryRefused):
            return []
        self.sent.append(trying)
        return [trying]

    def next_instant(self) -> Instant | None:
        """When the clock or the courier has something to do next."""
        dues = [delivery.due for delivery in self.waiting.values() if delivery.due]
        deadline = self.world.next_deadline()
        return min([*dues, *([deadline] if deadline else [])], default=None)

    def wait(self, span: timedelta) -> None:
        """Let time pass, instant by instant at which something is due."""
        end = self.now + span
        while (at := self.next_instant()) is not None and at <= end:
            self.go_to(at)
        self.now = end

    def go_to(self, at: Instant) -> list[Delivery]:
        """Decide and send what is due then; return what was handed over. The clock never goes back."""
        self.now = max(self.now, at)
        self.tick()
        return self.deliver()
