"""The calendar as a picture: weeks of days with a lane a rotation, and the same days as rows for a phone.

Theory of operation. Shifts come from the function that the escalation asks; here they only find their place.
A week has 168 places of an hour on the reader's wall clock, so that a day is as wide as any other, also when
its clock changes; a shift has at least one, and no gap disappears. A row of the phone is a shift on one day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from urllib.parse import quote
from zoneinfo import ZoneInfo

from monitord.core.check import Instant, PersonId
from monitord.core.override import People
from monitord.core.rotation import Rotation, Shift, shift_at, shifts
from monitord.core.wallclock import instant_of
from monitord.web.feeds.entries import takes_part

DAYS, HOURS = 7, 24
PLACES = DAYS * HOURS
TINTS = 8
NARROW = 24  # hours: a bar that has no room for a whole name
NOBODY = "nobody"


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
    """A shift, or a gap, of a rotation, as words: `who`, or in `brief`; `looks` are its classes in the style
    sheet, `place` is where it is shown alone.
    """

    rotation: str
    shift: Shift
    mine: bool
    now: bool
    who: str
    brief: str
    looks: str
    place: str

    @property
    def gap(self) -> bool:
        return not self.shift.people


@dataclass(frozen=True, slots=True)
class Bar:
    """A block's part of a week, `places` wide, and whether it goes on beyond the week's edges."""

    block: Block
    places: int
    looks: str

    @property
    def narrow(self) -> bool:
        return self.places < NARROW


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
    """Who looks, and when; `names` is everybody's, by id."""

    me: PersonId
    now: Instant
    names: Mapping[PersonId, str]

    def named(self, people: People) -> str:
        return ", ".join(self.names.get(person, person) for person in people) or NOBODY


@dataclass(frozen=True, slots=True)
class Picture:
    span: Span
    weeks: tuple[Week, ...]
    gaps: tuple[Block, ...]

    @property
    def has_today(self) -> bool:
        return any(day.today for week in self.weeks for day in week.days)


def picture(rotations: Sequence[Rotation], span: Span, reader: Reader) -> Picture:
    """Takes a while with many rotations, so call it in a thread."""
    tints = tints_of(reader.names)
    found = {each.id: blocks(each, span, reader, tints) for each in rotations}
    gaps = (
        replace(block, shift=whole(rotation, block.shift, span))
        for rotation in rotations
        for block in found[rotation.id]
        if block.gap and block.shift.end > reader.now
    )
    weeks = tuple(week(found, span, number, reader.now) for number in range(span.weeks))
    return Picture(span, weeks, tuple(in_order(gaps)))


def shifts_of(person: PersonId, rotations: Sequence[Rotation], span: Span, reader: Reader) -> list[Block]:
    """Theirs, in all rotations, as they come."""
    return in_order(
        block(rotation.id, whole(rotation, shift, span), reader, {})
        for rotation in rotations
        if takes_part(rotation, person)
        for shift in known_shifts(rotation, span.start, span.end)
        if person in shift.people
    )


def in_order(found: Iterable[Block]) -> list[Block]:
    return sorted(found, key=lambda block: (block.shift.start, block.rotation))


def whole(rotation: Rotation, shift: Shift, span: Span) -> Shift:
    """The shift from its beginning to its end, also where the span cuts it."""
    if span.start < shift.start and shift.end < span.end:
        return shift
    return shift_at(rotation, shift.start)


def tints_of(people: Iterable[PersonId]) -> dict[PersonId, int]:
    """A colour for everybody, the same on every page; neighbours by name differ."""
    return {person: number % TINTS for number, person in enumerate(sorted(people))}


@lru_cache(maxsize=512)
def known_shifts(rotation: Rotation, start: Instant, end: Instant) -> tuple[Shift, ...]:
    """The same weeks are looked at again and again."""
    try:
        return tuple(shifts(rotation, start, end))
    except OverflowError:  # the calendar ends with the year 9999
        return ()


def blocks(
    rotation: Rotation, span: Span, reader: Reader, tints: Mapping[PersonId, int]
) -> tuple[Block, ...]:
    found = known_shifts(rotation, span.start, span.end)
    return tuple(block(rotation.id, shift, reader, tints) for shift in found)


def block(rotation: str, shift: Shift, reader: Reader, tints: Mapping[PersonId, int]) -> Block:
    mine, now = reader.me in shift.people, shift.start <= reader.now < shift.end
    tint = f"tint-{tints.get(shift.people[0], 0)}" if shift.people else "gap"
    who = reader.named(shift.people)
    return Block(
        rotation=rotation,
        shift=shift,
        mine=mine,
        now=now,
        who=who,
        brief=", ".join(name.partition(" ")[0] for name in who.split(", ")),
        looks=" ".join((tint, *(("mine",) if mine else ()), *(("now",) if now else ()))),
        place=f"/oncall/shift?rotation={quote(rotation, safe='')}&at={shift.start:%Y-%m-%dT%H:%M:%SZ}",
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
    """Beside each other they are as wide as the week; of more than PLACES the last ones have none."""
    made: list[Bar] = []
    taken = 0
    for left, block in zip(range(len(lane) - 1, -1, -1), lane, strict=True):
        room = max(0, PLACES - taken - 1)
        wanted = place(block.shift.end, edges, zone) if left else PLACES
        until = min(max(wanted, taken + 1), PLACES - min(left, room))
        if until > taken:
            made.append(Bar(block, until - taken, looks(block, until - taken, edges)))
            taken = until
    return tuple(made)


def looks(block: Block, places: int, edges: Sequence[Instant]) -> str:
    """The classes of a block's bar."""
    said = (
        (block.looks, True),
        ("goes-on", block.shift.start < edges[0]),
        ("goes-beyond", block.shift.end > edges[-1]),
        ("narrow", places < NARROW),
    )
    return " ".join(word for word, so in said if so)


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
