"""`python -m monitord`, without the second or more that its imports take: forks of a process that has them.

Theory of operation. A process that runs tests keeps templates (`python -m tests.fakes.warm SOCKET`) beside
it, which import everything and then fork for whoever connects: the request is one line of JSON, with the
descriptors to write to; the answer is the number of the new process and, when that has ended, its exit code.
A template ends, with all its forks, when whoever started it is gone. There are two, which take turns: so a
daemon that starts again hashes otherwise than it did, as it would for everybody. The story of an outage, the
examples and the long figures are `cold`: there everything starts as everybody starts it.
"""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from typing import IO, Any, Protocol

ROOT = Path(__file__).parents[2]
REQUEST_MAX = 1 << 16
READY = b"ready\n"
TEMPLATES = cycle(range(2))
KEPT: list[object] = []  # as long as this process lives, so do its templates


class Process(Protocol):
    """What the tests ask of a process; `subprocess.Popen` has it all."""

    pid: int

    @property
    def returncode(self) -> int | None: ...

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def kill(self) -> None: ...


class Cold:
    """Whether the test that is running starts everything in the ordinary way; conftest.py says so."""

    now = False


def started(words: Sequence[str], environ: Mapping[str, str], out: IO[bytes], errors: IO[bytes]) -> Process:
    """The command line in a process of its own."""
    if not Cold.now:
        return Fork(words, environ, out, errors)
    command = [sys.executable, "-m", "monitord", *words]
    return subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)


class Fork:
    """The command line in a fork of the template."""

    def __init__(
        self, words: Sequence[str], environ: Mapping[str, str], out: IO[bytes], errors: IO[bytes]
    ) -> None:
        self.wire = socket.socket(socket.AF_UNIX)
        self.wire.connect(template(next(TEMPLATES)))
        request = json.dumps({"words": list(words), "environ": dict(environ), "folder": str(Path.cwd())})
        socket.send_fds(self.wire, [b"!"], [out.fileno(), errors.fileno()])
        self.wire.sendall(request.encode() + b"\n")
        self.said = self.wire.makefile("r")
        self.pid = int(self.said.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select([self.wire], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"fork {self.pid}", timeout or 0)
            self.returncode = int(self.said.readline())
            self.said.close()
            self.wire.close()
        return self.returncode

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def template(number: int) -> str:
    """The address of a template of this process, which is ready."""
    folder = TemporaryDirectory(prefix="monitord-warm-")
    path = str(Path(folder.name) / "socket")
    words = [sys.executable, "-m", "tests.fakes.warm", path]
    process = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    KEPT.append((folder, process))
    assert process.stdout is not None and process.stdout.readline() == READY
    return path


# --- In the template.


@dataclass(slots=True)
class Template:
    listener: socket.socket
    forks: dict[int, socket.socket] = field(default_factory=dict)

    def serve(self) -> dict[str, Any] | None:
        """Until stdin is closed; in a fork, what it is asked to become."""
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        while True:
            ready = select([sys.stdin, self.listener, woken], [], [])[0]
            if sys.stdin in ready:
                self.end_all()
                return None
            if woken in ready:
                os.read(woken, REQUEST_MAX)
                self.reap()
            if self.listener in ready and (request := self.answer()) is not None:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.close(woken)
                os.close(wake)
                return request

    def reap(self) -> None:
        for pid in list(self.forks):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                with self.forks.pop(pid) as wire, suppress(OSError):
                    wire.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())

    def answer(self) -> dict[str, Any] | None:
        """Fork for whoever has connected; None in the template."""
        wire, _ = self.listener.accept()
        _, (out, errors), _, _ = socket.recv_fds(wire, 1, 2)
        with wire.makefile("r") as asking:
            request: dict[str, Any] = json.loads(asking.readline())
        pid = os.fork()
        if pid == 0:
            with Path(os.devnull).open() as nothing:
                for number, descriptor in enumerate((nothing.fileno(), out, errors)):
                    os.dup2(descriptor, number)
            for each in (wire, self.listener, *self.forks.values()):
                each.close()
        os.close(out)
        os.close(errors)
        if pid == 0:
            return request
        self.forks[pid] = wire
        wire.sendall(f"{pid}\n".encode())
        return None

    def end_all(self) -> None:
        for pid in self.forks:
            os.kill(pid, signal.SIGKILL)


def main(path: str) -> None:
    from monitord import cli  # noqa: PLC0415 - whoever asks for a fork need not import it

    for place in cli.COMMANDS.values():
        cli.imported(place.partition(":")[0])
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        sys.stdout.buffer.write(READY)
        sys.stdout.flush()
        request = Template(listener).serve()
    if request is not None:
        gc.unfreeze()
        os.environ.clear()
        os.environ.update(request["environ"])
        os.chdir(request["folder"])
        sys.argv = ["monitord", *request["words"]]
        cli.main()


if __name__ == "__main__":
    main(sys.argv[1])
