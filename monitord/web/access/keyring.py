"""Everybody's passkeys, over the store: found, added, taken away; and what they opened ends with them.

Theory of operation. They are asked of the store each time: signing in is rare, and so there is one truth for
the daemon and for the command line without it. Whoever is no person of the configuration any more, and no
local administrator, loses theirs as soon as that configuration counts, and with them password, sessions,
links and tokens: a name may be somebody else's one day.
"""

import asyncio
from collections.abc import Collection
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from monitord.core.check import Instant
from monitord.engine.clock import Clock
from monitord.store import passkeys
from monitord.store.accounts import LogLine
from monitord.store.faults import StoreError
from monitord.store.passkeys import Passkey, called
from monitord.web.access.limits import PASSKEYS_PER_ACCOUNT
from monitord.web.access.ring import Ring, TokenStore
from monitord.web.access.sessions import ChangedMeanwhile, Keeper, Sessions

AGAIN_AFTER = 60.0  # seconds


class AccessStore(Keeper, TokenStore, Protocol):
    """The store, as far as it is asked here."""


class Keyring:
    """`sessions` are those that end with a passkey, `tokens` those that end with their owner."""

    def __init__(self, store: AccessStore, sessions: Sessions, tokens: Ring, clock: Clock) -> None:
        self.store, self.sessions, self.tokens, self.clock = store, sessions, tokens, clock
        self.people: asyncio.Queue[Collection[str]] = asyncio.Queue()

    async def all(self) -> list[Passkey]:
        return await self.store.access(passkeys.kept)

    async def of(self, account: str) -> list[Passkey]:
        return await self.store.access(passkeys.kept, account)

    async def find(self, credential: bytes, site: str) -> Passkey | None:
        """The one with that credential id, if somebody may sign in with it there now."""
        found = await self.store.access(passkeys.find, passkeys.id_of(credential))
        if found is None or (found.credential, found.site) != (credential, site):
            return None
        await self.sessions.all(self.clock.now())
        return found if self.sessions.known(found.account) else None

    async def add(self, made: Passkey, client: str, since: int) -> None:
        """For whom it was when `changes` of accounts was that much. Raises ChangedMeanwhile, TooManyPasskeys,
        PasskeyKnown.
        """
        line = LogLine(made.created, made.account, f"added the passkey {called(made)}", client)
        async with self.sessions.one_at_a_time:
            if not self.sessions.same(made.account, since):
                raise ChangedMeanwhile
            await self.store.access(passkeys.keep, made, PASSKEYS_PER_ACCOUNT, line)

    async def remove(
        self, id: str, account: str, by: str, now: Instant, client: str = ""
    ) -> list[str] | None:
        """It opens nothing any more: the sessions that have ended with it; None if it was not there."""
        line = LogLine(now, by, passkeys.removed(id, account), client)
        gone = await self.store.access(passkeys.drop, id, account, line)
        return None if gone is None else await self.end([id], now)

    async def end(self, ids: list[str], now: Instant) -> list[str]:
        """The sessions that these opened."""
        sessions = await self.sessions.all(now)
        ended = [session.id for session in sessions.values() if session.passkey in ids]
        await self.sessions.close(ended, now)
        return ended

    # Who leaves.

    def accept(self, people: Collection[str]) -> None:
        """From now on these are the people."""
        self.people.put_nowait(frozenset(people))

    async def run(self, log: FilteringBoundLogger) -> None:
        """Take away what belongs to nobody, now and at each change of the configuration, until cancelled."""
        self.accept(self.sessions.people())
        while True:
            people = await self.people.get()
            while not await self.clean(people, log):
                await self.clock.sleep(AGAIN_AFTER)
                while not self.people.empty():  # whoever has come meanwhile is no stranger
                    people = self.people.get_nowait()
                    self.people.task_done()
            self.people.task_done()

    async def clean(self, people: Collection[str], log: FilteringBoundLogger) -> bool:
        """Was the store able to?"""
        now = self.clock.now()
        try:
            await self.tokens.clean(self.store, people, passkeys.BY, now)
            await self.sessions.clean(people, now)
            local = {name for name, each in self.sessions.accounts.items() if each.local}
            gone = await self.store.access(passkeys.drop_of_strangers, {*people, *local}, now)
        except StoreError as error:
            log.warning("what leavers had is not removed yet", why=str(error))
            return False
        await self.end([each.id for each in gone], now)
        for each in gone:
            log.info("passkey removed", passkey=each.id, account=each.account, why="nobody has that name")
        return True
