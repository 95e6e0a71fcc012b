"""`config check` beside a store: who has left, as the directory says, and is still named in the tree."""

from pathlib import Path

import pytest

from monitord.cli.leavers import employments
from monitord.core.employment import Employ, Said
from tests.fakes.shop import MORNING
from tests.fakes.told_store import told_store
from tests.unit.cli import run
from tests.unit.config_tree import HEAD, PEOPLE, tree

ROTATION = "rotation: primary\nlayers: [{people: [bo, ann], start: 2026-01-05 09:00, turn: 1 week}]\n"
PAGED = PEOPLE.replace("page: [ann], for: 5m}", "page: [primary], for: 5m}, {page: [bo], for: 5m}")
HAS_LEFT = f"`bo`, who has left ({MORNING:%Y-%m-%d %H:%M} UTC)"


@pytest.fixture
def main(tmp_path: Path) -> Path:
    head = f"{HEAD}last_resort: [bo, cem]\nstore: sqlite:///{tmp_path}/var\n"
    return tree(tmp_path, head=head, people=PAGED, primary=ROTATION)


def keep(main: Path, folder: Path, *said: Said) -> None:
    """A store to which the directory has said so."""
    told_store(main, folder, (Employ(each, "directory") for each in said))


def warnings(main: Path) -> list[str]:
    said = run("--config", main, "config", "check").output
    return [line.split(": ", 2)[2] for line in said.splitlines() if "has left" in line]


def test_without_a_store_nobody_has_left(main: Path, tmp_path: Path) -> None:
    assert [] == warnings(main)
    assert () == employments(tmp_path / "var")


def test_who_has_left_is_found_wherever_the_tree_calls_them(main: Path, tmp_path: Path) -> None:
    keep(main, tmp_path / "var", Said("bo@example.org", active=False), Said("ann@example.org"))

    assert [
        f"the rotation `primary` names {HAS_LEFT}; their turns are gaps; take them out of the rotation",
        f"the policy `urgent` names {HAS_LEFT}; no page reaches them; name somebody else",
        f"the team `support` names {HAS_LEFT}; no page reaches them; name somebody else",
        f"`last_resort` names {HAS_LEFT}; no page reaches them; name somebody else",
    ] == warnings(main)


def test_the_gaps_that_a_leaver_leaves_are_said_with_their_time(main: Path, tmp_path: Path) -> None:
    before = run("--config", main, "config", "check").output
    keep(main, tmp_path / "var", Said("bo@example.org", active=False))

    after = run("--config", main, "config", "check").output

    assert "`primary`" not in before.replace("the rotation `primary`", "")
    assert "nobody is on call" in after


def test_a_store_that_cannot_be_read_says_nothing(main: Path, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "live.db").write_bytes(b"this is no database" * 100)

    assert [] == warnings(main)
