"""Who asks, and what they may: roles, the actor that every request gets, and what a route needs of one.

Theory of operation. Whoever lets a request in puts an `Actor` into its state (`scope["state"]["actor"]`): the
control socket from the kernel's word (root and monitord's own account are administrators), the ops door from
a bearer token or a session. Without one nothing is answered but what `OPEN` lists. The manual is among that:
it is the same for everybody, says nothing of this installation, and is needed most by whoever cannot sign in.

Roles grow: a viewer reads, a responder answers for tickets, an operator speaks to the public and holds pages
back, an administrator hands out access. `access:` in the configuration says who has which in the whole
organisation; besides, the members of a team are responders and its managers operators for its services, and
all of them viewers of everything. Who was paged for a ticket may answer it, whatever else they may not.
Anybody else may nothing. A route says what it needs with `@needs`; one that says nothing is closed. To create
a page takes less than to suppress one.

A token has scopes besides: its actor may what its owner may now, *and* what a scope covers. A scope is one of
`SCOPES`, each with everything below it, or the name of one operation.

A fresh install has no `access:`, no token and no account: nobody gets in by a door. Whoever has a shell as
root or as monitord's account makes the first way in: `monitord token create ann --scope administer` for
programs, `monitord account password root` for a browser; /sign-in says so.
"""

import pwd
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import Any, TypeVar

from monitord.core.ticket import Ticket
from monitord.core.world import Configuration

STATE = "actor"  # where in a request's state its actor is
EVERYBODY = "everybody"
OPEN = ("/metrics", "/healthz", "/readyz", "/docs", "/sign-in", "/favicon.ico")  # and what pages are made of


class Role(IntEnum):
    """What somebody may; each may everything that the one before may."""

    NOBODY = 0
    VIEWER = 1
    RESPONDER = 2
    OPERATOR = 3
    ADMINISTRATOR = 4

    @property
    def word(self) -> str:
        return self.name.lower()


SCOPES: Mapping[str, Role] = {
    "read": Role.VIEWER,
    "respond": Role.RESPONDER,
    "operate": Role.OPERATOR,
    "administer": Role.ADMINISTRATOR,
}


class Of(Enum):
    """Where the role must be held."""

    ORGANIZATION = "the organization"
    ANY_TEAM = "the organization, or any team"
    TICKET = "the organization, or the team of the ticket's service; or they were paged for it"
    ROTATION = "the organization, or a team that takes turns in the rotation; or it is about them alone"
    PERSON = "the organization, or a team that the person is in; or it is about themselves"


ANYWHERE = (Of.ANY_TEAM, Of.ROTATION, Of.PERSON)  # whose it is, the route looks at itself


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route asks for."""

    role: Role
    of: Of = Of.ORGANIZATION


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, by which way (`cli`, `api`, `console`); `role` in the whole organisation, `teams` in each.

    `scopes` None: everything the roles allow; `token` is the id of the token that was shown, if one was.
    """

    by: str
    via: str
    role: Role = Role.NOBODY
    teams: tuple[tuple[str, Role], ...] = ()
    scopes: frozenset[str] | None = None
    token: str = ""

    def role_in(self, team: str) -> Role:
        """The role for that team's services."""
        return max(self.role, dict(self.teams).get(team, Role.NOBODY))

    @property
    def anywhere(self) -> Role:
        """The highest there is."""
        return max((self.role, *(role for _, role in self.teams)))

    def covered(self, role: Role, operation: str = "") -> bool:
        """Do the scopes reach as far as this operation, which needs that role?"""
        if self.scopes is None:
            return True
        return operation in self.scopes or any(
            SCOPES.get(scope, Role.NOBODY) >= role for scope in self.scopes
        )

    def may(self, role: Role, team: str | None = None, operation: str = "") -> bool:
        """May they do what needs the role, in the whole organisation or for that team's services?"""
        held = self.role if team is None else self.role_in(team)
        return held >= role and self.covered(role, operation)


def person(id: str, via: str, configuration: Configuration, administrator: bool = False) -> Actor:
    """A person of the configuration (or an account of that name) with the roles they have now."""
    teams = tuple(roles_in_teams(id, configuration))
    role = Role.ADMINISTRATOR if administrator else role_of(id, configuration)
    return Actor(id, via, max(role, Role.VIEWER) if teams else role, teams)


def role_of(id: str, configuration: Configuration) -> Role:
    """What `access:` gives a person in the whole organisation."""
    access = configuration.access
    given = (
        (access.administrators, Role.ADMINISTRATOR),
        (access.operators, Role.OPERATOR),
        (access.responders, Role.RESPONDER),
        (access.viewers, Role.VIEWER),
    )
    return next((role for named, role in given if names(named, id, configuration)), Role.NOBODY)


def names(named: Collection[str], id: str, configuration: Configuration) -> bool:
    """Does the list name the person, a team of theirs, or everybody that is configured?"""
    if id in named:
        return True
    if EVERYBODY in named and id in configuration.people:
        return True
    teams = (configuration.teams[each] for each in named if each in configuration.teams)
    return any(id in team.members or id in team.managers for team in teams)


def roles_in_teams(id: str, configuration: Configuration) -> Iterator[tuple[str, Role]]:
    for team in configuration.teams.values():
        if id in team.managers:
            yield team.id, Role.OPERATOR
        elif id in team.members:
            yield team.id, Role.RESPONDER


def limited(actor: Actor, scopes: Collection[str], token: str) -> Actor:
    """The actor as a token of theirs lets them act."""
    return replace(actor, scopes=frozenset(scopes), token=token)


def team_of(service: str, configuration: Configuration) -> str:
    """The team that answers for a service; "" if nobody in particular does."""
    found = configuration.services.get(service)
    return found.team if found else ""


def may_on(
    actor: Actor, role: Role, ticket: Ticket, configuration: Configuration, operation: str = ""
) -> bool:
    """May they do it to that ticket? Who was paged for it may answer, whatever their team."""
    if role <= Role.RESPONDER and actor.by in ticket.paged:
        return actor.covered(role, operation)
    return actor.may(role, team_of(ticket.service, configuration), operation)


def may_in(actor: Actor, role: Role, rotation: str, configuration: Configuration) -> bool:
    """Have they the role where the rotation belongs: in a team of somebody who takes turns in it?"""
    found = configuration.rotations.get(rotation)
    turns = {person for layer in found.layers for each in layer.people for person in each} if found else set()
    teams = configuration.teams.values()
    theirs = (team.id for team in teams if not turns.isdisjoint((*team.members, *team.managers)))
    return actor.role >= role or any(actor.role_in(team) >= role for team in theirs)


def may_about(actor: Actor, role: Role, person: str, configuration: Configuration) -> bool:
    """Have they the role in the whole organisation, or in a team that the person is in?"""
    teams = (each.id for each in configuration.teams.values() if person in (*each.members, *each.managers))
    return actor.role >= role or any(actor.role_in(team) >= role for team in teams)


Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def needs(role: Role, of: Of = Of.ORGANIZATION) -> Callable[[Endpoint], Endpoint]:
    """Say what a route needs; stands between `@router.post(…)` and the function."""

    def say(endpoint: Endpoint) -> Endpoint:
        endpoint.needs = Needs(role, of)  # type: ignore[attr-defined]
        return endpoint

    return say


def needs_of(endpoint: Callable[..., Any]) -> Needs | None:
    """What the route said; None: it is closed."""
    found = getattr(endpoint, "needs", None)
    return found if isinstance(found, Needs) else None


def account_of(uid: int) -> str:
    """The name of an account of this machine."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
