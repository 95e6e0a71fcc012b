"""The store's disk is full, really: pages go on, somebody is told, what comes in is refused, and it heals."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest

from monitord.store.reserve import PAGE_BYTES, RESERVE
from tests.fakes.daemon import Daemon, daemon, until
from tests.fakes.disk import MIB, fill, small_disk
from tests.fakes.mailbox import Mail, Post, mail_server

TOLD_WITHIN = 5.0  # seconds after the ballast was given up
HEALED_WITHIN = 10.0
DISK_BYTES = 24 * MIB
TAKES_EVERY = 0.01  # seconds
ALARM = "is full"
KEY = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
HEARD = {"pings": {"kind": "heartbeat", "secret": "ping-0123456789ab"}}
HEARTBEATS = {"nightly": {"every": "1d", "service": "shop", "key": KEY}}


async def test_a_full_disk_stops_no_page(tmp_path: Path) -> None:
    await pages_go_on(tmp_path, 12)


@pytest.mark.soak
async def test_two_hundred_pages_while_another_takes_all_the_room_there_is(tmp_path: Path) -> None:
    """Figure A5."""
    await pages_go_on(tmp_path, 200)


async def pages_go_on(folder: Path, pages: int) -> None:
    with small_disk(folder / "var", DISK_BYTES):
        async with (
            mail_server() as post,
            daemon(folder, post, integrations=HEARD, heartbeats=HEARTBEATS) as it,
        ):
            await until(lambda: reserved(it), why="the store takes its room")
            filler, loop = fill(it.store), asyncio.get_running_loop()
            async with taken_again_and_again(it.store):
                before = await paged(it, post, "the first on a full disk")
                full_at = before.at
                alarm = await told(post)
                for number in range(pages - 1):
                    await paged(it, post, f"number {number}")
                assert 503 == (await it.get(f"{it.edge}/{KEY}")).status_code

            filler.unlink()
            healed_at = loop.time()
            await until(lambda: heard(it), HEALED_WITHIN, why="what comes in is still refused")
            took = loop.time() - healed_at
            assert (it.store / "ballast").exists()
            await until(lambda: not it.client.tickets(state="open", service="monitord"), why="the alarm ends")
            assert 0 == await it.stop()
            report(pages, alarm.at - full_at, took)
            assert alarm.at - full_at <= TOLD_WITHIN
            nothing_is_corrupt(it)


def reserved(it: Daemon) -> bool:
    """Has the daemon looked after the room in its own files?"""
    return (it.store / "live.sqlite3").stat().st_size >= RESERVE * PAGE_BYTES


async def heard(it: Daemon) -> bool:
    return (await it.get(f"{it.edge}/{KEY}")).status_code == 200


@asynccontextmanager
async def taken_again_and_again(folder: Path) -> AsyncIterator[None]:
    """A log that runs away: whatever becomes free on that disk, it takes."""
    over = asyncio.Event()

    async def take() -> None:
        while not over.is_set():
            await asyncio.to_thread(fill, folder)
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), TAKES_EVERY)

    async with asyncio.TaskGroup() as group:
        group.create_task(take())
        yield
        over.set()


def report(pages: int, told_after: float, healed_after: float) -> None:
    said = {"pages": pages, "told_after_s": round(told_after, 2), "healed_after_s": round(healed_after, 2)}
    print(f"\n{json.dumps({'figure': 'A5, disk full', **said})}")


async def paged(it: Daemon, post: Post, title: str) -> Mail:
    """A ticket that somebody opens, and the mail that ann gets."""
    await asyncio.to_thread(it.client.open_ticket, title, "shop")
    return await post["ann@example.org"].expects(title)


async def told(post: Post) -> Mail:
    """Whoever it is that hears of the disk."""

    def found() -> Mail | None:
        return next((mail for mail in post.mails if ALARM in mail.subject or ALARM in mail.text), None)

    mail = await until(found, why="nobody was told")
    assert mail is not None
    return mail


def nothing_is_corrupt(it: Daemon) -> None:
    with closing(sqlite3.connect(it.store / "live.sqlite3")) as connection:
        assert [("ok",)] == connection.execute("pragma integrity_check").fetchall()
        assert [(0,)] == connection.execute("select count(*) from quarantine").fetchall()
