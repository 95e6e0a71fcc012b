"""Leave at run time: what it may not be, who hears of it, and what it does to who is on call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitord.core.absence import LASTS_MAX, Origin
from monitord.core.check import ClockSet
from monitord.core.gap import GapAhead, LookForGaps
from monitord.core.leave import (
    AHEAD,
    KEPT,
    LEAVES_MAX,
    OF_ONE_MAX,
    REMEMBERED_MAX,
    AddLeave,
    Leave,
    LeaveAdded,
    LeaveDue,
    LeaveRefused,
    RemoveLeave,
    told,
)
from monitord.core.organization import ContactMethod, Person
from monitord.core.roster import in_force
from monitord.core.rotation import Layer, Rotation, Turn, Unit, shifts
from monitord.core.timeline import about, by_of, sentence
from monitord.core.world import Configuration
from tests.fakes.house import START, House

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIN = Layer("main", (("ann",), ("bo",)), START.replace(tzinfo=None), Turn(1, Unit.DAYS))
SHOP = Configuration(
    people={
        name: Person(name, name, "Europe/Berlin", (ContactMethod("sms", name), ContactMethod("email", name)))
        for name in ("ann", "bo", "cem")
    },
    rotations={"primary": Rotation("primary", "UTC", layers=(MAIN,))},
    calling_channels=frozenset({"sms"}),
)
ANN = AddLeave("ann", START + 3 * DAY, "ann", START + 2 * DAY, "skiing")


@pytest.fixture
def house() -> House:
    return House(SHOP)


def refusals(house: House, *commands: AddLeave | RemoveLeave) -> list[str]:
    """Why the last of these was refused; [] if it was not."""
    decisions = [house.do(command) for command in commands]
    return [event.why for event in decisions[-1].events if isinstance(event, LeaveRefused)]


def days(house: House, count: int = 4) -> str:
    """Who is on call on each day from the first on."""
    rotation = in_force(house.world).rotations["primary"]
    found = [shifts(rotation, START + day * DAY, START + (day + 1) * DAY) for day in range(count)]
    return " ".join("/".join("+".join(each.people) or "-" for each in day) for day in found)


def test_whoever_is_away_is_passed_over_and_it_is_said_where_that_is_known_from(house: House) -> None:
    before = days(house)
    house.do(ANN)

    assert ("ann bo ann bo", "ann bo bo bo") == (before, days(house))
    (absence,) = in_force(house.world).absences
    assert ("ann", "skiing", Origin.RUN_TIME) == (absence.person, absence.why, absence.origin)


def test_a_cover_stands_in_though_they_take_no_turns(house: House) -> None:
    house.do(replace(ANN, cover="cem"))

    assert "ann bo cem bo" == days(house)


def test_a_cover_who_is_away_too_covers_nobody(house: House) -> None:
    house.do(AddLeave("cem", START + 9 * DAY, "cem"))
    house.do(replace(ANN, cover="cem"))

    assert "ann bo bo bo" == days(house)


def test_a_gap_that_it_makes_is_announced_in_the_morning(house: House) -> None:
    house.do(ANN)
    house.do(replace(ANN, person="bo", by="bo"))

    told = house.do(LookForGaps("primary")).events

    assert (GapAhead("primary", START + 2 * DAY, START + 3 * DAY, ("ann",)),) == told[:1]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (replace(ANN, by=""), "leave is entered by a named person; say who"),
        (replace(ANN, end=START + 2 * DAY), "it must end after it begins; give a later end"),
        (
            replace(ANN, start=START - 2 * DAY, end=START - DAY),
            "it is in the past: it would have ended at 2026-01-04 01:00 CET",
        ),
        (
            replace(ANN, end=START + 2 * DAY + LASTS_MAX + HOUR),
            "it would last longer than 1100 days; take them out of their rotations instead",
        ),
        (
            replace(ANN, start=START + AHEAD, end=START + AHEAD + HOUR),
            "it would end more than 732 days from now; put it into the configuration",
        ),
        (replace(ANN, cover="ann"), "ann cannot stand in for themselves, only for somebody else"),
        (replace(ANN, person="zoe"), "there is no person zoe"),
        (replace(ANN, cover="zoe"), "there is no person zoe"),
    ],
)
def test_what_is_no_leave(house: House, command: AddLeave, expected: str) -> None:
    assert [expected] == refusals(house, command)
    assert [] == house.world.all(Leave)


def test_what_is_known_already_is_refused_and_more_is_not(house: House) -> None:
    shorter = replace(ANN, start=START + 2 * DAY + HOUR, by="dee")
    longer = replace(ANN, end=START + 4 * DAY)

    refused = refusals(house, ANN, shorter)

    assert ["l1 by ann says that already: ann, 2026-01-07 01:00 to 2026-01-08 01:00 CET"] == refused
    assert [] == refusals(house, longer)
    assert [] == refusals(house, replace(ANN, cover="cem"))


@pytest.mark.parametrize(
    ("count", "people", "over", "expected"),
    [
        (OF_ONE_MAX, 1, False, "ann has 200 leaves ahead already; remove some of them"),
        (LEAVES_MAX, 50, False, "5000 leaves are entered already; remove some of them"),
        (REMEMBERED_MAX, 50, True, "20000 leaves of the last weeks are remembered already"),
    ],
)
def test_there_is_an_end_to_them(house: House, count: int, people: int, over: bool, expected: str) -> None:
    names = ["ann"] if people == 1 else [f"p{number}" for number in range(people)]
    end = START if over else START + DAY
    house.world.apply(
        Leave(f"x{number}", names[number % people], START - DAY, end, "ann", START) for number in range(count)
    )

    assert [expected] == refusals(house, ANN)


def test_it_begins_now_at_the_earliest(house: House) -> None:
    house.do(replace(ANN, start=START - DAY))

    assert [START] == [leave.start for leave in house.world.all(Leave)]


def test_one_removed_before_it_began_never_was(house: House) -> None:
    house.do(ANN)
    house.do(RemoveLeave("l1", "ann"))

    assert ("ann bo ann bo", []) == (days(house), house.world.all(Leave))


def test_one_removed_later_was_in_force_until_then(house: House) -> None:
    house.do(ANN)
    house.wait(2 * DAY + 12 * HOUR)
    house.do(RemoveLeave("l1", "ann"))

    assert "ann bo bo/ann bo" == days(house)
    assert ["there is no leave l1, or it is over"] == refusals(house, RemoveLeave("l1", "ann"))


def test_last_week_is_shown_as_it_was_and_then_it_leaves_the_live_world(house: House) -> None:
    house.do(ANN)
    house.wait(30 * DAY)
    shown = days(house)
    house.do(LeaveDue("l1"))
    early = [leave.id for leave in house.world.all(Leave)]
    house.wait(KEPT)

    assert ("ann bo bo bo", ["l1"]) == (shown, early)
    assert ([], "ann bo ann bo") == (house.world.all(Leave), days(house))


def test_a_clock_that_was_set_forgets_none_too_early(house: House) -> None:
    house.do(ANN)
    house.do(ClockSet(timedelta(hours=1)))
    house.wait(HOUR)

    assert ["l1"] == [leave.id for leave in house.world.all(Leave)]


def test_leave_of_somebody_who_has_left_the_configuration_changes_nothing(house: House) -> None:
    house.do(ANN)
    house.world.accept(replace(SHOP, people={"bo": SHOP.people["bo"]}))

    assert house.world.configuration is in_force(house.world)


# Who hears of it.


def test_who_says_it_for_themselves_tells_nobody_else(house: House) -> None:
    house.do(ANN)
    house.wait(HOUR)

    assert [] == house.sent


def test_whoever_covers_hears_when_and_for_whom(house: House) -> None:
    house.do(replace(ANN, cover="cem"))
    house.wait(HOUR)

    (letter,) = house.sent
    assert ("cem", "email", "You cover for ann") == (letter.person, letter.channel, letter.text.subject)
    assert (
        "You cover for ann from Wed 7 Jan 2026, 01:00 CET to Thu 8 Jan 2026, 01:00 CET.",
        "Why: skiing",
        "In that time their turns are yours; if you cannot, tell ann.",
    ) == letter.text.lines


def test_for_whom_somebody_else_has_said_it_hears_so_and_when_it_is_taken_back(house: House) -> None:
    house.do(replace(ANN, by="cem", cover="bo"))
    house.wait(HOUR)
    house.do(RemoveLeave("l1", "cem"))
    house.wait(HOUR)

    assert [
        ("ann", "cem says that you are away"),
        ("bo", "You cover for ann"),
        ("ann", "ann is not away after all"),
        ("bo", "ann is not away after all"),
    ] == [(letter.person, letter.text.subject) for letter in house.sent]


# What the timeline says.


def test_the_timeline_says_who_is_away_and_who_has_said_so(house: House) -> None:
    (added,) = house.do(replace(ANN, by="dee", cover="cem", via="console")).events
    (removed,) = house.do(RemoveLeave("l1", "bo")).events
    (refused,) = house.do(RemoveLeave("l1", "bo")).events

    what = "ann, 2026-01-07 01:00 to 2026-01-08 01:00 CET, cem covers"
    assert [
        f"leave l1 by dee (console): {what}: skiing",
        f"leave l1 removed by bo (cli): {what}",
        "leave by bo refused: there is no leave l1, or it is over",
    ] == [sentence(each) for each in (added, removed, refused)]
    assert [("person/ann", "dee"), ("person/ann", "bo")] == [(about(e), by_of(e)) for e in (added, removed)]
    assert isinstance(added, LeaveAdded)
    assert what == told(added.leave)
