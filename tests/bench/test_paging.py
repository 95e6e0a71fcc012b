"""How long until somebody's phone can ring: by the running daemon, with real HTTP and SMTP on loopback."""

import asyncio
import os
import smtplib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest

from monitord.core.organization import ComponentState
from monitord.core.statuspage import Phase, WritePost
from monitord.core.subscription import ConfirmSubscription, Subscribe, subscriber_id
from monitord.engine.clock import RealClock
from monitord.engine.garbage import set_aside
from monitord.store.store import Store
from monitord.store.thread import StoreThread
from tests.bench.figures import Figures, cpu_of, timed
from tests.bench.parts import paged, running, until
from tests.fakes.daemon import Daemon, daemon, probe
from tests.fakes.mailbox import LOCALHOST, Mail, Post, mail_server
from tests.fakes.patience import WITHIN
from tests.fakes.shop import configuration
from tests.fakes.zoo import Target, answer, heard, say

pytestmark = pytest.mark.bench

PAGES = 200  # one by one
LIMIT_MS = 50
SUBSCRIBERS = 10_000
DURING = 40
SECRET = "any-0123456789ab"
OVER = "Resolved:"


@dataclass
class Counter(Target):
    """A target that knows when it gave its first bad answer, which is the deciding one."""

    bad_at: float = 0.0

    async def _answer(self, reader: object, writer: object) -> None:
        await heard(reader)  # type: ignore[arg-type]
        if self.status != 200 and not self.bad_at:
            self.bad_at = asyncio.get_running_loop().time()
        await say(writer, answer(b"so it is", f"{self.status} It Is"))  # type: ignore[arg-type]

    def breaks(self) -> None:
        self.bad_at, self.status = 0.0, 503


@dataclass
class Desk:
    """The daemon, the mail server, and how long pages took; `cpu` is the daemon's, a page."""

    it: Daemon
    post: Post
    took: list[float] = field(default_factory=list)
    cpu: float = 0.0

    async def newest(self, before: int, words: str) -> Mail:
        """The first mail to ann after so many that says this in its subject."""
        async with asyncio.timeout(WITHIN):
            while True:
                for mail in self.post.mails[before:]:
                    if mail.recipients == ("ann@example.org",) and entitled(mail, words):
                        return mail
                await self.post._changed()

    @asynccontextmanager
    async def costs(self) -> AsyncIterator[None]:
        assert self.it.process is not None
        before = cpu_of(self.it.process.pid)
        yield
        self.cpu = (cpu_of(self.it.process.pid) - before) / PAGES * 1000

    def report(self, figures: Figures, name: str, **more: object) -> None:
        figures.add(name, "ms", self.took, LIMIT_MS, 99, daemon_cpu_ms=round(self.cpu, 2), **more)


async def test_paging_from_the_deciding_answer(tmp_path: Path) -> None:
    """From the target's answer to the mail server's acceptance of DATA; ours beside a bare smtplib."""
    set_aside()
    async with mail_server() as post, Counter() as target:
        async with daemon(
            tmp_path, post, reopen_within="0s", probes=[probe("web", target.url, every="100ms")]
        ) as it:
            desk = Desk(it, post)
            async with desk.costs():
                for _ in range(PAGES):
                    before = len(post.mails)
                    target.breaks()
                    mail = await desk.newest(before, "web is down")
                    desk.took.append((mail.at - target.bad_at) * 1000)
                    target.status = 200
                    await desk.newest(before, OVER)
        figures, bare = Figures(), await asyncio.to_thread(by_smtplib, post.port, mail)
        desk.report(
            figures, "page, from the deciding answer", ratio=round(median(desk.took) / median(bare), 2)
        )
        figures.add("the same mail by smtplib alone", "ms", bare)
        figures.add("8 KiB written and synced", "ms", by_disk(tmp_path / "synced"))
        figures.judge()


async def test_paging_from_a_webhook(tmp_path: Path) -> None:
    """From before the request is sent to the mail server's acceptance of DATA."""
    set_aside()
    hooks = {"any": {"kind": "generic", "service": "shop", "secret": SECRET}}
    async with (
        mail_server() as post,
        daemon(tmp_path, post, integrations=hooks, reopen_within="0s") as it,
    ):
        desk, url, loop = Desk(it, post), f"{it.edge}/in/any/{SECRET}", asyncio.get_running_loop()
        async with desk.costs():
            for number in range(PAGES):
                said, before, begun = {"title": f"hook {number}"}, len(post.mails), loop.time()
                await it.http.post(url, json={**said, "status": "firing"})
                mail = await desk.newest(before, f"hook {number} ")
                desk.took.append((mail.at - begun) * 1000)
                await it.http.post(url, json={**said, "status": "ok"})
                await desk.newest(before, OVER)
    figures = Figures()
    desk.report(figures, "page, from the webhook's request")
    figures.add("8 KiB written and synced", "ms", by_disk(tmp_path / "synced"))
    figures.judge()


def entitled(mail: Mail, words: str) -> bool:
    """Is it in the subject? Looked for without reading the mail: who measures is the mail server, too."""
    head = mail.content.partition(b"\r\n\r\n")[0]
    return any(line.startswith(b"Subject:") and words.encode() in line for line in head.splitlines())


def by_disk(path: Path) -> list[float]:
    """What the disk takes for one commit's bytes; a page waits for one commit, a reported one for two."""
    took: list[float] = []
    with path.open("wb", buffering=0) as file:
        for _ in range(PAGES):
            with timed(took):
                file.write(bytes(8192))
                os.fdatasync(file.fileno())
    return took


def by_smtplib(port: int, mail: Mail) -> list[float]:
    """The same bytes, by the standard library, over a connection of their own."""
    took: list[float] = []
    for _ in range(PAGES):
        with timed(took), smtplib.SMTP(LOCALHOST, port, local_hostname="localhost") as client:
            client.sendmail(mail.sender, mail.recipients, mail.content)
    return took


async def test_paging_during_ten_thousand_mails(tmp_path: Path) -> None:
    """A page that is asked for while subscribers are told leaves at most 100 ms later than otherwise."""
    async with running(tmp_path, configuration()) as (engine, post):
        addresses = [f"s{number}@example.org" for number in range(SUBSCRIBERS)]
        epoch = engine.world.installation.epoch
        for address in addresses:
            engine.post(Subscribe(address))
        await asyncio.gather(
            *(engine.post(ConfirmSubscription(subscriber_id(epoch, "email", each))) for each in addresses)
        )
        await until(lambda: len(post.left) >= SUBSCRIBERS)
        set_aside()
        quiet = [await paged(engine, post, number) for number in range(DURING)]
        affects = (("shop", ComponentState.DEGRADED),)
        await engine.submit(WritePost("ann", "Slow pages.", Phase.INVESTIGATING, None, "Slow", affects))
        busy = [await paged(engine, post, DURING + number) for number in range(DURING)]
        still = sum(1 for _, letter in post.left if "Slow" in letter.subject)

    figures = Figures()
    figures.add("page on a quiet evening", "ms", quiet, 100)
    figures.add("page during 10 000 mails", "ms", busy, 100 + median(quiet), mails_meanwhile=still)
    figures.judge()


async def test_paging_during_a_backup(tmp_path: Path) -> None:
    """A page that leaves while a hundred megabytes are copied and packed waits at most 100 ms longer."""
    Store.open(tmp_path / "var", now=RealClock().now()).close()
    grown(tmp_path / "var" / "live.sqlite3")
    async with running(tmp_path / "var", configuration()) as (engine, post):
        quiet = [await paged(engine, post, number) for number in range(DURING)]
        busy: list[float] = []
        async with asyncio.TaskGroup() as group:
            store = engine.commits.store
            assert isinstance(store, StoreThread)
            copying = group.create_task(store.back_up(tmp_path, engine.clock.now()))
            while not copying.done():
                busy.append(await paged(engine, post, DURING + len(busy)))

    figures, made = Figures(), copying.result()
    figures.add("page without a backup", "ms", quiet)
    size = made.manifest.bytes if made.manifest else 0
    figures.add("page during a backup", "ms", busy, 100 + median(quiet), megabytes=size // 1_000_000)
    figures.judge()


def grown(live: Path) -> None:
    """A hundred megabytes of history."""
    with closing(sqlite3.connect(live)) as connection, connection:
        rows = ((0, "Nothing", "", "", str(number) * 2000) for number in range(12_000))
        connection.executemany(
            "INSERT INTO quarantine (at, fact_kind, fact, error, trace) VALUES (?, ?, ?, ?, ?)", rows
        )
