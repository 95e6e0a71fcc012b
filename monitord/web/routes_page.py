"""The manual's page of the API's routes: who may what, made from the router itself.

`docs/routes.md` is this text; a test says when it is no longer, and writes it anew.
"""

from fastapi import FastAPI
from fastapi.routing import APIRoute

from monitord.web.access.roles import SCOPES, Needs, Of
from monitord.web.ops.openapi import declared

HEAD = """\
# Routes of the API

This page is made from the router.
There is no other route, and none that needs nothing: what does not say whom it is for is closed.

- **Role**: who has which is said in [Access](access.md).
- **Held in**: *organization*: in the whole organization.
  *any team*: there, or in one team at least.
  *the ticket's team*: there, or in the team of the ticket's service; or the person was paged for that ticket.
  *the rotation's team*: there, or in the team of somebody who takes turns in it; or it is about nobody else.
  *the person's team*: for oneself in any team; for somebody else there, or as operator in a team of theirs.
- **Scopes**: a token reaches a route if it has one of these, and its owner has the role.
"""
TITLES = ("| route | role | held in | scopes | does |", "|---|---|---|---|---|")
WORDS = {
    Of.ORGANIZATION: "organization",
    Of.ANY_TEAM: "any team",
    Of.TICKET: "the ticket's team",
    Of.ROTATION: "the rotation's team",
    Of.PERSON: "the person's team",
}


def routes_page(app: FastAPI) -> str:
    """The whole page."""
    rows = (row(route, method, needed) for route, method, needed in declared(app))
    return (
        "\n".join((HEAD, "| route | role | held in | scopes | does |", "|---|---|---|---|---|", *rows)) + "\n"
    )


def row(route: APIRoute, method: str, needed: Needs | None) -> str:
    assert needed is not None, f"{method} {route.path_format} says no @needs(…)"
    scopes = [scope for scope, role in SCOPES.items() if role >= needed.role]
    covered = ", ".join(f"`{scope}`" for scope in (*scopes, route.name))
    does = (route.endpoint.__doc__ or "").strip().partition("\n")[0]
    place = f"`{method} {route.path_format}`"
    return f"| {place} | {needed.role.word} | {WORDS[needed.of]} | {covered} | {does} |"
