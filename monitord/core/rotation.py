"""Rotations: who is on call at an instant, the shifts of a time span, and when the answer changes next.

Theory of operation. There is one answer, `standing`: what a rotation says at one instant. `on_call`,
`shift_at`, `shifts` and `next_change` only ask it at different instants, so no two views can disagree;
`shifts` asks at every instant at which it may change and joins what did not.

In a stack the last layer with anybody on call is the answer; a turn of nobody lets the layers below show
through. In a union all layers are. An override for one layer is judged before the layering (it may make its
layer cover others), one for the whole rotation after it: removing somebody never brings up another person.
turns.py and override.py have the rest of the rules of ARCHITECTURE.md §8, wallclock.py those about daylight
saving.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from enum import Enum
from heapq import merge
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from monitord.core.check import Instant
from monitord.core.override import Override, OverrideKind, People, Standing, in_force, settled, unique
from monitord.core.turns import Layer, Turn, Unit, changes, turn_at
from monitord.core.wallclock import MOMENT, known_zone, zone_of

__all__ = [
    "Layer",
    "Layering",
    "Override",
    "OverrideKind",
    "Rotation",
    "Shift",
    "Turn",
    "Unit",
    "known_zone",
    "next_change",
    "on_call",
    "shift_at",
    "shifts",
]

WINDOW_MAX = timedelta(days=3660)
STEPS_MAX = 4000  # instants that next_change looks at: over five years of a layer with one window a day
LOOK_BACK = tuple(timedelta(days=2**power) for power in range(12))  # 1 day … over five years
NOBODY = Standing()


class Layering(Enum):
    """How layers that overlap are read; the values are the words of the YAML."""

    STACK = "stack"
    UNION = "union"


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who is on call, at any instant. `time_zone` is an IANA name, as are its layers' zones: ask `known_zone`
    first."""

    id: str
    time_zone: str
    layering: Layering = Layering.STACK
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on call in [start, end), in the order they are paged; a gap has no people.

    `layer` is the name of the layer they are on call in; in a union the names, joined by ", "; None in a gap
    and where an override of the whole rotation decides alone. `override` says whether one had a part in the
    answer.
    """

    start: Instant
    end: Instant
    people: People
    layer: str | None
    override: bool


def on_call(rotation: Rotation, at: Instant) -> People:
    """The people on call at `at`, in the order they are paged, each once; () if nobody is.

    `at` is any aware datetime; ValueError for a naive one.
    """
    return standing(rotation, at).people


def shift_at(rotation: Rotation, at: Instant) -> Shift:
    """The whole shift, or gap, that has `at` in it, in UTC.

    Where its start or end is further away than is searched (LOOK_BACK, `next_change`), it is cut there.
    """
    end = next_change(rotation, at) or at.astimezone(UTC) + LOOK_BACK[-1]
    return shift(standing(rotation, at), began(rotation, at), end)


def shifts(rotation: Rotation, start: Instant, end: Instant) -> list[Shift]:
    """What the rotation says from `start` to `end`, in UTC: contiguous, cut at both, gaps included.

    A shift ends at a handoff and where people, layer or override change. [] if start = end; ValueError if the
    end is before the start or more than WINDOW_MAX after it.
    """
    if not timedelta(0) <= end - start <= WINDOW_MAX:
        raise ValueError(f"{start} to {end} is no time span; it must be 0 to {WINDOW_MAX.days} days long")
    found = list(steps(rotation, start, end)) if start < end else []
    ends = [at for at, _ in found[1:]] + [end.astimezone(UTC)]
    return [shift(said, at, until) for (at, said), until in zip(found, ends, strict=False)]


def next_change(rotation: Rotation, at: Instant) -> Instant | None:
    """The next handoff, or change of people, layer or override, after `at`, in UTC.

    None if there is none at the next STEPS_MAX instants at which there could be one.
    """
    said = standing(rotation, at)
    later = islice(candidates(rotation, at), STEPS_MAX)
    return next((step for step in later if standing(rotation, step) != said), None)


# Walking from instant to instant


def steps(rotation: Rotation, start: Instant, end: Instant) -> Iterator[tuple[Instant, Standing]]:
    """The start, and every instant from there to before `end` at which the answer is another one, with that
    answer."""
    said = standing(rotation, start)
    yield start.astimezone(UTC), said
    for at in takewhile(lambda at: at < end, candidates(rotation, start)):
        before, said = said, standing(rotation, at)
        if said != before:
            yield at, said


def candidates(rotation: Rotation, after: Instant) -> Iterator[Instant]:
    """The instants after `after` at which the answer may change, strictly ascending; often without end."""
    edges = sorted(edge for override in rotation.overrides for edge in (override.start, override.end))
    found = merge(edges, *(changes(layer, zone_for(rotation, layer), after) for layer in rotation.layers))
    last = after
    try:
        for at in found:
            if at > last:
                last = at
                yield at.astimezone(UTC)
    except OverflowError:  # the calendar ends with the year 9999
        return


def began(rotation: Rotation, at: Instant) -> Instant:
    """When the shift that has `at` in it began, looked for in ever longer spans before it."""
    spans = ((at - back, shifts(rotation, at - back, at + MOMENT)) for back in LOOK_BACK)
    return next(
        (found[-1].start for begin, found in spans if found[-1].start > begin),
        at.astimezone(UTC) - LOOK_BACK[-1],
    )


def shift(said: Standing, start: Instant, end: Instant) -> Shift:
    return Shift(start, end, said.people, ", ".join(said.layers) or None, said.override)


# The answer at one instant


def standing(rotation: Rotation, at: Instant) -> Standing:
    """What the rotation says at `at`."""
    active = in_force(rotation.overrides, at)
    if not active and rotation.layering is Layering.STACK:
        turns = (turn_of(rotation, layer, at) for layer in reversed(rotation.layers))
        return next((said for said in turns if said.people), NOBODY)

    said = SPOKEN[rotation.layering](rotation, active, at)
    beside = [each for each in active if each.layer is None and not each.clears]
    return joined([*said, settled(NOBODY, beside)])


def stacked(rotation: Rotation, active: list[Override], at: Instant) -> list[Standing]:
    """What the last layer with anybody says; before it those that let it show through."""
    see_through: list[Standing] = []
    for layer in reversed(rotation.layers):
        said = turn_of(rotation, layer, at)
        own = settled(said, [each for each in active if each.layer == layer.name])
        if own.people:
            return [*see_through, settled(said, concerning(layer.name, active))]
        see_through.append(own)
    return [*see_through, settled(NOBODY, concerning(None, active))]


def united(rotation: Rotation, active: list[Override], at: Instant) -> list[Standing]:
    """What each layer says; without layers, what overrides say."""
    if not rotation.layers:
        return [settled(NOBODY, concerning(None, active))]
    return [
        settled(turn_of(rotation, layer, at), concerning(layer.name, active)) for layer in rotation.layers
    ]


SPOKEN = {Layering.STACK: stacked, Layering.UNION: united}


def concerning(layer: str | None, active: list[Override]) -> list[Override]:
    """Those that change what one layer says: its own and the rotation's. What is added to the rotation stands
    beside it."""
    return [
        each
        for each in active
        if each.layer == layer or (each.layer is None and each.kind is not OverrideKind.ADD)
    ]


def joined(said: list[Standing]) -> Standing:
    heard = [each for each in said if each.people]
    override = any(each.override for each in said)
    if len(heard) == 1 and override == heard[0].override:
        return heard[0]
    return Standing(
        people=unique(person for each in heard for person in each.people),
        layers=tuple(name for each in heard for name in each.layers),
        turns=tuple(turn for each in heard for turn in each.turns),
        override=override,
    )


def turn_of(rotation: Rotation, layer: Layer, at: Instant) -> Standing:
    """What a layer says without overrides."""
    turn = turn_at(layer, zone_for(rotation, layer), at)
    if turn is None or not layer.people:
        return Standing(layers=(layer.name,))
    people = layer.people[turn % len(layer.people)]
    return Standing(unique(people), (layer.name,), ((layer.name, turn),))


def zone_for(rotation: Rotation, layer: Layer) -> ZoneInfo:
    return zone_of(layer.zone or rotation.time_zone)
