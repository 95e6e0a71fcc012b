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
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord import channels, probers
from monitord.config import Loaded, Settings
from monitord.engine.calendar import Calendar
from monitord.engine.checker import LocalAgent
from monitord.engine.clock import Clock
from monitord.engine.courier import Courier
from monitord.engine.dispatch import Dispatch, Way
from monitord.engine.engine import Engine
from monitord.engine.garbage import keep_aside
from monitord.engine.links import Links
from monitord.engine.metrics import Metrics
from monitord.engine.notify import Supervision, notifier
from monitord.engine.rescue import Rescue, rescue
from monitord.engine.results import Results
from monitord.engine.stall import StallWatch
from monitord.engine.timer import Timer
from monitord.engine.watchdog import WatchdogPing
from monitord.kinds import Discovered, discover
from monitord.net import Net
from monitord.store.thread import StoreThread
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
DOORS = ("public", "edge", "ops")

Job = Callable[[], Coroutine[Any, Any, None]]
Sockets = Mapping[str, Sequence[socket.socket]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What everything else is built from."""

    loaded: Loaded
    engine: Engine
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
    listening: Mapping[str, str] = field(default_factory=dict)  # where each door is


async def run(
    loaded: Loaded,
    *,
    clock: Clock,
    log: FilteringBoundLogger,
    stop: asyncio.Event,
    environ: Mapping[str, str],
    ready: Callable[[Daemon], None] = lambda daemon: None,
) -> None:
    """Be the daemon until `stop` is set; `ready` is called when the doors are open.

    Raises StoreRefused and DoorRefused, with nothing done, when it cannot begin.
    """
    async with AsyncExitStack() as stack:
        sockets = await opened(loaded.settings, stack, environ, log)
        store = await StoreThread.start(Path(loaded.settings.store), now=clock.now())
        stack.push_async_callback(store.stop)
        net = Net(now=clock.now)
        stack.push_async_callback(net.close)
        parts = await built(loaded, store, net, clock, log)
        daemon = await assembled(parts, sockets, environ)
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
    await store.accept_revision(loaded.revision, loaded.content, clock.now(), tzdata(), "start")
    links = Links(store.secret, loaded.settings.doors, store.epoch)
    return Parts(loaded, engine, store, net, clock, log, metrics, links)


async def assembled(parts: Parts, sockets: Sockets, environ: Mapping[str, str]) -> Daemon:
    """Every part that has a task of its own."""
    clock, log, settings = parts.clock, parts.log, parts.settings
    publisher, public = await public_side(parts)
    asked = Sources(parts.engine, parts.store, clock, clock.now(), settings.doors.public.url)
    doors = {
        "public": public,
        "edge": EdgeDoor(parts.engine, parts.links, clock, log),
        "ops": ops_app(asked, log),
    }
    jobs: dict[str, Job] = {
        "calendar": Calendar(parts.store, clock, log, settings.time_zone).run,
        "publisher": publisher.run,
        "store check": partial(look_at_store, parts),
        "garbage": partial(keep_aside, clock),
    }
    for name, app in doors.items():
        door = getattr(settings.doors, name)
        jobs[f"{name} door"] = partial(serve, app, door, name=name, socks=sockets[name])
    if settings.watchdog is not None:
        jobs["watchdog"] = WatchdogPing(settings.watchdog, parts.engine, parts.net, clock, log).run
    supervision = Supervision(notifier(environ), parts.engine, clock)
    jobs["supervision"] = supervision.run
    boat = rescue(environ, log)
    supervision.on_ready += [boat.well, partial(boat.accept, parts.loaded)]
    jobs["stall watch"] = StallWatch(clock, log).run
    jobs = {name: kept_alive(name, job, parts) for name, job in jobs.items()}
    jobs["timer"] = Timer(parts.engine, clock).run
    jobs["checks"] = Results(agent(parts), parts.engine, parts.store, clock, log, parts.metrics).run
    listening = {name: ", ".join(map(address, sockets[name])) for name in DOORS}
    return Daemon(parts.engine, courier(parts), asked, jobs, supervision, boat, listening)


async def look_at_store(parts: Parts) -> None:
    """Read all of the store once; the start itself only reads what it needs to go on."""
    why = await parts.store.check()
    if why:
        parts.log.error("store damaged", why=why)


async def public_side(parts: Parts) -> tuple[Publisher, PublicDoor]:
    """The shelf of rendered pages: who fills it, and who hands out what lies on it."""
    clock, log, url = parts.clock, parts.log, parts.settings.doors.public.url
    shelf = Shelf()
    mail = "email" in parts.settings.channels
    publisher = Publisher(parts.engine, parts.store, clock, shelf, url, log, offers_mail=mail)
    await publisher.start()
    desk = Subscriptions(parts.engine, parts.links, clock, url, publisher.site, log)
    return publisher, PublicDoor(shelf, desk, clock, log)


def agent(parts: Parts) -> LocalAgent:
    """The checker of this process, with every kind that could be loaded."""
    kinds = known(discover(probers, "monitord.probers"), parts.log)
    local = LocalAgent(kinds, parts.net, parts.clock, parts.log, parts.metrics)
    local.update(parts.loaded.configuration.probes)
    return local


def courier(parts: Parts) -> Courier:
    kinds = known(discover(channels, "monitord.channels"), parts.log)
    options = parts.settings.channels
    ways = {name: Way(kinds[name].spec, options[name]) for name in options if name in kinds}
    dispatch = Dispatch(ways, parts.links, parts.settings, parts.net, parts.clock, parts.log, parts.metrics)
    return Courier(parts.engine, dispatch, parts.clock)


def known(found: Discovered[Any], log: FilteringBoundLogger) -> Mapping[str, Any]:
    """The kinds; one that cannot be loaded is disabled, loudly."""
    for problem in found.problems:
        log.error("kind disabled", kind=problem.kind, why=problem.why)
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
