"""Farewell: whoever has left is out at once.

Theory of operation. That somebody has left is a record of the core; here is what follows from it for access.
It is looked at rather than listened to, so that a crash between the two forgets nothing: everybody who has
left has no session, no password, no way in and no token. Where they are missing, engine/missing.py says.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant, PersonId
from monitord.core.facts import Record
from monitord.engine.clock import Clock
from monitord.engine.missing import comes_or_goes, left
from monitord.store.faults import StoreError
from monitord.web.ops.sources import Sources

BY = "the directory of staff"
EVERY = 20.0  # seconds


class Farewell:
    """Looks every now and then, when somebody has left, and when somebody asks for it."""

    def __init__(self, sources: Sources, clock: Clock, log: FilteringBoundLogger) -> None:
        self.sources, self.clock, self.log = sources, clock, log
        self.seen_out: dict[PersonId, Instant] = {}
        self.news, self.one_at_a_time = asyncio.Event(), asyncio.Lock()
        sources.engine.listen(self.hear)

    def hear(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        if comes_or_goes(events):
            self.news.set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self.news.clear()
            try:
                await self.see_out()
            except StoreError as error:
                self.log.error("who has left could not be seen out", why=str(error))
            await self.clock.wait(self.news, EVERY)

    async def see_out(self) -> None:
        """Everybody who has left since this was asked last. Raises StoreError."""
        async with self.one_at_a_time:
            gone = left(self.sources.world)
            self.seen_out = {person: at for person, at in self.seen_out.items() if gone.get(person) == at}
            for person, at in gone.items():
                if person not in self.seen_out:
                    await self.end(person)
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
