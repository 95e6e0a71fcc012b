"""Every write, fsync and send of a daemon in a ticket's life as a kill point, by strace.

A running daemon is traced from its readiness on, and killed on its way into the Nth call of one kind (counted
for each of its threads). The soak goes through all N until a life goes by in which there is no such call.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.outages import (
    WINDOWS,
    Scene,
    each_message_is_one,
    each_outage_was_paged,
    nothing_is_corrupt,
    scene,
)
from tests.fakes.daemon import until

# How SQLite writes, how it makes that last, and how the loop speaks (to mail servers, visitors, itself).
CALLS = ("pwrite64", "fdatasync", "write", "sendmsg", "sendto", "writev", "ftruncate", "unlink")
SHARES = 4
SLICE = (("pwrite64", 9),)
ATTACHED = b"attached"

pytestmark = [
    pytest.mark.skipif(shutil.which("strace") is None, reason="apt-get install strace"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <sock:pytest.PytestUnraisableExceptionWarning"),
]


@contextmanager
def killed_at(pid: int, call: str, number: int) -> Iterator[None]:
    """Trace it, and kill it as it enters this call for that time."""
    words = ["strace", "-f", "-p", str(pid), "-o", "/dev/null"]
    words += ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
    tracer = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if ATTACHED not in said:
            pytest.skip(f"this process may not be traced: {said.decode(errors='replace').strip()}")
        yield
    finally:
        tracer.terminate()
        tracer.communicate()


async def lived(it: Scene, name: str, call: str, number: int) -> bool:
    """A ticket's life: something breaks, ann hears of it, it is repaired, the ticket ends. Was it killed?"""
    assert it.daemon.process is not None
    kills = it.kills
    with killed_at(it.daemon.process.pid, call, number):
        it.breaks(name)
        await until(lambda: it.dead or it.heard_of(name), why=f"nobody was paged for {name}")
        if not it.dead:
            it.windows.broken.discard(name)
            await until(lambda: it.dead or it.over(name), why=f"the ticket of {name} is still open")
    if it.dead:
        await it.restarted()
    await it.mended(name)
    await until(lambda: it.over(name), why=f"the ticket of {name} is still open")
    return it.kills > kills


async def all_is_well(it: Scene) -> None:
    assert 0 == await it.daemon.stop()
    each_outage_was_paged(it)
    each_message_is_one(it)
    nothing_is_corrupt(it.daemon)


async def test_a_few_points_lose_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as it:
        for number, point in enumerate(SLICE):
            assert await lived(it, f"w{number % WINDOWS}", *point), f"{point} is on nobody's way"
        await all_is_well(it)


@pytest.mark.soak
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("call", CALLS)
async def test_every_point_loses_nothing(call: str, share: int, tmp_path: Path) -> None:
    """Figure A1."""
    number = 1 + share
    async with scene(tmp_path) as it:
        while await lived(it, f"w{it.kills % WINDOWS}", call, number):
            number += SHARES
        await all_is_well(it)
        print(f"\n{call}: {it.kills} points, up to number {number - SHARES}")
