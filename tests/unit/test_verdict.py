"""Whether a signal is acted upon, held back or over: every ground in its order, with its traps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.check import Instant
from monitord.core.signal import DOWN, UNKNOWN, Signal
from monitord.core.verdict import (
    REVIEW,
    Action,
    Circumstances,
    Parent,
    Reason,
    Verdict,
    Window,
    judge,
)

START = datetime(2026, 1, 5, tzinfo=UTC)


def minute(number: float) -> Instant:
    return START + timedelta(minutes=number)


NOW = minute(10)
SIGNAL = Signal("probe/web", DOWN, "shop", True, minute(8), NOW, "refused", "web")
KEY = SIGNAL.key
QUIET = Circumstances()
WINDOW = Window("upgrade", minute(0), minute(30), services=("shop",))
DB_DOWN = Parent("db", up=False, failing=False, passed_since=False, word_by=minute(12))
DB_SILENT = Parent("db", up=True, failing=False, passed_since=False, word_by=minute(12))
DB_PASSED = replace(DB_SILENT, passed_since=True)
RAISED = Verdict(KEY, Action.RAISE, Reason.DOWN, minute(9))
HELD_BY_DB = Verdict(KEY, Action.HOLD, Reason.DEPENDENCY_DOWN, minute(9), minute(69), ("db",), "db")


def reason(circumstances: Circumstances, now: Instant = NOW) -> Reason:
    return judge(SIGNAL, circumstances, now).reason


# Raise and clear.


def test_a_signal_that_nothing_speaks_against_is_raised() -> None:
    assert Verdict(KEY, Action.RAISE, Reason.DOWN, NOW) == judge(SIGNAL, QUIET, NOW)


def test_a_probe_that_cannot_be_judged_is_raised_for_that_reason() -> None:
    verdict = judge(replace(SIGNAL, name=UNKNOWN), QUIET, NOW)

    assert (Action.RAISE, Reason.UNKNOWN) == (verdict.action, verdict.reason)


@pytest.mark.parametrize(("removed", "expected"), [(False, Reason.RECOVERED), (True, Reason.REMOVED)])
def test_a_cleared_signal_is_over_whatever_might_hold_it(removed: bool, expected: Reason) -> None:
    cleared = replace(SIGNAL, raised=False, removed=removed)
    around = Circumstances(windows=(WINDOW,), parents=(DB_DOWN,), resolved_until=minute(20))

    verdict = judge(cleared, around, NOW)

    assert (Action.CLEAR, expected, None, False) == (
        verdict.action,
        verdict.reason,
        verdict.due,
        verdict.live,
    )


# Maintenance.


def test_maintenance_holds_until_the_end_of_its_window_and_names_it() -> None:
    verdict = judge(SIGNAL, Circumstances(windows=(WINDOW,)), NOW)

    assert Verdict(KEY, Action.HOLD, Reason.MAINTENANCE, NOW, minute(30), (), "upgrade") == verdict
    assert (minute(30), True) == (verdict.due, verdict.live)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (-0.01, Reason.DOWN),
        (0, Reason.MAINTENANCE),
        (29.99, Reason.MAINTENANCE),
        (30, Reason.DOWN),
    ],
)
def test_a_window_has_its_start_and_not_its_end(at: float, expected: Reason) -> None:
    assert expected == reason(Circumstances(windows=(WINDOW,)), minute(at))


@pytest.mark.parametrize(
    ("services", "probes", "expected"),
    [
        (("shop",), (), Reason.MAINTENANCE),
        ((), ("web",), Reason.MAINTENANCE),
        (("desk",), ("db",), Reason.DOWN),
        ((), (), Reason.DOWN),
    ],
)
def test_a_window_covers_its_services_and_probes(
    services: tuple[str, ...], probes: tuple[str, ...], expected: Reason
) -> None:
    window = replace(WINDOW, services=services, probes=probes)

    assert expected == reason(Circumstances(windows=(window,)))


def test_a_window_that_does_not_hold_only_announces() -> None:
    assert Reason.DOWN == reason(Circumstances(windows=(replace(WINDOW, hold=False),)))


def test_of_overlapping_windows_the_longest_lasting_holds() -> None:
    later = replace(WINDOW, id="migration", end=minute(60))

    verdict = judge(SIGNAL, Circumstances(windows=(later, WINDOW)), NOW)

    assert (minute(60), "migration") == (verdict.until, verdict.because)


# Resolved by hand.


def test_a_resolution_by_hand_is_believed_until_its_hold_ends() -> None:
    around = Circumstances(resolved_until=minute(20), resolved_by="bo")

    assert Verdict(KEY, Action.HOLD, Reason.RESOLVED_BY_HAND, NOW, minute(20), (), "bo") == judge(
        SIGNAL, around, NOW
    )
    assert Reason.DOWN == reason(around, minute(20))


# Dependencies.


def test_a_signal_is_held_while_a_parent_is_down_and_looked_at_again() -> None:
    down_too = replace(DB_DOWN, probe="dns")

    verdict = judge(SIGNAL, Circumstances(parents=(DB_DOWN, DB_PASSED, down_too)), NOW)

    assert Verdict(
        KEY, Action.HOLD, Reason.DEPENDENCY_DOWN, NOW, NOW + REVIEW, ("db", "dns"), "db, dns"
    ) == judge(SIGNAL, Circumstances(parents=(DB_DOWN, DB_PASSED, down_too)), NOW)
    assert NOW + REVIEW == verdict.due


def test_a_hold_for_a_parent_that_is_still_down_keeps_its_end() -> None:
    """Each check of a parent that stays down would be a new verdict otherwise."""
    verdict = judge(SIGNAL, Circumstances(parents=(DB_DOWN,), before=HELD_BY_DB), NOW)

    assert replace(HELD_BY_DB, at=NOW) == verdict


def test_a_hold_for_a_parent_that_is_still_down_at_its_end_begins_anew() -> None:
    verdict = judge(SIGNAL, Circumstances(parents=(DB_DOWN,), before=HELD_BY_DB), minute(69))

    assert minute(69) + REVIEW == verdict.until


def test_a_child_that_fails_first_waits_for_its_parents_word() -> None:
    verdict = judge(SIGNAL, Circumstances(parents=(DB_SILENT,)), NOW)

    assert Verdict(KEY, Action.HOLD, Reason.DEPENDENCY_SUSPECT, NOW, minute(12), ("db",), "db") == verdict


def test_it_waits_for_the_parent_that_takes_longest() -> None:
    slow = replace(DB_SILENT, probe="dns", word_by=minute(15))

    verdict = judge(SIGNAL, Circumstances(parents=(slow, DB_SILENT, replace(DB_PASSED, probe="x"))), NOW)

    assert (minute(15), ("dns", "db")) == (verdict.until, verdict.waits_on)


def test_a_parent_that_passes_leaves_the_child_at_fault() -> None:
    assert Reason.DOWN == reason(Circumstances(parents=(DB_PASSED,)))


def test_a_parent_that_says_nothing_is_waited_for_no_longer_than_its_turn() -> None:
    assert Reason.DEPENDENCY_SUSPECT == reason(Circumstances(parents=(DB_SILENT,)), minute(11.99))
    assert Reason.DOWN == reason(Circumstances(parents=(DB_SILENT,)), minute(12))


def test_after_its_parent_came_back_the_child_has_its_next_check_to_recover() -> None:
    around = Circumstances(parents=(DB_PASSED,), before=HELD_BY_DB, next_check_by=minute(12))

    assert Verdict(KEY, Action.HOLD, Reason.DEPENDENCY_RECOVERED, NOW, minute(12), ("web",), "db") == judge(
        SIGNAL, around, NOW
    )


@pytest.mark.parametrize(
    "around",
    [
        Circumstances(parents=(DB_PASSED,), before=HELD_BY_DB, next_check_by=minute(12), checked_since=True),
        Circumstances(parents=(DB_PASSED,), before=HELD_BY_DB, next_check_by=NOW),
        Circumstances(parents=(DB_PASSED,), before=HELD_BY_DB, next_check_by=None),
    ],
    ids=["it failed again", "its check did not come in time", "nobody checks it"],
)
def test_and_is_raised_when_it_had_its_chance(around: Circumstances) -> None:
    assert Reason.DOWN == reason(around)


def test_a_signal_that_was_never_held_does_not_wait_for_another_check() -> None:
    assert Reason.DOWN == reason(Circumstances(parents=(DB_PASSED,), next_check_by=minute(12)))


def test_a_hold_that_waits_for_its_own_check_goes_on_waiting() -> None:
    waiting = replace(HELD_BY_DB, reason=Reason.DEPENDENCY_RECOVERED, waits_on=("web",), until=minute(12))
    around = Circumstances(parents=(DB_PASSED,), before=waiting, next_check_by=minute(12))

    assert Reason.DEPENDENCY_RECOVERED == reason(around)


# The order.


@pytest.mark.parametrize(
    ("taken_away", "expected"),
    [
        ({}, Reason.MAINTENANCE),
        ({"windows": ()}, Reason.RESOLVED_BY_HAND),
        ({"windows": (), "resolved_until": None}, Reason.DEPENDENCY_DOWN),
        (
            {"windows": (), "resolved_until": None, "parents": (DB_SILENT,)},
            Reason.DEPENDENCY_SUSPECT,
        ),
        ({"windows": (), "resolved_until": None, "parents": ()}, Reason.DEPENDENCY_RECOVERED),
        ({"windows": (), "resolved_until": None, "parents": (), "before": None}, Reason.DOWN),
    ],
)
def test_the_first_ground_that_applies_is_the_reason(taken_away: dict[str, object], expected: Reason) -> None:
    everything = Circumstances(
        windows=(WINDOW,),
        parents=(DB_DOWN, replace(DB_SILENT, probe="dns")),
        before=HELD_BY_DB,
        resolved_until=minute(20),
        resolved_by="bo",
        next_check_by=minute(12),
    )

    assert expected == reason(replace(everything, **taken_away))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("around", "expected"),
    [
        (Circumstances(before=RAISED, parents=(DB_DOWN,)), Reason.DOWN),
        (Circumstances(before=RAISED, parents=(DB_SILENT,)), Reason.DOWN),
        (Circumstances(before=RAISED, windows=(WINDOW,)), Reason.MAINTENANCE),
        (Circumstances(before=RAISED, resolved_until=minute(20)), Reason.RESOLVED_BY_HAND),
    ],
)
def test_what_was_told_is_only_held_by_what_people_said(around: Circumstances, expected: Reason) -> None:
    assert expected == reason(around)
