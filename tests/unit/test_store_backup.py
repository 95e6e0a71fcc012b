"""Backups: a copy of a store in use that is whole, believed only after it was seen whole, and restored."""

import gzip
import io
import os
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from monitord.core.check import CheckResult, Outcome
from monitord.core.facts import Installation
from monitord.core.health import Health
from monitord.core.restored import InstallationRestored
from monitord.core.world import Configuration
from monitord.store import Batch, Entry, Measurement, Store
from monitord.store.accounts import Account
from monitord.store.archive import read_manifest
from monitord.store.backup import back_up, back_up_closed, forget, kept, looked_at
from monitord.store.faults import BackupFailed, BackupRefused, StoreInUse, StoreRefused, StoreTooNew
from monitord.store.feeds import Renewal
from monitord.store.lock import lies_at
from monitord.store.restore import restore, verify
from monitord.store.store import replay
from monitord.store.tokens import Wish, granted
from tests.crash.decided import content
from tests.fakes.new_store import new_store

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BIG = 20_000  # characters in a summary, so that a copy takes more than one step


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in use, with one decision and one measurement."""
    with closing(Store.open(new_store(tmp_path / "var"), now=NINE)) as it:
        it.begin_term()
        commit(it, "web")
        it.measure([Measurement("web", NINE, Outcome.OK, timedelta(seconds=1))])
        yield it


@pytest.fixture
def archive(store: Store, tmp_path: Path) -> Path:
    return back_up(store.folder, tmp_path / "one.tar.gz", NINE).path


def commit(store: Store, probe: str, summary: str = "") -> None:
    fact = CheckResult(probe, Outcome.CRITICAL, NINE, summary)
    records = (Health(probe, streak=1), Installation(store.epoch, 12))
    store.commit(Batch(store.term, "r1", (Entry(fact, NINE, records),)))


def probes(store: Store) -> list[str]:
    return [health.probe for health in store.load(Configuration()).all(Health)]


def opened(folder: Path) -> "closing[Store]":
    return closing(Store.open(folder, now=NINE))


# Making one.


def test_a_store_in_use_comes_back_as_it_was(store: Store, archive: Path, tmp_path: Path) -> None:
    commit(store, "later")

    restore(archive, tmp_path / "other", NINE + HOUR)

    with opened(tmp_path / "other") as again:
        assert ["web"] == probes(again)
        assert ["web"] == [each.probe for each in again.measurements.recent_checks("web")]
        assert [] == again.notes


def test_a_backup_is_its_owners_alone_and_leaves_nothing_beside_it(archive: Path) -> None:
    assert 0o600 == stat.S_IMODE(archive.stat().st_mode)
    assert ["one.tar.gz", "var"] == sorted(path.name for path in archive.parent.iterdir())


def test_what_is_committed_meanwhile_makes_no_half_of_a_copy(store: Store, tmp_path: Path) -> None:
    """The writer never waits, and the copy is of one instant."""
    for number in range(300):
        commit(store, f"before{number}", "x" * BIG)
    copying = Thread(target=back_up, args=(store.folder, tmp_path / "busy.tar.gz", NINE))
    copying.start()
    number = 0
    while copying.is_alive():
        number += 1
        commit(store, f"while{number}")
    copying.join()

    restore(tmp_path / "busy.tar.gz", tmp_path / "other", NINE)
    with opened(tmp_path / "other") as again:
        meanwhile = [probe for probe in probes(again) if probe.startswith("while")]
        assert content(again.load(Configuration())) == content(replay(again, Configuration()))
    assert number > len(meanwhile)


def test_a_manifest_says_what_is_in_it(store: Store, archive: Path) -> None:
    said = read_manifest(archive)

    assert (store.epoch, NINE, 1, "") == (said.epoch, said.created, said.facts, said.lacking)
    assert ["live.sqlite3", "measurements.sqlite3"] == [file.name for file in said.files]


def test_nothing_is_overwritten(store: Store, archive: Path) -> None:
    with pytest.raises(BackupFailed, match=r"one\.tar\.gz exists already, and is left as it is"):
        back_up(store.folder, archive, NINE)


def test_a_folder_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match=r"there is no folder .*nowhere; make it"):
        back_up(store.folder, tmp_path / "nowhere" / "one.tar.gz", NINE)


def test_without_measurements_it_is_still_a_backup(store: Store, tmp_path: Path) -> None:
    store.measurements.close()
    store.measurements.path.write_bytes(b"Dear diary, " * 1000)

    made = back_up(store.folder, tmp_path / "one.tar.gz", NINE)

    assert made.manifest is not None and "without measurements" in made.manifest.lacking
    restore(made.path, tmp_path / "other", NINE)


def test_a_closed_store_is_copied_only_while_nobody_has_it(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreInUse):
        back_up_closed(store.folder, tmp_path / "one.tar.gz", NINE)
    store.close()
    assert ["live.sqlite3"] == [
        file.name for file in read_manifest(back_up_closed(store.folder, tmp_path, NINE).path).files[:1]
    ]


def test_no_store_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="there is no store in"):
        back_up_closed(tmp_path, tmp_path / "one.tar.gz", NINE)


# Which there are.


def test_the_newest_are_kept(store: Store, tmp_path: Path) -> None:
    nights = tmp_path / "nights"
    nights.mkdir()
    for day in range(4):
        back_up(store.folder, nights, NINE + day * 24 * HOUR)
    (nights / "monitord-20260106T120000Z.tar.gz").write_bytes(b"half")

    assert [True, True, False, True, True] == [each.manifest is not None for each in kept(nights)]
    forget(nights, keep=2)

    left = ["monitord-20260108T090000Z.tar.gz", "monitord-20260107T090000Z.tar.gz"]
    assert left == [each.path.name for each in kept(nights)]


def test_what_is_not_ours_is_never_deleted(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    assert [] == forget(tmp_path, keep=0 + 1)
    assert (tmp_path / "notes.txt").exists()


# Restoring.


def test_a_restore_begins_a_new_epoch_and_keeps_the_old_store(
    store: Store, archive: Path, tmp_path: Path
) -> None:
    commit(store, "later")
    before, secret, folder = store.epoch, store.secret, store.folder
    store.close()

    done = restore(archive, folder, NINE + HOUR)

    assert done.aside == folder / "before-restore-20260105T100000Z"
    with opened(folder) as again:
        assert ["web"] == probes(again)
        assert before != again.epoch == done.epoch
        assert secret == again.secret
        told = again.reads.journal(1)[-1].entry.events
        assert (InstallationRestored(done.epoch, before),) == told
    done.aside.joinpath("lock").touch()
    with opened(done.aside) as old:
        assert ["later", "web"] == probes(old)


def test_no_ticket_number_is_given_twice(store: Store, archive: Path) -> None:
    store.commit(
        Batch(
            store.term,
            "r1",
            (Entry(CheckResult("web", Outcome.OK, NINE, ""), NINE, (Installation(store.epoch, 40),)),),
        )
    )
    store.close()

    restore(archive, store.folder, NINE)

    with opened(store.folder) as again:
        assert 40 == again.load(Configuration()).installation.next_ticket


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_restores_belongs_to_the_daemons_account(archive: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, 4711, 4712)

    restore(archive, home / "var", NINE)
    restore(archive, home / "var", NINE + HOUR)

    assert {(4711, 4712)} == {(each.stat().st_uid, each.stat().st_gid) for each in home.rglob("*")}


@pytest.mark.parametrize("table", ["session", "sign_in_link"])
def test_nobody_is_signed_in_after_a_restore(store: Store, tmp_path: Path, table: str) -> None:
    with closing(sqlite3.connect(store.folder / "live.sqlite3")) as connection, connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[3]]
        values = ", ".join("'1'" for _ in columns)
        connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})")
    archive = back_up(store.folder, tmp_path / "one.tar.gz", NINE).path

    restore(archive, tmp_path / "other", NINE)

    with closing(sqlite3.connect(tmp_path / "other" / "live.sqlite3")) as connection:
        assert [(0,)] == connection.execute(f"SELECT count(*) FROM {table}").fetchall()


def test_a_token_that_was_revoked_since_stays_so(store: Store, tmp_path: Path) -> None:
    kept, gone = (granted(Wish(who, True, ("read",), NINE + HOUR), "root", NINE)[1] for who in ("a", "b"))
    store.tokens.keep(kept)
    store.tokens.keep(gone)
    archive = back_up(store.folder, tmp_path / "one.tar.gz", NINE).path
    store.tokens.revoke(gone.id, "root", NINE + HOUR)
    store.close()

    restore(archive, store.folder, NINE + HOUR)

    with opened(store.folder) as again:
        assert {"a": None, "b": NINE + HOUR} == {each.owner: each.revoked for each in again.tokens.all()}


def test_a_token_that_was_revoked_so_long_ago_that_it_is_forgotten_stays_so(
    store: Store, tmp_path: Path
) -> None:
    forgotten = granted(Wish("a", True, ("read",), NINE + 90 * DAY), "root", NINE)[1]
    store.tokens.keep(forgotten)
    archive = back_up(store.folder, tmp_path / "one.tar.gz", NINE).path
    store.tokens.revoke(forgotten.id, "root", NINE + HOUR)
    store.tokens.keep(granted(Wish("b", True, ("read",), NINE + 90 * DAY), "root", NINE + 40 * DAY)[1])
    assert ["b"] == [each.owner for each in store.tokens.all()]
    store.close()

    done = restore(archive, store.folder, NINE + 41 * DAY)

    assert (f"{forgotten.id} of a",) == done.accounts.tokens_revoked
    with opened(store.folder) as again:
        assert [("a", NINE + 41 * DAY)] == [(each.owner, each.revoked) for each in again.tokens.all()]


def test_a_token_that_was_made_after_the_store_that_is_replaced_goes_on(store: Store, tmp_path: Path) -> None:
    """Somebody has restored the wrong one of two backups first."""
    wrong = back_up(store.folder, tmp_path / "one.tar.gz", NINE).path
    store.tokens.keep(granted(Wish("a", True, ("read",), NINE + 90 * DAY), "root", NINE + DAY)[1])
    right = back_up(store.folder, tmp_path / "two.tar.gz", NINE + 2 * DAY).path
    store.close()
    restore(wrong, store.folder, NINE + 3 * DAY)
    done = restore(right, store.folder, NINE + 3 * DAY)

    assert () == done.accounts.tokens_revoked
    with opened(store.folder) as again:
        assert [("a", None)] == [(each.owner, each.revoked) for each in again.tokens.all()]


def test_a_calendar_address_that_was_renewed_since_stays_dead(store: Store, tmp_path: Path) -> None:
    store.feeds.keep(Renewal("person/ann", 1, NINE, "ann"))
    archive = back_up(store.folder, tmp_path / "one.tar.gz", NINE).path
    store.feeds.keep(Renewal("person/ann", 2, NINE + HOUR, "ann"))
    store.feeds.keep(Renewal("rotation/primary", 3, NINE + HOUR, "bo"))
    store.close()

    restore(archive, store.folder, NINE + HOUR)

    with opened(store.folder) as again:
        assert {"person/ann": 2, "rotation/primary": 3} == {
            each.subject: each.number for each in again.feeds.all()
        }


def account(name: str, password: str = "then", administrator: bool = False) -> Account:
    return Account(name, password, administrator, NINE)


def restored_accounts(folder: Path) -> dict[str, tuple[str, bool]]:
    with opened(folder) as again:
        return {each.name: (each.password, each.administrator) for each in again.accounts.accounts()}


def access_log(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "live.sqlite3")) as connection:
        return [f"{who} {did}" for who, did in connection.execute("SELECT who, did FROM access_log")]


def test_an_account_that_was_removed_since_stays_so_and_is_named(store: Store, tmp_path: Path) -> None:
    for name in ("ann", "bo", "eve"):
        store.accounts.set_password(account(name), "root")
    archive = back_up(store.folder, tmp_path / "one.tar.gz", NINE).path
    store.accounts.revoke("eve", "root", NINE)
    store.accounts.set_password(account("bo", "since", administrator=True), "root")
    store.close()

    done = restore(archive, store.folder, NINE + HOUR)

    assert (("eve",), ("bo",), ()) == (done.accounts.removed, done.accounts.changed, done.accounts.unknown)
    assert {"ann": ("then", False), "bo": ("since", True)} == restored_accounts(store.folder)
    *_, removed, changed = access_log(store.folder)
    assert "monitord restore kept the account of eve removed" in removed and "password of bo" in changed


def test_on_a_new_machine_every_account_that_comes_back_is_named(store: Store, tmp_path: Path) -> None:
    store.accounts.set_password(account("ann"), "root")
    archive = back_up(store.folder, tmp_path / "one.tar.gz", NINE).path

    done = restore(archive, tmp_path / "other", NINE + HOUR)

    assert ("ann",) == done.accounts.unknown
    assert (
        "monitord restore brought back the account of ann: what became of it since is not known"
        == (access_log(tmp_path / "other")[-1])
    )


def test_what_was_refused_leaves_nothing_in_the_store(store: Store, archive: Path) -> None:
    archive.write_bytes(damaged(archive.read_bytes()))
    store.close()

    with pytest.raises(BackupRefused):
        restore(archive, store.folder, NINE)

    assert [] == [each.name for each in store.folder.iterdir() if each.is_dir()]


def test_what_was_refused_leaves_no_folder_where_none_was(archive: Path, tmp_path: Path) -> None:
    archive.write_bytes(damaged(archive.read_bytes()))
    (tmp_path / "there").mkdir()

    for folder in (tmp_path / "new" / "var", tmp_path / "there"):
        with pytest.raises(BackupRefused):
            restore(archive, folder, NINE)

    assert [False, True] == [(tmp_path / name).exists() for name in ("new", "there")]


def test_a_newer_format_is_said_with_its_version_and_what_to_do(store: Store, archive: Path) -> None:
    archive.write_bytes(said(archive.read_bytes(), b'"format": 1', b'"format": 2, "shape": "odd"'))
    store.close()
    words = (
        r"newer monitord \(.*, format 2; this one reads format 1\); install that version and restore with it"
    )

    with pytest.raises(BackupRefused, match=words):
        restore(archive, store.folder, NINE)
    assert "newer monitord" in looked_at(archive).why


def test_a_restore_twice_is_a_restore(store: Store, archive: Path) -> None:
    store.close()
    epochs = {restore(archive, store.folder, NINE + at * HOUR).epoch for at in range(3)}

    assert 3 == len(epochs)
    with opened(store.folder) as again:
        assert content(again.load(Configuration())) == content(replay(again, Configuration()))


def test_a_running_daemon_is_not_restored_over(store: Store, archive: Path) -> None:
    with pytest.raises(StoreInUse, match="in use by another monitord"):
        restore(archive, store.folder, NINE)
    assert ["web"] == probes(store)


def test_another_installations_backup_needs_a_word(store: Store, archive: Path, tmp_path: Path) -> None:
    Store.open(tmp_path / "other", now=NINE).close()

    with pytest.raises(BackupRefused, match="of another installation"):
        restore(archive, tmp_path / "other", NINE)
    assert restore(archive, tmp_path / "other", NINE, foreign=True).aside is not None


# What is not believed.

Spoil = Callable[[bytes], bytes]


def members(whole: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(whole), mode="r:gz") as tar:
        return [(each, tar.extractfile(each).read()) for each in tar.getmembers()]  # type: ignore[union-attr]


def packed(parts: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for info, body in parts:
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return out.getvalue()


def said(whole: bytes, before: bytes, after: bytes) -> bytes:
    """The same with other words in its manifest."""
    (info, text), *rest = members(whole)
    assert before in text
    return packed([(info, text.replace(before, after)), *rest])


def damaged(whole: bytes) -> bytes:
    (manifest, (info, live), *rest) = members(whole)
    return packed([manifest, (info, live[:5000] + b"\x55" * 100 + live[5100:]), *rest])


def climbing(whole: bytes) -> bytes:
    """A name that leads out of the folder."""
    return said(whole.replace(b"", b""), b'"live.sqlite3"', b'"../../l.sqlite3"')


SPOILT: dict[str, tuple[Spoil, str]] = {
    "nothing": (lambda whole: b"", "not a whole backup"),
    "a letter": (lambda whole: b"Dear diary, " * 100, "not a whole backup"),
    "another archive": (lambda whole: packed(members(whole)[1:]), "it has no manifest"),
    "half of it": (lambda whole: whole[: len(whole) // 2], "not a whole backup"),
    "without its last bytes": (lambda whole: whole[:-200], "not a whole backup"),
    "a file less": (lambda whole: packed(members(whole)[:2]), "it breaks off"),
    "a file more": (lambda whole: packed([*members(whole), members(whole)[1]]), "there is more in it"),
    "other bytes": (damaged, "its checksum differs"),
    "a bit of its checksum": (
        lambda whole: whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:],
        "not a whole backup",
    ),
    "a manifest that is none": (lambda whole: said(whole, b'"epoch"', b'"epok"'), "its manifest cannot"),
    "another format": (
        lambda whole: said(whole, b'"format": 1', b'"format": 2'),
        "was made by a newer monitord",
    ),
    "a name that climbs": (climbing, "not what its manifest says"),
    "no gzip": (gzip.decompress, "not a whole backup"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_not_whole_is_refused_and_changes_nothing(
    name: str, store: Store, archive: Path, tmp_path: Path
) -> None:
    spoil, words = SPOILT[name]
    archive.write_bytes(spoil(archive.read_bytes()))
    store.close()

    with pytest.raises(BackupRefused, match=words):
        restore(archive, store.folder, NINE)
    with pytest.raises(BackupRefused):
        verify(archive, tmp_path)
    with opened(store.folder) as again:
        assert ["web"] == probes(again)
        assert [] == again.notes


def test_a_newer_schema_is_refused_politely(store: Store, archive: Path, tmp_path: Path) -> None:
    schema = next(file.schema for file in read_manifest(archive).files if file.name == "live.sqlite3")
    archive.write_bytes(said(archive.read_bytes(), f'"{schema}"'.encode(), b'"9999"'))
    store.close()

    with pytest.raises(StoreTooNew, match=r"written by a newer monitord \(.*schema 9999; this one knows"):
        restore(archive, store.folder, NINE)
    assert issubclass(StoreTooNew, StoreRefused)


def test_a_damaged_store_in_a_whole_archive_is_refused(store: Store, tmp_path: Path) -> None:
    """The copy was damaged before it was packed: the checksums are right, and SQLite is asked."""
    store.close()
    with closing(sqlite3.connect(store.folder / "live.sqlite3")) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'journal'").fetchone()[0]
    with (store.folder / "live.sqlite3").open("r+b") as file:
        file.seek(4096 * (page - 1))
        file.write(b"\x55" * 4096)
    made = back_up(store.folder, tmp_path / "one.tar.gz", NINE)

    with pytest.raises(BackupRefused, match="holds a damaged store"):
        verify(made.path, tmp_path)


def test_a_missing_archive_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match=r"nothing\.tar\.gz cannot be read: No such file or directory"):
        restore(tmp_path / "nothing.tar.gz", store.folder, NINE)


def test_a_lock_counts_only_where_it_lies(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as locked:
        before = lies_at(tmp_path / "lock", locked.fileno())
        (tmp_path / "lock").unlink()
        gone = lies_at(tmp_path / "lock", locked.fileno())
        (tmp_path / "lock").touch()

        assert (True, False, False) == (before, gone, lies_at(tmp_path / "lock", locked.fileno()))
