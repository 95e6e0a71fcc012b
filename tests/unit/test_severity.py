"""Severity: it sets the priority, and until when somebody must have acknowledged."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitord.core.command import Acknowledge, Decline, OpenTicket, PageAlso, SetPriority, Snooze
from monitord.core.course import missed, rated, timed
from monitord.core.escalation import PageRequested
from monitord.core.organization import Priority, Service, Team
from monitord.core.policy import Policy, Tier
from monitord.core.severity import SEVERITIES, Severity, TargetMissed, worse
from monitord.core.ticket import CommandIgnored, TeamMobilised, Ticket
from monitord.core.world import Configuration
from tests.fakes.house import START, House
from tests.transcripts.scene import CAST

HOUR = timedelta(hours=1)


def shop(**more: object) -> House:
    """ann is asked first, bo after two hours; they are a team, whose manager is cem."""
    tiers = (Tier(("ann",), 2 * HOUR), Tier(("bo",), 2 * HOUR))
    told = {
        "people": CAST,
        "services": {"web": Service("web", team="support", policies=(("default", "up"),))},
        "policies": {"up": Policy("up", tiers)},
        "teams": {"support": Team("support", ("ann", "bo"), ("cem",))},
        **more,
    }
    return House(Configuration("Shop", **told))  # type: ignore[arg-type]


def ticket(house: House) -> Ticket:
    found = house.world.get(Ticket, 1)
    assert found is not None
    return found


def paged(house: House) -> list[str]:
    """Everybody for whom a page was requested, in order."""
    events = (event for _, _, decision in house.journal for event in decision.events)
    return [event.person for event in events if isinstance(event, PageRequested)]


def test_the_usual_targets_are_an_hour_four_eight_and_none() -> None:
    expected = [(Priority.URGENT, HOUR), (Priority.HIGH, 4 * HOUR), (Priority.MEDIUM, 8 * HOUR)]

    assert [*expected, (Priority.LOW, None)] == [
        (each.priority, each.acknowledge_within) for each in SEVERITIES.values()
    ]


@pytest.mark.parametrize(("one", "other", "expected"), [(None, None, None), (2, None, 2), (3, 1, 1)])
def test_the_smaller_number_is_worse(one: int | None, other: int | None, expected: int | None) -> None:
    assert expected == worse(one, other)


@pytest.mark.parametrize(("severity", "priority"), [(1, "urgent"), (2, "high"), (3, "medium"), (4, "low")])
def test_a_severity_sets_the_priority_and_the_target(severity: int, priority: str) -> None:
    house = shop()

    house.do(OpenTicket("slow", "web", Priority.URGENT, "dee", severity=severity))

    assert priority == ticket(house).priority.value
    assert SEVERITIES[severity].target(START) == ticket(house).target


def test_the_organisation_may_say_otherwise() -> None:
    own = {**SEVERITIES, 4: Severity(4, Priority.HIGH, HOUR)}
    house = shop(severities=own)

    house.do(OpenTicket("slow", "web", Priority.URGENT, "dee", severity=4))

    assert (Priority.HIGH, START + HOUR) == (ticket(house).priority, ticket(house).target)


def test_a_missed_target_is_said_once_and_pages_the_next_tier() -> None:
    house = shop()
    house.do(OpenTicket("cards", "web", Priority.URGENT, "ann", severity=2))
    house.now += 4 * HOUR + timedelta(minutes=1)

    house.tick()
    house.tick()

    told = [event for _, _, decision in house.journal for event in decision.events]
    assert [TargetMissed(1, 2, START + 4 * HOUR)] == [e for e in told if isinstance(e, TargetMissed)]
    assert (None, START + 4 * HOUR) == (ticket(house).target, ticket(house).missed)


def test_an_acknowledgement_meets_the_target_for_good() -> None:
    house = shop()
    house.do(OpenTicket("cards", "web", Priority.URGENT, "dee", severity=1))

    house.do(Acknowledge(1, "ann"))

    assert (None, None) == (ticket(house).target, ticket(house).missed)


def test_what_nobody_rated_has_no_target() -> None:
    house = shop()
    house.do(OpenTicket("cards", "web", Priority.HIGH, "dee"))

    assert ticket(house) == timed(rated(ticket(house), SEVERITIES), SEVERITIES, START)
    assert ticket(house).target is None


def test_there_is_no_second_target_before_it_opens_again() -> None:
    house = shop()
    house.do(OpenTicket("cards", "web", Priority.URGENT, "dee", severity=1))

    late = missed(ticket(house))

    assert (None, START + HOUR) == (late.target, late.missed)
    assert START + HOUR == timed(late, SEVERITIES, START).target


# Urgent by hand.


def test_urgent_by_hand_pages_the_team_and_its_manager_at_once() -> None:
    house = shop()

    house.do(OpenTicket("cards", "web", Priority.URGENT, "eve"))

    assert ["ann", "cem", "bo"] == paged(house)


def test_without_a_team_the_last_resort_is_called() -> None:
    house = shop(teams={}, last_resort=("cem", "dee"))

    house.do(OpenTicket("cards", "web", Priority.URGENT, "eve"))

    assert ["ann", "cem", "dee"] == paged(house)


def test_the_organisation_may_name_whom_to_call() -> None:
    house = shop(urgent_by_hand=("support", "dee"))

    house.do(OpenTicket("cards", "web", Priority.URGENT, "eve"))

    assert ["ann", "bo", "dee"] == paged(house)


def test_the_first_page_of_a_mobilised_team_says_nothing_of_an_earlier_one() -> None:
    house = shop()
    house.do(OpenTicket("cards", "web", Priority.URGENT, "eve"))
    house.deliver()

    assert {
        "ann": "cards (ticket 1)",
        "bo": "eve asks for you: cards (ticket 1)",
        "cem": "eve asks for you: cards (ticket 1)",
    } == {each.person: each.text.subject for each in house.sent}


def test_raised_to_urgent_by_a_person_is_the_same() -> None:
    house = shop()
    house.do(OpenTicket("cards", "web", Priority.LOW, "eve"))

    decided = house.do(SetPriority(1, "eve", Priority.URGENT))

    assert TeamMobilised(1, "eve", ("cem", "bo")) in decided.events


def test_what_is_for_certain_people_stays_theirs() -> None:
    house = shop()

    house.do(OpenTicket("please come", "", Priority.URGENT, "eve", page=("dee",)))

    assert ["dee"] == paged(house)


# Catastrophes.


def catastrophe() -> House:
    house = shop()
    house.do(OpenTicket("fire", "", Priority.LOW, "eve", catastrophic=True))
    return house


def test_everybody_is_called_once_a_method_and_round() -> None:
    house = catastrophe()

    assert sorted(CAST) == sorted(paged(house))
    assert (1, Priority.URGENT) == (ticket(house).severity, ticket(house).priority)


def test_who_has_answered_is_called_no_more() -> None:
    house = catastrophe()
    house.do(Acknowledge(1, "ann"))
    before = len(paged(house))

    house.now += timedelta(minutes=5)
    house.tick()

    assert ["bo", "cem", "dee"] == paged(house)[before:]


@pytest.mark.parametrize(
    "command",
    [Snooze(1, "ann", START + HOUR), SetPriority(1, "ann", Priority.LOW)],
    ids=["snooze", "lower"],
)
def test_a_catastrophe_neither_sleeps_nor_matters_less(command: Snooze | SetPriority) -> None:
    house = catastrophe()
    before = ticket(house)

    decided = house.do(command)

    assert [CommandIgnored] == [type(event) for event in decided.events]
    assert before == replace(ticket(house))


def test_who_came_when_called_by_name_is_called_no_more_either() -> None:
    """The holder falls silent; bo is on the way, and cem has said that they cannot come."""
    house = catastrophe()
    for person in ("ann", "bo", "cem", "dee"):
        house.do(Acknowledge(1, person))
    house.do(PageAlso(1, "dee", ("bo", "cem"), "bring a pump"))
    house.do(Acknowledge(1, "bo"))
    house.do(Decline(1, "cem"))
    before = len(paged(house))

    house.wait(timedelta(minutes=31))

    assert {"dee"} == set(paged(house)[before:])


def test_when_everybody_has_come_and_the_holder_falls_silent_only_they_are_called() -> None:
    house = catastrophe()
    for person in ("ann", "bo", "cem", "dee"):
        house.do(Acknowledge(1, person))
    before = len(paged(house))

    house.now += timedelta(minutes=25)
    house.tick()
    house.now += timedelta(minutes=5)
    house.tick()

    assert "dee" == ticket(house).last_holder
    assert ["dee"] == paged(house)[before:]
