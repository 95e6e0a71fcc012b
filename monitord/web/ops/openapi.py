"""The OpenAPI document: what FastAPI knows of the routes, with errors, security, and who may do what."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from monitord.web.ops.access import Needs, needs_of
from monitord.web.ops.guard import GuardedRoute

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
    document.setdefault("components", {})["securitySchemes"] = {"token": BEARER}
    document["security"] = [{"token": []}]
    for route, method, needed in declared(app):
        if route.include_in_schema and needed is not None:
            operation = document["paths"][route.path_format][method.lower()]
            operation |= {"x-role": needed.role.word, "x-of": needed.of.value}
    return document
