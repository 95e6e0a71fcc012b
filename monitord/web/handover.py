"""Sockets that systemd keeps for us, so that a restart refuses nobody: which of them is which door's.

Theory of operation. sd_listen_fds(3): the descriptors from 3 on are listening sockets, $LISTEN_FDS says how
many, $LISTEN_FDNAMES what each is called (FileDescriptorName= of its .socket unit), and $LISTEN_PID whom it
is about, because children inherit variables. Sockets are matched to doors by name, never by order: a unit
that somebody adds must not exchange the console for the public page. Several of one name are one door at
several addresses. While we are gone systemd goes on listening, and whoever comes waits.
"""

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

FIRST = 3  # SD_LISTEN_FDS_START
SOCKETS_MAX = 64
UNIT = "monitord-{name}.socket"


@dataclass(frozen=True, slots=True)
class Handover:
    """The sockets of each door; `problems` are sentences about what was handed over and is of no use."""

    doors: Mapping[str, Sequence[socket.socket]] = field(default_factory=dict)
    problems: Sequence[str] = ()

    def missing(self, names: Sequence[str]) -> list[str]:
        """Doors without a socket, although systemd has handed over others."""
        return [name for name in names if name not in self.doors] if self.doors or self.problems else []


def handed_over(environ: Mapping[str, str], names: Sequence[str], first: int = FIRST) -> Handover:
    """What systemd hands to the doors of these names; nothing, where it hands over nothing."""
    count = environ.get("LISTEN_FDS", "")
    if environ.get("LISTEN_PID") != str(os.getpid()) or not count.isdecimal():
        return Handover()
    called = environ.get("LISTEN_FDNAMES", "").split(":")
    doors: dict[str, list[socket.socket]] = {}
    problems: list[str] = []
    for place in range(min(int(count), SOCKETS_MAX)):
        name = called[place] if place < len(called) else ""
        taken = take(first + place, name, names)
        if isinstance(taken, str):
            problems.append(taken)
        else:
            doors.setdefault(name, []).append(taken)
    return Handover(doors, problems)


def take(descriptor: int, name: str, names: Sequence[str]) -> socket.socket | str:
    """The socket, which children will not inherit; or why it cannot be a door, and then it is closed."""
    try:
        sock = socket.socket(fileno=descriptor)
    except OSError as error:
        return f"descriptor {descriptor} of systemd cannot be used ({error.strerror}); see the .socket units"
    why = unfit(sock, name, names)
    if why:
        sock.close()
        return why
    sock.set_inheritable(False)
    sock.setblocking(False)
    return sock


def unfit(sock: socket.socket, name: str, names: Sequence[str]) -> str:
    """Why the socket is no door's; empty if it is one's."""
    where = address(sock)
    if name not in names:
        known = ", ".join(names)
        return (
            f"systemd hands over a socket called {name or 'nothing'!r} ({where}), and no door has that name: "
            f"say FileDescriptorName= with one of {known} in its .socket unit, or stop that unit"
        )
    if sock.type != socket.SOCK_STREAM or not sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return (
            f"the socket called {name} ({where}) accepts no connections: "
            f"use ListenStream= and Accept=no in {UNIT.format(name=name)}"
        )
    return ""


def address(sock: socket.socket) -> str:
    """Where a socket is bound, as people write it."""
    name = sock.getsockname()
    if isinstance(name, tuple):
        host, port = name[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return os.fsdecode(name) or "no address"
