"""The roster: what people changed at run time counts wherever somebody asks who is on call."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from monitord.core.absence import Absence
from monitord.core.amendment import AddOverride, Amendment, RemoveOverride
from monitord.core.check import Instant
from monitord.core.command import PageAlso
from monitord.core.leave import AddLeave
from monitord.core.organization import ContactMethod, Person, Priority, Service
from monitord.core.override import OverrideKind
from monitord.core.policy import Policy, Tier
from monitord.core.report import Report
from monitord.core.roster import idle, in_force
from monitord.core.rotation import Layer, Override, Rotation, Turn, Unit, on_call, shifts
from monitord.core.ticket import PeopleCalled
from monitord.core.world import Configuration, Draft
from tests.fakes.house import START, House

HOUR = timedelta(hours=1)
NAMES = ("ann", "bo", "cem", "dee")
PRIMARY = Rotation(
    "primary", "UTC", layers=(Layer("main", (("ann",),), START.replace(tzinfo=None), Turn(1, Unit.DAYS)),)
)
SHOP = Configuration(
    services={"shop": Service("shop", policies=(("default", "up"),))},
    people={name: Person(name, name, reach=(ContactMethod("email", name),)) for name in NAMES},
    rotations={"primary": PRIMARY},
    policies={"up": Policy("up", (Tier(("primary",), timedelta(minutes=5)),))},
)
BO = AddOverride(
    "primary", START + 2 * HOUR, OverrideKind.REPLACE, "cem", "ann is ill", who="ann", people=("bo",)
)
FULL = Report("in/prom", "disk", True, "shop", Priority.URGENT, "disk is full")


def test_with_nothing_changed_it_is_the_configuration_itself() -> None:
    house = House(SHOP)

    assert house.world.configuration is in_force(house.world)


def test_an_override_counts_from_its_commit_on_and_no_longer_once_it_is_removed() -> None:
    house = House(SHOP)
    rotation = "primary"

    house.do(BO)
    during = on_call(in_force(house.world).rotations[rotation], START + HOUR)
    house.do(RemoveOverride("o1", "ann"))

    assert ("bo",) == during
    assert ("ann",) == on_call(in_force(house.world).rotations[rotation], START + HOUR)


def test_a_draft_sees_what_it_has_changed_itself() -> None:
    house = House(SHOP)
    draft = Draft(house.world, START)
    override = Override("o1", START, START + HOUR, OverrideKind.ADD, by=("cem",), made_at=START)
    draft.put(Amendment("o1", "primary", override, "ann", "two see more"))

    assert ("ann", "cem") == on_call(in_force(draft).rotations["primary"], START)
    assert ("ann",) == on_call(in_force(house.world).rotations["primary"], START)


def test_the_escalation_pages_who_stands_in() -> None:
    house = House(SHOP)
    house.do(BO)

    house.do(FULL)
    house.wait(timedelta(minutes=1))

    assert ["bo"] == [delivery.person for delivery in house.sent]


def test_who_pages_a_rotation_by_hand_pages_who_stands_in() -> None:
    house = House(SHOP)
    house.do(FULL)
    house.do(BO)

    decision = house.do(PageAlso(1, "cem", ("primary",), "come"))

    assert [("bo",)] == [event.people for event in decision.events if isinstance(event, PeopleCalled)]


def test_last_week_is_shown_as_it_was() -> None:
    house = House(SHOP)
    house.do(BO)
    house.wait(timedelta(days=7))

    found = shifts(in_force(house.world).rotations["primary"], START, START + 3 * HOUR)

    assert [("bo",), ("ann",)] == [shift.people for shift in found]


def test_leave_leaves_the_rotations_of_others_as_they_are() -> None:
    """With hundreds of rotations nearly all of them are the very ones of the tree, and cost nothing."""
    others = replace(PRIMARY, id="others", layers=(replace(PRIMARY.layers[0], people=(("dee",),)),))
    known = replace(SHOP, rotations={"primary": PRIMARY, "others": others})
    house = House(known)

    house.do(AddLeave("ann", START + 2 * HOUR, "ann", START + HOUR, cover="cem"))
    found = in_force(house.world).rotations

    assert others is found["others"]
    assert ("cem",) == on_call(found["primary"], START + HOUR)


def test_whoever_stands_in_is_away_as_files_say() -> None:
    """They are no part of the rotation, so it does not know their absences by itself."""
    known = replace(SHOP, absences=(Absence("cem", START, START + 3 * HOUR),))
    house = House(known)

    house.do(AddLeave("ann", START + 4 * HOUR, "ann", START, cover="cem"))
    primary = in_force(house.world).rotations["primary"]

    assert [(), ("cem",)] == [on_call(primary, START + hours * HOUR) for hours in (2, 3)]


def test_an_override_of_a_rotation_that_is_gone_changes_nothing() -> None:
    house = House(SHOP)
    house.do(BO)
    house.world.accept(Configuration(people=SHOP.people))

    assert {} == in_force(house.world).rotations


def test_an_override_about_somebody_who_is_not_on_call_changes_nothing() -> None:
    house = House(SHOP)
    house.do(BO)
    house.do(replace(BO, who="dee", people=("cem",)))
    rotation = in_force(house.world).rotations["primary"]

    assert [False, True] == [idle(rotation, override) for override in rotation.overrides]


# The same vectors as in a file, made at run time.

MORNING = START + 8 * HOUR
FOOBAR = replace(
    PRIMARY,
    layers=(
        Layer(
            "day",
            (("ann",),),
            START.replace(tzinfo=None),
            Turn(1, Unit.DAYS),
            hours=((time(8), time(10)),),
        ),
    ),
)


def said(house: House, start: Instant, end: Instant) -> list[tuple[str, str, tuple[str, ...]]]:
    found = shifts(in_force(house.world).rotations["primary"], start, end)
    return [(f"{each.start:%H:%M}", f"{each.end:%H:%M}", each.people) for each in found]


def from_to(begin: int, end: int, command: AddOverride) -> AddOverride:
    """In minutes from 08:00."""
    return replace(command, start=MORNING + timedelta(minutes=begin), end=MORNING + timedelta(minutes=end))


ADD_BO = replace(BO, kind=OverrideKind.ADD, who=None)


@pytest.mark.parametrize(
    ("commands", "until", "expected"),
    [
        (
            [from_to(30, 45, BO)],
            1,
            [("08:00", "08:30", ("ann",)), ("08:30", "08:45", ("bo",)), ("08:45", "09:00", ("ann",))],
        ),
        (
            [from_to(0, 15, ADD_BO), from_to(30, 45, ADD_BO)],
            1,
            [
                ("08:00", "08:15", ("ann", "bo")),
                ("08:15", "08:30", ("ann",)),
                ("08:30", "08:45", ("ann", "bo")),
                ("08:45", "09:00", ("ann",)),
            ],
        ),
        ([from_to(0, 120, BO)], 2, [("08:00", "10:00", ("bo",))]),
        (
            [from_to(90, 180, replace(BO, kind=OverrideKind.REPLACE_ALL, who=None))],
            4,
            [("08:00", "09:30", ("ann",)), ("09:30", "11:00", ("bo",)), ("11:00", "12:00", ())],
        ),
    ],
    ids=["replace for a quarter", "add twice", "split", "fill a gap"],
)
def test_shifts_with_what_was_changed(
    commands: list[AddOverride], until: int, expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    house = House(replace(SHOP, rotations={"primary": FOOBAR}))
    for command in commands:
        house.do(command)

    assert expected == said(house, MORNING, MORNING + until * HOUR)


def test_what_is_made_at_run_time_is_newer_than_any_file() -> None:
    file = Override("o1", START, START + 2 * HOUR, OverrideKind.REPLACE, "ann", ("cem",), order=99)
    house = House(replace(SHOP, rotations={"primary": replace(PRIMARY, overrides=(file,))}))

    house.do(BO)

    assert [("bo",)] == [people for _, _, people in said(house, START, START + 2 * HOUR)]
