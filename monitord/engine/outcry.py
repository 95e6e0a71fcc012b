"""The outcry: a message past the engine, when the engine itself is what is broken.

It is written to the last resort and to whoever is on call in any first tier (or, without a last resort, to
everybody who can be reached), by the first way that takes it, at most once an hour about the same thing.
Nothing of it is stored, because the store may be what is broken; nobody can answer it, because there is no
ticket.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator

from structlog.typing import FilteringBoundLogger

from monitord.core.organization import ContactMethod, Person
from monitord.core.roster import in_force
from monitord.core.whom import meant
from monitord.core.world import World
from monitord.engine.alarms import Alarm
from monitord.engine.clock import Clock
from monitord.engine.dispatch import Dispatch
from monitord.kinds import Letter, Refused, Sent

AGAIN_AFTER = 3600.0  # seconds
PEOPLE_MAX = 20


class Outcry:
    """Writes to people directly."""

    def __init__(self, world: World, dispatch: Dispatch, clock: Clock, log: FilteringBoundLogger) -> None:
        self.world, self.dispatch, self.clock, self.log = world, dispatch, clock, log
        self.said: dict[str, float] = {}

    async def cry(self, alarm: Alarm) -> None:
        """Tell everybody there is to tell; never raises because of what a channel does."""
        now = self.clock.monotonic()
        if now - self.said.get(alarm.name, -AGAIN_AFTER) < AGAIN_AFTER:
            return
        self.said[alarm.name] = now
        self.log.error("outcry", alarm=alarm.name, title=alarm.title, why=alarm.summary)
        async with asyncio.TaskGroup() as group:
            for person in self.listeners():
                group.create_task(self.reach(person, alarm))

    def listeners(self) -> list[Person]:
        configuration = in_force(self.world)
        people = configuration.people
        if not configuration.last_resort:
            return reachable(people.values())
        first = (name for policy in configuration.policies.values() for name in policy.tiers[0].page)
        wanted = meant(configuration, (*configuration.last_resort, *first), self.clock.now())
        return reachable(people[each] for each in wanted if each in people)

    async def reach(self, person: Person, alarm: Alarm) -> None:
        """One way after the other until one takes it."""
        for number, method in self.ways(person):
            way = self.dispatch.ways[method.channel]
            try:
                answer = await self.dispatch.send(self.letter(person, method, number, alarm), way)
            except Exception as error:  # noqa: BLE001 - a bug in one channel: there may be another
                answer = Refused(type(error).__name__, permanent=True)
            if isinstance(answer, Sent):
                return
            self.log.error("outcry refused", person=person.id, channel=method.channel, why=answer.why)

    def ways(self, person: Person) -> Iterator[tuple[int, ContactMethod]]:
        for number, method in enumerate(person.reach):
            if method.channel in self.dispatch.ways:
                yield number, method

    def letter(self, person: Person, method: ContactMethod, number: int, alarm: Alarm) -> Letter:
        now = self.clock.now()
        key = f"{self.world.installation.epoch}/outcry/{alarm.name}/{now.isoformat()}/{person.id}/{number}"
        lines = (
            alarm.title,
            alarm.summary,
            "monitord itself cannot open a ticket about this, so there is nothing to acknowledge.",
            "Look at it now: pages may not be leaving.",
            f"To {person.name}, from monitord at {self.world.configuration.organization}.",
        )
        digest = hashlib.sha256(key.encode()).hexdigest()[:32]
        return Letter(
            id=key,
            address=method.address,
            subject=f"monitord itself: {alarm.title}",
            text="\n\n".join(line for line in lines if line) + "\n",
            html=None,
            headers=(("Auto-Submitted", "auto-generated"), ("Monitord-Event", "page")),
            date=now,
            message_id=f"<{digest}@monitord.invalid>",
        )


def reachable(people: Iterable[Person]) -> list[Person]:
    return [each for each in people if each.reach][:PEOPLE_MAX]
