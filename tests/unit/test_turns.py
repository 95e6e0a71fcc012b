"""Turns of one layer: how long they last across daylight saving, when a restriction lets them be on call."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice

import pytest

from monitord.core.spells import spells
from monitord.core.turns import Layer, Turn, Unit, turn_at
from monitord.core.wallclock import instant_of, zone_of

CHICAGO = zone_of("America/Chicago")
PLAIN_UTC = zone_of("UTC")
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def instant(text: str) -> datetime:
    return wall(text).replace(tzinfo=UTC)


def layer(start: str, count: int, unit: Unit) -> Layer:
    return Layer("weekly", (("ann",), ("bo",)), wall(start), Turn(count, unit))


def restricted(days: tuple[int, ...], begin: str, end: str) -> Layer:
    """Weekly turns, in UTC, from long ago."""
    hours = ((time.fromisoformat(begin), time.fromisoformat(end)),)
    return replace(layer("2017-01-02 00:00", 1, Unit.WEEKS), days=days, hours=hours)


LENGTHS = [
    ("D01", "2017-06-01 00:00", 1, Unit.MONTHS, "2017-07-01 00:00", 720),
    ("D02", "2017-07-01 00:00", 2, Unit.MONTHS, "2017-09-01 00:00", 1488),
    ("D03", "2017-03-01 00:00", 1, Unit.MONTHS, "2017-04-01 00:00", 743),
    ("D04", "2017-11-01 00:00", 2, Unit.MONTHS, "2018-01-01 00:00", 1465),
    ("D05", "2017-03-10 08:00", 1, Unit.WEEKS, "2017-03-17 08:00", 167),
    ("D06", "2017-11-04 08:00", 1, Unit.WEEKS, "2017-11-11 08:00", 169),
    ("D07", "2017-03-11 08:00", 1, Unit.DAYS, "2017-03-12 08:00", 23),
    ("D08", "2017-11-04 08:00", 1, Unit.DAYS, "2017-11-05 08:00", 25),
    ("D09", "2017-03-12 00:00", 3, Unit.HOURS, "2017-03-12 03:00", 2),
    ("D10", "2017-11-05 00:00", 3, Unit.HOURS, "2017-11-05 03:00", 4),
    ("twelve-hour turns", "2017-03-12 00:00", 12, Unit.HOURS, "2017-03-12 12:00", 11),
    ("24 hours are a day on the wall", "2017-03-11 08:00", 24, Unit.HOURS, "2017-03-12 08:00", 23),
    ("48 hours are elapsed time", "2017-03-11 08:00", 48, Unit.HOURS, "2017-03-13 09:00", 48),
    ("five hours are elapsed time", "2017-03-12 00:00", 5, Unit.HOURS, "2017-03-12 06:00", 5),
    ("a handoff in the gap", "2017-03-05 02:30", 1, Unit.WEEKS, "2017-03-12 03:00", 167.5),
    ("an ambiguous handoff", "2017-10-29 01:30", 1, Unit.WEEKS, "2017-11-05 01:30", 168),
]


@pytest.mark.parametrize(
    ("start", "count", "unit", "end", "hours"), [row[1:] for row in LENGTHS], ids=[r[0] for r in LENGTHS]
)
def test_a_turn_ends_on_the_wall_clock(start: str, count: int, unit: Unit, end: str, hours: float) -> None:
    """In Chicago, the first turn of a layer."""
    begin = instant_of(wall(start), CHICAGO)
    _, (found, turn) = islice(spells(layer(start, count, unit), CHICAGO, begin), 2)

    assert instant_of(wall(end), CHICAGO) == found
    assert timedelta(hours=hours) == found - begin
    assert 1 == turn


@pytest.mark.parametrize(
    ("start", "count", "unit", "at", "expected"),
    [
        ("2026-01-05 09:00", 1, Unit.WEEKS, "2026-01-05 09:00", 0),
        ("2026-01-05 09:00", 1, Unit.WEEKS, "2026-01-05 08:59", -1),
        ("2026-01-05 09:00", 1, Unit.WEEKS, "2027-01-05 09:00", 52),
        ("2026-01-05 09:00", 2, Unit.WEEKS, "2025-12-01 00:00", -3),
        ("2026-01-31 09:00", 1, Unit.MONTHS, "2026-02-28 08:59", 0),
        ("2026-01-31 09:00", 1, Unit.MONTHS, "2026-02-28 09:00", 1),
        ("2026-01-31 09:00", 1, Unit.MONTHS, "2026-03-31 08:59", 1),
        ("2026-01-31 09:00", 1, Unit.MONTHS, "2026-03-31 09:00", 2),
        ("2026-01-31 09:00", 1, Unit.MONTHS, "2026-04-30 09:00", 3),
        ("2024-02-29 00:00", 12, Unit.MONTHS, "2025-02-28 00:00", 1),
        ("2026-01-31 09:00", 1, Unit.MONTHS, "2025-12-31 08:59", -2),
        ("2026-01-31 09:00", 5, Unit.MONTHS, "2025-08-31 09:00", -1),
    ],
)
def test_turns_are_numbered_from_the_start_in_both_directions(
    start: str, count: int, unit: Unit, at: str, expected: int
) -> None:
    assert expected == turn_at(layer(start, count, unit), PLAIN_UTC, instant(at))


def test_turns_of_months_keep_their_anchor() -> None:
    handoffs = islice(
        spells(layer("2026-01-31 09:00", 1, Unit.MONTHS), PLAIN_UTC, instant("2026-01-31 09:00")), 1, 5
    )

    expected = ["2026-02-28 09:00", "2026-03-31 09:00", "2026-04-30 09:00", "2026-05-31 09:00"]
    assert [(instant(text), turn) for turn, text in enumerate(expected, 1)] == list(handoffs)


def test_a_turn_the_gap_swallows_counts() -> None:
    """Hourly turns in Chicago: 02:00 to 03:00 does not happen, and 03:00 has the people it has every day."""
    hourly = layer("2017-03-11 00:00", 1, Unit.HOURS)

    assert 25 == turn_at(hourly, CHICAGO, instant_of(wall("2017-03-12 01:00"), CHICAGO))
    assert 27 == turn_at(hourly, CHICAGO, instant_of(wall("2017-03-12 03:00"), CHICAGO))


WINDOWS = [
    (
        "W01",
        restricted((MON,), "08:00", "20:00"),
        ["2017-07-24 08:00", "2017-07-24 09:00"],
        ["2017-07-24 20:00", "2017-07-20 08:00", "2017-07-25 08:00"],
    ),
    (
        "W02",
        restricted((MON,), "20:00", "08:00"),
        ["2017-07-24 20:00", "2017-07-24 21:00", "2017-07-25 07:00"],
        ["2017-07-25 08:00", "2017-07-24 09:00", "2017-07-26 08:00"],
    ),
    (
        "W03",
        restricted((MON, TUE, WED, THU, FRI), "08:00", "08:00"),
        ["2017-07-24 08:00", "2017-07-26 07:59", "2017-07-28 08:00", "2017-07-29 07:00"],
        ["2017-07-24 07:00", "2017-07-29 08:00"],
    ),
    (
        "W04",
        restricted((MON, TUE, WED, THU, FRI), "20:00", "08:00"),
        ["2017-07-24 20:00", "2017-07-25 07:00", "2017-07-28 20:00", "2017-07-29 07:00"],
        ["2017-07-23 20:00", "2017-07-24 07:00", "2017-07-29 20:00", "2017-07-30 07:00"],
    ),
    (
        "the whole day, from midnight to midnight",
        restricted((SAT,), "00:00", "00:00"),
        ["2017-07-29 00:00", "2017-07-29 23:59"],
        ["2017-07-28 23:59", "2017-07-30 00:00"],
    ),
    (
        "until midnight",
        restricted((SAT,), "18:00", "00:00"),
        ["2017-07-29 18:00", "2017-07-29 23:59"],
        ["2017-07-29 17:59", "2017-07-30 00:00"],
    ),
    (
        "days without hours are calendar days",
        replace(restricted((SUN,), "00:00", "00:00"), hours=()),
        ["2017-07-30 00:00", "2017-07-30 23:59"],
        ["2017-07-29 23:59", "2017-07-31 00:00"],
    ),
]


@pytest.mark.parametrize(
    ("layer", "on", "off"), [row[1:] for row in WINDOWS], ids=[row[0] for row in WINDOWS]
)
def test_a_restriction_belongs_to_the_day_it_starts_on(layer: Layer, on: list[str], off: list[str]) -> None:
    assert [True] * len(on) == [turn_at(layer, PLAIN_UTC, instant(at)) is not None for at in on]
    assert [None] * len(off) == [turn_at(layer, PLAIN_UTC, instant(at)) for at in off]


def test_after_midnight_the_people_of_the_day_before_stay() -> None:
    """Daily turns change at midnight, but the night does not."""
    nights = replace(
        restricted((), "20:00", "08:00"), start=wall("2017-07-24 00:00"), turn=Turn(1, Unit.DAYS)
    )

    assert 0 == turn_at(nights, PLAIN_UTC, instant("2017-07-24 20:00"))
    assert 0 == turn_at(nights, PLAIN_UTC, instant("2017-07-25 07:59"))
    assert 1 == turn_at(nights, PLAIN_UTC, instant("2017-07-25 20:00"))


def test_after_midnight_they_stay_in_elapsed_time_too() -> None:
    """Turns of 13 hours: the one from 02:00 to 15:00 falls between two nights."""
    nights = replace(
        restricted((), "20:00", "08:00"), start=wall("2017-07-24 13:00"), turn=Turn(13, Unit.HOURS)
    )

    assert 0 == turn_at(nights, PLAIN_UTC, instant("2017-07-24 20:00"))
    assert 0 == turn_at(nights, PLAIN_UTC, instant("2017-07-25 07:59"))
    assert 2 == turn_at(nights, PLAIN_UTC, instant("2017-07-25 20:00"))


def test_a_handoff_before_midnight_happens_within_the_night() -> None:
    nights = replace(
        restricted((), "20:00", "08:00"), start=wall("2017-07-24 22:00"), turn=Turn(1, Unit.DAYS)
    )

    assert -1 == turn_at(nights, PLAIN_UTC, instant("2017-07-24 21:59"))
    assert 0 == turn_at(nights, PLAIN_UTC, instant("2017-07-24 22:00"))
    assert 0 == turn_at(nights, PLAIN_UTC, instant("2017-07-25 07:59"))


@pytest.mark.parametrize(("begin", "end"), [("00:00", "00:00"), ("22:00", "00:00")])
def test_hours_that_end_at_midnight_hand_over_within_them(begin: str, end: str) -> None:
    """None of them lies after midnight, where yesterday's people would stay."""
    evenings = replace(restricted((), begin, end), start=wall("2017-07-24 23:00"), turn=Turn(1, Unit.DAYS))

    assert [-1, 0, 0, 0, 1] == [
        turn_at(evenings, PLAIN_UTC, instant(at))
        for at in (
            "2017-07-24 22:59",
            "2017-07-24 23:00",
            "2017-07-24 23:59",
            "2017-07-25 22:00",
            "2017-07-25 23:00",
        )
    ]


def test_the_whole_day_is_the_same_as_no_hours_at_all() -> None:
    daily = replace(layer("2017-07-24 09:00", 1, Unit.DAYS), days=(MON, TUE, FRI))
    whole_days = replace(daily, hours=restricted((), "00:00", "00:00").hours)
    start = instant("2017-07-01 00:00")

    assert list(islice(spells(daily, CHICAGO, start), 50)) == list(
        islice(spells(whole_days, CHICAGO, start), 50)
    )


def test_from_and_until_bound_a_layer() -> None:
    bounded = replace(
        layer("2026-01-05 09:00", 1, Unit.WEEKS),
        since=wall("2026-01-06 00:00"),
        until=wall("2026-01-20 00:00"),
    )
    instants = ["2026-01-05 23:59", "2026-01-06 00:00", "2026-01-19 23:59", "2026-01-20 00:00"]

    assert [None, 0, 2, None] == [turn_at(bounded, PLAIN_UTC, instant(at)) for at in instants]
    assert [
        (instant("2020-01-01"), None),
        (instant("2026-01-06"), 0),
        (instant("2026-01-12 09:00"), 1),
        (instant("2026-01-19 09:00"), 2),
        (instant("2026-01-20"), None),
    ] == list(spells(bounded, PLAIN_UTC, instant("2020-01-01 00:00")))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2024-08-02 09:00", 0),  # the first Friday
        ("2024-08-02 00:00", 0),  # the first people begin at the start
        ("2024-08-01 08:59", None),
        ("2024-08-09 08:59", 0),  # before the handoff
        ("2024-08-09 09:00", 1),
        ("2024-07-26 09:00", -1),
        ("2024-07-26 08:59", -2),
    ],
)
def test_days_outside_the_mask_use_up_no_turn(at: str, expected: int | None) -> None:
    """Thursday 1 August 2024, 09:00, is the start; only Fridays count."""
    fridays = replace(layer("2024-08-01 09:00", 1, Unit.DAYS), days=(FRI,))

    assert expected == turn_at(fridays, PLAIN_UTC, instant(at))
