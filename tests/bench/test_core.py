"""What deciding costs by itself."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from statistics import median

import pytest

from monitord.core.check import CheckResult, Outcome
from monitord.core.facts import Installation
from monitord.core.flow import react
from monitord.core.rotation import Layer, Layering, Rotation, Turn, Unit, shifts
from monitord.core.world import World
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


def hours(begin: int, end: int) -> tuple[clock_time, clock_time]:
    return clock_time(begin), clock_time(end)


def rotation(number: int) -> Rotation:
    """Weeks, office hours, and nights over midnight; every second one a union."""
    people, start = (("ann",), ("bo", "cem"), ("dee",), ("eve",)), datetime(2026, 1, 5, 9)
    base = Layer("weeks", people, start, Turn(1, Unit.WEEKS))
    office = replace(
        base,
        name="office",
        turn=Turn(1, Unit.DAYS),
        days=tuple(range(5)),
        hours=(hours(9, 17),),
    )
    nights = replace(base, name="nights", turn=Turn(12, Unit.HOURS), days=(0, 2, 4, 5), hours=(hours(22, 6),))
    layering = Layering.UNION if number % 2 else Layering.STACK
    return Rotation(f"rotation {number}", ZONES[number % len(ZONES)], layering, (base, office, nights))


ZONES = ("America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Australia/Sydney", "UTC", "America/Sao_Paulo")


def test_a_year_of_a_hundred_rotations_takes_a_second() -> None:
    """Plain ones as most are, and all the same with restrictions, where a year has about 100 000 shifts."""
    start, figures = datetime(2026, 1, 1, tzinfo=UTC), Figures()
    restricted = [rotation(number) for number in range(100)]
    plain = [replace(each, layers=each.layers[:1]) for each in restricted]
    idle = [replace(each, layers=(replace(each.layers[0], hours=(hours(0, 0),)),)) for each in plain]
    for name, several, limit in (
        ("plain", plain, 0.1),
        ("idly restricted", idle, 0.1),
        ("restricted", restricted, 1.0),
    ):
        rounds = []
        for _ in range(5):
            begun = time.process_time()
            rows = sum(len(shifts(each, start, start + timedelta(days=365))) for each in several)
            rounds.append(time.process_time() - begun)
        figures.add(f"year of 100 {name} rotations, CPU", "s", [median(rounds)], limit, rows=rows)
    figures.judge()
