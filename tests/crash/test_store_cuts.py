"""A cut at every statement of the store: what was acknowledged is there, and nothing is there by halves.

Three kinds of cut. The process is killed before statement n. The power goes before statement n: the database
and its log, copied at that instant, are all there is. The power goes while the log is written: its end is
missing, from any byte on.
"""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from monitord.store import Store, replay
from tests.crash.decided import CONFIGURATION, START, content, decided, new_world

FILES = ("live.sqlite3", "live.sqlite3-wal")
TORN_AT = 60

Found = tuple[dict[Any, Any], int]  # a world, and how many facts its journal has


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store, closed: every run begins with a copy of it."""
    folder = tmp_path_factory.mktemp("empty")
    Store.open(folder, now=START).close()
    return folder


@pytest.fixture(scope="module")
def right(empty: Path) -> list[Found]:
    """What a start must find after no commit, after the first, … after all of the story."""
    store = Store.open(empty, now=START)
    store.close()
    world, facts = new_world(store.epoch), 0
    states = [(content(world), facts)]
    for batch in decided(new_world(store.epoch), 1):
        world.apply(record for entry in batch.entries for record in entry.records)
        facts += len(batch.entries)
        states.append((content(world), facts))
    return states


def live_through(store: Store, acknowledged: Callable[[], None]) -> None:
    """Begin the term and commit the whole story."""
    for batch in decided(new_world(store.epoch), store.begin_term()):
        store.commit(batch)
        acknowledged()


def at_every_point(store: Store, look: Callable[[], None]) -> None:
    """Call `look` before every statement of the writer, and before every commit."""
    for name in ("before_cursor_execute", "commit"):
        event.listen(store.decisions.database.engine, name, lambda *_: look())


def killed_at(empty: Path, folder: Path, cut_at: int) -> tuple[int, bool]:
    """Live through the story in a process killed at that point: acknowledged commits, and if it was."""
    shutil.copytree(empty, folder)
    hear, tell = os.pipe()
    child = os.fork()
    if not child:
        run_and_die(folder, tell, cut_at)
    os.close(tell)
    with os.fdopen(hear, "rb") as pipe:
        acknowledged = len(pipe.read())
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), f"the process ended with {status}"
    return acknowledged, status == signal.SIGKILL


def run_and_die(folder: Path, tell: int, cut_at: int) -> None:
    """The life of the child; it never returns into the test."""
    points = iter(range(cut_at))

    def die_at_the_last() -> None:
        if next(points, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        store = Store.open(folder, now=START)
        at_every_point(store, die_at_the_last)
        live_through(store, lambda: said(tell))
        code = 0
    finally:
        os._exit(code)


def said(tell: int) -> None:
    os.write(tell, b".")


def found_in(folder: Path) -> Found:
    """What a start finds: the world (the same by its records and by its journal), and how many facts."""
    store = Store.open(folder, now=START)
    try:
        world = content(store.load(CONFIGURATION))
        assert world == content(replay(store, CONFIGURATION))
        assert [] == store.notes
        return world, len(store.reads.journal())
    finally:
        store.close()


def test_the_process_is_killed_before_a_third_of_the_statements(
    empty: Path, right: list[Found], tmp_path: Path
) -> None:
    killed_before_every(3, empty, right, tmp_path)


@pytest.mark.soak
def test_the_process_is_killed_before_any_statement(empty: Path, right: list[Found], tmp_path: Path) -> None:
    killed_before_every(1, empty, right, tmp_path)


def killed_before_every(step: int, empty: Path, right: list[Found], tmp_path: Path) -> None:
    acknowledged, cut_at, killed = 0, 0, True
    while killed:
        folder = tmp_path / str(cut_at)
        acknowledged, killed = killed_at(empty, folder, cut_at)
        assert right[acknowledged] == found_in(folder), f"cut at point {cut_at}"
        cut_at += step

    assert acknowledged == len(right) - 1
    assert cut_at > 5 * len(right)


def test_the_power_goes_before_any_statement(empty: Path, right: list[Found], tmp_path: Path) -> None:
    images = powered_off_everywhere(empty, tmp_path)

    for folder, acknowledged in images:
        assert right[acknowledged] == found_in(folder), f"cut at {folder.name}"
    assert len(images) > 5 * len(right)


def powered_off_everywhere(empty: Path, tmp_path: Path) -> list[tuple[Path, int]]:
    """The files as they were before each statement, each with the number of acknowledged commits."""
    store = Store.open(Path(shutil.copytree(empty, tmp_path / "store")), now=START)
    images: list[tuple[Path, int]] = []
    acknowledged: list[None] = []

    def photograph() -> None:
        images.append((image(store.folder, tmp_path / f"image{len(images)}"), len(acknowledged)))

    at_every_point(store, photograph)
    live_through(store, lambda: acknowledged.append(None))
    store.close()
    return images


def image(source: Path, target: Path) -> Path:
    """The database and its log; the shared memory beside them is lost with the power."""
    target.mkdir()
    for name in FILES:
        shutil.copyfile(source / name, target / name)
    return target


def test_the_power_goes_while_the_log_is_written(empty: Path, right: list[Found], tmp_path: Path) -> None:
    """However much of the log's end is missing, the commits before it are whole, and no other is there."""
    store = Store.open(Path(shutil.copytree(empty, tmp_path / "store")), now=START)
    live_through(store, lambda: None)
    whole = image(store.folder, tmp_path / "whole")
    store.close()

    found = [found_in(torn(whole, tmp_path / str(length), length)) for length in lengths(whole)]

    commits = [right.index(each) for each in found]
    assert commits == sorted(commits)
    assert (0, len(right) - 1) == (commits[0], commits[-1])
    assert len(set(commits)) > len(right) // 2


def lengths(whole: Path) -> list[int]:
    """From nothing to all of the log, in steps that meet frames anywhere."""
    size = (whole / FILES[1]).stat().st_size
    return [*range(0, size, size // TORN_AT), size]


def torn(whole: Path, target: Path, length: int) -> Path:
    image(whole, target)
    os.truncate(target / FILES[1], length)
    return target
