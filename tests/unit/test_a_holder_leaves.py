"""A holder who is taken out of the configuration has nothing any more: it is said, and others are paged."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core.command import Acknowledge, OpenTicket, Resolve, Snooze
from monitord.core.delivery import Purpose
from monitord.core.escalation import Escalation, HolderLeft, RoundReason, RoundStarted
from monitord.core.facts import ConfigurationAccepted
from monitord.core.organization import ContactMethod, Person, Priority, Service
from monitord.core.policy import Policy, Tier
from monitord.core.ticket import State, Ticket
from monitord.core.webhook import Webhook
from monitord.core.world import Configuration
from tests.fakes.house import House

MINUTE = timedelta(minutes=1)
NAMES = ("ann", "bo", "cem")
EVERYBODY = {name: Person(name, name, reach=(ContactMethod("email", name),)) for name in NAMES}
SHOP = Configuration(
    services={"shop": Service("shop", policies=(("default", "up"),))},
    people=EVERYBODY,
    policies={"up": Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("cem",), 5 * MINUTE)))},
)


@pytest.fixture
def house() -> House:
    """With a ticket that ann was paged for."""
    house = House(SHOP)
    house.do(OpenTicket("disk full", "shop", Priority.URGENT, "cem"))
    house.deliver()
    return house


def accepted(house: House, *names: str, **changes: Any) -> tuple[Any, ...]:
    """The events of a configuration with these people."""
    people = {name: EVERYBODY[name] for name in names}
    house.world.accept(replace(house.world.accepted, people=people, **changes))
    house.now += MINUTE
    return house.do(ConfigurationAccepted("next")).events


def ticket(house: House) -> Ticket:
    (found,) = house.world.all(Ticket)
    return found


def paged(house: House) -> list[str | None]:
    return [each.person for each in house.deliver() if each.purpose is Purpose.PAGE]


def test_what_a_removed_person_had_is_open_again_and_pages_at_once(house: House) -> None:
    house.do(Acknowledge(1, "bo", "console"))
    house.deliver()
    events = accepted(house, "ann", "cem")

    assert HolderLeft(1, "bo") in events
    assert RoundStarted(1, 2, RoundReason.HOLDER_LEFT) in events
    assert (State.OPEN, None) == (ticket(house).state, ticket(house).holder)
    assert ["ann"] == paged(house)


def test_what_a_removed_person_let_sleep_is_awake(house: House) -> None:
    house.do(Snooze(1, "bo", house.now + timedelta(hours=8)))
    house.deliver()
    accepted(house, "ann", "cem")

    assert None is ticket(house).snoozed_until
    assert ["ann"] == paged(house)


def test_others_keep_what_they_have(house: House) -> None:
    house.do(Acknowledge(1, "ann"))
    house.deliver()
    before = house.world.get(Escalation, 1)
    events = accepted(house, "ann", "cem")

    assert ((), before) == (events, house.world.get(Escalation, 1))


def test_who_was_never_configured_keeps_what_they_have(house: House) -> None:
    """An administrator at the console of the machine may be no one whom a page could reach."""
    house.do(Acknowledge(1, "root", "cli"))
    house.deliver()
    accepted(house, "ann", "cem")

    assert "root" == ticket(house).holder


def test_who_came_into_the_configuration_later_can_leave_it(house: House) -> None:
    accepted(house, "ann", "cem")
    house.do(Acknowledge(1, "bo", "cli"))
    house.deliver()
    accepted(house, "ann", "bo", "cem")
    accepted(house, "ann", "cem")

    assert ["ann"] == paged(house)


def test_what_is_over_is_not_begun_anew(house: House) -> None:
    house.do(Acknowledge(1, "bo"))
    house.do(Resolve(1, "bo"))
    house.deliver()

    assert () == accepted(house, "ann", "cem")


def test_the_question_to_who_has_left_is_not_sent(house: House) -> None:
    house.do(Acknowledge(1, "bo"))
    house.deliver()
    house.now += 25 * MINUTE
    house.tick()
    accepted(house, "ann", "cem")

    assert ["ann"] == [each.person for each in house.deliver()]


def test_other_systems_hear_that_nobody_has_it(house: House) -> None:
    hook = Webhook("audit", events=("incident.unacknowledged",))
    house.do(Acknowledge(1, "bo"))
    house.deliver()
    accepted(house, "ann", "cem", webhooks={"audit": hook})

    assert ["audit"] == [each.channel.partition("/")[2] for each in house.deliver() if each.notice]


def test_an_escalation_from_before_this_was_remembered_is_looked_at_when_it_is_accepted(house: House) -> None:
    house.do(Acknowledge(1, "bo"))
    known = house.world.get(Escalation, 1)
    assert known is not None
    house.world.apply([replace(known, holder_known=False)])
    accepted(house, *NAMES)

    assert known == house.world.get(Escalation, 1)
