"""Who is a person's: a restore hands nobody an account that their leaving should take."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitord.store import Store
from monitord.store.accounts import Account
from monitord.store.backup import back_up
from monitord.store.restore import restore
from tests.fakes.new_store import new_store

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def backup_of(folder: Path, *, person: bool) -> Path:
    """With an account of ann, an administrator."""
    with closing(Store.open(new_store(folder), now=NINE)) as store:
        store.begin_term()
        store.accounts.set_password(Account("ann", "then", True, NINE, person), "root")
        return back_up(folder, folder.parent / "one.tar.gz", NINE).path


def start_with(folder: Path, *people: str) -> list[str]:
    """Whose accounts are left when the daemon starts with these people."""
    with closing(Store.open(folder, now=NINE)) as store:
        store.accounts.drop_of_strangers(people, NINE)
        return [each.name for each in store.accounts.accounts()]


def test_who_was_seen_as_a_person_since_the_backup_leaves_after_it_too(tmp_path: Path) -> None:
    """As with a backup from before it was known whose accounts are people's."""
    archive = backup_of(tmp_path / "var", person=False)
    assert ["ann"] == start_with(tmp_path / "var", "ann", "bo")

    restore(archive, tmp_path / "var", NINE + timedelta(hours=1))

    assert [] == start_with(tmp_path / "var", "bo")


def test_who_was_a_person_in_the_backup_stays_one(tmp_path: Path) -> None:
    archive = backup_of(tmp_path / "var", person=True)
    with closing(Store.open(tmp_path / "var", now=NINE)) as store:
        store.accounts.set_password(Account("ann", "since", True, NINE, person=False), "root")

    restore(archive, tmp_path / "var", NINE + timedelta(hours=1))

    assert [] == start_with(tmp_path / "var", "bo")


def test_a_local_administrator_comes_back_as_one(tmp_path: Path) -> None:
    archive = backup_of(tmp_path / "var", person=False)

    restore(archive, tmp_path / "var", NINE + timedelta(hours=1))

    assert ["ann"] == start_with(tmp_path / "var", "bo")


def test_on_a_new_machine_whoever_is_in_the_tree_at_the_first_start_is_a_person(tmp_path: Path) -> None:
    archive = backup_of(tmp_path / "var", person=False)

    restore(archive, tmp_path / "other", NINE + timedelta(hours=1))

    assert ["ann"] == start_with(tmp_path / "other", "ann", "bo")
    assert [] == start_with(tmp_path / "other", "bo")
