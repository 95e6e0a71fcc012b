"""Working hours: when a policy pages at all; outside of them its tickets wait.

Theory of operation. They are read like the hours of a rotation's layer (turns.py), on the wall clock of one
zone, so that nine o'clock is nine o'clock on both sides of a clock change, and hours over midnight belong to
the day on which they begin. An opening that falls into a skipped hour is the first valid instant; hours that
are skipped as a whole do not open on that day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitord.core.check import Instant
from monitord.core.turns import MIDNIGHT, Hours, Layer, Turn, Unit, turn_at
from monitord.core.wallclock import instant_of, wall_at, zone_of

DAYS_MAX = 16  # a weekday comes within a week, and is swallowed by a clock change at most once
LONGEST = timedelta(days=DAYS_MAX)
SOMEBODY = ("somebody",)
ALWAYS = datetime(2001, 1, 1)  # noqa: DTZ001 - the wall clock: a Monday long ago


@dataclass(frozen=True, slots=True)
class Workhours:
    """Days (0 is Monday) and hours of the day in a zone; without any, all of them."""

    days: tuple[int, ...] = ()
    hours: tuple[Hours, ...] = ()
    time_zone: str = "UTC"

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


def opens(only: Workhours | None, now: Instant) -> Instant | None:
    """When working hours begin; None if they are now, or if they never do, because a page must leave."""
    if only is None:
        return None
    layer, zone = only.layer, zone_of(only.time_zone)
    if turn_at(layer, zone, now) is not None:
        return None
    begins = (instant_of(wall, zone) for wall in beginnings(layer, wall_at(now, zone)))
    return next((at for at in begins if at > now and turn_at(layer, zone, at) is not None), None)


def beginnings(layer: Layer, after: datetime) -> Iterator[datetime]:
    """When they may begin on the wall, in order."""
    times = sorted({begin for begin, _ in layer.windows} or {MIDNIGHT})
    for days in range(DAYS_MAX):
        day = (after + timedelta(days=days)).date()
        yield from (datetime.combine(day, at) for at in times)
