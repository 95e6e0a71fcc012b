"""The calendar as a picture: weeks of days with a lane a rotation, and the same days as rows for a phone.

Theory of operation. Shifts come from the function that the escalation asks; here they only find their place.
A week has 168 places of an hour on the reader's wall clock, so that a day is as wide as any other, also when
its clock changes; a shift has at least one, and no gap disappears. A row of the phone is a shift on one day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from monitord.core.check import Instant, PersonId
from monitord.core.rotation import Rotation, Shift, shifts
from monitord.core.wallclock import instant_of

DAYS, HOURS = 7, 24
PLACES = DAYS * HOURS
TINTS = 8


@dataclass(frozen=True, slots=True)
class Span:
    """`weeks` weeks from that Monday on, on the wall clock of `zone`."""

    first: date
    weeks: int
    zone: str

    @property
    def start(self) -> Instant:
        return midnight(self.first, self.zone)

    @property
    def end(self) -> Instant:
        return midnight(self.first + timedelta(days=DAYS * self.weeks), self.zone)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=DAYS * self.weeks - 1)

    def moved(self, weeks: int) -> date:
        return self.first + timedelta(days=DAYS * weeks)


@dataclass(frozen=True, slots=True)
class Block:
    """A shift, or a gap, of a rotation; `tint` is a colour that goes with its first person."""

    rotation: str
    shift: Shift
    tint: int | None
    mine: bool
    now: bool

    @property
    def gap(self) -> bool:
        return not self.shift.people


@dataclass(frozen=True, slots=True)
class Bar:
    """A block's part of a week: `places` wide; `before`, `after`: it goes on beyond the week's edges."""

    block: Block
    places: int
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Lane:
    rotation: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A block on one day; `when` is its part of the day in words."""

    block: Block
    when: str


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    today: bool
    past: bool
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Week:
    days: tuple[Day, ...]
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, and when."""

    me: PersonId
    now: Instant


@dataclass(frozen=True, slots=True)
class Picture:
    span: Span
    weeks: tuple[Week, ...]
    gaps: tuple[Block, ...]
    mine: tuple[Block, ...]


def picture(
    rotations: Sequence[Rotation], span: Span, reader: Reader, tints: Mapping[PersonId, int]
) -> Picture:
    """Takes a while with many rotations, so call it in a thread."""
    found = {each.id: blocks(each, span, reader, tints) for each in rotations}
    every = [block for lane in found.values() for block in lane]
    return Picture(
        span=span,
        weeks=tuple(week(found, span, number, reader.now) for number in range(span.weeks)),
        gaps=tuple(in_order(block for block in every if block.gap and block.shift.end > reader.now)),
        mine=tuple(in_order(block for block in every if block.mine)),
    )


def in_order(found: Iterator[Block]) -> list[Block]:
    return sorted(found, key=lambda block: (block.shift.start, block.rotation))


def tints_of(people: Sequence[PersonId]) -> dict[PersonId, int]:
    """A colour for everybody, the same on every page; neighbours by name differ."""
    return {person: number % TINTS for number, person in enumerate(sorted(people))}


def blocks(
    rotation: Rotation, span: Span, reader: Reader, tints: Mapping[PersonId, int]
) -> tuple[Block, ...]:
    try:
        found = shifts(rotation, span.start, span.end)
    except OverflowError:  # the calendar ends with the year 9999
        return ()
    return tuple(
        Block(
            rotation.id,
            shift,
            tints.get(shift.people[0]) if shift.people else None,
            reader.me in shift.people,
            shift.start <= reader.now < shift.end,
        )
        for shift in found
    )


def week(found: Mapping[str, tuple[Block, ...]], span: Span, number: int, now: Instant) -> Week:
    """The lanes and the days of the span's week of that number."""
    first = span.moved(number)
    edges = [midnight(first + timedelta(days=day), span.zone) for day in range(DAYS + 1)]
    during = {id: within(lane, edges[0], edges[-1]) for id, lane in found.items()}
    lanes = tuple(Lane(id, bars(lane, edges, span.zone)) for id, lane in during.items())
    today = now.astimezone(ZoneInfo(span.zone)).date()
    days = tuple(
        day(during, first + timedelta(days=each), (start, end), today, span.zone)
        for each, (start, end) in enumerate(pairwise(edges))
    )
    return Week(days, lanes)


def within(lane: Sequence[Block], start: Instant, end: Instant) -> list[Block]:
    return [block for block in lane if block.shift.start < end and block.shift.end > start]


def bars(lane: Sequence[Block], edges: Sequence[Instant], zone: str) -> tuple[Bar, ...]:
    """Beside each other they are as wide as the week: who has no place of their own left has none."""
    made: list[Bar] = []
    taken = 0
    for left, block in zip(range(len(lane) - 1, -1, -1), lane, strict=True):
        until = PLACES if left == 0 else place(block.shift.end, edges, zone)
        until = min(max(until, taken + 1), PLACES - min(left, PLACES - taken - 1))
        if until > taken:
            beyond = block.shift.start < edges[0], block.shift.end > edges[-1]
            made.append(Bar(block, until - taken, *beyond))
            taken = until
    return tuple(made)


def place(at: Instant, edges: Sequence[Instant], zone: str) -> int:
    """How many hours of the week are over at that instant, on the wall clock; 0 to PLACES."""
    if at >= edges[-1]:
        return PLACES
    whole = sum(edge <= at for edge in edges) - 1
    local = at.astimezone(ZoneInfo(zone))
    return max(0, whole) * HOURS + round((local.hour * 60 + local.minute) / 60)


def day(
    found: Mapping[str, Sequence[Block]], on: date, edges: tuple[Instant, Instant], today: date, zone: str
) -> Day:
    """Those who are on call that day, rotation by rotation."""
    start, end = edges
    rows = tuple(
        Row(block, part_of_day(block.shift, start, end, zone))
        for lane in found.values()
        for block in within(lane, start, end)
    )
    return Day(on, on == today, on < today, rows)


def part_of_day(shift: Shift, start: Instant, end: Instant, zone: str) -> str:
    """`all day`, `from 09:00`, `until 09:00`, `09:00–17:00`."""
    begins, ends = (at.astimezone(ZoneInfo(zone)).strftime("%H:%M") for at in (shift.start, shift.end))
    if shift.start > start:
        return f"{begins}–{ends}" if shift.end < end else f"from {begins}"
    return f"until {ends}" if shift.end < end else "all day"


def monday_of(at: date) -> date:
    return at - timedelta(days=at.weekday())


def midnight(on: date, zone: str) -> Instant:
    """When the day begins there: at 00:00, or where the clock skips that, as soon as there is a day."""
    return instant_of(datetime.combine(on, time()), ZoneInfo(zone))
