"""A scene of outages that a daemon is killed in: windows that break, a mail server, a sender of reports.

What is compared in the end is what the outside knows: the answers that the target gave, the mails that the
server took, the reports that were answered 2xx.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import httpx2 as httpx

from monitord.client import ClientFault
from monitord.config.loading import load
from monitord.engine.clock import RealClock
from monitord.store import Store, replay
from tests.crash.decided import content
from tests.fakes.daemon import Daemon, environment, installed, policy, probe, until
from tests.fakes.mailbox import Clerk, Mail, Post, Status
from tests.fakes.patience import WITHIN
from tests.fakes.zoo import Target, answer, heard, say

WINDOWS = 4  # things that can break; each is mended before it breaks again
FAILURES = 2  # in a row
TAKEN = "MESSAGE"  # the mail server has it, and has not said so
REPORT = re.compile(r"report \d+")
SECRET = "any-0123456789ab"


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
            self.daemon.process.kill()


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
    answered: list[tuple[str, int]] = field(default_factory=list)

    async def _answer(self, reader: object, writer: object) -> None:
        path = (await heard(reader)).split()[1].decode().strip("/")  # type: ignore[arg-type]
        status = 503 if path in self.broken else 200
        if path in self.broken:
            self.moments.one("check")
        self.answered.append((path, status))
        await say(writer, answer(b"so it is", f"{status} It Is"))  # type: ignore[arg-type]

    def outages(self, path: str) -> int:
        """How often it failed so many times in a row, by what everybody was told who asked."""
        told = [status for asked, status in self.answered if asked == path]
        return sum(status == 503 and len(list(row)) >= FAILURES for status, row in groupby(told))


@dataclass
class Sender:
    """A program that reports until it is answered 2xx, as all of them do; `accepted` is its log."""

    daemon: Daemon
    accepted: list[str] = field(default_factory=list)

    async def reports(self, title: str, status: str = "firing") -> None:
        async with httpx.AsyncClient(timeout=WITHIN, trust_env=False, verify=False) as http:
            await until(lambda: self.taken(http, title, status), why=f"{title} is not taken")
        if status == "firing":
            self.accepted.append(title)

    async def taken(self, http: httpx.AsyncClient, title: str, status: str) -> bool:
        said = {"title": title, "status": status}
        with suppress(httpx.TransportError):
            return (await http.post(f"{self.daemon.edge}/in/any/{SECRET}", json=said)).is_success
        return False


@dataclass
class Scene:
    post: Office
    windows: Windows
    daemon: Daemon
    sender: Sender
    moments: Moments
    outages: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    tickets: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    read: int = 0
    kills: int = 0

    def paged(self, name: str) -> set[str]:
        """The tickets of a probe, or about a report, for which ann was paged; each mail is opened once."""
        for mail in self.post.mails[self.read :]:
            self.read += 1
            if mail.recipients == ("ann@example.org",) and mail.message["Monitord-Event"] == "page":
                self.tickets[subject_of(mail)].add(str(mail.message["Monitord-Ticket"]))
        return self.tickets[name]

    def breaks(self, name: str) -> None:
        self.windows.broken.add(name)
        self.outages[name] += 1

    def heard_of(self, name: str) -> bool:
        """Was ann paged for its newest outage?"""
        return len(self.paged(name)) >= self.outages[name]

    def over(self, name: str) -> bool:
        """Has it no open ticket? Not known while nobody answers."""
        with suppress(ClientFault):
            return name not in {row.probe for row in self.daemon.client.tickets(state="open")}
        return False

    @property
    def dead(self) -> bool:
        return self.daemon.process is not None and self.daemon.process.poll() is not None

    async def restarted(self) -> None:
        """It was killed; now it is ready again."""
        process, self.daemon.process = self.daemon.process, None
        assert process is not None
        assert -9 == process.returncode, self.daemon.log
        self.kills += 1
        await self.daemon.restart()
        print(f"kill {self.kills}: ready again after {self.daemon.took:.1f} s")

    async def mended(self, name: str) -> None:
        """Ann has heard of it, it is repaired, and its ticket ends."""
        if name not in self.windows.broken:
            return
        await until(lambda: self.heard_of(name), why=f"nobody was paged for {name}")
        self.windows.broken.discard(name)
        await until(lambda: self.over(name), why=f"the ticket of {name} is still open")


def subject_of(mail: Mail) -> str:
    """A probe, or the title of a report."""
    reported = REPORT.search(mail.subject)
    return reported.group() if reported else str(mail.message["Monitord-Probe"])


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
            services={name: {"policies": {"default": "urgent"}} for name in (*names, "hooks")},
            integrations={"any": {"kind": "generic", "service": "hooks", "secret": SECRET}},
            probes=[probe(name, f"{windows.url}{name}", service=name, failures=FAILURES) for name in names],
            reopen_within="0s",
        )
        try:
            await it.restart()
            yield Scene(post, windows, it, Sender(it), moments)
        finally:
            await it.close()
            await post.go_away()


# What must be true in the end.


def each_outage_was_paged(it: Scene) -> None:
    """One ticket an outage, neither fewer nor more: as we made them, as the target saw them."""
    assert dict(it.outages) == {name: len(it.paged(name)) for name in it.outages}
    assert dict(it.outages) == {name: it.windows.outages(name) for name in it.outages}


def each_report_was_paged(it: Scene) -> None:
    """What was answered 2xx led to one ticket, however often it was sent."""
    assert dict.fromkeys(it.sender.accepted, 1) == {
        title: len(it.paged(title)) for title in it.sender.accepted
    }


def each_message_is_one(it: Scene) -> int:
    """Copies are the same to the byte, and there is at most one more for each kill; how many there are."""
    copies: dict[str, list[Mail]] = defaultdict(list)
    for mail in it.post.mails:
        copies[str(mail.message["Message-ID"])].append(mail)
    extra = {key: len(mails) - 1 for key, mails in copies.items() if len(mails) > 1}
    print(f"{it.kills} kills, {len(copies)} messages, {sum(extra.values())} came twice")

    assert max(extra.values(), default=0) <= it.kills
    for mails in copies.values():
        assert 1 == len({(mail.recipients, mail.content) for mail in mails})
    return sum(extra.values())


def nothing_is_corrupt(it: Daemon) -> None:
    """The file is sound, the journal makes the world, and no fact had to be put aside."""
    with closing(sqlite3.connect(it.store / "live.sqlite3")) as connection:
        assert [("ok",)] == connection.execute("pragma integrity_check").fetchall()
    configuration = load(it.main, environment()).configuration
    store = Store.open(it.store, now=RealClock().now())
    try:
        assert content(store.load(configuration)) == content(replay(store, configuration))
        assert [] == store.notes
        assert [] == store.reads.quarantined()
    finally:
        store.close()
