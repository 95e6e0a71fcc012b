"""Run as systemd runs it, without systemd: sockets are handed over, and it says how it is."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.turnstile import Turnstile
from tests.fakes.daemon import Daemon, environment, installed, probe, until
from tests.fakes.mailbox import LOCALHOST, Post, mail_server

STOPS_WITHIN = 5.0
STUBBORN = """
import asyncio, threading
from dataclasses import dataclass
from pathlib import Path
from monitord.core.check import Outcome
from monitord.kinds import Finding, Prober

@dataclass(frozen=True, slots=True)
class Options:
    pass

async def check(options, net):
    Path(__file__).with_name("begun").touch()
    while True:
        try:
            await asyncio.to_thread(threading.Event().wait)
        except asyncio.CancelledError:
            pass

KIND = Prober(Options, check)
"""
DOORS = ("public", "edge", "ops")
# What systemd does between fork and exec: descriptors from 3 on, and whom they are for.
BECOME = """
import fcntl, os, sys
spare = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 100) for each in sys.argv[1].split(",")]
for place, descriptor in enumerate(spare):
    os.dup2(descriptor, 3 + place)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.executable, [sys.executable, "-m", "monitord", *sys.argv[2:]])
"""


@dataclass
class Manager:
    """systemd's side: the sockets that it keeps, and what it is told."""

    sockets: list[socket.socket]
    notify: socket.socket
    folder: Path
    told: list[str] = field(default_factory=list)

    def launch(self, it: Daemon) -> None:
        descriptors = [str(sock.fileno()) for sock in self.sockets]
        environ = environment(
            LISTEN_FDS=str(len(self.sockets)),
            LISTEN_FDNAMES="ops:public:edge:metrics",
            NOTIFY_SOCKET=str(self.folder / "notify"),
            WATCHDOG_USEC="8000000",
            STATE_DIRECTORY=str(self.folder),
            PYTHONPATH=os.pathsep.join([str(self.folder), *sys.path]),
        )
        with it.log_path.open("ab") as log:
            it.process = subprocess.Popen(
                [sys.executable, "-c", BECOME, ",".join(descriptors), "run", "--config", str(it.main)],
                env=environ,
                pass_fds=[sock.fileno() for sock in self.sockets],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def hears(self, words: str) -> bool:
        """Whether that was ever said."""
        while True:
            try:
                self.told += self.notify.recv(4096).decode().splitlines()
            except BlockingIOError:
                return words in self.told


@contextmanager
def managed(it: Daemon, folder: Path) -> Iterator[Manager]:
    """The doors' addresses, and one that is no door's, listened at by somebody who does not go away."""
    with ExitStack() as stack:
        sockets = []
        for name in ("ops", "public", "edge"):
            port = int(it.doors[name]["listen"].rpartition(":")[2])
            sockets.append(stack.enter_context(socket.create_server((LOCALHOST, port), backlog=1024)))
        sockets.append(stack.enter_context(socket.create_server((LOCALHOST, 0))))
        notify = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        notify.bind(str(folder / "notify"))
        notify.setblocking(False)
        yield Manager(sockets, notify, folder)


@dataclass
class Client:
    """Asks without a pause, over connections that are kept or not, and counts."""

    url: str
    keep: bool
    answered: int = 0
    troubles: list[str] = field(default_factory=list)

    async def run(self, over: asyncio.Event) -> None:
        host, _, port = self.url.removeprefix("http://").partition(":")
        while not over.is_set():
            try:
                reader, writer = await asyncio.open_connection(host, int(port))
                with closing(writer):
                    while await self.ask(reader, writer) and self.keep and not over.is_set():
                        pass
            except (OSError, asyncio.IncompleteReadError) as error:
                self.troubles.append(repr(error))

    async def ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether another may follow on this connection."""
        writer.write(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length or 0))
        self.answered += 1
        return b"connection: close" not in head


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with mail_server() as served:
        yield served


async def test_a_restart_refuses_nobody(tmp_path: Path, post: Post) -> None:
    """Although one check hangs, another cannot be ended at all, and clients ask without a pause."""
    stubborn_kind(tmp_path)
    async with Turnstile() as turnstile:
        stubborn = {"name": "mule", "kind": "stubborn", "every": "1s", "service": "shop"}
        it = installed(tmp_path, post, probes=[probe("web", f"{turnstile.url}web"), stubborn])
        with managed(it, tmp_path) as manager:
            try:
                await story(it, manager, turnstile)
            finally:
                await it.close()


def stubborn_kind(folder: Path) -> None:
    """Installed as strangers install theirs: by an entry point."""
    info = folder / "stubborn-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stubborn\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[monitord.probers]\nstubborn = stubborn\n")
    (folder / "stubborn.py").write_text(STUBBORN)


async def story(it: Daemon, manager: Manager, turnstile: Turnstile) -> None:
    manager.launch(it)
    await until(lambda: manager.hears("READY=1"))
    await until(lambda: manager.hears("STATUS=2 probes, no open tickets"))
    await until(lambda: manager.hears("WATCHDOG=1"))
    await until((manager.folder / "lifeboat.json").exists)
    await turnstile.arrived("web", 1)
    await until((it.log_path.parent / "begun").exists)
    assert "no door has that name" in it.log

    over = asyncio.Event()
    clients = [Client(it.url(name), keep) for name in ("public", "edge") for keep in (False, True)]
    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(client.run(over))
        await until(lambda: all(client.answered for client in clients))
        took = await stopped(it)
        manager.launch(it)
        before = [client.answered for client in clients]
        await until(lambda: all(c.answered > b for c, b in zip(clients, before, strict=True)))
        over.set()

    print(f"stopped in {took:.2f} s; answered {[client.answered for client in clients]}")
    assert [] == [trouble for client in clients for trouble in client.troubles]
    assert took <= 3 * STOPS_WITHIN, f"{STOPS_WITHIN:g} s on a machine that has nothing else to do"
    assert '"left behind"' in it.log, "what cannot be ended is left behind, and said"
    assert manager.hears("STOPPING=1")
    await stopped(it)


async def stopped(it: Daemon) -> float:
    begun = asyncio.get_running_loop().time()
    assert 0 == await it.stop()
    return asyncio.get_running_loop().time() - begun
