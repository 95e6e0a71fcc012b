"""A door on a real socket: uvicorn as a guest, and clients that draw everything out."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from monitord.web import connection, doors
from monitord.web.answers import Answer, Receive, Scope, Send, send_answer
from monitord.web.doors import DoorRefused, bound, serve
from monitord.web.requests import BodyRefused, read_form, request_of
from tests.fakes.daemon import until
from tests.fakes.patience import WITHIN

EVERY_LOOP = True
HELLO = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass(frozen=True)
class Address:
    host: str = "127.0.0.1"
    port: int = 0


async def kind(scope: Scope, receive: Receive, send: Send) -> None:
    """Says hello; reads a form first when there is one."""
    if scope["method"] == "POST":
        try:
            await read_form(request_of(scope), receive)
        except BodyRefused as refused:
            await send_answer(Answer(refused.status, b"no", ((b"connection", b"close"),)), send)
            return
    await send_answer(Answer(200, b"hello"), send)


@asynccontextmanager
async def opened(name: str = "public") -> AsyncIterator[int]:
    """A door, and its port."""
    sock = await bound(Address(), name)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve(kind, Address(), name=name, socks=[sock]))
        yield sock.getsockname()[1]
        serving.cancel()


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def says(self, *lines: bytes) -> None:
        self.writer.write(b"".join(lines))

    async def hears(self) -> bytes:
        """Everything until the door closes the connection."""
        heard = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(WITHIN):
                while chunk := await self.reader.read(4096):
                    heard += chunk
        return heard

    async def greets(self) -> bytes:
        self.says(HELLO)
        async with asyncio.timeout(WITHIN):
            return await self.reader.readuntil(b"hello")


@asynccontextmanager
async def client(port: int) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_door_answers_and_does_not_say_who_it_is() -> None:
    async with opened() as port, client(port) as ann:
        answer = await ann.greets()

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"server:" not in answer.lower()


async def test_a_connection_serves_one_request_after_the_other() -> None:
    async with opened() as port, client(port) as ann:
        for _ in range(3):
            assert (await ann.greets()).startswith(b"HTTP/1.1 200")


async def test_a_closed_door_leaves_nothing_behind() -> None:
    async with opened() as port, client(port) as ann:
        await ann.greets()

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_closing_door_hears_who_is_just_speaking() -> None:
    """Over a kept connection as over a new one, and says that it was the last answer."""
    sock = await bound(Address(), "public")
    port = sock.getsockname()[1]
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve(kind, Address(), name="public", socks=[sock]))
        async with client(port) as kept, client(port) as fresh:
            await kept.greets()
            serving.cancel()
            await until(lambda: sock.fileno() < 0)
            for late in (kept, fresh):
                answer = await late.greets()
                assert answer.startswith(b"HTTP/1.1 200") and b"connection: close" in answer.lower()
                assert b"" == await late.hears()


async def test_unix_signals_belong_to_the_process() -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with opened() as port, client(port) as ann:
        await ann.greets()
        assert before is signal.getsignal(signal.SIGTERM)


async def test_a_port_in_use_is_said_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DoorRefused) as refused:
            await serve(kind, Address(port=port), name="ops")

    assert f"ops door: 127.0.0.1:{port} is in use; change doors.ops.listen or stop what listens there" == str(
        refused.value
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
async def test_an_address_that_is_not_ours_is_said_with_a_remedy(host: str) -> None:
    with pytest.raises(DoorRefused, match=r"edge door: .*doors\.edge\.listen"):
        await bound(Address(host, 8081), "edge")


async def test_who_never_finishes_a_request_is_shown_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "REQUEST_WITHIN", 0.2)
    async with opened() as port, client(port) as silent, client(port) as slow, client(port) as half:
        slow.says(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
        half.says(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")

        assert b"" == await silent.hears()
        assert b"" == await slow.hears()
        assert b"200" not in await half.hears()


async def test_a_second_request_has_its_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "REQUEST_WITHIN", 0.2)
    async with opened() as port, client(port) as slow:
        await slow.greets()
        slow.says(b"GET / HTTP/1.1\r\nHos")

        assert b"" == await slow.hears()


async def test_who_rests_between_requests_is_shown_out_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "IDLE_FOR", 0.2)
    async with opened() as port, client(port) as ann:
        await ann.greets()

        assert b"" == await ann.hears()


async def test_a_head_has_a_size() -> None:
    async with opened() as port, client(port) as eve:
        eve.says(b"GET / HTTP/1.1\r\nHost: x\r\n", *(b"X-%d: %s\r\n" % (n, b"a" * 1000) for n in range(20)))

        assert (await eve.hears()).startswith(b"HTTP/1.1 400")


async def test_when_the_house_is_full_the_slowest_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doors.CONNECTIONS_MAX, "public", 3)
    async with opened() as port, client(port) as first, client(port) as second, client(port) as third:
        for slow in (first, second, third):
            slow.says(b"GET / HTTP/1.1\r\n")
        async with client(port) as ann:
            assert (await ann.greets()).startswith(b"HTTP/1.1 200")
        assert b"" == await first.hears()


async def test_two_hundred_slow_clients_delay_nobody() -> None:
    async with opened() as port:
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
        for _, writer in slow:
            writer.write(b"GET / HTTP/1.1\r\nX-")
        async with client(port) as ann:
            assert (await ann.greets()).startswith(b"HTTP/1.1 200")
        for _, writer in slow:
            writer.close()


async def test_a_form_that_is_too_long_ends_the_connection() -> None:
    async with opened() as port, client(port) as eve:
        eve.says(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n",
            b"Content-Length: 100000\r\n\r\n" + b"a" * 5000,
        )

        assert (await eve.hears()).startswith(b"HTTP/1.1 413")
