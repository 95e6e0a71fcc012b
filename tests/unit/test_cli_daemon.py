"""A command finds the daemon even while somebody is editing the tree, or has lost it."""

from pathlib import Path

import pytest

from monitord.cli.daemon import store_of
from monitord.config.problem import ConfigurationRefused


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


def test_a_main_file_that_is_gone_locks_nobody_out(broken: Path, tmp_path: Path) -> None:
    broken.unlink()
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "control.sock").touch()

    assert tmp_path / "var" == store_of(broken)


def test_a_store_elsewhere_is_found_by_the_line_that_names_it(broken: Path, tmp_path: Path) -> None:
    broken.write_text(f"organization: [half\nstore: sqlite:///{tmp_path}/elsewhere\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "control.sock").touch()

    assert tmp_path / "elsewhere" == store_of(broken)


def test_without_a_daemon_the_mistakes_are_said(broken: Path) -> None:
    with pytest.raises(ConfigurationRefused):
        store_of(broken)
