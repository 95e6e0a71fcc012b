"""What the API answers about a simulation: the shape of `monitord simulate --json`."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CallRow:
    """One message to one person; `tier` counts from 1, 0 is somebody asked alone."""

    at: datetime
    tier: int
    round: int
    person: str
    channel: str
    address: str
    why: str
    outcome: str


@dataclass(frozen=True, slots=True)
class WideningRow:
    """One step: who joins, and how many are in the circle then."""

    at: datetime
    tier: int
    round: int
    joins: tuple[str, ...]
    circle: int


@dataclass(frozen=True, slots=True)
class RemarkRow:
    at: datetime
    says: str


@dataclass(frozen=True, slots=True)
class NotCalledRow:
    person: str
    why: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """Who would be called, from `at` until `until`; `ends` says why it is told no further. Of more `pages`
    than fit, `left_out` are missing.
    """

    subject: str
    at: datetime
    until: datetime
    ends: str
    priority: str | None
    policy: str
    people: tuple[str, ...]
    pages: tuple[CallRow, ...]
    widenings: tuple[WideningRow, ...]
    remarks: tuple[RemarkRow, ...]
    not_called: tuple[NotCalledRow, ...]
    left_out: int = 0
