"""The OpenAPI document: what FastAPI knows of the routes, with errors, security, and who may do what."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from monitord.web.access.roles import Needs, needs_of
from monitord.web.ops.errors import SAID, Error
from monitord.web.ops.examples import EXAMPLES
from monitord.web.ops.guard import GuardedRoute

OF_AN_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
ERRORS = {str(status): {"description": text, "content": OF_AN_ERROR} for status, text in SAID.items()}
NOT_OURS = ("HTTPValidationError", "ValidationError")  # the library's own, which nobody is answered with
BEARER = {"type": "http", "scheme": "bearer", "description": "`mon_…`, made by `monitord token create`"}


def routes_of(app: FastAPI) -> Iterator[APIRoute]:
    """Every route that the application answers."""
    for route in app.routes:
        assert isinstance(route, GuardedRoute), f"{route} is not guarded"
        yield route


def operations(app: FastAPI) -> frozenset[str]:
    """Their names, each of which is a scope."""
    return frozenset(route.name for route in routes_of(app))


def declared(app: FastAPI) -> Iterator[tuple[APIRoute, str, Needs | None]]:
    """Every route and method, with what it needs (None: it is closed)."""
    for route in routes_of(app):
        for method in sorted(route.methods or ()):
            yield route, method, needs_of(route.endpoint)


def documented(app: FastAPI) -> dict[str, Any]:
    """The whole document."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=list(routes_of(app))
    )
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"token": BEARER}
    components["schemas"] = {**components["schemas"], **error_schemas()}
    for theirs in NOT_OURS:
        components["schemas"].pop(theirs, None)
    document["security"] = [{"token": []}]
    for route, method, needed in declared(app):
        if route.include_in_schema and needed is not None:
            operation = document["paths"][route.path_format][method.lower()]
            operation |= {"x-role": needed.role.word, "x-of": needed.of.value}
            operation["responses"] = {**operation["responses"], **ERRORS}
            if route.name in EXAMPLES:
                operation["requestBody"]["content"]["application/json"]["example"] = EXAMPLES[route.name]
    return document


def error_schemas() -> dict[str, Any]:
    """Described here once: as models of each route they would cost half of the daemon's start."""
    schema = Error.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Error": schema}
