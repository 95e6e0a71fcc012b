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
from pathlib import Path
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.config.loading import Loaded
from monitord.config.settings import Settings
from monitord.engine.alarms import Alarms
from monitord.engine.backups import Backups
from monitord.engine.calendar import Calendar
from monitord.engine.calendars import Calendars
from monitord.engine.checker import LocalAgent
from monitord.engine.clock import Clock
from monitord.engine.courier import Courier
from monitord.engine.engine import Engine
from monitord.engine.gaps import MORNING, Gaps
from monitord.engine.garbage import keep_aside
from monitord.engine.handoffs import Handoffs
from monitord.engine.intake import Intake
from monitord.engine.links import Links
from monitord.engine.metrics import Metrics
from monitord.engine.missing import Missing
from monitord.engine.notify import Supervision
from monitord.engine.reloader import CONFIGURATION, REFUSED, Accepts, Read, Reloader
from monitord.engine.rescue import Rescue
from monitord.engine.results import Results
from monitord.engine.revisions import Found
from monitord.engine.revival import Revived
from monitord.engine.room import Room
from monitord.engine.stall import StallWatch
from monitord.engine.timer import Timer
from monitord.engine.watchdog import WatchdogPing
from monitord.engine.webhooks import WebhookAlarms
from monitord.net import Net
from monitord.parts import (
    Parts,
    agent,
    auditor,
    backups,
    courier,
    intake,
    look_at_store,
    public_side,
    reloading,
    supervised,
    tzdata,
    ways,
)
from monitord.store.thread import StoreThread
from monitord.web.console.post import LinkPost
from monitord.web.console.visit import Entry
from monitord.web.doors import bound, serve
from monitord.web.edge.door import EdgeDoor
from monitord.web.handover import address, handed_over
from monitord.web.ops.control import control_app
from monitord.web.ops.listening import bound_control, serve_control
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from monitord.web.public.publisher import Publisher
from monitord.web.public.subscriptions import Subscriptions

SENDS_MAY_END_WITHIN = 3.0  # seconds, after a stop was asked for
NOTED_FOR = timedelta(hours=1)  # what was not as it should be at the start, and is over
DOORS = ("public", "edge", "ops")

Job = Callable[[], Coroutine[Any, Any, None]]
Sockets = Mapping[str, Sequence[socket.socket]]


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


@dataclass(frozen=True, slots=True)
class Staff:
    """Whoever has something to do of their own, or goes by the configuration and must hear of another one."""

    publisher: Publisher
    desk: Subscriptions
    calendar: Calendar
    nights: Backups
    watchdog: WatchdogPing
    reading: Calendars
    checking: LocalAgent
    sending: Courier
    hearing: Intake
    sources: Sources
    ops: OpsDoor
    supervision: Supervision
    rescue: Rescue


async def assembled(parts: Parts, sockets: Sockets, environ: Mapping[str, str], read: Read) -> Daemon:
    """Every part that has a task of its own."""
    publisher, desk, public = await public_side(parts)
    staff = hired(parts, publisher, desk, environ)
    staff.calendar.add("inbox", staff.hearing.forget)
    staff.calendar.add("contacts", Handoffs(parts.engine, parts.clock).warn)
    staff.calendar.add("gaps", Gaps(parts.engine).look, MORNING)
    reloader = reloading(parts, read, staff.supervision, environ, listeners(staff, parts))
    staff.ops.offer(parts.settings.oidc, parts.net)
    edge = EdgeDoor(parts.engine, parts.links, parts.clock, parts.log, staff.hearing, staff.sources.feeds)
    doors = dict(zip(DOORS, (public, edge, staff.ops), strict=True))
    jobs = {
        **{f"{name} door": serving(name, app, parts.settings, sockets) for name, app in doors.items()},
        **going_on(staff, parts),
        "reloader": reloader.run,
    }
    jobs = {name: kept_alive(name, job, parts) for name, job in jobs.items()} | indispensable(staff, parts)
    listening = {name: ", ".join(map(address, sockets[name])) for name in DOORS}
    return Daemon(
        parts.engine,
        staff.sending,
        staff.sources,
        jobs,
        staff.supervision,
        staff.rescue,
        reloader,
        listening,
    )


def hired(parts: Parts, publisher: Publisher, desk: Subscriptions, environ: Mapping[str, str]) -> Staff:
    """Each of them once."""
    clock, log, settings = parts.clock, parts.log, parts.settings
    calendar = Calendar(parts.store, clock, log, settings.time_zone)
    nights, sending, hearing = backups(parts, calendar), courier(parts), intake(parts)
    sources = Sources(
        parts.engine,
        parts.store,
        clock,
        clock.now(),
        settings.doors.public.url,
        parts.links,
        backups=nights,
        intake=hearing,
    )
    entry = Entry(settings.doors.ops.url, parts.store.secret)
    supervision, rescue = supervised(parts, environ)
    return Staff(
        publisher=publisher,
        desk=desk,
        calendar=calendar,
        nights=nights,
        watchdog=WatchdogPing(settings.watchdog, parts.engine, parts.net, clock, log),
        reading=Calendars(settings.calendars, parts.engine, parts.net, clock),
        checking=agent(parts),
        sending=sending,
        hearing=hearing,
        sources=sources,
        ops=ops_app(sources, log, entry, LinkPost(sending.dispatch, clock, log)),
        supervision=supervision,
        rescue=rescue,
    )


def going_on(staff: Staff, parts: Parts) -> dict[str, Job]:
    """The tasks without which people are still paged."""
    clock, log = parts.clock, parts.log
    return {
        "calendar": staff.calendar.run,
        "publisher": staff.publisher.run,
        "console": staff.ops.run,
        "farewell": staff.ops.farewell.run,
        "missing": Missing(parts.engine, parts.alarms, clock, log).run,
        "intake": staff.hearing.run,
        "store check": partial(look_at_store, parts),
        "garbage": partial(keep_aside, clock),
        "backups": staff.nights.catch_up,
        "room": Room(parts.store.store.folder, parts.store, parts.alarms, clock, log, parts.metrics).run,
        "watchdog": staff.watchdog.run,
        "passkeys": partial(staff.sources.passkeys.run, log),
        "supervision": staff.supervision.run,
        "stall watch": StallWatch(clock, log).run,
        "auditor": auditor(parts, staff.sending).run,
        "calendars": staff.reading.run,
        "handoffs": Handoffs(parts.engine, parts.clock).run,
    }


def indispensable(staff: Staff, parts: Parts) -> dict[str, Job]:
    """The tasks whose end is everybody's."""
    results = Results(staff.checking, parts.engine, parts.store, parts.clock, parts.log, parts.metrics)
    return {"timer": Timer(parts.engine, parts.clock).run, "checks": results.run}


def listeners(staff: Staff, parts: Parts) -> dict[str, Accepts]:
    """Who is told of another configuration, in this order."""
    return {
        "lifeboat": staff.rescue.accept,
        "links": lambda loaded: parts.links.accept(loaded.settings.doors),
        "channels": lambda loaded: staff.sending.accept(loaded.settings, ways(loaded.settings, parts)),
        "checks": lambda loaded: staff.checking.update(loaded.configuration.probes, loaded.hush),
        "intake": staff.hearing.accept,
        "publisher": lambda loaded: staff.publisher.accept(loaded.settings),
        "subscriptions": lambda loaded: staff.desk.accept(loaded.settings.doors.public.url),
        "console": lambda loaded: staff.sources.accept(loaded.settings.doors.public.url),
        "sign-in": lambda loaded: staff.ops.accept(loaded.settings.doors.ops.url),
        "provider": lambda loaded: staff.ops.offer(loaded.settings.oidc, parts.net),
        "passkeys": lambda loaded: staff.sources.passkeys.accept(loaded.configuration.people),
        "calendar": lambda loaded: staff.calendar.accept(loaded.settings.time_zone),
        "backups": lambda loaded: staff.nights.accept(loaded.settings, staff.calendar),
        "calendars": lambda loaded: staff.reading.accept(loaded.settings.calendars),
        "watchdog": lambda loaded: staff.watchdog.accept(loaded.settings.watchdog),
    }


def serving(name: str, app: Any, settings: Settings, sockets: Sockets) -> Job:
    """A door's task."""
    return partial(serve, app, getattr(settings.doors, name), name=name, socks=sockets[name])


def tell_of_start(found: Found, parts: Parts) -> None:
    """What is wrong from the start on, and what was and no longer is."""
    parts.alarms.hold(CONFIGURATION, REFUSED, found.why)
    WebhookAlarms(parts.engine, parts.alarms).adopt()
    if parts.store.notes:
        notes = "; ".join(parts.store.notes)
        parts.alarms.raise_("store", "the store was not as it was left", notes, NOTED_FOR)


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
    """A part without which people are still paged."""
    return Revived(name, job, parts.alarms, parts.clock, parts.log).run
