"""A restored store is a new epoch of the same installation, and gives no number twice."""

from datetime import UTC, datetime

import pytest

from monitord.core.facts import Installation
from monitord.core.flow import react
from monitord.core.restored import EpochBegun, InstallationRestored
from monitord.core.timeline import sentence
from monitord.core.world import Configuration, World

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(("known", "expected"), [(1, 7), (7, 7), (12, 12)])
def test_a_restore_begins_an_epoch_and_counts_on(known: int, expected: int) -> None:
    world = World(Configuration(), Installation("old", 7))

    decision = react(world, EpochBegun("new", known), NOW)

    assert (Installation("new", expected),) == decision.records
    assert (InstallationRestored("new", "old"),) == decision.events


def test_the_timeline_says_so() -> None:
    assert "restored from a backup: epoch new follows old" == sentence(InstallationRestored("new", "old"))
