"""auditor: what is not as promised is found within half a minute, and said, whatever else is broken."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitord.core.check import Outcome, Probe
from monitord.core.command import Acknowledge
from monitord.core.escalation import Escalation
from monitord.core.facts import RECORDS
from monitord.core.heartbeat import Every, Heartbeat, Pinged, PingKind
from monitord.core.organization import Priority, Service
from monitord.core.policy import Policy, Tier
from monitord.core.report import Report
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.core.ticket import Ticket
from monitord.core.world import World
from monitord.engine.alarms import Alarms, standing
from monitord.engine.auditor import EVERY, Auditor
from monitord.engine.clock import RealClock
from monitord.engine.courier import Courier
from monitord.engine.engine import Engine
from monitord.engine.outcry import Outcry
from monitord.engine.timer import Timer
from monitord.store.faults import StoreFull
from monitord.store.reads import Reads
from monitord.store.thread import StoreThread
from monitord.web.ops.sources import Sources
from monitord.web.ops.wellbeing import Wellbeing
from tests.fakes.shop import MORNING, WEB, Shop, configuration, observed
from tests.unit.test_alarms import poisoned

ROUND = timedelta(seconds=EVERY + 1)
DAY = Turn(1, Unit.DAYS)


class Mirror:
    """A store that holds what the world holds, but for what a test puts into it."""

    def __init__(self, world: World) -> None:
        self.world, self.other = world, dict[Any, Any]()
        self.asked: list[Any] = []

    async def ask(self, question: Any, kind: type[Any], keys: Sequence[Any]) -> Mapping[Any, Any]:
        assert question is Reads.held
        self.asked += [(kind, key) for key in keys]
        return {key: self.other.get((kind, key), self.world.get(kind, key)) for key in keys}


def audited(shop: Shop, store: Any = None) -> Auditor:
    alarms = Alarms(shop.engine, shop.clock)
    outcry = Outcry(shop.world, shop.dispatch(), shop.clock, shop.log)
    auditor = Auditor(shop.engine, store or Mirror(shop.world), alarms, outcry, shop.clock, shop.log)
    shop.engine.quarantine.tell = auditor.quarantined
    return auditor


async def beating(shop: Shop, seconds: int) -> None:
    """Time passes, and the engine goes round as the timer makes it."""
    for _ in range(seconds):
        shop.engine.beat()
        await shop.clock.advance(timedelta(seconds=1))


async def test_a_good_world_is_quiet() -> None:
    shop = Shop()
    async with shop.running(audited(shop)):
        shop.check(Outcome.CRITICAL, 3)
        await beating(shop, 70)

    assert {} == standing(shop.world)
    assert 0 == shop.metrics.registry.get_sample_value("monitord_invariant_violations")


async def test_a_violation_is_a_ticket_a_metric_and_a_line_in_the_log() -> None:
    shop = Shop()
    async with shop.running(audited(shop)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        shop.world.shelf.tables[Escalation].pop(1)
        await beating(shop, 31)

        assert "ticket 1 is open but has no deadline" == standing(shop.world)["invariants"].summary
        assert 1 == shop.metrics.registry.get_sample_value("monitord_invariant_violations")
        await beating(shop, 31)
        assert 1 == len(shop.told("invariants violated"))


async def test_it_is_over_when_the_world_is_in_order_again() -> None:
    shop = Shop()
    async with shop.running(audited(shop)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        lost = shop.world.shelf.tables[Escalation].pop(1)
        await beating(shop, 31)
        shop.world.shelf.tables[Escalation][1] = lost
        await beating(shop, 31)

    assert {} == standing(shop.world)


async def test_a_deadline_that_nobody_decides_is_found() -> None:
    """The timer does not run here."""
    shop = Shop()
    async with shop.running(audited(shop)):
        shop.check(Outcome.CRITICAL, 3)
        await beating(shop, 5 * 60 + 155)

    assert "the deadline of ticket 1 is" in standing(shop.world)["invariants"].summary


async def test_a_rule_that_fails_is_a_finding() -> None:
    shop = Shop()
    async with shop.running(audited(shop)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        shop.world.shelf.tables[Ticket][1] = replace(shop.world.all(Ticket)[0], state="upside down")  # type: ignore[arg-type]
        await beating(shop, 31)

    assert "cannot be audited: KeyError" in standing(shop.world)["invariants"].summary


async def test_a_store_that_holds_something_else_is_found() -> None:
    shop = Shop()
    store = Mirror(shop.world)
    async with shop.running(audited(shop, store)):
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        store.other[Ticket, 1] = None
        await beating(shop, 32)

    assert "Ticket 1 differs" == standing(shop.world)["store-differs"].summary


async def test_half_characters_that_cannot_be_stored_are_no_difference() -> None:
    shop = Shop()
    store = Mirror(shop.world)
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        ticket = replace(shop.world.all(Ticket)[0], title="half \ud800")
        shop.world.apply([ticket])
        store.other[Ticket, 1] = replace(ticket, title="half ?")

        assert [] == await audited(shop, store).differing()


async def test_a_commit_between_two_looks_is_no_difference() -> None:
    shop = Shop()
    store = Mirror(shop.world)
    auditor = audited(shop, store)
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()
        ticket = shop.world.all(Ticket)[0]
        store.other[Ticket, 1] = replace(ticket, title="newer")
        looking = asyncio.get_running_loop().create_task(auditor.differing())
        await shop.settle()
        shop.world.apply([replace(ticket, title="newer")])
        await beating(shop, 2)

        assert [] == await looking


async def test_all_of_the_store_is_seen_in_turn() -> None:
    shop = Shop()
    store = Mirror(shop.world)
    auditor = audited(shop, store)
    shop.world.apply([shop.world.installation])
    probes = {f"p{number}": Probe(f"p{number}", "shop", failures=1) for number in range(250)}
    shop.world.accept(replace(shop.world.accepted, probes=probes))
    async with shop.running():
        for probe in probes:
            shop.check(Outcome.CRITICAL, probe=probe)
        await shop.settle()
        for _ in range(3):
            await auditor.differing()

    assert 250 == len({key for kind, key in store.asked if kind is Ticket})


async def test_the_real_store_agrees(tmp_path: Path) -> None:
    store = await StoreThread.start(tmp_path, now=MORNING)
    shop = Shop()
    world = await store.load(configuration())
    engine = Engine(
        world, store, shop.clock, term=await store.begin_term(), log=shop.log, metrics=shop.metrics
    )
    running = asyncio.get_running_loop().create_task(engine.run())
    for _ in range(3):
        engine.observe(observed("web", Outcome.CRITICAL, MORNING))
    await engine.submit(Acknowledge(1, "bo"))
    auditor = Auditor(
        engine, store, Alarms(engine, shop.clock), Outcry(world, shop.dispatch(), shop.clock, shop.log),
        shop.clock, shop.log,
    )  # fmt: skip
    differing = await auditor.differing()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.stop()

    assert [] == differing
    assert sum(len(world.all(kind)) for kind in RECORDS) > 5


# The quarantine.


async def test_a_quarantined_fact_is_an_urgent_ticket_that_names_it() -> None:
    shop = Shop()
    async with shop.running(audited(shop)):
        with poisoned(Acknowledge):
            shop.engine.post(Acknowledge(7, "bo")).add_done_callback(lambda answer: answer.exception())
            await shop.settle()

        summary = standing(shop.world)["quarantine"].summary
        assert "Acknowledge(ticket=7, by='bo'" in summary
        assert "ZeroDivisionError: a planted bug" in summary
        assert ["monitord could not decide about something"] == [
            each.title for each in shop.world.all(Ticket)
        ]


async def test_a_tick_that_one_ticket_cannot_take_stops_no_other() -> None:
    """A rotation is in a zone that does not exist; the other ticket climbs all the same, and cem hears."""
    broken = Rotation(
        "broken", "Nowhere/Never", layers=(Layer("all", (("ann",),), datetime(2026, 1, 5), DAY),)
    )
    tiers = (Tier(("bo",), timedelta(minutes=5)), Tier(("broken",), timedelta(minutes=5)))
    told = configuration(WEB, replace(WEB, id="db", service="data"))
    told = replace(
        told,
        rotations={"broken": broken},
        policies={
            **told.policies,
            "bad": Policy("bad", tiers),
            "own": Policy("own", (Tier(("cem",), timedelta(minutes=5)),)),
        },
        services={
            **told.services,
            "data": Service("data", policies=(("default", "bad"),)),
            "monitord": Service("monitord", policies=(("default", "own"),)),
        },
    )
    shop = Shop(told)
    async with shop.running(
        audited(shop), Timer(shop.engine, shop.clock), Courier(shop.engine, shop.dispatch(), shop.clock)
    ):
        for probe in ("db", "web"):
            shop.check(Outcome.CRITICAL, 3, probe=probe)
        await shop.minutes(6)

    assert {"ann", "bo"} == set(shop.post.addresses[:2])
    web = next(each for each in shop.world.all(Escalation) if each.policy.id == "urgent")
    assert ("ann", "bo") == web.circle
    summary = standing(shop.world)["quarantine"].summary
    assert "EscalationDue(ticket=1); " in summary and "Nowhere/Never" in summary
    assert "cem" in shop.post.addresses, "whoever answers for monitord is told of the bug"


async def test_further_ones_are_counted_and_an_hour_of_quiet_ends_it() -> None:
    shop = Shop()
    async with shop.running(audited(shop)):
        with poisoned(Acknowledge):
            for number in range(4):
                shop.engine.post(Acknowledge(number, "bo")).add_done_callback(lambda each: each.exception())
            await shop.settle()
        await beating(shop, 31)
        assert standing(shop.world)["quarantine"].summary.startswith("at least 4 facts so far")

        shop.clock.passed += 3600
        await beating(shop, 31)
        assert {} == standing(shop.world)


async def test_when_alarms_themselves_are_poison_it_is_cried_out() -> None:
    shop = Shop()
    async with shop.running(audited(shop)):
        with poisoned(Report), poisoned(Acknowledge):
            shop.engine.post(Acknowledge(7, "bo")).add_done_callback(lambda answer: answer.exception())
            await shop.settle()

    assert ["ann", "cem", "dee"] == sorted(set(shop.post.addresses))
    assert {} == standing(shop.world)


async def test_a_store_that_cannot_be_written_is_cried_out_after_ten_seconds() -> None:
    """No ticket can be opened about it: it could not be stored either."""
    shop = Shop()

    def full(batch: object) -> None:
        raise StoreFull("no room")

    async with shop.running(audited(shop)):
        shop.store.weather = full
        shop.check(Outcome.CRITICAL, 3)
        await beating(shop, 8)
        assert [] == shop.post.letters
        await beating(shop, 12)

        assert {"ann", "cem", "dee"} == set(shop.post.addresses)
        assert "the store cannot be written" in shop.post.letters[0].text


async def test_whoever_stood_still_with_all_of_us_is_no_alarm() -> None:
    """The process was stopped for two minutes (SIGSTOP, a suspended machine); then everything goes on."""
    shop = Shop()
    async with shop.running(
        audited(shop), Timer(shop.engine, shop.clock), Courier(shop.engine, shop.dispatch(), shop.clock)
    ):
        await shop.minutes(1)
        shop.clock.passed += 120
        await shop.minutes(1)

    assert [] == shop.post.addresses


async def test_what_stands_is_on_readyz() -> None:
    shop = Shop()
    async with shop.running(audited(shop)):
        with poisoned(Acknowledge):
            shop.engine.post(Acknowledge(7, "bo")).add_done_callback(lambda answer: answer.exception())
            await shop.settle()
        sources = Sources(shop.engine, shop.store, shop.clock, MORNING, "", shop.links)  # type: ignore[arg-type]
        ready = await Wellbeing(sources).readyz()

    expected = {"quarantine": "monitord could not decide about something"}
    assert (200, expected) == (ready.status, json.loads(ready.body)["alarms"])


# How long it takes.


async def test_nobody_waits_for_an_audit_of_a_large_world() -> None:
    """Ten thousand probes, a thousand of them down; the others have a turn every few milliseconds."""
    probes = {
        f"p{number}": Probe(f"p{number}", "shop", failures=1 if number % 10 == 0 else 3)
        for number in range(10_000)
    }
    told = replace(configuration(), probes=probes)
    shop = Shop(told)
    async with shop.running():
        for number in range(10_000):
            shop.engine.observe(observed(f"p{number}", Outcome.CRITICAL, shop.clock.now()))
        while any(shop.engine.lanes.values()):
            await shop.settle()
    assert 1000 == len(shop.world.all(Ticket))
    auditor = audited(shop)
    clock = RealClock()
    auditor.clock = shop.engine.clock = clock
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    watching = asyncio.get_running_loop().create_task(others())
    await auditor.broken()
    watching.cancel()

    assert 10 < turns


async def test_a_heartbeat_that_nobody_judges_is_noticed() -> None:
    """Without a timer its deadline passes; whoever is judged by a deadline is looked after."""
    seconds = timedelta(seconds=10)
    backup = Heartbeat("backup", "backup", "shop", Priority.LOW, Every(seconds), seconds)
    shop = Shop(replace(configuration(), heartbeats={"backup": backup}))
    async with shop.running(audited(shop)):
        await shop.engine.submit(Pinged("backup", PingKind.SUCCESS, shop.clock.now()))
        await beating(shop, 165)

    assert [line for line in shop.told("invariants violated") if "Pulse backup is" in line["first"][0]]
