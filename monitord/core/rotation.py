"""Rotations: who is on call at an instant, the shifts of a time span, and when the answer changes next.

Theory of operation. There is one answer, `standing`: what a rotation says at one instant. `on_call` asks it.
`shift_at`, `shifts` and `next_change` walk (`answers`): they keep what each layer says, who is away and which
overrides are in force, and make the same answer of it (`layered`) wherever one of them changes. Asking anew
at each of these instants cost five times as much; that both say the same is a property test.

A layer says whose turn it is, or who takes over where they are away (absence.py). In a stack the last layer
with anybody on call is the answer; a turn of nobody lets the layers below show through. In a union all layers
are. An override for one layer is judged before the layering (it may make its layer cover others), one for the
whole rotation after it: removing somebody never brings up another person. turns.py and override.py have the
rest of the rules of ARCHITECTURE.md §8, wallclock.py those about daylight saving.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from enum import Enum
from heapq import merge
from itertools import chain, islice, pairwise
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitord.core.absence import Absence, AwayRule, Missing, changes, missing_at, on_duty, with_more
from monitord.core.check import Instant, PersonId
from monitord.core.override import Override, OverrideKind, People, Standing, in_force, settled, unique
from monitord.core.spells import spells
from monitord.core.turns import Layer, Turn, Unit, turn_at
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
NEXT_IN_TURN = AwayRule()


class Layering(Enum):
    """How layers that overlap are read; the values are the words of the YAML."""

    STACK = "stack"
    UNION = "union"


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who is on call, at any instant. `time_zone` is an IANA name, as are its layers' zones: ask `known_zone`
    first. `absences` are `absence.in_order`; `away` is the rule for them, unless a layer has its own.
    """

    id: str
    time_zone: str
    layering: Layering = Layering.STACK
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    away: AwayRule = NEXT_IN_TURN


class Shift(NamedTuple):
    """Who is on call in [start, end), in the order they are paged; a gap has no people.

    `layer` is the name of the layer they are on call in; in a union the names, joined by ", "; None in a gap
    and where an override of the whole rotation decides alone. `override` says whether one had a part in the
    answer. `away` are those whose turn it is and who are away; others may have taken over.
    """

    start: Instant
    end: Instant
    people: People
    layer: str | None
    override: bool
    away: People = ()


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
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if start == end:
        return []
    found = [*steps(rotation, start, end), (end, NOBODY)]
    return [shift(said, begin, until) for (begin, said), (until, _) in pairwise(found)]


def next_change(rotation: Rotation, at: Instant) -> Instant | None:
    """The next handoff, or change of people, layer or override, after `at`, in UTC.

    None if there is none at the next STEPS_MAX instants at which there could be one.
    """
    later = islice(answers(rotation, at.astimezone(UTC)), 1 + STEPS_MAX)
    said = next(later)[1]
    return next((step for step, found in later if found != said), None)


def with_absences(rotation: Rotation, absences: Iterable[Absence]) -> Rotation:
    """The rotation with those of them, beside its own, that are about its people, and whoever covers them."""
    people, absences = people_of(rotation), tuple(absences)
    about = people | {each.cover for each in absences if each.cover and each.person in people}
    found = with_more(rotation.absences, (each for each in absences if each.person in about))
    return rotation if len(found) == len(rotation.absences) else replace(rotation, absences=found)


def people_of(rotation: Rotation) -> frozenset[PersonId]:
    """Everybody who may be on call in it."""
    rules = (rotation.away, *(layer.away for layer in rotation.layers))
    return frozenset(
        [
            *(person for layer in rotation.layers for entry in layer.people for person in entry),
            *(person for override in rotation.overrides for person in override.by),
            *(rule.cover for rule in rules if rule and rule.cover),
        ]
    )


# Walking from instant to instant


def steps(rotation: Rotation, start: Instant, end: Instant) -> Iterator[tuple[Instant, Standing]]:
    """The start, and every instant from there to before `end` at which the answer is another one, with that
    answer."""
    before: Standing | None = None
    for at, said in answers(rotation, start, end):
        if said is before:
            continue
        if said != before:
            yield at, said
        before = said


def answers(
    rotation: Rotation, start: Instant, end: Instant | None = None
) -> Iterator[tuple[Instant, Standing]]:
    """What `standing` says at the start, and at the instants after it (before `end`) at which it may say
    something else; strictly ascending, often without end.

    Nothing is asked anew there: between two of them the turns, those away and the overrides are the same.
    """
    scene, last = Scene(rotation, start), start
    for at, what, new in scene.moves(start, end):
        if at != last:
            yield last, scene.answer()
            last = at
        scene.move(at, what, new)
    yield last, scene.answer()


FIRST = itemgetter(0)
OVERRIDES, ABSENCES = -1, -2  # what moves, beside the layers by their number
Move = tuple[Instant, int, Any]


class Scene:
    """What the answer is made of, at one instant after the other: what each layer says, who is away, the
    overrides in force."""

    def __init__(self, rotation: Rotation, at: Instant) -> None:
        self.rotation = rotation
        self.active = in_force(rotation.overrides, at)
        self.missing = missing_at(rotation.absences, at)
        self.turns: list[int | None] = [None for _ in rotation.layers]
        self.silent = [Standing(layers=(layer.name,)) for layer in rotation.layers]
        self.spoken = list(self.silent)
        self.forget()

    def forget(self) -> None:
        """What was said with other overrides, or others away, counts no more."""
        self.known: list[dict[int, Standing]] = [{} for _ in self.rotation.layers]

    def moves(self, start: Instant, end: Instant | None) -> Iterable[Move]:
        """What moves when, ascending; at the start every layer does."""
        streams = (
            (
                (at, OVERRIDES, None)
                for at in edges(self.rotation.overrides)
                if at > start and (end is None or at < end)
            ),
            (
                (at, ABSENCES, missing)
                for at, missing in changes(self.rotation.absences, start, end)
                if end is None or at < end
            ),
            *(self.turns_of(index, start, end) for index in range(len(self.rotation.layers))),
        )
        if end is None:
            return merge(*streams, key=FIRST)
        # With an end, sorting costs half of what merging does.
        return sorted(chain.from_iterable(streams), key=FIRST)

    def turns_of(self, index: int, start: Instant, end: Instant | None) -> Iterator[Move]:
        layer = self.rotation.layers[index]
        try:
            for at, turn in spells(layer, zone_for(self.rotation, layer), start):
                if end is not None and at >= end:
                    return
                yield at, index, turn
        except OverflowError:  # the calendar ends with the year 9999
            return

    def move(self, at: Instant, what: int, new: Any) -> None:
        if what >= 0:
            self.turns[what] = new
            self.spoken[what] = self.says(what, new)
            return
        if what == ABSENCES:
            self.missing = new
        else:
            self.active = in_force(self.rotation.overrides, at)
        self.forget()
        self.spoken = [self.says(index, turn) for index, turn in enumerate(self.turns)]

    def says(self, index: int, turn: int | None) -> Standing:
        """What a layer says in that turn; but for its number the same in every turn of these people."""
        layer, known = self.rotation.layers[index], self.known[index]
        if turn is None or not layer.people:
            return self.silent[index]
        place = turn % len(layer.people)
        said = known.get(place)
        if said is None:
            known[place] = said = said_in(self.rotation, layer, turn, self.missing, self.active)
        return Standing(said.people, said.layers, ((layer.name, turn),), away=said.away)

    def answer(self) -> Standing:
        return layered(self.rotation, self.spoken, self.active)


def began(rotation: Rotation, at: Instant) -> Instant:
    """When the shift that has `at` in it began, looked for in ever longer spans before it."""
    spans = ((at - back, shifts(rotation, at - back, at + MOMENT)) for back in LOOK_BACK)
    return next(
        (found[-1].start for begin, found in spans if found[-1].start > begin),
        at.astimezone(UTC) - LOOK_BACK[-1],
    )


def shift(said: Standing, start: Instant, end: Instant) -> Shift:
    return Shift(start, end, said.people, named(said.layers), said.override, said.away)


def named(layers: tuple[str, ...]) -> str | None:
    return layers[0] if len(layers) == 1 else ", ".join(layers) or None


def edges(overrides: Iterable[Override]) -> list[Instant]:
    return sorted({edge for each in overrides for edge in (each.start, each.end)})


# The answer at one instant


def standing(rotation: Rotation, at: Instant) -> Standing:
    """What the rotation says at `at`."""
    active, missing = in_force(rotation.overrides, at), missing_at(rotation.absences, at)
    turns = ((layer, turn_at(layer, zone_for(rotation, layer), at)) for layer in rotation.layers)
    return layered(
        rotation, [said_in(rotation, layer, turn, missing, active) for layer, turn in turns], active
    )


def layered(rotation: Rotation, spoken: list[Standing], active: list[Override]) -> Standing:
    """What the rotation says, when its layers have spoken, with the overrides in force."""
    if not active and not [said for said in spoken if said.away]:
        heard = [said for said in spoken if said.people]
        if len(heard) < 2 or rotation.layering is Layering.STACK:
            return heard[-1] if heard else NOBODY
        return together(heard)

    said = SPOKEN[rotation.layering](rotation, spoken, active)
    beside = [each for each in active if each.layer is None and not each.clears]
    return joined([*said, settled(NOBODY, beside)])


def stacked(rotation: Rotation, spoken: list[Standing], active: list[Override]) -> list[Standing]:
    """What the last layer with anybody says; before it those that let it show through."""
    see_through: list[Standing] = []
    for layer, said in zip(reversed(rotation.layers), reversed(spoken), strict=True):
        own = settled(said, [each for each in active if each.layer == layer.name])
        if own.people:
            return [*see_through, settled(said, concerning(layer.name, active))]
        see_through.append(own)
    return [*see_through, settled(NOBODY, concerning(None, active))]


def united(rotation: Rotation, spoken: list[Standing], active: list[Override]) -> list[Standing]:
    """What each layer says; without layers, what overrides say."""
    if not rotation.layers:
        return [settled(NOBODY, concerning(None, active))]
    return [
        settled(said, concerning(layer.name, active))
        for layer, said in zip(rotation.layers, spoken, strict=True)
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
    away = unique(person for each in said for person in each.away)
    if len(heard) == 1 and override == heard[0].override and away == heard[0].away:
        return heard[0]
    return together(heard)._replace(override=override, away=away)


def together(heard: list[Standing]) -> Standing:
    return Standing(
        people=unique([person for each in heard for person in each.people]),
        layers=tuple([name for each in heard for name in each.layers]),
        turns=tuple([turn for each in heard for turn in each.turns]),
    )


def said_in(
    rotation: Rotation, layer: Layer, turn: int | None, missing: Missing, active: list[Override]
) -> Standing:
    """What a layer says in its turn number `turn`, before overrides; those whom one replaces are not passed
    over."""
    if turn is None or not layer.people:
        return Standing(layers=(layer.name,))
    scheduled = unique(layer.people[turn % len(layer.people)])
    if missing.away.isdisjoint(scheduled):
        return Standing(scheduled, (layer.name,), ((layer.name, turn),))

    replaced = (each.who for each in concerning(layer.name, active) if each.kind is OverrideKind.REPLACE)
    missing = missing.without(frozenset(who for who in replaced if who))
    people = unique(on_duty(layer.people, turn, layer.away or rotation.away, missing))
    away = tuple(person for person in scheduled if person in missing.away and person not in people)
    return Standing(people, (layer.name,), ((layer.name, turn),), away=away)


def zone_for(rotation: Rotation, layer: Layer) -> ZoneInfo:
    return zone_of(layer.zone or rotation.time_zone)
