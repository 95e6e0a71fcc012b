"""The store for coroutines: answers and errors reach who waits, and nothing that was asked for is dropped."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from monitord.core.check import CheckResult, Outcome
from monitord.core.health import Health
from monitord.core.world import Configuration
from monitord.store import Batch, Entry, Measurement, StaleTerm, Store, StoreError, StoreRefused, StoreThread
from monitord.store.log import COPY_AFTER, LOG_BYTES
from monitord.store.measurements import Measurements
from monitord.store.reads import Reads
from tests.fakes.new_store import new_store
from tests.fakes.patience import WITHIN

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CHECKED = Measurement("web", NINE, Outcome.OK, timedelta(seconds=1))


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoreThread]:
    running = await StoreThread.start(new_store(tmp_path / "store"), now=NINE)
    yield running
    await running.stop()


def batch(term: int, streak: int) -> Batch:
    fact = CheckResult("web", Outcome.CRITICAL, NINE)
    return Batch(term, "r1", (Entry(fact, NINE, (Health("web", streak=streak),)),))


async def streak(store: StoreThread) -> int:
    health = (await store.load(Configuration())).get(Health, "web")
    return health.streak if health else 0


async def test_commits_are_done_in_the_order_they_were_asked_for(store: StoreThread) -> None:
    term = await store.begin_term()

    numbers = await asyncio.gather(*(store.commit(batch(term, streak)) for streak in range(1, 51)))

    assert list(range(1, 51)) == numbers
    assert 50 == await streak(store)


async def test_a_failing_commit_raises_where_it_is_awaited(store: StoreThread) -> None:
    await store.begin_term()

    with pytest.raises(StaleTerm):
        await store.commit(batch(99, 1))
    assert [] == await store.ask(Reads.journal)


async def test_a_commit_whose_caller_was_cancelled_is_done_all_the_same(store: StoreThread) -> None:
    term = await store.begin_term()
    gate = threading.Event()
    held = store.writing.submit(lambda: gate.wait(5))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await store.commit(batch(term, 7))

    gate.set()
    await held

    assert 7 == await streak(store)


async def test_a_question_does_not_wait_for_a_commit(store: StoreThread) -> None:
    gate = threading.Event()
    held = store.writing.submit(lambda: gate.wait(5))

    assert [] == await store.ask(Reads.tickets)
    await store.measure([CHECKED])
    assert [CHECKED] == await store.measured(Measurements.recent_checks, "web")

    gate.set()
    await held


async def test_what_was_asked_for_is_done_before_the_end(tmp_path: Path) -> None:
    store = await StoreThread.start(tmp_path, now=NINE)
    term = await store.begin_term()
    last = asyncio.gather(*(store.commit(batch(term, streak)) for streak in range(1, 21)))
    await asyncio.gather(store.stop(), last)

    again = Store.open(tmp_path, now=NINE)
    assert 20 == len(again.reads.journal())
    again.close()


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = await StoreThread.start(tmp_path, now=NINE)
    await store.stop()
    await store.stop()

    with pytest.raises(StoreError, match="the store is closed"):
        await store.begin_term()


async def test_a_refusal_at_the_start_is_raised_and_leaves_no_thread(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    before = set(threading.enumerate())

    with pytest.raises(StoreRefused):
        await StoreThread.start(tmp_path / "file" / "store", now=NINE)

    for thread in set(threading.enumerate()) - before:
        await asyncio.to_thread(thread.join, 5)
        assert not thread.is_alive()


async def test_everything_of_the_store_can_be_awaited(store: StoreThread) -> None:
    """Each name does what the store's does; this is for a name that was forgotten."""
    assert store.epoch == store.store.epoch
    assert store.secret == store.store.secret
    assert [] == store.notes
    await store.quarantine(CheckResult("web", Outcome.OK, NINE), NINE, "KeyError", "")
    await store.accept_revision("a", "{}", NINE, "2025b")
    assert "a" == getattr(await store.ask(Reads.newest_revision), "hash", None)
    assert 1 == len(await store.ask(Reads.quarantined))
    assert [] == await store.ask(Reads.timeline, 1)
    assert [] == await store.ask(Reads.events_about, "web", NINE)
    assert await store.ask(Reads.ticket, 1) is None
    assert [] == await store.ask(Reads.deliveries, 1)
    assert [] == await store.ask(Reads.incidents, NINE)
    assert await store.ask(Reads.incident, "x") is None
    assert "" == await store.ask(Reads.check)
    assert [] == await store.ask(Reads.posts, "x")
    assert 0 == await store.ask(Reads.subscribers_count)
    assert [] == await store.measured(Measurements.checks, "web", NINE)
    assert 0 == await store.forget_before(measurements=NINE, journal=NINE, deliveries=NINE)


def test_no_method_of_the_store_was_forgotten() -> None:
    sync_only = {"open", "close", "understood"}

    assert {name for name in vars(Store) if not name.startswith("_")} - sync_only <= set(vars(StoreThread))


async def test_after_many_facts_the_log_is_copied_in_a_pause(store: StoreThread) -> None:
    term, copied = await store.begin_term(), asyncio.Event()
    store.pauses.copy = copied.set

    for number in range(COPY_AFTER):
        await store.commit(batch(term, number))

    async with asyncio.timeout(WITHIN):
        await copied.wait()


async def test_the_log_is_as_long_as_it_will_become_from_the_start_on(store: StoreThread) -> None:
    assert LOG_BYTES == store.store.log.path.stat().st_size
