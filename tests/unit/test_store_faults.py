"""What goes wrong with files: every refusal is a sentence that says what would help."""

import fcntl
import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitord.core.check import CheckResult, Outcome
from monitord.core.health import Health
from monitord.core.world import Configuration
from monitord.store import Batch, Entry, Measurement, Store, StoreError, StoreRefused
from monitord.store.faults import (
    StoreBusy,
    StoreDamaged,
    StoreFailing,
    StoreFull,
    StoreGone,
    StoreInUse,
    StoreTooNew,
    StoreUnreadable,
    StoreUnwritable,
)
from tests.fakes.new_store import new_store

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SHORT = timedelta(milliseconds=50)
CHECKED = Measurement("web", NINE, Outcome.OK, timedelta(seconds=1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store that was used and closed."""
    with closing(opened(new_store(tmp_path / "store"))) as store:
        commit(store, "web", store.begin_term())
        store.measure([CHECKED])
    return tmp_path / "store"


def opened(folder: Path) -> Store:
    return Store.open(folder, now=NINE, busy=SHORT)


def commit(store: Store, probe: str, term: int, summary: str = "") -> None:
    fact = CheckResult(probe, Outcome.CRITICAL, NINE, summary)
    store.commit(Batch(term, "r1", (Entry(fact, NINE, (Health(probe, streak=1),)),)))


def probes(store: Store) -> list[str]:
    return [health.probe for health in store.load(Configuration()).all(Health)]


def test_a_second_monitord_is_refused_while_the_first_lives(folder: Path) -> None:
    said = rf"in use by another monitord \(process {os.getpid()}\); stop"

    with closing(opened(folder)), pytest.raises(StoreInUse, match=said):
        opened(folder)
    opened(folder).close()


def test_a_refused_open_leaves_nothing_locked(folder: Path) -> None:
    (folder / "live.sqlite3").write_bytes(b"\0" * 4096 + b"not a database" * 500)

    for _ in range(2):
        with pytest.raises(StoreUnreadable):
            opened(folder)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnwritable, match="cannot be created: Not a directory; create it"):
        opened(tmp_path / "file" / "store")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "live.sqlite3").mkdir()

    with pytest.raises(StoreUnwritable, match=r"live\.sqlite3 cannot be written: Is a directory"):
        opened(tmp_path)


def test_a_lock_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()

    with pytest.raises(StoreUnwritable, match="lock cannot be written: Is a directory; give the account"):
        opened(tmp_path)


def test_a_newer_schema_is_refused_and_left_as_it_is(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "live.sqlite3")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreTooNew, match=r"written by a newer monitord \(schema 9999; this one"):
        opened(folder)


def test_something_else_than_a_database_is_refused(folder: Path) -> None:
    (folder / "live.sqlite3").write_bytes(b"Dear diary, " * 1000)

    with pytest.raises(StoreUnreadable, match="file is not a database; stop monitord, keep a copy"):
        opened(folder)


def test_a_damaged_page_is_found_at_the_start(folder: Path) -> None:
    overwrite(folder / "live.sqlite3", after=4096 * 3)

    with pytest.raises(StoreUnreadable, match="restore the newest backup"):
        opened(folder)


def test_damage_in_history_stops_no_start_and_is_found_by_asking(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "live.sqlite3")) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'journal'").fetchone()[0]
    with (folder / "live.sqlite3").open("r+b") as file:
        file.seek(4096 * (page - 1))
        file.write(b"\x55" * 4096)

    with closing(opened(folder)) as store:
        assert ["web"] == probes(store)
        assert store.reads.check()
        with pytest.raises(StoreDamaged, match="keep a copy of the whole folder"):
            store.reads.journal()


def test_a_sound_store_is_found_sound(folder: Path) -> None:
    with closing(opened(folder)) as store:
        assert "" == store.reads.check()


def test_every_refusal_is_one_kind_to_catch() -> None:
    refusals = (StoreInUse, StoreUnwritable, StoreTooNew, StoreUnreadable)

    assert all(issubclass(kind, StoreRefused) and issubclass(kind, StoreError) for kind in refusals)


def test_damaged_measurements_are_put_aside(folder: Path) -> None:
    (folder / "measurements.sqlite3").write_bytes(b"Dear diary, " * 1000)

    with closing(opened(folder)) as store:
        store.measure([CHECKED])

        aside = folder / "measurements.sqlite3.unreadable-20260105T090000Z"
        assert [CHECKED] == store.measurements.recent_checks("web")
        assert [f"measurements.sqlite3 could not be used; it is {aside} now"] == store.notes
        assert aside.read_bytes().startswith(b"Dear diary")
        assert ["web"] == probes(store)


def test_missing_measurements_are_begun_anew(folder: Path) -> None:
    (folder / "measurements.sqlite3").unlink()

    with closing(opened(folder)) as store:
        assert [] == store.measurements.recent_checks("web")
        assert ["web"] == probes(store)


def test_measurements_deleted_under_us_are_begun_anew(folder: Path) -> None:
    with closing(opened(folder)) as store:
        for file in folder.glob("measurements.sqlite3*"):
            file.unlink()

        store.measure([CHECKED])

        assert [CHECKED] == store.measurements.recent_checks("web")


def test_measurements_damaged_under_us_are_put_aside(folder: Path) -> None:
    with closing(opened(folder)) as store:
        store.measure([CHECKED] * 1000)
        store.measurements.close()
        overwrite(folder / "measurements.sqlite3", after=4096 * 2)

        store.measure([CHECKED])

        assert 1 == len(store.measurements.recent_checks("web"))
        assert "could not be used" in store.measurements.notes[0]


def overwrite(path: Path, after: int) -> None:
    """Leave nothing as it was beyond the first bytes."""
    with path.open("r+b") as file:
        file.seek(after)
        file.write(b"\x55" * (path.stat().st_size - after))


def test_measurements_that_cannot_be_kept_stop_no_decision(folder: Path) -> None:
    for file in folder.glob("measurements.sqlite3*"):
        file.unlink()
    (folder / "measurements.sqlite3").mkdir()

    with closing(opened(folder)) as store:
        commit(store, "mail", store.begin_term())

        assert "no measurements can be kept for now" in store.notes[0]
        with pytest.raises(StoreError, match="Is a directory"):
            store.measure([CHECKED])

        (folder / "measurements.sqlite3").rmdir()
        store.measure([CHECKED])
        assert [CHECKED] == store.measurements.recent_checks("web")


def test_decisions_that_are_gone_at_the_start_are_noted(folder: Path) -> None:
    (folder / "live.sqlite3").unlink()

    with closing(opened(folder)) as store:
        assert [] == probes(store)
        assert "live.sqlite3 was gone: a new store was begun" in store.notes[0]


def test_nothing_is_acknowledged_into_a_deleted_file(folder: Path) -> None:
    with closing(opened(folder)) as store:
        term = store.begin_term()
        (folder / "live.sqlite3").rename(folder / "elsewhere")

        with pytest.raises(StoreGone, match=r"live\.sqlite3 was deleted; stop monitord, put the file"):
            commit(store, "mail", term)

        (folder / "elsewhere").rename(folder / "live.sqlite3")
        commit(store, "shop", term)
        assert ["shop", "web"] == probes(store)


def test_nothing_is_acknowledged_beside_a_replaced_file(folder: Path) -> None:
    with closing(opened(folder)) as store:
        term = store.begin_term()
        (folder / "copy").write_bytes((folder / "live.sqlite3").read_bytes())
        (folder / "copy").replace(folder / "live.sqlite3")

        with pytest.raises(StoreGone, match="was replaced by another file; restart monitord"):
            commit(store, "mail", term)


def test_somebody_elses_lock_is_waited_for_and_then_named(folder: Path) -> None:
    with closing(opened(folder)) as store:
        term = store.begin_term()
        with closing(sqlite3.connect(folder / "live.sqlite3", isolation_level=None)) as stranger:
            stranger.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusy, match="database is locked; another process holds it"):
                commit(store, "mail", term)
            assert ["web"] == probes(store)

            stranger.execute("ROLLBACK")
            commit(store, "mail", term)
        assert ["mail", "web"] == probes(store)


def test_a_lock_held_at_the_start_is_refused_in_words(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "live.sqlite3", isolation_level=None)) as stranger:
        stranger.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreInUse, match="another process holds it locked"):
            opened(folder)


def test_a_full_disk_says_to_make_room_and_heals_by_itself(folder: Path) -> None:
    with closing(opened(folder)) as store:
        term = store.begin_term()
        limit_pages(store, to="page_count")

        with pytest.raises(StoreFull, match="database or disk is full; make room"):
            commit(store, "mail", term, "x" * 100_000)
        assert ["web"] == probes(store)

        limit_pages(store, to="1000000")
        commit(store, "shop", term, "x" * 100_000)
        assert ["shop", "web"] == probes(store)


def limit_pages(store: Store, to: str) -> None:
    """Let the file grow to so many pages and no further, as a full disk would."""
    connection = store.decisions.database.opened()
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar() if to == "page_count" else to
    connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    connection.rollback()


def test_a_failing_disk_is_named_and_the_file_opened_anew(folder: Path) -> None:
    with closing(opened(folder)) as store:
        term = store.begin_term()

        with no_file_may_grow(), pytest.raises(StoreFailing, match="disk I/O error; look into the kernel"):
            commit(store, "mail", term, "x" * 300_000)
        assert store.decisions.database.connection is None

        commit(store, "shop", term)
        assert ["shop", "web"] == probes(store)


@contextmanager
def no_file_may_grow() -> Iterator[None]:
    """The kernel refuses every write beyond 64 KiB of any file of this process."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_foreign_lock_that_names_nobody_is_refused_too(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        with pytest.raises(StoreInUse, match="process unknown"):
            opened(tmp_path)
