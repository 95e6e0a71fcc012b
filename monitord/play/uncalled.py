"""Who is not called in a simulation, and why: those whom the policy names first, then everybody else."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from monitord.core.absence import Origin, absences_at
from monitord.core.check import Instant, PersonId
from monitord.core.policy import Policy
from monitord.core.quiet import quiet_until
from monitord.core.rotation import Rotation, on_call, people_of
from monitord.core.whom import stands_for, unreachable
from monitord.core.wording import names
from monitord.core.world import Configuration

REFUSED_THEM = "no message reaches them"


@dataclass(frozen=True, slots=True)
class NotCalled:
    """Somebody whom no message reaches, and why that is so."""

    person: PersonId
    why: str


@dataclass(frozen=True, slots=True)
class Way:
    """The way up that was taken: `climbed` tiers of the policy, from an instant on; `refused` were tried."""

    policy: Policy | None
    at: Instant
    climbed: int
    refused: Collection[PersonId]


def uncalled(roster: Configuration, way: Way, reached: Collection[PersonId]) -> tuple[NotCalled, ...]:
    """Everybody of the organization but those who were reached, each with the first reason that is found."""
    reasons = dict.fromkeys(way.refused, REFUSED_THEM)
    for person, why in named(roster, way):
        reasons.setdefault(person, why)
    nowhere = f"in no tier of policy {way.policy.id}" if way.policy else "nothing is asked of anybody"
    everybody = {**reasons, **{person: reasons.get(person, nowhere) for person in sorted(roster.people)}}
    return tuple(NotCalled(person, why) for person, why in everybody.items() if person not in reached)


def named(roster: Configuration, way: Way) -> Iterator[tuple[PersonId, str]]:
    """Whom the tiers name, tier by tier, with what keeps a page from them."""
    for number, tier in enumerate(way.policy.tiers if way.policy else (), start=1):
        for target in tier.page:
            meant = stands_for(roster, target, way.at)
            for person in meant:
                yield person, kept(roster, way, person, number)
            rotation = roster.rotations.get(target)
            if rotation is not None:
                yield from off_duty(rotation, meant, way.at, roster.people)


def kept(roster: Configuration, way: Way, person: PersonId, tier: int) -> str:
    """Why somebody whom a tier means is not called all the same."""
    if why := unreachable(roster, person):
        return why
    if tier > way.climbed:
        return f"tier {tier} is not reached"
    until = quiet_until(roster.people[person], way.at)
    return f"has quiet hours until {until:%Y-%m-%d %H:%M} UTC" if until else "is not called by then"


def off_duty(
    rotation: Rotation, meant: Collection[PersonId], at: Instant, people: Mapping[PersonId, object]
) -> Iterator[tuple[PersonId, str]]:
    """Those of a rotation who are not on call: away, or it is the turn of others."""
    away = {each.person: each for each in absences_at(rotation.absences, at)}
    others = f"{names(on_call(rotation, at))} {'are' if len(meant) > 1 else 'is'} on call in {rotation.id}"
    for person in sorted(people_of(rotation) - frozenset(meant)):
        if person in away:
            why = "has a public holiday" if away[person].origin is Origin.HOLIDAY else "on leave"
            yield person, f"{why} until {away[person].end:%Y-%m-%d %H:%M} UTC"
        elif person in people:
            yield person, others
