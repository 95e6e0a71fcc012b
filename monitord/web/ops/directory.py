"""The API's questions about who and what there is: people, teams, services, policies, rotations."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query

from monitord.client.directory import (
    MethodRow,
    PersonRow,
    PolicyRow,
    QuietRow,
    RotationRow,
    ServiceRow,
    TeamRow,
    TierRow,
)
from monitord.client.shapes import Pair, ShiftRow
from monitord.config.scalars import DAYS
from monitord.core.organization import Person, Service, Team
from monitord.core.policy import Policy
from monitord.core.quiet import quiet_until
from monitord.core.rotation import WINDOW_MAX, Rotation, shifts
from monitord.core.world import Configuration
from monitord.web.access.roles import Actor, Role, needs
from monitord.web.ops.asked import By
from monitord.web.ops.discretion import address_for
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import instant
from monitord.web.ops.reads import Id
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No
from monitord.web.threads import in_thread

T = TypeVar("T")

SHIFTS_AHEAD = timedelta(days=28)
From = Annotated[datetime | None, Query(alias="from", description="RFC 3339; now, if it is left out")]
To = Annotated[datetime | None, Query(description="RFC 3339; 28 days later, if it is left out")]


def directory(sources: Sources) -> APIRouter:
    """Over these sources; everything stands in files, so there are no acts."""
    router = routes()
    add_organization(router, sources)
    add_rotations(router, sources)
    return router


def add_organization(router: APIRouter, sources: Sources) -> None:
    @router.get("/people")
    @needs(Role.VIEWER)
    async def list_people(actor: By) -> list[PersonRow]:
        """Everybody who can be paged, and how; to a viewer addresses are masked."""
        here = sources.configuration
        return [person_row(each, here, actor, sources.now) for each in by_id(here.people)]

    @router.get("/teams")
    @needs(Role.VIEWER)
    async def list_teams() -> list[TeamRow]:
        """Who belongs together."""
        return [team_row(each) for each in by_id(sources.configuration.teams)]

    @router.get("/services")
    @needs(Role.VIEWER)
    async def list_services() -> list[ServiceRow]:
        """What teams answer for."""
        return [service_row(each) for each in by_id(sources.configuration.services)]

    @router.get("/policies")
    @needs(Role.VIEWER)
    async def list_policies() -> list[PolicyRow]:
        """The ways up."""
        return [policy_row(each) for each in by_id(sources.configuration.policies)]


def add_rotations(router: APIRouter, sources: Sources) -> None:
    @router.get("/rotations")
    @needs(Role.VIEWER)
    async def list_rotations() -> list[RotationRow]:
        """Who takes turns."""
        return [rotation_row(each) for each in by_id(sources.configuration.rotations)]

    @router.get("/rotations/{rotation}/shifts")
    @needs(Role.VIEWER)
    async def list_shifts(rotation: Id, since: From = None, to: To = None) -> list[ShiftRow]:
        """Who is on call when: contiguous, cut at both ends, gaps included."""
        found = sources.roster.rotations.get(rotation)
        if found is None:
            known = list(sources.configuration.rotations)
            raise No(404, f"there is no rotation {rotation}", did_you_mean(rotation, known))
        start = instant(since, "query.from") or sources.now
        end = instant(to, "query.to") or later(start)
        if not timedelta(0) <= end - start <= WINDOW_MAX:
            remedy = f"`to` is 0 to {WINDOW_MAX.days} days after `from`"
            raise No(422, "that is no span of time", remedy, "query.to")
        return await in_thread(shift_rows, found, start, end)


def later(start: datetime) -> datetime:
    try:
        return start + SHIFTS_AHEAD
    except OverflowError:
        return start


def shift_rows(rotation: Rotation, start: datetime, end: datetime) -> list[ShiftRow]:
    try:
        found = shifts(rotation, start, end)
    except OverflowError as error:  # the calendar has a beginning and an end
        raise No(422, "the calendar ends before", "choose other years", "query.from") from error
    return [
        ShiftRow(each.start, each.end, each.people, each.layer, each.override, each.away) for each in found
    ]


def by_id(found: Mapping[str, T]) -> list[T]:
    """In order of their ids."""
    return [found[id] for id in sorted(found)]


def person_row(person: Person, configuration: Configuration, actor: Actor, now: datetime) -> PersonRow:
    teams = (
        id
        for id, team in configuration.teams.items()
        if person.id in team.members or person.id in team.managers
    )
    methods = (
        MethodRow(
            each.channel,
            address_for(actor, person.id, each.address),
            each.after.total_seconds(),
            tuple(priority.value for priority in each.priorities),
        )
        for each in person.reach
    )
    return PersonRow(
        person.id, person.name, person.time_zone, tuple(methods), tuple(teams), quiet_row(person, now)
    )


def quiet_row(person: Person, now: datetime) -> QuietRow | None:
    quiet = person.quiet
    if quiet is None:
        return None
    hours = tuple(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in quiet.hours)
    return QuietRow(hours, tuple(DAYS[day] for day in quiet.days), quiet_until(person, now))


def team_row(team: Team) -> TeamRow:
    return TeamRow(team.id, team.members, team.managers)


def service_row(service: Service) -> ServiceRow:
    return ServiceRow(
        id=service.id,
        name=service.name,
        team=service.team,
        policies=pairs(service.policies),
        components=service.components,
        effect=service.public.effect.value,
        publish_after=service.public.publish_after.total_seconds(),
        links=pairs(service.links),
    )


def pairs(found: tuple[tuple[str, str], ...]) -> tuple[Pair, ...]:
    return tuple(Pair(name, value) for name, value in found)


def policy_row(policy: Policy) -> PolicyRow:
    tiers = tuple(TierRow(tier.page, tier.lasts.total_seconds(), tier.enough) for tier in policy.tiers)
    return PolicyRow(policy.id, tiers, policy.acknowledgement_lasts.total_seconds())


def rotation_row(rotation: Rotation) -> RotationRow:
    turns = (person for layer in rotation.layers for together in layer.people for person in together)
    names = tuple(layer.name for layer in rotation.layers)
    return RotationRow(rotation.id, rotation.time_zone, names, tuple(dict.fromkeys(turns)))
