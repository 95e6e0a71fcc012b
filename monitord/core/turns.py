"""The turns of one layer: whose turn it is at an instant, and when that may change next.

Theory of operation. Turns are numbered from the layer's start, without end in both directions; number k
belongs to `people[k % len(people)]`. The number is computed from the wall clock (wallclock.py says what that
is), never by walking from the start, so that any instant costs the same and a turn that daylight saving
swallows still counts. Only turns of hours that do not divide a day are counted in elapsed time: they have no
place on the wall clock to keep.

With turns of days and a mask, the *masked* days are numbered: a handoff happens on a masked day at the time
of day of the start, so before Monday's handoff Friday's people are still on call. The first people begin at
`start` even if it lies on another day.

A restriction ends turns early, it moves none; but the part of it after midnight is that of the day before,
and keeps the people who were on call when that day ended.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from monitord.core.absence import AwayRule
from monitord.core.check import Instant, PersonId
from monitord.core.wallclock import MOMENT, instant_of, wall_at

Hours = tuple[time, time]  # [begin, end) of a day; an end that is not after its begin lies on the next day

DAY = timedelta(days=1)
MIDNIGHT = time()
TURN_COUNT_MAX = 1000


class Unit(Enum):
    """What turns are measured in; the values are the words of the YAML."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


LENGTHS = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: DAY, Unit.WEEKS: timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class Turn:
    """How long a turn is: `count` (1 to TURN_COUNT_MAX) of `unit`."""

    count: int
    unit: Unit

    @property
    def length(self) -> timedelta:
        """On the wall clock; KeyError for months, which have no length of their own."""
        return self.count * LENGTHS[self.unit]

    @property
    def elapsed(self) -> bool:
        """Whether it is counted in elapsed time, not on the wall clock."""
        return self.unit is Unit.HOURS and 24 % self.count != 0


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns. All times are naive wall-clock times in the layer's zone.

    Each entry of `people` (at least one) is on call together in one turn, in the order they are paged; an
    empty entry is a turn of nobody. `zone` None is the rotation's. `since` and `until` are the YAML's `from`
    and `until`: nobody before, nobody from there on. `days` (0 is Monday) and `hours` restrict it; empty
    means no restriction. `away` None is the rotation's rule.
    """

    name: str
    people: tuple[tuple[PersonId, ...], ...]
    start: datetime
    turn: Turn
    zone: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    days: tuple[int, ...] = ()
    hours: tuple[Hours, ...] = ()
    away: AwayRule | None = None

    @property
    def restricted(self) -> bool:
        """Whether days or hours keep it from being on call all the time."""
        return bool(self.days or self.hours)

    @property
    def windows(self) -> tuple[Hours, ...]:
        """Its times of day; the whole day if it names none."""
        return self.hours or ((MIDNIGHT, MIDNIGHT),)


def turn_at(layer: Layer, zone: ZoneInfo, at: Instant) -> int | None:
    """The number of the turn that is on call at `at`; 0 begins at the layer's start; None where the layer is
    off."""
    wall = wall_at(at, zone)
    if (layer.since and wall < layer.since) or (layer.until and wall >= layer.until):
        return None
    if not layer.restricted or in_window_of_today(layer, wall):
        return number(layer, zone, wall, at)

    if not in_window_of_yesterday(layer, wall):
        return None
    midnight = datetime.combine(wall, MIDNIGHT)
    return number(layer, zone, midnight - MOMENT, instant_of(midnight, zone) - MOMENT)


# Restrictions


def in_window_of_today(layer: Layer, wall: datetime) -> bool:
    """Whether a window that begins on the day of `wall` has `wall` in it."""
    if layer.days and wall.weekday() not in layer.days:
        return False
    now = wall.time()
    return any(begin <= now and (now < end or end <= begin) for begin, end in layer.windows)


def in_window_of_yesterday(layer: Layer, wall: datetime) -> bool:
    """Whether a window that begins on the day before runs over midnight up to `wall`."""
    if layer.days and (wall.weekday() - 1) % 7 not in layer.days:
        return False
    now = wall.time()
    return any(end <= begin and now < end for begin, end in layer.hours)


# Numbers of turns


def number(layer: Layer, zone: ZoneInfo, wall: datetime, at: Instant) -> int:
    """The number of the turn at `wall`, which is the time on the wall at `at`."""
    turn = layer.turn
    if turn.elapsed:
        return (at - instant_of(layer.start, zone)) // turn.length
    if turn.unit is Unit.MONTHS:
        return month_number(layer, wall)
    if turn.unit is Unit.DAYS and layer.days:
        return day_number(layer, wall) // turn.count
    return (wall - layer.start) // turn.length


def month_number(layer: Layer, wall: datetime) -> int:
    months = 12 * (wall.year - layer.start.year) + wall.month - layer.start.month
    turn = months // layer.turn.count
    return turn if month_handoff(layer, turn) <= wall else turn - 1


def month_handoff(layer: Layer, turn: int) -> datetime:
    """When turn number `turn` begins: on the day of the start, or the last day of a shorter month."""
    year, month = divmod(12 * layer.start.year + layer.start.month - 1 + turn * layer.turn.count, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"turn {turn} of {layer.name} is outside the years 1 to 9999")
    return layer.start.replace(
        year=year, month=month + 1, day=min(layer.start.day, monthrange(year, month + 1)[1])
    )


def day_number(layer: Layer, wall: datetime) -> int:
    """The number of the masked day whose people are on call, counted from the first one at or after the
    start."""
    first = layer.start.toordinal()
    day = (wall - (layer.start - datetime.combine(layer.start, MIDNIGHT))).toordinal()
    passed = masked_days_since(layer, day)
    return passed if day < first else max(passed, 0)


def masked_days_since(layer: Layer, day: int) -> int:
    """How many masked days there are from the one after the first (0) up to `day`; -1 and less before it."""
    return (
        masked_days_before(day + 1, layer.days) - masked_days_before(layer.start.toordinal(), layer.days) - 1
    )


def masked_days_before(ordinal: int, days: tuple[int, ...]) -> int:
    """How many days before the day `ordinal` (1 is Monday, 1 January of the year 1) have a weekday in
    `days`."""
    weeks, rest = divmod(ordinal - 1, 7)
    mask = set(days)
    return weeks * len(mask) + sum(day < rest for day in mask)


def days_from(wall: datetime) -> Iterator[date]:
    """That day and all later ones, to the end of the calendar."""
    return map(date.fromordinal, range(wall.toordinal(), date.max.toordinal() + 1))
