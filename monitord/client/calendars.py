"""What the client hears about calendars elsewhere that say who is away."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DaysRow:
    """Whole days from `first` to before `last`, on anybody's wall; `2026-12-24`."""

    first: str
    last: str
    why: str


@dataclass(frozen=True, slots=True)
class InstantsRow:
    start: datetime
    end: datetime
    why: str


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """So many events that are no leave, and why."""

    why: str
    count: int


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A calendar at `host`, and whose leave and public holidays are in it. What it said when it was `read`
    last (None: never) is in force: so many `entries`, and the events `left_out`. `failing`
    is since when it cannot be read, and `why`.
    """

    id: str
    host: str
    leave_of: tuple[str, ...]
    holidays_of: tuple[str, ...]
    entries: int
    left_out: tuple[LeftOutRow, ...]
    read: datetime | None
    failing: datetime | None
    why: str
    days: tuple[DaysRow, ...] = ()
    spans: tuple[InstantsRow, ...] = ()
