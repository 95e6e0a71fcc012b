"""Working hours: when they begin, on the wall clock of their zone."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from monitord.core.climbing import Reach, begin
from monitord.core.escalation import PageRequested, RoundReason
from monitord.core.holding import advance, shifted
from monitord.core.policy import Deadline, DeadlineKind, Policy, Tier
from monitord.core.workhours import HoursAwaited, Workhours, opens
from monitord.store.codec import decode, encode

WEEKDAYS = (0, 1, 2, 3, 4)
NINE_TO_FIVE = ((time(9), time(17)),)
MINUTE = timedelta(minutes=1)
EVERYBODY = Reach(lambda targets: targets)


def hours(zone: str = "UTC", days: tuple[int, ...] = WEEKDAYS, *spans: tuple[time, time]) -> Workhours:
    return Workhours(days, spans or NINE_TO_FIVE, zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("UTC", "2026-01-05 09:00", None),  # a Monday; the first instant belongs to them
        ("UTC", "2026-01-05 16:59", None),
        ("UTC", "2026-01-05 17:00", "2026-01-06 09:00"),  # the last one does not
        ("UTC", "2026-01-05 03:00", "2026-01-05 09:00"),
        ("UTC", "2026-01-09 17:30", "2026-01-12 09:00"),  # Friday evening
        ("America/Chicago", "2026-01-05 12:00", "2026-01-05 15:00"),
        ("America/Chicago", "2026-03-06 23:30", "2026-03-09 14:00"),  # over the change to summer time
        ("America/Chicago", "2026-10-30 22:30", "2026-11-02 15:00"),  # and back
        ("Europe/Berlin", "2026-03-27 17:00", "2026-03-30 07:00"),
    ],
)
def test_they_begin_on_the_wall(zone: str, now: str, expected: str | None) -> None:
    assert (utc(expected) if expected else None) == opens(hours(zone), utc(now), {})


def test_an_opening_in_a_skipped_hour_is_the_first_valid_instant() -> None:
    """In Chicago the clock went from 02:00 to 03:00 on 8 March 2026."""
    at_night = hours("America/Chicago", (6,), (time(2, 30), time(4)))

    assert utc("2026-03-08 08:00") == opens(at_night, utc("2026-03-08 06:00"), {})


def test_hours_that_are_skipped_as_a_whole_do_not_open_that_day() -> None:
    at_night = hours("America/Chicago", (6,), (time(2), time(3)))

    assert utc("2026-03-15 07:00") == opens(at_night, utc("2026-03-08 06:00"), {})


CHRISTMAS = {"US": frozenset({date(2026, 12, 25), date(2026, 12, 28)})}  # a Friday, and the Monday after it


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-12-24 16:59", None),
        ("2026-12-24 17:00", "2026-12-29 09:00"),  # over the weekend, and two holidays
        ("2026-12-25 10:00", "2026-12-29 09:00"),
        ("2026-12-29 10:00", None),
    ],
)
def test_no_working_hours_begin_on_a_holiday(now: str, expected: str | None) -> None:
    closed = replace(hours(), holidays_of="US")

    assert (utc(expected) if expected else None) == opens(closed, utc(now), CHRISTMAS)


def test_what_began_the_evening_before_goes_on_into_a_holiday() -> None:
    night = replace(hours("UTC", WEEKDAYS, (time(22), time(6))), holidays_of="US")

    assert opens(night, utc("2026-12-25 05:59"), CHRISTMAS) is None
    assert utc("2026-12-29 22:00") == opens(night, utc("2026-12-25 06:00"), CHRISTMAS)
    early = utc("2026-12-29 03:00")  # would belong to the holiday's evening
    assert utc("2026-12-29 22:00") == opens(night, early, CHRISTMAS)


def test_without_days_and_hours_it_is_every_day_but_those() -> None:
    assert opens(Workhours(holidays_of="US"), utc("2026-12-24 23:59"), CHRISTMAS) is None
    assert utc("2026-12-26 00:00") == opens(Workhours(holidays_of="US"), utc("2026-12-25 03:00"), CHRISTMAS)


def test_a_page_leaves_if_they_never_begin() -> None:
    always = frozenset(date(2026, 1, 1) + timedelta(days=day) for day in range(100))

    assert opens(replace(hours(), holidays_of="US"), utc("2026-01-05 03:00"), {"US": always}) is None


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    night = hours("UTC", (4,), (time(22), time(6)))

    assert opens(night, utc("2026-01-10 05:59"), {}) is None  # a Saturday morning
    assert utc("2026-01-16 22:00") == opens(night, utc("2026-01-10 06:00"), {})


def test_a_policy_without_hours_is_always_open() -> None:
    assert opens(None, utc("2026-01-05 03:00"), {}) is None


# What they do to an escalation.

CALM = Policy("calm", (Tier(("ann",), 10 * MINUTE), Tier(("bo",), 10 * MINUTE)), only=hours())


def test_nobody_is_paged_before_they_begin() -> None:
    night = utc("2026-01-05 03:00")

    waiting, events = begin(7, CALM, 1, RoundReason.OPENED, night, EVERYBODY)
    morning = advance(waiting, waiting.deadline.at, EVERYBODY)

    assert HoursAwaited(7, utc("2026-01-05 09:00")) == events[-1]
    assert Deadline(DeadlineKind.HOURS, utc("2026-01-05 09:00"), 6 * 60 * MINUTE) == waiting.deadline
    assert PageRequested(7, 1, 1, "ann") in morning[1]


def test_what_began_in_the_afternoon_goes_on_in_the_morning() -> None:
    afternoon = utc("2026-01-05 16:55")
    begun = begin(7, CALM, 1, RoundReason.OPENED, afternoon, EVERYBODY)[0]

    waiting, events = advance(begun, utc("2026-01-05 17:05"), EVERYBODY)
    morning = advance(waiting, utc("2026-01-06 09:00"), EVERYBODY)

    assert (HoursAwaited(7, utc("2026-01-06 09:00")),) == events
    assert ["ann", "bo"] == [event.person for event in morning[1] if isinstance(event, PageRequested)]


def test_whom_somebody_has_named_is_paged_at_once() -> None:
    night = utc("2026-01-05 03:00")

    step = begin(7, CALM, 2, RoundReason.HANDED_OVER, night, EVERYBODY, first=("cem",), alone=True)
    later = advance(step[0], utc("2026-01-05 03:10"), EVERYBODY)

    assert PageRequested(7, 2, 1, "cem") in step[1]
    assert (HoursAwaited(7, utc("2026-01-05 09:00")),) == later[1]


@pytest.mark.parametrize(("by", "now"), [(60, "2026-01-05 04:00"), (-60, "2026-01-05 02:00")])
def test_when_the_clock_is_set_they_begin_by_the_clock(by: float, now: str) -> None:
    waiting = begin(7, CALM, 1, RoundReason.OPENED, utc("2026-01-05 03:00"), EVERYBODY)[0]

    after = shifted(waiting, by * MINUTE, utc(now), {})

    assert utc("2026-01-05 09:00") == after.deadline.at
    assert after.deadline.at - utc(now) == after.deadline.span


def test_an_escalation_carries_the_name_of_the_place_and_not_its_holidays() -> None:
    closed = replace(CALM, only=replace(hours(), holidays_of="US"))
    eve, reach = utc("2026-12-24 17:00"), replace(EVERYBODY, holidays=CHRISTMAS)

    waiting, events = begin(7, closed, 1, RoundReason.OPENED, eve, reach)

    assert HoursAwaited(7, utc("2026-12-29 09:00")) == events[-1]
    assert len(encode(waiting)) < 700
    assert waiting == decode("Escalation", encode(waiting))


def test_one_that_carries_the_days_themselves_can_be_read() -> None:
    begun = begin(7, CALM, 1, RoundReason.OPENED, utc("2026-01-05 10:00"), EVERYBODY)[0]
    written = encode(begun).replace('"holidays_of":""', '"holidays":["2026-12-25"]')

    assert '"holidays":["2026-12-25"]' in written
    assert begun == decode("Escalation", written)
