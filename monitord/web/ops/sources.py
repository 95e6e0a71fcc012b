"""What the ops side reads from: the engine and its world, the store's history, the clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from fastapi import FastAPI

from monitord.core.check import Instant
from monitord.core.roster import in_force
from monitord.core.world import Configuration, World
from monitord.engine.backups import Backups
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine
from monitord.engine.intake import Intake
from monitord.engine.links import Links
from monitord.store.accounts import Accounts
from monitord.store.backup import Backup
from monitord.store.inbox import Inbox
from monitord.store.measurements import Measurements
from monitord.store.reads import Archive
from monitord.web.access.keyring import Keyring
from monitord.web.access.ring import Ring, TokenStore
from monitord.web.access.sessions import Sessions
from monitord.web.feeds.feeds import Feeds, FeedStore
from monitord.web.ops.keys import Keys
from monitord.web.ops.simulator import Simulator

P = ParamSpec("P")
T = TypeVar("T")


class OpsStore(Archive, TokenStore, FeedStore, Protocol):
    """The store, as far as it is asked here."""

    async def measured(
        self, question: Callable[Concatenate[Measurements, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T: ...
    async def access(
        self, work: Callable[Concatenate[Accounts, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T: ...
    async def inbox_asked(
        self, question: Callable[Concatenate[Inbox, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T: ...
    async def backups(self, folder: Path) -> list[Backup]: ...


@dataclass(slots=True)
class Sources:
    """`started` is when this process did; `status_page` is the URL that the public sees."""

    engine: Engine
    store: OpsStore
    clock: Clock
    started: Instant
    status_page: str
    links: Links
    tokens: Ring = field(default_factory=Ring)
    backups: Backups | None = None
    keys: Keys = field(default_factory=Keys)
    api: FastAPI | None = None  # once it was asked for
    console: str = ""  # where people sign in
    intake: Intake | None = None
    feeds: Feeds = field(init=False)
    sessions: Sessions = field(init=False)
    simulator: Simulator = field(init=False)
    passkeys: Keyring = field(init=False)

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.store, lambda: self.configuration.people)
        self.feeds = Feeds(self.store, self.links, self.clock, lambda: self.roster, lambda: self.console)
        self.simulator = Simulator(lambda: self.world, self.clock)
        self.passkeys = Keyring(self.store, self.sessions, self.tokens, self.clock)

    def accept(self, status_page: str) -> None:
        """From now on, this is what the public sees."""
        self.status_page = status_page

    @property
    def world(self) -> World:
        return self.engine.world

    @property
    def configuration(self) -> Configuration:
        return self.engine.world.configuration

    @property
    def roster(self) -> Configuration:
        """The configuration with what people have changed at run time in its rotations."""
        return in_force(self.world)

    @property
    def now(self) -> Instant:
        return self.clock.now()

    @property
    def lacking(self) -> Sequence[str]:
        """What keeps the daemon from being ready; empty when all is well."""
        missing = lacking(self.engine, self.clock.monotonic())
        if self.intake is not None and not self.intake.desk.ready:
            return [*missing, "what came in before the start is not taken up yet"]
        return missing


CYCLE_WITHIN = 5.0  # seconds; the engine goes round every second, facts or not


def lacking(engine: Engine, monotonic: float) -> Sequence[str]:
    """A sentence for each thing that is missing for the engine to do its work."""
    age = monotonic - engine.last_cycle_at
    missing = []
    if not engine.cycles:
        missing.append("the engine has not gone round yet")
    elif age > CYCLE_WITHIN:
        missing.append(f"the engine has not gone round for {age:.0f} s")
    if not engine.healthy:
        missing.append("the store cannot be written")
    return missing
