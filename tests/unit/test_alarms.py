"""alarms: what is wrong with monitord itself is a ticket like any other; if it cannot be one, an outcry."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitord.core import flow
from monitord.core.amendment import AddOverride
from monitord.core.override import OverrideKind
from monitord.core.policy import Policy, Tier
from monitord.core.report import SYSTEM, Report
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.core.ticket import State, Ticket
from monitord.engine.alarms import UNANSWERED, UNSTORED, Alarms, standing
from monitord.engine.clock import settle
from monitord.engine.outcry import Outcry
from tests.fakes.shop import MORNING, PostOffice, Shop, configuration


def alarmed(shop: Shop) -> Alarms:
    return Alarms(shop.engine, shop.clock)


def gauge(shop: Shop, name: str) -> float | None:
    return shop.metrics.registry.get_sample_value("monitord_alarm", {"name": name})


@contextmanager
def poisoned(kind: type[Any], source: str = "") -> Iterator[None]:
    """No decision about such a fact comes to anything."""
    stage = flow.STAGES[0]

    def poison(draft: Any, fact: Any) -> None:
        raise ZeroDivisionError("a planted bug")

    before = stage.get(kind)
    stage[kind] = poison  # type: ignore[index]
    try:
        yield
    finally:
        if before is None:
            del stage[kind]  # type: ignore[attr-defined]
        else:
            stage[kind] = before  # type: ignore[index]


async def test_an_alarm_is_an_urgent_ticket() -> None:
    shop = Shop()
    alarms = alarmed(shop)
    async with shop.running():
        alarms.raise_("disk", "the disk is full", "no room for another commit")
        await shop.settle()

    (ticket,) = shop.world.all(Ticket)
    assert ("the disk is full", SYSTEM, "urgent") == (ticket.title, ticket.service, ticket.priority.value)
    assert 1 == gauge(shop, "disk")
    assert {"disk"} == set(standing(shop.world))


async def test_saying_it_again_changes_nothing() -> None:
    shop = Shop()
    alarms = alarmed(shop)
    async with shop.running():
        for _ in range(3):
            alarms.raise_("disk", "the disk is full", "no room")
        await shop.settle()
        alarms.raise_("disk", "the disk is full", "no room")
        await shop.settle()

    assert 1 == len([fact for fact in shop.store.facts if isinstance(fact, Report)])


async def test_other_words_are_said_on_the_same_ticket() -> None:
    shop = Shop()
    alarms = alarmed(shop)
    async with shop.running():
        alarms.raise_("disk", "the disk is full", "no room")
        await shop.settle()
        alarms.raise_("disk", "the disk is full", "still no room")
        await shop.settle()

    assert 1 == len(shop.world.all(Ticket))
    assert "still no room" == standing(shop.world)["disk"].summary


async def test_it_is_over_when_its_reason_is_gone() -> None:
    shop = Shop()
    alarms = alarmed(shop)
    async with shop.running():
        alarms.hold("disk", "the disk is full", "no room")
        await shop.settle()
        alarms.hold("disk", "the disk is full", "")
        await shop.settle()

    assert [State.RESOLVED] == [ticket.state for ticket in shop.world.all(Ticket)]
    assert 0 == gauge(shop, "disk")


async def test_the_next_process_clears_what_this_one_has_raised() -> None:
    shop = Shop()
    async with shop.running():
        alarmed(shop).raise_("disk", "the disk is full", "no room")
        await shop.settle()
        shop.metrics.alarms.clear()
        following = alarmed(shop)
        assert 1 == gauge(shop, "disk")
        following.clear("disk")
        await shop.settle()

    assert {} == standing(shop.world)


async def test_clearing_what_is_not_raised_says_nothing() -> None:
    shop = Shop()
    async with shop.running():
        alarmed(shop).clear("disk")
        await shop.settle()

    assert [] == shop.store.facts


async def test_an_alarm_that_cannot_be_decided_is_cried_out() -> None:
    shop = Shop()
    alarms, outcry = alarmed(shop), Outcry(shop.world, shop.dispatch(), shop.clock, shop.log)
    with poisoned(Report):
        async with shop.running():
            alarms.raise_("disk", "the disk is full", "no room")
            await shop.settle()
            assert alarms.wanted.is_set()
            for alarm in alarms.overdue():
                await outcry.cry(alarm)

    assert ["ann", "cem", "dee"] == sorted(shop.post.addresses), "whoever is on call, and the last resort"
    assert "monitord itself: the disk is full" == shop.post.letters[0].subject
    assert [] == alarms.overdue(), "said once"


async def test_an_alarm_that_is_never_stored_is_overdue_after_a_minute() -> None:
    shop = Shop()
    alarms = alarmed(shop)
    alarms.raise_("disk", "the disk is full", "no room")

    assert [] == alarms.overdue()
    shop.clock.passed += UNANSWERED
    assert ["disk"] == [alarm.name for alarm in alarms.overdue()]


async def test_where_nothing_can_be_stored_it_is_overdue_after_ten_seconds() -> None:
    shop = Shop()
    alarms = alarmed(shop)
    shop.engine.commits.healthy = False
    alarms.raise_("disk", "the disk is full", "no room")

    shop.clock.passed += UNSTORED - 1
    assert [] == alarms.overdue()
    shop.clock.passed += 1
    assert ["disk"] == [alarm.name for alarm in alarms.overdue()]


async def test_an_outcry_about_one_thing_is_heard_once_an_hour() -> None:
    shop = Shop()
    alarms, outcry = alarmed(shop), Outcry(shop.world, shop.dispatch(), shop.clock, shop.log)
    alarms.raise_("disk", "the disk is full", "no room")
    (alarm,) = alarms.on_the_way.values()
    await outcry.cry(alarm)
    await outcry.cry(alarm)
    assert 3 == len(shop.post.letters)

    shop.clock.passed += 3600
    await outcry.cry(alarm)
    assert 6 == len(shop.post.letters)
    assert 6 == len({letter.message_id for letter in shop.post.letters})


async def test_an_outcry_goes_on_after_a_broken_channel() -> None:
    async def broken(*_: object) -> Any:
        raise OSError("no such luck")

    shop = Shop(replace(configuration(), last_resort=()))
    shop.post = PostOffice(answers=[broken] * 2)
    outcry = Outcry(shop.world, shop.dispatch(), shop.clock, shop.log)
    alarms = alarmed(shop)
    alarms.raise_("disk", "the disk is full", "no room")
    await outcry.cry(next(iter(alarms.on_the_way.values())))
    await settle()

    assert {"ann", "bo", "cem", "dee"} == set(shop.post.addresses), "everybody, where there is no last resort"
    assert 2 == len(shop.told("outcry refused"))


async def test_an_outcry_goes_to_whoever_took_over_and_not_to_whose_turn_it_was() -> None:
    always = Layer("main", (("ann",),), MORNING.replace(tzinfo=None), Turn(1, Unit.DAYS))
    turns = Rotation("primary", "UTC", layers=(always,))
    urgent = Policy("urgent", (Tier(("primary",), timedelta(minutes=5)),))
    told = replace(configuration(), rotations={"primary": turns}, policies={"urgent": urgent})
    shop = Shop(told)
    alarms, outcry = alarmed(shop), Outcry(shop.world, shop.dispatch(), shop.clock, shop.log)
    until = MORNING + timedelta(hours=8)
    instead = AddOverride("primary", until, OverrideKind.REPLACE, "cem", "ill", who="ann", people=("bo",))
    async with shop.running():
        await shop.engine.submit(instead)
        alarms.raise_("disk", "the disk is full", "no room")
        await outcry.cry(next(iter(alarms.on_the_way.values())))

    assert ["bo", "cem", "dee"] == sorted(shop.post.addresses)
