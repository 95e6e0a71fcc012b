"""What stands twice in a call, and what cannot be read: refused with its place, and nothing is done."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from monitord.core.ticket import Ticket
from monitord.web.ops.access import STATE, Actor, Role
from monitord.web.ops.api import shared_api
from monitord.web.ops.sources import Sources
from tests.fakes.night import night
from tests.fakes.visitor import Visitor


@pytest.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    async with night(tmp_path / "store") as made:
        yield made


def asker(sources: Sources, role: Role) -> Visitor:
    """The API alone, asked by somebody with that role."""
    application = shared_api(sources)

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": {STATE: Actor("ann", "api", role)}}, receive, send)

    return Visitor(door)


JSON = "application/json"
OPENING = b'"title": "a", "service": "shop"'


@pytest.mark.parametrize(
    ("sent", "what", "remedy"),
    [
        (b"{bad", "a key is expected in line 1, column 2", "in double quotes"),
        (b'{"title": "\xff"}', "not UTF-8: byte 11 is 0xff", "send UTF-8"),
        ('{"title": "a"}'.encode("utf-16"), "not UTF-8", "send UTF-8"),
        (b"{" + OPENING + b', "severity": ' + b"9" * 6000 + b"}", "column 47 has 6000 digits", "shorter"),
        (b"{" + OPENING + b', "severity": NaN}', "NaN in line 1, column 47 is no number", "write a number"),
        (b"[" * 30_000, "nested more than 32 deep", "send it flatter"),
        (b"{" + OPENING + b', "title": "b"}', "the key `title` stands there 2 times", "write it once"),
    ],
)  # fmt: skip
async def test_a_body_that_cannot_be_read_is_said(
    sources: Sources, sent: bytes, what: str, remedy: str
) -> None:
    before = len(sources.world.all(Ticket))

    reply = await asker(sources, Role.ADMINISTRATOR).post("/api/v1/tickets", sent, content_type=JSON)
    said = json.loads(reply.text)["error"]

    assert (400, "body") == (reply.status, said["where"])
    assert what in said["what"] and remedy in said["remedy"]
    assert before == len(sources.world.all(Ticket))


async def test_a_body_of_another_kind_is_said(sources: Sources) -> None:
    form = "application/x-www-form-urlencoded"

    reply = await asker(sources, Role.ADMINISTRATOR).post("/api/v1/tickets", b"title=a", content_type=form)

    assert (422, "the body does not say that it is JSON") == (
        reply.status,
        json.loads(reply.text)["error"]["what"],
    )


async def test_the_place_of_what_stands_twice_deep_inside_is_said(sources: Sources) -> None:
    body = b'{"matchers": [{"name": "a", "value": "b"}, {"name": "c", "name": "d", "value": "e"}]}'

    reply = await asker(sources, Role.ADMINISTRATOR).post("/api/v1/silences", body, content_type=JSON)

    assert "the key `matchers.1.name` stands there 2 times" == json.loads(reply.text)["error"]["what"]


async def test_a_question_that_says_a_thing_twice_is_refused(sources: Sources) -> None:
    reply = await asker(sources, Role.VIEWER).get("/api/v1/tickets?state=open&state=resolved")

    assert 400 == reply.status
    assert {
        "what": "the query's key `state` stands there 2 times",
        "where": "query.state",
        "remedy": "write it once, as state=…",
    } == json.loads(reply.text)["error"]
