"""Absences: who is away, and who takes over then.

Theory of operation. Absences are judged turn by turn, before anything else: the rule of the layer (else of
the rotation) says what becomes of the people of a turn who are away. `next` passes them over; if nobody of
the turn is left, the next in turn who is not away takes over, and the order of later turns does not move.
`cover` puts one named person in their place. `gap` puts nobody there, so a layer below shows through. Whoever
is away is away in every layer and every rotation.

Leave may name its own cover. Where that person is there, they stand in the place of whoever is away, in their
own turns, before any rule is asked; in turns that fall to somebody from others the rule has the word.

A public holiday is a reason to pass a turn on, not to leave it to nobody: where it would leave `next` or
`cover` without anybody, those count who have nothing but the holiday. Leave is leave.

Who has left for good (employment.py) is not passed over: a turn that was theirs alone is nobody's, whatever
the rule, and whoever has it together with others has left it to them.

An override that names somebody who is away counts: a person said so. So whoever is replaced by one is not
passed over as well; otherwise `replace ann with cem`, made because ann goes on leave, would find somebody
else in her place and change nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from itertools import groupby

from monitord.core.check import Instant, PersonId

People = tuple[PersonId, ...]

LASTS_MAX = timedelta(days=1100)  # three years


class Origin(Enum):
    """Where we know it from."""

    FILE = "file"
    RUN_TIME = "run time"
    CALENDAR = "calendar"
    HOLIDAY = "public holiday"
    GONE = "the directory of staff"


class Instead(Enum):
    """What becomes of a turn whose people are away; the values are the words of the YAML."""

    NEXT = "next"
    COVER = "cover"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class AwayRule:
    """`cover` is the person who covers; None with the other rules."""

    instead: Instead = Instead.NEXT
    cover: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away in [start, end), at most LASTS_MAX long; `cover`, if anybody, stands in for them."""

    person: PersonId
    start: Instant
    end: Instant
    why: str = ""
    origin: Origin = Origin.FILE
    cover: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Who is away at an instant; `on_leave` are those of them for whom it is not just a public holiday,
    `covers` who is named to stand in for whom, `gone` those who have left for good.
    """

    away: frozenset[PersonId] = frozenset()
    on_leave: frozenset[PersonId] = frozenset()
    covers: tuple[tuple[PersonId, PersonId], ...] = ()
    gone: frozenset[PersonId] = frozenset()

    def without(self, people: frozenset[PersonId]) -> "Missing":
        covers = tuple(pair for pair in self.covers if pair[0] not in people)
        return Missing(self.away - people, self.on_leave - people, covers, self.gone - people)


NOBODY_MISSING = Missing()


def in_order(absences: Iterable[Absence]) -> tuple[Absence, ...]:
    """As a rotation keeps them: by their start, each once."""
    return tuple(sorted(dict.fromkeys(absences), key=order))


def order(absence: Absence) -> tuple[Instant, Instant, PersonId]:
    return absence.start, absence.end, absence.person


def with_more(absences: tuple[Absence, ...], more: Iterable[Absence]) -> tuple[Absence, ...]:
    """The absences, which are `in_order`, with more of them in their places: a few among the holidays of many
    years, whenever somebody enters leave."""
    more = tuple(dict.fromkeys(more))
    if len(more) > len(absences):
        return in_order((*absences, *more))
    found = list(absences)
    for each in more:
        first = bisect_left(found, order(each), key=order)
        last = bisect_right(found, order(each), lo=first, key=order)
        if each not in found[first:last]:
            found.insert(last, each)
    return tuple(found)


def missing_at(absences: tuple[Absence, ...], at: Instant) -> Missing:
    """Who is away at `at`; the absences are `in_order`."""
    if not absences:
        return NOBODY_MISSING
    return missing(absences_at(absences, at))


def absences_at(absences: tuple[Absence, ...], at: Instant) -> list[Absence]:
    """Those in force at `at`, found without looking at those long over."""
    first = bisect_left(absences, at - LASTS_MAX, key=lambda each: each.start)
    last = bisect_right(absences, at, key=lambda each: each.start)
    return [each for each in absences[first:last] if at < each.end]


def missing(active: Iterable[Absence]) -> Missing:
    """Of several leaves of one person that name a cover, the last to begin is asked."""
    active = tuple(active)
    covers = {each.person: each.cover for each in active if each.cover is not None}
    return Missing(
        frozenset(each.person for each in active),
        frozenset(each.person for each in active if each.origin is not Origin.HOLIDAY),
        tuple(sorted(covers.items())),
        frozenset(each.person for each in active if each.origin is Origin.GONE),
    )


def changes(
    absences: tuple[Absence, ...], after: Instant, before: Instant | None = None
) -> Iterator[tuple[Instant, Missing]]:
    """When somebody leaves or comes back after `after`, with who is away from then on; strictly ascending.
    What happens from `before` on may be missing.
    """
    active = dict.fromkeys(absences_at(absences, after))
    first = bisect_left(absences, after - LASTS_MAX, key=lambda each: each.start)
    last = bisect_left(absences, before, key=lambda each: each.start) if before else len(absences)
    ahead = [each for each in absences[first:last] if each.end > after]
    edges = [(each.end, each, False) for each in ahead]
    edges += [(each.start, each, True) for each in ahead if each.start > after]
    edges.sort(key=lambda edge: edge[0])
    for at, several in groupby(edges, key=lambda edge: edge[0]):
        for _, absence, begins in several:
            if begins:
                active[absence] = None
            else:
                active.pop(absence, None)
        yield at, missing(active)


# Who takes over


def on_duty(entries: tuple[People, ...], turn: int, rule: AwayRule, missing: Missing) -> People:
    """Who is on call in turn number `turn` of people who take turns; () if it is nobody's or all are away."""
    entry = entries[turn % len(entries)]
    if missing.away.isdisjoint(entry):
        return entry
    if not missing.gone.isdisjoint(entry):
        entries = tuple(left(each, missing.gone) for each in entries)
        if not entries[turn % len(entries)]:
            return ()
    return RULES[rule.instead](entries, turn, rule, missing)


def next_in_turn(entries: tuple[People, ...], turn: int, _: AwayRule, missing: Missing) -> People:
    for gone in (missing.away, missing.on_leave):
        own = stood_in(entries[turn % len(entries)], missing, gone)
        others = (entries[(turn + step) % len(entries)] for step in range(1, len(entries)))
        for entry in (own, *others):
            here = left(entry, gone)
            if here:
                return here
    return ()


def covered(entries: tuple[People, ...], turn: int, rule: AwayRule, missing: Missing) -> People:
    cover = (rule.cover,) if rule.cover else ()
    for gone in (missing.away, missing.on_leave):
        entry, stand = stood_in(entries[turn % len(entries)], missing, gone), left(cover, gone)
        here = tuple(each for person in entry for each in (stand if person in gone else (person,)))
        if here:
            return here
    return ()


def gap(entries: tuple[People, ...], turn: int, _: AwayRule, missing: Missing) -> People:
    return left(stood_in(entries[turn % len(entries)], missing, missing.away), missing.away)


RULES = {Instead.NEXT: next_in_turn, Instead.COVER: covered, Instead.GAP: gap}


def left(people: People, gone: frozenset[PersonId]) -> People:
    return tuple(person for person in people if person not in gone)


def stood_in(people: People, missing: Missing, gone: frozenset[PersonId]) -> People:
    """The people, with whoever is named to stand in for one of those gone in that one's place."""
    covers = {person: cover for person, cover in missing.covers if cover not in gone}
    return tuple(covers.get(person, person) if person in gone else person for person in people)
