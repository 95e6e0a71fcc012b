"""results: what an agent finds goes to the engine and into the store, and never waits."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from monitord.core.check import Outcome, Phases, Probe
from monitord.core.ticket import Ticket
from monitord.engine.agent import Report
from monitord.engine.results import ROWS_WAITING_MAX, Results
from monitord.store.faults import StoreFull
from monitord.store.measurements import Measurement
from tests.fakes.memory_store import MemoryStore
from tests.fakes.shop import WEB, Shop, configuration, observed


class Hand:
    """An agent that says what the test says."""

    def __init__(self) -> None:
        self.hurried: list[str] = []

    def update(self, probes: Mapping[str, Probe]) -> None: ...

    def hurry(self, probes: Iterable[str]) -> None:
        self.hurried.extend(probes)

    async def run(self, report: Report) -> None:
        self.report = report


class FullDisk(MemoryStore):
    """Takes no measurements while `full`."""

    full = True

    async def measure(self, rows: list[Measurement]) -> None:
        if self.full:
            raise StoreFull("no room")
        await super().measure(rows)


def around(shop: Shop) -> tuple[Hand, Results]:
    hand = Hand()
    return hand, Results(hand, shop.engine, shop.store, shop.clock, shop.log, shop.metrics)


async def test_results_are_decided_and_measured() -> None:
    shop = Shop()
    hand, results = around(shop)
    async with shop.running(results):
        await shop.settle()
        hand.report([observed("web", Outcome.CRITICAL, shop.clock.now())] * 3)
        await shop.settle()
        assert 1 == len(shop.world.all(Ticket))
        assert [] == shop.store.measured
        await shop.clock.advance(timedelta(seconds=1))

    row = Measurement("web", shop.world.all(Ticket)[0].since, Outcome.CRITICAL, timedelta(0), Phases())
    assert [row] * 3 == [
        Measurement(each.probe, each.at, each.outcome, each.took) for each in shop.store.measured
    ]


async def test_five_hundred_rows_do_not_wait_for_the_second() -> None:
    shop = Shop()
    hand, results = around(shop)
    async with shop.running(results):
        await shop.settle()
        hand.report([observed("web", Outcome.OK, shop.clock.now())] * 500)
        await shop.settle()

        assert 500 == len(shop.store.measured)


async def test_a_store_that_cannot_take_them_costs_the_oldest_rows_only() -> None:
    store = FullDisk()
    shop = Shop(store=store)
    hand, results = around(shop)
    async with shop.running(results):
        await shop.settle()
        hand.report([observed("web", Outcome.OK, shop.clock.now())] * (ROWS_WAITING_MAX + 10))
        await shop.minutes(1)
        assert 1 == len(shop.told("measurements not written"))
        store.full = False
        await shop.minutes(1)

    assert ROWS_WAITING_MAX == len(store.measured)
    assert 10 == shop.metrics.registry.get_sample_value("monitord_measurements_dropped_total")


async def test_what_was_measured_last_is_written_before_the_end() -> None:
    shop = Shop()
    hand, results = around(shop)
    async with shop.running(results):
        await shop.settle()
        hand.report([observed("web", Outcome.OK, shop.clock.now())])

    assert 1 == len(shop.store.measured)


async def test_a_childs_parents_are_asked_at_once() -> None:
    child = Probe("page", "shop", failures=1, depends_on=("web",))
    shop = Shop(configuration(WEB, child))
    hand, results = around(shop)
    async with shop.running(results):
        shop.check(Outcome.CRITICAL, probe="page")
        await shop.settle()

    assert ["web"] == hand.hurried


async def test_what_was_measured_goes_by_the_new_id_of_its_probe() -> None:
    shop = Shop()
    _, results = around(shop)
    probes = shop.world.configuration.probes
    renamed = replace(probes["web"], renamed_from="before")
    old = [Measurement(name, shop.clock.now(), Outcome.OK, timedelta(0)) for name in ("before", "other")]
    await shop.store.measure(old)
    shop.world.accept(replace(shop.world.configuration, probes={**probes, "web": renamed}))
    async with shop.running(results):
        await shop.settle()
        await shop.clock.advance(timedelta(seconds=2))

    assert ["web", "other"] == [each.probe for each in shop.store.measured]
