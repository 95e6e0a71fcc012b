"""Gaps that absences make are announced every morning, to those who can mend them."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from monitord.core.absence import Absence, AwayRule, Instead
from monitord.core.gap import GapAhead, LookForGaps
from monitord.core.organization import ContactMethod, Person, Team
from monitord.core.override import Override, OverrideKind
from monitord.core.rotation import Layer, Rotation, Turn, Unit, with_absences
from monitord.core.world import Configuration
from tests.fakes.house import START, House

DAY = timedelta(days=1)
WEEKS = Layer("weeks", (("ann",),), datetime(2026, 1, 5), Turn(1, Unit.WEEKS))
PRIMARY = Rotation("primary", "UTC", layers=(WEEKS,), away=AwayRule(Instead.GAP))
SUPPORT = Team("support", ("ann", "bo"), ("cem",))


def company(rotation: Rotation, *teams: Team) -> House:
    names = ("ann", "bo", "cem", "dee")
    people = {name: Person(name, name, reach=(ContactMethod("email", f"{name}@x.org"),)) for name in names}
    return House(
        Configuration(
            people=people,
            rotations={"primary": rotation},
            teams={team.id: team for team in teams},
        )
    )


def away(days: float, until: float) -> Rotation:
    return with_absences(PRIMARY, [Absence("ann", START + days * DAY, START + until * DAY, "skiing")])


def heard(house: House) -> list[tuple[str, str]]:
    house.do(LookForGaps("primary"))
    return [(each.person or "", each.text.lines[0]) for each in house.deliver()]


def test_the_managers_hear_of_it_days_ahead() -> None:
    house = company(away(3, 4), SUPPORT, Team("desk", ("dee",), ("dee",)))
    told = heard(house)

    assert ["cem"] == [person for person, _ in told]
    assert told[0][1].startswith("NOBODY is on call in primary from ")
    assert told[0][1].endswith("ann is away.")


def test_who_leaves_after_the_morning_is_said_besides() -> None:
    house = company(away(3, 4), SUPPORT)
    morning = heard(house)
    house.do(LookForGaps("primary", left="ann"))
    again = [each.person for each in house.deliver()]
    house.do(LookForGaps("primary", left="bo"))

    assert (1, ["cem"]) == (len(morning), again)
    assert [] == house.deliver(), "bo is missed nowhere"


def test_it_is_said_again_every_morning_until_it_is_filled() -> None:
    house = company(away(3, 4), SUPPORT)
    first = heard(house)
    house.now += DAY
    second = heard(house)
    filled = Override("o1", START, START + 9 * DAY, OverrideKind.REPLACE_ALL, by=("bo",))
    mended = replace(away(3, 4), overrides=(filled,))
    house.world.accept(replace(house.world.accepted, rotations={"primary": mended}))
    house.now += DAY

    assert 1 == len(first) == len(second)
    assert [] == heard(house)


def test_without_managers_those_who_take_turns_hear_of_it() -> None:
    assert ["ann"] == [person for person, _ in heard(company(away(3, 4)))]


def test_what_is_further_away_is_not_announced_yet() -> None:
    assert [] == heard(company(away(8, 9), SUPPORT))


def test_hours_that_were_never_anybody_s_are_no_gap() -> None:
    office = replace(WEEKS, hours=((time(9), time(17)),))

    assert [] == heard(company(replace(PRIMARY, layers=(office,)), SUPPORT))


def test_somebody_who_takes_over_leaves_no_gap() -> None:
    two = replace(away(3, 4), layers=(replace(WEEKS, people=(("ann",), ("bo",))),), away=AwayRule())

    assert [] == heard(company(two, SUPPORT))


def test_a_gap_over_a_handoff_is_one() -> None:
    house = company(away(1, 20), SUPPORT)
    decision = house.do(LookForGaps("primary"))

    assert (GapAhead("primary", START + DAY, START + 7 * DAY, ("ann",), goes_on=True),) == decision.events
    assert " to at least Mon 12 Jan 2026, " in house.deliver()[0].text.lines[0]


def test_a_rotation_that_is_gone_is_no_matter() -> None:
    house = company(away(3, 4), SUPPORT)

    assert () == house.do(LookForGaps("secondary")).events
