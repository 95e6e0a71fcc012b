"""listen, and what follows from it in the later stages: reports, heartbeats and silences in a whole house."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core.check import ClockSet
from monitord.core.command import Acknowledge, SetPriority
from monitord.core.facts import ConfigurationAccepted
from monitord.core.heartbeat import Deaf, Every, Heartbeat, Pinged, PingKind, Pulse, PulseDue, PulseState
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
from monitord.core.report import Integration, Report, ReportIgnored, system
from monitord.core.signal import Signal, SignalDue
from monitord.core.silence import AddSilence, Matcher, Silence, SilenceBegan, SilenceDue, SilenceRefused
from monitord.core.stages.listen import SILENCES_MAX
from monitord.core.statuspage import Incident, state_of
from monitord.core.ticket import SIGNALS_MAX, PriorityRaised, State, Ticket
from monitord.core.verdict import Action, Reason, Verdict
from monitord.core.world import Configuration
from tests.fakes.house import START, House

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FULL = Report("in/prom", "disk", True, "shop", Priority.HIGH, "disk is full", "97 %")
BACKUP = Heartbeat("backup", "backup", "shop", Priority.HIGH, Every(HOUR), 10 * MINUTE)
QUIET = AddSilence((Matcher("service", "shop"),), "cem", "work on it", START + HOUR)
NAMES = ("ann", "bo", "cem")


def service(name: str, *components: str) -> Service:
    public = PublicEffect(ComponentState.DEGRADED, timedelta(0))
    return Service(name, policies=(("default", "up"),), components=components, public=public)


SYSTEM_OF_ITS_OWN = Service("monitord", policies=(("default", "system"),))
SHOP = Configuration(
    services={"shop": service("shop", "shop"), "cart": service("cart")},
    people={name: Person(name, name, reach=(ContactMethod("email", name),)) for name in NAMES},
    policies={
        "up": Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("bo",), 5 * MINUTE))),
        "system": Policy("system", (Tier(("cem",), 5 * MINUTE),)),
    },
    status_pages=(StatusPage("public", "Example", (Component("shop", "Shop"),)),),
    integrations={"prom": Integration("prom")},
    heartbeats={"backup": BACKUP},
)


@pytest.fixture
def house() -> House:
    return House(SHOP)


def reconfigured(house: House, **changes: Any) -> None:
    house.world.accept(replace(house.world.accepted, **changes))
    house.do(ConfigurationAccepted("next"))


def the(house: House, kind: type[Any]) -> Any:
    (found,) = house.world.all(kind)
    return found


def paged(house: House) -> list[str]:
    return [delivery.address for delivery in house.deliver()]


def ping(house: House, what: PingKind = PingKind.SUCCESS) -> None:
    house.do(Pinged("backup", what, house.now))


# Reports.


def test_a_page_says_what_its_source_says(house: House) -> None:
    details = (("instance", "web1"), ("mountpoint", "/var " + "x" * 200))
    house.do(replace(FULL, details=details, links=(("graph", "https://g.example.org"),)))
    (letter,) = house.deliver()

    assert "disk is full (ticket 1)" == letter.text.subject
    assert "Found: 97 %" in letter.text.lines
    (shown,) = [line for line in letter.text.lines if line.startswith("instance")]
    assert shown.startswith("instance: web1 · mountpoint: /var xxx")
    assert shown.endswith("x…")
    assert ("graph", "https://g.example.org") in letter.text.more


def test_a_repeat_renews_the_words_of_its_ticket_and_pages_nobody(house: House) -> None:
    house.do(FULL)
    house.do(replace(FULL, summary="99 %", details=(("instance", "web2"),)))
    ticket = the(house, Ticket)

    assert ("disk is full", "99 %", (("instance", "web2"),)) == (ticket.title, ticket.summary, ticket.details)
    assert ["ann"] == paged(house)


def test_who_is_asked_later_reads_what_was_found_last(house: House) -> None:
    house.do(FULL)
    house.deliver()
    house.do(replace(FULL, summary="99 %"))
    house.wait(5 * MINUTE)

    assert ("bo", True) == (house.sent[-1].address, "Found: 99 %" in house.sent[-1].text.lines)


def test_an_acknowledged_ticket_is_renewed_and_stays_so(house: House) -> None:
    house.do(FULL)
    house.do(Acknowledge(1, "ann", "test"))
    decision = house.do(replace(FULL, summary="99 %"))

    assert ("99 %", State.ACKNOWLEDGED, ()) == (
        the(house, Ticket).summary,
        the(house, Ticket).state,
        decision.events,
    )


def test_an_equal_repeat_leaves_its_ticket_alone(house: House) -> None:
    house.do(FULL)
    decision = house.do(replace(FULL, times=40))

    assert [Signal] == [type(record) for record in decision.records]


def test_an_alarm_of_monitord_itself_is_renewed(house: House) -> None:
    house.do(system("configuration", True, "the configuration is refused", "a.yaml:3"))
    house.do(system("configuration", True, "the configuration is refused", "b.yaml:7"))

    assert "b.yaml:7" == the(house, Ticket).summary


def test_a_shared_ticket_keeps_the_words_of_the_signal_that_it_speaks_of(house: House) -> None:
    other = replace(FULL, name="load", summary="load 9", group="web1")
    house.do(replace(FULL, group="web1"))
    house.do(other)
    house.do(replace(other, summary="load 12"))
    before = the(house, Ticket).summary
    house.do(replace(FULL, group="web1", summary="99 %"))

    assert ("97 %", "99 %") == (before, the(house, Ticket).summary)


def test_a_heartbeat_that_fails_otherwise_says_so_on_its_ticket(house: House) -> None:
    house.do(Pinged("backup", PingKind.FAIL, house.now, text="no space"))
    house.do(Pinged("backup", PingKind.FAIL, house.now, text="no network"))

    assert the(house, Signal).details == the(house, Ticket).details
    assert the(house, Signal).summary == the(house, Ticket).summary
    assert "no network" in str(the(house, Ticket))


def test_a_page_leads_only_where_a_browser_may_go(house: House) -> None:
    house.do(replace(FULL, links=(("run", "javascript:alert(1)"), ("graph", "https://g.example.org"))))
    (letter,) = house.deliver()

    assert ("graph",) == tuple(name for name, _ in letter.text.more)


def test_many_details_are_left_on_the_ticket(house: House) -> None:
    house.do(replace(FULL, details=tuple((f"label{number}", "x") for number in range(20))))
    (letter,) = house.deliver()

    assert "12 more details are on the ticket." in letter.text.lines


@pytest.mark.parametrize(
    ("priority", "expected"),
    [(Priority.URGENT, ComponentState.DEGRADED), (Priority.HIGH, ComponentState.OPERATIONAL)],
)
def test_only_what_is_urgent_is_shown_to_customers(
    house: House, priority: Priority, expected: ComponentState
) -> None:
    house.do(replace(FULL, priority=priority))

    assert expected is state_of("shop", house.world.all(Incident), in_maintenance=False)


def test_what_becomes_urgent_is_shown_to_customers(house: House) -> None:
    house.do(FULL)
    house.do(replace(FULL, priority=Priority.URGENT))
    shown = state_of("shop", house.world.all(Incident), in_maintenance=False)
    house.do(replace(FULL, raised=False))

    assert ComponentState.DEGRADED is shown
    assert [] == house.world.all(Incident)


def test_customers_of_the_service_that_it_is_now_about_are_told(house: House) -> None:
    """The rules say another service: the story of the first one ends, that of the other begins."""
    services = {"shop": service("shop", "shop"), "cart": service("cart", "cart")}
    reconfigured(house, services=services)
    house.do(replace(FULL, priority=Priority.URGENT))
    house.do(replace(FULL, priority=Priority.URGENT, service="cart"))

    stories = house.world.all(Incident)
    states = [state_of(name, stories, in_maintenance=False) for name in ("shop", "cart")]
    assert [ComponentState.OPERATIONAL, ComponentState.DEGRADED] == states


def test_what_gets_worse_while_it_is_silent_is_urgent_afterwards(house: House) -> None:
    house.do(FULL)
    house.do(Acknowledge(1, "ann"))
    house.do(QUIET)
    house.do(replace(FULL, priority=Priority.URGENT))
    silent = the(house, Ticket)
    house.wait(HOUR)

    assert (State.ACKNOWLEDGED, Priority.HIGH) == (silent.state, silent.priority)
    assert (State.OPEN, Priority.URGENT) == (the(house, Ticket).state, the(house, Ticket).priority)


def test_a_group_has_as_many_tickets_as_it_needs(house: House) -> None:
    """What is on one ticket can still be read; a signal that finds room joins it."""
    for number in range(SIGNALS_MAX + 1):
        house.do(replace(FULL, name=str(number), group="g"))
    house.do(replace(FULL, name="7", group="g", raised=False))
    house.do(replace(FULL, name="new", group="g"))

    assert [SIGNALS_MAX, 1] == [len(ticket.signals) for ticket in house.world.all(Ticket)]
    assert ["ann", "ann"] == paged(house)


def test_what_a_person_made_less_pressing_stays_so(house: House) -> None:
    house.do(replace(FULL, priority=Priority.URGENT))
    house.do(SetPriority(1, "ann", Priority.LOW))
    decision = house.do(replace(FULL, priority=Priority.URGENT))

    assert not [event for event in decision.events if isinstance(event, PriorityRaised)]
    assert Priority.LOW is the(house, Ticket).priority


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["ann"]),
        ({"last_resort": ("bo", "cem")}, ["ann"]),
        ({"policies": {}, "last_resort": ("bo", "cem")}, ["bo", "cem"]),
        ({"services": {**SHOP.services, "monitord": SYSTEM_OF_ITS_OWN}}, ["cem"]),
    ],
    ids=[
        "whoever is told of what is urgent",
        "the last resort stays last",
        "without policies",
        "its own service",
    ],
)
def test_who_is_told_that_monitord_is_not_well(changes: Mapping[str, Any], expected: list[str]) -> None:
    house = House(replace(SHOP, **changes))

    house.do(system("disk", True, "The disk is full"))

    assert expected == paged(house)


def test_a_due_fact_that_is_too_early_changes_nothing(house: House) -> None:
    house.do(replace(FULL, ends=START + 5 * MINUTE))
    ping(house)
    house.do(replace(QUIET, start=START + MINUTE))

    early = [SignalDue("in/prom:disk"), PulseDue("backup"), SilenceDue("s1")]
    gone = [SignalDue("in/prom:cpu"), PulseDue("sync"), SilenceDue("s7")]
    assert [()] * 6 == [house.do(fact).records for fact in (*early, *gone)]


def test_who_was_not_heard_twice_is_given_its_own_span_once_more(house: House) -> None:
    house.do(replace(FULL, ends=START + 5 * MINUTE))
    for minutes in (4, 8, 12):
        house.now = START + minutes * MINUTE
        house.do(Deaf(house.now - MINUTE, house.now))

    assert START + 17 * MINUTE == the(house, Signal).due


def test_who_says_it_again_begins_anew(house: House) -> None:
    house.do(replace(FULL, ends=START + 5 * MINUTE))
    house.now += 4 * MINUTE
    house.do(Deaf(START, house.now))
    house.do(replace(FULL, ends=house.now + 5 * MINUTE))

    assert (START + 9 * MINUTE, None) == (the(house, Signal).due, the(house, Signal).ends_said)


def test_set_clocks_leave_everybody_the_time_that_they_had(house: House) -> None:
    house.do(replace(FULL, ends=START + 5 * MINUTE))
    ping(house)
    house.do(QUIET)
    house.now -= 3 * HOUR
    house.do(ClockSet(-3 * HOUR))

    before = START - 3 * HOUR
    dues = [the(house, kind).due for kind in (Signal, Pulse, Silence, Verdict)]
    assert [before + 5 * MINUTE, before + HOUR, before + HOUR, before + HOUR] == dues


def test_a_clock_that_was_set_back_before_the_start_stretches_nothing(house: House) -> None:
    house.do(replace(FULL, ends=START + 5 * MINUTE))
    ping(house)
    house.do(QUIET)
    house.now -= 3 * HOUR
    reconfigured(house)

    before = START - 3 * HOUR
    dues = [the(house, kind).due for kind in (Signal, Pulse, Silence)]
    assert [before + 5 * MINUTE, before + HOUR, before + HOUR] == dues


def test_a_service_that_is_gone_leaves_its_tickets_to_whoever_has_them(house: House) -> None:
    """They go up the policy that they had, resolve as any other, and so does the public's story."""
    house.do(replace(FULL, priority=Priority.URGENT))
    house.deliver()
    reconfigured(house, services={"cart": service("cart")})
    house.now += 5 * MINUTE
    house.tick()
    asked = paged(house)
    house.do(replace(FULL, raised=False))

    assert ["ann", "bo"] == asked
    assert State.RESOLVED is the(house, Ticket).state
    assert [] == house.world.all(Incident)


# Heartbeats.


def test_a_heartbeat_follows_its_service(house: House) -> None:
    ping(house, PingKind.FAIL)
    reconfigured(house, heartbeats={"backup": replace(BACKUP, service="cart")})

    assert ("cart", "cart") == (the(house, Signal).service, the(house, Ticket).service)


def test_another_period_is_awaited_at_once(house: House) -> None:
    ping(house)
    reconfigured(house, heartbeats={"backup": replace(BACKUP, timetable=Every(2 * HOUR))})

    assert START + 2 * HOUR == the(house, Pulse).due


def test_a_heartbeat_that_is_gone_is_forgotten(house: House) -> None:
    ping(house)
    reconfigured(house, heartbeats={})
    house.wait(5 * HOUR)

    assert ([], []) == (house.world.all(Pulse), house.world.all(Ticket))


def test_a_ping_that_nobody_awaits_is_recorded(house: House) -> None:
    decision = house.do(Pinged("sync", PingKind.SUCCESS, START))

    expected = ReportIgnored("heartbeat/sync", "down", "", "no heartbeat sync is configured")
    assert (expected,) == decision.events


def test_failing_again_is_counted(house: House) -> None:
    for _ in range(3):
        ping(house, PingKind.FAIL)

    assert (3, PulseState.DOWN, 3) == (
        the(house, Signal).count,
        the(house, Pulse).state,
        the(house, Pulse).pings,
    )
    assert ["ann"] == paged(house)


@pytest.mark.parametrize("span", [timedelta(0), -MINUTE])
def test_no_deafness_is_none(house: House, span: timedelta) -> None:
    ping(house)

    assert () == house.do(Deaf(START, START + span)).records


# Silences.


def test_a_silence_begins_at_its_start(house: House) -> None:
    house.do(FULL)
    house.do(replace(QUIET, start=START + 10 * MINUTE))
    before = the(house, Verdict).action
    house.now = START + 10 * MINUTE
    events = [type(event) for decision in house.tick() for event in decision.events]

    verdict = the(house, Verdict)
    assert Action.RAISE is before
    assert SilenceBegan in events
    assert (Action.HOLD, Reason.SILENCED, START + HOUR, "s1 by cem") == (
        verdict.action,
        verdict.reason,
        verdict.until,
        verdict.because,
    )


def test_the_longest_silence_holds(house: House) -> None:
    house.do(QUIET)
    house.do(replace(QUIET, end=START + 3 * HOUR, by="dee"))
    house.do(FULL)
    house.wait(2 * HOUR)
    still = paged(house), the(house, Verdict).because
    house.wait(HOUR)

    assert ([], "s2 by dee") == still
    assert [Ticket] == [type(ticket) for ticket in house.world.all(Ticket)]
    assert [] == house.world.all(Silence)


def test_silences_are_numbered_and_not_without_end(house: House) -> None:
    for _ in range(3):
        house.do(QUIET)
    silence = the_first(house)
    house.world.apply(replace(silence, id=f"x{number}") for number in range(SILENCES_MAX))
    decision = house.do(QUIET)

    assert "s1" == silence.id
    assert 4 == house.world.installation.next_silence
    assert [SilenceRefused] == [type(event) for event in decision.events]


def the_first(house: House) -> Silence:
    return house.world.all(Silence)[0]
