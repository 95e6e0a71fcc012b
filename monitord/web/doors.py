"""Opening a door: a socket, and uvicorn behind it, as one task among others of the process.

Theory of operation. uvicorn likes to be the process: it takes over Unix signals, ends the process when a port
is in use, and counts on nobody cancelling it. Here it gets a socket that is bound already, leaves signals
alone, and a cancellation closes the door in order: no new connections, requests in flight get STOP_WITHIN
seconds, then everything is cut.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from uvicorn import Config, Server

from monitord.web.connection import Guests, connections
from monitord.web.limits import CONNECTIONS_MAX, CUT_WITHIN, IDLE_FOR, STOP_WITHIN

BACKLOG = 1024
TRUSTED_PROXIES = ["127.0.0.1", "::1"]  # whose X-Forwarded-For says who the client is


class Door(Protocol):
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


class DoorRefused(Exception):
    """The door cannot be opened; the text says why, and what to do."""


REASONS = {
    errno.EADDRINUSE: "is in use; change doors.{name}.listen or stop what listens there",
    errno.EACCES: "may not be used without privileges; choose a port above 1023 in doors.{name}.listen",
    errno.EADDRNOTAVAIL: "is not an address of this machine; change doors.{name}.listen",
}


class Embedded(Server):
    """uvicorn as a guest: signals belong to the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def bound(door: Door, name: str) -> socket.socket:
    """A listening socket for the door (port 0: any free one). Raises DoorRefused."""
    where = f"{name} door: {door.host}:{door.port}"
    try:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(door.host, door.port, type=socket.SOCK_STREAM)
        family, _, _, _, address = found[0]
        listening = socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except socket.gaierror as error:
        raise DoorRefused(f"{where} cannot be resolved; write an address in doors.{name}.listen") from error
    except OSError as error:
        why = REASONS.get(error.errno or 0, f"cannot be opened ({error.strerror}); see doors.{{name}}.listen")
        raise DoorRefused(f"{where} {why.format(name=name)}") from error
    listening.setblocking(False)
    return listening


async def serve(app: Any, door: Door, *, name: str, socks: Sequence[socket.socket] = ()) -> None:
    """Keep the door open until cancelled; `name` is public, edge or ops, `socks` those that listen already.

    Raises DoorRefused.
    """
    listening = socks or [await bound(door, name)]
    guests = Guests(CONNECTIONS_MAX.get(name, min(CONNECTIONS_MAX.values())))
    door_config = configured(
        app, connections(guests), proxy_headers=True, forwarded_allow_ips=TRUSTED_PROXIES
    )
    await keep_open(door_config, guests, listening, f"{name} door")


async def keep_open(config: Config, guests: Guests, listening: Sequence[socket.socket], name: str) -> None:
    """Serve on the sockets until cancelled; then close in order."""
    server = Embedded(config)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=list(listening)), name=name)
        try:
            await asyncio.wait([serving])
        except asyncio.CancelledError:
            server.should_exit = True
            await asyncio.wait([serving], timeout=STOP_WITHIN + CUT_WITHIN)
            raise
        finally:
            for guest in list(guests.present):
                guest.transport.abort()


def configured(app: Any, connection: Callable[..., Any], **more: Any) -> Config:
    """What every server of ours has in common; `connection` makes the protocol of each connection."""
    return Config(
        app,
        http=connection,  # type: ignore[arg-type]  # anything that makes a protocol will do
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_FOR,
        timeout_graceful_shutdown=STOP_WITHIN,
        **more,
    )
