"""What a check is: the words every other room speaks (instants, ids, outcomes, results)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

Instant = datetime  # aware, in UTC
PersonId = str
ProbeId = str


class Outcome(Enum):
    """What one check found (the four states of the Nagios plugin API)."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"

    @property
    def passed(self) -> bool:
        """OK and WARNING pass, CRITICAL fails; ask only of a conclusive outcome."""
        return self in (Outcome.OK, Outcome.WARNING)

    @property
    def conclusive(self) -> bool:
        """UNKNOWN neither counts nor resets."""
        return self is not Outcome.UNKNOWN


@dataclass(frozen=True, slots=True)
class Phases:
    """How long each phase of one check took; None where it was not reached or does not exist."""

    resolve: timedelta | None = None
    connect: timedelta | None = None
    tls: timedelta | None = None
    first_byte: timedelta | None = None
    transfer: timedelta | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A fact: one check of `probe`, begun at `at`, found `outcome`; `summary` is one line for people."""

    probe: ProbeId
    outcome: Outcome
    at: Instant
    summary: str = ""
    took: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ClockSet:
    """A fact: the wall clock was set, `by` this much against the one that only runs (negative: back)."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Probe:
    """What is configured: how many results in a row flip it, and what it stands for.

    `kind` and `options` are the prober's; the core never looks into them.
    """

    id: ProbeId
    service: str
    every: timedelta = timedelta(seconds=60)
    timeout: timedelta = timedelta(seconds=10)
    failures: int = 3
    passes: int = 2
    unknowns: int = 5
    depends_on: tuple[ProbeId, ...] = ()
    kind: str = ""
    title: str = ""
    options: object = None
    recheck: timedelta | None = None
    renamed_from: ProbeId | None = None
