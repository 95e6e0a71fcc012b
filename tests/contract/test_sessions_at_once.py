"""Sessions that end at the same moment as something else happens to them: none is forgotten, or left open."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from monitord.core.employment import Employ, Said
from monitord.store.accounts import Account, Accounts
from monitord.store.faults import StoreError
from monitord.store.tokens import Wish, granted
from monitord.web.access.passwords import Passwords, hashed
from monitord.web.access.sessions import Sessions
from monitord.web.answers import Receive, Send
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor
from tests.fakes.patience import WITHIN
from tests.fakes.shop import logbook
from tests.fakes.signed_in import SignedIn, signed_in
from tests.fakes.visitor import Reply, Visitor

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
OLD, NEW = "a long night in november", "another night in december"


@dataclass
class FullDisk:
    """Refuses to end sessions, but only when so many have asked."""

    together: int
    asked: list[Any] = field(default_factory=list)
    all_here: asyncio.Event = field(default_factory=asyncio.Event)

    async def access(self, work: Any, *args: Any) -> Any:
        self.asked.append(work)
        if len(self.asked) >= self.together:
            self.all_here.set()
        await self.all_here.wait()
        raise StoreError("database or disk is full")


async def test_of_two_that_end_at_once_while_the_disk_is_full_none_is_forgotten(sources: Sources) -> None:
    sessions, now = sources.sessions, sources.now
    ids = [(await sessions.begin("ann", "a link", "", "", now))[1].id for _ in range(2)]
    store, sessions.store = sessions.store, FullDisk(together=2)
    async with asyncio.timeout(WITHIN):
        unstored = await asyncio.gather(*(sessions.close([id], now) for id in ids))
    sessions.store = store
    await sessions.close([], now)
    after_a_restart = await Sessions(store, sources.sessions.people).all(now)

    assert [[ids[0]], [ids[1]]] == unstored
    assert {} == after_a_restart


async def test_what_ends_while_the_store_ends_others_is_not_taken_for_stored(sources: Sources) -> None:
    sessions, now = sources.sessions, sources.now
    ids = [(await sessions.begin("ann", "a link", "", "", now))[1].id for _ in range(2)]
    store, full = sessions.store, FullDisk(together=1)

    class Between:
        """The disk fills up for whoever comes while the first is written."""

        async def access(self, work: Any, *args: Any) -> Any:
            sessions.store = full
            await sessions.close([ids[1]], now)
            return await store.access(work, *args)

    sessions.store = Between()
    await sessions.close([ids[0]], now)
    sessions.store = store
    await sessions.close([], now)

    assert [] == await store.access(Accounts.sessions, now)


# Passwords, links and accounts that change while somebody shows the old ones.


@dataclass
class Meanwhile:
    """The store; once that work is done something else happens before whoever asked hears of it."""

    store: Any
    work: Any
    happens: Callable[[], Awaitable[Any]]

    async def access(self, work: Any, *args: Any) -> Any:
        answer = await self.store.access(work, *args)
        if work is self.work:
            await self.happens()
        return answer


@contextmanager
def held_up(passwords: Passwords) -> Iterator[None]:
    """Whoever has a password checked waits until this ends."""
    gate = threading.Event()
    passwords.thread.submit(gate.wait)
    try:
        yield
    finally:
        gate.set()


async def stranger(door: OpsDoor) -> SignedIn:
    """A browser that has come for the first time."""
    page = await Visitor(door).get("/sign-in")
    held = page.headers["set-cookie"].partition(";")[0].partition("=")[2]
    return SignedIn(door, held=held)


def inside(door: OpsDoor, reply: Reply) -> SignedIn:
    """The browser that got this answer."""
    held = reply.headers.get("set-cookie", "").partition(";")[0].partition("=")[2]
    return SignedIn(door, held=held)


async def with_password(sources: Sources, name: str, password: str, *, administrator: bool = False) -> None:
    await sources.sessions.keep(Account(name, hashed(password), administrator, sources.now), "a shell")


async def asked(passwords: Passwords) -> None:
    """Wait until somebody has a password checked."""
    async with asyncio.timeout(WITHIN):
        while not passwords.waiting:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0)


@asynccontextmanager
async def setting_a_password(door: OpsDoor, browser: SignedIn) -> AsyncIterator["asyncio.Task[Reply]"]:
    """It is being worked on during the block, and answered after it."""
    passwords, form = door.console.signing.passwords, {"csrf": browser.token, "old": OLD, "new": NEW}
    async with asyncio.TaskGroup() as group:
        with held_up(passwords):
            setting = group.create_task(browser.post("/account/password", form))
            await asked(passwords)
            yield setting


async def test_a_password_that_is_changed_while_it_is_checked_opens_nothing(
    sources: Sources, door: OpsDoor
) -> None:
    await with_password(sources, "ann", OLD)
    eve, passwords = await stranger(door), door.console.signing.passwords
    async with asyncio.TaskGroup() as group:
        with held_up(passwords):
            form = {"csrf": eve.token, "name": "ann", "password": OLD}
            signing = group.create_task(eve.post("/sign-in", form))
            await asked(passwords)
            await with_password(sources, "ann", NEW)

    assert 403 == signing.result().status
    assert [] == await sources.sessions.of("ann", sources.now)


async def test_an_account_that_is_revoked_while_its_session_is_stored_opens_nothing(
    sources: Sources, door: OpsDoor
) -> None:
    sessions, store = sources.sessions, sources.sessions.store
    await with_password(sources, "ann", OLD)

    async def revoked() -> None:
        sessions.store = store
        await sessions.drop("ann", "root", sources.now)

    eve = await stranger(door)
    sessions.store = Meanwhile(store, Accounts.keep_session, revoked)
    reply = await eve.post("/sign-in", {"csrf": eve.token, "name": "ann", "password": OLD})

    assert 403 == reply.status
    assert {} == await Sessions(store, sessions.people).all(sources.now)


async def test_a_link_that_is_used_while_the_account_is_revoked_opens_nothing(
    sources: Sources, door: OpsDoor
) -> None:
    sessions, store = sources.sessions, sources.sessions.store
    held = await sessions.link("ann", sources.now)

    async def revoked() -> None:
        sessions.store = store
        await sessions.drop("ann", "root", sources.now)

    eve = await stranger(door)
    sessions.store = Meanwhile(store, Accounts.take_link, revoked)
    reply = await eve.post(f"/sign-in/{held}", {"csrf": eve.token})

    assert 403 == reply.status
    assert {} == await sessions.all(sources.now)


async def test_an_administrator_who_is_revoked_while_they_set_a_password_stays_revoked(
    sources: Sources, door: OpsDoor
) -> None:
    await with_password(sources, "bo", OLD, administrator=True)
    async with setting_a_password(door, await signed_in(door, "bo")) as setting:
        await sources.sessions.drop("bo", "root", sources.now)

    assert 401 == (await inside(door, setting.result()).get("/api/v1/whoami")).status
    assert [] == await sources.sessions.store.access(Accounts.accounts)


async def test_who_signs_somebody_out_of_a_browser_stops_the_password_it_was_setting(
    sources: Sources, door: OpsDoor
) -> None:
    await with_password(sources, "bo", OLD)
    async with setting_a_password(door, await signed_in(door, "bo")) as setting:
        await sources.sessions.close(list(await sources.sessions.all(sources.now)), sources.now)
    account = await sources.sessions.account("bo", sources.now)

    assert "/sign-in?next=%2Faccount%2Fpassword" == setting.result().headers["location"]
    assert account is not None and await door.console.signing.passwords.fits(account.password, OLD)


async def test_who_leaves_while_they_set_a_password_is_out(sources: Sources, door: OpsDoor) -> None:
    await with_password(sources, "bo", OLD, administrator=True)
    async with setting_a_password(door, await signed_in(door, "bo")) as setting:
        await sources.engine.submit(Employ(Said("bo@example.org", active=False), "okta"))
        await door.farewell.see_out()

    assert 401 == (await inside(door, setting.result()).get("/api/v1/whoami")).status
    assert [] == await sources.sessions.store.access(Accounts.accounts)


# What is sent slowly, by whom much may have happened until it is there.


@dataclass
class SlowlySent:
    """A door; something happens before a body comes there."""

    door: OpsDoor
    happens: Callable[[], Awaitable[Any]]

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        async def later() -> Any:
            await self.happens()
            return await receive()

        await self.door(scope, later, send)


def cookie_of(browser: SignedIn) -> str:
    return f"{browser.door.console.entry.cookie}={browser.held}"


async def test_who_is_revoked_while_their_form_comes_does_nothing_by_it(
    sources: Sources, door: OpsDoor
) -> None:
    eve, sessions = await signed_in(door, "ann"), sources.sessions
    slow = Visitor(SlowlySent(door, lambda: sessions.drop("ann", "root", sources.now)))
    form = {"csrf": eve.token, "seen": await eve.seen("/tickets/3")}
    reply = await slow.post("/tickets/3/acknowledge", form, cookie=cookie_of(eve))

    assert (303, "/sign-in?next=%2Ftickets%2F3%2Facknowledge") == (reply.status, reply.headers["location"])
    assert "Nobody has this yet" in (await (await signed_in(door, "bo")).get("/tickets/3")).text


async def test_a_session_that_ends_while_a_question_comes_is_told_nothing(
    sources: Sources, door: OpsDoor
) -> None:
    eve = await signed_in(door, "ann")
    slow = Visitor(SlowlySent(door, lambda: sources.sessions.drop("ann", "root", sources.now)))
    reply = await slow.get("/api/v1/tickets", cookie=cookie_of(eve))

    assert 401 == reply.status


async def test_a_token_that_is_revoked_while_its_body_comes_does_nothing_by_it(
    sources: Sources, door: OpsDoor
) -> None:
    wish = Wish("deploy", True, ("administer",), sources.now + timedelta(days=1), "")
    secret, made = granted(wish, "a shell", sources.now)
    await sources.tokens.add(sources.store, made)
    slow = Visitor(SlowlySent(door, lambda: sources.tokens.revoke(sources.store, made, "root", sources.now)))
    body = json.dumps({"owner": "backdoor", "machine": True}).encode()
    sent = {"authorization": f"Bearer {secret}", "content_type": "application/json"}
    reply = await slow.ask("POST", "/api/v1/tokens", body, sent)

    assert (401, True) == (reply.status, "was revoked" in reply.text)
    assert ["deploy"] == [each.owner for each in await sources.tokens.listed(sources.store)]


async def test_a_directory_whose_token_is_revoked_while_its_body_comes_says_nothing(
    sources: Sources, door: OpsDoor
) -> None:
    wish = Wish("okta", True, ("scim",), sources.now + timedelta(days=1), "")
    secret, made = granted(wish, "a shell", sources.now)
    await sources.tokens.add(sources.store, made)
    slow = Visitor(SlowlySent(door, lambda: sources.tokens.revoke(sources.store, made, "root", sources.now)))
    body = json.dumps({"schemas": [USER], "userName": "bo@example.org", "active": False}).encode()
    sent = {"authorization": f"Bearer {secret}", "content_type": "application/scim+json"}
    reply = await slow.ask("POST", "/scim/v2/Users", body, sent)

    assert 401 == reply.status
    assert "bo" in sources.configuration.people


async def test_the_body_of_a_stranger_is_not_even_read(door: OpsDoor) -> None:
    reply = await Visitor(door).ask("POST", "/api/v1/tokens", iter(()), {"content_type": "application/json"})

    assert 401 == reply.status


async def test_what_a_browser_looks_at_live_ends_with_its_session(sources: Sources, door: OpsDoor) -> None:
    eve, live = await signed_in(door, "ann"), door.console.live
    heard: list[Any] = []

    async def hangs_on() -> Any:
        if len(live.streams) == 1:
            await sources.sessions.drop("ann", "root", sources.now)
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        heard.append(message)

    cookie = (b"cookie", cookie_of(eve).encode())
    looking = {"method": "GET", "path": "/live", "query_string": b"about=tickets", "headers": [cookie]}
    async with asyncio.timeout(WITHIN):
        await door({"type": "http", "client": ("198.51.100.7", 40000), **looking}, hangs_on, send)

    assert ([], False) == (live.streams, heard[-1]["more_body"])


# Who is taken out of the tree.


async def test_whoever_is_taken_out_of_the_tree_has_no_way_in_when_the_name_is_back(
    sources: Sources, door: OpsDoor
) -> None:
    await with_password(sources, "bo", OLD)
    await with_password(sources, "root", OLD, administrator=True)
    bo, root = await signed_in(door, "bo"), await signed_in(door, "root")
    link, sessions = await sources.sessions.link("bo", sources.now), sources.sessions
    whole = sources.configuration
    people = {name: each for name, each in whole.people.items() if name != "bo"}
    sources.world.accept(replace(whole, people=people))
    assert await sources.passkeys.clean(people, logbook()[0])
    sources.world.accept(whole)
    eve = await stranger(door)

    assert [303, 200] == [(await each.get("/more")).status for each in (bo, root)]
    assert (None, None) == (
        await sessions.account("bo", sources.now),
        await sessions.whose(link, sources.now),
    )
    assert 403 == (await eve.post("/sign-in", {"csrf": eve.token, "name": "bo", "password": OLD})).status
    assert ["root"] == [each.name for each in await sessions.store.access(Accounts.accounts)]
    assert {"root"} == {each.account for each in await sessions.store.access(Accounts.sessions, sources.now)}


async def test_a_password_of_whom_nobody_here_is_called_opens_nothing(
    sources: Sources, door: OpsDoor
) -> None:
    await with_password(sources, "bo", OLD)
    whole = sources.configuration
    people = {name: each for name, each in whole.people.items() if name != "bo"}
    sources.world.accept(replace(whole, people=people))
    eve = await stranger(door)
    reply = await eve.post("/sign-in", {"csrf": eve.token, "name": "bo", "password": OLD})

    assert (403, True) == (reply.status, "Name and password do not fit" in reply.text)
