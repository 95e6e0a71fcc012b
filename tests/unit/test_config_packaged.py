"""A shell beside an installed daemon finds its state and its credentials; no other tree does."""

from pathlib import Path

import pytest

from monitord.config import packaged
from monitord.config.packaged import surroundings
from tests.unit.config_tree import loaded

NOWHERE: dict[str, str] = {}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree that is the packaged one."""
    monkeypatch.setattr(packaged, "TREE", tmp_path)
    monkeypatch.setattr(
        packaged,
        "THERE",
        {"STATE_DIRECTORY": str(tmp_path / "state"), "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")},
    )
    return tmp_path


def test_the_installed_tree_has_its_state_and_its_secrets_where_the_unit_has_them(installed: Path) -> None:
    (installed / "credentials").mkdir()
    (installed / "credentials" / "who").write_text("Example Shop\n")
    head = 'organization: "${credential:who}"\n'
    it = loaded(installed, environ=NOWHERE, head=HEAD.replace("organization: Example\n", head))

    assert str(installed / "state" / "var") == it.settings.store
    assert "Example Shop" == it.configuration.organization


def test_what_systemd_says_counts(installed: Path) -> None:
    environ = {"STATE_DIRECTORY": str(installed / "elsewhere")}

    assert str(installed / "elsewhere" / "var") == loaded(installed, environ=environ).settings.store


def test_any_other_tree_keeps_to_itself(tmp_path: Path) -> None:
    assert str(tmp_path / "var") == loaded(tmp_path, environ=NOWHERE).settings.store
    assert surroundings(tmp_path, NOWHERE) is NOWHERE


HEAD = """\
organization: Example
doors:
  public: {listen: "127.0.0.1:8080"}
  edge: {listen: "127.0.0.1:8081"}
  ops: {listen: "127.0.0.1:8082"}
channels:
  email: {server: "smtp://127.0.0.1:25", from: monitord@example.org}
"""
