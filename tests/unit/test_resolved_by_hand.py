"""What a person has resolved: what still fails comes back; what is said once only if it is said again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core.check import CheckResult, Outcome, Probe
from monitord.core.command import Resolve
from monitord.core.facts import ConfigurationAccepted
from monitord.core.heartbeat import Deaf, Every, Heartbeat, Pinged, PingKind
from monitord.core.organization import (
    Component,
    ComponentState,
    ContactMethod,
    Person,
    Priority,
    PublicEffect,
    Service,
    StatusPage,
)
from monitord.core.policy import Policy, Tier
from monitord.core.report import Integration, Report
from monitord.core.signal import Signal
from monitord.core.silence import AddSilence, Matcher
from monitord.core.statuspage import Incident, state_of
from monitord.core.ticket import State, Ticket
from monitord.core.verdict import Reason, Verdict, Window
from monitord.core.world import Configuration
from tests.fakes.house import START, House

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FULL = Report("in/prom", "disk", True, "shop", Priority.URGENT, "disk is full", "97 %", once=True)
FIRING = replace(FULL, once=False)
SHOP = Configuration(
    probes={"web": Probe("web", "shop", MINUTE, failures=1, passes=1)},
    services={
        "shop": Service(
            "shop",
            policies=(("default", "up"),),
            components=("shop",),
            public=PublicEffect(ComponentState.DEGRADED, timedelta(0)),
        ),
    },
    people={"ann": Person("ann", "ann", reach=(ContactMethod("email", "ann"),))},
    policies={"up": Policy("up", (Tier(("ann",), 5 * MINUTE),))},
    status_pages=(StatusPage("public", "Example", (Component("shop", "Shop"),)),),
    integrations={"prom": Integration("prom")},
    heartbeats={"backup": Heartbeat("backup", "backup", "shop", Priority.HIGH, Every(HOUR), 10 * MINUTE)},
)


@pytest.fixture
def house() -> House:
    return House(SHOP)


def said(house: House, *reports: Report) -> None:
    for report in reports:
        house.do(report)
    house.deliver()
    house.sent.clear()


def resolved(house: House, **how: Any) -> None:
    house.do(Resolve(1, "ann", **how))
    house.deliver()
    house.sent.clear()


def ticket(house: House) -> Ticket:
    (found,) = house.world.all(Ticket)
    return found


def subjects(house: House) -> list[str]:
    return [delivery.text.subject for delivery in house.sent]


def test_what_was_said_once_is_over_with_its_resolution(house: House) -> None:
    said(house, FULL)
    resolved(house)

    house.wait(DAY - MINUTE)

    assert (State.RESOLVED, 0) == (ticket(house).state, ticket(house).reopened)
    assert ([], []) == (subjects(house), house.world.all(Signal))


def test_what_is_said_again_while_it_is_believed_to_be_over_comes_back_after_that(house: House) -> None:
    said(house, FULL)
    resolved(house)
    house.wait(3 * MINUTE)
    house.do(FULL)
    house.wait(6 * MINUTE)
    before = subjects(house)
    house.wait(2 * MINUTE)

    assert ([], ["disk is full (ticket 1)"]) == (before, subjects(house))
    assert 1 == ticket(house).reopened


def test_what_is_said_again_later_comes_back_at_once_under_its_number(house: House) -> None:
    said(house, FULL)
    resolved(house)
    house.wait(20 * MINUTE)
    house.do(FULL)
    house.deliver()

    assert (1, State.OPEN) == (ticket(house).number, ticket(house).state)
    assert ["disk is full (ticket 1)"] == subjects(house)


def test_what_is_said_again_much_later_is_a_ticket_of_its_own(house: House) -> None:
    said(house, FULL)
    resolved(house)
    house.wait(HOUR)
    house.do(FULL)

    assert [1, 2] == [each.number for each in house.world.all(Ticket)]


def test_what_is_resolved_a_second_time_is_over_again(house: House) -> None:
    said(house, FULL)
    resolved(house)
    house.wait(MINUTE)
    house.do(FULL)
    house.wait(10 * MINUTE)
    resolved(house)
    house.wait(HOUR)

    assert (State.RESOLVED, 1) == (ticket(house).state, ticket(house).reopened)


def test_what_was_held_until_it_clears_and_was_never_said_again_is_over_after_a_day(house: House) -> None:
    said(house, FULL)
    resolved(house, hold_until_clear=True)
    house.wait(DAY + MINUTE)

    assert ([], []) == (subjects(house), house.world.all(Signal))


def test_a_group_is_over_but_for_what_is_said_again(house: House) -> None:
    disk, load = replace(FULL, group="web1"), replace(FULL, name="load", title="load is high", group="web1")
    said(house, disk, load)
    resolved(house)
    house.wait(MINUTE)
    house.do(load)
    house.wait(10 * MINUTE)

    assert ["in/prom:load"] == [signal.key for signal in house.world.all(Signal)]
    assert ("in/prom:load",) == ticket(house).signals
    assert State.OPEN is ticket(house).state


def test_what_joins_its_group_does_not_keep_alive_what_was_resolved(house: House) -> None:
    """It reopens the ticket at once; when it clears, nothing else is left on it after the hold."""
    load = replace(FULL, name="load", title="load is high", group="web1")
    said(house, replace(FULL, group="web1"))
    resolved(house)
    house.wait(MINUTE)
    house.do(load)
    house.do(replace(load, raised=False))
    house.wait(10 * MINUTE)

    assert (State.RESOLVED, ()) == (ticket(house).state, ticket(house).signals)


def test_other_services_tickets_are_not_touched(house: House) -> None:
    said(house, FULL, replace(FULL, name="load", title="load is high"))
    resolved(house)
    house.wait(11 * MINUTE)

    assert ["in/prom:load"] == [signal.key for signal in house.world.all(Signal)]


def test_the_public_page_is_well_again_when_it_is_over(house: House) -> None:
    said(house, FULL)
    resolved(house)
    held = state_of("shop", house.world.all(Incident), in_maintenance=False)
    house.wait(11 * MINUTE)

    assert ComponentState.DEGRADED is held
    assert [] == house.world.all(Incident)


def test_a_restart_after_the_hold_wakes_nobody(house: House) -> None:
    said(house, FULL)
    resolved(house)
    house.now += 11 * MINUTE
    house.do(ConfigurationAccepted("next"))
    house.tick()
    house.deliver()

    assert ([], []) == (subjects(house), house.world.all(Signal))


@pytest.mark.parametrize(
    ("lasts", "expected"),
    [(5 * MINUTE, []), (20 * MINUTE, ["disk is full (ticket 1)"])],
    ids=["its own end has come", "its own end is still to come"],
)
def test_what_could_not_be_said_again_does_not_come_back_after_its_own_end(
    house: House, lasts: timedelta, expected: list[str]
) -> None:
    said(house, replace(FIRING, ends=START + lasts))
    resolved(house)
    house.now += 15 * MINUTE
    house.do(Deaf(START + MINUTE, house.now))
    house.tick()
    house.deliver()

    assert expected == subjects(house)


def test_what_nobody_resolved_may_be_said_again_after_we_were_deaf(house: House) -> None:
    house.do(replace(FIRING, ends=START + 5 * MINUTE))
    house.now += 15 * MINUTE
    house.do(Deaf(START + MINUTE, house.now))
    house.tick()

    assert State.OPEN is ticket(house).state


def test_a_silence_or_a_window_in_between_changes_nothing(house: House) -> None:
    window = Window("w", START, START + 30 * MINUTE, services=("shop",))
    house.world.accept(replace(SHOP, windows=(window,)))
    said(house, FULL)
    house.world.accept(SHOP)
    house.do(ConfigurationAccepted("next"))
    house.deliver()
    house.sent.clear()
    resolved(house)
    house.do(AddSilence((Matcher("service", "shop"),), "ann", "work on it", START + HOUR))
    house.wait(2 * HOUR)

    assert ([], []) == (subjects(house), house.world.all(Signal))


def test_a_probe_that_still_fails_comes_back_though_it_says_nothing_new(house: House) -> None:
    house.do(CheckResult("web", Outcome.CRITICAL, house.now, "connection refused"))
    house.deliver()
    resolved(house)
    house.wait(11 * MINUTE)

    assert ["web is down (ticket 1)"] == subjects(house)


def test_a_heartbeat_that_stays_silent_comes_back(house: House) -> None:
    house.do(Pinged("backup", PingKind.FAIL, house.now))
    house.deliver()
    resolved(house)
    house.wait(11 * MINUTE)

    assert (State.OPEN, 1) == (ticket(house).state, ticket(house).reopened)


def test_what_will_be_said_to_be_over_comes_back_until_it_is(house: House) -> None:
    """An Alertmanager says when an alert is over; that it says nothing means that it still fires."""
    said(house, FIRING)
    resolved(house)
    house.wait(11 * MINUTE)

    assert (State.OPEN, 1) == (ticket(house).state, ticket(house).reopened)
    assert ["disk is full (ticket 1)"] == subjects(house)


def test_it_says_why_it_is_over(house: House) -> None:
    said(house, FULL)
    resolved(house)
    house.journal.clear()
    house.wait(11 * MINUTE)
    (verdict,) = [
        record
        for _, _, decision in house.journal
        for record in decision.records
        if isinstance(record, Verdict)
    ]

    assert Reason.NOT_SAID_AGAIN is verdict.reason
