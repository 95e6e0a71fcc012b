"""Calendars elsewhere as the API and the console say them: whose, how old, and what is wrong."""

from monitord.client.calendars import CalendarRow, DaysRow, InstantsRow, LeftOutRow
from monitord.core.almanac import Almanac, AlmanacStanding, CalendarSource
from monitord.core.check import Instant
from monitord.core.world import World


def calendar_rows(world: World, *, whole: bool = False) -> list[CalendarRow]:
    """Each that is configured; with what it says, if the `whole` is wanted."""
    sources = world.configuration.calendars
    known = sorted(sources.values(), key=lambda each: (each.host, each.leave_of, each.holidays_of))
    return [calendar_row(world, each, whole=whole) for each in known]


def calendar_row(world: World, source: CalendarSource, *, whole: bool = False) -> CalendarRow:
    almanac = world.get(Almanac, source.id) or Almanac(source.id)
    standing = world.get(AlmanacStanding, source.id) or AlmanacStanding(source.id)
    return CalendarRow(
        id=source.id,
        host=source.host,
        leave_of=source.leave_of,
        holidays_of=source.holidays_of,
        entries=len(almanac.days) + len(almanac.spans),
        left_out=tuple(LeftOutRow(why, count) for why, count in almanac.left_out),
        read=standing.read,
        failing=standing.failing,
        why=standing.why,
        days=tuple(
            DaysRow(each.first.isoformat(), each.last.isoformat(), each.why) for each in almanac.days if whole
        ),
        spans=tuple(InstantsRow(each.start, each.end, each.why) for each in almanac.spans if whole),
    )


def read_of(world: World, person: str) -> Instant | None:
    """When the calendar of somebody's leave was read last."""
    sources = world.configuration.calendars.values()
    ids = (source.id for source in sources if person in source.leave_of)
    standings = (world.get(AlmanacStanding, id) for id in ids)
    return next((each.read for each in standings if each is not None), None)
