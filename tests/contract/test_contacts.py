"""Addresses by API, client, command line: a code goes to the address; who says it has verified it."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from monitord.cli import cli
from monitord.core.delivery import Delivery, Purpose
from monitord.web.access.roles import STATE, Actor, Role
from monitord.web.ops.api import shared_api
from monitord.web.ops.sources import Sources
from monitord.web.ops.status import status_now
from monitord.web.ops_door import ops_app
from tests.fakes.shop import logbook
from tests.fakes.signed_in import signed_in
from tests.fakes.terminal import Terminal, named_tree, typed
from tests.fakes.visitor import Visitor

ANNS = {"address": "ann@example.org"}


def asker(sources: Sources, by: str, role: Role) -> Visitor:
    application = shared_api(sources)
    actor = Actor(by, "api", role)

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": {STATE: actor}}, receive, send)

    return Visitor(door)


async def post(asked: Visitor, path: str, body: dict[str, str]) -> tuple[int, Any]:
    """The status, and what is said."""
    sent = json.dumps(body).encode()
    reply = await asked.ask("POST", f"/api/v1/contacts/{path}", sent, {"content_type": "application/json"})
    return reply.status, json.loads(reply.body)


def code_for(sources: Sources, person: str) -> str:
    """What stands in the newest message with a code."""
    sent = [each for each in sources.world.all(Delivery) if each.purpose is Purpose.CONFIRM]
    (newest,) = [each for each in sent if each.person == person][-1:]
    return newest.text.lines[0].removeprefix("The code for monitord is ").removesuffix(".")


async def standing(asked: Visitor) -> dict[tuple[str, str], bool]:
    rows = json.loads((await asked.get("/api/v1/contacts")).body)
    return {(each["person"], each["channel"]): each["verified"] is not None for each in rows}


async def test_one_verifies_ones_own_address(sources: Sources) -> None:
    ann = asker(sources, "ann", Role.VIEWER)
    before = await standing(ann)
    asked = await post(ann, "verify", ANNS)
    said = await post(ann, "confirm", {**ANNS, "code": code_for(sources, "ann")})
    after = await standing(ann)

    assert (200, 200) == (asked[0], said[0])
    assert ["the email address of ann is verified (ann, api)"] == said[1]["did"]
    assert {("ann", "email")} == {each for each in after if after[each] and not before[each]}


async def test_another_ones_address_is_theirs_to_verify(sources: Sources) -> None:
    cem = asker(sources, "cem", Role.OPERATOR)
    chief = asker(sources, "cem", Role.ADMINISTRATOR)
    asked = {**ANNS, "person": "ann"}

    assert 403 == (await post(cem, "verify", asked))[0]
    assert 403 == (await post(cem, "confirm", {**asked, "code": "123456"}))[0]
    assert 200 == (await post(chief, "verify", asked))[0]


async def test_a_wrong_code_says_how_many_tries_are_left(sources: Sources) -> None:
    ann = asker(sources, "ann", Role.VIEWER)
    await post(ann, "verify", ANNS)
    wrong = f"{(int(code_for(sources, 'ann')) + 1) % 10**6:06d}"
    said = await post(ann, "confirm", {**ANNS, "code": wrong})

    assert (409, "this is not the code; 4 tries are left") == (said[0], said[1]["error"]["what"])


async def test_the_right_code_after_a_wrong_one_is_something_else(sources: Sources) -> None:
    """Although it is sent under the same key; the right one, sent again, is the same."""
    ann = asker(sources, "ann", Role.VIEWER)
    await post(ann, "verify", ANNS)
    right = code_for(sources, "ann")
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    said = [await confirmed(ann, code, "same") for code in (wrong, right)]
    once_more = [await confirmed(ann, right, "other") for _ in range(2)]

    assert [409, 422] == said
    assert [200, 200] == once_more


async def confirmed(asked: Visitor, code: str, key: str) -> int:
    sent = json.dumps({**ANNS, "code": code}).encode()
    headers = {"content_type": "application/json", "idempotency_key": key}
    return (await asked.ask("POST", "/api/v1/contacts/confirm", sent, headers)).status


async def test_nobody_reads_the_code_where_messages_are_listed(sources: Sources) -> None:
    ann, dee = asker(sources, "ann", Role.VIEWER), asker(sources, "dee", Role.VIEWER)
    await post(ann, "verify", ANNS)
    listed = [await each.get("/api/v1/deliveries") for each in (ann, dee)]

    assert [200, 200] == [each.status for each in listed]
    assert [False, False] == [code_for(sources, "ann").encode() in each.body for each in listed]


async def test_what_is_no_code_and_no_address_is_said(sources: Sources) -> None:
    ann = asker(sources, "ann", Role.VIEWER)
    other = await post(ann, "verify", {"address": "ann@example.com"})
    letters = await post(ann, "confirm", {**ANNS, "code": "12345x"})

    assert (422, "ann has no address ann@example.com") == (other[0], other[1]["error"]["what"])
    assert 422 == letters[0]


async def test_the_command_line_lists_verifies_and_confirms(
    sources: Sources, beside: Terminal, tmp_path: Path
) -> None:
    tree = named_tree(tmp_path)

    async def monitord(*words: str) -> str:
        result: Result = await typed(CliRunner().invoke, cli, ["contact", *words, "--config", str(tree)])
        assert 0 == result.exit_code, result.output
        return result.output

    asked = await monitord("verify", "ann", "ann@example.org")
    code = code_for(sources, "ann")
    said = await monitord("confirm", "ann", "ann@example.org", code)
    listed = await monitord("list")
    left = await monitord("list", "--unverified", "--json")

    assert asked.startswith("a code is on its way to ann by email")
    assert said.startswith("the email address of ann is verified")
    assert "ann  email  ann@example.org  verified 20" in listed
    assert '"ann@example.org"' not in left
    assert code not in asked


async def test_in_the_console_one_asks_for_a_code_and_types_it(sources: Sources) -> None:
    ann = await signed_in(ops_app(sources, logbook()[0]))
    ways = {"channel": "email", "address": "ann@example.org"}
    asked = await ann.press("/account/contacts/verify", **ways)
    code = code_for(sources, "ann")
    nonsense = await ann.press("/account/contacts/confirm", **ways, code="soon")
    said = await ann.press("/account/contacts/confirm", **ways, code=f" {code[:3]} {code[3:]}")

    assert "A code is on its way to ann by email" in asked.text
    assert "a code is on its way; it counts until" in asked.text
    assert "Please write the six digits of the code." in nonsense.text
    assert "The email address of ann is verified" in said.text


async def test_who_on_call_is_in_doubt_is_said_by_status_and_console(sources: Sources) -> None:
    chief = await signed_in(ops_app(sources, logbook()[0]), "root", administrator=True)
    status = await status_now(sources)
    page = await chief.get("/oncall")

    assert status.doubts
    for each in status.doubts:
        assert f"{each.person.title()} Example {each.why}" in page.text
