"""The control socket as a file: made for its owner only, in the place of a dead one, never of a live one.

Where a daemon has a runtime directory, the store's folder gets a link to the socket, because a shell knows
the store and not always the runtime directory (see client/place.py).
"""

import asyncio
import os
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from monitord.client.place import SOCKET, control_socket, reachable
from monitord.web.connection import Connection, Guests
from monitord.web.doors import BACKLOG, DoorRefused, configured, keep_open
from monitord.web.limits import CONNECTIONS_MAX
from monitord.web.ops.control import PEER, peer_of

ONLY_OURS = 0o600
FOLDER_ONLY_OURS = 0o700
ANSWERS_WITHIN = 1.0  # seconds for a daemon that may still be there


class FromPeer(Connection):
    """A connection that knows who is at the other end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as connected:
            self.app_state = {**self.app_state, PEER: peer_of(connected)}
        super().connection_made(transport)


def bound_control(environ: Mapping[str, str], store: Path) -> tuple[socket.socket, Path]:
    """A listening socket, and where it lies. Raises DoorRefused."""
    path = control_socket(environ, store)
    try:
        path.parent.mkdir(mode=FOLDER_ONLY_OURS, parents=True, exist_ok=True)
        with reachable(path) as name:
            make_room(path, name)
            listening = bound_at(name)
        if path.parent != store:
            link_from(store / SOCKET, path)
    except OSError as error:
        raise DoorRefused(
            f"control socket {path} cannot be opened ({error.strerror}); "
            "set RUNTIME_DIRECTORY to a folder that belongs to monitord's account"
        ) from error
    return listening, path


def make_room(path: Path, name: str) -> None:
    """Remove what a daemon that is gone has left behind."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode) and not path.is_symlink():
            raise DoorRefused(f"control socket {path}: there is a file of that name; move it away")
        if somebody_listens(name):
            raise DoorRefused(f"control socket {path}: a monitord answers there already; stop that one first")
        path.unlink()


def somebody_listens(name: str) -> bool:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(ANSWERS_WITHIN)
        try:
            asking.connect(name)
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except TimeoutError:
            return True
    return True


def bound_at(name: str) -> socket.socket:
    """Before it can be seen it is nobody else's: on Linux a file takes its socket's mode."""
    listening = socket.socket(socket.AF_UNIX)
    try:
        os.fchmod(listening.fileno(), ONLY_OURS)
        listening.bind(name)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except BaseException:
        listening.close()
        raise
    return listening


def link_from(place: Path, path: Path) -> None:
    """Replaced in one step, whatever was there."""
    fresh = place.with_name(f"{place.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(path)
    fresh.replace(place)


@contextmanager
def there_while(path: Path) -> Iterator[None]:
    """The file goes when we do, if it is still ours."""
    ours = path.stat().st_ino
    try:
        yield
    finally:
        with suppress(OSError):
            if path.stat().st_ino == ours:
                path.unlink()


async def serve_control(app: Any, listening: socket.socket, path: Path) -> None:
    """Keep the socket open until cancelled."""
    guests = Guests(CONNECTIONS_MAX["ops"])

    def connection(*args: Any, **kwargs: Any) -> FromPeer:
        return FromPeer(*args, guests=guests, **kwargs)

    with there_while(path):
        config = configured(app, connection, proxy_headers=False)
        await keep_open(config, guests, [listening], "control socket")
