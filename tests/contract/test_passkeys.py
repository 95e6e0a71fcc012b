"""Passkeys: who adds one and signs in with it, and what ends when it is taken away."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.store import passkeys
from monitord.store.accounts import Account
from monitord.store.faults import StoreError
from monitord.store.tokens import Tokens
from monitord.web.access.keyring import AGAIN_AFTER
from monitord.web.access.limits import PASSKEYS_PER_ACCOUNT, PASSKEYS_PER_VISITOR
from monitord.web.access.passwords import hashed
from monitord.web.console.visit import Entry
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from tests.fakes.authenticator import (
    Authenticator,
    NothingFits,
    changed,
    flipped,
    unpacked,
)
from tests.fakes.holder import ACCOUNT, Holder, elsewhere, holder, log_of
from tests.fakes.patience import WITHIN
from tests.fakes.shop import logbook
from tests.fakes.signed_in import signed_in

URL = "https://ops.example.org"
SECRET = b"a secret of this test"
PASSWORD = "a long night in november"


@pytest.fixture
def door(sources: Sources) -> OpsDoor:
    return ops_app(sources, logbook()[0], Entry(URL, SECRET))


@pytest.fixture
async def ann(door: OpsDoor) -> Holder:
    """At her account, with a passkey on her telephone."""
    there = await holder(door)
    assert "The passkey a phone is added." in await there.told(await there.adds())
    return there


async def test_a_passkey_signs_in_where_no_name_was_said(door: OpsDoor, ann: Holder) -> None:
    desk = elsewhere(ann)
    reply = await desk.signs_in(next="/tickets/3")
    page = await desk.get("/account")

    assert (303, "/tickets/3") == (reply.status, reply.headers["location"])
    assert "<h1>Ann Example</h1>" in page.text
    assert "by the passkey a phone" in page.text
    assert [
        f"added the passkey a phone ({(await ann.ids())[0]}) of ann",
        "signed in by the passkey a phone",
    ] == (await log_of(door.entrance.sources))[1:]


async def test_the_device_is_asked_for_a_passkey_that_it_keeps_and_checks(door: OpsDoor, ann: Holder) -> None:
    made, used = await ann.asked(ACCOUNT), await elsewhere(ann).asked()
    asked, known = made["publicKey"], used["publicKey"]

    assert ("ops.example.org", "ops.example.org") == (asked["rp"]["id"], known["rpId"])
    assert ("required", "required") == (
        asked["authenticatorSelection"]["residentKey"],
        asked["authenticatorSelection"]["userVerification"],
    )
    assert ("required", False) == (known["userVerification"], "allowCredentials" in known)
    assert ("ann", "Ann Example") == (asked["user"]["name"], asked["user"]["displayName"])
    assert b"ann" not in unpacked(asked["user"]["id"])


async def test_a_device_makes_no_second_one(ann: Holder) -> None:
    with pytest.raises(NothingFits):
        await ann.adds()


async def test_ones_passkeys_are_listed_with_when_they_were_used(door: OpsDoor, ann: Holder) -> None:
    before = (await ann.get("/account")).text
    await elsewhere(ann).signs_in()
    after = (await ann.get("/account")).text

    assert "never used" in before and "a phone" in before
    assert "never used" not in after and "last used" in after


async def test_what_is_removed_opens_nothing_and_ends_what_it_opened(door: OpsDoor, ann: Holder) -> None:
    desk, laptop = elsewhere(ann), elsewhere(ann)
    await desk.signs_in()
    again = await laptop.asked()
    (id,) = await ann.ids()
    told = await ann.told(await ann.press(f"{ACCOUNT}/{id}/remove"))
    late = await laptop.signs_in(laptop.device.get(again, URL))

    assert "The passkey is removed." in told and "1 sessions" not in told
    assert [303, 200] == [(await each.get("/more")).status for each in (desk, ann)]
    assert (403, True) == (late.status, "does not open this console" in late.text)
    assert f"removed the passkey {id} of ann" == (await log_of(door.entrance.sources))[-1]


async def test_what_is_removed_while_somebody_comes_in_with_it_lets_nobody_in(
    sources: Sources, ann: Holder
) -> None:
    keyring, desk = sources.passkeys, elsewhere(ann)
    (id,) = await ann.ids()
    store = keyring.store

    class Meanwhile:
        """The passkey is removed as soon as its use is written."""

        async def access(self, work: Any, *args: Any) -> Any:
            done = await store.access(work, *args)
            if work is passkeys.use:
                await keyring.remove(id, "ann", "ann", sources.now)
            return done

    keyring.store = Meanwhile()
    reply = await desk.signs_in()

    assert (403, 303) == (reply.status, (await desk.get("/more")).status)
    assert [] == [each for each in (await sources.sessions.all(sources.now)).values() if each.passkey]
    assert "it was removed meanwhile" in (await log_of(sources))[-1]


async def test_whoever_removes_what_they_came_in_with_is_signed_out(ann: Holder) -> None:
    desk = elsewhere(ann)
    await desk.signs_in()
    reply = await desk.press(f"{ACCOUNT}/{(await desk.ids())[0]}/remove")

    assert (303, "/sign-in") == (reply.status, reply.headers["location"])
    assert "Max-Age=0" in reply.headers["set-cookie"]


async def test_nobody_removes_somebody_elses(door: OpsDoor, ann: Holder) -> None:
    eve = await signed_in(door, "eve")
    told = await eve.press(f"{ACCOUNT}/{(await ann.ids())[0]}/remove")

    assert "That passkey was removed already." in told.text
    assert 303 == (await elsewhere(ann).signs_in()).status


# Copies, limits, passwords.


async def test_a_passkey_that_counts_backwards_is_refused_and_its_owner_told(
    door: OpsDoor, ann: Holder
) -> None:
    copied = replace(ann.device, held=[replace(each) for each in ann.device.held])
    for _ in range(3):
        await elsewhere(ann).signs_in()
    eve = Holder(door, device=copied)
    reply = await eve.signs_in()

    assert (403, True) == (reply.status, "may have been copied" in reply.text)
    assert "It may have been copied:" in (await ann.get("/account")).text
    assert "it counted 1 after 3, and may have been copied" in (await log_of(door.entrance.sources))[-1]
    assert 303 == (await elsewhere(ann).signs_in()).status, "the owner's counts on"


async def test_nobody_without_the_key_raises_that_suspicion(ann: Holder) -> None:
    await elsewhere(ann).signs_in()
    desk = elsewhere(ann)
    ann.device.held[0].count = 0
    given = desk.device.get(await desk.asked(), URL)
    await desk.signs_in(changed(given, signature=flipped(given["response"]["signature"])))

    assert "may have been copied" not in (await ann.get("/account")).text


async def test_a_passkey_that_never_counts_works_again_and_again(door: OpsDoor) -> None:
    there = await holder(door, device=Authenticator(counts=False))
    await there.adds("a synced one")

    assert [303, 303] == [(await elsewhere(there).signs_in()).status for _ in range(2)]


async def test_nobody_has_more_passkeys_than_anybody_may(door: OpsDoor) -> None:
    there = await holder(door)
    for number in range(PASSKEYS_PER_ACCOUNT):
        there.device = Authenticator(f"key {number}")
        assert 303 == (await there.adds(f"key {number}")).status
    reply = await there.press(f"{ACCOUNT}/challenge")

    assert (409, True) == (reply.status, "remove one" in reply.text)
    assert "remove one that you do not use" in (await there.get("/account")).text


async def test_whoever_tries_waits_and_locks_out_nobody_else(door: OpsDoor, ann: Holder) -> None:
    eve = elsewhere(ann, client="203.0.113.9")
    answers = []
    for _ in range(PASSKEYS_PER_VISITOR.most + 1):
        given = eve.device.get(await eve.asked(), URL)
        wrong = changed(given, signature=flipped(given["response"]["signature"]))
        answers.append((await eve.signs_in(wrong)).status)

    assert [403] * PASSKEYS_PER_VISITOR.most + [429] == answers
    assert 303 == (await elsewhere(ann).signs_in()).status


async def test_whoever_has_a_password_says_it_before_a_passkey_is_made(
    door: OpsDoor, sources: Sources
) -> None:
    await sources.sessions.keep(Account("bo", hashed(PASSWORD), False, sources.now), "a shell")
    there = await holder(door, "bo")
    refused = await there.press(f"{ACCOUNT}/challenge", password="a guess of mine")

    assert (403, "Your password does not fit.") == (refused.status, json.loads(refused.text)["error"]["what"])
    assert "is added" in await there.told(await there.adds(password=PASSWORD))


async def test_a_name_is_one_line_of_plain_text(ann: Holder) -> None:
    ann.device = Authenticator("a key")
    told = await ann.told(await ann.adds("<b>my\u202e\n key</b>" + "!" * 100))

    assert "&lt;b&gt;my key&lt;/b&gt;" in told and "<b>my" not in told


# Whose it is, and where.


async def test_a_door_that_is_an_address_says_why_there_are_none(sources: Sources) -> None:
    there = await holder(ops_app(sources, logbook()[0], Entry("http://127.0.0.1:8082", SECRET)))
    page = await there.get("/account")
    refused = await there.press(f"{ACCOUNT}/challenge")

    assert "http://127.0.0.1:8082 is an IP address" in page.text and "Add a passkey" not in page.text
    assert (409, True) == (refused.status, "IP address" in json.loads(refused.text)["error"]["what"])
    assert "Sign in with a passkey" not in (await Holder(there.door).get("/sign-in")).text


async def test_a_door_that_moves_takes_no_passkey_along(door: OpsDoor, ann: Holder) -> None:
    door.accept("https://monitor.example.org")
    desk = elsewhere(ann, origin="https://monitor.example.org")
    with pytest.raises(NothingFits):
        desk.device.get(await desk.asked(), desk.origin)
    desk.device.held[0].site = "monitor.example.org"  # a device that is none

    assert 403 == (await desk.signs_in()).status
    assert "made for ops.example.org, so it opens nothing here" in (await ann.get("/account")).text


async def test_a_person_who_leaves_loses_theirs_for_whoever_gets_the_name(
    door: OpsDoor, sources: Sources, ann: Holder
) -> None:
    before = sources.configuration
    people = {name: each for name, each in before.people.items() if name != "ann"}
    sources.world.accept(replace(before, people=people))
    refused = await elsewhere(ann).signs_in()
    assert await sources.passkeys.clean(people, logbook()[0])
    sources.world.accept(before)

    assert 403 == refused.status
    assert [] == await sources.passkeys.of("ann")
    assert "nobody here is called ann any more" in (await log_of(sources))[-1]


async def test_each_configuration_that_counts_takes_the_leavers_passkeys(
    door: OpsDoor, sources: Sources, ann: Holder
) -> None:
    """Also if they are back in the next one a moment later."""
    desk = elsewhere(ann)
    await desk.signs_in()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(sources.passkeys.run(logbook()[0]))
        sources.passkeys.accept({"bo"})
        sources.passkeys.accept({"ann", "bo"})
        async with asyncio.timeout(WITHIN):
            await sources.passkeys.people.join()
        running.cancel()

    assert [] == await sources.passkeys.of("ann")
    assert 303 == (await desk.get("/more")).status


async def test_when_the_store_can_again_the_newest_people_count(
    door: OpsDoor, sources: Sources, ann: Holder
) -> None:
    """Ann is in no tree when the store refuses, and in the one that counts when it is asked again."""
    keyring = sources.passkeys
    full = keyring.store = FullOnce(keyring.store, lambda: keyring.accept({"ann", "bo"}))  # type: ignore[assignment]
    async with asyncio.TaskGroup() as group:
        keyring.accept({"bo"})
        running = group.create_task(keyring.run(logbook()[0]))
        async with asyncio.timeout(WITHIN):
            await full.refused.wait()
            await sources.clock.advance(timedelta(seconds=AGAIN_AFTER))  # type: ignore[attr-defined]
            await keyring.people.join()
        running.cancel()

    assert 1 == len(await keyring.of("ann"))


@dataclass
class FullOnce:
    """A store that takes no tokens from strangers the first time; then something else happens."""

    store: Any
    happens: Callable[[], Any]
    refused: asyncio.Event = field(default_factory=asyncio.Event)

    async def access(self, *asked: Any) -> Any:
        return await self.store.access(*asked)

    async def tokens(self, work: Any, *asked: Any) -> Any:
        if work is Tokens.revoke_of_strangers and not self.refused.is_set():
            self.happens()
            self.refused.set()
            raise StoreError("database or disk is full")
        return await self.store.tokens(work, *asked)


async def test_a_local_administrator_has_passkeys_too(door: OpsDoor, sources: Sources) -> None:
    await signed_in(door, "root", administrator=True)
    there = await holder(door, "root")
    await there.adds()
    assert await sources.passkeys.clean(sources.configuration.people, logbook()[0])

    assert 303 == (await elsewhere(there).signs_in()).status


async def test_whose_account_is_revoked_loses_theirs(sources: Sources, ann: Holder) -> None:
    assert await sources.sessions.drop("ann", "root", sources.now)

    assert 403 == (await elsewhere(ann).signs_in()).status
    assert [] == await sources.store.access(passkeys.kept)


@dataclass
class Full:
    """A store whose disk is full: it reads, and writes nothing about passkeys."""

    store: Any

    async def access(self, work: object, *args: object) -> object:
        if work in (passkeys.use, passkeys.suspect):
            raise StoreError("database or disk is full")
        return await self.store.access(work, *args)


async def test_with_a_full_disk_a_passkey_still_lets_in(sources: Sources, ann: Holder) -> None:
    desk = elsewhere(ann)
    sources.passkeys.store = Full(sources.passkeys.store)  # type: ignore[assignment]

    assert 303 == (await desk.signs_in()).status


async def test_with_a_full_disk_a_copy_still_does_not(door: OpsDoor, sources: Sources, ann: Holder) -> None:
    copied = replace(ann.device, held=[replace(each) for each in ann.device.held])
    for _ in range(3):
        await elsewhere(ann).signs_in()
    sources.passkeys.store = Full(sources.passkeys.store)  # type: ignore[assignment]

    assert 403 == (await Holder(door, device=copied).signs_in()).status


async def test_a_store_that_does_not_answer_takes_nobody_their_account(sources: Sources, ann: Holder) -> None:
    class Silent:
        async def access(self, work: object, *args: object) -> object:
            raise StoreError("database is locked")

    sources.passkeys.store = Silent()  # type: ignore[assignment]
    page = await ann.get("/account")

    assert (200, True) == (page.status, "cannot be read now" in page.text)
