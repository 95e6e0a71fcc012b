"""The house of the demo: a temporary folder, sockets on loopback, and the real daemon as a child process.

Theory of operation. Everything here is synchronous and stands outside of the event loop, so that whatever
happens inside, also Ctrl-C twice, the child is ended by its id and the folder removed. The child has a
session of its own: a Ctrl-C in the terminal is for us, and we end the child in order. Should we be killed
outright, the kernel ends it (PR_SET_PDEATHSIG, prctl(2)).
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import monitord
from monitord.client.place import SOCKET, Place
from monitord.demo.cast import LOOPBACK, Ports, write_tree

STOPS_WITHIN = 15.0  # seconds, before it is killed
SET_PDEATHSIG = 1
DOORS = ("public", "edge", "ops")
OURS = ("shop", "inbox", "smtp")
LAST_LINES = 5
IN_USE = "is in use"
# What a service manager or a shell tells a daemon of its own, and not ours.
NOT_FOR_THE_CHILD = (
    "MONITORD_",
    "LISTEN_",
    "STATE_DIRECTORY",
    "RUNTIME_DIRECTORY",
    "CREDENTIALS_",
    "NOTIFY_",
)


class PortTaken(Exception):
    """Somebody else was faster at a free port: begin again with others."""


class DaemonEnded(Exception):
    """The daemon is gone before its time."""


@dataclass(frozen=True)
class Theatre:
    """Where everything is, the sockets that we serve ourselves, and the child."""

    ports: Ports
    sockets: Mapping[str, socket.socket]
    daemon: subprocess.Popen[bytes]
    log: Path

    @property
    def control(self) -> Place:
        """Where the child is asked by whoever is on this machine."""
        return Place(self.log.parent / "var" / SOCKET)

    def check(self, patience: float = 0.0) -> None:
        """Raises DaemonEnded, or PortTaken, if the child is gone, or goes within so many seconds."""
        with suppress(subprocess.TimeoutExpired):
            self.daemon.wait(patience)
        code = self.daemon.poll()
        if code is None:
            return
        if IN_USE in self.said():
            raise PortTaken
        raise DaemonEnded(f"the daemon ended with exit code {code}")

    def said(self) -> str:
        """The daemon's log until now."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def theatre() -> Iterator[Theatre]:
    """Open the house; in the end nothing of it is left."""
    with ExitStack() as stack:
        name = tempfile.TemporaryDirectory(prefix="monitord-demo-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(name))
        sockets = {each: stack.enter_context(socket.create_server((LOOPBACK, 0))) for each in OURS}
        for each in sockets.values():
            each.setblocking(False)
        ports = Ports(**free_ports(), **{each: port_of(opened) for each, opened in sockets.items()})
        log = folder / "daemon.log"
        daemon = stack.enter_context(running(write_tree(folder, ports), log))
        yield Theatre(ports, sockets, daemon, log)


def free_ports() -> dict[str, int]:
    """Three ports that nobody uses; the daemon binds them itself, a moment later."""
    with ExitStack() as stack:
        held = {door: stack.enter_context(socket.create_server((LOOPBACK, 0))) for door in DOORS}
        return {door: port_of(opened) for door, opened in held.items()}


def port_of(opened: socket.socket) -> int:
    port: int = opened.getsockname()[1]
    return port


@contextmanager
def running(main_file: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`monitord run`, as everybody gets it; its log is a file."""
    command = [sys.executable, "-P", "-m", "monitord", "run", "--config", str(main_file)]
    with log.open("wb") as said:
        daemon = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=main_file.parent,
            env=environment(),
            start_new_session=True,
            preexec_fn=end_with_us,  # noqa: PLW1509 - there is no thread yet
        )
    try:
        yield daemon
    finally:
        end(daemon)


def environment() -> dict[str, str]:
    """Ours without what is meant for another daemon; this very monitord is found, wherever it lies."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_THE_CHILD)}
    here = str(Path(monitord.__file__).parents[1])
    if here == sysconfig.get_path("purelib"):
        return kept
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, (here, kept.get("PYTHONPATH"))))}


def end_with_us() -> None:
    """Runs in the child before it becomes the daemon."""
    ctypes.CDLL(None).prctl(SET_PDEATHSIG, signal.SIGTERM)


def end(daemon: subprocess.Popen[bytes]) -> None:
    """Gently first; whoever interrupts this waiting gets it over with."""
    daemon.terminate()
    try:
        daemon.wait(STOPS_WITHIN)
    finally:
        daemon.kill()
        daemon.wait()


def last_words(log: str) -> str:
    """The end of a log, whether its lines are JSON or not."""
    return " | ".join(map(words_of, log.splitlines()[-LAST_LINES:])) or "it said nothing"


def words_of(line: str) -> str:
    try:
        told = json.loads(line)
    except ValueError:
        return line[:300]
    return str(told.get("exception") or told.get("event"))[-300:] if isinstance(told, dict) else line[:300]
