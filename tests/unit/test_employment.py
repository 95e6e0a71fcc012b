"""Who works here: whose an employment is, what becomes of whoever has left, and what cannot be."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from monitord.core import employment as staff
from monitord.core.absence import LASTS_MAX, AwayRule, Instead
from monitord.core.amendment import AddOverride
from monitord.core.command import Acknowledge, OpenTicket
from monitord.core.employment import (
    Address,
    Employ,
    Employed,
    Employment,
    EmploymentChanged,
    EmploymentRefused,
    RemoveEmployment,
    Said,
    StaffLeft,
    StaffReturned,
    gone,
    staff_of,
)
from monitord.core.escalation import HolderLeft
from monitord.core.facts import ConfigurationAccepted
from monitord.core.gap import GapAhead, LookForGaps
from monitord.core.leave import AddLeave
from monitord.core.organization import ContactMethod, Person, Priority, Service, Team
from monitord.core.override import OverrideKind
from monitord.core.paging import PersonUnreachable
from monitord.core.policy import Policy, Tier
from monitord.core.roster import in_force, merged
from monitord.core.rotation import Layer, Rotation, Turn, Unit, on_call, shifts
from monitord.core.timeline import about, by_of, sentence
from monitord.core.whom import unreachable
from monitord.core.world import Configuration, Draft
from monitord.play.days import Days
from monitord.play.stage import Stage
from tests.fakes.house import START, House

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERYBODY = {
    name: Person(name, name, reach=(ContactMethod("email", f"{name}@example.org"),))
    for name in ("ann", "bo", "cem")
}
MAIN = Layer("main", (("ann",), ("bo",)), START.replace(tzinfo=None), Turn(1, Unit.DAYS))
SHOP = Configuration(
    people=EVERYBODY,
    rotations={"primary": Rotation("primary", "UTC", layers=(MAIN,))},
    services={"shop": Service("shop", policies=(("default", "up"),))},
    policies={"up": Policy("up", (Tier(("primary",), 5 * HOUR / 60), Tier(("cem",), 5 * HOUR / 60)))},
)


@pytest.fixture
def house() -> House:
    return House(SHOP)


def hired(house: House, name: str, **more: object) -> Employment:
    """Somebody is new in the directory."""
    decision = house.do(Employ(Said(name, **more), "okta"))  # type: ignore[arg-type]
    (made,) = (record for record in decision.records if isinstance(record, Employment))
    return made


def said(house: House, known: Employment, active: bool) -> list[str]:
    """The directory says whether they work here; the kinds of the events."""
    return [type(each).__name__ for each in tell(house, known, active)]


def tell(house: House, known: Employment, active: bool) -> tuple[object, ...]:
    now = house.world.get(Employment, known.id)
    assert now is not None
    return house.do(Employ(replace(now.said, active=active), "okta", now.id, now.version)).events


def leaves(house: House, name: str, **more: object) -> Employment:
    known = hired(house, name, **more)
    tell(house, known, active=False)
    return known


def days(house: House, count: int = 4, world: Configuration | None = None) -> str:
    """Who is on call on each day from the first on."""
    rotation = (world or in_force(house.world)).rotations["primary"]
    found = [shifts(rotation, START + day * DAY, START + (day + 1) * DAY) for day in range(count)]
    return " ".join("/".join("+".join(each.people) or "-" for each in day) for day in found)


# Whose it is.


@pytest.mark.parametrize(
    ("name", "addresses", "person"),
    [
        ("ann", (), "ann"),
        ("ANN@example.org", (), "ann"),
        ("a.example", ("x@example.org", "ann@example.org"), "ann"),
        ("eve@example.org", (), ""),
        ("Ann", (), ""),
    ],
)
def test_somebody_is_known_by_id_or_address(
    house: House, name: str, addresses: tuple[str, ...], person: str
) -> None:
    event = house.do(Employ(Said(name, addresses=tuple(map(Address, addresses))), "okta")).events[0]

    assert isinstance(event, Employed)
    assert person == event.person


def test_an_address_that_two_share_is_nobodys(house: House) -> None:
    shared = {**EVERYBODY, "bo": replace(EVERYBODY["bo"], reach=EVERYBODY["ann"].reach)}
    house.world.accept(replace(SHOP, people=shared))
    leaves(house, "ann@example.org")

    assert EVERYBODY.keys() == house.world.configuration.people.keys()


def test_of_whom_nothing_is_said_is_there(house: House) -> None:
    hired(house, "bo")

    assert SHOP == house.world.configuration


def test_one_active_employment_is_enough(house: House) -> None:
    leaves(house, "ann")
    second = hired(house, "a.second", addresses=(Address("ann@example.org"),))

    assert "ann" in house.world.configuration.people
    assert ["StaffLeft"] == said(house, second, active=False)
    assert "ann" not in house.world.configuration.people


def test_who_has_one_of_two_employments_left_has_not_left(house: House) -> None:
    hired(house, "ann")
    second = hired(house, "a.second", addresses=(Address("ann@example.org"),))

    assert ["EmploymentChanged"] == said(house, second, active=False)
    assert ["EmploymentChanged"] == said(house, second, active=True)
    assert "ann" in house.world.configuration.people


def test_who_is_hired_anew_has_returned(house: House) -> None:
    house.do(RemoveEmployment(hired(house, "ann").id, "okta"))

    assert [StaffReturned] == [type(each) for each in house.do(Employ(Said("ann"), "okta")).events]


def test_of_a_large_directory_only_who_may_be_in_the_tree_is_looked_at(house: House) -> None:
    for name in ("eve@example.org", "zoe", "dee@example.org"):
        leaves(house, name)
    named, known = (
        hired(house, "ANN@example.org"),
        leaves(house, "a.second", addresses=(Address("bo@example.org"),)),
    )
    rename(house, known)

    assert [named.id, known.id] == [each.id for each in staff_of(house.world)]
    assert 5 == house.world.how_many(Employment)


def test_a_draft_counts_what_it_would_make(house: House) -> None:
    eve, zoe = hired(house, "eve"), hired(house, "zoe")
    draft = Draft(house.world, START)
    draft.put(
        replace(eve, over=True),
        replace(zoe, version=2),
        replace(zoe, id="e3"),
        replace(zoe, id="e4", over=True),
    )

    assert 2 == draft.how_many(Employment)


def test_a_decision_goes_by_one_configuration_whatever_is_accepted_meanwhile(house: House) -> None:
    """What the directory says of somebody is counted in the configuration that the draft began with."""
    ann = hired(house, "ann")
    draft = Draft(Draft(house.world, START), START)
    house.world.accept(replace(SHOP, revision="next"))

    draft.put(replace(ann, left_at=START))

    assert ("", {"bo", "cem"}) == (draft.configuration.revision, set(draft.configuration.people))
    assert ("", "next") == (draft.accepted.revision, house.world.configuration.revision)


# Who has left.


def test_a_leaver_is_nobody_and_their_turns_are_nobodys(house: House) -> None:
    house.now += HOUR
    leaves(house, "ann")

    assert ["bo", "cem"] == list(house.world.configuration.people)
    assert SHOP.people == house.world.accepted.people
    assert "ann/- bo - bo" == days(house)
    assert "has left" == unreachable(house.world.configuration, "ann")


@pytest.mark.parametrize("rule", [AwayRule(), AwayRule(Instead.COVER, "cem"), AwayRule(Instead.GAP)])
def test_no_rule_for_leave_passes_their_turns_on(rule: AwayRule) -> None:
    layer = replace(MAIN, people=(("ann",), ("bo",), ("ann", "bo")))
    rotation = replace(SHOP.rotations["primary"], layers=(layer,), away=rule)
    house = House(replace(SHOP, rotations={"primary": rotation}))
    leaves(house, "ann")

    assert "- bo bo - bo bo" == days(house, 6)


def test_a_layer_below_shows_through() -> None:
    base = replace(MAIN, name="base", people=(("cem",),))
    rotation = replace(SHOP.rotations["primary"], layers=(base, MAIN))
    house = House(replace(SHOP, rotations={"primary": rotation}))
    leaves(house, "ann")

    assert "cem bo cem bo" == days(house)


def test_they_are_away_for_good(house: House) -> None:
    leaves(house, "ann")
    rotation = in_force(house.world).rotations["primary"]
    years = [START + step * LASTS_MAX + 2 * DAY for step in range(15)]
    even = [at for at in years if (at - START).days % 2 == 0]

    assert {()} == {on_call(rotation, at) for at in even}


def test_who_comes_back_was_away_meanwhile(house: House) -> None:
    house.now += HOUR
    known = leaves(house, "ann")
    house.now += HOUR
    assert ["StaffReturned"] == said(house, known, active=True)

    assert SHOP.people == house.world.configuration.people
    assert "ann/-/ann bo ann bo" == days(house)


def test_who_is_deleted_and_hired_again_was_away_meanwhile(house: House) -> None:
    known = leaves(house, "ann")
    house.now += HOUR
    house.do(RemoveEmployment(known.id, "okta"))
    house.now += HOUR
    assert "- bo - bo" == days(house)
    hired(house, "ann")

    assert "-/ann bo ann bo" == days(house)


def test_who_had_another_employment_was_never_away(house: House) -> None:
    hired(house, "ann")
    second = hired(house, "a.second", addresses=(Address("ann@example.org"),))
    house.now += HOUR
    tell(house, second, active=False)
    house.now += HOUR
    tell(house, second, active=True)

    assert "ann bo ann bo" == days(house)


def test_saying_the_same_again_says_nothing(house: House) -> None:
    known = leaves(house, "ann")

    assert [] == said(house, known, active=False)


def test_their_gaps_are_announced(house: House) -> None:
    leaves(house, "ann")
    gaps = [each for each in house.do(LookForGaps("primary")).events if isinstance(each, GapAhead)]

    assert GapAhead("primary", START, START + DAY, ("ann",)) == gaps[0]


def test_a_letter_about_gaps_calls_a_leaver_by_name_and_says_that_they_have_left() -> None:
    people = {id: replace(person, name=f"{id.title()} Example") for id, person in EVERYBODY.items()}
    house = House(replace(SHOP, people=people, teams={"team": Team("team", ("ann", "bo"), ("cem",))}))
    leaves(house, "ann")
    house.do(AddLeave("bo", START + 2 * DAY, "bo", START))
    house.do(LookForGaps("primary"))
    (letter,) = house.deliver()
    first, second, *_ = letter.text.lines

    assert first.endswith(": Ann Example has left.")
    assert second.endswith(": Bo Example is away.")


def test_of_several_it_is_said_who_has_left_and_who_is_away() -> None:
    together = replace(SHOP.rotations["primary"], layers=(replace(MAIN, people=(("ann", "bo", "cem"),)),))
    house = House(replace(SHOP, rotations={"primary": together}))
    leaves(house, "ann")
    leaves(house, "bo")
    house.do(AddLeave("cem", START + 2 * DAY, "cem", START))
    house.do(LookForGaps("primary"))
    first, *_ = house.deliver()[0].text.lines

    assert first.endswith(": ann and bo have left, and cem is away.")


def test_whoever_has_left_is_still_called_by_name() -> None:
    house = House(replace(SHOP, people={**EVERYBODY, "ann": replace(EVERYBODY["ann"], name="Ann Example")}))
    leaves(house, "ann")

    assert "Ann Example" == house.world.configuration.name_of("ann")
    assert "Ann Example" == in_force(house.world).name_of("ann")
    assert "dee" == house.world.configuration.name_of("dee")


def test_an_override_may_fill_their_turns(house: House) -> None:
    leaves(house, "ann")
    everybody = AddOverride(
        "primary", START + DAY, OverrideKind.REPLACE_ALL, "bo", "he is gone", START, people=("cem",)
    )
    house.do(everybody)

    assert "cem bo - bo" == days(house)


def test_a_page_passes_over_who_has_left_and_says_why(house: House) -> None:
    house = House(replace(SHOP, policies={"up": Policy("up", (Tier(("ann", "bo"), HOUR),))}))
    leaves(house, "ann")
    events = house.do(OpenTicket("disk full", "shop", Priority.URGENT, "cem")).events

    assert PersonUnreachable(1, "ann", "has left") in events
    assert ["bo"] == [each.person for each in house.deliver()]


def test_what_a_leaver_had_is_open_again_and_pages_at_once(house: House) -> None:
    known = hired(house, "ann")
    house.do(OpenTicket("disk full", "shop", Priority.URGENT, "cem"))
    house.deliver()
    house.do(Acknowledge(1, "ann"))
    house.deliver()
    events = tell(house, known, active=False)

    assert HolderLeft(1, "ann") in events
    assert "cem" in {each.person for each in house.deliver()}, "nobody is on call: the next tier at once"


def test_another_tree_is_judged_anew(house: House) -> None:
    leaves(house, "eve@example.org")
    eve = Person("eve", "Eve", reach=(ContactMethod("email", "eve@example.org"),))
    house.world.accept(replace(SHOP, people={**EVERYBODY, "eve": eve}))

    assert EVERYBODY == house.world.configuration.people


def test_who_has_left_comes_back_though_the_tree_was_changed_on_a_stage_meanwhile(house: House) -> None:
    ann = leaves(house, "ann")
    stage = Stage(house, Days(START.date(), ZoneInfo("UTC")))

    stage.play(START, "restart")
    stage.play(START, "dismiss bo")
    tell(house, ann, active=True)

    assert {"ann", "cem"} == set(house.world.configuration.people)


def test_without_a_daemon_it_is_the_same(house: House) -> None:
    house.now += HOUR
    leaves(house, "ann")

    assert days(house) == days(house, world=merged(SHOP, house.world.all(Employment)))


# What directories do with somebody who has left.


def rename(house: House, known: Employment, **more: object) -> tuple[object, ...]:
    """The entry is called otherwise, and has no address any more."""
    now = house.world.get(Employment, known.id)
    assert now is not None
    said = replace(now.said, name="deleted-4711@example.org", addresses=(), **more)  # type: ignore[arg-type]
    return house.do(Employ(said, "okta", now.id, now.version)).events


def test_an_entry_renamed_after_they_left_brings_nobody_back(house: House) -> None:
    events = rename(house, leaves(house, "ann@example.org"))

    assert [EmploymentChanged] == [type(each) for each in events]
    assert ["bo", "cem"] == list(house.world.configuration.people)


def test_an_entry_renamed_as_they_leave_lets_them_leave(house: House) -> None:
    (left,) = rename(house, hired(house, "ann@example.org"), active=False)

    assert isinstance(left, StaffLeft)
    assert "ann" == left.person
    assert ["bo", "cem"] == list(house.world.configuration.people)


def test_an_entry_renamed_before_they_leave_is_still_theirs(house: House) -> None:
    known = hired(house, "ann@example.org")
    rename(house, known)

    assert ["StaffLeft"] == said(house, known, active=False)
    assert ["bo", "cem"] == list(house.world.configuration.people)


def test_an_active_entry_may_become_somebody_elses(house: House) -> None:
    known = hired(house, "ann@example.org")
    house.do(Employ(Said("bo@example.org"), "okta", known.id, known.version))
    tell(house, known, active=False)

    assert ["ann", "cem"] == list(house.world.configuration.people)


def test_an_entry_of_before_is_looked_at_when_a_tree_is_accepted(house: House) -> None:
    known = leaves(house, "ann@example.org")
    now = house.world.get(Employment, known.id)
    assert now is not None
    house.world.apply([replace(now, person="")])
    house.do(ConfigurationAccepted("next"))
    rename(house, known)

    assert ["bo", "cem"] == list(house.world.configuration.people)


def test_another_tree_brings_back_whose_entry_was_renamed(house: House) -> None:
    rename(house, leaves(house, "ann@example.org"))
    for people in ({"bo": EVERYBODY["bo"]}, EVERYBODY):
        house.world.accept(replace(SHOP, people=people))
        house.do(ConfigurationAccepted("next"))

    assert EVERYBODY == house.world.configuration.people


# What cannot be.


def refusal(house: House, fact: Employ | RemoveEmployment) -> str:
    """The word for why it was refused."""
    (event,) = house.do(fact).events
    assert isinstance(event, EmploymentRefused)
    return event.reason


def test_a_name_is_given_once(house: House) -> None:
    hired(house, "ann@example.org")

    assert "uniqueness" == refusal(house, Employ(Said("ANN@example.org"), "okta"))


def test_what_has_changed_meanwhile_is_not_overwritten(house: House) -> None:
    known = leaves(house, "ann")

    assert "stale" == refusal(house, Employ(Said("ann"), "okta", known.id, known.version))


def test_of_whom_nothing_is_known_nothing_can_be_said(house: House) -> None:
    assert "missing" == refusal(house, Employ(Said("ann"), "okta", "e7", 1))
    assert "missing" == refusal(house, RemoveEmployment("e7", "okta"))


def test_the_last_one_cannot_leave(house: House) -> None:
    for name in ("ann", "bo"):
        leaves(house, name)
    cem = hired(house, "cem")

    assert "last" == refusal(house, Employ(Said("cem", active=False), "okta", cem.id, cem.version))
    assert "last" == refusal(house, RemoveEmployment(cem.id, "okta"))
    assert ["cem"] == list(house.world.configuration.people)


def test_there_is_an_end_to_them(house: House) -> None:
    made = hired(house, "x0")
    house.world.apply(
        replace(made, id=f"f{each}", said=Said(f"f{each}")) for each in range(staff.EMPLOYMENTS_MAX)
    )

    assert "full" == refusal(house, Employ(Said("one too many"), "okta"))


# What is removed.


def test_removed_is_left(house: House) -> None:
    known = hired(house, "ann")
    events = house.do(RemoveEmployment(known.id, "okta")).events

    assert [StaffLeft] == [type(each) for each in events]
    assert "ann" not in house.world.configuration.people
    assert "missing" == refusal(house, RemoveEmployment(known.id, "okta"))


def test_who_is_hired_again_is_there(house: House) -> None:
    house.do(RemoveEmployment(hired(house, "ann").id, "okta"))
    hired(house, "ann")

    assert EVERYBODY == house.world.configuration.people


def test_whom_neither_side_knows_is_forgotten(house: House) -> None:
    house.do(RemoveEmployment(hired(house, "eve").id, "okta"))
    assert [] == house.world.all(Employment)

    house.do(RemoveEmployment(hired(house, "ann").id, "okta"))
    house.world.accept(replace(SHOP, people={"bo": EVERYBODY["bo"]}))
    house.do(ConfigurationAccepted("next"))
    assert [] == house.world.all(Employment)


# Words.


def test_it_is_told_in_a_sentence(house: House) -> None:
    known = hired(house, "ann@example.org")
    house.now += HOUR
    changed = house.do(Employ(replace(known.said, display="Ann"), "okta", known.id, 1)).events
    left, back = tell(house, known, active=False), tell(house, known, active=True)
    events = [*changed, *left, *back]

    assert [EmploymentChanged, StaffLeft, StaffReturned] == [type(each) for each in events]
    assert "ann (ann@example.org) HAS LEFT, says the directory (okta, scim)" == sentence(events[1])
    assert [("person/ann", "okta")] * 3 == [(about(each), by_of(each)) for each in events]
    assert {} == gone(house.world.all(Employment), EVERYBODY)
