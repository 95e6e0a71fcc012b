"""`monitord run`: the daemon, in the foreground, until SIGTERM or SIGINT."""

import asyncio
import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
from structlog.typing import FilteringBoundLogger

from monitord import app
from monitord.cli.logs import configured
from monitord.cli.options import chosen, config_option
from monitord.config.problem import ConfigurationRefused
from monitord.config.whereabouts import remember
from monitord.engine import garbage
from monitord.engine.clock import RealClock
from monitord.engine.revisions import Found, find, strictly, with_other_doors
from monitord.web.doors import DoorRefused

STOP_WITHIN = 4.5  # seconds; systemd, and whoever waits at a door, is promised five
NOTICED_WITHIN = 0.5  # seconds that a task or a thread has left, after everything was closed
TURN = 0.0005  # seconds a thread may go on while the loop waits: a page must not wait for a page being drawn
LEVELS = click.Choice(["debug", "info", "warning", "error"])


@click.command()
@config_option
@click.option("--log-level", "level", type=LEVELS, default="info", show_default=True)
@click.pass_context
def run(ctx: click.Context, path: Path | None, level: str) -> None:
    """The daemon, in the foreground; logs for people on a terminal, JSON otherwise."""
    garbage.begin()
    main = chosen(ctx, path)
    early = threading.Event()  # a reload that is asked for before anybody can do it
    signal.signal(signal.SIGHUP, lambda *_: early.set())
    found = find(main, os.environ)
    for line in (*told(found.refused), *(f"warning: {warning}" for warning in found.loaded.warnings)):
        click.echo(line, err=True)
    log = configured(level=level)
    faulthandler.enable()  # a watchdog that ends us (SIGABRT) finds out where we stood
    sys.setswitchinterval(TURN)
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        try:
            runner.run(started(found, main, log, early))
        except ExceptionGroup as group:
            raise first(group) from group


async def started(found: Found, main: Path | None, log: FilteringBoundLogger, early: threading.Event) -> None:
    """The daemon as the tree has it; if a door cannot be opened where it is now, as it was accepted last."""
    try:
        await daemon(found, main, log, early)
    except DoorRefused as refused:
        before = with_other_doors(found, main, refused, os.environ)
        if before is None:
            raise
        await daemon(before, main, log, early)


async def daemon(found: Found, main: Path | None, log: FilteringBoundLogger, early: threading.Event) -> None:
    """Run until a signal asks to stop."""
    loaded, stop = found.loaded, asyncio.Event()
    leaving = Leaving(stop, log)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leaving.begin)

    def ready(started: app.Daemon) -> None:
        for name, place in started.listening.items():
            log.info("door open", door=name, at=place, url=getattr(loaded.settings.doors, name).url)
        remember(loaded.settings.store, os.environ)
        log.info("ready", probes=len(loaded.configuration.probes), revision=loaded.revision[:12])

        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, started.reloader.ask)
        if early.is_set():
            started.reloader.ask()

    read = partial(strictly, main, os.environ)
    await app.run(found, read, clock=RealClock(), log=log, stop=stop, environ=os.environ, ready=ready)
    log.info("stopped")
    leaving.hurry()


class Leaving:
    """A stop that comes to its end: what does not stop by then is left behind, as a crash would leave it.

    Everything that was accepted is committed, so nothing is lost; a check that hangs, a thread in a library
    or a mail server without haste must not keep the next monitord from its work.
    """

    def __init__(self, stop: asyncio.Event, log: FilteringBoundLogger) -> None:
        self.stop, self.log = stop, log

    def begin(self) -> None:
        """A stop was asked for; asking twice does not begin anew."""
        if not self.stop.is_set():
            self.stop.set()
            self.end_after(STOP_WITHIN)

    def hurry(self) -> None:
        """Everything is closed in order; who is still here has not noticed."""
        if self.stop.is_set():
            self.end_after(NOTICED_WITHIN)

    def end_after(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self.end)
        timer.daemon = True
        timer.start()

    def end(self) -> None:
        self.log.warning("left behind", threads=[thread.name for thread in threading.enumerate()])
        os._exit(0)


def told(refused: ConfigurationRefused | None) -> Iterator[str]:
    """Why it is not the tree that is in force."""
    if refused is not None:
        yield from map(str, refused.problems)
        yield "monitord: the tree does not load; starting with the configuration that was accepted last"


def event_loop() -> type[asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed, asyncio's own otherwise."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    loop: type[asyncio.AbstractEventLoop] = uvloop.Loop
    return loop


def first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first thing that went wrong, out of however many groups."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
