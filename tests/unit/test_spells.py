"""The spells of one layer: from when on which turn is on call."""

from contextlib import suppress
from datetime import datetime, time
from itertools import islice

import pytest

from monitord.core.spells import leaves_out, spells
from monitord.core.turns import Layer, Turn, Unit
from monitord.core.wallclock import instant_of, zone_of

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
CHICAGO = "America/Chicago"


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def layer(turn: Turn, days: tuple[int, ...] = (), hours: str = "", start: str = "2026-01-05 09:00") -> Layer:
    spans = (tuple(time.fromisoformat(edge) for edge in span.split("-")) for span in hours.split())
    return Layer("weekly", (("ann",), ("bo",)), wall(start), turn, days=days, hours=tuple(spans))  # type: ignore[arg-type]


def told(of: Layer, start: str, count: int, zone: str = "UTC") -> list[str]:
    """The first spells as lines: "01-05 09:00 0"; "-" where the layer is off."""
    rules = zone_of(zone)
    found = dict(islice(spells(of, rules, instant_of(wall(start), rules)), count))
    return [
        f"{at.astimezone(rules):%m-%d %H:%M} {'-' if turn is None else turn}" for at, turn in found.items()
    ]


WEEKLY, DAILY, NINE_HOURS = Turn(1, Unit.WEEKS), Turn(1, Unit.DAYS), Turn(9, Unit.HOURS)


def test_the_first_spell_begins_where_it_is_asked_for() -> None:
    assert ["01-04 12:00 -1", "01-05 09:00 0", "01-12 09:00 1"] == told(layer(WEEKLY), "2026-01-04 12:00", 3)


def test_a_window_over_midnight_keeps_the_turn_of_its_day() -> None:
    nights = layer(DAILY, (), "20:00-10:00")

    assert ["01-05 08:00 -1", "01-05 10:00 -", "01-05 20:00 0", "01-06 10:00 -"] == told(
        nights, "2026-01-05 08:00", 4
    )


def test_yesterday_s_window_goes_on_behind_one_of_today() -> None:
    """The night belongs to the day before; from one to two it is today's, and then yesterday's again."""
    both = layer(DAILY, (), "22:00-06:00 01:00-02:00", start="2026-01-05 00:00")

    assert [
        "01-06 22:00 1",
        "01-07 01:00 2",
        "01-07 02:00 1",
        "01-07 06:00 -",
        "01-07 22:00 2",
    ] == told(both, "2026-01-06 22:00", 5)


def test_a_spell_of_yesterday_may_be_asked_for_in_the_middle() -> None:
    both = layer(DAILY, (), "22:00-06:00 01:00-02:00", start="2026-01-05 00:00")

    assert ["01-07 01:30 2", "01-07 02:00 1", "01-07 06:00 -"] == told(both, "2026-01-07 01:30", 3)


def test_masked_days_are_counted_from_a_start_on_another_day() -> None:
    fridays = layer(DAILY, (FRI,), start="2024-08-01 00:00")

    assert [
        "07-20 00:00 -",
        "07-26 00:00 -1",
        "07-27 00:00 -",
        "08-02 00:00 0",
        "08-03 00:00 -",
        "08-09 00:00 1",
    ] == told(fridays, "2024-07-20 00:00", 8)


def test_elapsed_turns_take_no_notice_of_the_wall() -> None:
    assert ["03-07 22:00 0", "03-08 08:00 1", "03-08 17:00 2"] == told(
        layer(NINE_HOURS, start="2026-03-07 22:00"), "2026-03-07 22:00", 3, CHICAGO
    )


@pytest.mark.parametrize("turn", [WEEKLY, DAILY, NINE_HOURS, Turn(2, Unit.MONTHS)])
def test_the_calendar_has_an_end(turn: Turn) -> None:
    """Whether it ends in silence or with an OverflowError, it ends; the rotation hears both alike."""
    found = spells(
        layer(turn, (), "09:00-17:00"), zone_of("UTC"), instant_of(wall("9999-12-29"), zone_of("UTC"))
    )
    told: list[object] = []
    with suppress(OverflowError):
        told.extend(found)

    assert 1 <= len(told) <= 10


@pytest.mark.parametrize(
    ("days", "hours"),
    [
        (tuple(range(7)), ""),
        ((), "00:00-00:00"),
        ((), "00:00-12:00 12:00-00:00"),
        (tuple(range(7)), "00:00-00:00"),
    ],
)
@pytest.mark.parametrize("turn", [WEEKLY, DAILY, NINE_HOURS])
def test_days_and_hours_that_leave_nothing_out_change_nothing(
    turn: Turn, days: tuple[int, ...], hours: str
) -> None:
    """Nobody looks for the end of a section then: it would be looked for up to the end of the calendar."""
    everything = layer(turn, days, hours)

    assert told(layer(turn), "2026-01-01 00:00", 20, CHICAGO) == told(
        everything, "2026-01-01 00:00", 20, CHICAGO
    )
    assert not leaves_out(everything)
