"""Each part that goes by the configuration goes by another one as soon as it is told, and drops nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from monitord.config.settings import Broken, Door, Doors, Watchdog
from monitord.core.check import Outcome
from monitord.core.delivery import Delivery, DeliveryState
from monitord.core.wording import Link
from monitord.engine.courier import Courier
from monitord.engine.dispatch import Way
from monitord.engine.watchdog import WatchdogPing
from monitord.kinds import Channel, Letter, Sent
from monitord.net import Net
from tests.fakes.shop import SETTINGS, PostOffice, Shop
from tests.unit.test_checker import TEN, Bench


def test_links_lead_to_where_the_doors_are_now() -> None:
    shop = Shop()
    elsewhere = Door("127.0.0.1", 0, "https://elsewhere.example.org/")
    link = Link("answer", "", 1, 1, "ann")
    before = shop.links.url(link)
    shop.links.accept(Doors(elsewhere, elsewhere, elsewhere))
    token = before.rsplit("/", 1)[1]

    assert f"https://elsewhere.example.org/a/{token}" == shop.links.url(link)
    assert shop.links.read(token) is not None, "what is in old mails still counts"


async def test_a_channel_is_replaced_while_it_sends() -> None:
    """What is being sent ends as it began; the next one leaves by the new way."""
    shop, slow, after = Shop(), asyncio.Event(), PostOffice()

    async def hesitating(options: object, letter: Letter, net: Net) -> Sent:
        await slow.wait()
        return Sent("by the old way")

    old = Way(Channel(object, hesitating, bulkhead=1), None)
    courier = Courier(shop.engine, shop.dispatch(email=old), shop.clock)
    async with shop.running(courier):
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        courier.accept(SETTINGS, {"email": after.way(bulkhead=5)})
        slow.set()
        await shop.settle()
        shop.check(Outcome.OK, 2)
        await shop.settle()

    assert ["ann"] == after.addresses
    assert 5 == courier.bulkheads["email", True].places


async def test_a_broken_channel_puts_off_and_the_mended_one_delivers() -> None:
    shop = Shop()
    broken = replace(shop.post.way(), options=Broken("the environment variable PASSWORD is not set"))
    courier = Courier(shop.engine, shop.dispatch(email=broken), shop.clock)
    async with shop.running(courier):
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        (page,) = shop.world.all(Delivery)
        assert DeliveryState.PENDING is page.state
        assert "the channel email is broken: the environment variable PASSWORD is not set" == page.why
        courier.accept(SETTINGS, {"email": shop.post.way()})
        await shop.minutes(1)

    assert "ann" == shop.post.addresses[0]


async def test_a_broken_probe_is_not_checked_and_says_why() -> None:
    bench = Bench()
    async with bench.checking(replace(TEN, options=Broken("the file token cannot be read"))):
        await bench.seconds(20)

    assert {(Outcome.UNKNOWN, "not checked: the file token cannot be read")} == {
        (result.outcome, result.summary) for result in bench.found
    }


class Heard(WatchdogPing):
    """Remembers whom it asked, instead of asking."""

    def __init__(self, shop: Shop, watchdog: Watchdog | None) -> None:
        super().__init__(watchdog, shop.engine, Net(), shop.clock, shop.log)
        self.asked: list[str] = []

    async def failure(self, watchdog: Watchdog) -> str:
        self.asked.append(watchdog.url)
        return ""


async def test_another_watchdog_is_asked_at_once_and_none_is_not() -> None:
    shop = Shop()
    ping = Heard(shop, None)
    async with shop.running(ping):
        for watchdog in (
            None,
            Watchdog("a", timedelta(seconds=30)),
            Watchdog("b", timedelta(minutes=5)),
            None,
        ):
            ping.accept(watchdog)
            for _ in range(70):
                shop.engine.beat()
                await shop.clock.advance(timedelta(seconds=1))

    assert ["a", "a", "a", "b"] == ping.asked
