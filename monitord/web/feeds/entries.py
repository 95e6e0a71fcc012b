"""What stands in a feed: one entry a shift, from the functions that the escalation asks.

Theory of operation. The span is cut at Mondays, so that a feed stays the same for a week when nobody changes
anything. Shifts at its edges stand whole as far as MARGIN reaches. An entry's key is its rotation and when it
began: an override that shortens a shift moves its end in everybody's calendar, and does not make another
entry. One that began before anything that is looked at has a key of its own, for it has no beginning to see.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import chain

from monitord.core.check import Instant, PersonId
from monitord.core.override import People
from monitord.core.rotation import Rotation, Shift, shifts

BACK, AHEAD, MARGIN = timedelta(days=30), timedelta(days=90), timedelta(days=35)
WEEK = timedelta(days=7)
ENTRIES_MAX = 2000
LONG_BEFORE = "long before"


@dataclass(frozen=True, slots=True)
class Entry:
    """A shift of a rotation, or a gap in it; `key` names it as long as it begins when it does."""

    rotation: str
    key: str
    start: Instant
    end: Instant
    people: People
    layer: str | None
    override: bool


@dataclass(frozen=True, slots=True)
class Span:
    start: Instant
    end: Instant


def span_around(now: Instant) -> Span:
    """From the Monday (UTC) before BACK to the one after AHEAD."""
    return Span(monday(now - BACK), monday(now + AHEAD) + WEEK)


def monday(at: Instant) -> Instant:
    day = at.astimezone(UTC).date()
    return datetime.combine(day - timedelta(days=day.weekday()), time(), UTC)


def of_rotation(rotation: Rotation, span: Span) -> list[Entry]:
    """Every shift that touches the span, and every gap: the first ENTRIES_MAX."""
    return list(entries(rotation, span))[:ENTRIES_MAX]


def of_person(rotations: Iterable[Rotation], person: PersonId, span: Span) -> list[Entry]:
    """The shifts that the person has, in all rotations, as they come: the first ENTRIES_MAX."""
    theirs = (rotation for rotation in rotations if takes_part(rotation, person))
    found = [each for rotation in theirs for each in entries(rotation, span) if person in each.people]
    return sorted(found, key=lambda each: (each.start, each.rotation))[:ENTRIES_MAX]


def takes_part(rotation: Rotation, person: PersonId) -> bool:
    """Whether they can be on call there at all: who is named nowhere never is."""
    turns = (together for layer in rotation.layers for together in layer.people)
    standing_in = (override.by for override in rotation.overrides)
    covers = (rule.cover for rule in (rotation.away, *(layer.away for layer in rotation.layers)) if rule)
    return person in covers or any(person in people for people in chain(turns, standing_in))


def entries(rotation: Rotation, span: Span) -> Iterator[Entry]:
    begin = span.start - MARGIN
    for shift in shifts(rotation, begin, span.end + MARGIN):
        if shift.end > span.start and shift.start < span.end:
            yield entry(rotation, shift, LONG_BEFORE if shift.start == begin else shift.start.isoformat())


def entry(rotation: Rotation, shift: Shift, began: str) -> Entry:
    key = f"{rotation.id}\n{began}"
    return Entry(rotation.id, key, shift.start, shift.end, shift.people, shift.layer, shift.override)
