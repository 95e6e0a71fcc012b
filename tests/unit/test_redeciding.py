"""The journal: its records make the same world; its facts, decided again by what was in force, the same
decisions.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from monitord.config.kept import load_kept
from monitord.config.loading import Loaded, load
from monitord.core.check import Outcome
from monitord.core.command import Acknowledge, Comment
from monitord.core.escalation import EscalationDue
from monitord.core.facts import RECORDS, Installation
from monitord.core.flow import react
from monitord.core.report import system
from monitord.core.ticket import Ticket
from monitord.core.world import Configuration, World
from monitord.engine.clock import VirtualClock
from monitord.engine.engine import Engine
from monitord.store.reads import Reads
from monitord.store.store import replay
from monitord.store.thread import StoreThread
from tests.fakes.shop import MORNING, Shop, observed
from tests.unit.config_tree import PEOPLE, tree

PROBES = """\
probes:
  - {name: web, kind: http, url: "http://127.0.0.1/", policy: urgent, failures: 2, passes: 1}
  - {name: db, kind: tcp, host: db1, port: 5432, policy: urgent, failures: 1, passes: 1}
"""


@dataclass
class Story:
    """An engine on a real store, and the revisions that it was given."""

    engine: Engine
    store: StoreThread
    clock: VirtualClock
    accepted: dict[str, str] = field(default_factory=dict)

    async def accept(self, loaded: Loaded) -> None:
        await self.store.accept_revision(loaded.revision, loaded.content, self.clock.now(), "2026a", "reload")
        self.accepted[loaded.revision] = loaded.content
        await self.engine.accept(loaded.configuration)

    async def finds(self, probe: str, *outcomes: Outcome) -> None:
        for outcome in outcomes:
            self.engine.observe(observed(probe, outcome, self.clock.now()))
            self.clock.passed += 60
        await self.engine.submit(Comment(99, "ann", "to be sure that all of it is decided"))


@asynccontextmanager
async def told(folder: Path, first: Loaded) -> AsyncIterator[Story]:
    shop = Shop(first.configuration)
    store = await StoreThread.start(folder / "store", now=MORNING)
    try:
        shop.world = await store.load(first.configuration)
        term = await store.begin_term()
        shop.engine = Engine(shop.world, store, shop.clock, term=term, log=shop.log, metrics=shop.metrics)
        async with shop.running():
            story = Story(shop.engine, store, shop.clock)
            await story.accept(first)
            yield story
    finally:
        await store.stop()


async def a_night(story: Story, folder: Path) -> None:
    """Two outages, an answer, a reload in the middle, a probe that goes, an alarm of our own."""
    await story.finds("web", Outcome.CRITICAL, Outcome.CRITICAL)
    await story.finds("db", Outcome.CRITICAL)
    story.clock.passed += 300
    await story.engine.submit(EscalationDue(1))
    await story.engine.submit(Acknowledge(2, "bo"))
    people = PEOPLE.replace("[ann], for: 5m", "[bo], for: 1m")
    await story.accept(load(tree(folder, PROBES.replace("failures: 2", "failures: 5"), people=people), {}))
    await story.engine.submit(system("disk", True, "the disk is full", "no room"))
    await story.finds("web", Outcome.OK, Outcome.CRITICAL, Outcome.CRITICAL)
    await story.accept(load(tree(folder, PROBES.replace("name: db", "name: mail")), {}))
    await story.engine.submit(system("disk", False, "", "room again"))
    await story.finds("mail", Outcome.UNKNOWN, Outcome.CRITICAL)


async def test_the_records_make_the_same_world_and_the_facts_the_same_decisions(tmp_path: Path) -> None:
    first = load(tree(tmp_path, PROBES), {})
    async with told(tmp_path, first) as story:
        await a_night(story, tmp_path)
        again = replay(story.store.store, story.engine.world.configuration)
        lines = await story.store.ask(Reads.journal, limit=10_000)

    assert 4 == len(story.engine.world.all(Ticket)) == len(again.all(Ticket))
    for kind in RECORDS:
        assert story.engine.world.all(kind) == again.all(kind)

    by_revision = {hash: load_kept(content, {}).configuration for hash, content in story.accepted.items()}
    assert 3 == len(by_revision)
    world = World(Configuration(), Installation(story.engine.world.installation.epoch))
    for line in lines:
        world.accept(by_revision[line.revision])
        decision = react(world, line.entry.fact, line.entry.at)
        assert (line.entry.records, line.entry.events) == (decision.records, decision.events), line.entry.fact
        world.apply(decision.records)
