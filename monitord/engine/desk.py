"""The desk: what came in is kept, answered, decided, and noted what became of it; in this order.

Theory of operation. Everything that waits is committed at once, so ten thousand requests a second cost a few
transactions. Then its facts go to the engine, in the order in which they came, and the engine's commit counts
them as decided in the inbox; what became of them is written beside, a second later, for people. What a crash
leaves undecided is decided at the next start, before anything new is taken in.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from structlog.typing import FilteringBoundLogger

from monitord.core import ticket as tickets
from monitord.core.check import Instant
from monitord.core.facts import Fact
from monitord.core.flow import Decision
from monitord.core.heartbeat import HeartbeatCameUp, HeartbeatPinged, HeartbeatWentDown
from monitord.core.report import ReportIgnored
from monitord.core.signal import SignalMoved, SignalWorsened
from monitord.core.timeline import sentence, ticket_of
from monitord.core.verdict import Judged
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine, EngineBusy, FactRefused, Lane
from monitord.store.faults import StoreError
from monitord.store.inbox import Arrival, Event, Inbox, Settled, event_id

AT_ONCE = 256  # arrivals of one commit
BYTES_AT_ONCE = 4 * 1024 * 1024
WAITING_MAX = 2_000  # requests
BYTES_MAX = 64 * 1024 * 1024  # of bodies until they are decided: 2000 of the longest would be a gigabyte
REPEATS_BYTES_MAX = 16 * 1024 * 1024  # above, repeats have to come again
UNDECIDED_MAX = 50_000  # facts; above, even first raises have to come again
UNDECIDED_REPEATS_MAX = 5_000  # facts; above, repeats have to
SETTLE_EVERY = 1.0  # seconds
UNSETTLED_MAX = 20_000
TOLD_MAX = 6  # events of one report, that are told

Facts = tuple[Any, ...]  # each with an `event`, which is given here
Understand = Callable[[Event], Facts]


class NotKept(Exception):
    """It is not in the inbox; whoever sent it must send it again."""


class Keeping(Protocol):
    """The store's inbox."""

    async def inbox(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any: ...


@dataclass(slots=True)
class Waiting:
    """A request that waits for its commit."""

    arrival: Arrival
    facts: Facts
    taken: "asyncio.Future[int]"


@dataclass(slots=True)
class Row:
    """An arrival whose facts are being decided."""

    id: int
    size: int = 0
    notes: tuple[str, ...] = ()
    outcome: list[str] = field(default_factory=list)
    left: int = 0


class Desk:
    """`understand` reads a kept arrival once more; `decided` is told of each fact that is done with."""

    def __init__(
        self,
        engine: Engine,
        store: Keeping,
        clock: Clock,
        log: FilteringBoundLogger,
        understand: Understand,
        decided: Callable[[Any], None],
    ) -> None:
        self.engine, self.store, self.clock, self.log = engine, store, clock, log
        self.understand, self.decided = understand, decided
        self.ready = False
        self.waiting: deque[Waiting] = deque()
        self.backlog: deque[tuple[Row, int, Fact]] = deque()
        self.settled: list[Settled] = []
        self.undecided = 0
        self.size = 0
        self.wake = asyncio.Event()
        self.settle_at = clock.monotonic()

    def keep(self, arrival: Arrival, facts: Facts) -> "asyncio.Future[int]":
        """The arrival's number, when it is durable. Raises NotKept, at once or later."""
        if not self.ready:
            raise NotKept("monitord is starting")
        if not self.has_room(arrival):
            raise NotKept("more is coming in than can be stored")
        taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.size += len(arrival.body)
        self.waiting.append(Waiting(replace(arrival, reports=len(facts)), facts, taken))
        self.wake.set()
        return taken

    def has_room(self, arrival: Arrival) -> bool:
        """By number and by bytes; repeats leave room for what is new."""
        facts, size = (
            (UNDECIDED_REPEATS_MAX, REPEATS_BYTES_MAX) if arrival.repeats else (UNDECIDED_MAX, BYTES_MAX)
        )
        fits = self.undecided <= facts and self.size + len(arrival.body) <= size
        return fits and len(self.waiting) < WAITING_MAX

    async def run(self) -> None:
        """Until cancelled; whoever waits then must come again."""
        try:
            await self.resume()
            while True:
                await self.clock.wait(self.wake, SETTLE_EVERY)
                self.wake.clear()
                await self.go_round()
        finally:
            self.ready = False
            self.refuse(tuple(self.waiting), "monitord is stopping")
            self.waiting.clear()

    async def go_round(self) -> None:
        """Keep what waits, have it decided, note what became of what was."""
        while self.waiting:
            await self.keep_waiting()
        self.post()
        if self.settled and self.clock.monotonic() >= self.settle_at:
            self.settle_at = self.clock.monotonic() + SETTLE_EVERY
            await self.settle()

    # Keeping.

    async def keep_waiting(self) -> None:
        several = self.next_few()
        try:
            ids = await self.store.inbox(Inbox.receive, self.engine.term, [each.arrival for each in several])
        except asyncio.CancelledError:
            self.refuse(several, "monitord is stopping")  # kept or not: it is too late to hear
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing is kept, and they must hear so
            self.log.error("not kept", requests=len(several), why=str(error))
            self.refuse(several, str(error))
            return
        for id, each in zip(ids, several, strict=True):
            self.decide(Row(id, len(each.arrival.body), each.arrival.outcome), each.facts, 0)
            if not each.taken.done():
                each.taken.set_result(id)

    def next_few(self) -> Sequence[Waiting]:
        several: list[Waiting] = []
        size = 0
        while self.waiting and len(several) < AT_ONCE and size < BYTES_AT_ONCE:
            several.append(self.waiting.popleft())
            size += len(several[-1].arrival.body)
        return several

    def refuse(self, several: Sequence[Waiting], why: str) -> None:
        for each in several:
            self.size -= len(each.arrival.body)
            for fact in each.facts:
                self.decided(fact)
            if not each.taken.done():
                each.taken.set_exception(NotKept(why))
                each.taken.exception()  # whoever has left does not need to hear it

    # Deciding.

    async def resume(self) -> None:
        """What a crash has left undecided."""
        after = 0
        while found := await self.store.inbox(Inbox.undecided, after):
            for event in found:
                after = event.id
                self.decide_anew(event)
            self.post()
        self.ready = True

    def decide_anew(self, event: Event) -> None:
        try:
            facts = self.understand(event)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the others go on
            self.log.error("arrival lost", arrival=event.id, why=str(error))
            self.settled.append(Settled(event.id, (f"could not be understood any more: {error}",)))
            return
        self.log.info("arrival resumed", arrival=event.id, reports=len(facts) - event.decided)
        self.decide(Row(event.id, notes=event.arrival.outcome), facts, event.decided)

    def decide(self, row: Row, facts: Facts, done: int) -> None:
        """Have them decided, but for the first `done`."""
        row.outcome = ["decided before a restart"] * min(done, len(facts)) + [""] * (len(facts) - done)
        row.left = max(len(facts) - done, 0)
        if not row.left:
            self.size -= row.size
            if facts:
                self.settled.append(settled(row))
            return
        self.undecided += row.left
        for place, fact in enumerate(facts[done:], done):
            numbered = replace(fact, event=event_id(row.id, place + 1, len(facts)))
            self.backlog.append((row, place, numbered))
        self.post()

    def post(self) -> None:
        """Hand over what the engine can take."""
        while self.backlog:
            row, place, fact = self.backlog[0]
            try:
                answer = self.engine.post(fact, Lane.REPORTS)
            except EngineBusy:
                return
            self.backlog.popleft()
            answer.add_done_callback(partial(self.note, row, place, fact))

    def note(self, row: Row, place: int, fact: Any, answer: "asyncio.Future[Decision]") -> None:
        self.decided(fact)
        self.undecided -= 1
        if answer.cancelled():
            return  # the next start decides it
        row.outcome[place] = words(fact, answer)
        row.left -= 1
        if row.left:
            return
        self.size -= row.size
        if len(self.settled) < UNSETTLED_MAX:
            self.settled.append(settled(row))

    async def settle(self) -> None:
        """It may wait, and it may fail: the journal says the same."""
        several, self.settled = self.settled, []
        try:
            await self.store.inbox(Inbox.settle, several)
        except StoreError as error:
            self.log.warning("outcome not noted", events=len(several), why=str(error))
            self.settled = (several + self.settled)[:UNSETTLED_MAX]

    async def forget(self, now: Instant) -> int:
        """A portion of what was kept for long enough; 0 when there is nothing left."""
        try:
            return int(await self.store.inbox(Inbox.forget_before, now))
        except StoreError as error:
            self.log.warning("not everything old was forgotten", why=str(error))
            return 0


TELLING = (
    ReportIgnored,
    HeartbeatPinged,
    HeartbeatWentDown,
    HeartbeatCameUp,
    SignalWorsened,
    SignalMoved,
    Judged,
    tickets.TicketOpened,
    tickets.TicketReopened,
    tickets.SignalJoined,
    tickets.TicketResolved,
)


def settled(row: Row) -> Settled:
    """What became of each fact, and what could be said before any was decided."""
    return Settled(row.id, (*row.outcome, *row.notes))


def words(fact: Any, answer: "asyncio.Future[Decision]") -> str:
    """What became of one fact, in a line."""
    error = answer.exception()
    if error is not None:
        return f"{named(fact)}: {error if isinstance(error, FactRefused) else type(error).__name__}"
    events = answer.result().events
    told = [with_ticket(each) for each in events if isinstance(each, TELLING)]
    if not told:
        return f"{named(fact)}: said once more; nothing else has changed"
    return f"{named(fact)}: {'; '.join(told[:TOLD_MAX])}"


def with_ticket(event: Any) -> str:
    number = ticket_of(event)
    return f"ticket {number} {sentence(event)}" if number is not None else sentence(event)


def named(fact: Any) -> str:
    return str(getattr(fact, "name", "") or getattr(fact, "heartbeat", ""))
