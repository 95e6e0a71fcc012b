"""Who is away beside the weeks of the calendar: as wide as the week, nobody hidden, holidays as one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from monitord.core.absence import Absence, Origin
from monitord.core.rotation import Layer, Rotation, Turn, Unit, with_absences
from monitord.web.console.calendar_away import LANES_MAX, AwayWeek, away_weeks
from monitord.web.console.weeks import PLACES, Reader, Span

CHICAGO = "America/Chicago"
DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)  # midnight in Chicago
PEOPLE = ("ann", "bo", "cem")
READER = Reader("ann", MONDAY, {name: f"{name.title()} Example" for name in PEOPLE})
PRIMARY = Rotation(
    "primary",
    CHICAGO,
    layers=(Layer("weekly", tuple((each,) for each in PEOPLE), datetime(2026, 1, 5), Turn(1, Unit.WEEKS)),),
)


def away(person: str, begin: int, end: int, why: str = "", **more: object) -> Absence:
    """From that day after Monday until another."""
    return Absence(person, MONDAY + begin * DAY, MONDAY + end * DAY, why, **more)  # type: ignore[arg-type]


def weeks(*absences: Absence, number: int = 1, rotation: Rotation = PRIMARY) -> tuple[AwayWeek, ...]:
    return away_weeks(absences, [rotation], Span(date(2026, 11, 23), number, CHICAGO), READER)


def bars(week: AwayWeek) -> list[list[tuple[int, str]]]:
    return [[(cell.places, cell.words) for cell in lane] for lane in week.lanes]


def test_somebody_away_has_a_bar_from_then_to_then() -> None:
    (week,) = weeks(away("cem", 1, 4, "skiing"))

    assert [[(24, ""), (72, "Cem Example: skiing"), (72, "")]] == bars(week)
    assert [(), ("Cem Example",), ("Cem Example",), ("Cem Example",), (), (), ()] == [
        tuple(each.who for each in day) for day in week.days
    ]


def test_who_is_away_longer_than_the_week_has_all_of_it() -> None:
    assert [[[(PLACES, "Bo Example")]]] * 2 == [bars(week) for week in weeks(away("bo", -3, 20), number=2)]


def test_a_public_holiday_of_several_is_one_bar() -> None:
    holidays = [away(each, 3, 4, "Thanksgiving", origin=Origin.HOLIDAY) for each in ("ann", "bo")]
    (week,) = weeks(rotation=with_absences(PRIMARY, holidays))

    assert [[(72, ""), (24, "Ann, Bo: Thanksgiving"), (72, "")]] == bars(week)
    assert [True] == [each.mine for each in week.days[3]]


def test_a_cover_is_named() -> None:
    (week,) = weeks(away("cem", 0, 7, "skiing", cover="bo"))

    assert [[(PLACES, "Cem Example: skiing, Bo Example stands in")]] == bars(week)


def test_what_overlaps_stands_below_each_other_and_what_does_not_beside() -> None:
    (week,) = weeks(away("ann", 0, 3), away("bo", 1, 2), away("ann", 4, 7))

    assert [[(72, "Ann Example"), (24, ""), (72, "Ann Example")], [(24, ""), (24, "Bo"), (120, "")]] == bars(
        week
    )


@pytest.mark.parametrize("minutes", [1, 30, 59])
def test_no_absence_disappears_however_short(minutes: int) -> None:
    late = MONDAY + 7 * DAY - timedelta(minutes=minutes)
    (week,) = weeks(Absence("ann", late, MONDAY + 7 * DAY))

    assert [[(PLACES - 1, ""), (1, "Ann")]] == bars(week)


def test_of_too_many_the_others_are_counted() -> None:
    (week,) = weeks(*(away("ann", 0, 5, f"reason {number}") for number in range(LANES_MAX + 3)))

    assert (LANES_MAX, 3, LANES_MAX + 3) == (len(week.lanes), week.left_out, len(week.days[0]))


def test_who_is_in_no_rotation_shown_is_not_of_interest() -> None:
    assert [[]] == [bars(week) for week in weeks(away("dee", 0, 7))]


@pytest.mark.parametrize("zone", [CHICAGO, "Australia/Lord_Howe", "Africa/Cairo"])
@pytest.mark.parametrize("first", [date(2026, 3, 2), date(2026, 10, 26), date(2026, 4, 20)])
def test_a_week_is_as_wide_as_any_other(zone: str, first: date) -> None:
    start = datetime(first.year, first.month, first.day, 13, 10, tzinfo=UTC)
    several = [
        Absence("ann", start + hours, start + 3 * hours) for hours in (n * DAY / 5 for n in range(1, 40))
    ]
    found = away_weeks(several, [PRIMARY], Span(first, 3, zone), READER)

    assert {PLACES} == {sum(cell.places for cell in lane) for week in found for lane in week.lanes}
    assert 0 < min(cell.places for week in found for lane in week.lanes for cell in lane)
