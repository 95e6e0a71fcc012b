"""kill -9 of the real daemon at seeded instants: every outage and every report is paged, few mails twice."""

import asyncio
from hashlib import sha256
from pathlib import Path

import pytest

from tests.crash.outages import (
    TAKEN,
    WINDOWS,
    each_message_is_one,
    each_outage_was_paged,
    each_report_was_paged,
    nothing_is_corrupt,
    scene,
)
from tests.fakes.daemon import until

SOON = 3
LATEST = 30  # moments after something broke: a check of it, or a step of a conversation with the mail server


def drawn(seed: str, number: int) -> tuple[int, str]:
    """The same for the same seed; every other one right between a mail that was taken and the word of it."""
    luck = int.from_bytes(sha256(f"{seed}/{number}".encode()).digest()[:4], "big")
    return (1 + luck % SOON, TAKEN) if number % 2 else (1 + luck % LATEST, "")


async def test_a_kill_loses_nothing(tmp_path: Path) -> None:
    await killed_again_and_again(tmp_path, "a few", 1)


@pytest.mark.soak
@pytest.mark.parametrize("quarter", range(4))
async def test_kills_at_a_hundred_moments_lose_nothing(quarter: int, tmp_path: Path) -> None:
    doubled = await killed_again_and_again(tmp_path, f"quarter {quarter}", 25)

    assert 0 < doubled, "some kill fell between a mail and the word of it"


async def killed_again_and_again(folder: Path, seed: str, kills: int) -> int:
    """Each time something is broken, and something is being reported; how many mails came twice."""
    async with scene(folder) as it:
        for number in range(kills):
            name = f"w{number % WINDOWS}"
            await it.mended(name)
            it.moments.arm(*drawn(seed, number))
            it.breaks(name)
            async with asyncio.TaskGroup() as group:
                group.create_task(it.sender.reports(f"report {number}"))
                await until(lambda: it.dead, why="waiting for the moment")
                await it.restarted()
            await until(lambda report=f"report {number}": it.paged(report), why="a report came to nothing")
            await it.sender.reports(f"report {number}", "ok")
        for name in list(it.outages):
            await it.mended(name)
        assert 0 == await it.daemon.stop()
        each_outage_was_paged(it)
        each_report_was_paged(it)
        doubled = each_message_is_one(it)
        nothing_is_corrupt(it.daemon)
    return doubled
