"""checker: each probe at its time, never twice at once, and a deadline on everything."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from monitord.core.check import CheckResult, Outcome, Phases, Probe
from monitord.engine.agent import Observation
from monitord.engine.checker import LocalAgent
from monitord.engine.clock import VirtualClock
from monitord.engine.metrics import Metrics
from monitord.engine.schedule import Schedule, Turns
from monitord.kinds import Finding, Kind, Prober
from monitord.net import Net
from tests.fakes.shop import MORNING, logbook

OK = Finding(Outcome.OK, "fine", Phases(connect=timedelta(milliseconds=3)))
BAD = Finding(Outcome.CRITICAL, "refused")
TEN = Probe(
    "web", "shop", every=timedelta(seconds=10), timeout=timedelta(seconds=2), kind="fake", options="web"
)

Answer = Callable[[], Awaitable[Finding]]


async def ok() -> Finding:
    return OK


async def bad() -> Finding:
    return BAD


async def never() -> Finding:
    await asyncio.Event().wait()
    return OK


@dataclass
class Bench:
    """A local agent whose prober does what it is told; `running` counts checks at once, by probe."""

    at_once: int = 512
    answer: Answer = ok
    answers: list[Answer] = field(default_factory=list)
    running: dict[Any, int] = field(default_factory=dict)
    most: int = 0

    def __post_init__(self) -> None:
        self.clock = VirtualClock(MORNING)
        self.log, self.lines = logbook()
        self.metrics = Metrics()
        self.found = list[CheckResult]()
        self.observed = list[Observation]()
        kinds = {"fake": Kind("fake", Prober(object, self.check), "")}
        self.agent = LocalAgent(kinds, Net(), self.clock, self.log, self.metrics, self.at_once)

    async def check(self, options: object, net: Net) -> Finding:
        self.running[options] = self.running.get(options, 0) + 1
        self.most = max(self.most, sum(self.running.values()))
        try:
            return await (self.answers.pop(0) if self.answers else self.answer)()
        finally:
            self.running[options] -= 1

    def report(self, observations: Sequence[Observation]) -> None:
        self.observed.extend(observations)
        self.found.extend(each.result for each in observations)

    @asynccontextmanager
    async def checking(self, *probes: Probe) -> AsyncIterator[None]:
        self.agent.update({probe.id: probe for probe in probes})
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.agent.run(self.report))
            yield
            task.cancel()

    async def seconds(self, number: float) -> None:
        await self.clock.advance(timedelta(seconds=number))

    def count(self, metric: str) -> float | None:
        return self.metrics.registry.get_sample_value(metric)

    @property
    def summaries(self) -> list[str]:
        return [result.summary for result in self.found]


async def test_a_probe_is_checked_in_its_rhythm_without_drift() -> None:
    bench = Bench()
    async with bench.checking(TEN):
        await bench.seconds(1000)

    begun = [(result.at - MORNING).total_seconds() for result in bench.found]
    assert 100 <= len(begun) <= 101
    assert {10.0} == {round(after - before, 1) for before, after in pairwise(begun)}


async def test_what_was_found_is_said_without_secrets() -> None:
    bench = Bench()
    async with bench.checking(TEN):
        bench.agent.update({TEN.id: TEN}, lambda text: text.replace("fine", "***"))
        await bench.seconds(10)

    assert {"***"} == set(bench.summaries)


async def test_what_was_found_is_reported_with_its_phases() -> None:
    bench = Bench()
    async with bench.checking(TEN):
        await bench.seconds(10)

    first = bench.observed[0]
    assert ("web", Outcome.OK, "fine") == (first.result.probe, first.result.outcome, first.result.summary)
    assert OK.phases == first.phases


async def test_no_answer_in_time_is_critical() -> None:
    bench = Bench(answer=never)
    async with bench.checking(TEN):
        await bench.seconds(20)

    assert {Outcome.CRITICAL} == {result.outcome for result in bench.found}
    assert {"no answer within 2 s"} == set(bench.summaries)
    assert {timedelta(seconds=2)} == {result.took for result in bench.found}


async def test_no_two_checks_of_one_probe_at_once() -> None:
    bench = Bench(answer=never)
    async with bench.checking(replace(TEN, timeout=timedelta(seconds=25))):
        await bench.seconds(300)

    assert 1 == bench.most
    assert bench.count("monitord_checks_skipped_total") >= 15  # type: ignore[operator]


async def test_there_is_a_limit_to_checks_at_once_and_the_others_wait() -> None:
    bench = Bench(at_once=3)
    bench.answers = [never] * 5
    probes = [
        replace(TEN, id=f"p{number}", options=number, every=timedelta(minutes=5)) for number in range(10)
    ]
    async with bench.checking(*probes):
        await bench.seconds(20)

    assert 3 == bench.most
    assert 10 == len({result.probe for result in bench.found})


async def test_a_late_check_is_counted() -> None:
    bench = Bench(at_once=1, answer=never)
    probes = [
        replace(TEN, id=f"p{number}", options=number, every=timedelta(minutes=5)) for number in range(10)
    ]
    async with bench.checking(*probes):
        await bench.seconds(60)

    assert 10 == len({result.probe for result in bench.found})
    assert bench.count("monitord_checks_late_total") >= 5  # type: ignore[operator]


async def test_a_prober_that_does_not_stop_is_abandoned_and_reported() -> None:
    bench, freed = Bench(), asyncio.Event()

    async def stubborn() -> Finding:
        while not freed.is_set():
            with suppress(asyncio.CancelledError):
                await freed.wait()
        return OK

    bench.answers = [stubborn]
    async with bench.checking(TEN):
        await bench.seconds(14)
        assert ["no answer within 2 s"] == bench.summaries[:1]
        assert 1 == bench.count("monitord_checks_abandoned_total")
        assert 1 == bench.agent.schedule.turns["web"].abandoned

        await bench.seconds(10)
        assert "fine" == bench.summaries[-1]
        freed.set()
        await bench.seconds(0)
        assert 0 == bench.agent.schedule.turns["web"].abandoned

    assert 1 == bench.summaries.count("no answer within 2 s")


async def test_a_probe_that_never_stops_is_not_checked_without_end() -> None:
    bench, freed = Bench(), asyncio.Event()

    async def stubborn() -> Finding:
        while not freed.is_set():
            with suppress(asyncio.CancelledError):
                await freed.wait()
        return OK

    bench.answer = stubborn
    async with bench.checking(TEN):
        await bench.seconds(300)
        assert 3 == bench.running["web"]
        freed.set()
        bench.answer = ok
        await bench.seconds(20)

    assert "fine" == bench.summaries[-1]


async def test_a_bug_in_a_prober_is_unknown_and_told_once() -> None:
    async def broken() -> Finding:
        raise KeyError("oops")

    bench = Bench(answer=broken)
    async with bench.checking(TEN):
        await bench.seconds(50)

    assert {(Outcome.UNKNOWN, "the prober fake failed: KeyError")} == {
        (result.outcome, result.summary) for result in bench.found
    }
    assert 1 == len([line for line in bench.lines if line["event"] == "prober failed"])


async def test_an_unknown_kind_is_unknown() -> None:
    bench = Bench()
    async with bench.checking(replace(TEN, kind="smoke")):
        await bench.seconds(10)

    assert "monitord has no prober of kind smoke" == bench.summaries[0]


async def test_who_stood_still_knows_nothing() -> None:
    bench = Bench(answer=never)
    async with bench.checking(TEN):
        await bench.seconds(4)
        assert 1 == bench.running["web"]
        bench.clock.passed += 100  # nobody ran for so long, and then every deadline rings at once
        await bench.seconds(0)

    assert Outcome.UNKNOWN is bench.found[0].outcome
    assert bench.summaries[0].startswith("not known: monitord itself stood still for")


async def test_a_failure_while_we_stood_still_is_not_the_targets() -> None:
    """A server hangs up on whoever says nothing for so long."""
    hung_up = asyncio.Event()

    async def hangs_up() -> Finding:
        await hung_up.wait()
        return BAD

    bench = Bench(answers=[hangs_up])
    async with bench.checking(replace(TEN, timeout=timedelta(seconds=9))):
        await bench.seconds(4)
        bench.clock.passed += 3
        hung_up.set()
        await bench.seconds(0)
        bench.answer = bad
        await bench.seconds(10)

    assert [Outcome.UNKNOWN, Outcome.CRITICAL] == [result.outcome for result in bench.found[:2]]
    assert bench.summaries[0].startswith("not known: monitord itself stood still for")


async def test_who_stood_still_while_they_looked_whose_turn_it_is_knows_nothing() -> None:
    """Between two sleeps of the loop that wants to notice it."""
    bench = Bench(answer=never)
    schedule = bench.agent.schedule = Stopped(bench.clock)
    async with bench.checking(TEN):
        await bench.seconds(4)
        schedule.stops = True
        await bench.seconds(1)

    assert Outcome.UNKNOWN is bench.found[0].outcome
    assert bench.summaries[0].startswith("not known: monitord itself stood still for")


class Stopped(Schedule):
    """Whoever asks it is stopped for a while, once."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self.clock, self.stops = clock, False

    def due(self, now: float) -> Iterator[tuple[float, Turns]]:
        if self.stops:
            self.clock.passed += 100
            self.stops = False
        yield from super().due(now)


async def test_a_pass_is_a_pass_however_still_we_stood() -> None:
    bench = Bench()
    async with bench.checking(TEN):
        bench.clock.passed += 60
        await bench.seconds(30)

    assert {Outcome.OK} == {result.outcome for result in bench.found}


async def test_whoever_is_hurried_is_checked_at_once_and_not_twice() -> None:
    bench = Bench()
    slow = replace(TEN, every=timedelta(hours=1))
    async with bench.checking(slow):
        await bench.seconds(10)
        assert 1 == len(bench.found)

        bench.answers = [never]
        bench.agent.hurry(["web", "nobody knows this one"])
        bench.agent.hurry(["web"])
        await bench.seconds(1)
        assert 1 == bench.running["web"]
        await bench.seconds(60)

    assert ["fine", "no answer within 2 s"] == bench.summaries


async def test_a_first_failure_may_be_looked_at_once_more() -> None:
    bench = Bench()
    bench.answers = [ok, bad, bad]
    async with bench.checking(replace(TEN, recheck=timedelta(seconds=1))):
        await bench.seconds(60)

    begun = [(result.at - MORNING).total_seconds() for result in bench.found]
    gaps = [round(after - before, 3) for before, after in pairwise(begun)]
    assert (1, 9) == (gaps[1], gaps[2])
    assert {10} == set(gaps[3:])


async def test_a_removed_probe_is_not_reported_any_more() -> None:
    bench = Bench(answer=never)
    async with bench.checking(TEN):
        await bench.seconds(4)
        bench.agent.update({})
        await bench.seconds(60)

    assert [] == bench.found
    assert None is bench.count("monitord_check_latest_seconds")


async def test_nothing_that_is_being_checked_survives_the_end() -> None:
    bench = Bench(answer=never)
    async with bench.checking(TEN):
        await bench.seconds(4)
        assert 1 == bench.running["web"]

    assert 0 == bench.running["web"]


@pytest.mark.parametrize("every", [0.1, 0.5])
async def test_a_fast_probe_is_checked_that_fast(every: float) -> None:
    bench = Bench()
    async with bench.checking(replace(TEN, every=timedelta(seconds=every))):
        await bench.seconds(10)

    assert 10 / every - 1 <= len(bench.found) <= 10 / every + 1
