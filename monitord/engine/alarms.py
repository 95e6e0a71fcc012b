"""Alarms: what is wrong with monitord itself becomes a report, and so a ticket that pages like any other.

Theory of operation. An alarm has a name; it is raised once, renewed when its words change, and cleared when
its reason is gone, also by the next process, because what is raised stands in the world. If the engine cannot
decide or store the report, the ticket will never come: then whoever is named as last resort is written to
directly (outcry.py).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from monitord.core.facts import Fact, Record
from monitord.core.flow import Decision
from monitord.core.organization import Priority
from monitord.core.report import SYSTEM, Report, system
from monitord.core.signal import Signal, signal_key
from monitord.core.world import World
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine, EngineBusy

SUMMARY_CHARS_MAX = 2_000
TITLE_CHARS_MAX = 200
UNANSWERED = 60.0  # seconds after which a report that is not stored is said another way
UNSTORED = 10.0  # where nothing can be stored at all


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong; `since` is the running clock's."""

    name: str
    title: str
    summary: str
    since: float


class Alarms:
    """Raises and clears; `unheard` are alarms whose report came to nothing."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine, self.clock = engine, clock
        self.on_the_way: dict[str, Alarm] = {}
        self.unheard: dict[str, Alarm] = {}
        self.wanted = asyncio.Event()  # set when there is something that cannot wait for the next look
        for name in self.all_standing:
            engine.metrics.alarms.labels(name).set(1)
        engine.listen(self.count)

    def count(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        """The gauge: 1 for each that is raised."""
        for record in records:
            if isinstance(record, Signal) and record.source == SYSTEM:
                self.engine.metrics.alarms.labels(record.name).set(record.raised)

    def raise_(
        self,
        name: str,
        title: str,
        summary: str,
        lasts: timedelta | None = None,
        priority: Priority = Priority.URGENT,
    ) -> None:
        """Say that something is wrong; saying the same again changes nothing. What has happened, and is not
        going on, `lasts` for a while.
        """
        alarm = Alarm(name, title[:TITLE_CHARS_MAX], summary[:SUMMARY_CHARS_MAX], self.clock.monotonic())
        if not self.is_said(alarm):
            ends = self.clock.now() + lasts if lasts is not None else None
            report = system(name, True, alarm.title, alarm.summary)
            self.say(alarm, replace(report, ends=ends, priority=priority))

    def clear(self, name: str, why: str = "") -> None:
        """Say that it is over, if it was raised by anybody."""
        self.unheard.pop(name, None)
        if name in self.on_the_way or self.standing(name) is not None:
            gone = Alarm(name, "", why, self.clock.monotonic())
            self.say(gone, system(name, False, "", why))

    def hold(self, name: str, title: str, wrong: str) -> None:
        """Raise it while something is wrong, clear it when nothing is."""
        if wrong:
            self.raise_(name, title, wrong)
        else:
            self.clear(name)

    def standing(self, name: str) -> Signal | None:
        """The raised signal of that name."""
        return self.engine.world.get(Signal, signal_key(SYSTEM, name))

    @property
    def all_standing(self) -> Mapping[str, Signal]:
        return standing(self.engine.world)

    def is_said(self, alarm: Alarm) -> bool:
        known = self.on_the_way.get(alarm.name)
        if known is not None:
            return (known.title, known.summary) == (alarm.title, alarm.summary)
        standing = self.standing(alarm.name)
        return standing is not None and standing.summary == alarm.summary

    def say(self, alarm: Alarm, report: Report) -> None:
        try:
            answer = self.engine.post(report)
        except EngineBusy:
            self.cannot_be_said(alarm)
            return
        self.on_the_way[alarm.name] = alarm
        answer.add_done_callback(partial(self.heard, alarm))

    def heard(self, alarm: Alarm, answer: "asyncio.Future[Decision]") -> None:
        """The report is stored, or was refused; a stop ends all."""
        if self.on_the_way.get(alarm.name) is alarm:
            del self.on_the_way[alarm.name]
        if not answer.cancelled() and answer.exception() is not None:
            self.cannot_be_said(alarm)

    def cannot_be_said(self, alarm: Alarm) -> None:
        if alarm.title:
            self.unheard[alarm.name] = alarm
            self.wanted.set()

    @property
    def patience(self) -> float:
        """Seconds after which nobody waits any more for what is stored."""
        return UNANSWERED if self.engine.healthy else UNSTORED

    def overdue(self) -> list[Alarm]:
        """What has to be said another way; each once."""
        now = self.clock.monotonic()
        late = [each for each in self.on_the_way.values() if each.title and now - each.since >= self.patience]
        found = {each.name: each for each in (*late, *self.unheard.values())}
        self.unheard.clear()
        return list(found.values())


def standing(world: World) -> Mapping[str, Signal]:
    """Every alarm that is raised, by name."""
    found = world.find("signals by service", SYSTEM)
    return {signal.name: signal for signal in found if signal.source == SYSTEM}


def is_about_us(fact: Fact) -> bool:
    """An alarm's own report: if it cannot be decided, another one could not be either."""
    return isinstance(fact, Report) and fact.source == SYSTEM
