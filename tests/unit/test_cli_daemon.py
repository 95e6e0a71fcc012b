"""A command finds the daemon even while somebody is editing the tree."""

from pathlib import Path

import pytest

from monitord.cli.daemon import store_of
from monitord.config import ConfigurationRefused


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A tree that does not load."""
    main = tmp_path / "config" / "monitord.yaml"
    main.parent.mkdir()
    main.write_text("organization: [half")
    return main


def test_a_tree_being_edited_locks_nobody_out(broken: Path, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "control.sock").touch()

    assert tmp_path / "var" == store_of(broken)


def test_without_a_daemon_the_mistakes_are_said(broken: Path) -> None:
    with pytest.raises(ConfigurationRefused):
        store_of(broken)
