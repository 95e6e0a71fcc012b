"""The soft and the hard state of one probe: what flips it, when, and back to which instant."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.check import CheckResult, Instant, Outcome, Probe
from monitord.core.health import (
    Flip,
    Health,
    ProbeCameUp,
    ProbeSawAgain,
    ProbeWentBlind,
    ProbeWentDown,
    observe,
)

START = datetime(2026, 1, 5, tzinfo=UTC)
OUTCOMES = {
    "o": Outcome.OK,
    "w": Outcome.WARNING,
    "C": Outcome.CRITICAL,
    "?": Outcome.UNKNOWN,
}
UP = Health("web")
DOWN = Health("web", up=False, since=START)


def minute(number: int) -> Instant:
    return START + timedelta(minutes=number)


def results(line: str) -> Iterable[CheckResult]:
    """One check a minute: `o` ok, `w` warning, `C` critical, `?` unknown."""
    for number, letter in enumerate(line):
        yield CheckResult("web", OUTCOMES[letter], minute(number), f"result {number}")


def after(line: str, probe: Probe, health: Health = UP) -> tuple[Health, list[tuple[int, Flip]]]:
    """The health after these results, and each flip with the number of the result that made it."""
    flips: list[tuple[int, Flip]] = []
    for number, result in enumerate(results(line)):
        health, flipped = observe(health, result, probe)
        flips += [(number, flip) for flip in flipped]
    return health, flips


@pytest.mark.parametrize("needed", range(1, 8))
def test_it_is_down_at_the_nth_failure_in_a_row_and_not_before(needed: int) -> None:
    probe = Probe("web", "shop", failures=needed)

    before, nothing = after("C" * (needed - 1), probe)
    down, flips = after("C" * needed, probe)

    assert (True, []) == (before.up, nothing)
    assert not down.up
    assert [(needed - 1, ProbeWentDown("web", minute(0), f"result {needed - 1}"))] == flips


@pytest.mark.parametrize("needed", range(1, 8))
def test_it_is_up_at_the_nth_pass_in_a_row_and_not_before(needed: int) -> None:
    probe = Probe("web", "shop", passes=needed)

    before, nothing = after("o" * (needed - 1), probe, DOWN)
    up, flips = after("o" * needed, probe, DOWN)

    assert (False, []) == (before.up, nothing)
    assert up.up
    assert [(needed - 1, ProbeCameUp("web", minute(0), f"result {needed - 1}"))] == flips


@pytest.mark.parametrize("needed", range(2, 8))
@pytest.mark.parametrize("passing", ["o", "w"])
def test_one_pass_in_between_starts_the_count_anew(needed: int, passing: str) -> None:
    probe = Probe("web", "shop", failures=needed)
    line = "C" * (needed - 1) + passing + "C" * needed

    _, nothing = after(line[:-1], probe)
    _, flips = after(line, probe)

    assert [] == nothing
    assert [(len(line) - 1, ProbeWentDown("web", minute(needed), f"result {len(line) - 1}"))] == flips


def test_one_failure_in_between_starts_the_passes_anew() -> None:
    _, flips = after("oCoo", Probe("web", "shop", passes=2), DOWN)

    assert [(3, ProbeCameUp("web", minute(2), "result 3"))] == flips


def test_the_outage_is_dated_back_to_the_first_failure_of_its_streak() -> None:
    health, _ = after("oCoCC?C", Probe("web", "shop", failures=3))

    assert (False, minute(3)) == (health.up, health.since)


def test_unknown_neither_counts_nor_resets() -> None:
    health, flips = after("C?C?C", Probe("web", "shop", failures=3))

    assert not health.up
    assert [(4, ProbeWentDown("web", minute(0), "result 4"))] == flips


def test_a_streak_that_counts_shows_as_failing_until_it_is_down() -> None:
    probe = Probe("web", "shop", failures=2)

    assert [False, True, False] == [after(line, probe)[0].failing for line in ("o", "C", "CC")]


@pytest.mark.parametrize("needed", range(1, 8))
def test_it_is_blind_at_the_nth_unknown_in_a_row_and_not_before(needed: int) -> None:
    probe = Probe("web", "shop", unknowns=needed)

    before, nothing = after("?" * (needed - 1), probe)
    blind, flips = after("?" * (needed + 3), probe)

    assert (False, []) == (before.blind, nothing)
    assert (True, True) == (blind.blind, blind.up)
    assert [(needed - 1, ProbeWentBlind("web", minute(0), f"result {needed - 1}"))] == flips


def test_one_conclusive_result_starts_the_count_of_unknowns_anew() -> None:
    _, flips = after("??o??", Probe("web", "shop", unknowns=3))

    assert [] == flips


def test_the_first_conclusive_result_ends_the_blindness() -> None:
    health, flips = after("??o", Probe("web", "shop", unknowns=2))

    assert UP == health
    assert ProbeSawAgain("web", minute(2), "result 2") == flips[-1][1]


def test_a_failure_may_end_the_blindness_and_take_it_down_at_once() -> None:
    _, flips = after("??C", Probe("web", "shop", failures=1, unknowns=2))

    assert [ProbeWentBlind, ProbeSawAgain, ProbeWentDown] == [type(flip) for _, flip in flips]


def test_a_streak_goes_on_behind_a_blindness() -> None:
    health, flips = after("C??C", Probe("web", "shop", failures=2, unknowns=2))

    assert (False, minute(0)) == (health.up, health.since)
    assert [ProbeWentBlind, ProbeSawAgain, ProbeWentDown] == [type(flip) for _, flip in flips]


@pytest.mark.parametrize(
    ("health", "letter"),
    [
        (UP, "o"),
        (UP, "w"),
        (DOWN, "C"),
        (Health("web", blind=True, unknowns=5, unknown_since=START), "?"),
    ],
)
def test_a_result_that_changes_nothing_returns_the_very_same_health(health: Health, letter: str) -> None:
    (result,) = results(letter)

    after_it, flips = observe(health, result, Probe("web", "shop"))

    assert health is after_it
    assert () == flips


def test_its_key_is_its_probe() -> None:
    assert "web" == UP.key
