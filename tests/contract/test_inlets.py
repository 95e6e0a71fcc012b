"""What others post to the edge door: limits, addresses, methods; before and after the intake reads it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from monitord.engine.links import Links
from monitord.web.edge.door import EdgeDoor
from monitord.web.limits import INBOUND_BYTES_MAX
from tests.fakes.lobby import ANY, NIGHTLY, PROM, Lobby, lobby
from tests.fakes.shop import DOORS, SECRET
from tests.fakes.visitor import Reply, Visitor

DISK = json.dumps({"title": "disk full"}).encode()


@asynccontextmanager
async def edge(folder: Path) -> AsyncIterator[tuple[Visitor, Lobby]]:
    async with lobby(folder) as it:
        door = EdgeDoor(it.engine, Links(SECRET, DOORS), it.clock, it.log, it.intake)
        yield Visitor(door), it


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
