"""Working hours: when a policy pages at all; outside of them its tickets wait.

Theory of operation. They are read like the hours of a rotation's layer (turns.py), on the wall clock of one
zone, so that nine o'clock is nine o'clock on both sides of a clock change, and hours over midnight belong to
the day on which they begin. An opening that falls into a skipped hour is the first valid instant; hours that
are skipped as a whole do not open on that day. On a public holiday none begin; what began the evening before
goes on. They name whose holidays those are; the days stand in the configuration, because every escalation
carries a copy of its policy, and is written at every step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitord.core.check import Instant
from monitord.core.turns import (
    MIDNIGHT,
    Hours,
    Layer,
    Turn,
    Unit,
    in_window_of_today,
    in_window_of_yesterday,
)
from monitord.core.wallclock import instant_of, wall_at, zone_of

DAYS_MAX = 60  # a weekday comes within a week; clock changes and holidays take some of them in a row
DAY = timedelta(days=1)
SOMEBODY = ("somebody",)
ALWAYS = datetime(2001, 1, 1)  # noqa: DTZ001 - the wall clock: a Monday long ago


Holidays = Mapping[str, frozenset[date]]  # the days on which no working hours begin, by place


@dataclass(frozen=True, slots=True)
class Workhours:
    """Days (0 is Monday) and hours of the day in a zone; without any, all of them; but never on the public
    holidays of a place (`US-IL`).
    """

    days: tuple[int, ...] = ()
    hours: tuple[Hours, ...] = ()
    time_zone: str = "UTC"
    holidays_of: str = ""

    @property
    def layer(self) -> Layer:
        return Layer(
            "working hours", (SOMEBODY,), ALWAYS, Turn(1, Unit.WEEKS), days=self.days, hours=self.hours
        )


@dataclass(frozen=True, slots=True)
class HoursAwaited:
    """The ticket's policy pages in working hours only; they begin then."""

    ticket: int
    until: Instant


def opens(only: Workhours | None, now: Instant, holidays: Holidays) -> Instant | None:
    """When working hours begin; None if they are now, or if they never do, because a page must leave."""
    if only is None:
        return None
    layer, zone = only.layer, zone_of(only.time_zone)
    closed = holidays.get(only.holidays_of, frozenset())
    if are_at(wall_at(now, zone), layer, closed):
        return None
    begins = (instant_of(wall, zone) for wall in beginnings(layer, wall_at(now, zone)))
    return next((at for at in begins if at > now and are_at(wall_at(at, zone), layer, closed)), None)


def are_at(wall: datetime, layer: Layer, closed: frozenset[date]) -> bool:
    """Are they now on the wall? They belong to the day on which they begin."""
    if in_window_of_today(layer, wall) and wall.date() not in closed:
        return True
    return in_window_of_yesterday(layer, wall) and wall.date() - DAY not in closed


def beginnings(layer: Layer, after: datetime) -> Iterator[datetime]:
    """When they may begin on the wall, in order."""
    times = sorted({begin for begin, _ in layer.windows} or {MIDNIGHT})
    for days in range(DAYS_MAX):
        day = (after + timedelta(days=days)).date()
        yield from (datetime.combine(day, at) for at in times)
