"""A cron expression's times: on the wall clock of its zone, clock changes as in Debian's cron, and what is no
expression says what would be one.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitord.config.patterns import fits, misunderstood
from monitord.config.problem import Wrong
from monitord.config.timetable import Cron, cron_expression
from monitord.core.heartbeat import Timetable

EXPRESSIONS = ("30 2 * * *", "*/15 * * * *", "0 9 * * 1", "0 0 29 2 *", "5,35 1-3 1 */2 *")
ZONES = ("UTC", "Europe/Berlin", "America/Chicago", "Asia/Kolkata", "Australia/Lord_Howe")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("expression", "zone", "after", "expected"),
    [
        ("30 2 * * *", "UTC", "2026-01-05T02:29:59", "2026-01-05T02:30"),
        ("30 2 * * *", "UTC", "2026-01-05T02:30:00", "2026-01-06T02:30"),
        ("0 9 * * 1", "America/Chicago", "2026-01-05T15:00", "2026-01-12T15:00"),
        # At 02:00 it becomes 03:00: what falls into the gap is due at its end, and only once.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00", "2026-03-30T00:30"),
        # At 03:00 it becomes 02:00 again: what is twice on the wall is due once, the first time.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
        # What is due every half hour is due every half hour.
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:30", "2026-10-25T01:00"),
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25T01:00", "2026-10-25T01:30"),
        ("0 0 29 2 *", "UTC", "2026-01-05T00:00", "2028-02-29T00:00"),
    ],
)
def test_the_next_time_is_on_the_wall_clock(expression: str, zone: str, after: str, expected: str) -> None:
    at, due = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (after, expected))
    timetable: Timetable = Cron(expression, zone)

    assert due == timetable.following(at)
    assert UTC is timetable.following(at).tzinfo


@given(st.sampled_from(EXPRESSIONS), st.sampled_from(ZONES), MOMENTS)
def test_the_next_time_is_later_and_none_lies_between(expression: str, zone: str, after: datetime) -> None:
    cron = Cron(expression, zone)
    following = cron.following(after)

    between = after + (following - after) / 2
    assert after < following == cron.following(between)


def test_the_same_words_are_the_same_timetable() -> None:
    assert Cron("0 3 * * *", "UTC") == Cron("0 3 * * *", "UTC")
    assert Cron("0 3 * * *", "UTC") != Cron("0 3 * * *", "Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 3 * *", "has 4 fields"),
        ("0 0 3 * * *", "has 6 fields"),
        ("61 3 * * *", "Bad minute"),
        ("@daily", "has 1 fields"),
        ("0 0 30 2 *", ""),
        ("0 " * 60, "characters"),
        (30, "is a text"),
    ],
)
def test_what_is_no_expression_says_why(text: object, expected: str) -> None:
    with pytest.raises(Wrong) as wrong:
        cron_expression(text)

    assert expected in wrong.value.what


def test_spaces_do_not_matter() -> None:
    assert "0 3 * * *" == cron_expression("  0   3 * * * ")


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("web[0-9]+", "web12", True),
        ("web", "web12", False),
        (".*", "", True),
        ("(a*)*b", "a" * 4000, False),
        ("(", "(", False),
        ("ä.c", "äbc", True),
    ],
)
def test_a_pattern_fits_the_whole_text_in_no_time(pattern: str, text: str, expected: bool) -> None:
    assert expected is fits(pattern, text)


def test_a_pattern_that_is_none_says_why() -> None:
    assert ("", True) == (misunderstood("web.*"), "missing" in misunderstood("("))
