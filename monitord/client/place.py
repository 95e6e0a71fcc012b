"""Where the daemon listens to its command line, and how a path too long for a socket is reached.

Theory of operation. The control socket lies in the daemon's runtime directory, which systemd names in
$RUNTIME_DIRECTORY; without one, in the store's folder. In the first case the store's folder has a link to it,
so that a shell that only knows the configuration finds the daemon of *this* store and never another one's.
Only where the store's folder does not exist for us (a packaged daemon whose $STATE_DIRECTORY we do not have)
the packaged place is tried. The name of a unix socket has at most 107 bytes; a longer one is reached through
a descriptor of its folder.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SOCKET = "control.sock"
PACKAGED = Path("/run/monitord")
SOCKET_PATH_BYTES_MAX = 107  # sun_path, see unix(7), without the NUL at its end


@dataclass(frozen=True, slots=True)
class Place:
    """Where to ask: a socket, or the URL of an ops door with a token."""

    socket: Path | None = None
    url: str = ""
    token: str = field(default="", repr=False)

    def __str__(self) -> str:
        return self.url or str(self.socket)

    @property
    def listens(self) -> bool:
        """Is there a socket, whether somebody is behind it or not?"""
        return self.socket is not None and os.access(self.socket, os.F_OK)


def runtime_directory(environ: Mapping[str, str]) -> Path | None:
    """The daemon's runtime directory, if somebody made one for it."""
    first = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]  # systemd may name several
    return Path(first) if first else None


def control_socket(environ: Mapping[str, str], store: Path) -> Path:
    """Where a daemon of this store opens its control socket."""
    return (runtime_directory(environ) or store) / SOCKET


def place_of(environ: Mapping[str, str], store: Path) -> Place:
    """Where the daemon of this store is asked; MONITORD_URL and MONITORD_TOKEN name another one."""
    url = environ.get("MONITORD_URL", "").rstrip("/")
    if url:
        return Place(url=url, token=environ.get("MONITORD_TOKEN", ""))
    if runtime_directory(environ) is None and not store.exists():
        return Place(PACKAGED / SOCKET)
    return Place(control_socket(environ, store))


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """A name for the socket that is short enough for the kernel, as long as the block lasts."""
    plain = str(path)
    if len(os.fsencode(plain)) <= SOCKET_PATH_BYTES_MAX:
        yield plain
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
