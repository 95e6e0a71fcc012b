"""engine: many facts, one commit; what is stored is true, what is not is tried again or put aside."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitord.core import flow
from monitord.core.check import CheckResult, ClockSet, Outcome, Probe
from monitord.core.command import Acknowledge, Comment
from monitord.core.escalation import Escalation
from monitord.core.facts import RECORDS, ConfigurationAccepted
from monitord.core.health import Health
from monitord.core.subscription import Subscribe, Subscriber
from monitord.core.ticket import State, Ticket
from monitord.core.world import Draft
from monitord.engine.engine import Engine, FactRefused, Lane, paced
from monitord.store.batch import Batch
from monitord.store.faults import StaleTerm, StoreFull
from monitord.store.thread import StoreThread
from tests.fakes.memory_store import MemoryStore
from tests.fakes.shop import MORNING, WEB, Shop, configuration, observed


async def test_a_probe_that_fails_often_enough_opens_a_ticket() -> None:
    shop = Shop()
    async with shop.running():
        shop.check(Outcome.CRITICAL, 2)
        await shop.settle()
        assert [] == shop.world.all(Ticket)

        shop.check(Outcome.CRITICAL)
        await shop.settle()

    assert ["web is down"] == [ticket.title for ticket in shop.world.all(Ticket)]
    assert 1 == shop.metrics.registry.get_sample_value("monitord_tickets_open")


async def test_what_comes_together_is_committed_together() -> None:
    probes = tuple(Probe(f"p{number}", "shop", failures=1) for number in range(200))
    shop = Shop(configuration(*probes))
    async with shop.running():
        for probe in probes:
            shop.check(Outcome.CRITICAL, probe=probe.id)
        await shop.settle()

    assert [200] == [len(batch.entries) for batch in shop.store.batches]
    assert 200 == len(shop.world.all(Ticket))


async def test_a_batch_has_its_limit() -> None:
    probes = tuple(Probe(f"p{number}", "shop", failures=1) for number in range(300))
    shop = Shop(configuration(*probes))
    async with shop.running():
        for probe in probes:
            shop.check(Outcome.CRITICAL, probe=probe.id)
        await shop.settle()

    assert [256, 44] == [len(batch.entries) for batch in shop.store.batches]


async def test_a_steady_result_is_only_remembered() -> None:
    shop = Shop()
    async with shop.running():
        shop.check(Outcome.OK, 10)
        await shop.settle()

    assert [] == shop.store.batches
    assert Outcome.OK is shop.engine.latest["web"].result.outcome


async def test_who_submits_hears_when_it_is_stored() -> None:
    shop = Shop()
    async with shop.running():
        decision = await shop.engine.submit(Subscribe("sub@example.org"))

        assert [Subscribe("sub@example.org")] == shop.store.facts
        assert any(isinstance(record, Subscriber) for record in decision.records)


async def test_what_changes_nothing_is_answered_and_not_stored() -> None:
    shop = Shop()
    async with shop.running():
        decision = await shop.engine.submit(ConfigurationAccepted("r1"))

    assert ((), ()) == (decision.records, decision.events)
    assert [] == shop.store.batches


async def test_a_batch_names_its_writer_and_its_configuration() -> None:
    shop = Shop()
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        await shop.engine.accept(replace(configuration(), revision="r2"))
        shop.check(Outcome.OK, 2)
        await shop.settle()

    assert [(1, "r1"), (1, "r2")] == [(batch.term, batch.revision) for batch in shop.store.batches]


async def test_a_removed_probe_closes_its_ticket_and_is_forgotten() -> None:
    shop = Shop()
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        await shop.engine.accept(configuration(replace(WEB, id="other")))

    assert [State.RESOLVED] == [ticket.state for ticket in shop.world.all(Ticket)]
    assert {} == shop.engine.latest


async def test_the_journal_makes_the_same_world() -> None:
    shop = Shop()
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        await shop.engine.submit(Acknowledge(1, "bo"))
        await shop.engine.submit(Comment(1, "bo", "looking"))
        shop.check(Outcome.OK, 2)
        await shop.settle()
    again = shop.store.replayed(configuration(), Shop().world)

    for kind in (Ticket, Health, Escalation):
        assert shop.world.all(kind) == again.all(kind)


async def test_the_real_store_holds_the_same_world(tmp_path: Path) -> None:
    shop = Shop()
    store = await StoreThread.start(tmp_path, now=MORNING)
    world = await store.load(configuration())
    term = await store.begin_term()
    engine = Engine(world, store, shop.clock, term=term, log=shop.log, metrics=shop.metrics)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(engine.run())
        for _ in range(3):
            engine.observe(observed("web", Outcome.CRITICAL, MORNING))
        await engine.submit(Subscribe("sub@example.org"))
        await engine.submit(Acknowledge(1, "bo"))
        running.cancel()
    again = await store.load(configuration())
    await store.stop()

    assert [State.ACKNOWLEDGED] == [ticket.state for ticket in again.all(Ticket)]
    for kind in RECORDS:
        assert world.all(kind) == again.all(kind)


async def test_listeners_hear_what_is_stored_and_cannot_stop_it() -> None:
    shop, heard = Shop(), list[str]()

    def broken(records: object, events: object) -> None:
        raise ValueError("not my day")

    shop.engine.listen(broken)
    shop.engine.listen(lambda records, events: heard.extend(type(event).__name__ for event in events))
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()

    assert ["ProbeWentDown", "SignalRaised", "Judged", "TicketOpened"] == heard[:4]
    assert 1 == len(shop.told("listener failed"))


async def test_pages_go_before_results_and_results_before_bulk() -> None:
    shop = Shop()
    shop.engine.post(Subscribe("sub@example.org"), Lane.BULK)
    shop.check(Outcome.CRITICAL)
    shop.engine.post(Subscribe("dee@example.org"))
    async with shop.running():
        await shop.settle()

    assert ["Subscribe", "CheckResult", "Subscribe"] == [type(fact).__name__ for fact in shop.store.facts]
    assert Subscribe("dee@example.org") == shop.store.facts[0]


async def test_bulk_takes_at_most_a_quarter_of_a_batch() -> None:
    shop = Shop()
    for number in range(100):
        shop.engine.post(Subscribe(f"sub{number}@example.org"), Lane.BULK)
    async with shop.running():
        await shop.settle()

    assert [64, 36] == [len(batch.entries) for batch in shop.store.batches]


async def test_a_full_disk_loses_nothing() -> None:
    shop = Shop(store=MemoryStore(weather=failing(3, StoreFull("no room"))))
    async with shop.running():
        asked = shop.engine.post(Subscribe("sub@example.org"))
        await shop.clock.advance(timedelta(seconds=0.5))
        assert (False, False) == (asked.done(), shop.engine.healthy)
        assert [] == shop.world.all(Subscriber)

        await shop.clock.advance(timedelta(seconds=1))

        assert (True, True) == (asked.done(), shop.engine.healthy)
    assert 1 == len(shop.world.all(Subscriber))
    assert 1 == len(shop.told("commit failed"))
    assert 1 == len(shop.told("commit succeeded again"))


async def test_a_stale_term_is_the_end() -> None:
    shop = Shop(store=MemoryStore(weather=failing(1, StaleTerm("somebody else decides"))))

    shop.engine.post(Subscribe("sub@example.org"))

    with pytest.raises(StaleTerm):
        await shop.engine.run()


async def test_nobody_waits_for_an_engine_that_has_stopped() -> None:
    shop = Shop(store=MemoryStore(weather=failing(1000, StoreFull("no room"))))
    async with shop.running():
        at_hand = shop.engine.post(Subscribe("sub@example.org"))
        await shop.settle()
        queued = shop.engine.post(Subscribe("dee@example.org"))

    assert (True, True) == (at_hand.cancelled(), queued.cancelled())


async def test_a_fact_that_breaks_the_decision_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    poison(monkeypatch, Subscribe, lambda fact: fact.address == "eve")
    shop = Shop()
    async with shop.running():
        before = shop.engine.post(Subscribe("dee@example.org"))
        eve = shop.engine.post(Subscribe("eve"))
        after = shop.engine.post(Subscribe("sub@example.org"))
        await shop.settle()

        with pytest.raises(FactRefused, match="Subscribe could not be decided: ZeroDivisionError"):
            eve.result()
    assert before.result() and after.result()
    assert [(Subscribe("eve"), "ZeroDivisionError: planted")] == shop.store.aside
    assert 1 == len(shop.told("fact quarantined"))
    assert 2 == len(shop.world.all(Subscriber))


async def test_a_bug_that_meets_every_check_does_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    poison(monkeypatch, CheckResult, lambda fact: True)
    shop = Shop()
    async with shop.running():
        for number in range(500):
            shop.check(Outcome.CRITICAL, probe=f"p{number}")
        await shop.settle()

    assert 100 == len(shop.store.aside)
    assert 500 == shop.metrics.registry.get_sample_value("monitord_facts_quarantined_total")


async def test_what_fails_again_and_again_is_kept_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is due is tried every minute."""
    poison(monkeypatch, CheckResult, lambda fact: True)
    shop = Shop()
    result = observed("web", Outcome.CRITICAL, shop.clock.now())
    async with shop.running():
        for _ in range(120):
            shop.engine.observe(result)
            await shop.minutes(1)

    assert 2 == len(shop.store.aside)
    assert 120 == shop.metrics.registry.get_sample_value("monitord_facts_quarantined_total")


async def test_a_fact_that_cannot_be_written_is_found_and_put_aside() -> None:
    shop = Shop(store=MemoryStore(weather=without_eve))
    async with shop.running():
        asked = [shop.engine.post(Subscribe(each)) for each in ("dee", "eve", "sub")]
        await shop.settle()

        assert [None, FactRefused, None] == [type(e) if (e := each.exception()) else None for each in asked]
    assert ["dee", "sub"] == [fact.address for fact in shop.store.facts if isinstance(fact, Subscribe)]


async def test_each_of_two_facts_at_fault_in_one_batch_is_put_aside_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One cannot be decided, the other not be written; what is decided anew is only what was decided."""

    poison(monkeypatch, CheckResult, lambda fact: True)
    shop = Shop(store=MemoryStore(weather=without_eve))
    async with shop.running():
        shop.check(Outcome.CRITICAL)
        asked = [shop.engine.post(Subscribe(each)) for each in ("dee", "eve")]
        await shop.settle()

        assert [None, FactRefused] == [type(e) if (e := each.exception()) else None for each in asked]
    planted, unspelled = "ZeroDivisionError: planted", "Unwritable: eve cannot be written"
    assert [planted, unspelled] == [why for _, why in shop.store.aside]
    assert 2 == shop.metrics.registry.get_sample_value("monitord_facts_quarantined_total")


async def test_who_no_longer_waits_has_asked_all_the_same() -> None:
    shop = Shop(store=MemoryStore(weather=without_eve))
    async with shop.running():
        for each in ("dee", "eve"):
            shop.engine.post(Subscribe(each)).cancel()
        await shop.settle()

    assert [Subscribe("dee")] == shop.store.facts


async def test_a_store_without_words_is_still_a_store_that_fails() -> None:
    shop = Shop(store=MemoryStore(weather=failing(4, RuntimeError("closed"))))
    async with shop.running():
        asked = shop.engine.post(Subscribe("sub@example.org"))
        await shop.minutes(1)

        assert asked.done() and asked.exception() is None
    assert [] == shop.store.aside


async def test_a_quiet_engine_still_tries_its_store() -> None:
    tried = list[Batch]()
    shop = Shop(store=MemoryStore(weather=tried.append))
    async with shop.running():
        for _ in range(10):
            shop.engine.beat()
            await shop.clock.advance(timedelta(seconds=1))

    assert 10 == shop.engine.cycles
    assert [()] == [batch.entries for batch in tried]


async def test_a_clock_set_back_cannot_stretch_a_deadline() -> None:
    shop = Shop()
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        shop.clock.set_by(timedelta(hours=-1))
        shop.engine.beat()
        await shop.settle()

    (escalation,) = shop.world.all(Escalation)
    assert shop.clock.now() + timedelta(minutes=5) == escalation.deadline.at
    assert ClockSet(timedelta(hours=-1)) in shop.store.facts


async def test_events_are_log_lines() -> None:
    shop = Shop()
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()

    assert [
        {
            "event": "ticket opened",
            "log_level": "info",
            "ticket": 1,
            "priority": "urgent",
            "reason": "down",
            "says": "opened, urgent: down",
        }
    ] == shop.told("ticket opened")
    assert ["debug"] == [line["log_level"] for line in shop.told("probe went down")]


def failing(times: int, error: Exception) -> Callable[[Batch], None]:
    """Weather: so many commits fail, then the sky clears."""
    left = [error] * times

    def weather(batch: Batch) -> None:
        if left:
            raise left.pop()

    return weather


def without_eve(batch: Batch) -> None:
    """Weather: there is one whom the store cannot spell."""
    if Subscribe("eve") in [entry.fact for entry in batch.entries]:
        raise TypeError("eve cannot be written")


def poison(monkeypatch: pytest.MonkeyPatch, kind: type[Any], bad: Callable[[Any], bool]) -> None:
    """Plant a bug into the first stage."""

    def crash(draft: Draft, fact: Any) -> None:
        if bad(fact):
            raise ZeroDivisionError("planted")

    monkeypatch.setattr(flow, "STAGES", ({kind: crash}, *flow.STAGES))


async def test_in_a_long_batch_everybody_else_has_a_turn() -> None:
    probes = tuple(Probe(f"p{number}", "shop", failures=1) for number in range(256))
    shop = Shop(configuration(*probes))
    for probe in probes:
        shop.check(Outcome.CRITICAL, probe=probe.id)
    seconds = iter(range(10**9))  # every look at the clock takes a second
    shop.clock.monotonic = lambda: next(seconds)  # type: ignore[method-assign]

    turns = 0
    async with asyncio.TaskGroup() as group:
        cycle = group.create_task(shop.engine.cycle())
        while not cycle.done():
            await asyncio.sleep(0)
            turns += 1

    assert turns >= 256


@pytest.mark.parametrize(
    ("facts", "seconds", "expected"), [(256, 0.0, 256), (256, 0.003, 256), (256, 0.3, 42), (10, 9.0, 16)]
)
def test_a_batch_of_what_takes_long_is_short(facts: int, seconds: float, expected: int) -> None:
    """A twentieth of a second, so that a page has its next turn."""
    assert expected == paced(facts, seconds)
