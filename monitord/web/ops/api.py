"""The API, version 1: the questions and the acts, as one application with its OpenAPI document."""

from typing import Any, cast

from fastapi import APIRouter, FastAPI

from monitord import __version__
from monitord.web.access.roles import Role, needs
from monitord.web.ops.absences import absences
from monitord.web.ops.account_routes import account_routes
from monitord.web.ops.acts import acting
from monitord.web.ops.arranging import arranging
from monitord.web.ops.backups import backing_up
from monitord.web.ops.contact_routes import contact_routes
from monitord.web.ops.directory import directory
from monitord.web.ops.errors import answer_errors
from monitord.web.ops.feed_routes import feed_routes
from monitord.web.ops.guard import routes
from monitord.web.ops.hearing import hearing
from monitord.web.ops.history import history
from monitord.web.ops.openapi import documented, operations
from monitord.web.ops.passkey_routes import passkey_routes
from monitord.web.ops.reads import reading
from monitord.web.ops.simulating import simulating
from monitord.web.ops.sources import Sources
from monitord.web.ops.staff_routes import staff_routes
from monitord.web.ops.subscriber_routes import subscriber_routes
from monitord.web.ops.swapping import swapping
from monitord.web.ops.ticket_routes import ticket_routes
from monitord.web.ops.token_routes import token_routes

DESCRIPTION = """\
Instants are RFC 3339 in UTC, spans are seconds. An error is `{"error": {"what", "where", "remedy"}}`.
A key stands once, in a query as in a body: what is said twice is refused.
Every POST takes an `Idempotency-Key`: the same key with the same body is done once and answered alike for a
day. It is answered after it is stored. Lists are cut; the `Link` header (RFC 8288) leads to the next page.

The ops door wants `Authorization: Bearer TOKEN` (`monitord token create` makes one) or a session; at the
control socket the kernel says who asks. `x-role` says which role a route needs, `x-of` where it must be held.
"""


PARTS = (
    ticket_routes,
    reading,
    acting,
    subscriber_routes,
    directory,
    feed_routes,
    hearing,
    arranging,
    absences,
    contact_routes,
    swapping,
    simulating,
    history,
    token_routes,
    account_routes,
    staff_routes,
    passkey_routes,
    backing_up,
)


def api(sources: Sources) -> FastAPI:
    """Everything below /api/v1; no page of it loads anything from elsewhere."""
    app = FastAPI(
        title="monitord",
        version=__version__,
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.sources = sources
    answer_errors(app)
    for part in PARTS:
        app.router.routes.extend(part(sources).routes)
    app.router.routes.extend(describing(app).routes)
    return app


def shared_api(sources: Sources) -> FastAPI:
    """The same application at both doors: to describe it takes half a second."""
    sources.api = sources.api or api(sources)
    return sources.api


def every_operation() -> frozenset[str]:
    """The names of all operations, asked of an API that answers nobody."""
    return operations(api(cast(Sources, None)))


def describing(app: FastAPI) -> APIRouter:
    """The document about everything that there is; made when somebody first asks for it."""
    router = routes()

    @router.get("/openapi.json", include_in_schema=False)
    @needs(Role.VIEWER)
    async def describe_api() -> dict[str, Any]:
        """What this API is, as OpenAPI 3.1."""
        if app.openapi_schema is None:
            app.openapi_schema = documented(app)
        return app.openapi_schema

    return router
