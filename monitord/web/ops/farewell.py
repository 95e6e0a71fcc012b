"""Farewell: whoever has left is out at once, and what they leave behind is said until somebody has mended it.

Theory of operation. That somebody has left is a record of the core; here is what follows from it elsewhere.
It is looked at rather than listened to, so that a crash between the two forgets nothing: everybody who has
left has no session, no password, no way in and no token, and where their turns leave nobody on call in the
next days, an alarm names rotation and instants, and whoever may mend it is told as of any gap. Saying it
again is saying nothing new; what is mended is over.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant, PersonId
from monitord.core.employment import StaffLeft, StaffReturned, gone, staff_of
from monitord.core.flow import Decision
from monitord.core.gap import AHEAD, GapAhead, LookForGaps, gaps_ahead
from monitord.core.organization import Priority
from monitord.core.rotation import people_of
from monitord.core.wallclock import day_and_time
from monitord.core.whom import why_nobody
from monitord.core.world import Configuration, Record
from monitord.engine.alarms import Alarms
from monitord.engine.clock import Clock
from monitord.engine.engine import EngineBusy, Lane
from monitord.store.faults import StoreError
from monitord.web.ops.sources import Sources

LEFT = "left/"
BY = "the directory of staff"
EVERY = 20.0  # seconds
NEWS_WITHIN = timedelta(minutes=10)  # after a restart nobody is told of who left long ago
SOON = timedelta(days=1)
HOLES_MAX = 12  # that are named


class Farewell:
    """Without `alarms` nothing is said aloud."""

    def __init__(self, sources: Sources, clock: Clock, log: FilteringBoundLogger) -> None:
        self.sources, self.clock, self.log = sources, clock, log
        self.alarms: Alarms | None = None
        self.seen_out: dict[PersonId, Instant] = {}
        self.news, self.one_at_a_time = asyncio.Event(), asyncio.Lock()
        self.on_change: list[Callable[[], None]] = []
        sources.engine.listen(self.hear)

    def hear(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        if any(isinstance(event, StaffLeft | StaffReturned) for event in events):
            self.news.set()
            for tell in self.on_change:
                tell()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.news.clear()
            try:
                await self.see_out()
            except StoreError as error:
                self.log.error("who has left could not be seen out", why=str(error))
            self.say()
            await self.clock.wait(self.news, EVERY)

    @property
    def left(self) -> dict[PersonId, Instant]:
        world = self.sources.world
        return gone(staff_of(world), world.accepted.people)

    # Who has left is out.

    async def see_out(self) -> None:
        """Everybody who has left since this was asked last. Raises StoreError."""
        async with self.one_at_a_time:
            left = self.left
            self.seen_out = {person: at for person, at in self.seen_out.items() if left.get(person) == at}
            for person, at in left.items():
                if person not in self.seen_out:
                    await self.end(person)
                    if self.sources.now - at < NEWS_WITHIN:
                        self.tell_gaps(person)
                    self.seen_out[person] = at
                    self.log.warning("somebody has left", person=person)

    async def end(self, person: PersonId) -> None:
        """No session, password, token or passkey. Raises StoreError; what is in memory has ended then."""
        sources, now = self.sources, self.sources.now
        sessions = [each.id for each in await sources.sessions.of(person, now)]
        await sources.sessions.close(sessions, now)
        people = frozenset(sources.configuration.people)
        await sources.tokens.clean(sources.store, people, BY, now)
        await sources.sessions.drop(person, BY, now)
        await sources.passkeys.clean(people, self.log)

    def tell_gaps(self, person: PersonId) -> None:
        """As every morning, but now; nobody waits for it, and if it is refused, the morning comes."""
        for rotation in theirs(self.sources.roster, person):
            try:
                asked = self.sources.engine.post(LookForGaps(rotation, person), Lane.BULK)
            except EngineBusy as error:
                self.log.error("gap not told", rotation=rotation, why=str(error))
            else:
                asked.add_done_callback(partial(self.refused, rotation))

    def refused(self, rotation: str, answer: asyncio.Future[Decision]) -> None:
        """Say so, if it was."""
        if not answer.cancelled() and (error := answer.exception()) is not None:
            self.log.error("gap not told", rotation=rotation, why=str(error))

    # What they leave behind.

    def say(self) -> None:
        """An alarm for each who is missing somewhere, until they no longer are."""
        if self.alarms is None:
            return
        roster, now = self.sources.roster, self.sources.now
        missing = {person: holes(roster, person, now) for person in self.left}
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
