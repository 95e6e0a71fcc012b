"""How long the console's pages take with ten thousand tickets in the store, all of them open."""

import time
from pathlib import Path
from statistics import median

import pytest

from monitord.core.command import OpenTicket
from monitord.core.organization import Priority
from monitord.web.ops_door import ops_app
from tests.bench.figures import Figures
from tests.fakes.night import Play, opened
from tests.fakes.shop import logbook
from tests.fakes.signed_in import SignedIn, signed_in

pytestmark = pytest.mark.bench

TICKETS = 10_000
TIMES = 15
PAGES = (
    *("/", "/tickets", "/tickets?state=unfinished", "/tickets?state=resolved&service=pay"),
    *("/tickets?priority=low", "/tickets?text=thing+77", "/tickets?text=broken", "/tickets?before=5000"),
    *(f"/tickets/{TICKETS - 1}", "/probes", "/probes/shop", "/oncall", "/messages", "/messages?state=sent"),
    *("/audit", "/audit?who=ann", "/access", "/public", "/watching", "/events", "/account", "/more"),
)


def busy() -> Play:
    """A month in which nobody has resolved anything."""
    play, services = Play(), ("shop", "pay", "database", "mail")
    play.all_well()
    for number in range(TICKETS):
        title, service = f"thing {number} is broken", services[number % 4]
        play.house.do(OpenTicket(title, service, list(Priority)[number % 4], "ann", f"text {number}"))
    return play


async def test_every_page_within_a_tenth_of_a_second(tmp_path: Path) -> None:
    figures = Figures()
    async with opened(tmp_path / "store", busy()) as sources:
        root = await signed_in(ops_app(sources, logbook()[0]), "root", administrator=True)
        for path in PAGES:
            took, used = await measured(root, path)
            figures.add(f"console {path}", "ms", took, 100, at=90, cpu_ms=round(median(used), 1))
    figures.judge()


async def measured(visitor: SignedIn, path: str) -> tuple[list[float], list[float]]:
    """Milliseconds on the wall and of the CPU, after one to warm up."""
    took, used = [], []
    assert 200 == (await visitor.get(path)).status
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        await visitor.get(path)
        took.append((time.perf_counter() - wall) * 1000)
        used.append((time.process_time() - cpu) * 1000)
    return took, used
