"""`monitord backup` and `restore` without a daemon: what they do, what they say, and their exit codes."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitord.store import Store
from tests.fakes.new_store import new_store
from tests.unit.cli import answer, run
from tests.unit.config_tree import HEAD, tree

NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def main(tmp_path: Path) -> Path:
    """A tree whose store has been used, and that says where backups go."""
    Store.open(new_store(tmp_path / "var"), now=NINE).close()
    return tree(tmp_path, head=f"{HEAD}backup: {{to: nights}}\n")


def epoch(folder: Path) -> str:
    with closing(Store.open(folder / "var", now=NINE)) as store:
        return store.epoch


def test_there_and_back(main: Path, tmp_path: Path) -> None:
    before = epoch(tmp_path)
    made = run("backup", tmp_path / "one.tar.gz", "--config", main)
    back = run("restore", tmp_path / "one.tar.gz", "--config", main)

    assert (0, 0) == (made.exit_code, back.exit_code), made.output + back.output
    assert f"epoch {before}\nKeep it like a password" in made.stdout
    assert "What was there before lies in" in back.stdout
    assert before != epoch(tmp_path)


def test_a_missing_folder_becomes_no_file(main: Path, tmp_path: Path) -> None:
    made = run("backup", f"{tmp_path}/missing/", "--config", main)

    said = f"monitord: there is no folder {tmp_path}/missing/; make it first, or name a file without the `/`"
    assert (2, True, False) == (made.exit_code, said in made.stderr, (tmp_path / "missing").exists())


def test_accounts_that_were_removed_since_are_said_loudly(main: Path, tmp_path: Path) -> None:
    for name in ("eve", "root"):
        run("account", "password", name, "--stdin", "--config", main, typed="correct horse battery\n")
    run("backup", tmp_path / "one.tar.gz", "--config", main)
    run("account", "revoke", "eve", "--config", main)
    run("account", "password", "root", "--stdin", "--config", main, typed="another horse battery\n")
    back = run("restore", tmp_path / "one.tar.gz", "--config", main)

    assert "ACCOUNTS removed since the backup stay removed: eve." in back.stdout
    assert "PASSWORDS set since the backup stay as they are now: root." in back.stdout
    assert ["root"] == [each["name"] for each in answer(run("account", "list", "--json", "--config", main))]


def test_the_tree_says_where(main: Path, tmp_path: Path) -> None:
    (tmp_path / "nights").mkdir()
    made = answer(run("backup", "--json", "--config", main))
    listed = answer(run("backup", "--list", "--json", "--config", main))

    assert [made["path"]] == [each["path"] for each in listed]
    assert (True, "") == (made["usable"], made["why"])


def test_a_list_names_what_cannot_be_used(main: Path, tmp_path: Path) -> None:
    (tmp_path / "monitord-20260105T090000Z.tar.gz").write_bytes(b"half")
    said = run("backup", "--list", tmp_path, "--config", main)

    assert "monitord-20260105T090000Z.tar.gz  not usable" in said.stdout
    assert "There are no backups in" in run("backup", "--list", tmp_path / "var", "--config", main).stdout


def test_a_backup_is_verified(main: Path, tmp_path: Path) -> None:
    archive = tmp_path / "one.tar.gz"
    run("backup", archive, "--config", main)
    whole = run("backup", "--verify", archive, "--config", main)
    archive.write_bytes(archive.read_bytes()[:-100])
    half = run("backup", "--verify", archive, "--config", main)

    assert (0, 2) == (whole.exit_code, half.exit_code)
    assert "is whole:" in whole.stdout
    assert "is not a whole backup of monitord" in half.stderr


def test_while_the_store_is_in_use_nothing_is_restored(main: Path, tmp_path: Path) -> None:
    run("backup", tmp_path / "one.tar.gz", "--config", main)
    with closing(Store.open(tmp_path / "var", now=NINE)):
        refused = run("restore", tmp_path / "one.tar.gz", "--config", main)

    assert 2 == refused.exit_code
    assert "in use by another monitord" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["backup", "--list", "--verify"], "--list with a folder, or --verify with a file"),
        (["backup", "--verify"], "name the file to verify"),
        (["restore", "nothing.tar.gz"], "nothing.tar.gz cannot be read: No such file or directory"),
    ],
)
def test_wrong_use_is_said(main: Path, words: list[str], said: str) -> None:
    refused = run(*words, "--config", main)

    assert 2 == refused.exit_code
    assert said in refused.stderr


def test_without_a_place_there_is_a_word_for_it(tmp_path: Path) -> None:
    Store.open(tmp_path / "var", now=NINE).close()
    refused = run("backup", "--config", tree(tmp_path))

    assert 2 == refused.exit_code
    assert "say `backup: {to: FOLDER}` in the configuration" in refused.stderr
