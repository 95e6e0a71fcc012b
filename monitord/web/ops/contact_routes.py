"""The API about addresses: which are verified, a code for one, and the code said."""

import secrets
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from monitord.client.contacting import ContactRow
from monitord.client.shapes import Done
from monitord.config.problem import listed
from monitord.core.check import Instant
from monitord.core.contact import AskForCode, Contact, SayCode, key_of
from monitord.core.organization import ContactMethod, Person, folded
from monitord.web.access.roles import Actor, Role, needs
from monitord.web.ops.asked import Body, By, Key, Name
from monitord.web.ops.desk import Desk
from monitord.web.ops.discretion import address_for
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.guard import ASK, routes
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No

CODES = 10**6
ADDRESS_CHARS_MAX = 320
Address = Annotated[str, Field(min_length=1, max_length=ADDRESS_CHARS_MAX)]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Verifying(Body):
    """An address of a person (oneself, if it is left out), and on which channel if it is on several."""

    address: Address
    person: Name | None = None
    channel: Name | None = None


class Confirming(Verifying):
    code: Code


def contact_routes(sources: Sources) -> APIRouter:
    """Over these sources."""
    router, desk = routes(), Desk(sources)

    @router.get("/contacts")
    @needs(Role.VIEWER)
    async def list_contacts(actor: By) -> list[ContactRow]:
        """Every address of every person, and whether it is verified."""
        people = sources.configuration.people
        return [row for id in sorted(people) for row in contact_rows(sources, people[id], actor)]

    @router.post("/contacts/verify")
    @needs(Role.VIEWER)
    async def verify_contact(body: Verifying, actor: By, key: Key = None) -> Done:
        """Send a code to one's own address; an administrator has one sent to anybody's."""
        person = admitted(desk, body, actor)
        method = method_of(sources, person, body)
        code = f"{secrets.randbelow(CODES):06d}"
        asked = AskForCode(person.id, method.channel, method.address, actor.by, code, actor.via)
        return await desk.act(actor, key, asked)

    @router.post("/contacts/confirm")
    @needs(Role.VIEWER)
    async def confirm_contact(body: Confirming, actor: By, key: Key = None) -> Done:
        """Say the code that has arrived: from then on the address counts."""
        person = admitted(desk, body, actor)
        method = method_of(sources, person, body)
        said = SayCode(person.id, method.channel, method.address, actor.by, body.code, actor.via)
        return await desk.act(actor, key, said)

    return router


def contact_rows(sources: Sources, person: Person, actor: Actor | None) -> list[ContactRow]:
    return [contact_row(sources, person, each, actor) for each in person.reach]


def contact_row(sources: Sources, person: Person, method: ContactMethod, actor: Actor | None) -> ContactRow:
    found = sources.world.get(Contact, key_of(person.id, method))
    return ContactRow(
        person=person.id,
        channel=method.channel,
        address=address_for(actor, person.id, method.address),
        verified=found.verified if found else None,
        waiting=waiting(found, sources.now),
    )


def waiting(contact: Contact | None, now: Instant) -> Instant | None:
    """Until when a code that was sent counts."""
    return contact.until if contact is not None and contact.waits(now) else None


def admitted(desk: Desk, body: Verifying, actor: Actor) -> Person:
    """The person, whose addresses are one's own affair. Raises No."""
    name = desk.person(body.person if body.person is not None else actor.by, "body.person")
    if name != actor.by and actor.role < Role.ADMINISTRATOR:
        raise No(403, f"the addresses of {name} are theirs to verify", ASK)
    return desk.sources.configuration.people[name]


def method_of(sources: Sources, person: Person, body: Verifying) -> ContactMethod:
    """The first that fits, rather one that is not verified yet. Raises No."""
    wanted = folded(body.address.strip())
    fitting = [
        each
        for each in person.reach
        if folded(each.address) == wanted and body.channel in (None, each.channel)
    ]
    if not fitting:
        where = f" on {body.channel}" if body.channel else ""
        elsewhere = [each.channel for each in person.reach if folded(each.address) == wanted]
        addresses = [each.address for each in person.reach]
        remedy = f"it is on {listed(elsewhere)}" if elsewhere else did_you_mean(body.address, addresses)
        raise No(422, f"{person.id} has no address {body.address}{where}", remedy, "body.address")
    return min(fitting, key=lambda each: is_verified(sources, person, each))


def is_verified(sources: Sources, person: Person, method: ContactMethod) -> bool:
    found = sources.world.get(Contact, key_of(person.id, method))
    return found is not None and found.verified is not None
