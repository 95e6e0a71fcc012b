"""A backup of a running daemon, a lost store, a restore: who is paged, and what old links do."""

import gzip
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.fakes.daemon import Daemon, daemon, probe, refuses, until
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.zoo import Target

CANARY = "canary-5f0c9b"
WATCHDOG = {"url": "${env:WATCHED}"}
ANSWER = re.compile(r"http://\S+/a/\S+")


async def test_a_store_is_lost_and_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "one.tar.gz"
    monkeypatch.setenv("WATCHED", f"http://127.0.0.1:9/{CANARY}")
    async with (
        mail_server() as post,
        Target() as target,
        daemon(tmp_path, post, watchdog=WATCHDOG, probes=[probe("web", target.url)]) as it,
    ):
        old = await paged(it, post, target)
        epoch = (await said("backup", archive, it))["epoch"]
        holds_no_secret_of_the_tree(archive)
        await opened_meanwhile(it, post)
        busy = await refuses("restore", str(archive), "--config", str(it.main))
        assert (2, True) == (busy.returncode, "in use by another monitord" in busy.stderr)
        assert 0 == await it.stop()

        shutil.rmtree(it.store)
        assert epoch != (await said("restore", archive, it))["epoch"]
        await it.restart()
        await goes_on(it, post, old)


def holds_no_secret_of_the_tree(archive: Path) -> None:
    """The tree refers to it, and the accepted tree is in the store; what it refers to is not."""
    content = gzip.decompress(archive.read_bytes())

    assert b"WATCHED" in content
    assert CANARY.encode() not in content


async def said(command: str, archive: Path, it: Daemon) -> dict[str, str]:
    """What the command did."""
    done = await refuses(command, str(archive), "--json", "--config", str(it.main))
    assert 0 == done.returncode, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


async def paged(it: Daemon, post: Post, target: Target) -> str:
    """The web is down, and ann has a mail; the link in it."""
    target.status = 503
    mail = await post["ann@example.org"].expects("web is down")
    found = ANSWER.search(mail.text)
    assert found is not None
    return found.group()


async def opened_meanwhile(it: Daemon, post: Post) -> None:
    """Something that the backup does not know of."""
    it.client.open_ticket("A disk is full", "shop")
    await post["ann@example.org"].expects("A disk is full")


async def goes_on(it: Daemon, post: Post, old: str) -> None:
    """Ticket 1 is open as it was then; the old link is dead, a new one acts."""
    page = await it.get(old)
    assert (410, True) == (page.status_code, "before a restore" in page.text)
    assert [1] == [row.number for row in it.client.tickets()]
    it.acting("bo").acknowledge(1)
    assert "acknowledged" == it.client.ticket(1).ticket.state
    await until(lambda: post["ann@example.org"].mails, why="ann hears of it")
