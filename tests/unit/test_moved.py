"""What is another service's now: the page, the ticket and the resolution by hand go along."""

import re
from dataclasses import replace
from datetime import timedelta

from monitord.core.check import CheckResult, Outcome, Probe
from monitord.core.command import Reopen, Resolve
from monitord.core.facts import ConfigurationAccepted
from monitord.core.heartbeat import Every, Heartbeat, Pinged, PingKind
from monitord.core.invariants import violations
from monitord.core.organization import Component, ComponentState, Priority, PublicEffect, Service, StatusPage
from monitord.core.report import Integration, Report
from monitord.core.silence import AddSilence, Matcher
from monitord.core.statuspage import Incident, PostPublished
from monitord.core.ticket import Ticket
from monitord.core.verdict import Window
from monitord.core.webhook import Webhook
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


def test_what_was_resolved_and_has_moved_comes_back_under_its_number() -> None:
    house = resolved_after_it_moved()
    house.do(said("web"))

    house.wait(timedelta(hours=25))

    assert [(1, "web")] == [(ticket.number, ticket.service) for ticket in open_tickets(house)]


def test_one_of_a_group_that_was_resolved_comes_back_for_the_service_that_it_is_about_now() -> None:
    house = House(SHOP)
    house.do(said("web"))
    house.do(replace(said("web"), name="b"))
    house.do(Resolve(1, "ann", hold_until_clear=True))
    house.do(said("cart"))
    assert [] == open_tickets(house)

    house.wait(timedelta(hours=25))

    expected = {("web", ("in/prom:b",)), ("cart", ("in/prom:a",))}
    assert expected == {(ticket.service, ticket.signals) for ticket in open_tickets(house)}
    assert [] == violations(house.world, house.now)


def test_one_of_a_group_moves_while_it_is_silenced_and_is_told_when_that_is_over() -> None:
    house = House(SHOP)
    house.do(said("web"))
    house.do(replace(said("web"), name="b", title="b"))
    house.do(AddSilence((Matcher("signal", "a"),), "cem", "work", START + 60 * MINUTE))

    house.do(said("cart"))
    assert [(("in/prom:b",), "b")] == [(ticket.signals, ticket.title) for ticket in open_tickets(house)]

    house.wait(61 * MINUTE)
    assert ["web", "cart"] == [ticket.service for ticket in open_tickets(house)]


def test_a_webhook_hears_the_end_of_what_it_has_heard_begin() -> None:
    house = House(replace(SHOP, webhooks={"w": Webhook("w", ("web",)), "c": Webhook("c", ("cart",))}))

    house.do(said("web"))
    house.do(said("cart"))
    house.do(said("cart", raised=False))

    heard = [(each.address, each.notice.event) for each in house.deliver() if each.notice]
    begun, moved, over = "incident.triggered", "incident.delegated", "incident.resolved"
    assert {("w", begun), ("w", moved), ("c", moved), ("w", over), ("c", over)} == set(heard)


def open_tickets(house: House) -> list[Ticket]:
    return [ticket for ticket in house.world.all(Ticket) if not ticket.ended]


def test_what_a_person_keeps_open_is_the_service_s_of_which_it_is_said_again() -> None:
    house = House(SHOP)
    house.do(replace(said("web"), group=""))
    house.do(replace(said("web", raised=False), group=""))
    house.do(Reopen(1, "ann"))

    house.do(replace(said("cart"), group=""))

    assert [(1, "cart")] == [(ticket.number, ticket.service) for ticket in open_tickets(house)]
