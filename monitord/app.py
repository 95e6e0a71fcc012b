"""The composition root: builds each part once, opens the doors, and runs everything in one TaskGroup.

Starting is strict: whatever could keep the daemon from its work (a store that it may not write, a port in
use) is found before the first check, and refused in a sentence. Stopping is gentle: the doors close, the
checks end, messages on their way may finish, and the store is closed last.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord import channels, inbound, probers
from monitord.config import Loaded, Settings
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
from monitord.engine.garbage import keep_aside
from monitord.engine.intake import Intake
from monitord.engine.links import Links
from monitord.engine.metrics import Metrics
from monitord.engine.notify import Supervision, notifier
from monitord.engine.outcry import Outcry
from monitord.engine.reloader import CONFIGURATION, REFUSED, Read, Reloader
from monitord.engine.rescue import Rescue, rescue
from monitord.engine.results import Results
from monitord.engine.revisions import Found
from monitord.engine.room import Room
from monitord.engine.stall import StallWatch
from monitord.engine.timer import Timer
from monitord.engine.unreached import Unreached
from monitord.engine.watchdog import WatchdogPing
from monitord.engine.webhooks import WebhookAlarms
from monitord.kinds import Discovered, discover
from monitord.net import Net
from monitord.store.thread import StoreThread
from monitord.web.console.post import LinkPost
from monitord.web.console.visit import Entry
from monitord.web.doors import bound, serve
from monitord.web.edge.door import EdgeDoor
from monitord.web.handover import address, handed_over
from monitord.web.ops.control import control_app
from monitord.web.ops.door import ops_app
from monitord.web.ops.listening import bound_control, serve_control
from monitord.web.ops.sources import Sources
from monitord.web.public.door import PublicDoor
from monitord.web.public.publisher import Publisher
from monitord.web.public.subscriptions import Subscriptions
from monitord.web.shelf import Shelf

RESTART_AFTER = (1.0, 5.0, 30.0, 60.0)  # seconds; the last one again and again
SENDS_MAY_END_WITHIN = 3.0  # seconds, after a stop was asked for
NOTED_FOR = timedelta(hours=1)  # what was not as it should be at the start, and is over
DOORS = ("public", "edge", "ops")

Job = Callable[[], Coroutine[Any, Any, None]]
Sockets = Mapping[str, Sequence[socket.socket]]


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


@dataclass(frozen=True, slots=True)
class Daemon:
    """Every part, built; `jobs` end at a stop before `courier` and `engine` do."""

    engine: Engine
    courier: Courier
    sources: Sources
    jobs: dict[str, Job]
    supervision: Supervision
    rescue: Rescue
    reloader: Reloader
    listening: Mapping[str, str] = field(default_factory=dict)  # where each door is


async def run(
    found: Found,
    read: Read,
    *,
    clock: Clock,
    log: FilteringBoundLogger,
    stop: asyncio.Event,
    environ: Mapping[str, str],
    ready: Callable[[Daemon], None] = lambda daemon: None,
) -> None:
    """Be the daemon until `stop` is set, with what was found; `read` reads the tree anew for a reload, and
    `ready` is called when the doors are open.

    Raises StoreRefused and DoorRefused, with nothing done, when it cannot begin.
    """
    loaded = found.loaded
    async with AsyncExitStack() as stack:
        sockets = await opened(loaded.settings, stack, environ, log)
        store = await StoreThread.start(Path(loaded.settings.store), now=clock.now())
        stack.push_async_callback(store.stop)
        net = Net(now=clock.now)
        stack.push_async_callback(net.close)
        loaded.written.forget()
        parts = await built(loaded, store, net, clock, log)
        tell_of_start(found, parts)
        daemon = await assembled(parts, sockets, environ, read)
        listening, path = bound_control(environ, Path(loaded.settings.store))
        stack.callback(listening.close)
        control = partial(serve_control, control_app(daemon.sources, log), listening, path)
        daemon.jobs["control socket"] = kept_alive("control socket", control, parts)
        await work(daemon, loaded, stop, ready)


async def opened(
    settings: Settings, stack: AsyncExitStack, environ: Mapping[str, str], log: FilteringBoundLogger
) -> Sockets:
    """The sockets of the doors: systemd's or our own, there before anything else happens, and closed whatever
    happens.
    """
    handover = handed_over(environ, DOORS)
    for problem in handover.problems:
        log.error("socket of no use", why=problem)
    sockets: dict[str, Sequence[socket.socket]] = {}
    for name in DOORS:
        sockets[name] = handover.doors.get(name) or [await bound(getattr(settings.doors, name), name)]
        for sock in sockets[name]:
            stack.callback(sock.close)
    for name in handover.missing(DOORS):
        why = f"systemd hands over others; a restart refuses who comes here: start monitord-{name}.socket"
        log.warning("door opened by monitord itself", door=name, why=why)
    return sockets


async def built(
    loaded: Loaded, store: StoreThread, net: Net, clock: Clock, log: FilteringBoundLogger
) -> Parts:
    """The world as it was left, an engine that may decide on it, and the accepted revision."""
    metrics = Metrics()
    world = await store.load(loaded.configuration)
    for note in store.notes:
        log.error("store not as it was left", why=note)
    engine = Engine(world, store, clock, term=await store.begin_term(), log=log, metrics=metrics)
    if store.alive is not None:
        engine.was_deaf(store.alive)
    await store.accept_revision(loaded.revision, loaded.content, clock.now(), tzdata(), "start")
    links = Links(store.secret, loaded.settings.doors, store.epoch)
    return Parts(loaded, engine, Alarms(engine, clock), store, net, clock, log, metrics, links)


async def assembled(parts: Parts, sockets: Sockets, environ: Mapping[str, str], read: Read) -> Daemon:
    """Every part that has a task of its own."""
    clock, log, settings = parts.clock, parts.log, parts.settings
    publisher, desk, public = await public_side(parts)
    calendar = Calendar(parts.store, clock, log, settings.time_zone)
    nights = backups(parts, calendar)
    url = settings.doors.public.url
    asked = Sources(parts.engine, parts.store, clock, clock.now(), url, backups=nights)
    watchdog = WatchdogPing(settings.watchdog, parts.engine, parts.net, clock, log)
    checking, sending, hearing = agent(parts), courier(parts), intake(parts)
    entry = Entry(settings.doors.ops.url, parts.store.secret)
    ops = ops_app(asked, log, entry, LinkPost(sending.dispatch, clock, log))
    calendar.add("inbox", hearing.forget)
    asked.intake = hearing
    doors = {
        "public": public,
        "edge": EdgeDoor(parts.engine, parts.links, clock, log, hearing),
        "ops": ops,
    }
    jobs: dict[str, Job] = {
        "calendar": calendar.run,
        "publisher": publisher.run,
        "console": ops.run,
        "intake": hearing.run,
        "store check": partial(look_at_store, parts),
        "garbage": partial(keep_aside, clock),
        "backups": nights.catch_up,
        "room": Room(parts.store.store.folder, parts.store, parts.alarms, clock, log, parts.metrics).run,
    }
    jobs |= {f"{name} door": serving(name, app, settings, sockets) for name, app in doors.items()}
    jobs["watchdog"] = watchdog.run
    supervision, boat = supervised(parts, environ)
    jobs["supervision"] = supervision.run
    jobs["stall watch"] = StallWatch(clock, log).run
    reloader = reloading(parts, read, supervision)
    reloader.accepts.update(
        {
            "lifeboat": boat.accept,
            "links": lambda loaded: parts.links.accept(loaded.settings.doors),
            "channels": lambda loaded: sending.accept(loaded.settings, ways(loaded.settings, parts)),
            "checks": lambda loaded: checking.update(loaded.configuration.probes),
            "intake": hearing.accept,
            "publisher": lambda loaded: publisher.accept(loaded.settings),
            "subscriptions": lambda loaded: desk.accept(loaded.settings.doors.public.url),
            "console": lambda loaded: asked.accept(loaded.settings.doors.public.url),
            "sign-in": lambda loaded: ops.accept(loaded.settings.doors.ops.url),
            "calendar": lambda loaded: calendar.accept(loaded.settings.time_zone),
            "backups": lambda loaded: nights.accept(loaded.settings, calendar),
            "watchdog": lambda loaded: watchdog.accept(loaded.settings.watchdog),
        }
    )
    jobs["reloader"] = reloader.run
    jobs["auditor"] = auditor(parts, sending).run
    jobs = {name: kept_alive(name, job, parts) for name, job in jobs.items()}
    jobs["timer"] = Timer(parts.engine, clock).run
    jobs["checks"] = Results(checking, parts.engine, parts.store, clock, log, parts.metrics).run
    listening = {name: ", ".join(map(address, sockets[name])) for name in DOORS}
    return Daemon(parts.engine, sending, asked, jobs, supervision, boat, reloader, listening)


def serving(name: str, app: Any, settings: Settings, sockets: Sockets) -> Job:
    """A door's task."""
    return partial(serve, app, getattr(settings.doors, name), name=name, socks=sockets[name])


def supervised(parts: Parts, environ: Mapping[str, str]) -> tuple[Supervision, Rescue]:
    """Who tells systemd how we are, and the lifeboat, which is made ready when we are."""
    supervision = Supervision(notifier(environ), parts.engine, parts.clock)
    boat = rescue(environ, parts.log)
    supervision.on_ready += [boat.well, partial(boat.accept, parts.loaded)]
    return supervision, boat


def reloading(parts: Parts, read: Read, supervision: Supervision) -> Reloader:
    """Who takes another configuration over; systemd is told meanwhile."""
    return Reloader(
        read,
        parts.loaded,
        parts.engine,
        parts.store,
        parts.alarms,
        parts.clock,
        parts.log,
        tzdata(),
        supervision.notifier.reloading,
    )


def tell_of_start(found: Found, parts: Parts) -> None:
    """What is wrong from the start on, and what was and no longer is."""
    parts.alarms.hold(CONFIGURATION, REFUSED, found.why)
    WebhookAlarms(parts.engine, parts.alarms).adopt()
    if parts.store.notes:
        notes = "; ".join(parts.store.notes)
        parts.alarms.raise_("store", "the store was not as it was left", notes, NOTED_FOR)


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
    why = await parts.store.check()
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
    kinds = known("probers", discover(probers, "monitord.probers"), parts)
    local = LocalAgent(kinds, parts.net, parts.clock, parts.log, parts.metrics)
    local.update(parts.loaded.configuration.probes)
    return local


def intake(parts: Parts) -> Intake:
    """Who hears what others report, with every kind that could be loaded."""
    kinds = known("inbound", discover(inbound, "monitord.inbound"), parts)
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
    kinds = known("channels", discover(channels, "monitord.channels"), parts)
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


async def work(daemon: Daemon, loaded: Loaded, stop: asyncio.Event, ready: Callable[[Daemon], None]) -> None:
    """Give each part its task until the stop; who decides and who sends go last."""
    async with asyncio.TaskGroup() as group:
        deciding = group.create_task(daemon.engine.run(), name="engine")
        daemon.engine.accept(loaded.configuration).add_done_callback(heard)
        sending = group.create_task(daemon.courier.run(), name="courier")
        tasks = [group.create_task(job(), name=name) for name, job in daemon.jobs.items()]
        ready(daemon)
        await stop.wait()
        daemon.supervision.notifier.stopping()
        daemon.rescue.well()
        for task in tasks:
            task.cancel()
        await asyncio.gather(daemon.courier.stop(SENDS_MAY_END_WITHIN), *tasks, return_exceptions=True)
        sending.cancel()
        deciding.cancel()


def heard(answer: asyncio.Future[Any]) -> None:
    """A configuration that could not be decided is in quarantine, and told there; everything else goes on."""
    if not answer.cancelled():
        answer.exception()


def kept_alive(name: str, job: Job, parts: Parts) -> Job:
    """A part without which people are still paged: when it fails that is told, and it begins anew."""

    async def live() -> None:
        for pause in chain(RESTART_AFTER, repeat(RESTART_AFTER[-1])):
            try:
                await job()
            except Exception:
                parts.log.exception("part failed", part=name, again_in=pause)
            else:
                return
            await parts.clock.sleep(pause)

    return live


def tzdata() -> str:
    """Which version of the time zone rules decides; the system's own where there is no package."""
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return "system"
