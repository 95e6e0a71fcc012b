"""`backup:` in the tree: a folder, how many are kept, and when."""

from datetime import time
from pathlib import Path

import pytest

from monitord.config.settings import Backup
from tests.unit.config_tree import HEAD, complaints, loaded


def test_a_tree_without_it_makes_no_backups(tmp_path: Path) -> None:
    assert loaded(tmp_path).settings.backup is None


def test_a_folder_is_enough(tmp_path: Path) -> None:
    said = loaded(tmp_path, head=f"{HEAD}backup: {{to: backups}}\n").settings.backup

    assert Backup(tmp_path / "backups", 14, time(3, 30)) == said


def test_under_systemd_it_stands_beside_the_store(tmp_path: Path) -> None:
    state = {"STATE_DIRECTORY": "/var/lib/monitord"}
    said = loaded(tmp_path, environ=state, head=f"{HEAD}backup: {{to: nights, keep: 3, at: 04:15}}\n")

    assert Backup(Path("/var/lib/monitord/nights"), 3, time(4, 15)) == said.settings.backup


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("{to: backups, at: 25:00}", "hours are 00 to 24"),
        ("{to: backups, at: 3:30}", 'write it as "03:30", in quotes'),
        ("{to: backups, keep: 0}", "1"),
        ("{to: backups, keep: true}", "write a whole number"),
        ("{keep: 3}", "`to`"),
        ("{to: backups, day: mon}", "`day`"),
        ("nightly", "nightly"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, wrong: str, words: str) -> None:
    said = complaints(tmp_path, head=f"{HEAD}backup: {wrong}\n")

    assert 1 == len(said)
    assert words in said[0]
    assert said[0].startswith("config/monitord.yaml:8:")
