"""log: it has its length from the start on, and what is in it is copied in a pause."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitord.core.check import CheckResult, Outcome
from monitord.core.health import Health
from monitord.store import Batch, Entry, Store
from monitord.store.log import COPY_AFTER, LOG_BYTES, SHORT_BYTES, Pauses
from tests.fakes.disk import small_disk
from tests.fakes.new_store import new_store
from tests.fakes.patience import WITHIN

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(new_store(tmp_path), now=NINE)) as it:
        it.begin_term()
        yield it


def commit(store: Store, times: int = 1) -> None:
    for streak in range(1, times + 1):
        fact = CheckResult("web", Outcome.CRITICAL, NINE)
        store.commit(Batch(store.term, "r1", (Entry(fact, NINE, (Health("web", streak=streak),)),)))


def facts_in(store_file: Path) -> int:
    """How many facts that file has, with its log if it is beside it."""
    with closing(sqlite3.connect(store_file)) as connection:
        assert ("ok",) == connection.execute("PRAGMA integrity_check").fetchone()
        (found,) = connection.execute("SELECT count(*) FROM journal").fetchone()
        return int(found)


def photographed(store: Store, to: Path, *names: str) -> Path:
    """These files, as a power cut would leave them."""
    to.mkdir()
    for name in names:
        (to / name).write_bytes((store.folder / name).read_bytes())
    return to / names[0]


def test_commits_do_not_make_it_longer(store: Store) -> None:
    store.log.lengthen()
    commit(store, 50)

    assert LOG_BYTES == store.log.path.stat().st_size


def test_after_a_power_cut_a_long_log_says_what_was_committed(store: Store, tmp_path: Path) -> None:
    commit(store, 3)
    store.log.lengthen()
    commit(store, 4)
    cut = photographed(store, tmp_path / "cut", "live.sqlite3", "live.sqlite3-wal")

    assert 7 == facts_in(cut)


def test_a_log_of_nothing_but_zeros_is_an_empty_log(store: Store, tmp_path: Path) -> None:
    commit(store, 3)
    store.close()
    (tmp_path / "live.sqlite3-wal").write_bytes(bytes(LOG_BYTES))

    with closing(Store.open(tmp_path, now=NINE)) as again:
        again.begin_term()
        commit(again, 2)
        assert 5 == facts_in(tmp_path / "live.sqlite3")


def test_a_small_disk_has_no_room_for_a_long_log(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, closing(Store.open(disk, now=NINE)) as store:
        store.log.lengthen()

        assert SHORT_BYTES == store.log.path.stat().st_size < LOG_BYTES


def test_what_was_copied_is_in_the_store_itself(store: Store, tmp_path: Path) -> None:
    commit(store, 5)
    store.log.copy()

    assert 5 == facts_in(photographed(store, tmp_path / "alone", "live.sqlite3"))


def test_a_log_that_was_copied_begins_anew(store: Store) -> None:
    commit(store, 20)
    length = store.log.path.stat().st_size
    store.log.copy()
    commit(store, 10)

    assert length == store.log.path.stat().st_size


async def test_copying_waits_for_enough_facts_and_then_for_a_pause() -> None:
    copied = asyncio.Event()
    pauses = Pauses(copied.set)

    pauses.committed(COPY_AFTER - 1)
    assert pauses.ring is None
    pauses.committed(1)
    async with asyncio.timeout(WITHIN):
        await copied.wait()

    assert 0 == pauses.facts


async def test_another_commit_puts_the_copying_off() -> None:
    pauses = Pauses(lambda: None)

    pauses.committed(COPY_AFTER)
    first = pauses.ring
    pauses.committed(1)
    pauses.end()

    assert first is not None and first.cancelled()
    assert pauses.ring is not None and pauses.ring.cancelled()
