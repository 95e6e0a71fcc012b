"""The wall clock of a time zone: from an instant to what the clock on the wall shows, and back.

Theory of operation. A clock on the wall goes back once a year, so it is no order of time. We read it like a
tide mark: `wall_at` is the *highest* time the wall has shown so far. Through a repeated hour the mark stands
still, over a skipped hour it jumps. `instant_of` is its inverse: the first instant at which the mark has
reached a wall time. With that one definition a handoff in a gap is at the first valid instant, an ambiguous
one happens once, at its first occurrence, and `wall_at(at) >= wall` says the same as `at >=
instant_of(wall)`, which is why all other arithmetic on rotations can be done with naive datetimes. The
alternative, to decide about gaps and folds wherever a handoff is computed, would be decided differently in
each place.

The process's own time zone plays no part; the rules are those of the tzdata that `zoneinfo` finds.
"""

from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitord.core.check import Instant

MOMENT = timedelta(microseconds=1)  # the least step a datetime can take
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
NO_TIME = timedelta(0)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()
NEAR = 3  # days; the wall clock of the whole world is within a day of UTC, and is turned by a day at most
ZONE_NAME_MAX = 64


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """The time zone called `name` in the IANA database; ZoneInfoNotFoundError, ValueError or OSError if none
    is.

    Names are judged once, when a configuration is read: ask `known_zone` there.
    """
    return ZoneInfo(name)


def known_zone(name: str) -> bool:
    """Whether `name` is a time zone of the IANA database, the same on every machine."""
    if name == "localtime" or len(name) > ZONE_NAME_MAX:
        return False
    try:
        zone_of(name)
    except (KeyError, ValueError, OSError):  # not found; not a relative path; a folder such as "America"
        return False
    return True


def wall_at(at: Instant, zone: ZoneInfo) -> datetime:
    """The highest time (naive) the wall clock in `zone` has shown up to the instant `at`.

    ValueError for a naive `at`: what it means would depend on the process's time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone; an instant needs one, for example {at.replace(tzinfo=UTC)}")
    local = at.astimezone(zone)
    if not local.fold:
        return datetime.combine(local, local.time())

    first = local.replace(fold=0).astimezone(UTC)
    turned_back = first_second(first, at, lambda second: second.astimezone(zone).fold == 1)
    return shown(turned_back - MOMENT, zone)


def instant_of(wall: datetime, zone: ZoneInfo) -> Instant:
    """The first instant, in UTC, at which the wall clock in `zone` shows `wall` (naive, fold 0) or later."""
    origin = steady_origin(zone, wall.toordinal())
    if origin is not None:
        return EPOCH + (wall - origin)

    at = to_utc(wall, zone)
    if shown(at, zone) == wall:
        return at
    too_early = to_utc(wall.replace(fold=1), zone)
    return first_second(too_early, at, lambda second: shown(second, zone) >= wall)


@lru_cache(maxsize=16384)
def steady_origin(zone: ZoneInfo, day: int) -> datetime | None:
    """What the wall would show at the EPOCH with that day's offset; None if that changes within NEAR.

    Nearly all walls are far from a change, and cost an addition then. No zone of the IANA database changes
    twice within NEAR.
    """
    if not FIRST_DAY + NEAR < day < LAST_DAY - NEAR:
        return None
    noon = datetime.fromordinal(day).replace(hour=12, tzinfo=UTC)
    offsets = {(noon + days * DAY).astimezone(zone).utcoffset() for days in (-NEAR, 0, NEAR)}
    return EPOCH.replace(tzinfo=None) + (offsets.pop() or NO_TIME) if len(offsets) == 1 else None


def readings(wall: datetime, zone: ZoneInfo) -> tuple[Instant, ...]:
    """What a person who typed `wall` (naive) may have meant, earliest first.

    Usually one instant; two if the hour is skipped or repeated: with the offset after and before the change.
    """
    return tuple(sorted({to_utc(wall.replace(fold=fold), zone) for fold in (0, 1)}))


def to_utc(wall: datetime, zone: ZoneInfo) -> Instant:
    """`wall` by the letter: read with the offset its fold asks for, even if the clock skips it."""
    return datetime.combine(wall, wall.time(), zone).astimezone(UTC)


def on_wall(at: Instant, zone: str) -> datetime:
    """The instant in that zone; in UTC if there is no such zone, or its calendar does not go that far: what
    names it must leave.
    """
    try:
        return at.astimezone(zone_of(zone) if known_zone(zone) else UTC)
    except OverflowError:  # the first and the last hours of all years
        return at.astimezone(UTC)


def day_and_time(at: Instant, zone: str) -> str:
    """`2026-01-05 09:00 CET`."""
    wall = on_wall(at, zone)
    return f"{wall.replace(tzinfo=None).isoformat(' ', 'minutes')} {wall:%Z}"


def span_on_wall(start: Instant, end: Instant, zone: str) -> str:
    """`2026-01-05 09:00 to 2026-01-06 09:00 CET`; a zone that changes its name in between has both."""
    first, last = on_wall(start, zone), on_wall(end, zone)
    begin = f"{first:%Y-%m-%d %H:%M}" + (f" {first:%Z}" if first.tzname() != last.tzname() else "")
    return f"{begin} to {day_and_time(end, zone)}"


def shown(at: Instant, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    return datetime.combine(local, local.time())


def first_second(after: Instant, until: Instant, reached: Callable[[Instant], bool]) -> Instant:
    """The first whole second in (after, until] from which on `reached` is true. Zones change on whole
    seconds."""
    begin = after.replace(microsecond=0).astimezone(UTC)
    seconds = range(int((until - begin) / SECOND) + 1)
    return begin + bisect_left(seconds, True, key=lambda second: reached(begin + second * SECOND)) * SECOND
