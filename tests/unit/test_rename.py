"""rename: a probe has another id, and goes on as what it was."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core.check import CheckResult, Outcome, Probe
from monitord.core.command import Resolve
from monitord.core.facts import ConfigurationAccepted
from monitord.core.health import Health, ProbeRenamed
from monitord.core.invariants import violations
from monitord.core.organization import (
    Component,
    ComponentState,
    ContactMethod,
    Person,
    PublicEffect,
    Service,
    StatusPage,
)
from monitord.core.policy import Policy, Tier
from monitord.core.signal import Signal
from monitord.core.silence import AddSilence, Matcher, Silence
from monitord.core.statuspage import Incident
from monitord.core.ticket import State, Ticket
from monitord.core.timeline import about, sentence
from monitord.core.verdict import Action, Reason, Verdict
from monitord.core.world import Configuration
from tests.fakes.house import START, House

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WEB = Probe("web", "web", failures=2)
SHOP_WEB = replace(WEB, id="shop-web", service="shop-web", renamed_from="web")
BASKET = Probe("basket", "shop", failures=1, depends_on=("web",))
PUBLIC = PublicEffect(ComponentState.DEGRADED, timedelta(0))


def own(name: str) -> Service:
    return Service(name, policies=(("default", "up"),), components=("front",), public=PUBLIC)


def configured(*probes: Probe) -> Configuration:
    return Configuration(
        probes={probe.id: probe for probe in probes},
        services={name: own(name) for name in (*(probe.service for probe in probes), "shop")},
        people={name: Person(name, name, reach=(ContactMethod("email", name),)) for name in ("ann", "bo")},
        policies={"up": Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("bo",), 5 * MINUTE)))},
        status_pages=(StatusPage("public", "Example", (Component("front", "Front"),)),),
    )


BEFORE = configured(WEB, BASKET)
AFTER = configured(SHOP_WEB, replace(BASKET, depends_on=("shop-web",)))


@pytest.fixture
def house() -> House:
    return House(BEFORE)


def accepted(house: House, configuration: Configuration) -> tuple[Any, ...]:
    house.world.accept(configuration)
    events = house.do(ConfigurationAccepted("next")).events
    assert [] == violations(house.world, house.now)
    return events


def fails(house: House, probe: str, times: int = 1, outcome: Outcome = Outcome.CRITICAL) -> None:
    for _ in range(times):
        house.now += MINUTE
        house.do(CheckResult(probe, outcome, house.now, "refused"))


def the(house: House, kind: type[Any]) -> Any:
    (found,) = house.world.all(kind)
    return found


def spoken(house: House) -> Mapping[type[Any], Any]:
    return {kind: house.world.all(kind) for kind in (Health, Signal, Verdict, Ticket, Incident, Silence)}


def test_an_open_ticket_goes_on_and_nobody_is_told(house: House) -> None:
    fails(house, "web", 2)
    house.deliver()
    before, story = the(house, Ticket), the(house, Incident)
    events = accepted(house, AFTER)

    assert (ProbeRenamed("shop-web", "web"),) == events
    signal, ticket = the(house, Signal), the(house, Ticket)
    assert ("probe/shop-web:down", "shop-web", True) == (signal.key, signal.service, signal.raised)
    moved = {"signals": (signal.key,), "cause": signal.key, "probe": "shop-web", "service": "shop-web"}
    assert replace(before, **moved) == ticket
    assert replace(story, service="shop-web") == the(house, Incident)
    assert [] == house.deliver()

    fails(house, "shop-web", 2, Outcome.OK)
    assert State.RESOLVED is the(house, Ticket).state


def test_the_count_goes_on(house: House) -> None:
    fails(house, "web")
    accepted(house, AFTER)
    fails(house, "shop-web")

    assert START + MINUTE == the(house, Signal).since


def test_it_is_renamed_once(house: House) -> None:
    """The key may stay: another reload, and a start, change nothing more."""
    fails(house, "web", 2)
    house.deliver()
    accepted(house, AFTER)
    known = spoken(house)

    assert () == accepted(house, AFTER)
    assert () == accepted(house, replace(AFTER, revision="another"))
    assert known == spoken(house)


def test_a_probe_may_be_called_what_it_was_called_once(house: House) -> None:
    fails(house, "web", 2)
    accepted(house, AFTER)
    back = configured(replace(WEB, renamed_from="shop-web"), BASKET)

    assert (ProbeRenamed("web", "shop-web"),) == accepted(house, back)
    assert (ProbeRenamed("shop-web", "web"),) == accepted(house, AFTER)
    assert ("probe/shop-web:down",) == the(house, Ticket).signals


def test_a_probe_that_is_well_is_renamed_as_well(house: House) -> None:
    (event,) = accepted(house, AFTER)

    assert "the probe web is called shop-web now; what was known of it goes on" == sentence(event)
    assert "shop-web" == about(event)
    assert Health("shop-web", formerly="web") == the(house, Health)


def test_what_waits_for_it_goes_on_waiting(house: House) -> None:
    fails(house, "web", 2)
    fails(house, "basket")
    accepted(house, AFTER)
    verdict = house.world.get(Verdict, "probe/basket:down")

    assert verdict is not None
    assert (Reason.DEPENDENCY_DOWN, ("shop-web",), "shop-web") == (
        verdict.reason,
        verdict.waits_on,
        verdict.because,
    )


def test_what_is_silenced_stays_so(house: House) -> None:
    """A pattern stays as it was written."""
    matchers = (Matcher("probe", "web"), Matcher("service", "web"), Matcher("source", "probe/web"))
    pattern = Matcher("probe", "web", is_regex=True, is_equal=False)
    house.do(AddSilence((*matchers, pattern), "ann", "work", START + HOUR))
    house.do(AddSilence(matchers, "ann", "work", START + HOUR))
    fails(house, "web", 2)
    accepted(house, AFTER)

    first, second = house.world.all(Silence)
    assert ["shop-web", "shop-web", "probe/shop-web"] == [each.value for each in second.matchers]
    assert pattern == first.matchers[-1]
    assert (Action.HOLD, Reason.SILENCED) == (the(house, Verdict).action, the(house, Verdict).reason)


def test_what_somebody_has_resolved_stays_resolved(house: House) -> None:
    fails(house, "web", 2)
    house.do(Resolve(1, "ann", "link"))
    accepted(house, AFTER)

    assert Reason.RESOLVED_BY_HAND is the(house, Verdict).reason
    house.wait(30 * MINUTE)
    assert (1, State.OPEN) == (the(house, Ticket).number, the(house, Ticket).state)


def test_a_probe_with_a_life_of_its_own_keeps_it() -> None:
    other = replace(SHOP_WEB, renamed_from=None)
    house = House(configured(WEB, other))
    fails(house, "shop-web")
    accepted(house, configured(SHOP_WEB))

    assert 1 == the(house, Health).streak


def test_a_service_that_it_names_stays() -> None:
    house = House(configured(replace(WEB, service="shop")))
    fails(house, "web", 2)
    events = accepted(house, configured(replace(SHOP_WEB, service="shop")))

    assert (ProbeRenamed("shop-web", "web"),) == events
    assert ("shop", "shop") == (the(house, Signal).service, the(house, Ticket).service)
