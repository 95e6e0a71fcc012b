"""The roster: the configuration with what people have changed at run time merged into its rotations.

Every view asks it, and so does the escalation: engine, command line, API, console and calendar cannot
disagree about who is on call. Leave that people have entered, and what calendars elsewhere said last, stand
beside what files say about who is away.

It is asked at every page and by every screen, and the same is merged again and again: the last answers are
kept, and found by the very records and the very configuration that they were made of.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from monitord.core.absence import Absence, with_more
from monitord.core.almanac import Almanac, absences
from monitord.core.amendment import Amendment
from monitord.core.check import Instant, PersonId
from monitord.core.employment import Employment, without_leavers
from monitord.core.leave import Leave
from monitord.core.rotation import Override, Rotation, on_call, people_of, shifts, with_absences
from monitord.core.world import Configuration, Draft, World

MERGED: tuple[type[Any], ...] = (Amendment, Leave, Almanac)
CHANGES = (*MERGED, Employment)  # all that changes what files say; a world has left out already who has left
KEPT = 8


def in_force(around: World | Draft) -> Configuration:
    """The accepted configuration with run-time overrides and leave in its rotations; with nothing changed it
    is the configuration itself."""
    return merged(around.configuration, (record for kind in MERGED for record in around.all(kind)))


def merged(
    configuration: Configuration, changes: Iterable[Amendment | Leave | Almanac | Employment]
) -> Configuration:
    """The configuration with these; one for a rotation or person that is not configured any more changes
    nothing."""
    made = made_of(Same((configuration, *changes)))
    return configuration if made is None else made


class Same:
    """Values that are the same as others only if each of them is that very one; it keeps hold of them."""

    __slots__ = ("hashed", "values")

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values
        self.hashed = hash(tuple(map(id, values)))

    def __hash__(self) -> int:
        return self.hashed

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Same) or len(self.values) != len(other.values):
            return False
        return all(one is another for one, another in zip(self.values, other.values, strict=True))


@lru_cache(maxsize=KEPT)
def made_of(parts: Same) -> Configuration | None:
    """None where nothing is changed."""
    accepted: Configuration = parts.values[0]
    changes: tuple[Any, ...] = parts.values[1:]
    configuration = without_leavers(accepted, (each for each in changes if isinstance(each, Employment)))
    amendments = [
        each for each in changes if isinstance(each, Amendment) and each.rotation in configuration.rotations
    ]
    away = [absence for each in changes for absence in told_by(each, configuration)]
    if not amendments and not away:
        return None if configuration is accepted else configuration
    rotations = amended(configuration.rotations, amendments)
    if not away:
        return replace(configuration, rotations=rotations)
    everybody = with_more(configuration.absences, away)
    return replace(configuration, rotations=absent(rotations, away, everybody), absences=everybody)


def told_by(change: Any, configuration: Configuration) -> Iterable[Absence]:
    """Who is away because of it."""
    if isinstance(change, Leave) and change.person in configuration.people:
        return (change.absence,)
    source = configuration.calendars.get(change.calendar) if isinstance(change, Almanac) else None
    return absences(change, source, configuration.people) if source is not None else ()


def absent(
    rotations: Mapping[str, Rotation], away: Iterable[Absence], everybody: Iterable[Absence]
) -> Mapping[str, Rotation]:
    """The rotations, which know what files say, with those `away` besides; nearly all stay as they are."""
    new, all = by_person(away), by_person(everybody)
    found = {id: concerning(rotation, new, all) for id, rotation in rotations.items()}
    return {
        id: with_absences(rotation, found[id]) if found[id] else rotation
        for id, rotation in rotations.items()
    }


def by_person(absences: Iterable[Absence]) -> dict[PersonId, list[Absence]]:
    of: dict[PersonId, list[Absence]] = {}
    for each in absences:
        of.setdefault(each.person, []).append(each)
    return of


def concerning(
    rotation: Rotation, new: Mapping[PersonId, list[Absence]], all: Mapping[PersonId, list[Absence]]
) -> list[Absence]:
    """What is new of its people, and whatever is known of those who stand in for them; in any order."""
    people = people_of(rotation)
    theirs = [each for person in sorted(people) for each in new.get(person, ())]
    covers = {each.cover for each in theirs if each.cover}
    return [*theirs, *(each for person in sorted(covers) for each in all.get(person, ()))]


def amended(rotations: Mapping[str, Rotation], amendments: Iterable[Amendment]) -> Mapping[str, Rotation]:
    made: dict[str, list[Override]] = {}
    for each in amendments:
        made.setdefault(each.rotation, []).append(each.override)
    changed = {
        id: replace(rotations[id], overrides=(*rotations[id].overrides, *overrides))
        for id, overrides in made.items()
    }
    return {**rotations, **changed}


def idle(rotation: Rotation, override: Override) -> bool:
    """Does this one of the rotation's overrides change nothing about who is on call, as things stand?"""
    others = replace(rotation, overrides=tuple(each for each in rotation.overrides if each != override))
    found = (*shifts(rotation, *span(override)), *shifts(others, *span(override)))
    starts = {shift.start for shift in found}
    return all(on_call(rotation, at) == on_call(others, at) for at in starts)


def span(override: Override) -> tuple[Instant, Instant]:
    return override.start, override.end
