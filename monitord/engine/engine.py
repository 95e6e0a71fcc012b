"""The engine: facts in, one commit, then true, then acted upon.

Theory of operation. Whoever knows a fact submits it and waits; one task drains the queues. It lays one draft
over the world, decides fact after fact on it, commits all of it at once, applies it, and then tells those who
wait and those who listen. So ten thousand simultaneous failures cost a few transactions, and nobody hears of
anything that could still be lost. There are four lanes: what people, time and pages say goes first, what
others report takes at most half of a batch, then come check results, and what is done in bulk (mails to
subscribers) takes at most a quarter, so that a page never waits for more than one such batch. A storm's
results take long to decide, so a batch of them ends after a twentieth of a second: a page that finds every
place taken needs more than one batch to leave, and does not wait for hundreds of tickets each time.

Between a failure and the page that leaves for it there is one commit. Whoever sends is asked, when a batch is
decided, what of it would be sent at once; these attempts are facts of the same batch, decided last, so that
whatever else was decided in it comes before them.

A result that changes nothing is neither journaled nor committed, and nobody waits for it. A fact that cannot
be decided is put aside (quarantine) and costs only itself. A commit that fails because of the disk is tried
again with the same decisions until it succeeds, while everybody waits: nothing is lost, and nothing is said
that is not stored. A batch that cannot be written although the disk is well contains something the store
cannot spell: its facts are decided again one by one, and the culprit is put aside. A stale term is the end:
somebody else decides now.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from itertools import chain
from typing import Any, Protocol

from structlog.typing import FilteringBoundLogger

from monitord.core.check import ClockSet, Instant, ProbeId
from monitord.core.facts import ConfigurationAccepted, Fact, Record
from monitord.core.flow import Decision, react
from monitord.core.heartbeat import Deaf
from monitord.core.world import Configuration, Draft, World
from monitord.engine.agent import Observation
from monitord.engine.clock import Clock, Wall
from monitord.engine.commits import Commits, Ledger, Unwritable
from monitord.engine.journalist import Journalist
from monitord.engine.metrics import Metrics
from monitord.engine.quarantine import Quarantine, Shelf
from monitord.store.batch import Batch, Entry
from monitord.store.tokens import Mark

BATCH_MAX = 256
BULK_MAX = 64
REPORTS_MAX = 128
WAITING_MAX = 100_000  # facts in one lane
LINES_AT_ONCE = 50
COMMIT_WITHIN = 10.0  # seconds that somebody at a door waits for an answer
DEAF_FROM = 5.0  # seconds without listening, from which on nobody is blamed for having said nothing
SLICE = 0.005  # seconds of deciding after which everybody else has a turn
SITTING = 0.05  # seconds of deciding in one batch, before what is urgent has its next turn
PACE_MIN = 16  # facts that are not urgent, however long they take

Listener = Callable[[Sequence[Record], Sequence[Any]], None]


class Answer(asyncio.Future[Decision]):
    """What somebody waits for; `mark`, the key of theirs under which they asked, is stored with it."""

    mark: Mark | None = None


Asked = tuple[Fact, asyncio.Future[Decision] | None]
Begin = Callable[[Draft], Sequence[Asked]]


class Lane(Enum):
    """How urgent a fact is; within a lane it is first come, first served."""

    URGENT = "urgent"
    REPORTS = "reports"
    RESULTS = "results"
    BULK = "bulk"


SHARES = {Lane.URGENT: BATCH_MAX, Lane.REPORTS: REPORTS_MAX, Lane.RESULTS: BATCH_MAX, Lane.BULK: BULK_MAX}


class FactRefused(Exception):
    """The fact could not be decided: it is in quarantine, and nothing has changed because of it."""


class EngineBusy(Exception):
    """Too many facts are waiting already; nothing was taken over."""


class Store(Ledger, Shelf, Protocol):
    """What the engine asks of the store."""


@dataclass(slots=True)
class Sitting:
    """One batch in the making: the draft, what it was decided of, what to store of it, and whom to answer."""

    draft: Draft
    decided: list[Asked] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    answers: list[tuple[asyncio.Future[Decision], Decision]] = field(default_factory=list)

    @property
    def events(self) -> list[Any]:
        """Everything that happened, in order."""
        return [event for entry in self.entries for event in entry.events]

    def decide(self, asked: Asked) -> None:
        """Raises whatever a bug raises; then nothing of the fact is in the draft."""
        fact, future = asked
        decision = react(self.draft, fact, self.draft.now)
        if decision.records or decision.events:
            self.draft.put(*decision.records)
            mark = future.mark if isinstance(future, Answer) else None
            self.entries.append(Entry(fact, self.draft.now, decision.records, decision.events, mark))
        self.decided.append(asked)
        if future is not None:
            self.answers.append((future, decision))


class Engine:
    """Decides; `world` is what is true now, `latest` the last observation of each probe."""

    def __init__(
        self,
        world: World,
        store: Store,
        clock: Clock,
        *,
        term: int,
        log: FilteringBoundLogger,
        metrics: Metrics,
    ) -> None:
        self.world, self.clock, self.term, self.log, self.metrics = world, clock, term, log, metrics
        self.commits = Commits(store, clock, log, metrics)
        self.quarantine = Quarantine(store, clock, log, metrics)
        self.journalist = Journalist(log)
        self.latest: dict[ProbeId, Observation] = {}
        self.lanes: dict[Lane, deque[Asked]] = {lane: deque() for lane in Lane}
        self.alone: deque[Asked] = deque()
        self.at_hand: list[Asked] = []
        self.pace = BATCH_MAX  # facts that are not urgent in one batch; fewer while they take long
        self.listeners: list[Listener] = []
        self.begin: Begin = lambda draft: ()
        self.wall = Wall(clock)
        self.wake = asyncio.Event()
        self.cycles = 0
        self.last_cycle_at = clock.monotonic()

    @property
    def healthy(self) -> bool:
        """Did the last commit succeed?"""
        return self.commits.healthy

    # What others call.

    async def submit(self, fact: Fact, lane: Lane = Lane.URGENT) -> Decision:
        """Return what was decided, after it was committed; raises FactRefused, EngineBusy."""
        return await self.post(fact, lane)

    def post(
        self, fact: Fact, lane: Lane = Lane.URGENT, mark: Mark | None = None
    ) -> asyncio.Future[Decision]:
        """The same without waiting; `mark` is stored with the decision."""
        if len(self.lanes[lane]) >= WAITING_MAX:
            raise EngineBusy(f"{WAITING_MAX} facts are waiting to be stored; try again later")
        future = Answer(loop=asyncio.get_running_loop())
        future.mark = mark
        self.lanes[lane].append((fact, future))
        self.wake.set()
        return future

    def observe(self, observation: Observation) -> None:
        """Take a check's result over; if the store stands still for long, the oldest are lost first."""
        result = observation.result
        self.latest[result.probe] = observation
        waiting = self.lanes[Lane.RESULTS]
        if len(waiting) >= WAITING_MAX:
            waiting.popleft()
            self.metrics.dropped.inc()
        waiting.append((result, None))
        self.wake.set()

    def accept(self, configuration: Configuration) -> asyncio.Future[Decision]:
        """From the next batch on, decide by this configuration; raises EngineBusy, then by the old one."""
        answer = self.post(ConfigurationAccepted(configuration.revision))
        self.world.accept(configuration)
        for probe in self.latest.keys() - configuration.probes.keys():
            del self.latest[probe]
        return answer

    def stood_still(self, seconds: float) -> None:
        """For so long nobody could tell us anything; for a short time that does not matter."""
        if seconds >= DEAF_FROM:
            self.was_deaf(self.clock.now() - timedelta(seconds=seconds))

    def was_deaf(self, since: Instant) -> None:
        """Before anything else is decided: nobody is judged by a silence in which we could not hear."""
        now = self.clock.now()
        if since < now:
            self.lanes[Lane.URGENT].appendleft((Deaf(since, now), None))
            self.wake.set()

    def listen(self, listener: Listener) -> None:
        """Be told of the records and events of every commit; a listener must not block."""
        self.listeners.append(listener)

    def beat(self) -> None:
        """Go round once, whether there are facts or not: so that standing still can be noticed."""
        self.wake.set()

    # The one task.

    async def run(self) -> None:
        """Decide until cancelled; raises StaleTerm, StoreAhead. Whoever waits then is cancelled."""
        try:
            while True:
                await self.wake.wait()
                self.wake.clear()
                await self.cycle()
                if self.alone or any(self.lanes.values()):
                    self.wake.set()
                await asyncio.sleep(0)
        finally:
            self.release()

    def release(self) -> None:
        """Nobody waits for an engine that has stopped."""
        for _, future in chain(self.at_hand, self.alone, *self.lanes.values()):
            if future is not None:
                future.cancel()

    async def cycle(self) -> None:
        """One batch: decide, commit, apply, tell."""
        self.at_hand = self.taken()
        if self.at_hand:
            await self.settle(self.at_hand)
            self.at_hand = []
        await self.commits.try_if_quiet(self.term, self.world.configuration.revision)
        self.cycles += 1
        self.last_cycle_at = self.clock.monotonic()

    def taken(self) -> list[Asked]:
        """The next batch, the urgent first."""
        by = self.wall.set_by()
        if by:
            self.log.warning("clock set", by=str(by))
        first: list[Asked] = [(ClockSet(by), None)] if by else []
        if self.alone:
            return [*first, self.alone.popleft()]
        for lane, most in SHARES.items():
            waiting = self.lanes[lane]
            room = min(len(waiting), most, BATCH_MAX - len(first))
            if lane is not Lane.URGENT:
                room = min(room, self.pace)
            first.extend(waiting.popleft() for _ in range(room))
        return first

    async def settle(self, asked: list[Asked]) -> None:
        """Decide the facts, commit what follows from them, make it true, answer, and write the log."""
        self.metrics.batch_facts.observe(len(asked))
        sitting = Sitting(Draft(self.world, self.clock.now()))
        await self.decide(asked, sitting)
        if sitting.entries:
            if not await self.stored(sitting):
                return
            self.make_true(sitting)
        for future, decision in sitting.answers:
            if not future.done():
                future.set_result(decision)
        await asyncio.sleep(0)  # a page that may leave now does not wait for the log
        await self.write_log(sitting.events)

    async def decide(self, asked: list[Asked], sitting: Sitting) -> None:
        """One fact after the other, each on what the ones before have made of the world."""
        begun, spent = self.clock.monotonic(), 0.0
        for each in chain(tuple(asked), self.attempts(asked, sitting.draft)):
            try:
                sitting.decide(each)
            except Exception as error:  # noqa: BLE001 - a bug in one decision costs that fact only
                await self.put_aside(each, error)
            if (slice := self.clock.monotonic() - begun) >= SLICE:
                spent += slice
                await asyncio.sleep(0)
                begun = self.clock.monotonic()
        self.pace = paced(len(asked), spent + self.clock.monotonic() - begun)

    def attempts(self, asked: list[Asked], draft: Draft) -> Iterator[Asked]:
        """What is sent as soon as it is stored; from now on it belongs to what was asked."""
        try:
            begun = self.begin(draft)
        except Exception:  # the page is asked for all the same, and leaves a commit later
            self.log.exception("attempts not begun")
            return
        asked.extend(begun)
        yield from begun

    def make_true(self, sitting: Sitting) -> None:
        """What is stored is true, and is told."""
        records, events = sitting.draft.records, sitting.events
        self.world.apply(records)
        self.metrics.tickets_open.set(len(tuple(self.world.keys("open tickets", "open"))))
        for listener in self.listeners:
            self.tell(listener, records, events)

    async def write_log(self, events: Sequence[Any]) -> None:
        """What happened, as lines; a storm's many lines keep nobody waiting."""
        for start in range(0, len(events), LINES_AT_ONCE):
            self.journalist.write(events[start : start + LINES_AT_ONCE])
            await asyncio.sleep(0)

    def tell(self, listener: Listener, records: Sequence[Record], events: Sequence[Any]) -> None:
        try:
            listener(records, events)
        except Exception:  # what is stored is true, whatever a listener makes of it
            self.log.exception("listener failed", listener=getattr(listener, "__qualname__", ""))

    async def stored(self, sitting: Sitting) -> bool:
        """Commit, however long it takes; False if something in it can never be written."""
        draft, begun = sitting.draft, self.clock.monotonic()
        batch = Batch(self.term, draft.configuration.revision, tuple(sitting.entries), draft.now)
        try:
            await self.commits.commit(batch)
            self.stood_still(self.clock.monotonic() - begun)
        except Unwritable as error:
            await self.take_apart(sitting.decided, error)
            return False
        return True

    async def take_apart(self, decided: list[Asked], error: Exception) -> None:
        """Find the fact that makes the batch unwritable: each is decided anew, in a batch of its own. What
        could not even be decided is put aside already.
        """
        if len(decided) > 1:
            self.log.error("batch cannot be written", facts=len(decided), exc_info=error)
            self.alone.extend(decided)
        else:
            await self.put_aside(decided[0], error)

    async def put_aside(self, asked: Asked, error: Exception) -> None:
        """Go on without this fact, and tell whoever submitted it."""
        fact, future = asked
        await self.quarantine.put(fact, error)
        if future is not None and not future.done():
            what = f"{type(fact).__name__} could not be decided: {type(error).__name__}"
            future.set_exception(FactRefused(what))


def paced(facts: int, seconds: float) -> int:
    """How many facts that are not urgent the next batch has, when these took so long."""
    return max(PACE_MIN, min(BATCH_MAX, int(facts * SITTING / seconds))) if seconds > 0 else BATCH_MAX
