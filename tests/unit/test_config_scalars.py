"""Durations, wall-clock times, instants, turns, addresses: what people write, and what is refused."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitord.config.problem import Wrong
from monitord.config.scalars import (
    format_duration,
    parse_duration,
    parse_hours,
    parse_instant,
    parse_listen,
    parse_turn,
    parse_wall,
    plain,
)
from monitord.core.rotation import Turn, Unit

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2026-01-05", "2026-01-05"),
        ("2026-01-05 09:00", "2026-01-05 09:00"),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("+", "+"),
        ("-", "-"),
        (".", "."),
        ("true", True),
        ("True", True),
        ("tRue", "tRue"),
        ("~", None),
        ("null", None),
        ("", None),
        ("٣", "٣"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert value == plain(text)
    assert type(value) is type(plain(text))


def test_a_number_that_is_absurdly_long_is_refused() -> None:
    with pytest.raises(Wrong, match="too long for a number; if it is a text, put it in quotes"):
        plain("9" * 5000)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("900ms", timedelta(milliseconds=900)),
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("0s", timedelta(0)),
    ],
)
def test_a_duration_is_numbers_with_units(text: str, span: timedelta) -> None:
    assert span == parse_duration(text)


@pytest.mark.parametrize(
    "text", ["", "5", "5 m", "m", "5min", "30m1h", "1m1m", "-5m", "1.5h", "5M", "٣m", "1h30"]
)
def test_what_is_no_duration_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(Wrong, match="is not a duration; write a number and its unit, as 900ms"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["999999999w", "3651d"])
def test_a_duration_without_measure_is_refused(text: str) -> None:
    with pytest.raises(Wrong, match="is too long; the longest duration is 3650d"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(minutes=90), "1h30m"),
        (timedelta(days=10), "10d"),
        (timedelta(weeks=2), "2w"),
        (timedelta(0), "0s"),
        (timedelta(seconds=1, milliseconds=5), "1s5ms"),
    ],
)
def test_a_duration_is_written_as_people_write_it(span: timedelta, text: str) -> None:
    assert text == format_duration(span)


@given(st.integers(min_value=0, max_value=3650 * 86_400_000))
def test_what_is_written_is_read_again(milliseconds: int) -> None:
    span = timedelta(milliseconds=milliseconds)

    assert span == parse_duration(format_duration(span))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-05 09:00", datetime(2026, 1, 5, 15, 0, tzinfo=UTC)),
        ("2026-07-05T09:00:30", datetime(2026, 7, 5, 14, 0, 30, tzinfo=UTC)),
        ("2026-01-05T09:00:00Z", datetime(2026, 1, 5, 9, 0, tzinfo=UTC)),
        ("2026-01-05T09:00:00+02:00", datetime(2026, 1, 5, 7, 0, tzinfo=UTC)),
        ("2026-11-01T01:30:00-05:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_is_rfc_3339_or_the_wall_clock(text: str, instant: datetime) -> None:
    assert instant == parse_instant(text, CHICAGO)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "2026-03-08 02:30",
            "`2026-03-08 02:30` does not exist in America/Chicago: the clock changes; "
            "write 2026-03-08T01:30:00-06:00 or 2026-03-08T03:30:00-05:00",
        ),
        (
            "2026-11-01 01:30",
            "`2026-11-01 01:30` exists twice in America/Chicago: the clock changes; "
            "write 2026-11-01T01:30:00-05:00 or 2026-11-01T01:30:00-06:00",
        ),
    ],
)
def test_an_instant_that_does_not_exist_or_exists_twice_is_refused_with_both_readings(
    text: str, message: str
) -> None:
    with pytest.raises(Wrong) as refused:
        parse_instant(text, CHICAGO)

    assert message == str(refused.value)


@pytest.mark.parametrize(
    "text", ["tomorrow", "2026-02-30 09:00", "2026-01-05", "0001-01-01T00:00:00+09:00", "9999-12-31 23:59"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        parse_instant(text, ZoneInfo("America/Chicago"))


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-23:00",
        "1899-12-31 12:00",
        "3000-01-01 12:00",
    ],
)
def test_an_instant_at_the_ends_of_the_calendar_is_refused(text: str) -> None:
    """What a rotation says then cannot be asked: it looks around."""
    with pytest.raises(Wrong) as refused:
        parse_instant(text, CHICAGO)

    assert f"`{text}` is too far away; years are 1900 to 2999" == str(refused.value)


def test_a_tree_may_say_for_nearly_a_thousand_years() -> None:
    assert datetime(2999, 12, 31, tzinfo=UTC) == parse_instant("2999-12-31T00:00:00Z", CHICAGO)


def test_a_wall_clock_time_is_naive() -> None:
    assert datetime(2026, 1, 5, 9, 0) == parse_wall("2026-01-05 09:00")


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("1 week", Turn(1, Unit.WEEKS)),
        ("2 weeks", Turn(2, Unit.WEEKS)),
        ("12 hours", Turn(12, Unit.HOURS)),
        ("1 month", Turn(1, Unit.MONTHS)),
        ("3d", Turn(3, Unit.DAYS)),
    ],
)
def test_a_turn_is_a_number_of_units(text: str, turn: Turn) -> None:
    assert turn == parse_turn(text)


@pytest.mark.parametrize("text", ["weekly", "1 fortnight", "0 days", "1001 weeks", "1.5 weeks", "5m", ""])
def test_what_is_no_turn_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        parse_turn(text)


def test_times_of_day_may_end_at_midnight() -> None:
    assert (time(20), time()) == parse_hours("20:00-24:00")


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:1", ("localhost", 1)),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, pair: tuple[str, int]) -> None:
    assert pair == parse_listen(text)


@pytest.mark.parametrize("text", ["8080", "::1:8080", "host:", "host:70000", "http://x:1", ":80"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        parse_listen(text)
