"""A heartbeat: something that must be heard of in time, and is down when it is not; and what is known of it.

What pings and deadlines make of a pulse stands in beating.py.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol

from monitord.core.check import Instant
from monitord.core.organization import Priority

ZERO = timedelta(0)


class Timetable(Protocol):
    """When something is to be heard of. Frozen and comparable, so that a changed one is noticed."""

    def following(self, after: Instant) -> Instant:
        """The first instant after `after`, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """One period after the last time."""

    period: timedelta

    def following(self, after: Instant) -> Instant:
        return after + self.period


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What is configured: when it is expected, how much later is still well, and whose it is."""

    id: str
    name: str
    service: str
    priority: Priority
    timetable: Timetable
    grace: timedelta

    @property
    def title(self) -> str:
        return self.name or self.id


class PingKind(Enum):
    SUCCESS = "success"
    START = "start"
    FAIL = "fail"
    LOG = "log"
    EXIT = "exit"


class PulseState(Enum):
    NEW = "new"
    UP = "up"
    LATE = "late"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was begun and has not ended."""

    id: str
    started: Instant


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is known of one heartbeat; `last` is its last success or failure, `took` how long its last run
    was, `deaf` how long we could not hear since.
    """

    heartbeat: str
    state: PulseState = PulseState.NEW
    since: Instant | None = None
    last: Instant | None = None
    expected: Instant | None = None
    due: Instant | None = None
    runs: tuple[Run, ...] = ()
    took: timedelta | None = None
    deaf: timedelta = ZERO
    pings: int = 0
    removed: bool = False

    @property
    def key(self) -> str:
        return self.heartbeat

    @property
    def live(self) -> bool:
        return not self.removed

    @property
    def word(self) -> str:
        """`new`, `started`, `up`, `late`, `down`: for people."""
        return "started" if self.runs and self.state is not PulseState.DOWN else self.state.value


@dataclass(frozen=True, slots=True)
class Pinged:
    """A fact: a heartbeat was heard of; `run` keeps runs apart, `text` is what the ping brought along, and
    `event` the id of what came in.
    """

    heartbeat: str
    what: PingKind
    at: Instant
    exit_code: int = 0
    text: str = ""
    run: str = ""
    event: str = ""

    @property
    def failed(self) -> bool:
        return self.what is PingKind.FAIL or (self.what is PingKind.EXIT and self.exit_code != 0)


@dataclass(frozen=True, slots=True)
class PulseDue:
    """A fact: this heartbeat has not been heard of by its deadline."""

    heartbeat: str


@dataclass(frozen=True, slots=True)
class Deaf:
    """A fact: nobody could reach us in [since, until): we were not running, or stood still."""

    since: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class HeartbeatPinged:
    heartbeat: str
    what: PingKind
    exit_code: int = 0
    run: str = ""
    took: timedelta | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class HeartbeatLate:
    """Not heard of when it was expected; its grace begins."""

    heartbeat: str
    expected: Instant


@dataclass(frozen=True, slots=True)
class HeartbeatWentDown:
    heartbeat: str
    since: Instant
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class HeartbeatCameUp:
    heartbeat: str
    since: Instant
    title: str
    summary: str


HeartbeatFlip = HeartbeatWentDown | HeartbeatCameUp
HeartbeatEvent = HeartbeatPinged | HeartbeatLate | HeartbeatFlip
