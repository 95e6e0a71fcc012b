"""The API's route about who works here: who joined and is not in the tree yet, who left and is missed."""

import re

import yaml
from fastapi import APIRouter

from monitord.client.staff import StaffRow
from monitord.core.check import Instant
from monitord.core.employment import Employment, People, Said, owners, person_of
from monitord.core.world import Configuration
from monitord.engine.missing import holes
from monitord.web.access.roles import Role, needs
from monitord.web.ops.guard import routes
from monitord.web.ops.sources import Sources
from monitord.web.threads import in_thread

NOT_IN_AN_ID = re.compile(r"[^a-z0-9._-]+")
MAIL = "email"


def staff_routes(sources: Sources) -> APIRouter:
    """Over these sources."""
    router = routes()

    @router.get("/staff")
    @needs(Role.ADMINISTRATOR)
    async def list_staff() -> list[StaffRow]:
        """Who works here or has left, as the directory says; of joiners, what to add to the tree."""
        return await listed(sources)

    return router


async def listed(sources: Sources) -> list[StaffRow]:
    """In the order in which they came."""
    world = sources.world
    employments, people = world.all(Employment), world.accepted.people
    return await in_thread(rows, employments, people, sources.roster, sources.now)


def rows(
    employments: list[Employment], people: People, roster: Configuration, now: Instant
) -> list[StaffRow]:
    whose, taken = owners(people), set(people)
    known = sorted((each for each in employments if not each.removed), key=lambda each: int(each.id[1:]))
    return [row(each, people, person_of(each, people, whose), roster, now, taken) for each in known]


def row(
    each: Employment, people: People, person: str, roster: Configuration, now: Instant, taken: set[str]
) -> StaffRow:
    """One of them; `taken` are the ids of people, one more if one is proposed here."""
    missing = tuple(holes(roster, person, now)) if person and person not in roster.people else ()
    return StaffRow(
        id=each.id,
        name=each.said.name,
        shown=people[person].name if person else called(each),
        person=person,
        since=each.made_at,
        left=each.left_at,
        missing=missing,
        yaml="" if person or not each.active else entry(each, taken),
    )


def called(employment: Employment) -> str:
    said = employment.said
    return said.display or said.formatted or f"{said.given} {said.family}".strip() or said.name


def by_weight(said: Said) -> list[str]:
    """Their addresses, the primary one first."""
    return [each.value for each in sorted(said.addresses, key=lambda each: not each.primary)]


def entry(employment: Employment, taken: set[str]) -> str:
    """A person of the tree; the id is one that nobody has, and may be another one."""
    said = employment.said
    address = next((each for each in (*by_weight(said), said.name) if "@" in each), "")
    base = NOT_IN_AN_ID.sub("-", (address or said.name).partition("@")[0].lower()).strip("-.") or "somebody"
    id, number = base, 1
    while id in taken:
        number += 1
        id = f"{base}{number}"
    taken.add(id)
    person = {"name": called(employment), "reach": [{MAIL: address}] if address else []}
    text: str = yaml.safe_dump({"people": {id: person}}, sort_keys=False, allow_unicode=True)
    return text
