"""`monitord run`: the daemon, in the foreground, until SIGTERM or SIGINT."""

import asyncio
import faulthandler
import os
import signal
import threading
from pathlib import Path

import click
from structlog.typing import FilteringBoundLogger

from monitord import app
from monitord.cli.logs import configured
from monitord.cli.options import chosen, config_option
from monitord.config import Loaded, load
from monitord.engine.clock import RealClock

STOP_WITHIN = 4.5  # seconds; systemd, and whoever waits at a door, is promised five
LEVELS = click.Choice(["debug", "info", "warning", "error"])


@click.command()
@config_option
@click.option("--log-level", "level", type=LEVELS, default="info", show_default=True)
@click.pass_context
def run(ctx: click.Context, path: Path | None, level: str) -> None:
    """The daemon, in the foreground; logs for people on a terminal, JSON otherwise."""
    loaded = load(chosen(ctx, path))
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    log = configured(level=level)
    faulthandler.enable()  # a watchdog that ends us (SIGABRT) finds out where we stood
    with asyncio.Runner(loop_factory=event_loop()) as runner:
        try:
            runner.run(daemon(loaded, log))
        except ExceptionGroup as group:
            raise first(group) from group


async def daemon(loaded: Loaded, log: FilteringBoundLogger) -> None:
    """Run until a signal asks to stop."""
    stop = asyncio.Event()
    leaving = Leaving(stop, log)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, leaving.begin)

    def ready(started: app.Daemon) -> None:
        for name, place in started.listening.items():
            log.info("door open", door=name, at=place, url=getattr(loaded.settings.doors, name).url)
        log.info("ready", probes=len(loaded.configuration.probes), revision=loaded.revision[:12])

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, not_reloaded, log)
    await app.run(loaded, clock=RealClock(), log=log, stop=stop, environ=os.environ, ready=ready)
    log.info("stopped")


class Leaving:
    """A stop that comes to its end: what does not stop by then is left behind, as a crash would leave it.

    Everything that was accepted is committed, so nothing is lost; a check that hangs, a thread in a library
    or a mail server without haste must not keep the next monitord from its work.
    """

    def __init__(self, stop: asyncio.Event, log: FilteringBoundLogger) -> None:
        self.stop, self.log = stop, log
        self.timer = threading.Timer(STOP_WITHIN, self.end)
        self.timer.daemon = True

    def begin(self) -> None:
        """A stop was asked for; asking twice does not begin anew."""
        if not self.stop.is_set():
            self.stop.set()
            self.timer.start()

    def end(self) -> None:
        self.log.warning("stopped", left_behind=[thread.name for thread in threading.enumerate()])
        os._exit(0)


def not_reloaded(log: FilteringBoundLogger) -> None:
    """The usual word for a reload, and of a terminal that closes: neither may end who pages."""
    log.warning("not reloaded", why="a change of the configuration needs a restart")


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
