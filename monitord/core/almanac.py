"""Almanacs: what calendars elsewhere say about who is away, as they were last read.

Theory of operation. A calendar source is configured: an address that the shell knows, whose leave it is,
whose public holidays. What it said when it could last be read is an almanac, and stays in force, however long
it cannot be read any more; its standing says since when that is, and why. Whole days are kept as days, and
become instants on the wall of each person they are about; so one calendar of holidays serves people in many
zones.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitord.core.absence import LASTS_MAX, Absence, Origin
from monitord.core.check import Instant, PersonId
from monitord.core.organization import Person
from monitord.core.wallclock import instant_of, known_zone, zone_of

MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days from `first` to before `last`, on anybody's wall."""

    first: date
    last: date
    why: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    start: Instant
    end: Instant
    why: str = ""


@dataclass(frozen=True, slots=True)
class CalendarSource:
    """A calendar elsewhere; `host` is where, as far as everybody may know. Times in it that name no zone are
    of `time_zone`.
    """

    id: str
    host: str
    time_zone: str
    leave_of: tuple[PersonId, ...] = ()
    holidays_of: tuple[PersonId, ...] = ()

    @property
    def people(self) -> tuple[PersonId, ...]:
        return tuple(sorted({*self.leave_of, *self.holidays_of}))


@dataclass(frozen=True, slots=True)
class Almanac:
    """What the calendar said; `left_out` are events that count for nothing, by the reason."""

    calendar: str
    days: tuple[Days, ...] = ()
    spans: tuple[Span, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    over: bool = False

    @property
    def key(self) -> str:
        return self.calendar

    @property
    def live(self) -> bool:
        return not self.over


@dataclass(frozen=True, slots=True)
class AlmanacStanding:
    """When the calendar was `read` last (None: never), and since when and why it is `failing`, if it is."""

    calendar: str
    read: Instant | None = None
    failing: Instant | None = None
    why: str = ""
    over: bool = False

    @property
    def key(self) -> str:
        return self.calendar

    @property
    def live(self) -> bool:
        return not self.over


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """A fact: it could be read, and says something else than before."""

    calendar: str
    days: tuple[Days, ...] = ()
    spans: tuple[Span, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarReadAgain:
    """A fact: it could be read, and says what it said before."""

    calendar: str


@dataclass(frozen=True, slots=True)
class CalendarNotRead:
    """A fact: it could not be read."""

    calendar: str
    why: str


@dataclass(frozen=True, slots=True)
class ForgetCalendar:
    """It is configured no longer."""

    calendar: str


CalendarFact = CalendarRead | CalendarReadAgain | CalendarNotRead | ForgetCalendar


@dataclass(frozen=True, slots=True)
class CalendarChanged:
    """It says something else; `entries` is how many days and spans."""

    calendar: str
    host: str
    people: tuple[PersonId, ...]
    entries: int


@dataclass(frozen=True, slots=True)
class CalendarFailing:
    """It cannot be read; what it said at `read` stays in force, if there was such a time."""

    calendar: str
    host: str
    people: tuple[PersonId, ...]
    why: str
    read: Instant | None


@dataclass(frozen=True, slots=True)
class CalendarWell:
    """It can be read again."""

    calendar: str
    host: str
    people: tuple[PersonId, ...]


def absences(
    almanac: Almanac, source: CalendarSource, people: Mapping[PersonId, Person]
) -> Iterator[Absence]:
    """Everything that it says of those whom it is about and who are there."""
    for origin, names in ((Origin.CALENDAR, source.leave_of), (Origin.HOLIDAY, source.holidays_of)):
        for person in (people[name] for name in names if name in people):
            yield from of(almanac, person, origin)


def of(almanac: Almanac, person: Person, origin: Origin) -> Iterator[Absence]:
    zone = zone_of(person.time_zone if known_zone(person.time_zone) else "UTC")
    for each in almanac.days:
        start, end = midnight(each.first, zone), midnight(each.last, zone)
        if start < end <= start + LASTS_MAX:
            yield Absence(person.id, start, end, each.why, origin)
    for span in almanac.spans:
        if span.start < span.end <= span.start + LASTS_MAX:
            yield Absence(person.id, span.start, span.end, span.why, origin)


@lru_cache(maxsize=4096)
def midnight(day: date, zone: ZoneInfo) -> Instant:
    """The same few for everybody at one place."""
    return instant_of(datetime.combine(day, MIDNIGHT), zone)
