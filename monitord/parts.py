"""The parts of the daemon: how each is built of what stands below it; app.py puts them together."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.config import options
from monitord.config.loading import Loaded
from monitord.config.settings import Door, Settings
from monitord.core.webhook import CHANNEL as WEBHOOK
from monitord.core.webhook import channel_of
from monitord.engine.alarms import Alarms
from monitord.engine.auditor import Auditor
from monitord.engine.backups import Backups
from monitord.engine.calendar import Calendar
from monitord.engine.checker import LocalAgent
from monitord.engine.clock import Clock
from monitord.engine.courier import Courier
from monitord.engine.dispatch import Dispatch, Way
from monitord.engine.engine import Engine
from monitord.engine.intake import Intake
from monitord.engine.links import Links
from monitord.engine.metrics import Metrics
from monitord.engine.missing import left
from monitord.engine.notify import Supervision, notifier
from monitord.engine.outcry import Outcry
from monitord.engine.reloader import Accepts, Read, Reloader
from monitord.engine.rescue import Rescue, rescue
from monitord.engine.unreached import Unreached
from monitord.kinds import Discovered
from monitord.net import Net
from monitord.store.reads import Reads
from monitord.store.thread import StoreThread
from monitord.web.doors import DoorRefused, bound
from monitord.web.public.door import PublicDoor
from monitord.web.public.publisher import Publisher
from monitord.web.public.subscriptions import Subscriptions
from monitord.web.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Parts:
    """What everything else is built from."""

    loaded: Loaded
    engine: Engine
    alarms: Alarms
    store: StoreThread
    net: Net
    clock: Clock
    log: FilteringBoundLogger
    metrics: Metrics
    links: Links

    @property
    def settings(self) -> Settings:
        return self.loaded.settings


def supervised(parts: Parts, environ: Mapping[str, str]) -> tuple[Supervision, Rescue]:
    """Who tells systemd how we are, and the lifeboat, which is made ready when we are."""
    supervision = Supervision(notifier(environ), parts.engine, parts.clock)
    boat = rescue(environ, parts.log, lambda: left(parts.engine.world))
    parts.engine.listen(boat.hear)
    supervision.on_ready += [boat.well, partial(boat.accept, parts.loaded)]
    return supervision, boat


def reloading(
    parts: Parts,
    read: Read,
    supervision: Supervision,
    environ: Mapping[str, str],
    accepts: Mapping[str, Accepts],
) -> Reloader:
    """Who takes another configuration over, and tells who goes by it; systemd is told meanwhile, and opens
    the doors if it did.
    """
    return Reloader(
        read,
        parts.loaded,
        parts.engine,
        parts.store,
        parts.alarms,
        parts.clock,
        parts.log,
        tzdata(),
        supervision.reloading,
        None if "LISTEN_FDS" in environ else closed_door,
        accepts,
    )


async def closed_door(running: Settings, wanted: Settings) -> str:
    """Why a door cannot be opened where it is wanted now; empty if all can."""
    ours = {(door.host, door.port) for door in doors_of(running).values()}
    for name, door in doors_of(wanted).items():
        if (door.host, door.port) not in ours:
            try:
                (await bound(door, name)).close()
            except DoorRefused as refused:
                return str(refused)
    return ""


def doors_of(settings: Settings) -> Mapping[str, Door]:
    return {name: getattr(settings.doors, name) for name in ("public", "edge", "ops")}


def auditor(parts: Parts, sending: Courier) -> Auditor:
    """Who looks whether all is as promised, and whom it tells."""
    outcry = Outcry(parts.engine.world, sending.dispatch, parts.clock, parts.log)
    looking = Auditor(parts.engine, parts.store, parts.alarms, outcry, parts.clock, parts.log)
    looking.looks.append(Unreached(parts.engine, parts.alarms, parts.clock).look)
    parts.engine.quarantine.tell = looking.quarantined
    return looking


def backups(parts: Parts, calendar: Calendar) -> Backups:
    """Who copies the store, every night if the tree says so."""
    made = Backups(parts.store, parts.clock, parts.log, parts.metrics, parts.alarms)
    made.accept(parts.settings, calendar)
    return made


async def look_at_store(parts: Parts) -> None:
    """Read all of the store once; the start itself only reads what it needs to go on."""
    why = await parts.store.ask(Reads.check)
    if why:
        parts.log.error("store damaged", why=why)
    parts.alarms.hold("store-damaged", "the store is damaged", why)


async def public_side(parts: Parts) -> tuple[Publisher, Subscriptions, PublicDoor]:
    """The shelf of rendered pages: who fills it, and who hands out what lies on it."""
    clock, log, url = parts.clock, parts.log, parts.settings.doors.public.url
    shelf = Shelf()
    mail = "email" in parts.settings.channels
    publisher = Publisher(parts.engine, parts.store, clock, shelf, url, log, offers_mail=mail)
    await publisher.start()
    desk = Subscriptions(parts.engine, parts.links, clock, url, publisher.site, log)
    return publisher, desk, PublicDoor(shelf, desk, clock, log)


def agent(parts: Parts) -> LocalAgent:
    """The checker of this process, with every kind that could be loaded."""
    kinds = known("probers", options.probers(), parts)
    local = LocalAgent(kinds, parts.net, parts.clock, parts.log, parts.metrics)
    local.update(parts.loaded.configuration.probes, parts.loaded.hush)
    return local


def intake(parts: Parts) -> Intake:
    """Who hears what others report, with every kind that could be loaded."""
    kinds = known("inbound", options.inbounds(), parts)
    hearing = Intake(
        parts.engine, parts.store, parts.clock, parts.log, parts.store.secret, kinds, parts.alarms.raise_
    )
    hearing.accept(parts.loaded)
    return hearing


def courier(parts: Parts) -> Courier:
    found, settings = ways(parts.settings, parts), parts.settings
    dispatch = Dispatch(found, parts.links, settings, parts.net, parts.clock, parts.log, parts.metrics)
    return Courier(parts.engine, dispatch, parts.clock)


def ways(settings: Settings, parts: Parts) -> Mapping[str, Way]:
    """The configured channels and webhooks, as far as their kinds could be loaded."""
    kinds = known("channels", options.channels(), parts)
    found = {name: Way(kinds[name].spec, each) for name, each in settings.channels.items() if name in kinds}
    if WEBHOOK in kinds:
        spec = kinds[WEBHOOK].spec
        found |= {channel_of(id): Way(spec, each) for id, each in settings.webhooks.items()}
    return found


def known(folder: str, found: Discovered[Any], parts: Parts) -> Mapping[str, Any]:
    """The kinds; one that cannot be loaded is disabled, loudly."""
    for problem in found.problems:
        parts.log.error("kind disabled", kind=problem.kind, why=problem.why)
    disabled = "; ".join(f"{problem.kind}: {problem.why}" for problem in found.problems)
    parts.alarms.hold(f"kinds/{folder}", f"some of the {folder} are disabled", disabled)
    return found.kinds


def tzdata() -> str:
    """Which version of the time zone rules decides; the system's own where there is no package."""
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return "system"
