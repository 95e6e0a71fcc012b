"""A heartbeat: new, up, late, down; runs; and nobody is judged by a silence in which we could not hear."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.beating import (
    RUNS_MAX,
    TEXT_LENGTH_MAX,
    Step,
    deafened,
    heard,
    late,
    minutes,
    rearmed,
    said,
    shifted,
)
from monitord.core.check import Instant
from monitord.core.heartbeat import (
    Every,
    Heartbeat,
    HeartbeatCameUp,
    HeartbeatLate,
    HeartbeatPinged,
    HeartbeatWentDown,
    Pinged,
    PingKind,
    Pulse,
    PulseState,
    Run,
)
from monitord.core.organization import Priority
from monitord.core.report import Report

START = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BACKUP = Heartbeat("backup", "Nightly backup", "shop", Priority.HIGH, Every(HOUR), 10 * MINUTE)


def at(minute: float) -> Instant:
    return START + minute * MINUTE


def ping(pulse: Pulse, what: PingKind, minute: float, code: int = 0, run: str = "", text: str = "") -> Step:
    return heard(pulse, Pinged("backup", what, at(minute), code, text, run), BACKUP, at(minute))


def up(minute: float = 0) -> Pulse:
    pulse, _ = ping(Pulse("backup"), PingKind.SUCCESS, minute)
    return pulse


def down(minute: float = 0) -> Pulse:
    pulse, _ = ping(Pulse("backup"), PingKind.FAIL, minute)
    return pulse


def test_what_was_never_heard_of_is_not_awaited() -> None:
    assert (PulseState.NEW, None, "new") == (Pulse("b").state, Pulse("b").due, Pulse("b").word)


def test_the_first_ping_arms_it() -> None:
    pulse, events = ping(Pulse("backup"), PingKind.SUCCESS, 5)

    assert (PulseState.UP, at(65), at(65)) == (pulse.state, pulse.expected, pulse.due)
    assert (HeartbeatPinged("backup", PingKind.SUCCESS),) == events


def test_late_then_down() -> None:
    behind, first = late(up(), BACKUP, at(60))
    silent, second = late(behind, BACKUP, at(70))

    assert (PulseState.LATE, at(70), (HeartbeatLate("backup", at(60)),)) == (behind.state, behind.due, first)
    summary = (
        "last heard of at 2026-01-05 00:00 UTC, expected at 2026-01-05 01:00 UTC, "
        "and 10 min of grace are over"
    )
    expected = HeartbeatWentDown("backup", at(60), "Nightly backup is silent", summary)
    assert (PulseState.DOWN, None, (expected,)) == (silent.state, silent.due, second)


@pytest.mark.parametrize("minute", [0, 59.9])
def test_too_early_changes_nothing(minute: float) -> None:
    assert (up(), ()) == late(up(), BACKUP, at(minute))


@pytest.mark.parametrize(
    ("what", "code", "expected"),
    [
        (PingKind.SUCCESS, 0, PulseState.UP),
        (PingKind.FAIL, 0, PulseState.DOWN),
        (PingKind.EXIT, 0, PulseState.UP),
        (PingKind.EXIT, 1, PulseState.DOWN),
        (PingKind.EXIT, 255, PulseState.DOWN),
    ],
)
@pytest.mark.parametrize("before", [Pulse("backup"), up(), down()], ids=["new", "up", "down"])
def test_what_a_ping_makes_of_it(before: Pulse, what: PingKind, code: int, expected: PulseState) -> None:
    pulse, events = ping(before, what, 30, code)

    was_down, is_down = before.state is PulseState.DOWN, expected is PulseState.DOWN
    flip = {(False, True): [HeartbeatWentDown], (True, False): [HeartbeatCameUp]}.get((was_down, is_down), [])
    assert expected is pulse.state
    assert (at(30), at(90)) == (pulse.last, pulse.expected)
    assert [HeartbeatPinged, *flip] == [type(event) for event in events]


@pytest.mark.parametrize("before", [Pulse("backup"), up(), down()], ids=["new", "up", "down"])
def test_a_log_is_only_recorded(before: Pulse) -> None:
    long = "x" * (TEXT_LENGTH_MAX + 1)

    pulse, events = ping(before, PingKind.LOG, 30, text=long)

    assert replace(before, pings=before.pings + 1) == pulse
    assert (HeartbeatPinged("backup", PingKind.LOG, text=long[:-1]),) == events


@pytest.mark.parametrize(
    ("what", "code", "text", "expected"),
    [
        (PingKind.EXIT, 3, "", "exit code 3"),
        (PingKind.EXIT, 3, "\n no space left\nat line 7", "exit code 3: no space left"),
        (PingKind.FAIL, 0, "", "it said so"),
    ],
)
def test_a_failure_says_how(what: PingKind, code: int, text: str, expected: str) -> None:
    _, events = ping(up(), what, 30, code, text=text)

    assert HeartbeatWentDown("backup", at(30), "Nightly backup failed", expected) == events[-1]


def test_a_run_is_measured_and_must_end_within_the_grace() -> None:
    running, _ = ping(up(), PingKind.START, 20)
    done, events = ping(running, PingKind.SUCCESS, 24)
    endless, told = late(running, BACKUP, at(30))

    assert ("started", at(30), at(0)) == (running.word, running.due, running.last)
    assert (4 * MINUTE, (), at(84)) == (done.took, done.runs, done.due)
    assert (HeartbeatPinged("backup", PingKind.SUCCESS, took=4 * MINUTE),) == events
    summary = "its run, begun at 2026-01-05 00:20 UTC, has not ended within 10 min"
    expected = HeartbeatWentDown("backup", at(20), "Nightly backup does not end", summary)
    assert (PulseState.DOWN, (), (expected,)) == (endless.state, endless.runs, told)


def test_a_start_alone_arms_it() -> None:
    running, _ = ping(Pulse("backup"), PingKind.START, 0)

    assert (PulseState.NEW, "started", at(10)) == (running.state, running.word, running.due)


@pytest.mark.parametrize(
    ("what", "run", "expected"),
    [
        (PingKind.SUCCESS, "a", ("b",)),
        (PingKind.SUCCESS, "c", ("a", "b")),
        (PingKind.SUCCESS, "", ()),
        (PingKind.FAIL, "a", ("b",)),
        (PingKind.FAIL, "c", ()),
    ],
)
def test_run_ids_keep_runs_apart(what: PingKind, run: str, expected: tuple[str, ...]) -> None:
    running, _ = ping(up(), PingKind.START, 1, run="a")
    running, _ = ping(running, PingKind.START, 2, run="b")

    pulse, _ = ping(running, what, 3, run=run)

    assert expected == tuple(each.id for each in pulse.runs)


def test_a_run_that_is_begun_anew_begins_anew() -> None:
    running, _ = ping(up(), PingKind.START, 1, run="a")
    running, _ = ping(running, PingKind.START, 5, run="a")

    assert (Run("a", at(5)),) == running.runs


def test_no_more_than_so_many_runs_are_remembered() -> None:
    pulse = up()
    for number in range(RUNS_MAX + 5):
        pulse, _ = ping(pulse, PingKind.START, 1, run=str(number))

    assert RUNS_MAX == len(pulse.runs)


def test_a_late_success_does_not_fall_for_a_run_that_was_told() -> None:
    """Down already, a run that overran meanwhile is not told once more after it came up."""
    failed, _ = ping(up(), PingKind.FAIL, 1)
    running, _ = ping(failed, PingKind.START, 2, run="a")

    pulse, _ = ping(running, PingKind.SUCCESS, 20, run="b")

    assert (PulseState.UP, (), at(80)) == (pulse.state, pulse.runs, pulse.due)


def test_deafness_gives_its_time_and_once_a_period() -> None:
    once = deafened(up(), BACKUP, 5 * MINUTE)
    twice = deafened(once, BACKUP, 5 * MINUTE)
    anew, _ = ping(twice, PingKind.SUCCESS, 90)

    assert [at(60), at(125), at(130), at(150)] == [pulse.due for pulse in (up(), once, twice, anew)]


def test_who_was_late_may_have_been_heard_of() -> None:
    behind, _ = late(up(), BACKUP, at(60))

    pulse = deafened(behind, BACKUP, 5 * MINUTE)

    assert (PulseState.UP, at(125)) == (pulse.state, pulse.due)


def test_deafness_gives_a_run_time_and_nothing_to_what_is_not_awaited() -> None:
    running, _ = ping(Pulse("backup"), PingKind.START, 0)

    assert at(10 + 5 + 60) == deafened(running, BACKUP, 5 * MINUTE).due
    assert [down(), Pulse("b")] == [deafened(pulse, BACKUP, MINUTE) for pulse in (down(), Pulse("b"))]


def test_another_timetable_counts_at_once() -> None:
    behind, _ = late(up(), BACKUP, at(60))
    daily = replace(BACKUP, timetable=Every(24 * HOUR))

    pulse = rearmed(behind, daily, at(61))

    assert (PulseState.UP, at(24 * 60)) == (pulse.state, pulse.due)
    assert (PulseState.LATE, at(70)) == (behind.state, rearmed(behind, BACKUP, at(61)).due)


def test_a_clock_that_was_set_back_stretches_nothing() -> None:
    assert at(-180 + 60) == rearmed(up(), BACKUP, at(-180)).due
    assert at(40) == shifted(up(), BACKUP, -20 * MINUTE).due


def test_what_it_reports() -> None:
    _, events = ping(up(), PingKind.FAIL, 30)
    flip = events[-1]
    assert isinstance(flip, HeartbeatWentDown)

    expected = Report(
        "heartbeat/backup",
        "down",
        True,
        "shop",
        Priority.HIGH,
        "Nightly backup failed",
        "it said so",
        since=at(30),
    )
    assert expected == said(flip, BACKUP)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (89, "89 s"), (90, "1 min"), (3600, "1 h"), (7500, "2 h 5 min"), (86400, "24 h")],
)
def test_a_grace_is_spelled(seconds: int, expected: str) -> None:
    assert expected == minutes(timedelta(seconds=seconds))
