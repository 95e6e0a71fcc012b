"""Overrides: somebody else than whose turn it is.

Theory of operation. Overrides in force are applied one after the other: those from a file by their line, then
those made at run time by the time they were made. So overrides about different people compose, and where two
contradict each other the newer wins: `replace ann with bo`, then `replace bo with cem` has cem on call. Of
several that replace or remove the same person only the newest is applied, otherwise an older one would take
away the person the newer one is about. `all` makes every earlier one void. Replacing or removing somebody who
is not on call changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import NamedTuple

from monitord.core.check import Instant, PersonId

People = tuple[PersonId, ...]

FROM_A_FILE = datetime.min.replace(tzinfo=UTC)


class OverrideKind(Enum):
    """What an override does; the values are the words of the YAML."""

    REPLACE_ALL = "all"
    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody instead, in [start, end).

    `by` are the people who come, `who` the person replaced or removed (None for the other kinds). `layer`
    None means the whole rotation. `made_at` None means from a file. Of two made at the same time, or both
    from files, the one with the greater `order` (in a file: the line) is the newer.
    """

    id: str
    start: Instant
    end: Instant
    kind: OverrideKind
    who: PersonId | None = None
    by: People = ()
    layer: str | None = None
    made_at: Instant | None = None
    order: int = 0

    @property
    def age(self) -> tuple[Instant, int]:
        """Sorts overrides from the weakest to the strongest."""
        return (self.made_at or FROM_A_FILE, self.order)

    @property
    def clears(self) -> bool:
        """Whether nothing older counts any more."""
        return self.kind is OverrideKind.REPLACE_ALL and self.layer is None


class Standing(NamedTuple):
    """What a rotation, or one layer of it, says at one instant; two that differ have a handoff or change
    between them.

    `layers` are the names of the layers that speak; `turns` the layer and the number of each turn that is on
    call; `away` those whose turn it is and who are away.
    """

    people: People = ()
    layers: tuple[str, ...] = ()
    turns: tuple[tuple[str, int], ...] = ()
    override: bool = False
    away: People = ()


def in_force(overrides: Iterable[Override], at: Instant) -> list[Override]:
    """The overrides that count at `at`, oldest first, from the newest on that makes the older void."""
    found = [each for each in overrides if each.start <= at < each.end]
    found.sort(key=lambda each: each.age)
    clearing = [index for index, each in enumerate(found) if each.clears]
    return found[clearing[-1] :] if clearing else found


def settled(said: Standing, overrides: list[Override]) -> Standing:
    """`said`, changed by the overrides, which are in force and stand oldest first."""
    for index, override in enumerate(overrides):
        if not superseded(override, overrides[index + 1 :]):
            said = CHANGES[override.kind](said, override)
    return said


def superseded(override: Override, newer: list[Override]) -> bool:
    """Whether a newer one, too, takes its person away."""
    return override.who is not None and any(each.who == override.who for each in newer)


def replaced_all(_: Standing, override: Override) -> Standing:
    layers = (override.layer,) if override.layer else ()
    return Standing(unique(override.by), layers, override=True)


def replaced(said: Standing, override: Override) -> Standing:
    if override.who not in said.people:
        return said
    place = said.people.index(override.who)
    people = said.people[:place] + override.by + said.people[place + 1 :]
    return said._replace(people=unique(people), override=True)


def added(said: Standing, override: Override) -> Standing:
    return said._replace(people=unique(said.people + override.by), override=True)


CHANGES = {
    OverrideKind.REPLACE_ALL: replaced_all,
    OverrideKind.REPLACE: replaced,
    OverrideKind.ADD: added,
    OverrideKind.REMOVE: replaced,  # by nobody
}


def unique(people: Iterable[PersonId]) -> People:
    return tuple(dict.fromkeys(people))
