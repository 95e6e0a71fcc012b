"""A night in a shop, played by the core and kept by a real store: what the ops side has to show.

`night(folder)` gives the sources of the console after an eventful night, with the engine running; the clock
stands still at the end of it, so that every page is the same each time.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from monitord.core.check import CheckResult, Outcome, Phases, Probe
from monitord.core.command import Acknowledge, Comment
from monitord.core.delivery import Delivery, DeliveryRefused, DeliverySent
from monitord.core.organization import (
    Component,
    ComponentState,
    ContactMethod,
    Person,
    PublicEffect,
    Service,
    StatusPage,
    Team,
)
from monitord.core.policy import Policy, Tier
from monitord.core.rotation import Layer, Override, OverrideKind, Rotation, Turn, Unit
from monitord.core.world import Configuration, World
from monitord.engine.agent import Observation
from monitord.engine.clock import VirtualClock, settle
from monitord.engine.engine import Engine
from monitord.engine.links import Links
from monitord.engine.metrics import Metrics
from monitord.store import Batch, Entry, Measurement, Store, StoreThread
from monitord.web.ops.sources import Sources
from tests.fakes.api import lend
from tests.fakes.house import House
from tests.fakes.new_store import new_store
from tests.fakes.shop import DOORS, SECRET, logbook

MIDNIGHT = datetime(2026, 11, 22, 7, 40, tzinfo=UTC)  # 01:40 in Chicago, a Sunday
ZONE = "America/Chicago"
MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 1, 5, 9)


def layer(name: str, *people: str, turn: Turn, **more: object) -> Layer:
    return Layer(name, tuple((person,) for person in people), MONDAY, turn, **more)  # type: ignore[arg-type]


WEEKLY = Turn(1, Unit.WEEKS)
PRIMARY = Rotation(
    "primary",
    ZONE,
    layers=(layer("weekly", "ann", "bo", turn=WEEKLY),),
    overrides=(
        Override(
            "o1",
            datetime(2026, 11, 24, 15, tzinfo=UTC),
            datetime(2026, 11, 25, 3, tzinfo=UTC),
            OverrideKind.REPLACE,
            who="bo",
            by=("cem",),
        ),
    ),
)
SECONDARY = Rotation("secondary", ZONE, layers=(layer("weekly", "bo", "ann", turn=WEEKLY),))
WEEKDAYS = Rotation(
    "database",
    "Europe/Berlin",
    layers=(layer("office", "cem", "eve", turn=Turn(1, Unit.DAYS), days=frozenset(range(5))),),
)


def person(name: str, *methods: ContactMethod) -> Person:
    return Person(name, f"{name.title()} Example", ZONE, methods)


def by_mail(name: str) -> ContactMethod:
    return ContactMethod("email", f"{name}@example.org")


def by_sms(number: str) -> ContactMethod:
    return ContactMethod("sms", number, timedelta(minutes=2))


def configuration() -> Configuration:
    """A shop with a payment provider that fails, a database that others depend on, and a gap at weekends."""
    tiers = (
        Tier(("primary",), 5 * MINUTE),
        Tier(("secondary",), 5 * MINUTE),
        Tier(("support",), 10 * MINUTE),
        Tier(("dee",), 15 * MINUTE),
    )
    probes = (
        Probe("shop", "shop", MINUTE / 2, failures=3, kind="http", title="https://shop.example.org/health"),
        Probe("cards", "pay", MINUTE, failures=2, kind="http", title="https://pay.example.org/ping"),
        Probe("db1", "database", MINUTE, failures=2, kind="tcp", title="db1.example.org:5432"),
        Probe("orders", "shop", MINUTE, failures=1, depends_on=("db1",), kind="http", title="https://shop.example.org/orders"),
        Probe("mail", "mail", MINUTE, failures=3, kind="tcp", title="mx.example.org:25"),
        Probe("search", "shop", MINUTE, failures=3, kind="http", title="https://shop.example.org/search?q=shoes"),
        Probe("certificate", "shop", 60 * MINUTE, kind="tls", title="shop.example.org:443"),
    )  # fmt: skip
    urgent = (("default", "urgent"),)
    services = (
        Service(
            "shop",
            "Shop",
            "support",
            urgent,
            ("shop",),
            links=(("runbook", "https://wiki.example.org/shop"),),
        ),
        Service(
            "pay",
            "Payments",
            "support",
            urgent,
            ("pay",),
            PublicEffect(ComponentState.MAJOR_OUTAGE, MINUTE),
            (
                ("runbook", "https://wiki.example.org/payments"),
                ("dashboard", "https://graphs.example.org/pay"),
            ),
        ),
        Service("database", "Database", "support", urgent),
        Service("mail", "Mail", "support", urgent),
    )
    people = (
        person("ann", by_mail("ann"), by_sms("+13125550100")),
        person("bo", by_mail("bo"), by_sms("+13125550101")),
        person("cem", by_mail("cem")),
        person("dee", by_mail("dee")),
        person("eve"),
    )
    page = StatusPage(
        "status", "Example Shop status", (Component("shop", "Shop"), Component("pay", "Payments"))
    )
    return Configuration(
        organization="Example Shop",
        time_zone=ZONE,
        probes={probe.id: probe for probe in probes},
        services={service.id: service for service in services},
        people={each.id: each for each in people},
        teams={"support": Team("support", ("ann", "bo", "cem"), ("dee",))},
        rotations={each.id: each for each in (PRIMARY, SECONDARY, WEEKDAYS)},
        policies={"urgent": Policy("urgent", tiers)},
        status_pages=(page,),
        last_resort=("cem", "dee"),
        revision="4f1c2e9a77b0",
    )


def post_office(delivery: Delivery) -> DeliverySent | DeliveryRefused:
    """Takes everything but what goes to cem."""
    if delivery.person == "cem":
        return DeliveryRefused(delivery.id, "550 5.1.1 no such mailbox", permanent=True)
    return DeliverySent(delivery.id, "250 2.0.0 accepted as 4Xw2")


@dataclass
class Play:
    """The night so far: what was decided, and what was measured."""

    house: House = field(default_factory=lambda: House(configuration(), MIDNIGHT, post_office))
    measured: list[Measurement] = field(default_factory=list)
    latest: dict[str, Observation] = field(default_factory=dict)

    def check(self, probe: str, outcome: Outcome, summary: str, milliseconds: float) -> None:
        took = timedelta(milliseconds=milliseconds)
        result = CheckResult(probe, outcome, self.house.now, summary, took)
        phases = Phases(took * 0.05, took * 0.15, took * 0.3, took * 0.4, took * 0.1)
        self.latest[probe] = Observation(result, phases)
        self.measured.append(Measurement(probe, result.at, outcome, took, phases, summary))
        self.house.do(result)
        self.house.deliver()

    def all_well(self, *but: str) -> None:
        """Everybody but these passes once."""
        for place, probe in enumerate(sorted(set(self.house.configuration.probes) - {*but, "certificate"})):
            wobble = (len(self.measured) * 37 + place * 11) % 23
            self.check(probe, Outcome.OK, "200 OK", 40 + 12 * place + 3 * wobble)

    def wait(self, minutes: float) -> None:
        self.house.wait(MINUTE * minutes)

    def whole_night(self) -> None:
        """The mail server was down and is back, bo has the database, nobody has the payments yet."""
        for _ in range(40):
            self.all_well()
            self.wait(1)
        for _ in range(3):
            self.check("mail", Outcome.CRITICAL, "mx.example.org:25 refused: connection refused", 3)
            self.all_well("mail")
            self.wait(1)
        self.house.do(Acknowledge(1, "ann"))
        for _ in range(2):
            self.all_well()
            self.wait(1)
        for _ in range(2):
            self.check("db1", Outcome.CRITICAL, "db1.example.org:5432 no answer within 10 s", 10_000)
            self.all_well("db1", "orders")
            self.wait(1)
        self.house.do(Acknowledge(2, "bo"))
        self.house.do(Comment(2, "bo", "failing over to db2, ten minutes"))
        self.check("orders", Outcome.CRITICAL, "500 Internal Server Error after 310 ms", 310)
        for minute in range(9):
            self.check("cards", Outcome.CRITICAL, "503 Service Unavailable after 1.2 s", 1200)
            self.check("db1", Outcome.CRITICAL, "db1.example.org:5432 no answer within 10 s", 10_000)
            self.all_well("db1", "orders", "cards", *(("search",) if minute > 6 else ()))
            self.wait(1)
        for _ in range(2):
            self.check("search", Outcome.CRITICAL, "no answer within 10 s", 10_000)
        self.house.wait(timedelta(seconds=20))


@asynccontextmanager
async def opened(folder: Path, play: Play) -> AsyncIterator[Sources]:
    """The console's sources after that play, in a new store."""
    keep(play, folder)
    async with started(folder, play) as sources:
        yield sources


@asynccontextmanager
async def started(folder: Path, play: Play) -> AsyncIterator[Sources]:
    clock = VirtualClock(play.house.now)
    store = await StoreThread.start(folder, now=MIDNIGHT)
    try:
        sources = await restored(store, play, clock)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(sources.engine.run())
            sources.engine.beat()
            await settle()
            yield sources
            running.cancel()
    finally:
        await store.stop()


def keep(play: Play, folder: Path) -> None:
    """Everything that was decided and measured, in a store."""
    house = play.house
    with closing(Store.open(new_store(folder), now=MIDNIGHT)) as store:
        entries = [Entry(fact, at, decided.records, decided.events) for at, fact, decided in house.journal]
        store.commit(Batch(store.begin_term(), house.configuration.revision, tuple(entries)))
        store.measure(play.measured)


async def restored(store: StoreThread, play: Play, clock: VirtualClock) -> Sources:
    """A daemon that has just started on what the store has kept."""
    world: World = await store.load(play.house.configuration)
    term, log = await store.begin_term(), logbook()[0]
    engine = Engine(world, store, clock, term=term, log=log, metrics=Metrics())
    engine.latest.update(play.latest)
    for observation in play.latest.values():
        engine.metrics.checked(observation.result)
    links, page = Links(SECRET, DOORS), "https://status.example.org/"
    return lend(Sources(engine, store, clock, MIDNIGHT, page, links))


@asynccontextmanager
async def night(folder: Path) -> AsyncIterator[Sources]:
    """The whole night, kept once and copied for everybody."""
    copytree(Path(kept_night().name), folder)
    async with started(folder, whole_night()) as sources:
        yield sources


@cache
def whole_night() -> Play:
    play = Play()
    play.whole_night()
    return play


@cache
def kept_night() -> "TemporaryDirectory[str]":
    made: TemporaryDirectory[str] = TemporaryDirectory()
    keep(whole_night(), Path(made.name))
    return made
