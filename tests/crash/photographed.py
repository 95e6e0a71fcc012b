"""An outage on the real engine and the real store, photographed at every store operation.

A photograph is what would be left if the process died at that instant: the disk as it is, which messages have
left, how far the people in the story have come, and what time it is. `live(photograph)` starts on that disk
and lives the story to its end, which is photographed in turn.

People and checks do what anybody does who got no answer: they look, and if nothing has happened, they try
again.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from monitord.core.check import Instant, Outcome, Probe
from monitord.core.command import Acknowledge
from monitord.core.facts import Fact
from monitord.core.health import Health
from monitord.core.invariants import violations
from monitord.core.organization import Component, ComponentState, PublicEffect, Service, StatusPage
from monitord.core.policy import Policy, Tier
from monitord.core.statuspage import Incident, Phase, WritePost
from monitord.core.subscription import ConfirmSubscription, Subscribe, Subscriber, SubscriberState
from monitord.core.ticket import State, Ticket
from monitord.core.world import Configuration, World
from monitord.engine.clock import VirtualClock, settle
from monitord.engine.courier import Courier
from monitord.engine.dispatch import Dispatch
from monitord.engine.engine import Engine
from monitord.engine.links import Links
from monitord.engine.metrics import Metrics
from monitord.engine.timer import Timer
from monitord.kinds import Letter
from monitord.net import Net
from monitord.store import Batch, StoreThread
from tests.crash.decided import content
from tests.fakes.shop import DOORS, MORNING, SETTINGS, PostOffice, logbook, observed, person

T = TypeVar("T")
TIER = timedelta(seconds=4)
CONFIGURATION = Configuration(
    organization="Example Shop",
    probes={"web": Probe("web", "shop", failures=3, passes=2, kind="http")},
    services={
        "shop": Service(
            "shop",
            "Shop",
            policies=(("default", "urgent"),),
            components=("shop",),
            public=PublicEffect(ComponentState.MAJOR_OUTAGE, timedelta(0)),
        )
    },
    people={name: person(name) for name in ("ann", "bo", "cem", "dee")},
    policies={"urgent": Policy("urgent", tuple(Tier((name,), TIER) for name in ("ann", "bo", "cem")))},
    status_pages=(StatusPage("status", "Example Shop status", (Component("shop", "Shop"),)),),
    last_resort=("cem", "dee"),
    revision="r1",
)

# --- The disk.


def copied(disk: Path, to: Path) -> Path:
    """The files as they are now; SQLite's shared memory does not outlive a process."""
    shutil.copytree(disk, to, ignore=shutil.ignore_patterns("*-shm", "*.lock", "ballast"))
    return to


@dataclass(frozen=True)
class Photograph:
    """What is left; `answered` counts the steps of the story that are over for whoever took them."""

    where: str
    disk: Path
    passed: float = 0.0
    answered: int = 0
    letters: tuple[Letter, ...] = ()
    crashes: int = 0


class Watched:
    """The store's thread; `look` is called before and after everything that is written."""

    def __init__(self, thread: StoreThread, look: Callable[[str], None]) -> None:
        self.thread, self.look = thread, look
        self.at_work = 0
        self.idle = asyncio.Event()
        self.idle.set()

    async def commit(self, batch: Batch) -> int:
        return await self.watched(f"commit {len(batch.entries)}", self.thread.commit(batch))

    async def begin_term(self) -> int:
        return await self.watched("begin_term", self.thread.begin_term())

    async def quarantine(self, fact: Fact, at: Instant, error: str, trace: str) -> None:
        raise AssertionError(f"{fact} could not be decided: {error}\n{trace}")

    async def watched(self, name: str, work: Awaitable[T]) -> T:
        self.at_work += 1
        self.idle.clear()
        self.look(f"before {name}")
        answer = await work
        self.look(f"after {name}")
        self.at_work -= 1
        if not self.at_work:
            self.idle.set()
        return answer


# --- The process.


@dataclass
class Process:
    """What decides and sends, on one folder; its clock only moves in `until`."""

    clock: VirtualClock
    engine: Engine
    store: Watched

    async def calm(self) -> None:
        """Until nothing happens any more by itself at this instant; the store has a thread of its own."""
        await settle()
        while self.store.at_work:
            await self.store.idle.wait()
            await settle()

    async def until(self, at: float) -> None:
        """Let time pass, ring by ring."""
        await self.calm()
        while (ring := self.next_ring()) is not None and ring <= at:
            await self.clock.advance(timedelta(seconds=max(ring - self.clock.passed, 0.0)))
            await self.calm()
        self.clock.passed = max(self.clock.passed, at)

    def next_ring(self) -> float | None:
        waiting = [at for at, _, ring in self.clock.rings if ring.call is not None]
        return min(waiting, default=None)


@asynccontextmanager
async def process(
    folder: Path, clock: VirtualClock, post: PostOffice, look: Callable[[str], None]
) -> AsyncIterator[Process]:
    """A start on this folder, as `monitord run` does it; at the end of the block the process stops."""
    thread = await StoreThread.start(folder, now=clock.now())
    store = Watched(thread, look)
    log, metrics = logbook()[0], Metrics()
    world = await thread.load(CONFIGURATION)
    assert [] == thread.notes
    engine = Engine(world, store, clock, term=await store.begin_term(), log=log, metrics=metrics)
    ways = {"email": post.way()}
    dispatch = Dispatch(ways, Links(thread.secret, DOORS), SETTINGS, Net(), clock, log, metrics)
    courier, timer = Courier(engine, dispatch, clock), Timer(engine, clock)
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(engine.run())]
            accepted = engine.accept(CONFIGURATION)
            tasks += [group.create_task(part.run()) for part in (courier, timer)]
            it = Process(clock, engine, store)
            await it.calm()
            assert accepted.done()
            yield it
            for task in tasks:
                task.cancel()
    finally:
        await thread.stop()


# --- The story.


@dataclass(frozen=True)
class Step:
    """At so many seconds somebody does something, unless it is `done`."""

    at: float
    does: Callable[[World, Instant], Any]
    done: Callable[[World], bool]


def check(at: float, outcome: Outcome, *, up: bool, streak: int) -> Step:
    """A result; afterwards the probe stands like that, or further."""

    def done(world: World) -> bool:
        health = world.get(Health, "web") or Health("web")
        return health.up == up and health.streak >= streak

    return Step(at, lambda world, now: observed("web", outcome, now), done)


def incident(world: World) -> Incident | None:
    return next(iter(world.all(Incident)), None)


def posted(world: World, number: int) -> bool:
    """That many posts; a story that is over has left the world, so it had all of them."""
    found = incident(world)
    return found is None or found.posts >= number


def written(body: str, phase: Phase) -> Callable[[World, Instant], WritePost]:
    def command(world: World, now: Instant) -> WritePost:
        story = incident(world)
        assert story is not None
        return WritePost("bo", body, phase, story.id)

    return command


def subscriber(world: World) -> Subscriber | None:
    return next(iter(world.all(Subscriber)), None)


def confirmed(world: World) -> bool:
    found = subscriber(world)
    return found is not None and found.state is SubscriberState.CONFIRMED


def confirmation(world: World, now: Instant) -> ConfirmSubscription:
    found = subscriber(world)
    assert found is not None
    return ConfirmSubscription(found.id)


def answered(world: World) -> bool:
    ticket = world.get(Ticket, 1)
    return ticket is not None and ticket.state is not State.OPEN


STORY = (
    Step(0, lambda world, now: Subscribe("sub@example.org"), lambda world: subscriber(world) is not None),
    Step(1, confirmation, confirmed),
    check(2, Outcome.CRITICAL, up=True, streak=1),
    check(3, Outcome.CRITICAL, up=True, streak=2),
    check(4, Outcome.CRITICAL, up=False, streak=0),
    Step(18, lambda world, now: Acknowledge(1, "bo", "link"), answered),
    Step(19, written("A disk is full.", Phase.IDENTIFIED), lambda world: posted(world, 2)),
    check(20, Outcome.OK, up=False, streak=1),
    check(21, Outcome.OK, up=True, streak=0),
    Step(22, written("We have more disks now.", Phase.RESOLVED), lambda world: posted(world, 99)),
)
END = 24.0


@dataclass
class Life:
    """From a photograph to the end of the story; `photographs` are taken on the way."""

    begun: Photograph
    folder: Path
    photographing: bool = True
    photographs: list[Photograph] = field(default_factory=list)
    content: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(MORNING)
        self.clock.passed = self.begun.passed
        self.post = PostOffice(list(self.begun.letters))
        self.answered = self.begun.answered

    @property
    def letters(self) -> list[Letter]:
        """Everything that has left, over all processes."""
        return self.post.letters

    def look(self, where: str) -> None:
        if not self.photographing:
            return
        number = len(self.photographs)
        self.photographs.append(
            replace(
                self.begun,
                where=f"{self.begun.where}, {number}: {where} at {self.clock.passed:g} s",
                disk=copied(self.folder / "store", self.folder / f"photograph{number}"),
                passed=self.clock.passed,
                answered=self.answered,
                letters=tuple(self.post.letters),
                crashes=self.begun.crashes + 1,
            )
        )

    async def lived(self) -> "Life":
        """To the end; then the world is as it should be."""
        self.folder.mkdir()
        copied(self.begun.disk, self.folder / "store")
        async with process(self.folder / "store", self.clock, self.post, self.look) as it:
            for step in STORY[self.begun.answered :]:
                await it.until(step.at)
                await self.take(step, it)
            await it.until(END)
            assert [] == violations(it.engine.world, self.clock.now())
            self.content = content(it.engine.world)
        return self

    async def take(self, step: Step, it: Process) -> None:
        world = it.engine.world
        if not step.done(world):
            fact = step.does(world, self.clock.now())
            (it.engine.observe if hasattr(fact, "result") else it.engine.post)(fact)
            await it.calm()
        self.answered += 1


async def live(begun: Photograph, folder: Path, *, photographing: bool = True) -> Life:
    """Start on a copy of what is left, and live the story to its end."""
    return await Life(begun, folder, photographing).lived()
