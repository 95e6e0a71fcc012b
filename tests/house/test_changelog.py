"""The changelog keeps its form, so that people and programs can read it."""

import re

from monitord import __version__
from tests.house.tree import ROOT

RELEASE = re.compile(r"## \[(?P<version>Unreleased|\d+\.\d+\.\d+)\](?: - \d{4}-\d{2}-\d{2})?")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_newest_entry_is_unreleased() -> None:
    first = next(line for line in TEXT.splitlines() if line.startswith("## "))

    assert "## [Unreleased]" == first, (
        "What people will feel next goes below `## [Unreleased]`, which stands first."
    )


def test_every_release_has_a_version_and_a_day() -> None:
    wrong = [line for line in TEXT.splitlines() if line.startswith("## ") and not RELEASE.fullmatch(line)]

    assert [] == wrong, "Write `## [1.2.3] - 2026-11-22`."


def test_entries_stand_under_one_of_six_kinds() -> None:
    wrong = [line for line in TEXT.splitlines() if line.startswith("### ") and line[4:] not in KINDS]

    assert [] == wrong, f"Keep a Changelog knows {sorted(KINDS)}."


def test_the_changelog_does_not_lag_behind_the_version() -> None:
    releases = [match["version"] for match in RELEASE.finditer(TEXT)]

    assert releases == ["Unreleased"] or __version__ == releases[1], (
        "Date the Unreleased section, begin a new one."
    )
