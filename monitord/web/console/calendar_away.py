"""Who is away, beside the weeks of a calendar: bars below each other, and the same as words of a day.

People who are away from when to when for the same reason stand together, so a public holiday is one bar and
not one for everybody. Only who may be on call in what is shown is of interest here.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise

from monitord.core.absence import LASTS_MAX, Absence, Origin
from monitord.core.check import Instant, PersonId
from monitord.core.rotation import Rotation, people_of
from monitord.web.console.weeks import DAYS, PLACES, Reader, Span, midnight, place

LANES_MAX = 6  # of a week
NAMES_MAX = 4  # of one bar
ROOMY = 60  # hours: a bar that has room for whole names


@dataclass(frozen=True, slots=True)
class Away:
    """`who` is not there in [start, end); `why` is a reason, or that there is a public holiday."""

    who: str
    why: str
    mine: bool
    start: Instant
    end: Instant

    @property
    def words(self) -> str:
        """`Ann Example: skiing`."""
        return f"{self.who}: {self.why}" if self.why else self.who

    @property
    def brief(self) -> str:
        """`Ann: skiing`."""
        first = ", ".join(name.partition(" ")[0] for name in self.who.split(", "))
        return f"{first}: {self.why}" if self.why else first


@dataclass(frozen=True, slots=True)
class Cell:
    """`places` of a week, with or without somebody who is away."""

    places: int
    away: Away | None

    @property
    def words(self) -> str:
        """What the bar says; where there is little room, first names."""
        if self.away is None:
            return ""
        return self.away.brief if self.places < ROOMY else self.away.words


@dataclass(frozen=True, slots=True)
class AwayWeek:
    """Of more lanes than fit, `left_out` are counted; `days` has everybody, day by day."""

    lanes: tuple[tuple[Cell, ...], ...]
    left_out: int
    days: tuple[tuple[Away, ...], ...]


def away_weeks(
    absences: Iterable[Absence], rotations: Sequence[Rotation], span: Span, reader: Reader
) -> tuple[AwayWeek, ...]:
    """Week by week; takes a while with many people, so call it in a thread."""
    concerned = frozenset(person for each in rotations for person in people_of(each))
    known = (*absences, *(own for each in rotations for own in during(each.absences, span)))
    found = together({each for each in known if each.person in concerned and reaches(each, span)}, reader)
    return tuple(week(found, span, number) for number in range(span.weeks))


def during(absences: tuple[Absence, ...], span: Span) -> tuple[Absence, ...]:
    """Those of a rotation, which are in order, that may reach into the span."""
    first = bisect_left(absences, span.start - LASTS_MAX, key=lambda each: each.start)
    last = bisect_left(absences, span.end, key=lambda each: each.start)
    return absences[first:last]


def reaches(absence: Absence, span: Span) -> bool:
    return absence.start < span.end and absence.end > span.start


def together(absences: Iterable[Absence], reader: Reader) -> list[Away]:
    """As they begin; those of several people in one, where time and reason are the same."""
    ordered = sorted(absences, key=lambda each: (*occasion(each), each.person))
    found = [away(list(several), reader) for _, several in groupby(ordered, key=occasion)]
    return sorted(found, key=lambda each: (each.start, each.end, each.who))


def occasion(absence: Absence) -> tuple[Instant, Instant, str, str]:
    return absence.start, absence.end, reason(absence), absence.cover or ""


def reason(absence: Absence) -> str:
    if absence.origin is Origin.HOLIDAY:
        return absence.why or "public holiday"
    return absence.why


def away(several: Sequence[Absence], reader: Reader) -> Away:
    first = several[0]
    people: list[PersonId] = list(dict.fromkeys(each.person for each in several))
    more = len(people) - NAMES_MAX
    who = reader.named(tuple(people[:NAMES_MAX])) + (f" and {more} more" if more > 0 else "")
    cover = f"{reader.named((first.cover,))} stands in" if first.cover else ""
    why = ", ".join(filter(None, (reason(first), cover)))
    return Away(who, why, reader.me in people, first.start, first.end)


def week(found: Sequence[Away], span: Span, number: int) -> AwayWeek:
    first = span.moved(number)
    edges = [midnight(first + timedelta(days=day), span.zone) for day in range(DAYS + 1)]
    here = [each for each in found if each.start < edges[-1] and each.end > edges[0]]
    packed = lanes([(*places(each, edges, span.zone), each) for each in here])
    days = tuple(
        tuple(each for each in here if each.start < end and each.end > start)
        for start, end in pairwise(edges)
    )
    shown = tuple(tuple(cells(lane)) for lane in packed[:LANES_MAX])
    return AwayWeek(shown, sum(len(lane) for lane in packed[LANES_MAX:]), days)


def places(away: Away, edges: Sequence[Instant], zone: str) -> tuple[int, int]:
    """Where its bar begins and ends in the week; it has a place at least."""
    begin = min(place(away.start, edges, zone) if away.start > edges[0] else 0, PLACES - 1)
    return begin, max(begin + 1, place(away.end, edges, zone))


Placed = tuple[int, int, Away]


def lanes(placed: Sequence[Placed]) -> list[list[Placed]]:
    """Each in the first lane that has room."""
    found: list[list[Placed]] = []
    for bar in placed:
        lane = next((lane for lane in found if lane[-1][1] <= bar[0]), None)
        if lane is None:
            found.append([bar])
        else:
            lane.append(bar)
    return found


def cells(lane: Sequence[Placed]) -> Iterator[Cell]:
    """Beside each other they are as wide as the week."""
    taken = 0
    for begin, end, away in lane:
        if begin > taken:
            yield Cell(begin - taken, None)
        yield Cell(end - begin, away)
        taken = end
    if taken < PLACES:
        yield Cell(PLACES - taken, None)
