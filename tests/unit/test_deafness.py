"""Nobody is judged by a silence in which we could not hear: after a stop, a restart, or while nothing could
be stored.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitord.core.heartbeat import Deaf, Every, Heartbeat, Pinged, PingKind, Pulse, PulseState
from monitord.core.organization import Priority
from monitord.core.report import Integration, Report
from monitord.core.signal import Signal
from monitord.engine.engine import DEAF_FROM, Lane
from monitord.engine.timer import Timer
from monitord.store.batch import Batch
from monitord.store.faults import StoreFull
from monitord.store.store import Store
from tests.fakes.memory_store import MemoryStore
from tests.fakes.new_store import new_store
from tests.fakes.shop import MORNING, Shop, configuration

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
BACKUP = Heartbeat("backup", "backup", "shop", Priority.HIGH, Every(6 * MINUTE), MINUTE)
TOLD = replace(configuration(), heartbeats={"backup": BACKUP}, integrations={"prom": Integration("prom")})


def ping(shop: Shop) -> Pinged:
    return Pinged("backup", PingKind.SUCCESS, shop.clock.now())


def state(shop: Shop) -> PulseState:
    pulse = shop.world.get(Pulse, "backup")
    assert pulse is not None
    return pulse.state


async def test_a_silent_heartbeat_is_down_at_its_time() -> None:
    shop = Shop(TOLD)
    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.engine.submit(ping(shop))
        await shop.minutes(6.9)
        late = state(shop)
        await shop.minutes(0.1)

        assert (PulseState.LATE, PulseState.DOWN) == (late, state(shop))


async def test_who_was_silent_while_we_were_stopped_is_not_down() -> None:
    """As after SIGSTOP: time has passed, and nothing has run."""
    shop = Shop(TOLD)
    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.engine.submit(ping(shop))
        shop.clock.passed += 18 * 60
        await shop.minutes(0.1)
        after_the_stop = state(shop)
        await shop.minutes(6 + 6)
        a_period_later = state(shop)
        await shop.minutes(1)

        assert [PulseState.UP, PulseState.LATE, PulseState.DOWN] == [
            after_the_stop,
            a_period_later,
            state(shop),
        ]


async def test_a_report_may_be_said_again_after_a_stop() -> None:
    shop = Shop(TOLD)
    full = Report("in/prom", "disk", True, "shop", Priority.HIGH, "disk is full", ends=MORNING + 4 * MINUTE)
    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.engine.submit(full)
        shop.clock.passed += 3600
        await shop.minutes(3.9)
        still = [signal.name for signal in shop.world.all(Signal)]
        await shop.minutes(0.2)

        assert (["disk"], []) == (still, shop.world.all(Signal))


async def test_who_was_silent_while_nothing_could_be_stored_is_not_down() -> None:
    """What could not be stored was not answered, so a ping may have been refused."""
    shop = Shop(TOLD)

    def full(batch: Batch) -> None:
        if MORNING + 3 * MINUTE < shop.clock.now() < MORNING + 18 * MINUTE:
            raise StoreFull("no space left")

    shop.store.weather = full
    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.engine.submit(ping(shop))
        await shop.minutes(18.5)

        assert PulseState.UP is state(shop)


async def test_what_was_heard_first_is_decided_first() -> None:
    """A ping that waits in its lane is not overtaken by the deadline that it would have moved."""
    shop = Shop(TOLD)
    async with shop.running():
        await shop.engine.submit(ping(shop))
        await shop.minutes(6)
        shop.engine.post(ping(shop), Lane.REPORTS)
        Timer(shop.engine, shop.clock).submit_due()
        await shop.settle()

        assert PulseState.UP is state(shop)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(DEAF_FROM - 0.1, []), (DEAF_FROM, [timedelta(seconds=DEAF_FROM)])]
)
async def test_a_short_standstill_does_not_matter(seconds: float, expected: list[timedelta]) -> None:
    shop = Shop(TOLD)
    async with shop.running():
        await shop.engine.submit(ping(shop))
        shop.engine.stood_still(seconds)
        await shop.settle()

    spans = [fact.until - fact.since for fact in shop.store.facts if isinstance(fact, Deaf)]
    assert expected == spans


async def test_a_restart_has_heard_nothing_since_the_last_sign_of_life() -> None:
    shop = Shop(TOLD, MemoryStore())
    shop.engine.was_deaf(MORNING - HOUR)
    shop.engine.was_deaf(MORNING + HOUR)

    assert [(Deaf(MORNING - HOUR, MORNING), None)] == list(shop.engine.lanes[Lane.URGENT])


def test_the_store_remembers_its_last_sign_of_life(tmp_path: Path) -> None:
    nine = datetime(2026, 1, 5, 9, tzinfo=UTC)
    store = Store.open(new_store(tmp_path), now=nine)
    term = store.begin_term()
    store.commit(Batch(term, "r1", (), nine))
    store.commit(Batch(term, "r1", (), nine + MINUTE))
    store.commit(Batch(term, "r1", ()))
    store.close()

    again = Store.open(tmp_path, now=nine + HOUR)

    assert (None, nine + MINUTE) == (store.alive, again.alive)
    again.close()
