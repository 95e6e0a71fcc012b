"""What deciding costs by itself."""

import time
from dataclasses import replace
from statistics import median

import pytest

from monitord.core.check import CheckResult, Outcome
from monitord.core.flow import react
from monitord.core.world import Installation, World
from monitord.engine.clock import RealClock
from tests.bench.figures import Figures
from tests.bench.parts import probes
from tests.fakes.shop import configuration

pytestmark = pytest.mark.bench


def test_a_steady_result_costs_the_core_next_to_nothing() -> None:
    """At most 20 µs with ten thousand probes in the world."""
    many, figures = probes(10_000), Figures()
    told = replace(configuration(*many), probes={probe.id: probe for probe in many})
    world, now = World(told, Installation("e1")), RealClock().now()
    results = [CheckResult(probe.id, Outcome.OK, now, "200 OK") for probe in many]
    rounds = []
    for _ in range(7):
        begun = time.process_time()
        for result in results:
            react(world, result, now)
        rounds.append((time.process_time() - begun) / len(results) * 1e6)

    figures.add("steady result, CPU", "µs", [median(rounds)], 20, rounds=len(rounds))
    figures.judge()
