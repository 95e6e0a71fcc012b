"""Who is signed in: sessions in memory and in the store, each known by the digest of what its browser holds.

Theory of operation. The store is read once; afterwards this process is the only one that writes, so whoever
asks is answered from memory. What a browser holds is never stored: neither a copy of the store nor a backup
lets anybody in. A session ends when it was not used for a while, and in any case after its time; it is worth
what the configuration says of its person *now*.

What somebody shows is checked for a while: in threads, in the store, at another company. Whoever checks takes
`changes` before, and says it when the door is to open: whose account was changed or revoked meanwhile is not
let in by what counted before.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from monitord.core.check import Instant
from monitord.store.accounts import Account, Accounts, LogLine, Session, SignInLink
from monitord.store.faults import StoreError
from monitord.web.access.limits import (
    LINK_LASTS,
    OF_A_PERSON,
    OF_AN_ACCOUNT,
    SEEN_EVERY,
    SESSIONS_PER_ACCOUNT,
    Lasts,
)

TOKEN_BYTES = 32
AGENT_CHARS_MAX = 200

P = ParamSpec("P")
T = TypeVar("T")


class ChangedMeanwhile(Exception):
    """What somebody showed counts no more: their account was changed or revoked while it was checked."""


class Keeper(Protocol):
    """The store, as far as it is asked here."""

    async def access(
        self, work: Callable[Concatenate[Accounts, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T: ...


def digest(held: str) -> str:
    """What is stored of what a browser or a mail holds."""
    return hashlib.sha256(held.encode("utf-8", "replace")).hexdigest()


class Sessions:
    """Sessions, accounts and links; `people` says whether a name is a person of the configuration."""

    def __init__(self, store: Keeper, people: Callable[[], Any]) -> None:
        self.store, self.people = store, people
        self.open: dict[str, Session] | None = None
        self.undropped: set[str] = set()
        self.accounts: dict[str, Account] = {}
        self.changes, self.changed = 0, dict[str, int]()
        self.one_at_a_time = asyncio.Lock()
        self.on_close: list[Callable[[list[str]], None]] = []

    async def all(self, now: Instant) -> dict[str, Session]:
        """Every session by its id, read from the store at the first question."""
        if self.open is None:
            accounts = await self.store.access(Accounts.accounts)
            sessions = await self.store.access(Accounts.sessions, now)
            if self.open is None:
                self.accounts = {account.name: account for account in accounts}
                self.open = {session.id: session for session in sessions}
        return self.open

    async def account(self, name: str, now: Instant) -> Account | None:
        await self.all(now)
        return self.accounts.get(name)

    def known(self, name: str) -> bool:
        """May somebody of that name sign in at all?"""
        account = self.accounts.get(name)
        return name in self.people() or (account is not None and account.local)

    def same(self, name: str, since: int) -> bool:
        """Is somebody of that name still who they were when `changes` was that much?"""
        return self.changed.get(name, 0) <= since and self.known(name)

    def change(self, name: str) -> None:
        """What was shown for that name before counts no more."""
        self.changes += 1
        self.changed[name] = self.changes

    async def find(self, held: str, now: Instant) -> Session | None:
        """The session of a browser, if it has not ended."""
        if not held:
            return None
        found = (await self.all(now)).get(digest(held))
        if found is None:
            return None
        if now >= min(found.ends, found.seen + self.lasts(found.account).idle) or not self.known(
            found.account
        ):
            await self.close([found.id], now)
            return None
        return await self.seen(found, now)

    def lasts(self, account: str) -> Lasts:
        return OF_A_PERSON if account in self.people() else OF_AN_ACCOUNT

    async def seen(self, session: Session, now: Instant) -> Session:
        if now - session.seen < SEEN_EVERY:
            return session
        fresh = replace(session, seen=now)
        (await self.all(now))[session.id] = fresh
        if self.undropped:
            await self.close([], now)
        with suppress(StoreError):  # a store that cannot be written is when people have to look
            await self.store.access(Accounts.see_session, session.id, now)
        return fresh

    async def begin(
        self,
        account: str,
        how: str,
        client: str,
        agent: str,
        now: Instant,
        passkey: str = "",
        since: int | None = None,
    ) -> tuple[str, Session]:
        """What the browser holds from now on, and the session; the oldest of too many ends. It ends with the
        passkey that opened it, if one did. Raises ChangedMeanwhile.
        """
        since = self.changes if since is None else since
        held = secrets.token_urlsafe(TOKEN_BYTES)
        ends = now + self.lasts(account).at_most
        session = Session(
            digest(held), account, how, now, now, ends, client, agent[:AGENT_CHARS_MAX], passkey
        )
        too_many = (await self.of(account, now))[SESSIONS_PER_ACCOUNT - 1 :]
        await self.close([each.id for each in too_many], now)
        with suppress(StoreError):  # it lasts until the next start then: a full disk locks nobody out
            await self.store.access(Accounts.keep_session, session)
        (await self.all(now))[session.id] = session
        if not self.same(account, since):  # whoever changed it may have found no session to end yet
            await self.close([session.id], now)
            raise ChangedMeanwhile
        await self.tell(now, account, f"signed in by {how}", client)
        return held, session

    async def of(self, account: str, now: Instant) -> list[Session]:
        """Somebody's sessions, the one used last first."""
        mine = [session for session in (await self.all(now)).values() if session.account == account]
        return sorted(mine, key=lambda session: session.seen, reverse=True)

    async def close(self, ids: list[str], now: Instant) -> list[str]:
        """They end here and now; returned is whose end could not be stored: a restart would open them again.
        That is tried once more whenever there is something to be stored.
        """
        kept = await self.all(now)
        ended = [id for id in ids if kept.pop(id, None)]
        self.undropped.update(ended)
        for tell in self.on_close:
            tell(ended)
        gone = list(self.undropped)  # others may add theirs while the store is asked
        try:
            await self.store.access(Accounts.drop_sessions, gone)
        except StoreError:
            return [id for id in ids if id in gone]
        self.undropped.difference_update(gone)
        return []

    # Links.

    async def link(self, account: str, now: Instant) -> str:
        """A way in that works once; it is said only here."""
        held = secrets.token_urlsafe(TOKEN_BYTES)
        await self.store.access(Accounts.keep_link, SignInLink(digest(held), account, now + LINK_LASTS), now)
        return held

    async def whose(self, held: str, now: Instant) -> str | None:
        """Whom a link would let in; it is not used by that."""
        return self.still(await self.store.access(Accounts.link, digest(held)), now)

    async def use(self, held: str, now: Instant) -> str | None:
        """Whom a link lets in; it is used up."""
        return self.still(await self.store.access(Accounts.take_link, digest(held)), now)

    def still(self, link: SignInLink | None, now: Instant) -> str | None:
        return link.account if link and now < link.ends and self.known(link.account) else None

    # Accounts.

    async def keep(self, account: Account, by: str, since: int | None = None) -> None:
        """A new account or another password; whoever was signed in under the old one no longer is. Raises
        ChangedMeanwhile.
        """
        async with self.one_at_a_time:
            await self.all(account.created)
            if since is not None and not self.same(account.name, since):
                raise ChangedMeanwhile
            await self.store.access(Accounts.set_password, account, by)
            self.accounts[account.name] = account
            await self.end_all(account.name, account.created)

    async def drop(self, name: str, by: str, now: Instant) -> bool:
        """No password, passkey or session of that name any more; was there anything?"""
        async with self.one_at_a_time:
            await self.all(now)
            there = await self.store.access(Accounts.revoke, name, by, now)
            self.accounts.pop(name, None)
            await self.end_all(name, now)
        return there

    async def clean(self, people: Collection[str], now: Instant) -> None:
        """Whoever gets a name one day that nobody has any more gets nothing with it: no password, no session,
        no link. Local administrators stay.
        """
        async with self.one_at_a_time:
            there = await self.all(now)
            gone = await self.store.access(Accounts.drop_of_strangers, people, now)
            self.accounts = {
                name: replace(each, person=each.person or name in people)
                for name, each in self.accounts.items()
            }
            local = {name for name, each in self.accounts.items() if each.local}
            named = {*gone, *self.accounts, *(session.account for session in there.values())}
            for name in named.difference(people, local):
                self.accounts.pop(name, None)
                await self.end_all(name, now)

    async def end_all(self, name: str, now: Instant) -> None:
        """Every session of that name, and whatever is about to become one."""
        self.change(name)
        await self.close([each.id for each in await self.of(name, now)], now)

    async def tell(self, at: Instant, who: str, did: str, client: str = "") -> None:
        """Note what was done in memory, if the store takes notes; the daemon's log has it in any case."""
        with suppress(StoreError):
            await self.note(at, who, did, client)

    async def note(self, at: Instant, who: str, did: str, client: str = "") -> None:
        await self.store.access(Accounts.note, LogLine(at, who, did, client))
