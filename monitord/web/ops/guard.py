"""The guard before every route of the API: it lets pass whose actor may; an undeclared route is closed.

It stands before the request's body is looked at, so that a stranger learns nothing of what would fit.
"""

from collections.abc import Callable, Collection, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from monitord.config.problem import quoted
from monitord.core.ticket import Ticket
from monitord.store.reads import Reads
from monitord.web.access.roles import ANYWHERE, SCOPES, Actor, Needs, Of, may_on, needs_of
from monitord.web.ops.limits import NUMBER_MAX
from monitord.web.ops.sources import Sources
from monitord.web.ops.unfit import remedy_for
from monitord.web.ops.written import refuse_twice, refuse_unreadable
from monitord.web.refusal import No

SIGN_IN = "send `Authorization: Bearer TOKEN` (`monitord token create` makes one), or sign in"
ASK = "ask an administrator of monitord; `access:` and `teams:` in the configuration say who may what"

LACKS = {
    Of.ORGANIZATION: "{} is no {} of the organization",
    Of.ANY_TEAM: "{} is no {}, neither of the organization nor of any team",
    Of.ROTATION: "{} is no {}, neither of the organization nor of any team",
    Of.PERSON: "{} is no {}, neither of the organization nor of any team",
    Of.TICKET: "{} is no {}, neither of the organization nor of the ticket's team, and was not paged for it",
}

ROOT = "/api/v1"

Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class GuardedRoute(APIRoute):
    """A route that asks who is there before it does anything."""

    def get_route_handler(self) -> Handle:
        handle, needed, operation = super().get_route_handler(), needs_of(self.endpoint), self.name
        known, takes_body = asked_of(self.dependant), self.body_field is not None

        async def guarded(request: Request) -> Response:
            await admit(request, needed, operation)
            refuse_unknown(request, known)
            refuse_twice(request)
            if takes_body:
                await refuse_unreadable(request)
            return await handle(request)

        return guarded


def asked_of(dependant: Dependant) -> frozenset[str]:
    """The keys that a route's query may have."""
    own = frozenset(field.alias for field in dependant.query_params)
    return own.union(*map(asked_of, dependant.dependencies))


def refuse_unknown(request: Request, known: Collection[str]) -> None:
    """A key that is overlooked would answer another question than was asked. Raises No."""
    for key in request.query_params:
        if key not in known:
            remedy = remedy_for(key, sorted(known))
            raise No(400, f"the query's key {quoted(key)} is unknown here", remedy, f"query.{key:.100}")


def routes() -> APIRouter:
    """A router whose routes are guarded; each operation is called like its function."""
    return APIRouter(
        prefix=ROOT,
        route_class=GuardedRoute,
        generate_unique_id_function=operation_id,
    )


def operation_id(route: APIRoute) -> str:
    return route.name


async def admit(request: Request, needed: Needs | None, operation: str) -> None:
    """Raises No, unless the actor of this request may do what the route does."""
    actor = actor_of(request)
    if needed is None:
        raise No(403, "this address is closed", "report it: its route does not say whom it is for")
    if not actor.covered(needed.role, operation):
        raise out_of_scope(needed, operation)
    if needed.of is Of.TICKET:
        await admit_to_ticket(request, actor, needed, operation)
    elif (actor.anywhere if needed.of in ANYWHERE else actor.role) < needed.role:
        raise lacks(actor, needed)


async def admit_to_ticket(request: Request, actor: Actor, needed: Needs, operation: str) -> None:
    """Of a ticket that does not exist nothing is said to those who may nothing with any."""
    if actor.role >= needed.role:
        return
    if not actor.anywhere:
        raise lacks(actor, needed)
    sources: Sources = request.app.state.sources
    ticket = await found(sources, request.path_params.get("number", ""))
    if ticket is None:
        allowed = actor.anywhere >= needed.role
    else:
        allowed = may_on(actor, needed.role, ticket, sources.configuration, operation)
    if not allowed:
        raise lacks(actor, needed)


async def found(sources: Sources, number: str) -> Ticket | None:
    """The ticket of that number; a number that is none is somebody else's to refuse."""
    if not (number.isascii() and number.isdigit() and int(number[:20]) <= NUMBER_MAX):
        return None
    return sources.world.get(Ticket, int(number)) or await sources.store.ask(Reads.ticket, int(number))


def actor_of(request: Request) -> Actor:
    """Who was let in. Raises No."""
    actor = getattr(request.state, "actor", None)
    if not isinstance(actor, Actor):
        raise No(401, "nobody is signed in", SIGN_IN)
    return actor


def lacks(actor: Actor, needed: Needs) -> No:
    return No(403, LACKS[needed.of].format(actor.by, needed.role.word), ASK)


def out_of_scope(needed: Needs, operation: str) -> No:
    scope = next(word for word, role in SCOPES.items() if role >= needed.role)
    return No(403, f"this token's scopes do not cover `{operation}`", f"make one with the scope `{scope}`")
