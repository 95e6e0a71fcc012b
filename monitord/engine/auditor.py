"""The auditor: is the world still what was promised, and is it what the store holds? Asked every half minute.

Theory of operation. Everything that lives is looked at record by record, a few milliseconds at a time, with
everybody else having a turn in between: each look sees the world between two commits, so whatever a rule
finds wrong is wrong, not half done. Of the store a sample is read again in turn, so that all of it is seen
within hours; a record that differs is looked at once more before anything is said, because a commit may lie
between the two. What is found becomes an alarm; alarms that the engine cannot turn into a ticket become an
outcry, and so does an engine that stands still.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant
from monitord.core.escalation import Escalation
from monitord.core.facts import DUE_FACTS, RECORDS, Fact
from monitord.core.invariants import RULES, wrong
from monitord.core.world import World
from monitord.engine.alarms import Alarm, Alarms, is_about_us
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine
from monitord.engine.outcry import Outcry
from monitord.engine.quarantine import Quarantine
from monitord.store.codec import encode
from monitord.store.faults import StoreError
from monitord.store.reads import Archive, Reads

EVERY = 30.0  # seconds
HEARS_EVERY = 5.0  # seconds between two looks at what cannot wait for a ticket
SLICE = 0.001  # seconds of looking after which everybody else has a turn
SAMPLE = 100  # records of each kind that are read again in one look
LOOKS = 3  # a difference must stand that many looks at the same value
BREATH = 0.5  # seconds between two looks
SHOWN = 5  # sentences of one alarm
OVERDUE = 120.0  # seconds a deadline may be late; the timer asks once a minute

INVARIANTS, STORED, QUARANTINE = "invariants", "store-differs", "quarantine"
QUIET = 3600.0  # seconds without another fact in quarantine after which that alarm is over


class Auditor:
    """Looks every half minute, and whenever an alarm cannot wait."""

    def __init__(
        self,
        engine: Engine,
        store: Archive,
        alarms: Alarms,
        outcry: Outcry,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self.engine, self.store, self.alarms, self.outcry = engine, store, alarms, outcry
        self.clock, self.log = clock, log
        self.cursors: dict[type[Any], Any] = {}
        self.said: tuple[str, ...] = ()
        self.looks: list[Callable[[], None]] = []  # of others, who would like to be asked in each round

    async def run(self) -> None:
        """Until cancelled."""
        audited = self.clock.monotonic()
        while True:
            await self.clock.wait(self.alarms.wanted, HEARS_EVERY)
            self.alarms.wanted.clear()
            if self.clock.monotonic() - audited >= EVERY:
                audited = self.clock.monotonic()
                await self.audit()
            await self.cry_out()

    async def audit(self) -> None:
        """One round of looking."""
        broken = await self.broken()
        self.engine.metrics.violations.set(len(broken))
        self.note(broken)
        self.alarms.hold(INVARIANTS, "monitord finds its own records in disorder", listed(broken))
        self.alarms.hold(
            STORED, "the store does not hold what monitord works with", listed(await self.differing())
        )
        self.look_at_quarantine()
        for look in self.looks:
            look()

    def note(self, broken: list[str]) -> None:
        """Into the log, whenever it is something else than the last time."""
        found = tuple(broken[:SHOWN])
        if found and found != self.said:
            self.log.error("invariants violated", count=len(broken), first=found)
        self.said = found

    # The world.

    async def broken(self) -> list[str]:
        """Every sentence about what is wrong, found in slices."""
        found: list[str] = []
        begun = self.clock.monotonic()
        for kind in RULES:
            for record in self.records(kind):
                now = self.clock.now()
                found += self.sentences(record, now)
                if self.clock.monotonic() - begun >= SLICE:
                    await asyncio.sleep(0)
                    begun = self.clock.monotonic()
        return found

    def records(self, kind: type[Any]) -> Iterator[Any]:
        """What lives now of what lived when the look began."""
        for key in list(self.world.shelf.table(kind)):
            record = self.world.get(kind, key)
            if record is not None:
                yield record

    def sentences(self, record: Any, now: Instant) -> list[str]:
        try:
            return [*wrong(self.world, record, now), *overdue(record, now)]
        except Exception as error:  # noqa: BLE001 - a rule that fails has found something, too
            return [
                f"{type(record).__name__} {record.key} cannot be audited: {type(error).__name__}: {error}"
            ]

    @property
    def world(self) -> World:
        return self.engine.world

    # The store.

    async def differing(self) -> list[str]:
        """What the store holds otherwise, of the next sample."""
        found = []
        for kind in RECORDS:
            suspects = self.sample(kind)
            for look in range(LOOKS):
                suspects = await self.suspects(kind, suspects)
                if not suspects or look == LOOKS - 1:
                    break
                await self.clock.sleep(BREATH)
            found += [f"{kind.__name__} {key or 'itself'} differs" for key in suspects]
        return found

    def sample(self, kind: type[Any]) -> dict[Any, Any]:
        """The next records of a kind, from the beginning again after the last."""
        table = self.world.shelf.table(kind)
        keys = list(table)
        start = self.cursors.get(kind, 0) % max(len(keys), 1)
        self.cursors[kind] = start + SAMPLE
        return {key: table[key] for key in islice(keys, start, start + SAMPLE)}

    async def suspects(self, kind: type[Any], sample: Mapping[Any, Any]) -> dict[Any, Any]:
        """Those that are still what they were, and that the store holds otherwise."""
        if not sample:
            return {}
        try:
            held = await self.store.ask(Reads.held, kind, list(sample))
        except StoreError:
            return {}  # that it cannot be read is said elsewhere
        return {
            key: record
            for key, record in sample.items()
            if self.world.get(kind, key) is record and not is_same(held.get(key), record)
        }

    # What cannot wait for a ticket.

    async def cry_out(self) -> None:
        if any(self.standing_still()):
            await self.clock.sleep(BREATH)  # if all of us stood still, the engine has its turn first
        for alarm in (*self.alarms.overdue(), *self.standing_still()):
            await self.outcry.cry(alarm)

    def standing_still(self) -> Iterator[Alarm]:
        """An engine that does not go round, or cannot store what it decides."""
        now = self.clock.monotonic()
        stood = now - self.engine.last_cycle_at
        if stood >= self.alarms.patience:
            why = "" if self.engine.healthy else "; the store cannot be written"
            summary = f"nothing has been decided for {stood:.0f} s{why}"
            yield Alarm("engine", "monitord decides nothing any more", summary, now)

    def quarantined(self, fact: Fact, aside: Quarantine) -> None:
        """Said at once for the first one, then in each round; what is about an alarm itself is cried out."""
        if is_about_us(fact):
            now = self.clock.monotonic()
            self.alarms.cannot_be_said(Alarm(QUARANTINE, aside.title, aside.latest, now))
        elif self.alarms.standing(QUARANTINE) is None:
            self.alarms.raise_(QUARANTINE, aside.title, aside.latest)

    def look_at_quarantine(self) -> None:
        """Renewed while facts come, over when none has come for long."""
        aside = self.engine.quarantine
        if aside.latest and self.clock.monotonic() - aside.latest_at < QUIET:
            self.alarms.raise_(QUARANTINE, aside.title, aside.latest)
        elif self.clock.monotonic() - aside.begun >= QUIET or aside.latest:
            self.alarms.clear(QUARANTINE, "no further fact for an hour")


def is_same(held: Any, record: Any) -> bool:
    """Half characters from outside cannot be stored; what is stored in their place is no difference."""
    return held == record or (held is not None and encode(held) == encode(record))


def overdue(record: Any, now: Instant) -> Iterator[str]:
    """An armed deadline that has come is decided at once."""
    due = record.due if type(record) in DUE_FACTS else None
    late = (now - due).total_seconds() if due is not None else 0.0
    if late >= OVERDUE:
        what = f"the deadline of ticket {record.ticket}" if isinstance(record, Escalation) else named(record)
        yield f"{what} is overdue since {due:%H:%M:%S} UTC"  # a sentence that stays the same is said once


def named(record: Any) -> str:
    return f"{type(record).__name__} {record.key}"


def listed(sentences: Sequence[str]) -> str:
    """The first few, and how many more."""
    more = [f"and {len(sentences) - SHOWN} more"] if len(sentences) > SHOWN else []
    return "; ".join([*sentences[:SHOWN], *more])
