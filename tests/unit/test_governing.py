"""By which policy a ticket goes, and what happens when that is another one."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from monitord.core.command import Acknowledge, OpenTicket, Resolve, SetPriority
from monitord.core.delivery import Purpose
from monitord.core.escalation import Escalation, RoundReason, RoundStarted
from monitord.core.facts import ConfigurationAccepted
from monitord.core.governing import CATASTROPHE, LAST_RESORT, NO_POLICY, policy_for
from monitord.core.organization import ContactMethod, Person, Priority, Service
from monitord.core.policy import Policy, Tier
from monitord.core.report import SYSTEM, Integration, Report
from monitord.core.ticket import State, Ticket
from monitord.core.workhours import Workhours
from monitord.core.world import Configuration
from tests.fakes.house import START, House

MINUTE = timedelta(minutes=1)
NAMES = ("ann", "bo", "cem", "dee")
IN_HOURS = Workhours(hours=((time(9), time(17)),))


def calls(id: str, *people: str, only: Workhours | None = None) -> Policy:
    """One person a tier, ten minutes each."""
    return Policy(id, tuple(Tier((person,), 10 * MINUTE) for person in people), only=only)


SHOP = Configuration(
    "Shop",
    people={name: Person(name, name, "UTC", (ContactMethod("email", name),)) for name in NAMES},
    services={
        "web": Service("web", policies=(("default", "web"),)),
        "cart": Service("cart", policies=(("default", "cart"),)),
        "desk": Service("desk", policies=(("default", "hours"),)),
        "late": Service("late", policies=(("default", "late"),)),
        "quiet": Service("quiet"),
    },
    policies={
        "web": calls("web", "ann", "bo"),
        "cart": calls("cart", "cem"),
        "hours": calls("hours", "bo", only=IN_HOURS),
        "late": calls("late", "cem", only=Workhours(hours=((time(12), time(17)),))),
    },
    last_resort=("dee",),
    integrations={"prom": Integration("prom")},
    fits=lambda pattern, text: pattern == text,
)


def said(service: str, priority: Priority = Priority.HIGH) -> Report:
    return Report("in/prom", "a", True, service, priority, "a is full")


def about(*reports: Report) -> House:
    house = House(SHOP)
    for report in reports:
        house.do(report)
    return house


def reload(house: House, **changes: Any) -> None:
    house.world.accept(replace(house.world.accepted, **changes))
    house.do(ConfigurationAccepted("next"))


def called(house: House) -> list[str]:
    """Whom messages have reached since this was asked last."""
    house.deliver()
    pages, house.sent = [each for each in house.sent if each.purpose is Purpose.PAGE], []
    return sorted(page.person or "" for page in pages)


def rounds(house: House) -> list[RoundReason]:
    events = (event for _, _, decision in house.journal for event in decision.events)
    return [event.reason for event in events if isinstance(event, RoundStarted)]


def ticket(**fields: Any) -> Ticket:
    known = Ticket(1, "t", "c", "web", Priority.HIGH, State.OPEN, START, START)
    return replace(known, **fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "web"),
        ({"service": "quiet"}, NO_POLICY.id),
        ({"service": "quiet", "priority": Priority.URGENT}, LAST_RESORT),
        ({"service": "nowhere", "priority": Priority.URGENT}, LAST_RESORT),
        ({"service": SYSTEM}, "web"),
        ({"page": ("ann",)}, "page"),
        ({"page": ("ann",), "catastrophic": True}, CATASTROPHE.id),
    ],
)
def test_the_policy_of_a_ticket(fields: dict[str, Any], expected: str) -> None:
    assert expected == policy_for(SHOP, ticket(**fields), None, ("dee",)).id


def test_what_has_climbed_a_policy_that_is_gone_goes_on_by_it() -> None:
    climbing = about(said("web")).world.all(Escalation)[0]

    assert calls("web", "ann", "bo") == policy_for(replace(SHOP, policies={}), ticket(), climbing, ())


# Nobody was called so far.


def test_what_called_nobody_does_once_it_is_about_a_service_with_a_policy() -> None:
    house = about(said("nowhere"), said("web"))

    assert ["ann"] == called(house)
    assert [RoundReason.OPENED, RoundReason.OTHER_POLICY] == rounds(house)


def test_a_service_that_gets_a_policy_is_called_for_what_it_has_already() -> None:
    house = about(said("quiet"))

    reload(house, services={**SHOP.services, "quiet": Service("quiet", policies=(("default", "cart"),))})

    assert ["cem"] == called(house)


def test_whoever_was_called_for_want_of_anybody_else_is_no_longer_alone() -> None:
    house = about(said("nowhere", Priority.URGENT))
    assert ["dee"] == called(house)

    house.do(said("web", Priority.URGENT))

    assert ["ann"] == called(house)


def test_a_reload_that_changes_nothing_calls_nobody() -> None:
    house = about(said("nowhere", Priority.URGENT))
    called(house)

    reload(house, people={name: person for name, person in SHOP.people.items() if name != "bo"})

    assert [] == called(house)


def test_somebody_has_it_already_and_keeps_it() -> None:
    house = about(said("nowhere"))
    house.do(Acknowledge(1, "ann"))
    called(house)

    house.do(said("cart"))

    assert [] == called(house)


# It waits for hours.


def test_what_waits_for_the_morning_moves_to_a_service_that_does_not() -> None:
    assert ["ann"] == called(about(said("desk"), said("web")))


def test_what_would_wait_longer_goes_by_the_other_policy_when_its_hours_begin() -> None:
    house = about(said("desk"), said("late"))

    house.wait(timedelta(hours=9, minutes=1))
    assert [] == called(house)

    house.wait(timedelta(hours=3))
    assert ["cem"] == called(house)


def test_hours_that_are_taken_away_are_no_reason_to_wait_for_the_morning() -> None:
    house = about(said("desk"))

    reload(house, policies={**SHOP.policies, "hours": calls("hours", "bo")})

    assert ["bo"] == called(house)


def test_what_ran_until_the_evening_by_an_old_policy_goes_on_by_the_new_one_at_night() -> None:
    house = House(SHOP)
    house.now = START + timedelta(hours=16, minutes=55)
    house.do(said("desk"))
    house.do(said("cart"))
    assert ["bo"] == called(house)

    house.wait(10 * MINUTE)

    assert ["cem"] == called(house)


# Nobody was to be found.


def test_a_last_resort_that_is_named_at_last_is_called_at_once() -> None:
    house = House(replace(SHOP, last_resort=()))
    house.do(said("nowhere", Priority.URGENT))
    house.wait(timedelta(hours=5))
    assert [] == called(house)

    reload(house, last_resort=("dee",))

    assert ["dee"] == called(house)


def test_of_a_last_resort_those_of_today_are_called() -> None:
    house = about(said("nowhere", Priority.URGENT))
    house.do(Acknowledge(1, "dee"))
    called(house)

    reload(
        house,
        last_resort=("ann",),
        people={name: person for name, person in SHOP.people.items() if name != "dee"},
    )

    assert ["ann"] == called(house)


def test_what_is_urgent_no_longer_calls_no_last_resort() -> None:
    house = about(said("nowhere", Priority.URGENT))
    called(house)

    house.do(SetPriority(1, "ann", Priority.LOW))
    house.wait(timedelta(hours=5))

    assert [] == called(house)


# A round runs.


def test_a_round_that_runs_is_not_begun_anew_by_a_move() -> None:
    house = about(said("web"))
    called(house)

    house.do(said("cart"))
    assert [] == called(house)

    house.wait(10 * MINUTE)
    assert ["ann", "bo"] == called(house)


def test_an_edited_policy_is_taken_by_the_round_after_the_acknowledgement() -> None:
    house = about(said("web"))
    house.do(Acknowledge(1, "ann"))
    reload(house, policies={**SHOP.policies, "web": calls("web", "cem")})
    called(house)

    house.wait(timedelta(minutes=30))

    assert ["ann", "cem"] == called(house)


def test_what_certain_people_were_paged_for_stays_theirs() -> None:
    house = House(SHOP)
    house.do(OpenTicket("help", "quiet", Priority.HIGH, "ann", page=("bo",)))
    called(house)

    reload(house, services={**SHOP.services, "quiet": Service("quiet", policies=(("default", "cart"),))})

    assert [] == called(house)


def test_what_is_over_calls_nobody_when_it_gets_a_policy() -> None:
    house = about(said("nowhere"))
    house.do(Resolve(1, "ann", hold_until_clear=True))

    house.do(said("web"))

    assert [] == called(house)
