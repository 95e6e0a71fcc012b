"""What stays open after whoever opened it has gone."""

import asyncio
from pathlib import Path

from tests.fakes import zoo
from tests.fakes.patience import WITHIN


async def everybody_left(it: zoo.Cage) -> None:
    """The server has noticed that every connection is closed; if one stays open, the deadline says so."""
    async with asyncio.timeout(WITHIN):
        for _ in range(5):
            await asyncio.sleep(0.01)
            if it.visitors:
                await asyncio.wait(it.visitors)


def sockets() -> int:
    """How many descriptors of this process are sockets."""
    count = 0
    for path in Path("/proc/self/fd").iterdir():
        try:
            count += str(path.readlink()).startswith("socket:")
        except FileNotFoundError:  # the one that lists the folder
            continue
    return count
