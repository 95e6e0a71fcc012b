"""The reloader: another configuration while everything goes on, or the old one and an alarm that says why.

Theory of operation. The tree is read in a thread, because a large one takes seconds; the loop has its turns
in between. What loads is committed as the newest revision and is then handed to every part that goes by it,
between two batches of the engine: nothing is stopped, and a probe that stays keeps its turns. What does not
load changes nothing: the revision in force stays, and an alarm names the places. Where the store is and where
the doors listen takes a restart; that is said, and the rest is taken over.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from monitord.config.keeping import refuse_if_gone
from monitord.config.loading import Loaded, usual_url
from monitord.config.problem import ConfigurationRefused
from monitord.config.settings import Door, Doors, Settings
from monitord.core.check import Instant
from monitord.core.world import Configuration
from monitord.engine.alarms import Alarms
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine, EngineBusy, FactRefused
from monitord.engine.revisions import stays, summary
from monitord.store.faults import StoreError

CONFIGURATION = "configuration"
HALF_TAKEN = "half of the new configuration is in force"  # a subject has room for 45 characters of it
REFUSED = "the configuration has a mistake"

Read = Callable[[], Loaded]
Openable = Callable[[Settings, Settings], Awaitable[str]]
Accepts = Callable[[Loaded], None]


class Keeping(Protocol):
    """Where accepted revisions are stored."""

    async def accept_revision(
        self, hash: str, content: str, at: Instant, tzdata: str, who: str = ""
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a reload: the revision in force, whether it is the tree's, and what takes a restart."""

    revision: str
    accepted: bool
    takes_restart: tuple[str, ...] = ()


class Reloader:
    """Reloads when it is asked to; `accepts` are told of each accepted configuration, in their order.

    `closed` says which door of another configuration could not be opened, because after a restart that would
    be too late.
    """

    def __init__(
        self,
        read: Read,
        running: Loaded,
        engine: Engine,
        store: Keeping,
        alarms: Alarms,
        clock: Clock,
        log: FilteringBoundLogger,
        tzdata: str,
        telling: Callable[[], AbstractContextManager[None]] = nullcontext,
        closed: Openable | None = None,
        accepts: Mapping[str, Accepts] = MappingProxyType({}),
    ) -> None:
        self.read, self.engine, self.store = read, engine, store
        self.settings, self.content = running.settings, running.content
        self.alarms, self.clock, self.log, self.tzdata, self.telling = alarms, clock, log, tzdata, telling
        self.closed, self.accepts = closed, accepts
        self.asked = asyncio.Event()

    def ask(self) -> None:
        """Reload soon; several wishes are one."""
        self.asked.set()

    async def run(self) -> None:
        """Reload whenever somebody asks, until cancelled."""
        while True:
            await self.asked.wait()
            self.asked.clear()
            with self.telling():
                await self.reload()

    async def reload(self) -> Answer:
        """Take the tree over as it is now, or say why not."""
        try:
            loaded, changed = await asyncio.to_thread(self.look)
        except ConfigurationRefused as refused:
            return self.keep(summary(refused))
        if self.closed is not None and (why := await self.closed(self.settings, loaded.settings)):
            return self.keep(f"the next start would fail: {why}")
        loaded, waiting = lasting(self.settings, loaded)
        try:
            await self.store.accept_revision(
                loaded.revision, loaded.content, self.clock.now(), self.tzdata, "reload"
            )
        except StoreError as error:
            return self.keep(f"it could not be stored: {error}")
        behind = await self.take_over(loaded)
        if behind:
            parts = ", ".join(behind)
            why = f"by the one of before still goes: {parts}; restart it: systemctl restart monitord"
            self.alarms.raise_(CONFIGURATION, HALF_TAKEN, why)
        else:
            self.alarms.clear(CONFIGURATION, "a configuration without mistakes was accepted")
        self.say(loaded, changed, waiting)
        return Answer(loaded.revision, True, waiting)

    def look(self) -> tuple[Loaded, dict[str, int]]:
        """The tree, and what is other in it; for a thread. Raises ConfigurationRefused."""
        loaded = aside(self.read)
        refuse_if_gone(loaded.content, self.content)
        return loaded, changes(self.engine.world.accepted, loaded.configuration)

    def keep(self, why: str) -> Answer:
        """Everything stays as it is."""
        revision = self.engine.world.configuration.revision
        self.log.error("not reloaded", revision=revision[:12], why=why)
        self.alarms.raise_(CONFIGURATION, REFUSED, f"{why}\n{stays(revision)}")
        return Answer(revision, False)

    async def take_over(self, loaded: Loaded) -> list[str]:
        """Every part goes by it from now on; one that cannot keeps no other from it, and is named."""
        behind = []
        self.settings, self.content = loaded.settings, loaded.content
        for part, accept in self.accepts.items():
            try:
                accept(loaded)
            except Exception:
                self.log.exception("part keeps its old configuration", part=part)
                behind.append(part)
        try:
            await self.engine.accept(loaded.configuration)
        except (FactRefused, EngineBusy) as error:
            self.log.error("configuration not decided", why=str(error))
            behind.append("engine")
        return behind

    def say(self, loaded: Loaded, changed: dict[str, int], waiting: tuple[str, ...]) -> None:
        for warning in loaded.warnings:
            self.log.warning("configuration", why=str(warning))
        for why in waiting:
            self.log.warning("takes a restart", why=why)
        self.log.info("reloaded", revision=loaded.revision[:12], **changed)


def aside(read: Read) -> Loaded:
    """What was read, without what only its making needed; for a thread.

    What is new is set aside unseen: looking through it for garbage would stop everybody for a tenth of a
    second (see garbage.py). The nodes go one by one for the same reason.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        loaded = read()
        loaded.written.forget()
        gc.freeze()
        return loaded
    finally:
        if collecting:
            gc.enable()


def changes(before: Configuration, now: Configuration) -> dict[str, int]:
    """How many probes came, went, and are others now."""
    stay = before.probes.keys() & now.probes.keys()
    return {
        "probes": len(now.probes),
        "added": len(now.probes.keys() - stay),
        "removed": len(before.probes.keys() - stay),
        "changed": sum(before.probes[each] != now.probes[each] for each in stay),
    }


# What cannot change while we run.


def lasting(running: Settings, loaded: Loaded) -> tuple[Loaded, tuple[str, ...]]:
    """The configuration with what must stay as it is, and what therefore takes a restart."""
    wanted, waiting = loaded.settings, []
    doors = {}
    for name, old, new in both(running.doors, wanted.doors):
        doors[name] = new
        if (old.host, old.port) != (new.host, new.port):
            waiting.append(
                f"`doors.{name}.listen` is another address; {old.host}:{old.port} serves until then"
            )
            doors[name] = where_it_is(old, new)
    if running.store != wanted.store:
        waiting.append(f"`store` is another place; {running.store} is used until then, and stays there")
    settings = replace(wanted, store=running.store, tree=running.tree, doors=Doors(**doors))
    return replace(loaded, settings=settings), tuple(waiting)


def both(running: Doors, wanted: Doors) -> Iterator[tuple[str, Door, Door]]:
    for name in ("public", "edge", "ops"):
        yield name, getattr(running, name), getattr(wanted, name)


def where_it_is(old: Door, new: Door) -> Door:
    """A door that stays where it is; a URL that only named the new address would lead nowhere."""
    url = old.url if new.url == usual_url(new.host, new.port) else new.url
    return Door(old.host, old.port, url)
