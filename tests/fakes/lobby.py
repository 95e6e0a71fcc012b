"""A lobby: the intake over the real store and the real core, on a virtual clock.

async with lobby(tmp_path) as it:
    assert 200 == (await it.post("/in/prom", body)).status      # with the secret of `prom`
    assert [...] == it.tickets
    await it.seconds(1)
    it.crash()                                                  # gone; a new lobby on the same folder goes on
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from monitord import inbound
from monitord.config.loading import Loaded
from monitord.core.organization import Priority
from monitord.core.signal import Signal
from monitord.core.ticket import Ticket
from monitord.engine.clock import VirtualClock
from monitord.engine.engine import Engine
from monitord.engine.intake import Intake
from monitord.engine.metrics import Metrics
from monitord.kinds import Reply, Request, discover
from monitord.store.inbox import Event, Inbox
from monitord.store.store import Store
from tests.fakes.new_store import new_store
from tests.fakes.shop import MORNING, logbook
from tests.unit.config_tree import loaded

KINDS = discover(inbound, "monitord.inbound").kinds
PROM, ANY = "prom-0123456789", "any-0123456789ab"
NIGHTLY = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"
TREE = f"""
services:
  shop: {{policies: {{default: urgent}}}}
  database: {{policies: {{default: urgent}}}}
integrations:
  prom:
    kind: alertmanager
    service: shop
    secret: {PROM}
    quota: 5
    rules:
      - {{where: {{team: db}}, service: database}}
  any: {{kind: generic, service: shop, secret: {ANY}, quota: 5}}
  pings: {{kind: heartbeat, secret: ping-0123456789ab}}
heartbeats:
  nightly: {{every: 1d, grace: 1h, service: shop, key: {NIGHTLY}}}
"""


@lru_cache(maxsize=8)
def read(tree: str) -> Loaded:
    """The tree as values."""
    with TemporaryDirectory() as folder:
        return loaded(Path(folder), tree)


class Kept:
    """The real store without its threads; `weather` is asked before everything and may raise."""

    def __init__(self, folder: Path) -> None:
        if not folder.exists():
            new_store(folder)
        self.store = Store.open(folder, now=MORNING)
        self.weather: Callable[[str], None] = lambda what: None
        self.commits = 0

    async def commit(self, batch: Any) -> int:
        self.weather("commit")
        self.commits += 1
        return self.store.commit(batch)

    async def quarantine(self, *args: Any) -> None:
        self.store.quarantine(*args)

    async def inbox(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.weather(work.__name__)
        self.commits += work is Inbox.receive
        return work(self.store.inbox, *args, **kwargs)


class Lobby:
    """Who comes, and what comes of it."""

    def __init__(self, folder: Path, tree: str = TREE, at: Any = MORNING) -> None:
        self.folder = folder
        self.clock = VirtualClock(at)
        self.kept = Kept(folder / "var")
        self.log, self.lines = logbook()
        self.told: list[str] = []
        self.said: list[tuple[str, timedelta, Priority]] = []
        found = read(tree)
        world = self.kept.store.load(found.configuration)
        term = self.kept.store.begin_term()
        self.engine = Engine(world, self.kept, self.clock, term=term, log=self.log, metrics=Metrics())  # type: ignore[arg-type]
        self.intake = Intake(
            self.engine, self.kept, self.clock, self.log, self.kept.store.secret, KINDS, self.alarm
        )
        self.intake.accept(found)
        self.tasks: list[asyncio.Task[None]] = []

    def alarm(
        self,
        name: str,
        title: str,
        summary: str,
        lasts: timedelta,
        priority: Priority = Priority.URGENT,
    ) -> None:
        self.told.append(name)
        self.said.append((summary, lasts, priority))

    # Coming through the door.

    async def ask(
        self, method: str, path: str, body: Any = b"", secret: str | None = None, **headers: str
    ) -> Reply:
        """The answer; unless said otherwise, with the integration's secret in a header."""
        where, _, asked = path.partition("?")
        place = self.intake.find(where)
        assert place is not None, f"{path} is nobody's"
        shown = {"prom": PROM, "any": ANY}.get(place.integration or "", PROM) if secret is None else secret
        told = {"authorization": f"Bearer {shown}", **{n.replace("_", "-"): v for n, v in headers.items()}}
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        query = tuple(
            (name, value) for name, _, value in (each.partition("=") for each in asked.split("&") if each)
        )
        return await self.intake.take(place, Request(method, "", query, told, sent))

    async def post(self, path: str, body: Any = b"", secret: str | None = None, **headers: str) -> Reply:
        return await self.ask("POST", path, body, secret, **headers)

    async def get(self, path: str, secret: str | None = None) -> Reply:
        return await self.ask("GET", path, secret=secret)

    # Looking.

    @property
    def tickets(self) -> list[tuple[str, str, str]]:
        """Title, service, state."""
        return [(each.title, each.service, each.state.value) for each in self.engine.world.all(Ticket)]

    @property
    def raised(self) -> list[Signal]:
        return self.engine.world.all(Signal)

    @property
    def events(self) -> list[Event]:
        """Whole, oldest first."""
        inbox = self.kept.store.inbox
        return [event for each in inbox.events()[::-1] if (event := inbox.event(each.id)) is not None]

    async def seconds(self, number: float) -> None:
        await self.clock.advance(timedelta(seconds=number))

    async def settled(self) -> None:
        """Everything that waits is done."""
        await self.seconds(2.1)

    # Running.

    def begin(self, group: asyncio.TaskGroup) -> None:
        self.tasks = [group.create_task(part.run()) for part in (self.engine, self.intake)]

    def crash(self) -> None:
        """Whatever is not committed has never been."""
        for task in self.tasks:
            task.cancel()
        self.kept.store.close()


@asynccontextmanager
async def lobby(folder: Path, tree: str = TREE, at: Any = MORNING) -> AsyncIterator[Lobby]:
    """A lobby that is open until the end of the block, or until it crashes."""
    it = Lobby(folder, tree, at)
    async with asyncio.TaskGroup() as group:
        it.begin(group)
        await it.seconds(0)
        yield it
        it.crash()
