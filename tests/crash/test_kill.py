"""kill -9 of the real daemon at seeded instants: every outage is paged, and few mails come twice."""

import signal
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from monitord.config import load
from monitord.engine.clock import RealClock
from monitord.store import Store, replay
from tests.crash.decided import content
from tests.fakes.daemon import Daemon, environment, installed, policy, probe, until
from tests.fakes.mailbox import Clerk, Mail, Post, Status
from tests.fakes.zoo import Target, answer, heard, say

WINDOWS = 4  # things that can break; each is mended before it breaks again
TAKEN = "MESSAGE"  # the mail server has it, and has not said so
SOON = 3
LATEST = 30  # moments after something broke: a check of it, or a step of a conversation with the mail server


@dataclass
class Moments:
    """Counts what happens, and kills the daemon when its moment has come."""

    daemon: Daemon | None = None
    left: int = 0
    only: str = ""

    def arm(self, number: int, only: str) -> None:
        """Its end is the moment of that number from now, of one kind only or of any."""
        self.left, self.only = number, only

    def one(self, what: str) -> None:
        if self.only not in ("", what):
            return
        self.left -= 1
        if self.left == 0 and self.daemon is not None and self.daemon.process is not None:
            self.daemon.process.send_signal(signal.SIGKILL)


@dataclass
class Office(Post):
    """A mail server, each step of whose conversations is a moment."""

    moments: Moments = field(default_factory=Moments)

    async def trouble(self, stage: str, clerk: Clerk) -> Status:
        self.moments.one(stage)
        return await super().trouble(stage, clerk)


@dataclass
class Windows(Target):
    """A web server with several things on it, some of which are broken; checks of those are moments."""

    moments: Moments = field(default_factory=Moments)
    broken: set[str] = field(default_factory=set)

    async def _answer(self, reader: object, writer: object) -> None:
        path = (await heard(reader)).split()[1].decode().strip("/")  # type: ignore[arg-type]
        status = 503 if path in self.broken else 200
        if path in self.broken:
            self.moments.one("check")
        await say(writer, answer(b"so it is", f"{status} It Is"))  # type: ignore[arg-type]


@dataclass
class Scene:
    post: Office
    windows: Windows
    daemon: Daemon
    moments: Moments
    outages: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    tickets: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    read: int = 0
    kills: int = 0

    def paged(self, name: str) -> set[str]:
        """The tickets of the probe for which ann was paged; each mail is opened once."""
        for mail in self.post.mails[self.read :]:
            self.read += 1
            if mail.recipients == ("ann@example.org",) and mail.message["Monitord-Event"] == "page":
                self.tickets[str(mail.message["Monitord-Probe"])].add(str(mail.message["Monitord-Ticket"]))
        return self.tickets[name]


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """Two failures open a ticket, a pass ends it; ann has a second, then bo is asked too."""
    moments = Moments()
    post, windows = Office(moments=moments), Windows(moments=moments)
    await post.come_back()
    async with windows:
        names = [f"w{number}" for number in range(WINDOWS)]
        it = moments.daemon = installed(
            folder,
            post,
            policies={"urgent": policy("ann", "bo", lasts="1s")},
            services={name: {"policies": {"default": "urgent"}} for name in names},
            probes=[probe(name, f"{windows.url}{name}", service=name, failures=2) for name in names],
            reopen_within="0s",
        )
        try:
            await it.restart()
            yield Scene(post, windows, it, moments)
        finally:
            await it.close()
            await post.go_away()


def drawn(seed: str, number: int) -> tuple[int, str]:
    """The same for the same seed; every other one right between a mail that was taken and the word of it."""
    luck = int.from_bytes(sha256(f"{seed}/{number}".encode()).digest()[:4], "big")
    return (1 + luck % SOON, TAKEN) if number % 2 else (1 + luck % LATEST, "")


async def test_kills_at_a_few_moments_lose_nothing(tmp_path: Path) -> None:
    await killed_again_and_again(tmp_path, "a few", 8)


@pytest.mark.soak
@pytest.mark.parametrize("quarter", range(4))
async def test_kills_at_a_hundred_moments_lose_nothing(quarter: int, tmp_path: Path) -> None:
    await killed_again_and_again(tmp_path, f"quarter {quarter}", 25)


async def killed_again_and_again(folder: Path, seed: str, kills: int) -> None:
    async with scene(folder) as it:
        for number in range(kills):
            name = f"w{number % WINDOWS}"
            await mended(it, name)
            it.moments.arm(*drawn(seed, number))
            it.windows.broken.add(name)
            it.outages[name] += 1
            await killed(it)
        for name in it.outages:
            await mended(it, name)
        assert 0 == await it.daemon.stop()
        each_message_is_one(it)
        each_outage_was_paged(it)
        nothing_is_corrupt(it.daemon)


async def killed(it: Scene) -> None:
    """Until the moment has come; then it is started again, and is ready."""
    process = it.daemon.process
    assert process is not None
    await until(lambda: process.poll() is not None, why="waiting for the moment")
    assert -signal.SIGKILL == process.returncode, it.daemon.log
    it.daemon.process = None
    it.kills += 1
    await it.daemon.restart()
    print(f"kill {it.kills}: ready again after {it.daemon.took:.1f} s")


async def mended(it: Scene, name: str) -> None:
    """Ann has heard of it, it is repaired, and its ticket ends."""
    if name not in it.windows.broken:
        return
    number = it.outages[name]
    await until(lambda: len(it.paged(name)) >= number, why=f"nobody was paged for {name}")
    it.windows.broken.discard(name)
    await until(lambda: name not in {row.probe for row in it.daemon.client.tickets(state="open")})


def each_outage_was_paged(it: Scene) -> None:
    """One ticket an outage, neither fewer nor more."""
    assert dict(it.outages) == {name: len(it.paged(name)) for name in it.outages}


def each_message_is_one(it: Scene) -> None:
    """Copies are the same to the byte, and there is at most one more for each kill."""
    copies: dict[str, list[Mail]] = defaultdict(list)
    for mail in it.post.mails:
        copies[str(mail.message["Message-ID"])].append(mail)
    extra = {key: len(mails) - 1 for key, mails in copies.items() if len(mails) > 1}
    print(f"{it.kills} kills, {len(copies)} messages, {sum(extra.values())} came twice")

    assert 0 < max(extra.values(), default=0) <= it.kills
    for mails in copies.values():
        assert 1 == len({(mail.recipients, mail.content) for mail in mails})


def nothing_is_corrupt(it: Daemon) -> None:
    """The file is sound, the journal makes the world, and no fact had to be put aside."""
    with closing(sqlite3.connect(it.store / "live.sqlite3")) as connection:
        assert [("ok",)] == connection.execute("pragma integrity_check").fetchall()
    configuration = load(it.main, environment()).configuration
    store = Store.open(it.store, now=RealClock().now())
    try:
        assert content(store.load(configuration)) == content(replay(store, configuration))
        assert [] == store.notes
        assert [] == store.quarantined()
    finally:
        store.close()
