"""Dialling: a host name and a port become one connection, to the address that answers first (RFC 8305)."""

import asyncio
import socket
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from itertools import chain, zip_longest
from typing import Generic, TypeVar

from monitord.net.faults import most_telling
from monitord.net.limits import ADDRESSES_MAX, STAGGER

ProtocolT = TypeVar("ProtocolT", bound=asyncio.BaseProtocol)
Factory = Callable[[], ProtocolT]
Dialled = tuple[asyncio.Transport, ProtocolT, str]


@lru_cache(maxsize=16384)
def is_literal(host: str) -> bool:
    """Whether the host is an address already."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, those of both families in turn; socket.gaierror if there is none."""
    if is_literal(host):
        return [host]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return interleaved([str(sockaddr[0]) for _, _, _, _, sockaddr in found])[:ADDRESSES_MAX]


def interleaved(addresses: list[str]) -> list[str]:
    """Alternate the families, beginning with that of the first address; nothing twice."""
    unique = list(dict.fromkeys(addresses))
    v6 = [address for address in unique if ":" in address]
    v4 = [address for address in unique if ":" not in address]
    first, second = (v6, v4) if unique and unique[0] in v6 else (v4, v6)
    pairs = chain.from_iterable(zip_longest(first, second))
    return [address for address in pairs if address is not None]


async def dial(factory: Factory[ProtocolT], address: str, port: int) -> Dialled[ProtocolT]:
    """Connect to one address."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_connection(factory, address, port)
    return transport, protocol, address


async def race(factory: Factory[ProtocolT], addresses: list[str], port: int) -> Dialled[ProtocolT]:
    """Connect to the first address that answers; the next joins when one fails or a moment has passed."""
    if len(addresses) == 1:
        return await dial(factory, addresses[0], port)
    race = Race(factory, port, addresses)
    try:
        return await race.run()
    except BaseException:
        race.give_up()
        raise


class Race(Generic[ProtocolT]):
    """The runners of one race, one for each address; the first connection wins, all others are closed."""

    def __init__(self, factory: Factory[ProtocolT], port: int, addresses: list[str]) -> None:
        self._factory = factory
        self._port = port
        self._addresses = addresses
        self._failed = [asyncio.Event() for _ in addresses]
        self._errors: list[OSError] = []
        self._runners: list[asyncio.Task[None]] = []
        self._winner: Dialled[ProtocolT] | None = None

    async def run(self) -> Dialled[ProtocolT]:
        async with asyncio.TaskGroup() as group:
            self._runners = [group.create_task(self._runner(lane)) for lane in range(len(self._addresses))]
        if self._winner is None:
            raise most_telling(self._errors)
        return self._winner

    def give_up(self) -> None:
        """Leave nothing open: somebody else cancelled us, perhaps just after there was a winner."""
        if self._winner is not None:
            self._winner[0].abort()

    async def _runner(self, lane: int) -> None:
        if lane:
            await self._starting_shot(lane)
        try:
            arrived = await dial(self._factory, self._addresses[lane], self._port)
        except OSError as error:
            self._errors.append(error)
            self._failed[lane].set()
            return
        self._finish(arrived)

    async def _starting_shot(self, lane: int) -> None:
        """Start when the runner before has failed, or after its moment alone."""
        try:
            async with asyncio.timeout(STAGGER.total_seconds() * lane):
                await self._failed[lane - 1].wait()
        except TimeoutError:
            return

    def _finish(self, arrived: Dialled[ProtocolT]) -> None:
        if self._winner is not None:
            arrived[0].abort()
            return
        self._winner = arrived
        for runner in self._runners:
            if runner is not asyncio.current_task():
                runner.cancel()
