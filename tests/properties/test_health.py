"""Health against a slow, obvious definition: look at all results so far, and count backwards."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.check import CheckResult, Outcome, Probe
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
COUNTS = st.integers(1, 7)
PROBES = st.builds(Probe, st.just("web"), st.just("shop"), failures=COUNTS, passes=COUNTS, unknowns=COUNTS)
RUNS = st.lists(st.tuples(st.sampled_from(Outcome), st.integers(1, 8)), max_size=12)


def results(runs: list[tuple[Outcome, int]]) -> list[CheckResult]:
    """Runs of the same outcome, one check a minute."""
    outcomes = [outcome for outcome, times in runs for _ in range(times)]
    return [
        CheckResult("web", outcome, START + timedelta(minutes=number), str(number))
        for number, outcome in enumerate(outcomes)
    ]


def obviously(past: list[CheckResult], up: bool, probe: Probe) -> tuple[bool, datetime | None]:
    """Is it up after these results, and if that has just changed, since when?

    It changes when the last result is conclusive, contradicts what was so, and is the last of as many
    conclusive ones in a row that do (UNKNOWN in between is as if it were not there).
    """
    conclusive = [result for result in past if result.outcome is not Outcome.UNKNOWN]
    needed = probe.failures if up else probe.passes
    last = conclusive[-needed:]
    against = len(last) == needed and all(result.outcome.passed != up for result in last)
    if past[-1].outcome is Outcome.UNKNOWN or not against:
        return up, None
    return not up, last[0].at


@given(PROBES, RUNS)
def test_it_flips_exactly_when_the_last_results_in_a_row_say_so(
    probe: Probe, runs: list[tuple[Outcome, int]]
) -> None:
    health, up, counted_from = Health("web"), True, 0
    past = results(runs)
    for number, result in enumerate(past):
        health, flips = observe(health, result, probe)

        after, since = obviously(past[counted_from : number + 1], up, probe)
        hard = [flip for flip in flips if isinstance(flip, ProbeWentDown | ProbeCameUp)]

        assert after == health.up
        assert [] == hard if since is None else [since] == [flip.since for flip in hard]
        if since is not None:
            counted_from = number + 1
        up = after


@given(PROBES, RUNS)
def test_it_is_blind_exactly_behind_so_many_unknowns_in_a_row(
    probe: Probe, runs: list[tuple[Outcome, int]]
) -> None:
    health, blind = Health("web"), False
    past = results(runs)
    for number, result in enumerate(past):
        health, flips = observe(health, result, probe)

        recent = past[max(0, number + 1 - probe.unknowns) : number + 1]
        seen = any(each.outcome is not Outcome.UNKNOWN for each in recent)
        expected = result.outcome is Outcome.UNKNOWN and (
            blind or (len(recent) == probe.unknowns and not seen)
        )

        assert expected == health.blind
        assert turned(blind, expected) == [kind for kind in map(type, flips) if kind in SIGHT]
        blind = expected


SIGHT: tuple[type[Flip], ...] = (ProbeWentBlind, ProbeSawAgain)


def turned(before: bool, now: bool) -> list[type[Flip]]:
    if before == now:
        return []
    return [ProbeWentBlind] if now else [ProbeSawAgain]


@given(PROBES, RUNS)
def test_down_and_up_take_turns(probe: Probe, runs: list[tuple[Outcome, int]]) -> None:
    health = Health("web")
    hard: list[type[Flip]] = []
    for result in results(runs):
        health, flips = observe(health, result, probe)
        hard += [type(flip) for flip in flips if not isinstance(flip, SIGHT)]

    assert ([ProbeWentDown, ProbeCameUp] * len(hard))[: len(hard)] == hard
    assert health.up == (len(hard) % 2 == 0)


@given(PROBES, RUNS)
def test_a_result_that_changes_nothing_is_the_very_same_health(
    probe: Probe, runs: list[tuple[Outcome, int]]
) -> None:
    health = Health("web")
    for result in results(runs):
        after, flips = observe(health, result, probe)

        assert (after is health) == (after == health)
        assert after is not health or not flips
        health = after
