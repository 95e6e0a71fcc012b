"""Quiet hours: in the person's own zone, over clock changes, and never for what is urgent."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from monitord.core.delivery import Delivery, DeliveryState, Purpose
from monitord.core.organization import Person, Priority, Quiet
from monitord.core.quiet import held, is_held, never_ends, postponed, quiet_until, released, respects
from monitord.core.wording import Text

NIGHT = Quiet(((time(22), time(7)),))
WEEKEND = Quiet(days=(5, 6))
ANN = Person("ann", "Ann", "Europe/Berlin", quiet=NIGHT)
EVENING = datetime(2026, 1, 5, 22, 30, tzinfo=UTC)
PAGE = Delivery("p", Purpose.PAGE, "email", "ann", EVENING, EVENING, Text("s", ()), person="ann")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "until"),
    [
        ("Europe/Berlin", "2026-01-05 20:59", None),
        ("Europe/Berlin", "2026-01-05 21:00", "2026-01-06 06:00"),
        ("Europe/Berlin", "2026-01-06 05:59", "2026-01-06 06:00"),
        ("Europe/Berlin", "2026-01-06 06:00", None),
        ("America/Chicago", "2026-01-06 05:00", "2026-01-06 13:00"),
        ("Europe/Berlin", "2026-03-28 22:00", "2026-03-29 05:00"),  # the night that is an hour short
        ("Europe/Berlin", "2026-10-24 22:00", "2026-10-25 06:00"),  # and the one that is an hour long
    ],
)
def test_quiet_hours_are_on_the_wall_clock_of_the_person(zone: str, at: str, until: str | None) -> None:
    found = quiet_until(replace(ANN, time_zone=zone), instant(at))

    assert (instant(until) if until else None) == found


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (WEEKEND, "2026-01-09 12:00", None),
        (WEEKEND, "2026-01-10 12:00", "2026-01-12 00:00"),
        (Quiet(NIGHT.hours, (4,)), "2026-01-10 03:00", "2026-01-10 07:00"),  # the night of Friday
        (Quiet(NIGHT.hours, (4,)), "2026-01-11 03:00", None),
        (Quiet(((time(22), time(0)), (time(0), time(7)))), "2026-01-05 23:00", "2026-01-06 07:00"),
    ],
)
def test_days_and_windows_that_touch_are_one_quiet(hours: Quiet, at: str, until: str | None) -> None:
    found = quiet_until(Person("ann", "Ann", "UTC", quiet=hours), instant(at))

    assert (instant(until) if until else None) == found


def test_who_wants_no_quiet_has_none() -> None:
    assert None is quiet_until(replace(ANN, quiet=None), EVENING)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (NIGHT, False),
        (WEEKEND, False),
        (Quiet(days=tuple(range(7))), True),
        (Quiet(((time(7), time(7)),)), True),
        (Quiet(((time(22), time(7)), (time(6), time(23)))), True),
        (Quiet(((time(22), time(7)), (time(7), time(21)))), False),
    ],
)
def test_what_leaves_no_time_of_the_week_never_ends(hours: Quiet, expected: bool) -> None:
    assert expected is never_ends(hours)


def test_quiet_without_an_end_keeps_nothing() -> None:
    assert None is quiet_until(replace(ANN, quiet=Quiet(days=tuple(range(7)))), EVENING)


@pytest.mark.parametrize(
    ("purpose", "priority", "expected"),
    [
        (Purpose.PAGE, Priority.URGENT, False),
        (Purpose.PAGE, Priority.HIGH, True),
        (Purpose.PAGE, Priority.LOW, True),
        (Purpose.NEWS, Priority.URGENT, True),
        (Purpose.CONFIRM, Priority.LOW, False),
    ],
)
def test_urgent_pages_never_wait_news_always_do(purpose: Purpose, priority: Priority, expected: bool) -> None:
    assert expected is respects(purpose, priority)


@pytest.mark.parametrize(
    ("after", "due"),
    [(0, "2026-01-06 06:00"), (4, "2026-01-06 06:04")],
)
def test_the_delays_of_a_page_count_from_the_end_of_the_quiet(after: int, due: str) -> None:
    later = replace(PAGE, due=EVENING + timedelta(minutes=after))

    assert held(later, instant(due)) == postponed(later, ANN, EVENING)


def test_a_method_whose_turn_falls_into_the_quiet_waits_alone() -> None:
    begin = instant("2026-01-05 20:59")
    first: dict[str, Any] = {"date": begin, "due": begin}
    second: dict[str, Any] = {"date": begin, "due": begin + timedelta(minutes=2)}

    assert [False, True] == [
        is_held(postponed(replace(PAGE, **each), ANN, begin)) for each in (first, second)
    ]


def test_what_is_released_or_settled_waits_no_more() -> None:
    waiting = held(PAGE, EVENING)

    assert [True, False, False] == [
        is_held(each)
        for each in (waiting, released(waiting, EVENING), replace(waiting, state=DeliveryState.SENT))
    ]
