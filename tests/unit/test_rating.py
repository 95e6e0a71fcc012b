"""Rating: a person says how bad an open ticket is, or that it is a catastrophe, and what follows."""

from datetime import timedelta

import pytest

from monitord.core.command import (
    Acknowledge,
    CallEverybody,
    OpenTicket,
    PageAlso,
    Resolve,
    SetPriority,
    SetSeverity,
    Snooze,
)
from monitord.core.delivery import Delivery, DeliveryState, Purpose
from monitord.core.escalation import Escalation, PageRequested
from monitord.core.flow import Decision
from monitord.core.invariants import violations
from monitord.core.organization import Priority, Service, Team
from monitord.core.policy import Policy, Tier
from monitord.core.severity import CatastropheCalledOff, CatastropheDeclared, SeveritySet
from monitord.core.ticket import (
    CommandIgnored,
    PriorityLowered,
    PriorityRaised,
    State,
    TeamMobilised,
    Ticket,
    UrgencyStressed,
)
from monitord.core.webhook import Webhook
from monitord.core.world import Configuration
from tests.fakes.house import START, House
from tests.transcripts.scene import CAST

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def shop(priority: Priority = Priority.LOW, **opened: object) -> House:
    """ann is asked first, then bo; they are the team, whose manager is cem. A ticket is open."""
    tiers = (Tier(("ann",), 2 * HOUR), Tier(("bo",), 2 * HOUR))
    services = {"web": Service("web", team="support", policies=(("default", "up"),))}
    teams = {"support": Team("support", ("ann", "bo"), ("cem",))}
    known = Configuration(
        "Shop",
        people=CAST,
        services=services,
        policies={"up": Policy("up", tiers)},
        teams=teams,
        webhooks={"audit": Webhook("audit")},
    )
    house = House(known)
    house.do(OpenTicket("slow", "web", priority, "dee", **opened))  # type: ignore[arg-type]
    house.now += MINUTE
    return house


def ticket(house: House) -> Ticket:
    found = house.world.get(Ticket, 1)
    assert found is not None and not violations(house.world, house.now)
    return found


def paged(decision: Decision) -> list[str]:
    return [event.person for event in decision.events if isinstance(event, PageRequested)]


def notices(decision: Decision) -> list[tuple[str, str]]:
    """What other systems hear of it: the event, and the note."""
    told = [record.notice for record in decision.records if isinstance(record, Delivery) and record.notice]
    return [(notice.event, notice.note) for notice in told]


@pytest.mark.parametrize(("severity", "priority", "target"), [(2, "high", 4), (3, "medium", 8)])
def test_a_severity_sets_priority_and_target_from_now_on(severity: int, priority: str, target: int) -> None:
    house = shop()

    house.do(SetSeverity(1, "ann", severity))

    found = ticket(house)
    assert (severity, priority) == (found.severity, found.priority.value)
    assert house.now + target * HOUR == found.target


def test_raised_by_its_severity_it_begins_anew() -> None:
    house = shop()

    decided = house.do(SetSeverity(1, "cem", 2))

    assert SeveritySet(1, "cem", None, 2, "cli") in decided.events
    assert PriorityRaised(1, Priority.LOW, Priority.HIGH, None, "cem", "severity 2, by cem") in decided.events
    assert ["ann"] == paged(decided)
    assert [("incident.priority_updated", "severity 2, by cem")] == notices(decided)


def test_lowered_by_its_severity_it_wakes_nobody() -> None:
    house = shop(Priority.URGENT)

    decided = house.do(SetSeverity(1, "cem", 4))

    assert PriorityLowered(1, Priority.URGENT, Priority.LOW, "cem") in decided.events
    assert ([], None) == (paged(decided), ticket(house).target)


def test_the_worst_by_hand_mobilises_the_team() -> None:
    house = shop()

    decided = house.do(SetSeverity(1, "eve", 1))

    assert TeamMobilised(1, "eve", ("cem", "bo")) in decided.events


def test_the_same_severity_changes_nothing() -> None:
    house = shop(severity=4)

    decided = house.do(SetSeverity(1, "eve", 4))

    assert [CommandIgnored(1, "SetSeverity", "eve", "open", "its severity is 4 already")] == list(
        decided.events
    )


def test_what_was_urgent_already_mobilises_when_somebody_calls_it_the_worst() -> None:
    house = shop(Priority.URGENT)
    house.do(Acknowledge(1, "ann"))

    decided = house.do(SetSeverity(1, "dee", 1))

    found = ticket(house)
    assert UrgencyStressed(1, "dee", "cli") in decided.events
    assert (State.ACKNOWLEDGED, "ann", None) == (found.state, found.holder, found.target)
    assert [("incident.priority_updated", "severity 1")] == notices(decided)


def test_urgent_said_of_what_is_urgent_calls_the_team_to_whoever_has_it() -> None:
    house = shop()
    house.do(CallEverybody(1, "cem"))
    house.do(SetSeverity(1, "cem", 1))
    house.do(Acknowledge(1, "ann"))

    decided = house.do(SetPriority(1, "dee", Priority.URGENT))

    found = ticket(house)
    assert UrgencyStressed(1, "dee", "cli") in decided.events
    assert ["cem", "bo"] == paged(decided)
    assert ("ann", State.ACKNOWLEDGED, ("cem", "bo")) == (found.holder, found.state, found.asked)


def test_there_are_four_severities() -> None:
    decided = shop().do(SetSeverity(1, "ann", 5))

    assert [CommandIgnored(1, "SetSeverity", "ann", "open", "there is no severity 5")] == list(decided.events)


def test_an_acknowledgement_has_met_the_target_of_another_severity_too() -> None:
    house = shop(severity=2)
    house.do(Acknowledge(1, "ann"))

    house.do(SetSeverity(1, "ann", 3))

    assert (None, "ann", Priority.MEDIUM) == (
        ticket(house).target,
        ticket(house).holder,
        ticket(house).priority,
    )


# Catastrophes.


def test_everybody_is_called_for_an_open_ticket_whoever_had_it() -> None:
    house = shop()
    house.do(Acknowledge(1, "ann"))

    decided = house.do(CallEverybody(1, "cem", "the other site, too"))

    found = ticket(house)
    assert CatastropheDeclared(1, "cem", "ann", "the other site, too", "cli") in decided.events
    assert sorted(CAST) == sorted(paged(decided))
    assert (True, 1, Priority.URGENT) == (found.catastrophic, found.severity, found.priority)
    assert (State.OPEN, None, house.now + HOUR) == (found.state, found.holder, found.target)
    assert ("incident.priority_updated", "the other site, too") in notices(decided)


def test_what_sleeps_is_woken_for_a_catastrophe() -> None:
    house = shop()
    house.do(Snooze(1, "ann", house.now + HOUR))

    house.do(CallEverybody(1, "cem"))

    assert (State.OPEN, None) == (ticket(house).state, ticket(house).snoozed_until)


def test_everybody_is_called_once() -> None:
    house = shop()
    house.do(CallEverybody(1, "cem"))

    decided = house.do(CallEverybody(1, "dee"))

    why = "everybody is called for it already"
    assert [CommandIgnored(1, "CallEverybody", "dee", "open", why)] == list(decided.events)


def test_called_off_it_is_his_who_was_the_first_to_have_it() -> None:
    house = shop()
    house.do(CallEverybody(1, "cem"))
    house.do(Acknowledge(1, "bo"))
    house.do(Acknowledge(1, "dee"))

    decided = house.do(SetSeverity(1, "cem", 3))

    found, climbing = ticket(house), house.world.get(Escalation, 1)
    assert CatastropheCalledOff(1, "cem", 3, Priority.MEDIUM, "cli") in decided.events
    assert (State.ACKNOWLEDGED, "bo", False) == (found.state, found.holder, found.catastrophic)
    assert climbing is not None and "up" == climbing.policy.id
    assert [] == waiting_pages(house)


def waiting_pages(house: House) -> list[str | None]:
    found = house.world.find("deliveries by ticket", 1)
    pages = (each for each in found if each.purpose is Purpose.PAGE)
    return [each.person for each in pages if each.state is DeliveryState.PENDING]


def test_called_off_with_nobody_it_begins_anew_with_its_own_policy() -> None:
    house = shop()
    house.do(CallEverybody(1, "cem"))

    decided = house.do(SetSeverity(1, "cem", 1))

    assert ["ann"] == paged(decided)
    assert (False, 1, START + MINUTE + HOUR) == (
        ticket(house).catastrophic,
        ticket(house).severity,
        ticket(house).target,
    )


def test_called_off_a_catastrophe_of_no_service_is_the_last_resorts() -> None:
    house = shop()
    known = house.world.configuration
    house.world.accept(Configuration("Shop", people=CAST, policies=known.policies, last_resort=("dee",)))
    house.do(OpenTicket("fire", "", Priority.LOW, "cem", catastrophic=True))

    decided = house.do(SetSeverity(2, "cem", 1))

    assert ["dee"] == paged(decided)


def test_who_was_called_in_by_name_before_is_called_in_again() -> None:
    house = shop()
    house.do(PageAlso(1, "ann", ("dee",)))
    house.do(Acknowledge(1, "dee"))

    decided = house.do(CallEverybody(1, "cem"))

    assert sorted(CAST) == sorted(paged(decided))


@pytest.mark.parametrize("command", [SetSeverity(1, "ann", 2), CallEverybody(1, "ann")])
def test_what_is_over_is_not_rated(command: SetSeverity | CallEverybody) -> None:
    house = shop()
    house.do(Resolve(1, "ann"))

    decided = house.do(command)

    assert [CommandIgnored] == [type(event) for event in decided.events]
