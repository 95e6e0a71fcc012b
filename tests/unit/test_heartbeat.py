"""A heartbeat and its pulse: what they are called, and what counts as a failure."""

from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.heartbeat import Every, Heartbeat, Pinged, PingKind, Pulse, PulseState, Run
from monitord.core.organization import Priority

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("name", "expected"), [("Nightly backup", "Nightly backup"), ("", "backup")])
def test_it_is_called_by_its_name_or_else_by_its_id(name: str, expected: str) -> None:
    assert expected == Heartbeat("backup", name, "shop", Priority.HIGH, Every(HOUR), HOUR).title


def test_a_period_follows_the_last_time() -> None:
    assert START + HOUR == Every(HOUR).following(START)


@pytest.mark.parametrize(
    ("what", "code", "expected"),
    [
        (PingKind.SUCCESS, 0, False),
        (PingKind.START, 1, False),
        (PingKind.LOG, 1, False),
        (PingKind.FAIL, 0, True),
        (PingKind.EXIT, 0, False),
        (PingKind.EXIT, 1, True),
    ],
)
def test_a_fail_and_an_exit_code_are_failures(what: PingKind, code: int, expected: bool) -> None:
    assert expected == Pinged("backup", what, START, code).failed


@pytest.mark.parametrize(
    ("state", "runs", "expected"),
    [
        (PulseState.NEW, (), "new"),
        (PulseState.UP, (Run("", START),), "started"),
        (PulseState.DOWN, (Run("", START),), "down"),
    ],
)
def test_a_run_is_shown_unless_it_is_down(state: PulseState, runs: tuple[Run, ...], expected: str) -> None:
    assert expected == Pulse("backup", state, runs=runs).word


def test_a_pulse_lives_until_its_heartbeat_is_removed() -> None:
    assert ("backup", True) == (Pulse("backup").key, Pulse("backup").live)
    assert not Pulse("backup", removed=True).live
