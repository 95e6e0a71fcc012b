"""Amendments: overrides made at run time, what they may not be, and which of two wins."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from monitord.core.amendment import (
    AHEAD,
    AMENDMENTS_MAX,
    KEPT,
    LONGEST,
    REMEMBERED_MAX,
    AddOverride,
    Amendment,
    OverrideAdded,
    OverrideDue,
    OverrideRefused,
    RemoveOverride,
    told,
)
from monitord.core.check import ClockSet
from monitord.core.organization import Person
from monitord.core.override import OverrideKind
from monitord.core.roster import in_force
from monitord.core.rotation import Layer, Rotation, Turn, Unit, shifts
from monitord.core.timeline import about, by_of, sentence
from monitord.core.world import Configuration
from tests.fakes.house import START, House

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGIN = START.replace(tzinfo=None)
SHOP = Configuration(
    people={name: Person(name, name) for name in ("ann", "bo", "cem", "dee")},
    rotations={
        "primary": Rotation(
            "primary",
            "UTC",
            layers=(
                Layer("main", (("ann",),), BEGIN, Turn(1, Unit.DAYS)),
                Layer("night", (), BEGIN, Turn(1, Unit.DAYS)),
            ),
        ),
        "second": Rotation("second", "UTC"),
    },
)
BO = AddOverride(
    "primary", START + 2 * DAY, OverrideKind.REPLACE, "cem", "ann is ill", START + DAY, "ann", ("bo",)
)
BEGINS = START + DAY
CEM = replace(BO, people=("cem",), by="dee")
ALL = replace(BO, kind=OverrideKind.REPLACE_ALL, who=None)
ADD = replace(BO, kind=OverrideKind.ADD, who=None)
REMOVE = replace(BO, kind=OverrideKind.REMOVE, people=())


@pytest.fixture
def house() -> House:
    return House(SHOP)


def refusals(house: House, *commands: AddOverride | RemoveOverride) -> list[str]:
    """Why the last of these was refused; [] if it was not."""
    decisions = [house.do(command) for command in commands]
    return [event.why for event in decisions[-1].events if isinstance(event, OverrideRefused)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (BO, []),
        (replace(BO, why=" "), ["an override is by a named person and has a reason; say who and why"]),
        (replace(BO, end=BEGINS), ["it must end after it begins; give a later end"]),
        (
            replace(BO, start=START - DAY, end=START),
            ["it is in the past: it would have ended at 2026-01-05 00:00 UTC"],
        ),
        (replace(BO, end=BEGINS + LONGEST), []),
        (
            replace(BO, end=BEGINS + LONGEST + HOUR),
            ["it would last longer than 366 days; put it into the configuration"],
        ),
        (
            replace(BO, start=START + AHEAD, end=START + AHEAD + HOUR),
            ["it would end more than 732 days from now; put it into the configuration"],
        ),
        (replace(BO, people=("ann",)), ["ann cannot stand in for themselves, only for somebody else"]),
        (replace(BO, rotation="prim"), ["there is no rotation prim"]),
        (replace(BO, layer="day"), ["rotation primary has no layer day"]),
        (replace(BO, layer="night"), []),
        (replace(BO, who="zoe"), ["there is no person zoe"]),
        (replace(BO, people=("bo", "zoe")), ["there is no person zoe"]),
    ],
)
def test_what_an_override_must_be(house: House, command: AddOverride, expected: list[str]) -> None:
    assert expected == refusals(house, command)


def test_what_is_decided_twice_is_made_once_and_the_other_is_told(house: House) -> None:
    why = "o1 by cem says that already: primary, bo instead of ann, 2026-01-06 00:00 to 2026-01-07 00:00 UTC"

    assert [why] == refusals(house, BO, replace(BO, by="dee"))
    assert ["o1"] == [each.id for each in house.world.all(Amendment)]


AGAINST = (
    "it contradicts o1 by cem: primary, {}, 2026-01-06 00:00 to 2026-01-07 00:00 UTC; "
    "remove that one, or overrule it (`--overrule o1`; `overruled` in the API)"
)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (BO, CEM, AGAINST.format("bo instead of ann")),
        (BO, REMOVE, AGAINST.format("bo instead of ann")),
        (BO, replace(CEM, start=BEGINS + HOUR, end=BO.end + HOUR), AGAINST.format("bo instead of ann")),
        (BO, ALL, AGAINST.format("bo instead of ann")),
        (ADD, replace(BO, kind=OverrideKind.REMOVE, who="bo", people=()), AGAINST.format("bo as well")),
        (BO, replace(CEM, start=BO.end, end=BO.end + HOUR), ""),
        (BO, replace(CEM, who="bo"), ""),
        (BO, replace(CEM, layer="main"), ""),
        (BO, replace(CEM, rotation="second"), ""),
        (ADD, replace(ADD, people=("bo", "cem")), ""),
        (ALL, replace(CEM, who="bo"), AGAINST.format("bo alone")),
        (ALL, replace(CEM, who="ann"), ""),
    ],
)
def test_two_that_cannot_both_be_meant(
    house: House, first: AddOverride, second: AddOverride, expected: str
) -> None:
    assert [expected] * bool(expected) == refusals(house, first, second)


def test_the_newer_wins_where_it_says_which_one_it_overrules(house: House) -> None:
    shorter = replace(CEM, end=BO.end - HOUR, overruled=("o1",))

    assert [] == refusals(house, BO, shorter)
    assert [("cem",), ("bo",)] == people(house)


def test_of_two_that_overrule_the_same_one_the_second_hears_of_the_first(house: House) -> None:
    dee = replace(CEM, people=("dee",), overruled=("o1",))

    (why,) = refusals(house, BO, replace(CEM, overruled=("o1",)), dee)

    assert why.startswith("it contradicts o2 by dee: primary, cem instead of ann, ")


def test_what_was_overruled_can_be_said_anew(house: House) -> None:
    commands = (BO, replace(CEM, overruled=("o1",)), replace(BO, overruled=("o1", "o2")))

    assert [] == refusals(house, *commands)
    assert [("bo",)] == people(house)


def people(house: House) -> list[tuple[str, ...]]:
    found = shifts(in_force(house.world).rotations["primary"], BEGINS, BO.end)
    return [shift.people for shift in found]


def test_it_begins_now_at_the_earliest(house: House) -> None:
    house.now = START + DAY + HOUR

    house.do(BO)

    assert [START + DAY + HOUR] == [each.override.start for each in house.world.all(Amendment)]


def test_one_that_is_removed_later_was_in_force_until_then(house: House) -> None:
    house.do(BO)
    house.now = BEGINS + HOUR

    house.do(RemoveOverride("o1", "ann"))

    assert [("bo",), ("ann",)] == people(house)
    assert ["there is no override o1, or it is over"] == refusals(house, RemoveOverride("o1", "ann"))


def test_one_that_is_removed_before_it_begins_never_was(house: House) -> None:
    house.do(BO)

    house.do(RemoveOverride("o1", "ann"))

    assert [("ann",)] == people(house)
    assert [] == house.world.all(Amendment)


def test_the_number_of_overrides_has_a_limit(house: House) -> None:
    wishes: Iterator[AddOverride] = (
        replace(BO, start=START + number * HOUR, end=START + (number + 1) * HOUR)
        for number in range(AMENDMENTS_MAX + 1)
    )

    assert [f"{AMENDMENTS_MAX} overrides are made already; remove some of them"] == refusals(house, *wishes)


def test_those_that_are_over_and_still_shown_have_a_limit_too(house: House) -> None:
    house.do(BO)
    house.do(RemoveOverride("o1", "ann"))
    (over,) = house.do(replace(BO, start=None, end=START + HOUR)).records[1:]
    assert isinstance(over, Amendment)
    house.now = START + DAY
    house.world.apply(replace(over, id=f"p{number}") for number in range(REMEMBERED_MAX))

    (why,) = refusals(house, replace(BO, end=START + 3 * DAY))

    assert f"{REMEMBERED_MAX} overrides of the last weeks are remembered already" == why


def test_the_newer_is_newer_although_the_clock_was_set_back(house: House) -> None:
    house.do(BO)
    house.do(ClockSet(-HOUR))
    house.now -= HOUR

    house.do(replace(CEM, overruled=("o1",)))

    assert [("cem",)] == people(house)


def test_what_was_said_in_wall_clock_time_does_not_move_with_the_clock(house: House) -> None:
    house.do(BO)

    house.do(ClockSet(HOUR))

    assert [BEGINS] == [each.override.start for each in house.world.all(Amendment)]


def test_it_is_forgotten_long_after_its_end_and_not_before(house: House) -> None:
    house.do(BO)
    house.do(OverrideDue("o1"))
    early = [each.id for each in house.world.all(Amendment)]

    house.wait(3 * DAY + KEPT)

    assert ["o1"] == early
    assert [] == house.world.all(Amendment)


def test_its_history_says_who_and_why(house: House) -> None:
    (added,) = house.do(BO).events
    (removed,) = house.do(RemoveOverride("o1", "ann", "api")).events
    what = "primary, bo instead of ann, 2026-01-06 00:00 to 2026-01-07 00:00 UTC"

    assert f"override o1 by cem (cli): {what}: ann is ill" == sentence(added)
    assert f"override o1 removed by ann (api): {what}" == sentence(removed)
    assert ["rotation/primary"] * 2 == [about(added), about(removed)]
    assert ["cem", "ann"] == [by_of(added), by_of(removed)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (ALL, "primary, bo alone"),
        (replace(ALL, people=()), "primary, nobody alone"),
        (replace(ADD, people=("bo", "dee")), "primary, bo and dee as well"),
        (REMOVE, "primary, without ann"),
        (replace(BO, layer="main"), "primary/main, bo instead of ann"),
    ],
)
def test_an_override_in_words(house: House, command: AddOverride, expected: str) -> None:
    (event,) = house.do(command).events

    assert isinstance(event, OverrideAdded)
    assert told(event.amendment).startswith(f"{expected}, ")
