"""Missing: where nobody is any more because somebody has left; said at once, and aloud until it is mended.

Theory of operation. That somebody has left is a record of the core. It is looked at rather than listened to,
so that a crash between the two forgets nothing. Whoever may mend a gap that this makes is told as of any gap,
on the lane that keeps nobody waiting; and where their turns leave nobody on call in the next days, an alarm
names rotation and instants. Saying it again is saying nothing new; what is mended is over.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant, PersonId
from monitord.core.employment import StaffLeft, StaffReturned, gone, staff_of
from monitord.core.facts import Record
from monitord.core.flow import Decision
from monitord.core.gap import AHEAD, GapAhead, LookForGaps, gaps_ahead
from monitord.core.organization import Priority
from monitord.core.roster import in_force
from monitord.core.rotation import people_of
from monitord.core.wallclock import day_and_time
from monitord.core.whom import why_nobody
from monitord.core.world import Configuration, World
from monitord.engine.alarms import Alarms
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine, EngineBusy, Lane

LEFT = "left/"
EVERY = 20.0  # seconds
NEWS_WITHIN = timedelta(minutes=10)  # after a restart nobody is told of who left long ago
SOON = timedelta(days=1)
HOLES_MAX = 12  # that are named


def left(world: World) -> dict[PersonId, Instant]:
    """Who has left, and when."""
    return gone(staff_of(world), world.accepted.people)


def comes_or_goes(events: Sequence[Any]) -> bool:
    """Is it about somebody who has left, or is back?"""
    return any(isinstance(event, StaffLeft | StaffReturned) for event in events)


class Missing:
    """Looks every now and then, and when somebody has left or is back."""

    def __init__(self, engine: Engine, alarms: Alarms, clock: Clock, log: FilteringBoundLogger) -> None:
        self.engine, self.alarms, self.clock, self.log = engine, alarms, clock, log
        self.told: dict[PersonId, Instant] = {}
        self.news = asyncio.Event()
        engine.listen(self.hear)

    def hear(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        if comes_or_goes(events):
            self.news.set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.news.clear()
            self.tell()
            self.say()
            await self.clock.wait(self.news, EVERY)

    def tell(self) -> None:
        """The gaps that whoever has just left makes, as every morning, but now."""
        gone_now, now = left(self.engine.world), self.clock.now()
        for person, at in gone_now.items():
            if self.told.get(person) != at and now - at < NEWS_WITHIN:
                self.ask_for_gaps(person)
        self.told = gone_now

    def ask_for_gaps(self, person: PersonId) -> None:
        """Nobody waits for it, and if it is refused, the morning comes."""
        for rotation in theirs(in_force(self.engine.world), person):
            try:
                asked = self.engine.post(LookForGaps(rotation, person), Lane.BULK)
            except EngineBusy as error:
                self.log.error("gap not told", rotation=rotation, why=str(error))
            else:
                asked.add_done_callback(partial(self.refused, rotation))

    def refused(self, rotation: str, answer: asyncio.Future[Decision]) -> None:
        """Say so, if it was."""
        if not answer.cancelled() and (error := answer.exception()) is not None:
            self.log.error("gap not told", rotation=rotation, why=str(error))

    def say(self) -> None:
        """An alarm for each who is missing somewhere, until they no longer are."""
        roster, now = in_force(self.engine.world), self.clock.now()
        missing = {person: holes(roster, person, now) for person in left(self.engine.world)}
        for person, found in missing.items():
            if found:
                urgency = Priority.URGENT if pressing(roster, person, now) else Priority.HIGH
                title, said = f"{person} has left, and is missing", words(person, found, urgency)
                self.alarms.raise_(f"{LEFT}{person}", title, said, priority=urgency)
        for name in self.alarms.all_standing:
            if name.startswith(LEFT) and not missing.get(name.removeprefix(LEFT)):
                self.alarms.clear(name, "nobody is missing any more")


def holes(roster: Configuration, person: PersonId, now: Instant) -> list[str]:
    """Where nobody is, because this person has left."""
    gaps = (gap for id in theirs(roster, person) for gap in gaps_ahead(roster.rotations[id], now))
    return [
        *(told(gap, now, roster.rotations[gap.rotation].time_zone) for gap in gaps if person in gap.away),
        *empty_tiers(roster, person, now),
    ]


def theirs(roster: Configuration, person: PersonId) -> list[str]:
    """The rotations in which they take turns."""
    return [id for id, rotation in sorted(roster.rotations.items()) if person in people_of(rotation)]


def told(gap: GapAhead, now: Instant, zone: str) -> str:
    """From when to when; what begins now or goes on beyond what is looked at is said so, to say it once."""
    start = "now" if gap.start <= now else day_and_time(gap.start, zone)
    end = "further on" if gap.end >= now + AHEAD else day_and_time(gap.end, zone)
    return f"nobody is on call in {gap.rotation} from {start} to {end}"


def empty_tiers(roster: Configuration, person: PersonId, now: Instant) -> Iterator[str]:
    """Tiers that name them, and nobody whom a page could reach."""
    for id, policy in sorted(roster.policies.items()):
        for number, tier in enumerate(policy.tiers, 1):
            if person in tier.page and why_nobody(roster, tier.page, now):
                yield f"nobody is in tier {number} of the policy {id}"


def pressing(roster: Configuration, person: PersonId, now: Instant) -> bool:
    """Is nobody there within a day, because of them?"""
    gaps = (gap for id in theirs(roster, person) for gap in gaps_ahead(roster.rotations[id], now))
    soon = any(person in gap.away and gap.start < now + SOON for gap in gaps)
    return soon or any(True for _ in empty_tiers(roster, person, now))


def words(person: PersonId, found: list[str], urgency: Priority) -> str:
    """Other ones when it becomes urgent, so that it is said again."""
    more = f"; and {len(found) - HOLES_MAX} more" if len(found) > HOLES_MAX else ""
    mend = "put somebody else there, in the tree or by an override"
    soon = ", and within a day it counts" if urgency is Priority.URGENT else ""
    return f"{person} works here no more{soon}: {'; '.join(found[:HOLES_MAX])}{more}. Mend it: {mend}"
