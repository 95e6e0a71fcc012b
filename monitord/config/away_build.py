"""From what people write about absences to the core's, and the warnings that need their instants.

A date is a whole day in the person's zone, and the last one counts: whoever is away from the 24th to the 27th
is back on the 28th.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitord.config.days_off import DaysOffShape
from monitord.config.entries import Entry, Written
from monitord.config.people_shapes import AwayShape, PersonShape
from monitord.config.problem import Place, Problem, Wrong, at, quoted
from monitord.config.public_holidays import NONE, public_holidays, unknown
from monitord.config.scalars import no_such, parse_instant, refuse_far
from monitord.config.shapes import HolidaysShape
from monitord.core.absence import LASTS_MAX, Absence, Origin, in_order
from monitord.core.check import Instant
from monitord.core.rotation import Override
from monitord.core.wallclock import instant_of, zone_of
from monitord.core.world import Configuration

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
DAY = timedelta(days=1)
MIDNIGHT = time()
FORM = "write a date, as 2026-12-24, or an instant, as 2026-12-24 18:00"


class Absences:
    """Reads the leave of every person, and the holidays of those who take turns; what is wrong is in
    `problems`."""

    def __init__(self, written: Written, zone: str) -> None:
        self.written, self.zone = written, zone
        self.head = written.head.shape if written.head else None
        self.problems: list[Problem] = []
        self.leave_of: dict[str, list[Absence]] = {}

    def read(self) -> tuple[Absence, ...]:
        """The leave of everybody."""
        self.leave_of = {id: list(self.leaves(id, entry)) for id, entry in self.written.people.items()}
        return in_order(each for found in self.leave_of.values() for each in found)

    def of(self, people: Iterable[str]) -> Iterator[Absence]:
        """All that they are away for."""
        for person in people:
            yield from self.leave_of.get(person, ())
            yield from self.holidays(person)

    def leaves(self, person: str, entry: Entry[PersonShape]) -> Iterator[Absence]:
        zone = zone_of(entry.shape.time_zone or self.zone)
        for index, shape in enumerate(entry.shape.away):
            places = entry.place("away", index, "from"), entry.place("away", index, "to")
            found = self.leave(person, shape, zone, *places)
            if found is not None:
                yield found

    def holidays(self, person: str) -> Iterator[Absence]:
        entry = self.written.people.get(person)
        said = entry.shape.public_holidays if entry else None
        said = said or (self.head.public_holidays if self.head and entry else None)
        if entry is not None and said is not None:
            yield from days_off(person, said, entry.shape.time_zone or self.zone)

    def leave(
        self, person: str, shape: AwayShape, zone: ZoneInfo, begin: Place, place: Place
    ) -> Absence | None:
        where = begin
        try:
            start = begin_of(shape.since, zone)
            where = place
            end = end_of(shape.to, zone)
        except Wrong as wrong:
            self.problems.append(at(where, wrong.what, wrong.remedy))
            return None
        if start >= end:
            self.problems.append(at(place, "this ends before it begins", "`to` must be later than `from`"))
            return None
        if end - start > LASTS_MAX:
            what = f"nobody is away for more than {LASTS_MAX.days} days"
            self.problems.append(at(place, what, "remove the person from their rotations instead"))
            return None
        return Absence(person, start, end, shape.why or "")


def begin_of(text: str, zone: ZoneInfo) -> Instant:
    """The instant, or the beginning of the day. Raises Wrong."""
    day = day_of(text)
    return midnight(day, zone) if day else instant(text, zone)


def end_of(text: str, zone: ZoneInfo) -> Instant:
    """The instant, or the end of the day. Raises Wrong."""
    day = day_of(text)
    return midnight(day + DAY, zone) if day else instant(text, zone)


def day_of(text: str) -> date | None:
    if DATE.fullmatch(text) is None:
        return None
    refuse_far(text)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Wrong(*no_such(text, error, FORM)) from error


def instant(text: str, zone: ZoneInfo) -> Instant:
    try:
        return parse_instant(text, zone)
    except Wrong as wrong:
        raise Wrong(wrong.what, FORM if "is not an instant" in wrong.what else wrong.remedy) from wrong


def midnight(day: date, zone: ZoneInfo) -> Instant:
    return instant_of(datetime.combine(day, MIDNIGHT), zone)


def days_off(person: str, shape: DaysOffShape, zone: str) -> Iterator[Absence]:
    """What is no country is said by a check."""
    if shape.country is None or shape.country == NONE or unknown(shape.country, shape.subdivision):
        return
    for start, end, name in spans(shape.country, shape.subdivision, zone):
        yield Absence(person, start, end, name, Origin.HOLIDAY)


def holidays_of(shapes: Iterable[HolidaysShape]) -> dict[str, frozenset[date]]:
    """Every one of them, by place; what is no country is said by a check."""
    return {
        place(each): frozenset(day for day, _ in public_holidays(each.country, each.subdivision))
        for each in shapes
        if each.country != NONE and not unknown(each.country, each.subdivision)
    }


def place(shape: HolidaysShape) -> str:
    """`US`, or `US-IL`."""
    return "-".join(filter(None, (shape.country, shape.subdivision)))


@lru_cache(maxsize=256)
def spans(country: str, subdivision: str | None, zone: str) -> tuple[tuple[Instant, Instant, str], ...]:
    """The days there, in that zone."""
    clock = zone_of(zone)
    found = public_holidays(country, subdivision)
    return tuple((midnight(day, clock), midnight(day + DAY, clock), name) for day, name in found)


def overrides_of_the_absent(configuration: Configuration, written: Written) -> Iterator[Problem]:
    """An override that names somebody who is away counts: a person said so. Perhaps they did not know."""
    for id, entry in written.rotations.items():
        rotation = configuration.rotations[id]
        for override in rotation.overrides:
            for absence in rotation.absences:
                if absence.person in override.by and meet(override, absence):
                    what = f"{quoted(absence.person)} is away then"
                    why = f" ({absence.why})" if absence.why else ""
                    place = entry.place("overrides", override.order)
                    yield at(place, what + why, "the override counts all the same; name somebody else")
                    break


def meet(override: Override, absence: Absence) -> bool:
    return override.start < absence.end and absence.start < override.end
