"""Webhooks in the shell: one that hangs delays no page, one that is disabled raises an alarm."""

import asyncio
from dataclasses import replace

from monitord.core.check import Outcome
from monitord.core.command import Comment
from monitord.core.report import SYSTEM
from monitord.core.ticket import Ticket
from monitord.core.webhook import DISABLED_FOR, Webhook, WebhookStanding
from monitord.engine.alarms import Alarms, standing
from monitord.engine.courier import Courier
from monitord.engine.timer import Timer
from monitord.engine.webhooks import WebhookAlarms
from monitord.kinds import Letter, Refused, Sent
from tests.fakes.shop import PostOffice, Shop, configuration


async def never(letter: Letter) -> Sent:
    await asyncio.Event().wait()
    return Sent("")


async def refuse(letter: Letter) -> Refused:
    return Refused("answered 400", permanent=True)


class Outside:
    """A shop with a webhook."""

    def __init__(self) -> None:
        self.shop = Shop(replace(configuration(), webhooks={"audit": Webhook("audit")}))
        self.hook = PostOffice()
        ways = {"email": self.shop.post.way(), "webhook/audit": self.hook.way()}
        self.courier = Courier(self.shop.engine, self.shop.dispatch(**ways), self.shop.clock)
        self.alarms = WebhookAlarms(self.shop.engine, Alarms(self.shop.engine, self.shop.clock))

    async def refused(self, times: int) -> None:
        self.hook.answers = [refuse] * times
        self.shop.check(Outcome.CRITICAL, 3)
        await self.shop.settle()
        for number in range(times - 1):
            self.shop.engine.post(Comment(1, "ann", f"word {number}"))
            await self.shop.settle()


async def test_one_that_hangs_delays_no_page() -> None:
    outside = Outside()
    outside.hook.answers = [never] * 50
    shop = outside.shop
    async with shop.running(outside.courier, Timer(shop.engine, shop.clock)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        for number in range(40):
            shop.engine.post(Comment(1, "bo", f"word {number}"))
        await shop.minutes(5)

    assert ["ann", "ann", "bo"] == shop.post.addresses
    assert 1 == len({letter.id for letter in outside.hook.letters}), "one after the other"


async def test_three_refusals_are_an_alarm_until_it_takes_notices_again() -> None:
    outside = Outside()
    shop = outside.shop
    async with shop.running(outside.courier, Timer(shop.engine, shop.clock)):
        await outside.refused(3)
        assert {"webhook/audit"} == set(standing(shop.world))
        alarm = [ticket for ticket in shop.world.all(Ticket) if ticket.service == SYSTEM]
        assert "the webhook audit is disabled: it refused three notices in a row" == alarm[0].title
        assert "answered 400" in alarm[0].summary

        outside.alarms.hear([WebhookStanding("audit")], [])
        await shop.settle()
        assert {} == standing(shop.world)


async def test_what_the_last_process_had_no_time_to_say_is_said_at_the_start() -> None:
    outside = Outside()
    shop = outside.shop
    until = shop.clock.now() + DISABLED_FOR
    shop.world.apply([WebhookStanding("audit", 0, until)])
    async with shop.running(outside.courier):
        outside.alarms.adopt()
        await shop.settle()
        assert {"webhook/audit"} == set(standing(shop.world))

        outside.alarms.adopt()
        await shop.settle()

    assert 1 == len(shop.world.all(Ticket))
