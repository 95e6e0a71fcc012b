"""Telling systemd how we are: ready, alive, reloading, stopping, and a line for `systemctl status`.

Theory of operation. sd_notify(3) is a datagram of NAME=value lines to the socket that $NOTIFY_SOCKET names;
nobody answers, and without the variable nothing is said. READY=1 comes after the first full engine cycle, not
after the start: whoever is ordered after us finds somebody who decides. WATCHDOG=1 is earned anew each time:
only by an engine that has gone round since the last one, or that has just tried to write to a bad disk,
because a restart mends no disk and would cost what waits in memory. An engine that stands still is killed by
systemd and started again.
"""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from monitord.core.organization import Priority
from monitord.core.ticket import Ticket
from monitord.engine.clock import Clock, monotonic_microseconds
from monitord.engine.engine import Engine

LOOK_EVERY = 1.0  # seconds
FEEDS_PER_PERIOD = 4  # so that one late look kills nobody
STATUS_CHARS_MAX = 200
UNIX = ("/", "@")  # what an address of a unix socket begins with; `@` is a NUL: an abstract one, see unix(7)


@dataclass(frozen=True, slots=True)
class Notifier:
    """`address` is $NOTIFY_SOCKET; `patience`, in seconds, is how long systemd waits for a WATCHDOG=1."""

    address: str = ""
    patience: float | None = None

    def say(self, **words: str) -> None:
        """Send; who does not listen misses it."""
        if not self.address.startswith(UNIX):
            return
        name = self.address.encode() if self.address[0] == "/" else b"\0" + self.address[1:].encode()
        text = "".join(f"{key}={one_line(value)}\n" for key, value in words.items())
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaking:
            speaking.setblocking(False)
            speaking.sendto(text.encode(), name)

    def stopping(self) -> None:
        self.say(STOPPING="1", STATUS="stopping")


def notifier(environ: Mapping[str, str]) -> Notifier:
    """Whom to tell, by the environment that systemd made for this very process."""
    return Notifier(environ.get("NOTIFY_SOCKET", ""), patience(environ))


def patience(environ: Mapping[str, str]) -> float | None:
    """Seconds until systemd kills us; None if it never does, or means another process."""
    for_us = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = environ.get("WATCHDOG_USEC", "")
    if not for_us or not microseconds.isdecimal() or not int(microseconds):
        return None
    return int(microseconds) / 1_000_000


def one_line(text: str) -> str:
    return " ".join(text.split())[:STATUS_CHARS_MAX]


@dataclass(slots=True)
class Supervision:
    """Tells systemd what the engine does; `on_ready` are called after the first full cycle."""

    notifier: Notifier
    engine: Engine
    clock: Clock
    on_ready: list[Callable[[], None]] = field(default_factory=list)
    ready: bool = False
    lived: tuple[int, float] = (0, 0.0)
    said: str = ""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.look()
            await self.clock.sleep(self.pause)

    @property
    def pause(self) -> float:
        return min(LOOK_EVERY, (self.notifier.patience or LOOK_EVERY * FEEDS_PER_PERIOD) / FEEDS_PER_PERIOD)

    def look(self) -> None:
        """Say what there is to say now."""
        if not self.ready and self.engine.cycles:
            self.begin()
        if not self.ready:
            return
        if self.notifier.patience is not None and self.lives():
            self.notifier.say(WATCHDOG="1")
        now = status(self.engine)
        if now != self.said:
            self.notifier.say(STATUS=now)
            self.said = now

    def begin(self) -> None:
        self.ready = True
        self.say_ready()
        for call in self.on_ready:
            call()

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """As long as the block lasts, whatever comes of it; who is not ready yet does not reload."""
        if not self.ready:
            yield
            return
        self.notifier.say(RELOADING="1", MONOTONIC_USEC=str(monotonic_microseconds()), STATUS="reloading")
        try:
            yield
        finally:
            self.say_ready()

    def say_ready(self) -> None:
        """With the line in the same datagram: `systemctl start` comes back at once, and somebody looks."""
        self.said = status(self.engine)
        self.notifier.say(READY="1", STATUS=self.said)

    def lives(self) -> bool:
        """Has the engine gone round, or at least fought with the disk, since we looked last?"""
        before, self.lived = self.lived, (self.engine.cycles, self.engine.commits.tried_at)
        return self.lived != before


def status(engine: Engine) -> str:
    """`12 probes, 1 urgent ticket`."""
    probes = counted(len(engine.world.configuration.probes), "probe")
    said = f"{probes}, {ticket_words(engine.world.find('open tickets', 'open'))}"
    return said if engine.healthy else f"the store cannot be written; {said}"


def ticket_words(tickets: list[Ticket]) -> str:
    """The urgent ones first, because they are the news."""
    urgent = sum(ticket.priority is Priority.URGENT for ticket in tickets)
    others = len(tickets) - urgent
    if not tickets:
        return "no open tickets"
    words = [counted(urgent, "urgent ticket")] if urgent else []
    words += [counted(others, "other ticket" if urgent else "ticket")] if others else []
    return ", ".join(words)


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s'[: number != 1]}"
