"""Net: the one connector that probers and channels share; every address is checked at connect time."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from monitord.core.check import Instant, Phases
from monitord.net import dial, tls
from monitord.net.egress import Guard, Reach
from monitord.net.limits import LINE_BYTES_MAX

if TYPE_CHECKING:
    from httpx2 import AsyncClient

ProtocolT = TypeVar("ProtocolT", bound=asyncio.BaseProtocol)
SharedT = TypeVar("SharedT", bound="Closing")
Stopwatch = Callable[[], float]


class Closing(Protocol):
    """What a kind keeps between two of its calls; it is closed when the daemon stops."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Connection(Generic[ProtocolT]):
    """An open connection to the address `peer`, and how long each phase took."""

    transport: asyncio.Transport
    protocol: ProtocolT
    peer: str
    phases: Phases


@dataclass(frozen=True, slots=True)
class Stream:
    """An open connection as a pair of streams, and how long each phase took."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    phases: Phases

    def abort(self) -> None:
        """Close at once, without saying goodbye: a check owes nobody a TLS shutdown."""
        self.writer.transport.abort()


class Net:
    """What all kinds share; built once.

    `authorities`: PEM text of the authorities to trust instead of this machine's. `now`: the engine's
    clock, with which the age of a certificate can be told. `stopwatch`: seconds from any beginning, for the
    lengths of phases.
    """

    def __init__(
        self,
        guard: Guard | None = None,
        *,
        authorities: str | None = None,
        now: Callable[[], Instant] | None = None,
        stopwatch: Stopwatch = perf_counter,
    ) -> None:
        self.guard = guard or Guard()
        self.stopwatch = stopwatch
        self._authorities = authorities
        self._now = now
        self._shared: dict[type[Any], Closing] = {}

    @cached_property
    def verifying(self) -> ssl.SSLContext:
        """The TLS context that verifies."""
        return tls.verifying(self._authorities)

    @cached_property
    def trusting(self) -> ssl.SSLContext:
        """The TLS context for `verify: false`."""
        return tls.trusting()

    @cached_property
    def verifying_mail(self) -> ssl.SSLContext:
        """The TLS context that verifies, for protocols that have no name in ALPN."""
        return tls.verifying(self._authorities, tls.NOTHING_OFFERED)

    @cached_property
    def trusting_mail(self) -> ssl.SSLContext:
        """The same for `verify: false`."""
        return tls.trusting(tls.NOTHING_OFFERED)

    def context(self, *, verify: bool) -> ssl.SSLContext:
        """The shared TLS context."""
        return self.verifying if verify else self.trusting

    def mail_context(self, *, verify: bool) -> ssl.SSLContext:
        """The shared TLS context of mail servers."""
        return self.verifying_mail if verify else self.trusting_mail

    def shared(self, kind: type[SharedT]) -> SharedT:
        """What a kind keeps between two of its calls: built when it is first wanted, closed with us."""
        if kind not in self._shared:
            self._shared[kind] = kind()
        return cast("SharedT", self._shared[kind])

    @cached_property
    def http(self) -> "AsyncClient":
        """The shared HTTP client of the channels; built when it is first wanted."""
        from monitord.net.http import client  # noqa: PLC0415 - 100 ms that the CLI need not wait for

        return client(self.verifying)

    async def close(self) -> None:
        """Close what is shared."""
        for kept in self._shared.values():
            kept.close()
        if "http" in self.__dict__:
            await self.http.aclose()

    async def connect(
        self, host: str, port: int, *, tls: ssl.SSLContext | None = None, server_name: str | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to a target that a file names; OSError (of which TLS errors are) says why not."""
        stream = await self.stream(host, port, tls=tls, server_name=server_name)
        return stream.reader, stream.writer

    async def stream(
        self, host: str, port: int, *, tls: ssl.SSLContext | None = None, server_name: str | None = None
    ) -> Stream:
        """The same, with the phases."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LINE_BYTES_MAX, loop=loop)
        opened = await self.open(lambda: asyncio.StreamReaderProtocol(reader, loop=loop), host, port)
        writer = asyncio.StreamWriter(opened.transport, opened.protocol, reader, loop)
        if tls is None:
            return Stream(reader, writer, opened.phases)
        started = self.stopwatch()
        try:
            await writer.start_tls(tls, server_hostname=server_name or host)
        except BaseException:
            opened.transport.abort()
            raise
        return Stream(reader, writer, replace(opened.phases, tls=self.since(started)))

    async def open(
        self, factory: Callable[[], ProtocolT], host: str, port: int, reach: Reach = Reach.ANYWHERE
    ) -> Connection[ProtocolT]:
        """Resolve, ask the guard about every address, and connect; each attempt gets its own protocol."""
        started = self.stopwatch()
        addresses = await dial.resolve(host, port)
        resolved = self.stopwatch()
        transport, protocol, peer = await dial.race(factory, self.guard.admitted(addresses, reach), port)
        phases = Phases(resolve=seconds(resolved - started), connect=self.since(resolved))
        return Connection(transport, protocol, peer, phases)

    async def secure(
        self, connection: Connection[ProtocolT], context: ssl.SSLContext, server_name: str
    ) -> Connection[ProtocolT]:
        """Speak TLS on an open connection from now on; if that fails, the connection is gone."""
        started = self.stopwatch()
        loop = asyncio.get_running_loop()
        try:
            transport = await loop.start_tls(
                connection.transport, connection.protocol, context, server_hostname=server_name
            )
        except BaseException:
            connection.transport.abort()
            raise
        if transport is None:
            raise ConnectionResetError
        phases = replace(connection.phases, tls=self.since(started))
        return replace(connection, transport=transport, phases=phases)

    async def validity(self, host: str, port: int, peer: str) -> str | None:
        """What is wrong with the dates of the certificate of `host` at the address `peer`, in words.

        None if that cannot be told: nobody gave us a clock, or it is a certificate further up that is out
        of its time.
        """
        if self._now is None:
            return None
        try:
            stream = await self.stream(peer, port, tls=tls.timeless(self._authorities), server_name=host)
        except OSError:
            return None
        certificate = stream.writer.get_extra_info("peercert")
        stream.abort()
        return tls.validity_words(certificate, self._now()) if certificate else None

    def since(self, started: float) -> timedelta:
        """The time since a reading of the stopwatch."""
        return seconds(self.stopwatch() - started)


def seconds(count: float) -> timedelta:
    """A duration from seconds."""
    return timedelta(seconds=count)
