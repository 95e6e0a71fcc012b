"""What stands twice in a call, and what cannot be read: refused with its place, and nothing is done."""

import gzip
import json
from typing import Any

import pytest

from monitord.core.ticket import Ticket
from monitord.web.access.roles import STATE, Actor, Role
from monitord.web.ops.api import shared_api
from monitord.web.ops.sources import Sources
from tests.fakes.visitor import Visitor


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


def ticket(**more: Any) -> bytes:
    return json.dumps({"title": "a", "service": "shop", "priority": "low", **more}).encode()


@pytest.mark.parametrize(
    ("path", "sent", "what", "remedy"),
    [
        ("tickets", b"", "the body is empty", 'write an object: {"key": "value"}'),
        ("tickets", b"null", "the body is null, not an object", "write an object"),
        ("tickets", b"[]", "the body is a list, not an object", "write an object"),
        ("tickets", b'"x"', "the body is a text, not an object", "write an object"),
        ("tickets", ticket(title=None), "`title` is null, not a text", 'write "…"'),
        ("tickets", ticket(title={}), "`title` is an object, not a text", 'write "…"'),
        ("tickets", ticket(title=5), "`title` is `5`, not a text", 'put it in quotes: "5"'),
        ("tickets", ticket(title="\u200b\x07"), "`title` is blank", "write at least one word"),
        ("tickets", ticket(severity=True), "`severity` is true, not a whole number", "write a number, as 3"),
        ("tickets", ticket(severity="2"), "`severity` is `2`, not a whole number", "write a number, as 3"),
        (
            "tickets",
            b"{" + OPENING + b', "severity": 1e999}',
            "`severity` is `inf`, not a whole number",
            "as 3",
        ),
        ("tickets/3/comment", b'{"text": "\\u202e \\u0000"}', "`text` is blank", "write at least one word"),
        ("pages", b'{"whom": [""], "text": "x"}', "`whom.0` is empty", "at least 1 character"),
        ("silences", b'{"matchers": {}}', "`matchers` is an object, not a list", "write […]"),
    ],
)
async def test_a_value_of_another_kind_is_said_in_the_words_of_json(
    sources: Sources, path: str, sent: bytes, what: str, remedy: str
) -> None:
    """A truth is no number: it would have been severity 1."""
    before = len(sources.world.all(Ticket))

    reply = await asker(sources, Role.ADMINISTRATOR).post(f"/api/v1/{path}", sent, content_type=JSON)
    said = json.loads(reply.text)["error"]

    assert (422, True) == (reply.status, what in said["what"]), said
    assert remedy in said["remedy"]
    assert before == len(sources.world.all(Ticket))


async def test_a_packed_body_is_refused_as_that(sources: Sources) -> None:
    packed = gzip.compress(ticket())
    administrator = asker(sources, Role.ADMINISTRATOR)

    reply = await administrator.post("/api/v1/tickets", packed, content_type=JSON, content_encoding="gzip")

    assert (415, {"what": "the body is packed (gzip)", "where": "body", "remedy": "send it as it is"}) == (
        reply.status,
        json.loads(reply.text)["error"],
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "what", "remedy"),
    [
        ("POST", "tickets/3/ack", 404, "there is no address /api/v1/tickets/3/ack", "/3/acknowledge?"),
        ("GET", "ticket", 404, "there is no address /api/v1/ticket", "did you mean /api/v1/tickets?"),
        ("GET", "Tickets/", 404, "there is no address /api/v1/Tickets/", "did you mean /api/v1/tickets?"),
        ("GET", "nonsense/3/x/y", 404, "there is no address /api/v1/nonsense/3/x/y", "openapi.json"),
        ("DELETE", "tickets", 405, "DELETE does nothing at this address", "it takes GET and POST"),
        ("GET", "tickets/3/acknowledge", 405, "GET does nothing at this address", "it takes POST"),
    ],
)  # fmt: skip
async def test_an_address_that_is_none_is_said_with_the_nearest(
    sources: Sources, method: str, path: str, status: int, what: str, remedy: str
) -> None:
    reply = await asker(sources, Role.ADMINISTRATOR).get(f"/api/v1/{path}", method)
    said = json.loads(reply.text)["error"]

    assert (status, what, f"/api/v1/{path}") == (reply.status, said["what"], said["where"])
    assert remedy in said["remedy"]
    assert status == 404 or reply.headers["allow"] in ("GET, POST", "POST")


async def test_what_is_over_is_said_with_its_place(sources: Sources) -> None:
    reply = await asker(sources, Role.ADMINISTRATOR).post("/api/v1/silences/s9/end", b"{}", content_type=JSON)

    assert (409, "path.silence") == (reply.status, json.loads(reply.text)["error"]["where"])


@pytest.mark.parametrize(
    ("path", "where"),
    [("probes/nope", "path.probe"), ("tickets/99", "path.number"), ("results?probe=nope", "query.probe")],
)
async def test_what_is_not_there_is_said_with_its_place(sources: Sources, path: str, where: str) -> None:
    reply = await asker(sources, Role.VIEWER).get(f"/api/v1/{path}")
    said = json.loads(reply.text)["error"]

    assert (404, where) == (reply.status, said["where"])
    assert said["remedy"]


async def test_events_of_an_integration_that_nobody_knows_are_not_none(sources: Sources) -> None:
    reply = await asker(sources, Role.VIEWER).get("/api/v1/events?integration=prom")

    assert (422, "there is no integration prom, and nothing came from one of that name") == (
        reply.status,
        json.loads(reply.text)["error"]["what"],
    )
