"""The zoo: real servers on loopback, well-behaved and hostile, and `Target`, a web server with a switch.

async with cage(endless) as it:           # any behaviour below
    finding = await check(Options(url=it.url), net)

async with Target() as target:            # 200 until told otherwise
    target.status = 503
    await target.die()                    # refuses connections
    await target.revive()                 # on the same port
    assert 3 == len(target.hits)          # loop times of its requests
"""

import asyncio
import gzip
import itertools
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Self

import trustme

LOCALHOST = "127.0.0.1"
MIB = 1024 * 1024
BOMB = gzip.compress(bytes(64 * MIB), compresslevel=9)
DRIP_EVERY = 0.02  # seconds: a drip is slow by nature

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Cage:
    """One running server: where it is, who is inside, and what was asked."""

    port: int = 0
    scheme: str = "http"
    host: str = LOCALHOST
    visitors: set[asyncio.Task[None]] = field(default_factory=set)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}/"


@asynccontextmanager
async def cage(
    behaviour: Behaviour, tls: ssl.SSLContext | None = None, host: str = LOCALHOST
) -> AsyncIterator[Cage]:
    """Serve a behaviour on a free port; in the end every connection is closed."""
    it = Cage(scheme="https" if tls else "http", host=host)
    server = await asyncio.start_server(partial(received, it, behaviour), host, ssl=tls)
    it.port = server.sockets[0].getsockname()[1]
    try:
        yield it
    finally:
        server.close()
        await empty(it)
        await server.wait_closed()


async def received(
    it: Cage, behaviour: Behaviour, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Let a behaviour loose on one connection; who hangs up on it is no error."""
    visitor = asyncio.current_task()
    assert visitor is not None
    it.visitors.add(visitor)
    it.arrived.set()
    try:
        with suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await behaviour(reader, writer)
            writer.close()
            await writer.wait_closed()
    finally:
        writer.transport.abort()
        it.visitors.discard(visitor)


async def empty(it: Cage) -> None:
    """Send every visitor home, and wait until they are gone."""
    visitors = list(it.visitors)
    for visitor in visitors:
        visitor.cancel()
    await asyncio.gather(*visitors, return_exceptions=True)


def dead_port() -> int:
    """A port on which nobody listens."""
    with closing(socket.socket()) as vacant:
        vacant.bind((LOCALHOST, 0))
        port: int = vacant.getsockname()[1]
        return port


# --- Behaviours: what a server does with one connection.


async def heard(reader: asyncio.StreamReader) -> bytes:
    """The request's head."""
    return await reader.readuntil(b"\r\n\r\n")


async def say(writer: asyncio.StreamWriter, words: bytes) -> None:
    """Send some words; ConnectionError if nobody is there any more (to uvloop a RuntimeError)."""
    if writer.transport.is_closing():
        raise ConnectionResetError
    writer.write(words)
    await writer.drain()


def says(*parts: bytes) -> Behaviour:
    """Answers each request with these bytes, then closes."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard(reader)
        for part in parts:
            await say(writer, part)

    return behaviour


def repeats(head: bytes, part: bytes, pause: float = 0) -> Behaviour:
    """Answers with a head, and then with one part for ever."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await heard(reader)
        await say(writer, head)
        while True:
            await say(writer, part)
            await asyncio.sleep(pause)

    return behaviour


def answer(body: bytes = b"fine", status: str = "200 OK", **headers: str) -> bytes:
    """A well-formed answer; `content_type=` becomes Content-Type."""
    fields = {"Content-Length": str(len(body)), "Connection": "close"}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def chunked(*chunks: bytes) -> bytes:
    """A body in chunks, with its end."""
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def redirects(location: str, status: str = "302 Found") -> Behaviour:
    """Sends everybody elsewhere."""
    return says(answer(b"", status, location=location))


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Listens, and never says a word."""
    while await reader.read(MIB):
        pass


async def close_early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hears the request, and hangs up."""
    await heard(reader)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hears the request, and slams the door."""
    await heard(reader)
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speaks first, as mail servers do."""
    await say(writer, b"220 mail.example.org ESMTP\r\n")
    await hang(reader, writer)


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = OK + b"Content-Encoding: gzip\r\n\r\n"

fine = says(answer())
endless = repeats(CHUNKED, chunked(b"x" * 60_000)[:-5])
endless_unframed = repeats(OK + b"\r\n", b"x" * 60_000)
drip = repeats(CHUNKED, b"1\r\nx\r\n", DRIP_EVERY)
drip_head = repeats(OK, b"X-Drip: 1\r\n", DRIP_EVERY)
bomb = says(answer(BOMB, content_encoding="gzip"))
endless_headers = repeats(OK, b"X-More: " + b"m" * 1000 + b"\r\n")
endless_header = repeats(OK + b"X-Long: ", b"m" * 1000)
interim_flood = repeats(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")

# Malformed answers by name.
GARBLED: Mapping[str, Behaviour] = {
    "not HTTP": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a status of five digits": says(b"HTTP/1.1 20000 OK\r\n\r\n"),
    "two lengths": says(OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "a length and chunks": says(OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a chunk without a size": says(CHUNKED + b"zz\r\nfine\r\n"),
    "a chunk of 2^70 bytes": says(CHUNKED + b"400000000000000000\r\nfine\r\n"),
    "a header without a colon": says(OK + b"nonsense\r\n\r\n"),
    "a body that breaks off": says(OK + b"Content-Length: 100\r\n\r\nfine"),
    "chunks that break off": says(CHUNKED + b"100\r\nfine"),
    "gzip that is none": says(GZIP + b"fine"),
    "gzip that breaks off": says(GZIP + gzip.compress(b"fine" * 100)[:20]),
    "nothing": close_early,
}
# Answers that are unusual, and right; their body is "fine".
ODD: Mapping[str, Behaviour] = {
    "no length": says(OK + b"\r\nfine"),
    "HTTP/1.0": says(b"HTTP/1.0 200 OK\r\n\r\nfine"),
    "chunks": says(CHUNKED + chunked(b"fi", b"ne")),
    "chunks with a trailer": says(CHUNKED + b"4;a=b\r\nfine\r\n0\r\nX-Sum: 1\r\n\r\n"),
    "byte by byte": says(*(bytes([byte]) for byte in answer())),
    "interim answers first": says(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\n\r\n", answer()),
    "gzip": says(answer(gzip.compress(b"fine"), content_encoding="gzip")),
    "gzip in chunks": says(
        OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(gzip.compress(b"fine"))
    ),
    "deflate": says(answer(zlib.compress(b"fine"), content_encoding="deflate")),
    "bare deflate": says(answer(zlib.compress(b"fine")[2:-4], content_encoding="deflate")),
    "bytes after the end": says(answer() + b"and more"),
    "no reason phrase": says(b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nfine"),
}


# --- Certificates.


@dataclass(frozen=True)
class Certificates:
    """An authority, and server contexts whose certificates are right or wrong in one way each."""

    authority: trustme.CA = field(default_factory=trustme.CA)

    @property
    def pem(self) -> str:
        """What a client must trust."""
        return self.authority.cert_pem.bytes().decode()

    def good(self, *names: str) -> ssl.SSLContext:
        return server_context(self.authority.issue_cert(*(names or (LOCALHOST, "localhost"))))

    def expired(self) -> ssl.SSLContext:
        begins, ends = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC)
        return server_context(self.authority.issue_cert(LOCALHOST, not_before=begins, not_after=ends))

    def not_yet_valid(self) -> ssl.SSLContext:
        begins, ends = datetime(2037, 1, 1, tzinfo=UTC), datetime(2037, 2, 1, tzinfo=UTC)
        return server_context(self.authority.issue_cert(LOCALHOST, not_before=begins, not_after=ends))

    def stranger(self) -> ssl.SSLContext:
        """Of an authority that nobody knows."""
        return server_context(trustme.CA().issue_cert(LOCALHOST))

    def other_name(self) -> ssl.SSLContext:
        return server_context(self.authority.issue_cert("other.example.org"))


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


# --- A web server with a switch.


@dataclass
class Target:
    """Answers every request with `status` and `body`; `hits` are the loop times at which it was asked."""

    status: int = 200
    body: bytes = b"All systems operational\n"
    headers: dict[str, str] = field(default_factory=dict)
    port: int = 0
    hits: list[float] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    _it: Cage = field(default_factory=Cage)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://{LOCALHOST}:{self.port}/"

    async def __aenter__(self) -> Self:
        await self.revive()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.die()

    async def revive(self) -> None:
        """Listen; on the same port as before, if there was one."""
        self._server = await asyncio.start_server(
            partial(received, self._it, self._answer), LOCALHOST, self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        """Listen no more: connections are refused, and open ones are closed."""
        if self._server is None:
            return
        self._server.close()
        await empty(self._it)
        await self._server.wait_closed()
        self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await heard(reader)
        self.hits.append(asyncio.get_running_loop().time())
        self.requests.append(request)
        await say(writer, answer(self.body, f"{self.status} It Is", **self.headers))


def counting(behaviours: Iterator[Behaviour]) -> Behaviour:
    """The next behaviour for each connection in turn."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(behaviours)(reader, writer)

    return behaviour


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour for each connection in turn, the last one from then on."""
    return counting(itertools.chain(behaviours[:-1], itertools.repeat(behaviours[-1])))
