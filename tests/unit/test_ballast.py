"""Ballast: it goes when a decision needs the room, and comes back when there is some."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitord.core.check import CheckResult, Outcome
from monitord.core.health import Health
from monitord.store import Batch, Entry, Measurement, Store
from monitord.store.ballast import BALLAST_BYTES
from monitord.store.faults import StoreFull
from monitord.store.inbox import Arrival
from monitord.store.reserve import PORTION, RESERVE
from tests.fakes.disk import MIB, fill, small_disk
from tests.fakes.new_store import new_store

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
CHECKED = Measurement("web", NINE, Outcome.OK, timedelta(seconds=1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(new_store(tmp_path), now=NINE)) as it:
        it.begin_term()
        yield it


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Store]:
    """A store in use, on a disk that is full."""
    with small_disk(tmp_path / "disk") as disk, closing(Store.open(disk, now=NINE)) as it:
        it.begin_term()
        fill(disk)
        yield it


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    """The same, after the daemon has filled up the room inside."""
    with small_disk(tmp_path / "disk", 24 * MIB) as disk, closing(Store.open(disk, now=NINE)) as it:
        it.begin_term()
        it.log.lengthen()
        it.ballast.keep()
        fill(disk)
        yield it


def commit(store: Store, probe: str = "web", summary: str = "") -> None:
    fact = CheckResult(probe, Outcome.CRITICAL, NINE, summary)
    store.commit(Batch(store.term, "r1", (Entry(fact, NINE, (Health(probe, streak=1),)),)))


def arrival() -> Arrival:
    return Arrival(NINE, "prometheus", "POST", "/in/prometheus", (), (), b"{}")


def test_a_store_has_its_ballast_from_the_start(store: Store, tmp_path: Path) -> None:
    found = (tmp_path / "ballast").stat()

    assert BALLAST_BYTES == found.st_size <= found.st_blocks * 512
    assert not store.ballast.given_up


def test_it_is_given_up_when_a_decision_cannot_be_stored(full: Store) -> None:
    for number in range(40):
        commit(full, f"p{number}", "x" * 4000)

    assert full.ballast.given_up
    assert not (full.folder / "ballast").exists()
    assert 40 == full.decisions.seq


def test_then_only_decisions_are_stored(store: Store) -> None:
    store.ballast.give_up()

    with pytest.raises(StoreFull, match="is full, and the room that is left belongs to pages"):
        store.measure([CHECKED])
    with pytest.raises(StoreFull, match="what comes in is refused; make room"):
        store.inbox.receive(store.term, [arrival()])
    commit(store)


def test_it_comes_back_and_all_is_as_before(store: Store, tmp_path: Path) -> None:
    store.ballast.give_up()
    store.ballast.take_on()

    assert BALLAST_BYTES == (tmp_path / "ballast").stat().st_size
    store.measure([CHECKED])
    store.inbox.receive(store.term, [arrival()])


def test_it_is_not_taken_on_while_there_is_no_room(full: Store) -> None:
    for number in range(40):
        commit(full, f"p{number}", "x" * 4000)
    full.ballast.take_on()

    assert full.ballast.given_up
    assert not (full.folder / "ballast").exists()


def test_half_a_ballast_is_made_whole(tmp_path: Path) -> None:
    (tmp_path / "ballast").write_bytes(b"half")
    with closing(Store.open(tmp_path, now=NINE)):
        assert BALLAST_BYTES == (tmp_path / "ballast").stat().st_size


def test_hundreds_of_decisions_fit_into_the_room_it_leaves(full: Store) -> None:
    """The log is begun anew early: what it takes is what they hold."""
    for number in range(500):
        commit(full, f"p{number % 9}", "x" * 1500)

    with closing(sqlite3.connect(full.folder / "live.sqlite3")) as connection:
        assert ("ok",) == connection.execute("PRAGMA integrity_check").fetchone()
        assert (500,) == connection.execute("SELECT count(*) FROM journal").fetchone()


def test_a_start_on_a_full_disk_is_a_start(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        Store.open(disk, now=NINE).close()
        fill(disk)
        with closing(Store.open(disk, now=NINE)) as store:
            store.begin_term()
            commit(store)


def many(store: Store, decisions: int) -> None:
    """Each as large as a ticket with its pages, while somebody else takes every byte there is."""
    for number in range(decisions):
        fill(store.folder)
        commit(store, f"p{number}", "x" * 20_000)


def test_the_room_inside_is_the_stores_own_whoever_else_writes(kept: Store) -> None:
    assert RESERVE <= kept.ballast.reserve.pages

    many(kept, 150)

    assert kept.ballast.lies_there(), "the second line was not needed yet"


def test_the_ballast_is_the_second_line_and_nobody_else_gets_it(kept: Store) -> None:
    while kept.ballast.lies_there():
        many(kept, 1)
        kept.ballast.keep()

    assert kept.ballast.given_up
    assert 150 <= kept.decisions.seq
    many(kept, 80)


def test_it_ends_where_nothing_is_left_and_goes_on_with_room(kept: Store) -> None:
    with pytest.raises(StoreFull):
        many(kept, 1000)
    (kept.folder / "filler").unlink()
    kept.ballast.keep()
    commit(kept, "after")

    assert not kept.ballast.given_up and kept.ballast.lies_there()
    assert "" == kept.reads.check()


def test_a_full_disk_is_noticed_before_a_decision_needs_the_ballast(kept: Store) -> None:
    kept.ballast.keep()

    assert kept.ballast.given_up and kept.ballast.lies_there()
    kept.ballast.keep()
    assert kept.ballast.given_up, "not over just because the ballast lies there"


def test_the_reserve_is_filled_up_when_half_of_it_is_used(store: Store) -> None:
    store.ballast.keep()
    for number in range(120):
        commit(store, f"p{number}", "x" * 20_000)
    left = store.ballast.reserve.pages
    store.ballast.keep()

    assert left < RESERVE / 2 <= store.ballast.reserve.pages


def test_what_a_crash_has_left_of_filling_up_is_released(store: Store, tmp_path: Path) -> None:
    store.ballast.reserve.take()
    store.close()

    with closing(Store.open(tmp_path, now=NINE)) as again:
        assert PORTION <= again.ballast.reserve.pages
