"""A report: raised, said again, more pressing, over; and never news when nothing is new."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.organization import Priority
from monitord.core.report import (
    NOT_RAISED,
    SYSTEM,
    Report,
    ReportIgnored,
    heard,
    heartbeat_source,
    inbound_source,
    system,
)
from monitord.core.signal import (
    Signal,
    SignalCleared,
    SignalMoved,
    SignalRaised,
    SignalWorsened,
    not_refreshed,
)

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FULL = Report(
    "in/prom", "disk", True, "shop", Priority.HIGH, "disk is full", "97 %", details=(("host", "web1"),)
)
OVER = replace(FULL, raised=False, summary="")


def raised(report: Report = FULL, at: datetime = NOW) -> Signal:
    signal, _ = heard(report, None, at)
    assert signal is not None
    return signal


def test_a_report_raises_a_signal_with_everything_that_it_says() -> None:
    since, ends = NOW - 5 * MINUTE, NOW + 4 * MINUTE
    report = replace(
        FULL, since=since, ends=ends, links=(("graph", "https://x"),), group="g", event="i7", times=3
    )

    signal, events = heard(report, None, NOW)

    expected = Signal(
        "in/prom",
        "disk",
        "shop",
        True,
        since,
        NOW,
        "97 %",
        priority=Priority.HIGH,
        title="disk is full",
        details=(("host", "web1"),),
        links=(("graph", "https://x"),),
        ends=ends,
        count=3,
        last=NOW,
        group="g",
        event="i7",
    )
    assert (expected, (SignalRaised(expected),)) == (signal, events)


def test_what_began_in_the_future_begins_now() -> None:
    assert NOW == raised(replace(FULL, since=NOW + MINUTE)).since


@pytest.mark.parametrize(
    "report", [OVER, replace(FULL, ends=NOW), replace(FULL, ends=NOW - MINUTE)], ids=["over", "now", "past"]
)
def test_a_clear_for_what_is_not_raised_is_ignored(report: Report) -> None:
    expected = (None, (ReportIgnored("in/prom", "disk", "", NOT_RAISED),))

    assert expected == heard(report, None, NOW)


@pytest.mark.parametrize("report", [OVER, replace(FULL, ends=NOW)], ids=["over", "its end is past"])
def test_a_clear_ends_the_signal(report: Report) -> None:
    before = raised(at=NOW - MINUTE)

    signal, events = heard(report, before, NOW)

    assert signal is not None
    assert (False, NOW, "97 %", 2) == (signal.raised, signal.since, signal.summary, signal.count)
    assert (SignalCleared(signal),) == events


def test_a_repeat_is_counted_and_tells_nothing() -> None:
    before = raised(at=NOW - MINUTE)
    more = replace(FULL, summary="98 %", ends=NOW + MINUTE, times=4, event="i8")

    expected = replace(before, summary="98 %", ends=NOW + MINUTE, count=5, last=NOW, event="i8")
    assert (expected, ()) == heard(more, before, NOW)


def test_a_repeat_that_says_less_forgets_nothing() -> None:
    before = raised()

    signal, _ = heard(replace(FULL, summary="", details=(), title=""), before, NOW)

    assert signal is not None
    assert ("97 %", FULL.details, "disk is full") == (signal.summary, signal.details, signal.title)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Priority.HIGH, Priority.URGENT, Priority.URGENT),
        (Priority.LOW, Priority.MEDIUM, Priority.MEDIUM),
        (Priority.HIGH, Priority.HIGH, Priority.HIGH),
        (Priority.URGENT, Priority.LOW, Priority.URGENT),
    ],
)
def test_it_stays_as_pressing_as_it_has_been(before: Priority, after: Priority, expected: Priority) -> None:
    signal, events = heard(replace(FULL, priority=after), raised(replace(FULL, priority=before)), NOW)

    assert signal is not None
    assert expected is signal.priority
    assert ((SignalWorsened(signal, before),) if expected is not before else ()) == events


def test_another_teams_now_is_told() -> None:
    signal, events = heard(replace(FULL, service="cart"), raised(), NOW)

    assert signal is not None
    assert ("cart", (SignalMoved(signal, "shop"),)) == (signal.service, events)


@pytest.mark.parametrize(
    ("group", "service", "expected"),
    [("", "shop", "in/prom:disk"), ("g", "shop", "in/prom/shop/g"), ("g", "cart", "in/prom/cart/g")],
)
def test_a_group_shares_its_cause_within_a_team(group: str, service: str, expected: str) -> None:
    assert expected == raised(replace(FULL, group=group, service=service)).cause


def test_what_is_not_refreshed_says_since_when() -> None:
    over = not_refreshed(raised(), NOW + 9 * MINUTE)

    assert "not refreshed since 2026-01-05 03:12 UTC, taken as resolved" == over.summary
    assert (False, True, False) == (over.raised, over.lapsed, over.removed)


def test_only_what_is_urgent_is_a_failure_for_customers() -> None:
    assert [False, True, True, True] == [
        raised(replace(FULL, priority=priority)).harmless for priority in Priority
    ]


def test_monitord_reports_itself_as_urgent() -> None:
    expected = Report(SYSTEM, "disk", True, SYSTEM, Priority.URGENT, "The disk is full", "1 MB left")

    assert expected == system("disk", True, "The disk is full", "1 MB left")
    assert ("in/prom", "heartbeat/backup") == (inbound_source("prom"), heartbeat_source("backup"))
