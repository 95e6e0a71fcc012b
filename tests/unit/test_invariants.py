"""What must always be true: each rule is quiet about a good world, and names what is wrong with a bad one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core.check import CheckResult, Outcome, Probe
from monitord.core.command import Acknowledge
from monitord.core.delivery import Delivery
from monitord.core.escalation import Escalation
from monitord.core.facts import Record
from monitord.core.invariants import RULES, violations
from monitord.core.organization import Component, ContactMethod, Person, PublicEffect, Service, StatusPage
from monitord.core.policy import DeadlineKind, Policy, Tier
from monitord.core.signal import Signal
from monitord.core.statuspage import Incident
from monitord.core.ticket import State, Ticket
from monitord.core.verdict import Action, Verdict
from monitord.core.world import Configuration
from tests.fakes.house import START, House

MINUTE = timedelta(minutes=1)
NAMES = ("ann", "bo")
SHOP = Configuration(
    probes={"web": Probe("web", "shop", failures=1, passes=1)},
    services={
        "shop": Service("shop", "", "", (("default", "up"),), ("shop",), PublicEffect(publish_after=MINUTE))
    },
    people={name: Person(name, name, reach=(ContactMethod("email", f"{name}@x"),)) for name in NAMES},
    policies={"up": Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("bo",), 5 * MINUTE)))},
    status_pages=(StatusPage("public", "Example", (Component("shop", "Shop"),)),),
)
WEB = "probe/web:down"


@pytest.fixture
def night() -> House:
    """Web is down, ann is being paged, the public sees it."""
    house = House(SHOP)
    house.do(CheckResult("web", Outcome.CRITICAL, START, "503"))
    return house


def the(night: House, kind: type[Any]) -> Any:
    (found,) = night.world.all(kind)
    return found


def broken(night: House, *records: Record) -> list[str]:
    night.world.apply(records)
    return violations(night.world, night.now)


def test_a_good_world_breaks_no_rule(night: House) -> None:
    good = [violations(night.world, night.now)]
    night.wait(12 * MINUTE)
    good.append(violations(night.world, night.now))
    night.do(Acknowledge(1, "bo"))
    good.append(violations(night.world, night.now))
    night.do(CheckResult("web", Outcome.OK, night.now, "200"))
    good.append(violations(night.world, night.now))

    assert [[], [], [], []] == good


def test_an_empty_world_breaks_no_rule() -> None:
    assert [] == violations(House(SHOP).world, START)


def test_a_resolved_ticket_does_not_escalate(night: House) -> None:
    ticket = replace(the(night, Ticket), state=State.RESOLVED, resolved=START)

    assert "ticket 1 is resolved but still escalates" in broken(night, ticket)


def test_an_open_ticket_has_a_deadline(night: House) -> None:
    escalation = replace(the(night, Escalation), ended=True)

    assert ["ticket 1 is open but has no deadline"] == broken(night, escalation)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (DeadlineKind.LAPSE, ["ticket 1 is open but waits for lapse of the acknowledgement"]),
        (DeadlineKind.ASK, ["ticket 1 is open but waits for ask the holder"]),
        (DeadlineKind.REVIEW, []),
    ],
)
def test_a_deadline_is_of_the_kind_that_its_state_asks_for(
    night: House, kind: DeadlineKind, expected: list[str]
) -> None:
    escalation = the(night, Escalation)

    assert expected == broken(night, replace(escalation, deadline=replace(escalation.deadline, kind=kind)))


def test_a_deadline_is_not_further_away_than_it_may_be(night: House) -> None:
    escalation = the(night, Escalation)
    far = replace(escalation.deadline, at=START + 6 * MINUTE)

    assert ["the deadline of ticket 1 is further away than its span"] == broken(
        night, replace(escalation, deadline=far)
    )


def test_a_deadline_is_armed(night: House) -> None:
    night.world.armed.pop((Escalation, 1))

    assert [f"Escalation 1 is due at {START + 5 * MINUTE} but not armed"] == broken(night)


def held_without_an_end(night: House) -> Iterable[Record]:
    return [replace(the(night, Verdict), action=Action.HOLD, until=None)]


def never_judged(night: House) -> Iterable[Record]:
    return [replace(the(night, Verdict), action=Action.CLEAR)]


def without_a_ticket(night: House) -> Iterable[Record]:
    return [replace(the(night, Ticket), signals=())]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (held_without_an_end, f"{WEB} is held without an end"),
        (never_judged, f"{WEB} is raised but was never judged"),
        (without_a_ticket, f"{WEB} is raised, and nobody has a ticket for it"),
        (without_a_ticket, "ticket 1 is open without a signal"),
    ],
)
def test_a_raised_signal_is_told_or_held(night: House, wrong: Any, expected: str) -> None:
    assert expected in broken(night, *wrong(night))


def test_a_ticket_does_not_outlive_its_signals(night: House) -> None:
    signal = replace(the(night, Signal), raised=False)

    assert f"ticket 1 holds {WEB}, which is not raised" in broken(night, signal)


def test_nobody_is_paged_for_what_is_answered(night: House) -> None:
    page = the(night, Delivery)
    night.do(Acknowledge(1, "bo"))

    assert ["e1/1/1/1/ann/0.email waits, but ticket 1 is not open"] == broken(night, page)


@pytest.mark.parametrize(
    ("circle", "expected"),
    [
        (("ann", "bo"), "ticket 1: somebody in the circle will not hear that it is over"),
        (("ann", "ann"), "ticket 1: somebody is in the circle twice"),
    ],
)
def test_the_circle_is_those_who_were_asked(night: House, circle: tuple[str, ...], expected: str) -> None:
    assert [expected] == broken(night, replace(the(night, Escalation), circle=circle))


def test_the_public_is_told_the_truth(night: House) -> None:
    story = replace(the(night, Incident), affects=())

    assert [f"shop is shown operational although {WEB} is raised"] == broken(night, story)


def test_a_story_has_a_reason(night: House) -> None:
    story = the(night, Incident)
    night.do(CheckResult("web", Outcome.OK, START, "200"))

    assert [f"incident {story.id} goes on although nothing is wrong"] == broken(night, story)


def test_every_rule_has_a_sentence_about_itself() -> None:
    assert [] == [rule for rules in RULES.values() for rule in rules if not rule.__doc__]
