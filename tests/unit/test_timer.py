"""timer: what is due is submitted when its time has come, and not for ever at once."""

from datetime import timedelta
from typing import Any

import pytest

from monitord.core import flow
from monitord.core.check import Outcome
from monitord.core.command import Comment
from monitord.core.delivery import Delivery, Purpose
from monitord.core.escalation import Escalation, EscalationDue
from monitord.core.statuspage import Incident
from monitord.core.world import Draft
from monitord.engine.engine import WAITING_MAX, Lane
from monitord.engine.timer import Timer
from tests.fakes.shop import Shop


def asked(shop: Shop) -> list[str | None]:
    """Whom the pages of the first ticket are for, in order."""
    pages = [each for each in shop.world.all(Delivery) if each.purpose is Purpose.PAGE]
    return [each.person for each in sorted(pages, key=lambda each: each.chain)]


async def test_nobody_answers_and_the_circle_widens_at_its_time() -> None:
    shop = Shop()
    async with shop.running(Timer(shop.engine, shop.clock)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        assert ["ann"] == asked(shop)

        await shop.minutes(4.99)
        assert ["ann"] == asked(shop)
        await shop.minutes(0.01)
        assert ["ann", "ann", "bo"] == asked(shop)
        await shop.minutes(5)
        assert ["ann", "ann", "bo", "ann", "bo", "cem"] == asked(shop)


async def test_what_is_overdue_after_a_start_is_done_at_once() -> None:
    shop = Shop()
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.minutes(60)
        assert ["ann"] == asked(shop)

    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.settle()

    assert ["ann", "ann", "bo"] == asked(shop)


async def test_the_first_post_is_written_when_it_is_due() -> None:
    shop = Shop()
    async with shop.running(Timer(shop.engine, shop.clock)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.minutes(5)

    assert [1] == [incident.posts for incident in shop.world.all(Incident)]


async def test_the_engine_goes_round_every_second() -> None:
    shop = Shop()
    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.minutes(1)

    assert 60 <= shop.engine.cycles <= 62
    assert shop.clock.monotonic() - shop.engine.last_cycle_at <= 1


async def test_a_due_fact_that_cannot_be_decided_is_tried_once_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = 0

    def crash(draft: Draft, fact: Any) -> None:
        nonlocal tried
        tried += 1
        raise ZeroDivisionError("planted")

    shop = Shop()
    async with shop.running(Timer(shop.engine, shop.clock)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        with monkeypatch.context() as bug:
            bug.setattr(flow, "STAGES", ({EscalationDue: crash}, *flow.STAGES))
            await shop.minutes(10)
            assert [EscalationDue(1)] == [fact for fact, _ in shop.store.aside]
            assert 6 == tried
        await shop.minutes(1)

    assert ["ann", "ann", "bo"] == asked(shop)


async def test_a_clock_set_back_neither_delays_nor_hurries_a_tier() -> None:
    shop = Shop()
    async with shop.running(Timer(shop.engine, shop.clock)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.minutes(2)
        shop.clock.set_by(timedelta(hours=-1))
        await shop.minutes(2.9)
        assert ["ann"] == asked(shop)

        await shop.minutes(0.1)
        assert ["ann", "ann", "bo"] == asked(shop)


async def test_a_clock_set_ahead_pages_nobody_early() -> None:
    shop = Shop()
    async with shop.running(Timer(shop.engine, shop.clock)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.minutes(2)
        shop.clock.set_by(timedelta(days=365))
        await shop.minutes(2.9)
        assert ["ann"] == asked(shop)

        await shop.minutes(0.1)
        assert ["ann", "ann", "bo"] == asked(shop)
        assert [0] == [escalation.repeats for escalation in shop.world.all(Escalation)]


async def test_what_finds_the_engine_busy_is_submitted_a_second_later() -> None:
    """An engine that stands still takes over nothing more; its timer goes on, and forgets no deadline."""
    shop = Shop()
    timer = Timer(shop.engine, shop.clock)
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
    shop.clock.passed += 5 * 60
    waiting = shop.engine.lanes[Lane.URGENT]
    waiting.extend([(Comment(1, "bo", "looking"), None)] * WAITING_MAX)
    timer.submit_due()
    waiting.clear()

    async with shop.running(timer):
        assert ["ann"] == asked(shop)
        await shop.minutes(1 / 60)

    assert ["ann", "ann", "bo"] == asked(shop)
