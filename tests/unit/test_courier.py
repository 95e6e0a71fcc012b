"""courier: what is due leaves, pages first; what became of it is said, and nothing is sent twice at once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core import flow
from monitord.core.check import Outcome
from monitord.core.command import Acknowledge
from monitord.core.delivery import AttemptStarted, Delivery, DeliveryState, Purpose
from monitord.core.organization import ComponentState, ContactMethod
from monitord.core.statuspage import WritePost
from monitord.core.subscription import CHUNK_MAX, Broadcast, ConfirmSubscription, Subscribe, Subscriber
from monitord.core.world import Configuration, Draft
from monitord.engine.courier import Courier
from monitord.engine.engine import Lane
from monitord.engine.timer import Timer
from monitord.kinds import Letter, Refused, Sent
from monitord.store.batch import Batch
from monitord.store.faults import StoreFull
from tests.fakes.memory_store import MemoryStore
from tests.fakes.shop import Shop, by_mail, configuration, person


def courier(shop: Shop, **ways: Any) -> Courier:
    return Courier(shop.engine, shop.dispatch(**ways), shop.clock)


def refusing(why: str = "try later", permanent: bool = False) -> Callable[[Letter], Awaitable[Refused]]:
    async def answer(letter: Letter) -> Refused:
        return Refused(why, permanent)

    return answer


async def never(letter: Letter) -> Sent:
    await asyncio.Event().wait()
    return Sent("")


def down(shop: Shop) -> None:
    shop.check(Outcome.CRITICAL, 3)


def methods(*reach: ContactMethod) -> Configuration:
    """Ann can be reached in these ways."""
    told = configuration()
    return replace(told, people={**told.people, "ann": person("ann", *reach)})


async def subscribed(shop: Shop, number: int) -> None:
    """So many people have asked for updates and confirmed."""
    for each in range(number):
        shop.engine.post(Subscribe(f"sub{each}@example.org"))
    await shop.settle()
    for subscriber in shop.world.all(Subscriber):
        shop.engine.post(ConfirmSubscription(subscriber.id))
    await shop.settle()


async def test_a_page_leaves_at_once_and_its_attempt_is_stored_before() -> None:
    shop = Shop()
    stored = list[str]()

    async def taken(letter: Letter) -> Sent:
        stored.extend(type(fact).__name__ for fact in shop.store.facts)
        return Sent("250 queued")

    shop.post.answers = [taken]
    async with shop.running(courier(shop)):
        down(shop)
        await shop.settle()

    assert ["ann"] == shop.post.addresses
    assert "AttemptStarted" == stored[-1]
    assert "DeliverySent" == type(shop.store.facts[-1]).__name__


async def test_the_attempt_at_a_page_is_stored_together_with_what_asks_for_it() -> None:
    shop = Shop()
    async with shop.running(courier(shop)):
        await shop.settle()
        down(shop)
        await shop.settle()

    assert [["CheckResult", "AttemptStarted"], ["DeliverySent"]] == [
        [type(entry.fact).__name__ for entry in batch.entries if entry.records][-2:]
        for batch in shop.store.batches
    ]


async def test_nothing_leaves_while_its_attempt_cannot_be_stored() -> None:
    full = [StoreFull("no room")] * 3

    def weather(batch: Batch) -> None:
        if batch.entries and full:
            raise full.pop()

    shop = Shop(store=MemoryStore(weather=weather))
    async with shop.running(courier(shop)):
        await shop.settle()
        down(shop)
        await shop.settle()
        assert [] == shop.post.letters
        await shop.minutes(0.1)

    assert ["ann"] == shop.post.addresses


async def test_a_page_leaves_although_its_batch_must_be_taken_apart() -> None:
    def weather(batch: Batch) -> None:
        if len(batch.entries) > 1:
            raise TypeError("cannot be written together")

    shop = Shop(store=MemoryStore(weather=weather))
    async with shop.running(courier(shop)):
        await shop.settle()
        down(shop)
        await shop.settle()

    assert ["ann"] == shop.post.addresses
    assert [] == shop.store.aside


async def test_what_is_answered_in_the_same_batch_does_not_leave() -> None:
    shop = Shop()
    async with shop.running(courier(shop)):
        await shop.settle()
        down(shop)
        shop.engine.post(Acknowledge(1, "ann"), Lane.BULK)
        await shop.settle()

    assert [] == shop.post.addresses
    assert not [fact for fact in shop.store.facts if isinstance(fact, AttemptStarted)]


async def test_a_stop_begins_no_attempt_at_what_is_asked_for_afterwards() -> None:
    shop = Shop()
    carrier = courier(shop)
    async with shop.running(carrier):
        await shop.settle()
        await carrier.stop(within=1)
        down(shop)
        await shop.settle()

    assert [] == shop.post.letters
    assert [DeliveryState.PENDING] == [each.state for each in shop.world.all(Delivery)]


async def test_everybody_of_the_circle_gets_every_page_until_somebody_answers() -> None:
    shop = Shop()
    async with shop.running(courier(shop), Timer(shop.engine, shop.clock)):
        down(shop)
        await shop.minutes(6)
        assert ["ann", "ann", "bo"] == shop.post.addresses
        await shop.engine.submit(Acknowledge(1, "bo"))
        await shop.minutes(20)

    news = shop.post.letters[3:]
    assert ["ann"] == shop.post.addresses[3:]
    assert ["Bo Example has ticket 1: web is down"] == [letter.subject for letter in news]


async def test_a_refusal_is_tried_again_after_a_while() -> None:
    shop = Shop()
    shop.post.answers = [refusing(), refusing()]
    async with shop.running(courier(shop)):
        down(shop)
        await shop.clock.advance(timedelta(seconds=4))
        assert 1 == len(shop.post.letters)
        await shop.clock.advance(timedelta(seconds=16))

    assert ["ann", "ann", "ann"] == shop.post.addresses
    assert 1 == len({(letter.message_id, letter.date) for letter in shop.post.letters})


async def test_a_final_refusal_brings_the_next_contact_method_forward() -> None:
    shop = Shop(methods(by_mail("ann"), by_mail("ann-too", timedelta(minutes=2))))
    shop.post.answers = [refusing("no such mailbox", permanent=True)]
    async with shop.running(courier(shop)):
        down(shop)
        await shop.settle()

    assert ["ann", "ann-too"] == shop.post.addresses


async def test_the_next_contact_method_has_its_turn_without_an_answer() -> None:
    shop = Shop(methods(by_mail("ann"), by_mail("ann-too", timedelta(minutes=2))))
    async with shop.running(courier(shop)):
        down(shop)
        await shop.minutes(1.9)
        assert ["ann"] == shop.post.addresses
        await shop.minutes(0.2)

    assert ["ann", "ann-too"] == shop.post.addresses


async def test_after_a_time_out_nobody_knows_so_it_goes_out_once_more() -> None:
    shop = Shop()
    shop.post.answers = [never, never]
    async with shop.running(courier(shop)):
        down(shop)
        await shop.clock.advance(timedelta(seconds=29))
        (sending,) = shop.world.all(Delivery)
        assert DeliveryState.SENDING is sending.state

        await shop.minutes(5)

    assert 2 == len(shop.post.letters)
    assert [] == shop.world.all(Delivery)
    assert ["no answer within 30 s"] == [line["why"] for line in shop.told("delivery failed")]


async def test_a_bug_in_a_channel_is_a_refusal_that_names_it() -> None:
    async def broken(letter: Letter) -> Sent:
        raise KeyError("oops")

    shop = Shop()
    shop.post.answers = [broken, broken]
    async with shop.running(courier(shop)):
        down(shop)
        await shop.clock.advance(timedelta(seconds=30))

    assert "the channel email failed: KeyError" == shop.told("delivery put off")[0]["why"]
    assert 1 == len(shop.told("channel failed"))
    assert 3 == len(shop.post.letters)


async def test_an_unknown_channel_is_refused_for_good() -> None:
    shop = Shop(methods(ContactMethod("pigeon", "loft 3"), by_mail("ann", timedelta(minutes=2))))
    async with shop.running(courier(shop)):
        down(shop)
        await shop.settle()

    assert ["there is no channel `pigeon` in the configuration"] == [
        line["why"] for line in shop.told("delivery failed")
    ]
    assert ["ann"] == shop.post.addresses


async def test_what_was_interrupted_goes_out_once_more_under_the_same_name() -> None:
    shop = Shop()
    shop.post.answers = [never]
    async with shop.running(courier(shop)):
        down(shop)
        await shop.settle()
    assert [DeliveryState.SENDING] == [each.state for each in shop.world.all(Delivery)]

    async with shop.running(courier(shop)):
        await shop.settle()

    first, again = shop.post.letters
    assert (first.message_id, first.date) == (again.message_id, again.date)
    assert [] == shop.world.all(Delivery)


async def test_a_page_finds_a_place_while_everything_else_hangs() -> None:
    shop = Shop()
    async with shop.running(courier(shop, email=shop.post.way(bulkhead=2))):
        shop.post.answers = [never] * 5
        for number in range(5):
            shop.engine.post(Subscribe(f"sub{number}@example.org"))
        await shop.settle()
        assert 1 == len(shop.post.letters)

        shop.post.answers = []
        down(shop)
        await shop.settle()

    assert "ann" == shop.post.addresses[-1]


async def test_a_channel_sends_no_more_at_once_than_it_may() -> None:
    told = configuration()
    everybody = replace(
        told.policies["urgent"],
        tiers=(replace(told.policies["urgent"].tiers[0], page=("ann", "bo", "cem", "dee")),),
    )
    shop = Shop(replace(told, policies={"urgent": everybody}))
    shop.post.answers = [never] * 4
    async with shop.running(courier(shop, email=shop.post.way(bulkhead=3))):
        down(shop)
        await shop.settle()
        assert 3 == len(shop.post.letters)
        await shop.clock.advance(timedelta(seconds=31))

    assert {"ann", "bo", "cem", "dee"} == set(shop.post.addresses)


async def test_a_post_reaches_every_subscriber_once_in_chunks() -> None:
    shop = Shop()
    async with shop.running(courier(shop)):
        await subscribed(shop, 1200)
        await shop.minutes(1)
        shop.post.letters.clear()
        slow = (("shop", ComponentState.DEGRADED),)
        await shop.engine.submit(WritePost("ann", "We are on it.", title="Shop is slow", affects=slow))
        for _ in range(200):
            await shop.settle()
            await shop.clock.advance(timedelta(seconds=1))

    assert 1200 == len(shop.post.letters) == len(set(shop.post.addresses))
    assert [] == shop.world.all(Broadcast)
    chunks = [line["deliveries"] for line in shop.told("broadcast expanded")]
    assert 1200 == sum(chunks) and max(chunks) <= CHUNK_MAX


async def test_an_attempt_that_cannot_be_decided_is_not_made_and_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(draft: Draft, fact: Any) -> None:
        raise ZeroDivisionError("planted")

    shop = Shop()
    async with shop.running(courier(shop)):
        with monkeypatch.context() as bug:
            bug.setattr(flow, "STAGES", ({AttemptStarted: crash}, *flow.STAGES))
            down(shop)
            await shop.minutes(0.9)
            assert ([], 1) == (shop.post.letters, len(shop.store.aside))
        await shop.minutes(0.2)

    assert ["ann"] == shop.post.addresses


async def test_a_graceful_stop_lets_what_is_on_its_way_arrive() -> None:
    shop = Shop()

    async def slow(letter: Letter) -> Sent:
        await shop.clock.sleep(3)
        return Sent("at last")

    shop.post.answers = [slow]
    carrier = courier(shop)
    async with shop.running(), asyncio.TaskGroup() as group:
        group.create_task(carrier.run())
        down(shop)
        await shop.settle()
        stopping = group.create_task(carrier.stop(within=10))
        await shop.clock.advance(timedelta(seconds=4))

        assert stopping.done()
    assert "DeliverySent" == type(shop.store.facts[-1]).__name__


async def test_a_graceful_stop_does_not_wait_for_ever() -> None:
    shop = Shop()
    shop.post.answers = [never]
    carrier = courier(shop)
    async with shop.running(), asyncio.TaskGroup() as group:
        group.create_task(carrier.run())
        down(shop)
        await shop.settle()
        stopping = group.create_task(carrier.stop(within=10))
        await shop.clock.advance(timedelta(seconds=11))

        assert stopping.done()
    assert [DeliveryState.SENDING] == [each.state for each in shop.world.all(Delivery)]
    assert Purpose.PAGE is shop.world.all(Delivery)[0].purpose
