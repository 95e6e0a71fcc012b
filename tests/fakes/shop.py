"""A small shop with the cast on its rotation, and the shell's parts wired up around it on a virtual clock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from logging import DEBUG
from pathlib import Path
from typing import Any, Protocol

import structlog
from structlog.testing import LogCapture
from structlog.typing import FilteringBoundLogger

from monitord.config.settings import Door, Doors, Settings
from monitord.core.check import CheckResult, Outcome, Phases, Probe
from monitord.core.facts import Installation
from monitord.core.organization import Component, ContactMethod, Person, PublicEffect, Service, StatusPage
from monitord.core.policy import Policy, Tier
from monitord.core.world import Configuration, World
from monitord.engine.agent import Observation
from monitord.engine.clock import VirtualClock
from monitord.engine.dispatch import Dispatch, Way
from monitord.engine.engine import Engine
from monitord.engine.links import Links
from monitord.engine.metrics import Metrics
from monitord.kinds import Channel, Letter, Refused, Sent
from monitord.net import Net
from tests.fakes.memory_store import MemoryStore

MORNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SECRET = b"0123456789abcdef0123456789abcdef"
DOORS = Doors(
    public=Door("127.0.0.1", 0, "https://status.example.org"),
    edge=Door("127.0.0.1", 0, "https://edge.example.org"),
    ops=Door("127.0.0.1", 0, "https://ops.example.org"),
)
SETTINGS = Settings("Example Shop", "UTC", Path("tree"), "var", DOORS, {}, None)
WEB = Probe("web", "shop", every=timedelta(seconds=30), failures=3, kind="http")


class Runs(Protocol):
    async def run(self) -> None: ...


def person(name: str, *methods: ContactMethod) -> Person:
    return Person(name, f"{name.title()} Example", reach=methods or (by_mail(name),))


def by_mail(name: str, after: timedelta = timedelta(0)) -> ContactMethod:
    return ContactMethod("email", f"{name}@example.org", after)


def configuration(*probes: Probe, minutes: int = 5) -> Configuration:
    """Ann is first, then bo, then cem; customers see the shop."""
    tiers = tuple(Tier((name,), timedelta(minutes=minutes)) for name in ("ann", "bo", "cem"))
    shop = Service(
        "shop",
        "Shop",
        policies=(("default", "urgent"),),
        components=("shop",),
        public=PublicEffect(publish_after=timedelta(minutes=5)),
    )
    return Configuration(
        organization="Example Shop",
        probes={probe.id: probe for probe in probes or (WEB,)},
        services={"shop": shop},
        people={name: person(name) for name in ("ann", "bo", "cem", "dee")},
        policies={"urgent": Policy("urgent", tiers)},
        status_pages=(StatusPage("status", "Example Shop status", (Component("shop", "Shop"),)),),
        last_resort=("cem", "dee"),
        revision="r1",
    )


@dataclass
class PostOffice:
    """A channel whose letters can be read; `answers` are given in turn, then everything is taken."""

    letters: list[Letter] = field(default_factory=list)
    answers: list[Callable[[Letter], Awaitable[Sent | Refused]]] = field(default_factory=list)

    async def send(self, options: object, letter: Letter, net: Net) -> Sent | Refused:
        self.letters.append(letter)
        if self.answers:
            return await self.answers.pop(0)(letter)
        return Sent("taken")

    @property
    def addresses(self) -> list[str]:
        return [letter.address.split("@")[0] for letter in self.letters]

    def way(self, bulkhead: int = 8) -> Way:
        return Way(Channel(object, self.send, bulkhead=bulkhead), None)


def logbook() -> tuple[FilteringBoundLogger, list[Any]]:
    """A logger, and what it has written."""
    capture = LogCapture()
    level = structlog.make_filtering_bound_logger(DEBUG)
    log: FilteringBoundLogger = structlog.wrap_logger(None, [capture], wrapper_class=level)
    return log, capture.entries


class Shop:
    """The shell around a small world: everything that runs, and everything that can be looked at."""

    def __init__(self, told: Configuration | None = None, store: MemoryStore | None = None) -> None:
        self.clock = VirtualClock(MORNING)
        self.store = store or MemoryStore()
        self.log, self.lines = logbook()
        self.metrics = Metrics()
        self.world = World(told or configuration(), Installation("e1"))
        self.engine = Engine(self.world, self.store, self.clock, term=1, log=self.log, metrics=self.metrics)
        self.post = PostOffice()
        self.links = Links(SECRET, DOORS)

    def dispatch(self, **ways: Way) -> Dispatch:
        ways = ways or {"email": self.post.way()}
        return Dispatch(ways, self.links, SETTINGS, Net(), self.clock, self.log, self.metrics)

    def check(self, outcome: Outcome, times: int = 1, probe: str = "web") -> None:
        """So many results, one after the other."""
        for _ in range(times):
            self.engine.observe(observed(probe, outcome, self.clock.now()))

    @asynccontextmanager
    async def running(self, *parts: Runs) -> AsyncIterator[None]:
        """The engine and these parts, until the end of the block."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part.run()) for part in (self.engine, *parts)]
            yield
            for task in tasks:
                task.cancel()

    async def settle(self) -> None:
        await self.clock.advance(timedelta(0))

    async def minutes(self, number: float) -> None:
        await self.clock.advance(timedelta(minutes=number))

    def told(self, event: str) -> list[Any]:
        """The log's lines of that name."""
        return [line for line in self.lines if line["event"] == event]


def observed(probe: str, outcome: Outcome, at: datetime) -> Observation:
    return Observation(CheckResult(probe, outcome, at, f"found {outcome.value}"), Phases())


def texts(letters: Sequence[Letter]) -> list[str]:
    return [letter.text for letter in letters]
