"""The calendar as a picture: every shift and every gap has its place, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from monitord.core.override import Override, OverrideKind
from monitord.core.rotation import Layer, Rotation, Turn, Unit, shifts
from monitord.web.console.weeks import PLACES, Picture, Reader, Span, monday_of, picture, shifts_of

CHICAGO = "America/Chicago"
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
NAMES = {"ann": "Ann Example", "bo": "Bo Example", "cem": "Cem Example", "dee": "Dee Example"}
READER = Reader("ann", NOW, NAMES)
DAY = timedelta(days=1)
OFFICE = (time(9), time(17))


def rotation(
    turn: Turn | None = None, *overrides: Override, hours: tuple[tuple[time, time], ...] = ()
) -> Rotation:
    start, people = datetime(2026, 1, 5, 9), (("ann",), ("bo", "cem"))
    layer = Layer("weekly", people, start, turn or Turn(1, Unit.WEEKS), hours=hours)
    return Rotation("primary", CHICAGO, layers=(layer,), overrides=overrides)


def seen(on_call: Rotation, first: date = date(2026, 3, 2), weeks: int = 2, zone: str = CHICAGO) -> Picture:
    return picture([on_call], Span(first, weeks, zone), READER)


def places(found: Picture, week: int = 0) -> list[tuple[str, int]]:
    return [(bar.block.who, bar.places) for bar in found.weeks[week].lanes[0].bars]


def words(found: Picture, week: int, day: int) -> list[tuple[str, str]]:
    return [(row.block.who, row.when) for row in found.weeks[week].days[day].rows]


def test_a_handoff_stands_at_its_hour_on_the_readers_wall() -> None:
    assert [("Bo Example, Cem Example", 9), ("Ann Example", 159)] == places(seen(rotation()))
    assert [("Bo Example, Cem Example", 16), ("Ann Example", 152)] == places(
        seen(rotation(), zone="Europe/Berlin")
    )


@pytest.mark.parametrize("zone", [CHICAGO, "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu"])
@pytest.mark.parametrize("first", [date(2026, 3, 2), date(2026, 10, 26), date(2026, 4, 20)])
@pytest.mark.parametrize("turn", [Turn(1, Unit.DAYS), Turn(3, Unit.HOURS), Turn(1, Unit.HOURS)], ids=str)
def test_a_week_is_as_wide_as_any_other(zone: str, first: date, turn: Turn) -> None:
    found = seen(rotation(turn), first, 2, zone)

    assert {PLACES} == {sum(bar.places for bar in week.lanes[0].bars) for week in found.weeks}
    assert 0 < min(bar.places for week in found.weeks for bar in week.lanes[0].bars)


def test_it_shows_what_the_escalation_asks() -> None:
    span = Span(date(2026, 3, 2), 2, CHICAGO)
    found = picture([rotation(Turn(1, Unit.DAYS))], span, READER)
    bars = [bar.block.shift for week in found.weeks for bar in week.lanes[0].bars]

    assert shifts(rotation(Turn(1, Unit.DAYS)), span.start, span.end) == list(dict.fromkeys(bars))


def test_no_gap_disappears_however_short() -> None:
    at = datetime(2026, 3, 4, 18, 10, tzinfo=UTC)
    short = Override("o1", at, at + timedelta(minutes=5), OverrideKind.REMOVE, who="ann")
    found = seen(rotation(None, short))

    assert ["nobody"] == [bar.block.who for bar in found.weeks[0].lanes[0].bars if bar.block.gap]
    assert [
        ("Ann Example", "until 12:10"),
        ("nobody", "12:10–12:15"),
        ("Ann Example", "from 12:15"),
    ] == words(found, 0, 2)


def test_a_day_says_who_has_which_part_of_it() -> None:
    found = seen(rotation())

    assert [("Bo Example, Cem Example", "until 09:00"), ("Ann Example", "from 09:00")] == words(found, 0, 0)
    assert [("Ann Example", "all day")] == words(found, 0, 6), "the clock is changed that day"


def test_gaps_that_are_not_over_are_listed_whole() -> None:
    found = seen(rotation(hours=(OFFICE,)), date(2026, 3, 9), 1)
    first = found.gaps[0].shift

    assert (datetime(2026, 3, 9, 22, tzinfo=UTC), datetime(2026, 3, 10, 14, tzinfo=UTC)) == (
        first.start,
        first.end,
    )
    assert datetime(2026, 3, 16, 14, tzinfo=UTC) == found.gaps[-1].shift.end, "beyond the last midnight"


def test_ones_own_shifts_are_whole_and_ones_own() -> None:
    span = Span(date(2026, 3, 4), 1, CHICAGO)
    mine = shifts_of("ann", [rotation()], span, READER)

    assert [datetime(2026, 3, 2, 15, tzinfo=UTC)] == [each.shift.start for each in mine]
    assert [] == shifts_of("dee", [rotation()], span, READER)


def test_who_only_stands_in_has_a_shift_too() -> None:
    start = datetime(2026, 3, 5, 12, tzinfo=UTC)
    found = shifts_of(
        "dee",
        [rotation(None, Override("o1", start, start + DAY, OverrideKind.ADD, by=("dee",)))],
        Span(date(2026, 3, 2), 1, CHICAGO),
        READER,
    )

    assert [(start, start + DAY)] == [(each.shift.start, each.shift.end) for each in found]


def test_now_and_mine_are_marked() -> None:
    week = seen(rotation()).weeks[1]

    assert ["tint-0 mine goes-on narrow", "tint-1 now"] == [bar.looks for bar in week.lanes[0].bars]
    assert [date(2026, 3, 10)] == [day.date for day in week.days if day.today]


def test_a_rotation_that_nobody_is_in_is_one_gap() -> None:
    found = picture([Rotation("empty", CHICAGO)], Span(date(2026, 3, 9), 1, CHICAGO), READER)

    assert [("nobody", PLACES)] == places(found)


def test_the_calendar_ends_with_the_year_9999() -> None:
    span = Span(monday_of(date(9999, 12, 20)), 1, CHICAGO)

    assert 1 == len(picture([rotation()], span, READER).weeks)
