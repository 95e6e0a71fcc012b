"""Whom a name means at an instant, and whom a page can reach: for tiers, and for people who name somebody."""

from collections.abc import Iterable

from monitord.core.absence import Origin
from monitord.core.check import Instant, PersonId
from monitord.core.employment import WHY
from monitord.core.policy import Target
from monitord.core.rotation import on_call
from monitord.core.world import Configuration

EVERYBODY = "everybody"


def stands_for(configuration: Configuration, target: Target, now: Instant) -> tuple[PersonId, ...]:
    """The people that a target means at this instant: a rotation, a team, everybody, or a person."""
    if target in configuration.rotations:
        return on_call(configuration.rotations[target], now)
    if target in configuration.teams:
        return configuration.teams[target].members
    if target == EVERYBODY:
        return tuple(sorted(configuration.people))
    return (target,)


def meant(configuration: Configuration, targets: Iterable[Target], now: Instant) -> tuple[PersonId, ...]:
    """Everybody whom one of the targets means, each once, in their order."""
    people = (person for target in targets for person in stands_for(configuration, target, now))
    return tuple(dict.fromkeys(people))


def urgent_by_hand(configuration: Configuration, service: str) -> tuple[Target, ...]:
    """Who hears at once when a person says that something of this service is urgent: whom the organisation
    names; else the members and managers of the service's team; without a team the last resort.
    """
    if configuration.urgent_by_hand:
        return configuration.urgent_by_hand
    known = configuration.services.get(service)
    team = configuration.teams.get(known.team) if known else None
    return (*team.managers, *team.members) if team else configuration.last_resort


def unreachable(configuration: Configuration, person: PersonId) -> str:
    """Why no page can reach this person; empty if one can."""
    known = configuration.people.get(person)
    if known is None:
        has_left = any(
            each.person == person and each.origin is Origin.GONE for each in configuration.absences
        )
        return WHY if has_left else "no longer in the configuration"
    return "" if known.reach else "has no contact method"


def why_nobody(configuration: Configuration, targets: Iterable[Target], now: Instant) -> str:
    """Why not one of the targets can be paged; empty if at least one person can."""
    targets = tuple(targets)
    people = meant(configuration, targets, now)
    if any(not unreachable(configuration, person) for person in people):
        return ""
    if not people:
        return f"nobody is on call in {', '.join(targets)} now"
    return "; ".join(f"{person} {unreachable(configuration, person)}" for person in people)
