"""Answers about passkeys that are refused: each is made by a real device, and one thing is wrong with it."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from monitord.engine.clock import VirtualClock
from monitord.web import threads
from monitord.web.access.limits import CHALLENGE_LASTS, PASSKEY_ANSWER_CHARS_MAX, PASSKEYS_PER_VISITOR
from monitord.web.console.visit import Entry
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from monitord.web.passkeys.ceremony import handle_of
from monitord.web.threads import AT_ONCE
from tests.fakes.authenticator import (
    Answer,
    Authenticator,
    changed,
    flipped,
    packed,
)
from tests.fakes.holder import ACCOUNT, WAY_IN, Holder, elsewhere, holder, log_of
from tests.fakes.patience import WITHIN
from tests.fakes.shop import logbook

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


async def test_an_answer_works_once(ann: Holder) -> None:
    desk = elsewhere(ann)
    given = desk.device.get(await desk.asked(), URL)
    before = desk.held
    first = await desk.signs_in(given)
    desk.held = before
    again = await desk.signs_in(given)

    assert (303, 410) == (first.status, again.status)
    assert "sent twice" in again.text


async def test_an_answer_that_comes_late_is_too_late(door: OpsDoor, ann: Holder) -> None:
    desk = elsewhere(ann)
    given = desk.device.get(await desk.asked(), URL)
    clock = door.clock
    assert isinstance(clock, VirtualClock)
    clock.passed += CHALLENGE_LASTS

    assert 410 == (await desk.signs_in(given)).status


async def test_an_answer_counts_only_in_the_browser_that_asked(ann: Holder) -> None:
    desk, eves = elsewhere(ann), elsewhere(ann)
    await eves.get("/sign-in")
    given = desk.device.get(await desk.asked(), URL)

    assert 410 == (await eves.signs_in(given)).status


async def test_an_answer_counts_only_for_what_it_was_asked_for(ann: Holder) -> None:
    """The challenge of a new passkey opens no door."""
    challenge = (await ann.asked(ACCOUNT))["publicKey"]["challenge"]
    given = ann.device.get({"publicKey": {"rpId": "ops.example.org", "challenge": challenge}}, URL)

    assert 410 == (await ann.signs_in(given)).status


async def test_a_restart_makes_every_challenge_worthless(sources: Sources, ann: Holder) -> None:
    desk = elsewhere(ann)
    given = desk.device.get(await desk.asked(), URL)
    desk.door = ops_app(sources, logbook()[0], Entry(URL, SECRET))

    assert 410 == (await desk.signs_in(given)).status


REFUSED = {
    "another origin": (lambda given: given, "https://ops.example.net", "", 403, "used at https://ops.example.net"),
    "a foreign relying party": (lambda given: given, URL, "example.net", 403, "made for another address"),
    "a tampered signature": (
        lambda given: changed(given, signature=flipped(given["response"]["signature"])),
        URL, "", 403, "signature does not fit",
    ),
    "tampered authenticator data": (
        lambda given: changed(given, authenticatorData=flipped(given["response"]["authenticatorData"])),
        URL, "", 403, "signature does not fit",
    ),
    "no signature": (lambda given: changed(given, signature=""), URL, "", 403, "signature does not fit"),
    "no authenticator data": (
        lambda given: changed(given, authenticatorData=""), URL, "", 403, "signature does not fit",
    ),
    "somebody else's handle": (
        lambda given: changed(given, userHandle=packed(handle_of(SECRET, "bo"))),
        URL, "", 403, "does not open",
    ),
    "no handle": (lambda given: changed(given, userHandle=""), URL, "", 403, "does not open"),
    "an unknown credential": (
        lambda given: {**given, "id": packed(b"another"), "rawId": packed(b"another")},
        URL, "", 403, "does not open",
    ),
    "two ids": (lambda given: {**given, "rawId": packed(b"another")}, URL, "", 403, "signature does not fit"),
    "another type": (lambda given: {**given, "type": "password"}, URL, "", 403, "signature does not fit"),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "origin", "site", "status", "words"), REFUSED.values(), ids=REFUSED)
async def test_a_wrong_answer_opens_nothing(
    ann: Holder, wrong: object, origin: str, site: str, status: int, words: str
) -> None:
    desk = elsewhere(ann)
    given: Answer = wrong(desk.device.get(await desk.asked(), origin, site))  # type: ignore[operator]
    reply = await desk.signs_in(given)

    assert (status, True) == (reply.status, words in reply.text), reply.text
    assert "Nobody was signed in." in reply.text
    assert 303 == (await desk.get("/")).status
    assert 303 == (await desk.signs_in()).status, "the right one still does"


async def test_whoever_has_to_wait_uses_nothing_up(door: OpsDoor, ann: Holder) -> None:
    """A stranger's junk does not fill the memory of what was used."""
    eve = elsewhere(ann, client="203.0.113.9")
    spent = door.console.challenges.spent
    answers = []
    for _ in range(3 * PASSKEYS_PER_VISITOR.most):
        challenge = (await eve.asked())["publicKey"]["challenge"]
        answers.append((await eve.signs_in(junk(challenge))).status)

    assert {403: PASSKEYS_PER_VISITOR.most, 429: 2 * PASSKEYS_PER_VISITOR.most} == Counter(answers)
    assert 1 + PASSKEYS_PER_VISITOR.most == len(spent), "ann used one when she added hers"
    assert 303 == (await elsewhere(ann, client="203.0.113.9").signs_in()).status


def junk(challenge: str) -> Answer:
    """What needs no device: a challenge of ours, and nothing else that is right."""
    client = packed(json.dumps({"challenge": challenge}).encode())
    return {"id": packed(b"no passkey"), "response": {"clientDataJSON": client}}


async def revoked(sources: Sources) -> None:
    await sources.sessions.drop("ann", "root", sources.now)


async def signed_out(sources: Sources) -> None:
    await sources.sessions.close(list(await sources.sessions.all(sources.now)), sources.now)


async def gone(sources: Sources) -> None:
    """She leaves, is seen out, and somebody gets her name."""
    whole = sources.configuration
    people = {name: each for name, each in whole.people.items() if name != "ann"}
    sources.world.accept(replace(whole, people=people))
    assert await sources.passkeys.clean(people, logbook()[0])
    sources.world.accept(whole)


@pytest.mark.parametrize("happens", [revoked, signed_out, gone])
async def test_who_is_out_while_their_passkey_is_looked_at_adds_none(
    door: OpsDoor, sources: Sources, happens: Callable[[Sources], Awaitable[None]]
) -> None:
    ann, gate = await holder(door), threading.Event()
    given = ann.device.create(await ann.asked(ACCOUNT), URL)
    for _ in range(AT_ONCE):
        threads.pool.submit(gate.wait)
    try:
        async with asyncio.TaskGroup() as group, asyncio.timeout(WITHIN):
            adding = group.create_task(ann.adds(given=given))
            while not door.console.challenges.spent:  # noqa: ASYNC110 - nobody is told of it
                await asyncio.sleep(0)
            await happens(sources)
            gate.set()
    finally:
        gate.set()

    assert "/sign-in?next=%2Faccount%2Fpasskeys" == adding.result().headers["location"]
    assert [] == await sources.passkeys.all()


async def test_an_answer_in_a_frame_of_another_site_opens_nothing(ann: Holder) -> None:
    desk = elsewhere(ann)
    reply = await desk.signs_in(desk.device.get(await desk.asked(), URL, framed=True))

    assert (403, True) == (reply.status, "That passkey was used at" in reply.text)


async def test_a_device_that_does_not_check_its_owner_opens_nothing(door: OpsDoor, ann: Holder) -> None:
    ann.device.verifies = False
    reply = await elsewhere(ann).signs_in()

    assert (403, True) == (reply.status, "set a PIN" in reply.text)
    assert "did not check that it is you" in (await log_of(door.entrance.sources))[-1]


async def test_a_device_that_does_not_check_its_owner_makes_no_passkey(door: OpsDoor) -> None:
    there = await holder(door, device=Authenticator(verifies=False))

    assert "set a PIN" in await there.told(await there.adds())
    assert [] == await there.ids()


@pytest.mark.parametrize(
    "written",
    ["", "{", "[]", "null", "[" * 5000, "9" * 5000, '{"response": []}',
     *(json.dumps({"id": id, "response": {"clientDataJSON": "e30"}}) for id in (1, "é", []))],
    ids=lambda written: repr(written[:20]),
)  # fmt: skip
async def test_what_is_no_answer_is_said_to_be_none(ann: Holder, written: str) -> None:
    desk = elsewhere(ann)
    await desk.asked()
    at_the_door = await desk.press(WAY_IN, credential=written)
    at_the_account = await ann.told(await ann.press(ACCOUNT, credential=written, passkey="a phone"))

    assert (400, True) == (at_the_door.status, "cannot be read" in at_the_door.text)
    assert "cannot be read. No passkey was added." in at_the_account


@pytest.mark.parametrize(
    "attested", ["", packed(b"\x81" * 5000), packed(b"\xa0"), packed(b"\xbf\xff"), "AAAA", "not base64!"]
)
async def test_what_no_device_makes_is_no_passkey(ann: Holder, attested: str) -> None:
    second = replace(ann, device=Authenticator("a key"))
    given = second.device.create(await second.asked(ACCOUNT), URL)
    reply = await second.adds(given=changed(given, attestationObject=attested))

    assert "No passkey was added." in await second.told(reply)
    assert 1 == len(await ann.ids())


@pytest.mark.parametrize(("length", "says"), [(1023, "is added"), (1024, "does not work here")])
async def test_a_credential_id_is_as_long_as_it_may_be(door: OpsDoor, length: int, says: str) -> None:
    there = await holder(door, device=Authenticator(id_bytes=length))

    assert says in await there.told(await there.adds())


async def test_a_huge_answer_is_not_looked_at(ann: Holder) -> None:
    desk = elsewhere(ann)
    await desk.asked()
    long = await desk.press(WAY_IN, credential="x" * (PASSKEY_ANSWER_CHARS_MAX + 1))
    huge = await desk.press(WAY_IN, credential="x" * 100_000)

    assert (400, True) == (long.status, "longer than" in long.text)
    assert 413 == huge.status


async def test_a_form_of_another_site_gets_no_challenge(ann: Holder) -> None:
    desk = elsewhere(ann)
    await desk.get("/sign-in")
    reply = await desk.post(f"{WAY_IN}/challenge", {"csrf": "0" * 40})

    assert (403, "text/html; charset=utf-8") == (reply.status, reply.headers["content-type"])


async def test_an_address_for_forms_shows_the_entrance(ann: Holder) -> None:
    replies = [await elsewhere(ann).get(path) for path in (WAY_IN, f"{WAY_IN}/challenge")]

    assert [(303, "/sign-in")] * 2 == [(each.status, each.headers["location"]) for each in replies]
