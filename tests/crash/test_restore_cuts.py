"""A restore is killed at every step it takes: what is there afterwards is the old store or the new, whole.

Each step that Python can see (opening, renaming, removing, making folders, connecting to a database) is a
point; the process is killed there, really, and whoever opens the store next finds one of two worlds.
"""

import os
import shutil
import signal
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitord.core.check import CheckResult, Outcome
from monitord.core.health import Health
from monitord.core.world import Configuration
from monitord.store import Batch, Entry, Store, replay
from monitord.store.backup import back_up
from monitord.store.restore import restore
from monitord.store.swap import RESTORED
from tests.crash.decided import content

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
SEEN = ("open", "os.", "shutil.", "sqlite3.", "tempfile.")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has gone on since its backup was made; both lie in the folder."""
    folder = tmp_path_factory.mktemp("before")
    with closing(Store.open(folder / "var", now=NOW)) as store:
        store.begin_term()
        commit(store, "then")
        back_up(store.folder, folder / "one.tar.gz", NOW)
        commit(store, "since")
    return folder


def commit(store: Store, probe: str) -> None:
    fact = CheckResult(probe, Outcome.CRITICAL, NOW, "")
    store.commit(Batch(store.term, "r1", (Entry(fact, NOW, (Health(probe, streak=1),)),)))


def killed_at(folder: Path, cut_at: int) -> bool:
    """Restore in a process that is killed at its step of that number. Was it?"""
    child = os.fork()
    if not child:
        restore_and_die(folder, cut_at)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"the process ended with {status}"
    return status == signal.SIGKILL


def restore_and_die(folder: Path, cut_at: int) -> None:
    """The life of the child; it never returns into the test."""
    steps = iter(range(cut_at))

    def look(event: str, arguments: Any) -> None:
        if event.startswith(SEEN) and str(folder) in str(arguments) and next(steps, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        sys.addaudithook(look)
        restore(folder / "one.tar.gz", folder / "var", NOW)
        code = 0
    finally:
        os._exit(code)


def found(folder: Path) -> tuple[str, list[str]]:
    """What the next start finds: its epoch and its probes."""
    with closing(Store.open(folder / "var", now=NOW)) as store:
        world = store.load(Configuration())
        assert content(world) == content(replay(store, Configuration()))
        assert "" == store.reads.check()
        return store.epoch, [health.probe for health in world.all(Health)]


def test_a_restore_killed_at_many_a_step_is_done_or_was_never_begun(before: Path, tmp_path: Path) -> None:
    cut_everywhere(before, tmp_path, 5)


@pytest.mark.soak
def test_a_restore_killed_at_any_step_is_done_or_was_never_begun(before: Path, tmp_path: Path) -> None:
    cut_everywhere(before, tmp_path, 1)


def cut_everywhere(before: Path, tmp_path: Path, stride: int) -> None:
    """At each step whose number is a multiple of the stride, until there is no such step."""
    old, cut_at, was_killed = found(shutil.copytree(before, tmp_path / "old")), 0, True
    worlds = []
    while was_killed:
        folder = shutil.copytree(before, tmp_path / str(cut_at))
        was_killed = killed_at(folder, cut_at)
        decided = (folder / "var" / RESTORED).exists()
        epoch, probes = found(folder)
        assert (old[0], ["since", "then"]) == (epoch, probes) or (epoch != old[0] and ["then"] == probes)
        assert not decided or ["then"] == probes, "what was decided is done"
        assert leftovers(folder) <= {"before-restore-20260105T090000Z"}
        worlds.append(probes)
        shutil.rmtree(folder)
        cut_at += stride

    assert worlds == sorted(worlds, key=len, reverse=True), "first the old one, from some step on the new one"
    assert ["then"] == worlds[-1]
    assert len([world for world in worlds if world == ["then"]]) > 1
    assert cut_at > 30


def leftovers(folder: Path) -> set[str]:
    """Folders in the store's folder, and files that are no store's."""
    usual = {"live.sqlite3", "measurements.sqlite3", "lock", "ballast"}
    return {
        path.name
        for path in (folder / "var").iterdir()
        if not path.name.removesuffix("-wal").endswith("-shm")
    } - usual
