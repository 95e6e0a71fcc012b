"""Calendars elsewhere are read now and then: what they say becomes a fact, or that they cannot be read.

Theory of operation. Every calendar is read once an hour, some at a time; one that fails sooner, and then more
and more rarely. It is fetched by the client that checks use, with a limit of bytes, of redirects and of time,
and unfolded by a process of its own (unfold.py), which is killed when its time is over. What it says is
compared with what is known: only a change is stored whole. The address stands in no sentence: who has it can
read the calendar.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from monitord.core.almanac import (
    Almanac,
    AlmanacStanding,
    CalendarNotRead,
    CalendarRead,
    CalendarReadAgain,
    CalendarSource,
    Days,
    ForgetCalendar,
    Span,
)
from monitord.core.facts import Fact
from monitord.engine import unfold
from monitord.engine.clock import Clock, DeadlinePassed, within
from monitord.engine.engine import Engine, EngineBusy, FactRefused, Lane
from monitord.net import Net
from monitord.net.exchange import Answer, Rules
from monitord.net.faults import Fault
from monitord.net.limits import MIB, REDIRECTS_MAX, RESPONSE_BYTES_MAX
from monitord.net.redirects import leads_on, travel
from monitord.net.request import Request
from monitord.net.target import target

EVERY = timedelta(hours=1)
FIRST_PAUSE = timedelta(minutes=1)  # after a failure, doubled until it is EVERY
NOTHING_TO_READ = timedelta(hours=1)
AT_ONCE, UNFOLDED_AT_ONCE = 16, 3  # calendars that are read at a time, and of these unfolded
FETCH_WITHIN = 30.0  # seconds
UNFOLD_WITHIN = 20.0
BACK, AHEAD = timedelta(days=35), timedelta(days=400)
OK = 200
RULES = Rules(REDIRECTS_MAX, verify=True, bytes_max=RESPONSE_BYTES_MAX)
ACCEPT = {"Accept": "text/calendar, */*;q=0.1"}
PROGRAM = (sys.executable, "-I", str(Path(unfold.__file__)))


class NotRead(Exception):
    """The sentence says why."""


@dataclass(slots=True)
class Turn:
    """When a calendar is read next, how often it has failed in a row, and the digest of what was known."""

    due: float
    failures: int = 0
    known: str = ""


class Calendars:
    """`addresses` by the ids of the configuration's sources; the limits of time are in seconds."""

    def __init__(
        self,
        addresses: Mapping[str, SecretStr],
        engine: Engine,
        net: Net,
        clock: Clock,
        *,
        fetch_within: float = FETCH_WITHIN,
        unfold_within: float = UNFOLD_WITHIN,
    ) -> None:
        self.addresses, self.engine, self.net, self.clock = addresses, engine, net, clock
        self.fetch_within, self.unfold_within = fetch_within, unfold_within
        self.turns: dict[str, Turn] = {}
        self.reading, self.unfolding = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(UNFOLDED_AT_ONCE)
        self.changed = asyncio.Event()

    def accept(self, addresses: Mapping[str, SecretStr]) -> None:
        """From now on, these."""
        self.addresses = addresses
        self.changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.changed.clear()
            await self.drop()
            await self.read_due()
            await self.clock.wait(self.changed, self.pause())

    async def read_due(self) -> None:
        """All whose time has come; who is slow holds up as few others as can be."""
        async with asyncio.TaskGroup() as group:
            for id in self.due():
                group.create_task(self.in_turn(id))

    async def in_turn(self, id: str) -> None:
        async with self.reading:
            await self.read(id)

    def due(self) -> list[str]:
        now = self.clock.monotonic()
        for id in self.addresses:
            self.turns.setdefault(id, Turn(now))
        for id in self.turns.keys() - self.addresses.keys():
            del self.turns[id]
        return [id for id in self.addresses if self.turns[id].due <= now]

    def pause(self) -> float:
        """Seconds until the next is due."""
        if not self.turns:
            return NOTHING_TO_READ.total_seconds()
        return max(0.0, min(turn.due for turn in self.turns.values()) - self.clock.monotonic())

    async def drop(self) -> None:
        """What nobody names any more is forgotten."""
        world = self.engine.world
        known = {each.calendar for each in world.all(Almanac)}
        known |= {each.calendar for each in world.all(AlmanacStanding)}
        for id in sorted(known - world.configuration.calendars.keys()):
            with suppress(EngineBusy, FactRefused):
                await self.engine.submit(ForgetCalendar(id), Lane.BULK)

    async def read(self, id: str) -> None:
        """One calendar, once."""
        turn, source = self.turns[id], self.engine.world.configuration.calendars.get(id)
        if source is None or id not in self.addresses:  # a reload is under way
            turn.due = self.clock.monotonic() + FIRST_PAUSE.total_seconds()
            return
        try:
            fact = await self.found(source, turn)
        except NotRead as error:
            fact, turn.failures = CalendarNotRead(id, str(error)), turn.failures + 1
        else:
            turn.failures = 0
        pause = min(EVERY, FIRST_PAUSE * 2 ** min(turn.failures - 1, 10)) if turn.failures else EVERY
        turn.due = self.clock.monotonic() + pause.total_seconds()
        try:
            await self.engine.submit(fact, Lane.BULK)
        except (EngineBusy, FactRefused):
            turn.known, turn.due = "", self.clock.monotonic() + FIRST_PAUSE.total_seconds()

    async def found(self, source: CalendarSource, turn: Turn) -> Fact:
        """What it says now. Raises NotRead."""
        content = await self.fetched(source)
        today = self.clock.now().date()
        digest = sha256(content + f"{today} {source.time_zone}".encode()).hexdigest()
        if digest == turn.known:
            return CalendarReadAgain(source.id)
        async with self.unfolding:
            said = read_of(source.id, await self.unfolded(content, today, source.time_zone))
        turn.known = digest
        known = self.engine.world.get(Almanac, source.id)
        same = known is not None and known == Almanac(source.id, said.days, said.spans, said.left_out)
        return CalendarReadAgain(source.id) if same else said

    async def fetched(self, source: CalendarSource) -> bytes:
        """What lies at the address. Raises NotRead."""
        request = Request("GET", target(self.addresses[source.id].get_secret_value()), ACCEPT)
        try:
            journey = await within(self.clock, self.fetch_within, travel(self.net, request, RULES))
        except DeadlinePassed:
            raise NotRead(f"it was not there within {self.fetch_within:g} s") from None
        match journey.answer:
            case Fault(words=words):
                raise NotRead(f"{journey.request.target.host} {words}")
            case Answer() as answer if leads_on(answer):
                raise NotRead(f"{journey.request.target.host} redirects more than {REDIRECTS_MAX} times")
            case Answer(status=status) if status != OK:
                raise NotRead(f"{journey.request.target.host} answered {status}")
            case Answer(cut=True):
                raise NotRead(f"it is longer than {RESPONSE_BYTES_MAX // MIB} MiB")
            case Answer(body=body):
                return body

    async def unfolded(self, content: bytes, today: date, zone: str) -> Mapping[str, Any]:
        """What the days ahead hold. Raises NotRead."""
        days = (today - BACK).isoformat(), (today + AHEAD).isoformat()
        program = await asyncio.create_subprocess_exec(
            *PROGRAM, *days, zone, stdin=PIPE, stdout=PIPE, stderr=NOWHERE, env={}
        )
        try:
            told, _ = await within(self.clock, self.unfold_within, program.communicate(content))
        except DeadlinePassed:
            raise NotRead(f"it could not be unfolded within {self.unfold_within:g} s") from None
        finally:
            await ended(program)
        if program.returncode != 0:
            raise NotRead("it takes too long, or too much, to unfold")
        found: Mapping[str, Any] = json.loads(told)
        if "fault" in found:
            raise NotRead(found["fault"])
        return found


PIPE, NOWHERE = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL


async def ended(program: asyncio.subprocess.Process) -> None:
    """It does not outlive who has asked."""
    if program.returncode is None:
        with suppress(ProcessLookupError):
            program.kill()
    await program.wait()


def read_of(calendar: str, found: Mapping[str, Any]) -> CalendarRead:
    """The words of unfold.py as values."""
    return CalendarRead(
        calendar,
        days=tuple(
            Days(date.fromisoformat(first), date.fromisoformat(last), why)
            for first, last, why in found["days"]
        ),
        spans=tuple(
            Span(datetime.fromisoformat(start), datetime.fromisoformat(end), why)
            for start, end, why in found["spans"]
        ),
        left_out=tuple((str(why), int(count)) for why, count in found["left_out"].items()),
    )
