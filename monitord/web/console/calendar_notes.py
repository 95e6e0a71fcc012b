"""What has been arranged about a shift: overrides with who made them and why, and swaps that wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitord.core.amendment import Amendment, said
from monitord.core.check import PersonId
from monitord.core.override import Override
from monitord.core.rotation import Shift
from monitord.core.swap import Span, Swap
from monitord.web.console.weeks import midnight

Names = Mapping[PersonId, str]


@dataclass(frozen=True, slots=True)
class Notes:
    """Of everything that people have arranged, what concerns one shift of a rotation."""

    made: Sequence[Amendment]
    swaps: Sequence[Swap]
    names: Names

    def of(self, rotation: str, shift: Shift) -> tuple[str, ...]:
        """A sentence each; a file says neither who nor why."""
        overrides = [
            f"{said_with(each.override, self.names)}, by {self.named(each.by)}: {each.why}"
            for each in self.made
            if shift.override and each.rotation == rotation and overlaps(each.override, shift)
        ]
        asked = [
            f"{self.named(each.giver)} asks {self.named(each.taker)} to take it: {each.why}"
            for each in self.swaps
            if each.rotation == rotation and each.giver in shift.people and overlaps(each.given, shift)
        ]
        return (*overrides, *asked)

    def on(self, rotation: str, shift: Shift, day: date, zone: str) -> tuple[str, ...]:
        """The same of that day's part of the shift."""
        start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        return self.of(rotation, shift._replace(start=max(start, shift.start), end=min(end, shift.end)))

    def named(self, person: PersonId) -> str:
        return self.names.get(person, person)


def said_with(override: Override, names: Names) -> str:
    """`Cem Example instead of Bo Example`."""
    who = names.get(override.who, override.who) if override.who is not None else None
    return said(replace(override, who=who, by=tuple(names.get(each, each) for each in override.by)))


def overlaps(span: Override | Span, shift: Shift) -> bool:
    return span.start < shift.end and span.end > shift.start
