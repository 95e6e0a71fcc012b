"""The wall clock: what it shows at an instant, and when it first shows a time."""

from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.wallclock import (
    day_and_time,
    instant_of,
    known_zone,
    readings,
    span_on_wall,
    wall_at,
    zone_of,
)

CHICAGO = "America/Chicago"


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        (CHICAGO, "2026-01-05 09:00", "2026-01-05 15:00"),
        (CHICAGO, "2018-03-11 02:00", "2018-03-11 08:00"),  # the gap from 02:00 to 03:00
        (CHICAGO, "2018-03-11 02:30", "2018-03-11 08:00"),
        (CHICAGO, "2018-03-11 03:00", "2018-03-11 08:00"),
        (CHICAGO, "2018-11-04 01:30", "2018-11-04 06:30"),  # the first of two, still CDT
        (CHICAGO, "2018-11-04 02:00", "2018-11-04 08:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-03 15:30"),  # a gap of half an hour
        ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00"),  # a gap at midnight
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),  # a day that did not happen
        ("Asia/Kathmandu", "2026-01-05 09:00", "2026-01-05 03:15"),
    ],
)
def test_a_wall_time_is_the_first_instant_that_shows_it_or_later(zone: str, wall: str, expected: str) -> None:
    assert instant(expected) == instant_of(datetime.fromisoformat(wall), zone_of(zone))


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2018-03-11 07:59", "2018-03-11 01:59"),
        ("2018-03-11 08:00", "2018-03-11 03:00"),
        ("2018-11-04 06:59", "2018-11-04 01:59"),
        ("2018-11-04 07:00", "2018-11-04 01:59:59.999999"),  # the clock goes back, the mark stands still
        ("2018-11-04 07:59:59", "2018-11-04 01:59:59.999999"),
        ("2018-11-04 08:00", "2018-11-04 02:00"),
    ],
)
def test_the_wall_clock_is_read_like_a_tide_mark(utc: str, expected: str) -> None:
    assert datetime.fromisoformat(expected) == wall_at(instant(utc), zone_of(CHICAGO))


def test_an_instant_may_come_in_any_zone() -> None:
    at = instant("2018-11-04 07:30")

    assert wall_at(at, zone_of(CHICAGO)) == wall_at(at.astimezone(zone_of("Asia/Tokyo")), zone_of(CHICAGO))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "2026-03-28 08:00 to 2026-03-29 08:00 UTC"),
        ("Europe/Berlin", "2026-03-28 09:00 CET to 2026-03-29 10:00 CEST"),
        ("America/Chicago", "2026-03-28 03:00 to 2026-03-29 03:00 CDT"),
        ("No/Such", "2026-03-28 08:00 to 2026-03-29 08:00 UTC"),
    ],
)
def test_a_span_is_told_on_the_wall_with_the_name_of_its_zone(zone: str, expected: str) -> None:
    start = datetime(2026, 3, 28, 8, tzinfo=UTC)

    assert expected == span_on_wall(start, start + timedelta(days=1), zone)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        wall_at(datetime(2026, 1, 5, 9), zone_of(CHICAGO))


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2026-01-05 09:00", ["2026-01-05 15:00"]),
        ("2018-03-11 02:30", ["2018-03-11 07:30", "2018-03-11 08:30"]),
        ("2018-11-04 01:30", ["2018-11-04 06:30", "2018-11-04 07:30"]),
    ],
)
def test_a_typed_time_has_two_readings_where_the_clock_changes(wall: str, expected: list[str]) -> None:
    assert tuple(map(instant, expected)) == readings(datetime.fromisoformat(wall), zone_of(CHICAGO))


@pytest.mark.parametrize("name", ["UTC", CHICAGO, "Asia/Kathmandu", "Etc/GMT+5"])
def test_names_of_the_database_are_known(name: str) -> None:
    assert known_zone(name)


@pytest.mark.parametrize(
    "name", ["", "Chicago", "America", "../UTC", "/etc/passwd", "localtime", "a\0b", "\ud800", "x" * 9000]
)
def test_other_names_are_not(name: str) -> None:
    assert not known_zone(name)


@pytest.mark.parametrize(
    "zone", [CHICAGO, "Europe/Dublin", "Australia/Lord_Howe", "America/Havana", "Africa/Casablanca"]
)
def test_instants_and_wall_times_are_inverse_all_year(zone: str) -> None:
    rules = zone_of(zone)
    wall = datetime(2026, 1, 1)
    for _ in range(365 * 8):
        wall += timedelta(hours=3, minutes=1)
        at = instant_of(wall, rules)
        assert wall_at(at, rules) >= wall > wall_at(at - timedelta(microseconds=1), rules)


def test_where_the_calendar_of_a_zone_ends_the_clock_is_read_in_utc() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    assert ("0001-01-01 00:00 UTC", "9999-12-31 23:59 UTC") == (
        day_and_time(first, "America/Chicago"),
        day_and_time(last, "Asia/Tokyo"),
    )
