"""The daemon is stopped as in a photograph, and goes on: nothing is down because of it, nothing is lost."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.daemon import Daemon, daemon, probe, until
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.zoo import Target, answer, heard, say

# How patient each check is; its target answers some time before that, so that one is often on its way.
TIMEOUTS = (1.0, 1.3, 1.6, 2.0, 2.5, 2.9)
PATIENT = 0.3  # of the time-out; the rest is for a busy machine
HANGS_UP_AFTER = 1.0  # seconds, on whoever says nothing


@dataclass
class Slow(Target):
    """Answers well, after a while; hangs up on whoever takes too long to ask."""

    async def _answer(self, reader: object, writer: object) -> None:
        async with asyncio.timeout(HANGS_UP_AFTER):
            path = (await heard(reader)).split()[1].decode().strip("/")  # type: ignore[arg-type]
        self.hits.append(asyncio.get_running_loop().time())
        await asyncio.sleep(float(path or 0) * PATIENT)
        await say(writer, answer(b"well"))  # type: ignore[arg-type]


@asynccontextmanager
async def touchy(folder: Path, post: Post, target: Slow) -> AsyncIterator[Daemon]:
    """One failure is a failure."""
    probes = [
        probe(f"p{number}", f"{target.url}{timeout}", timeout=f"{int(timeout * 1000)}ms", every="100ms")
        for number, timeout in enumerate(TIMEOUTS)
    ]
    async with daemon(folder, post, probes=probes) as it:
        yield it


async def test_three_seconds_of_nothing_are_nobodys_fault(tmp_path: Path) -> None:
    await stands_still(tmp_path, 3.0, 1)


@pytest.mark.soak
async def test_a_minute_of_nothing_is_nobodys_fault(tmp_path: Path) -> None:
    await stands_still(tmp_path, 60.0, 1)


@pytest.mark.soak
async def test_standing_still_again_and_again_is_nobodys_fault(tmp_path: Path) -> None:
    await stands_still(tmp_path, 1.6, 20)


async def stands_still(folder: Path, seconds: float, times: int) -> None:
    async with mail_server() as post, Slow() as target, touchy(folder, post, target) as it:
        for _ in range(times):
            await checks_go_on(target)
            assert it.process is not None
            it.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(seconds)  # as long as it stands still; nothing else is waited for
            it.process.send_signal(signal.SIGCONT)
        await checks_go_on(target)
        await it.ready()
        await checks_go_on(target)

        assert () == it.client.tickets()
        assert [] == post.mails
        it.client.open_ticket("It can still page", "shop")
        await post["ann@example.org"].expects("It can still page")
        assert 0 == await it.stop()


async def checks_go_on(target: Slow) -> None:
    """Each probe has been checked some times more."""
    wanted = len(target.hits) + 3 * len(TIMEOUTS)
    await until(lambda: len(target.hits) >= wanted, why="nobody checks")
