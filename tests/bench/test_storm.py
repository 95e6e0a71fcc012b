"""Everything fails at once: is it durable, does somebody know, and does anybody else still get through?"""

import asyncio
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from monitord.core.check import Probe
from monitord.core.policy import Policy, Tier
from monitord.core.world import Configuration
from monitord.engine.engine import Engine
from tests.bench.figures import Figures, Lag
from tests.bench.parts import Stopwatch, failed, paged, probes, running, until
from tests.fakes.shop import configuration

pytestmark = pytest.mark.bench

DURABLE_S, FIRST_S, LAG_MS, OTHER_MS = 10, 5, 250, 5000  # figure A8
STEP = 0.02  # seconds


@dataclass
class Storm:
    """What was seen of it."""

    first: float = 0.0
    durable: float = 0.0
    cpu: float = 0.0
    lag: Lag = field(default_factory=Lag)
    others: list[float] = field(default_factory=list)
    mails: int = 0
    tickets: int = 0


def company(many: list[Probe], services: int) -> Configuration:
    """Each service is ann's; another one, that has nothing to do with it, is dee's."""
    base = configuration(*many)
    shop = base.services["shop"]
    storming = {f"s{n}": replace(shop, id=f"s{n}") for n in range(services)}
    quiet = replace(shop, id="quiet", policies=(("default", "quiet"),))
    tier = Tier(("dee",), base.policies["urgent"].tiers[0].lasts)
    return replace(
        base,
        services={**storming, "quiet": quiet},
        policies={**base.policies, "quiet": Policy("quiet", (tier,))},
    )


async def breaks_loose(folder: Path, signals: int, seconds: float, services: int) -> Storm:
    many, seen = probes(signals, services), Storm()
    async with running(folder, company(many, services)) as (engine, post), asyncio.TaskGroup() as group:
        listening = group.create_task(seen.lag.listen())
        other = group.create_task(somebody_else(engine, post, seen))
        begun, cpu = time.perf_counter(), time.process_time()
        for at, probe in enumerate(many):
            engine.observe(failed(engine, probe))
            if at % max(1, int(signals / seconds * STEP)) == 0:
                await asyncio.sleep(max(0.0, begun + at * seconds / signals - time.perf_counter()))
        await until(lambda: engine.world.installation.next_ticket > signals)
        seen.durable, seen.cpu = time.perf_counter() - begun, time.process_time() - cpu
        await until(lambda: bool(post.left))
        seen.first = post.left[0][0] - begun
        for task in (listening, other):
            task.cancel()
        seen.mails, seen.tickets = len(post.left), engine.world.installation.next_ticket - 1
    return seen


async def somebody_else(engine: Engine, post: Stopwatch, seen: Storm) -> None:
    """Asks for a page now and again, for somebody whom the storm does not concern."""
    number = 0
    while True:
        await asyncio.sleep(0.1)
        number += 1
        seen.others.append(await paged(engine, post, number, "quiet"))


@pytest.mark.parametrize("services", [1, 100], ids=["one service", "a hundred services"])
async def test_a_thousand_signals_in_a_second_are_durable_and_paged(tmp_path: Path, services: int) -> None:
    """Durable within 2 s of the first, the first page within 1 s."""
    figures, seen = Figures(), await breaks_loose(tmp_path, 1000, 1, services)
    which = f"1 000 signals in 1 s, {services} services"
    figures.add(f"{which}: durable", "s", [seen.durable], 2, cpu_s=round(seen.cpu, 2), tickets=seen.tickets)
    figures.add(f"{which}: first page", "s", [seen.first], 1, mails=seen.mails)
    figures.add(f"{which}: loop lag", "ms", seen.lag.late, LAG_MS, 99)
    figures.judge()


async def test_ten_thousand_signals_in_ten_seconds(tmp_path: Path) -> None:
    """Figure A8, but for the bundles."""
    figures, seen = Figures(), await breaks_loose(tmp_path, 10_000, 10, 100)
    which = "10 000 signals in 10 s"
    figures.add(
        f"{which}: durable after the last",
        "s",
        [max(0.0, seen.durable - 10)],
        DURABLE_S,
        cpu_s=round(seen.cpu, 2),
        tickets=seen.tickets,
        mails_meanwhile=seen.mails,
    )
    figures.add(f"{which}: first page", "s", [seen.first], FIRST_S)
    figures.add(f"{which}: loop lag", "ms", seen.lag.late, LAG_MS, 99)
    figures.add(f"{which}: somebody else's page", "ms", seen.others or [float("inf")], OTHER_MS)
    figures.judge()
