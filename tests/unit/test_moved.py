"""What is another service's now: the page, the ticket and the resolution by hand go along."""

import re
from dataclasses import replace
from datetime import timedelta

from monitord.core.check import CheckResult, Outcome, Probe
from monitord.core.command import Resolve
from monitord.core.facts import ConfigurationAccepted
from monitord.core.heartbeat import Every, Heartbeat, Pinged, PingKind
from monitord.core.invariants import violations
from monitord.core.organization import Component, ComponentState, Priority, PublicEffect, Service, StatusPage
from monitord.core.report import Integration, Report
from monitord.core.silence import AddSilence, Matcher
from monitord.core.statuspage import Incident, PostPublished
from monitord.core.ticket import Ticket
from monitord.core.verdict import Window
from monitord.core.world import Configuration
from tests.fakes.house import START, House

MINUTE = timedelta(minutes=1)
WEB = Probe("p", "web", MINUTE, 10 * timedelta(seconds=1), failures=1, passes=1)
SYNC = Heartbeat("sync", "Sync", "web", Priority.URGENT, Every(5 * MINUTE), MINUTE)


def service(name: str, component: str) -> Service:
    return Service(
        name, components=(component,), public=PublicEffect(ComponentState.MAJOR_OUTAGE, timedelta(0))
    )


SHOP = Configuration(
    "Shop",
    probes={"p": WEB},
    heartbeats={"sync": SYNC},
    services={"web": service("web", "shop"), "cart": service("cart", "basket")},
    status_pages=(StatusPage("s", "S", (Component("shop", "shop"), Component("basket", "basket"))),),
    integrations={"prom": Integration("prom")},
    fits=lambda pattern, text: re.fullmatch(pattern, text) is not None,
)


def reload(house: House, **changes: object) -> list[str]:
    """What is posted because of another configuration."""
    house.world.accept(replace(house.world.accepted, **changes))  # type: ignore[arg-type]
    events = house.do(ConfigurationAccepted("next")).events
    return [event.post.heading for event in events if isinstance(event, PostPublished)]


def said(service: str, raised: bool = True) -> Report:
    return Report("in/prom", "a", raised, service, Priority.URGENT, "a", group="g")


def resolved_after_it_moved() -> House:
    house = House(SHOP)
    house.do(said("web"))
    house.do(said("cart"))
    house.do(Resolve(1, "ann", hold_until_clear=True))
    return house


def test_a_probe_that_is_renamed_and_moved_at_once_leaves_no_story_behind() -> None:
    house = House(SHOP)
    house.do(CheckResult("p", Outcome.CRITICAL, START))

    reload(house, probes={"q": replace(WEB, id="q", service="cart", renamed_from="p")})

    assert ["cart"] == [story.service for story in house.world.all(Incident)]
    assert [] == violations(house.world, house.now)


def test_a_silenced_probe_that_is_renamed_into_maintenance_leaves_no_story_behind() -> None:
    house = House(SHOP)
    house.do(CheckResult("p", Outcome.CRITICAL, START))
    house.do(AddSilence((Matcher("service", "web"),), "cem", "work", START + 60 * MINUTE))

    window = Window("upgrade", START - MINUTE, START + 50 * MINUTE, ("web",))
    reload(house, probes={"q": replace(WEB, id="q", renamed_from="p")}, windows=(window,))

    assert [] == house.world.all(Incident)
    assert [] == violations(house.world, house.now)


def test_a_heartbeat_that_is_moved_does_not_say_that_its_old_service_is_well() -> None:
    house = House(SHOP)
    house.do(Pinged("sync", PingKind.SUCCESS, START))
    house.wait(10 * MINUTE)

    posted = reload(house, heartbeats={"sync": replace(SYNC, service="cart")})

    assert ["basket: major outage", "shop: no longer watched"] == posted


def test_a_resolution_of_what_has_moved_is_believed_after_a_reload_too() -> None:
    house = resolved_after_it_moved()

    reload(house)

    assert [1] == [ticket.number for ticket in house.world.all(Ticket)]


def test_what_has_moved_was_resolved_and_is_over_is_news_when_it_fails_again() -> None:
    house = resolved_after_it_moved()
    house.do(said("cart", raised=False))
    house.wait(60 * MINUTE)

    house.do(said("web"))

    assert [2] == [ticket.number for ticket in house.world.all(Ticket) if not ticket.ended]
