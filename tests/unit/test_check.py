"""What a check can find, and what that counts for."""

from datetime import timedelta

import pytest

from monitord.core.check import Outcome, Probe


@pytest.mark.parametrize(
    ("outcome", "conclusive", "passed"),
    [
        (Outcome.OK, True, True),
        (Outcome.WARNING, True, True),
        (Outcome.CRITICAL, True, False),
        (Outcome.UNKNOWN, False, False),
    ],
)
def test_what_an_outcome_counts_for(outcome: Outcome, conclusive: bool, passed: bool) -> None:
    assert (conclusive, passed) == (outcome.conclusive, outcome.passed)


def test_the_four_outcomes_are_written_in_words() -> None:
    assert ["ok", "warning", "critical", "unknown"] == [outcome.value for outcome in Outcome]


def test_a_probe_that_says_nothing_else_fails_three_times_and_passes_twice() -> None:
    probe = Probe("web", "shop")

    assert (3, 2, 5) == (probe.failures, probe.passes, probe.unknowns)
    assert (timedelta(seconds=60), timedelta(seconds=10)) == (probe.every, probe.timeout)
