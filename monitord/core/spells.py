"""The spells of one layer: from when on which of its turns is on call, instant after instant.

Theory of operation. `turns.turn_at` says whose turn it is at an instant and needs nothing else; it is the
definition. A year of a layer that is on call for two hours a day are a thousand spells, and asking it at each
edge of a window costs ten times what walking along costs. So here three things are walked at once, on the
wall clock: the sections of the days (no window, a window of today, one of yesterday over midnight), the
handoffs, and the number that yesterday's window keeps. Only what changes the turn becomes an instant. Turns
that are counted in elapsed time are walked on instants instead.

A property test holds every spell against the definition.
"""

import operator
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate, count, repeat, takewhile
from typing import TypeVar
from zoneinfo import ZoneInfo

from monitord.core.check import Instant
from monitord.core.turns import (
    MIDNIGHT,
    Layer,
    Unit,
    days_from,
    in_window_of_today,
    in_window_of_yesterday,
    masked_days_since,
    month_handoff,
    month_number,
    number,
    turn_at,
)
from monitord.core.wallclock import MOMENT, instant_of, wall_at

Time = TypeVar("Time", bound=datetime)  # on the wall, or an instant
Spell = tuple[Time, int | None]


class Section(IntEnum):
    """What a part of a day belongs to."""

    OFF = 0
    TODAY = 1
    YESTERDAY = 2


Edge = tuple[Time, Section, bool]  # when a section begins, and whether that is midnight
SectionOfDay = tuple[time, Section, bool]


def spells(layer: Layer, zone: ZoneInfo, start: Instant) -> Iterator[Spell[Instant]]:
    """`start` with the number of its turn (None where the layer is off), and then each instant at which it
    may be another one, with that one; ascending, without end unless the layer ends. Of several with the same
    instant the last counts.
    """
    yield start, turn_at(layer, zone, start)
    if layer.since and wall_at(start, zone) < layer.since:
        start = instant_of(layer.since, zone)
        yield start, turn_at(layer, zone, start)
    later = unbounded(layer, zone, start)
    if layer.until is None:
        yield from later
        return
    end = instant_of(layer.until, zone)
    if start < end:
        yield from takewhile(lambda spell: spell[0] < end, later)
        yield end, None


def unbounded(layer: Layer, zone: ZoneInfo, after: Instant) -> Iterator[Spell[Instant]]:
    """As if the layer had neither beginning nor end."""
    wall = wall_at(after, zone)
    if not leaves_out(layer):
        if layer.turn.elapsed:
            return elapsed_numbers(layer, zone, after)
        return ((instant_of(at, zone), turn) for at, turn in numbers(layer, wall))
    begin = (section_at(layer, wall), number(layer, zone, wall, after), kept_number(layer, zone, wall))
    found = edges(layer, wall)
    if layer.turn.elapsed:
        at_instants = ((instant_of(edge, zone), section, new) for edge, section, new in found)
        return walked(at_instants, elapsed_numbers(layer, zone, after), begin)
    return ((instant_of(at, zone), turn) for at, turn in walked(found, numbers(layer, wall), begin))


def walked(
    edges: Iterator[Edge[Time]], numbers: Iterator[tuple[Time, int]], begin: tuple[Section, int, int]
) -> Iterator[Spell[Time]]:
    """Where the turn changes. At midnight a section of yesterday keeps the number from before it; so an edge
    comes before the handoff of the same time.
    """
    section, current, kept = begin
    said = (None, current, kept)[section]
    handoff = next(numbers, None)
    for at, new, midnight in edges:
        while handoff and handoff[0] < at:
            current = handoff[1]
            if section is Section.TODAY and current != said:
                said = current
                yield handoff
            handoff = next(numbers, None)
        section = new
        if midnight:
            kept = current
        found = (None, current, kept)[section]
        if found != said:
            said = found
            yield at, found


# Sections


def section_at(layer: Layer, wall: datetime) -> Section:
    if not layer.restricted or in_window_of_today(layer, wall):
        return Section.TODAY
    return Section.YESTERDAY if in_window_of_yesterday(layer, wall) else Section.OFF


def kept_number(layer: Layer, zone: ZoneInfo, wall: datetime) -> int:
    """The number at the end of the day before."""
    midnight = datetime.combine(wall, MIDNIGHT)
    return number(layer, zone, midnight - MOMENT, instant_of(midnight, zone) - MOMENT)


def edges(layer: Layer, after: datetime) -> Iterator[Edge[datetime]]:
    """The wall times after `after` at which sections begin."""
    week, days = sections_of_week(layer), days_from(after)
    today = next(days)
    for at, section, midnight in week[today.weekday()]:
        edge = datetime.combine(today, at)
        if edge > after:
            yield edge, section, midnight
    for day in days:
        for at, section, midnight in week[day.weekday()]:
            yield datetime.combine(day, at), section, midnight


def leaves_out(layer: Layer) -> bool:
    """Whether its days and hours ever make a difference; where they never do, no section begins."""
    return layer.restricted and any(sections_of_week(layer))


@lru_cache(maxsize=256)
def sections_of_week(layer: Layer) -> tuple[tuple[SectionOfDay, ...], ...]:
    """For each weekday when its sections begin; a midnight that changes nothing is left out."""
    week = [list(sections_of_day(layer, weekday)) for weekday in range(7)]
    evenings = [week[weekday - 1][-1][1] for weekday in range(7)]
    return tuple(
        tuple(day[1:] if goes_on(day, evening) else day) for day, evening in zip(week, evenings, strict=True)
    )


def goes_on(day: list[SectionOfDay], evening: Section) -> bool:
    """Whether the day begins as the one before it ended, and keeps no number of that."""
    return day[0][1] is evening and all(section is not Section.YESTERDAY for _, section, _ in day)


def sections_of_day(layer: Layer, weekday: int) -> Iterator[SectionOfDay]:
    monday = date(2001, 1, 1)
    before: Section | None = None
    for at in sorted({MIDNIGHT, *(edge for window in layer.windows for edge in window)}):
        section = section_at(layer, datetime.combine(monday.replace(day=1 + weekday), at))
        if section is not before:
            yield at, section, at == MIDNIGHT
        before = section


# Handoffs with their numbers


def numbers(layer: Layer, after: datetime) -> Iterator[tuple[datetime, int]]:
    """The wall times after `after` at which turns begin; with a mask also some at which none does."""
    turn = layer.turn
    if turn.unit is Unit.MONTHS:
        return ((month_handoff(layer, k), k) for k in count(month_number(layer, after) + 1))
    if turn.unit is Unit.DAYS and layer.days:
        return masked_numbers(layer, after)
    return evenly(layer.start, turn.length, after)


def masked_numbers(layer: Layer, after: datetime) -> Iterator[tuple[datetime, int]]:
    """With turns of days and a mask: each masked day, counted on, and the start, whatever day it is."""
    first, at, turns = layer.start.date(), layer.start.time(), layer.turn.count
    passed = masked_days_since(layer, after.toordinal() - 1)
    for day in days_from(after):
        masked = day.weekday() in layer.days
        passed += masked
        handoff = datetime.combine(day, at)
        if (masked or day == first) and handoff > after:
            yield handoff, (passed if day < first else max(passed, 0)) // turns


def elapsed_numbers(layer: Layer, zone: ZoneInfo, after: Instant) -> Iterator[tuple[Instant, int]]:
    return evenly(instant_of(layer.start, zone), layer.turn.length, after)


def evenly(start: Time, length: timedelta, after: Time) -> Iterator[tuple[Time, int]]:
    first = (after - start) // length + 1
    return zip(accumulate(repeat(length), operator.add, initial=start + first * length), count(first))
