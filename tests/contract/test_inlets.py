"""What others post to the edge door: limits, addresses, methods; before and after the intake reads it."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from monitord.engine.links import Links
from monitord.web.edge.door import EdgeDoor
from monitord.web.limits import INBOUND_BYTES_MAX
from tests.fakes.feeds import feeds_of
from tests.fakes.lobby import ANY, NIGHTLY, PROM, Lobby, lobby
from tests.fakes.shop import DOORS, SECRET
from tests.fakes.visitor import Reply, Visitor

MIB = 1024 * 1024
PINGS = "ping-0123456789ab"  # the ping key
UNKNOWN = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea279"
DISK = json.dumps({"title": "disk full"}).encode()


@asynccontextmanager
async def edge(folder: Path) -> AsyncIterator[tuple[Visitor, Lobby]]:
    async with lobby(folder) as it:
        links = Links(SECRET, DOORS)
        feeds = feeds_of(lambda: it.engine.world.configuration, links, it.clock)
        door = EdgeDoor(it.engine, links, it.clock, it.log, it.intake, feeds)
        yield Visitor(door), it


def stream(part: bytes, rest: str) -> Iterator[dict[str, Any]]:
    """One part of a body, and then the same again and again, or nobody."""
    yield {"type": "http.request", "body": part, "more_body": True}
    while rest == "endless":
        yield {"type": "http.request", "body": part, "more_body": True}
    yield {"type": "http.disconnect"}


async def asked(visitor: Visitor, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
    return await visitor.ask(method, path, body, headers)


@pytest.mark.parametrize(
    ("method", "path", "status", "says"),
    [
        ("POST", f"/in/any/{ANY}", 202, "accepted"),
        ("POST", f"/in/any/{ANY}/", 202, "accepted"),
        ("POST", f"//in//any/{ANY}", 202, "accepted"),
        ("POST", "/in/any", 401, "show this integration's secret"),
        ("POST", "/in/any/wrong", 401, "not this integration's"),
        ("GET", f"/in/any/{ANY}", 405, "takes POST, PUT"),
        ("POST", "/in/nobody", 404, "no such integration"),
        ("POST", "/in", 405, "GET, HEAD"),
        ("POST", f"/in/any/{ANY}/more", 404, "no such integration"),
        ("GET", "/ping/nothing", 404, "not found"),
        ("POST", f"/ping/{NIGHTLY}/stop", 400, "invalid url format"),
        ("POST", f"/ping/{NIGHTLY}/1/2", 404, "not found"),
        ("DELETE", f"/ping/{NIGHTLY}", 405, "takes GET, HEAD, POST"),
        ("GET", f"/{UNKNOWN}", 404, "not found"),
        ("POST", f"/{UNKNOWN}/start", 404, "not found"),
        ("GET", f"/{PINGS}/nosuch", 404, "not found"),
        ("GET", "/-/healthy", 200, "OK"),
        ("POST", "/api/v2/alerts", 401, "no integration of this kind"),
        ("GET", f"/in/prom/{PROM}/api/v2/status", 200, "versionInfo"),
        ("GET", f"/in/prom/{PROM}/api/v2/silence/s1", 404, "there is no silence s1"),
        ("GET", "/" + "a/" * 40, 404, ""),
        ("GET", "/ping/" + "x" * 5000, 404, "not found"),
    ],
)
async def test_an_address(tmp_path: Path, method: str, path: str, status: int, says: str) -> None:
    async with edge(tmp_path) as (visitor, _):
        reply = await asked(visitor, method, path, DISK if method == "POST" else b"")

        assert status == reply.status
        assert says in reply.text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"/ping/{UNKNOWN}", "text/plain"),
        (f"/{UNKNOWN}", "text/plain"),
        (f"/{PINGS}/nosuch", "text/plain"),
        (f"/{PROM}/nosuch", "text/html"),
        ("/nosuch", "text/html"),
    ],
)
async def test_what_is_meant_for_a_heartbeat_is_answered_for_programs(
    tmp_path: Path, path: str, kind: str
) -> None:
    async with edge(tmp_path) as (visitor, _):
        reply = await asked(visitor, "GET", path)

        assert (404, kind) == (reply.status, reply.headers["content-type"].partition(";")[0])
        assert (kind == "text/plain") == (reply.text == "not found")


async def test_curl_as_healthchecks_io_documents_it(tmp_path: Path) -> None:
    async with edge(tmp_path) as (visitor, _):
        for method, path in (
            ("GET", f"/{NIGHTLY}"),
            ("HEAD", f"/ping/{NIGHTLY}"),
            ("POST", f"/ping/{NIGHTLY}/start?rid=123e4567-e89b-12d3-a456-426614174000"),
        ):
            reply = await asked(visitor, method, path)
            assert (200, "text/plain; charset=utf-8") == (reply.status, reply.headers["content-type"])
            assert ("*", "10000", "2") == (
                reply.headers["access-control-allow-origin"],
                reply.headers["ping-body-limit"],
                reply.headers["content-length"],
            )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content_length": "10485760"}, 413),
        ({"content_length": "many"}, 413),
        ({"content_encoding": "gzip"}, 415),
    ],
)
async def test_a_body_that_will_not_do_is_not_read(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async with edge(tmp_path) as (visitor, it):
        reply = await asked(visitor, "POST", f"/in/any/{ANY}", b"", **headers)

        assert (status, "close") == (reply.status, reply.headers["connection"])
        assert "error" in json.loads(reply.body)
        assert [] == it.events


async def test_a_body_that_grows_too_long_is_cut_off(tmp_path: Path) -> None:
    async with edge(tmp_path) as (visitor, it):
        reply = await asked(visitor, "POST", f"/in/any/{ANY}", b"x" * (INBOUND_BYTES_MAX + 1))

        assert 413 == reply.status
        assert [] == it.events


@pytest.mark.parametrize("headers", [{}, {"content_length": "629145"}])
async def test_a_ping_with_a_long_body_is_taken(tmp_path: Path, headers: dict[str, str]) -> None:
    async with edge(tmp_path) as (visitor, it):
        for path in (f"/ping/{PINGS}/nightly/fail", f"/{NIGHTLY}/log"):
            reply = await asked(visitor, "POST", path, b"x" * (INBOUND_BYTES_MAX + 1), **headers)

            assert (200, "OK") == (reply.status, reply.text)
            assert "connection" not in reply.headers
        await it.settled()

        assert [("nightly failed", "shop", "open")] == it.tickets
        assert [10_000, 10_000] == [len(event.arrival.body) for event in it.events]


@pytest.mark.parametrize(
    ("coding", "body", "kept"),
    [
        ("gzip", gzip.compress(b"no space left"), b"no space left"),
        ("GZIP", gzip.compress(b"x" * MIB), b"x" * 10_000),
        ("gzip", b"no space left", b"no space left"),
        ("gzip", gzip.compress(b"no space left")[:-9], b"no space left"),
        ("gzip", b"", b""),
        ("deflate", zlib.compress(b"no space left"), b"no space left"),
        ("br", b"\x0b\x02\x80", b"\x0b\x02\x80"),
    ],
    ids=["packed", "a bomb", "not packed at all", "broken off", "empty", "deflate", "packed as we cannot"],
)
async def test_a_ping_counts_however_its_body_is_packed(
    tmp_path: Path, coding: str, body: bytes, kept: bytes
) -> None:
    async with edge(tmp_path) as (visitor, it):
        reply = await asked(visitor, "POST", f"/ping/{NIGHTLY}/fail", body, content_encoding=coding)
        await it.settled()

        assert (200, "OK") == (reply.status, reply.text)
        assert [("nightly failed", "shop", "open")] == it.tickets
        assert [kept] == [event.arrival.body for event in it.events]


@pytest.mark.parametrize("rest", ["endless", "cut off"])
async def test_a_ping_counts_whatever_becomes_of_the_rest_of_its_body(tmp_path: Path, rest: str) -> None:
    async with edge(tmp_path) as (visitor, it):
        reply = await visitor.ask("POST", f"/ping/{NIGHTLY}/fail", stream(b"x" * 4 * MIB, rest), {})
        await it.settled()

        assert (200, "OK", "close") == (reply.status, reply.text, reply.headers["connection"])
        assert [("nightly failed", "shop", "open")] == it.tickets


async def test_a_ping_whose_body_was_cut_off_before_that_comes_again(tmp_path: Path) -> None:
    async with edge(tmp_path) as (visitor, it):
        reply = await visitor.ask("POST", f"/ping/{NIGHTLY}/fail", stream(b"x" * 9_999, "cut off"), {})

        assert (400, "close") == (reply.status, reply.headers["connection"])
        assert [] == it.events


async def test_as_much_as_is_allowed_is_taken(tmp_path: Path) -> None:
    many: list[Any] = [{"title": f"thing {number}", "text": "x" * 400} for number in range(1000)]
    body = json.dumps(many).encode()
    assert len(body) < INBOUND_BYTES_MAX
    async with edge(tmp_path) as (visitor, it):
        reply = await asked(visitor, "POST", f"/in/any/{ANY}", body)

        assert 202 == reply.status
        assert 1000 == it.events[0].arrival.reports


async def test_the_answer_is_for_programs_and_kept_by_nobody(tmp_path: Path) -> None:
    async with edge(tmp_path) as (visitor, _):
        reply = await asked(visitor, "POST", "/in/any", DISK)

        assert ("application/json", "no-store") == (
            reply.headers["content-type"],
            reply.headers["cache-control"],
        )
        assert "Bearer" == reply.headers["www-authenticate"]
