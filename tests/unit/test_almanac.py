"""Almanacs: what calendars elsewhere said last stays in force, on everybody's own wall."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from monitord.core.absence import Origin
from monitord.core.almanac import (
    Almanac,
    AlmanacStanding,
    CalendarNotRead,
    CalendarRead,
    CalendarReadAgain,
    CalendarSource,
    Days,
    ForgetCalendar,
    Span,
)
from monitord.core.gap import GapAhead, LookForGaps
from monitord.core.organization import Person
from monitord.core.roster import in_force
from monitord.core.rotation import Layer, Rotation, Turn, Unit, on_call
from monitord.core.timeline import sentence
from monitord.core.world import Configuration
from tests.fakes.house import START, House

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIN = Layer("main", (("ann",), ("bo",)), START.replace(tzinfo=None), Turn(1, Unit.WEEKS))
HR = CalendarSource("hr", "hr.example.org", "UTC", leave_of=("ann",))
SHOP = Configuration(
    people={"ann": Person("ann", "Ann", "Asia/Tokyo"), "bo": Person("bo", "Bo", "America/Chicago")},
    rotations={"primary": Rotation("primary", "UTC", layers=(MAIN,))},
    calendars={"hr": HR},
)
SKIING = Days(date(2026, 1, 6), date(2026, 1, 8), "skiing")
READ = CalendarRead("hr", (SKIING,))


@pytest.fixture
def house() -> House:
    return House(SHOP)


def absences(house: House) -> list[tuple[str, datetime, datetime, Origin]]:
    return [(each.person, each.start, each.end, each.origin) for each in in_force(house.world).absences]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(house: House, *facts: object) -> list[str]:
    return [sentence(event) for fact in facts for event in house.do(fact).events]  # type: ignore[arg-type]


def test_whole_days_are_days_on_the_wall_of_whoever_is_away(house: House) -> None:
    house.do(READ)

    assert [("ann", at("2026-01-05 15:00"), at("2026-01-07 15:00"), Origin.CALENDAR)] == absences(house)
    rotation = in_force(house.world).rotations["primary"]
    assert [("ann",), ("bo",)] == [on_call(rotation, START + hours * HOUR) for hours in (14, 15)]


def test_one_calendar_of_holidays_is_a_day_off_for_each_in_their_own_zone() -> None:
    house = House(replace(SHOP, calendars={"hr": replace(HR, leave_of=(), holidays_of=("bo", "ann"))}))
    house.do(replace(READ, days=(replace(SKIING, last=date(2026, 1, 7)),)))

    assert [
        ("ann", at("2026-01-05 15:00"), at("2026-01-06 15:00"), Origin.HOLIDAY),
        ("bo", at("2026-01-06 06:00"), at("2026-01-07 06:00"), Origin.HOLIDAY),
    ] == absences(house)


def test_spans_are_instants_whatever_the_zone(house: House) -> None:
    house.do(CalendarRead("hr", spans=(Span(START + HOUR, START + 2 * HOUR),)))

    assert [("ann", START + HOUR, START + 2 * HOUR, Origin.CALENDAR)] == absences(house)


@pytest.mark.parametrize(
    "odd",
    [
        CalendarRead("hr", spans=(Span(START, START), Span(START + HOUR, START))),
        CalendarRead("hr", days=(Days(date(2026, 1, 6), date(2026, 1, 6)),)),
        CalendarRead("hr", days=(Days(date(2026, 1, 6), date(2036, 1, 6)),)),
        CalendarRead("nobody", days=(SKIING,)),
    ],
)
def test_what_makes_no_absence_makes_none(house: House, odd: CalendarRead) -> None:
    house.do(odd)

    assert [] == absences(house)


def test_the_last_good_answer_stays_in_force_and_says_how_old_it_is(house: House) -> None:
    house.do(READ)
    house.wait(HOUR)
    first = told(house, CalendarNotRead("hr", "it refused the connection"))
    house.wait(30 * DAY)
    later = told(house, CalendarNotRead("hr", "it answered 500"), CalendarNotRead("hr", "it answered 500"))

    assert [
        "the calendar at hr.example.org about ann cannot be read: it refused the connection; "
        "what it said at 2026-01-05 00:00 UTC stays in force"
    ] == first
    assert [] == later
    standing = house.world.get(AlmanacStanding, "hr")
    assert AlmanacStanding("hr", START, START + HOUR, "it answered 500") == standing
    assert 1 == len(absences(house))


def test_one_that_never_could_be_read_says_so_and_heals(house: House) -> None:
    failing = told(house, CalendarNotRead("hr", "it is no calendar"))
    house.wait(HOUR)
    healed = told(house, READ)

    assert [
        "the calendar at hr.example.org about ann cannot be read: it is no calendar; nobody knows it yet"
    ] == failing
    assert [
        "the calendar at hr.example.org about ann was read: 1 entry",
        "the calendar at hr.example.org about ann can be read again",
    ] == healed
    assert AlmanacStanding("hr", START + HOUR) == house.world.get(AlmanacStanding, "hr")


def test_what_has_not_changed_is_not_said_again_but_it_is_fresh(house: House) -> None:
    house.do(READ)
    house.wait(HOUR)

    assert [] == told(house, CalendarReadAgain("hr"))
    standing = house.world.get(AlmanacStanding, "hr")
    assert standing is not None and START + HOUR == standing.read


def test_one_that_nobody_names_any_more_leaves_the_live_world(house: House) -> None:
    house.do(READ)
    house.do(ForgetCalendar("hr"))
    there = house.world.all(Almanac)
    house.world.accept(replace(SHOP, calendars={}))
    nobodys = absences(house)
    house.do(ForgetCalendar("hr"))

    assert ["hr"] == [each.calendar for each in there]
    assert [] == nobodys
    assert ([], []) == (house.world.all(Almanac), house.world.all(AlmanacStanding))
    for late in (READ, CalendarReadAgain("hr"), CalendarNotRead("hr", "late")):
        assert () == house.do(late).records


def test_a_gap_that_a_calendar_makes_is_announced(house: House) -> None:
    house.world.accept(replace(SHOP, calendars={"hr": replace(HR, leave_of=("ann", "bo"))}))
    house.do(CalendarRead("hr", spans=(Span(START + DAY, START + 2 * DAY),)))

    found = house.do(LookForGaps("primary")).events

    assert (GapAhead("primary", START + DAY, START + 2 * DAY, ("ann",)),) == found[:1]
