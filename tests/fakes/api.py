"""The API's application, described once a process: describing takes half a second, and each test has its own
sources.
"""

from contextvars import ContextVar
from functools import cache
from typing import Any, cast

from fastapi import FastAPI

from monitord.web.answers import Receive, Scope, Send
from monitord.web.ops.api import api
from monitord.web.ops.sources import Sources

ASKED: ContextVar[Sources] = ContextVar("asked")


class Whose:
    """Stands for the sources of whoever is asked at the moment."""

    def __getattr__(self, name: str) -> Any:
        return getattr(ASKED.get(), name)


@cache
def described() -> FastAPI:
    return api(cast(Sources, Whose()))


class Lent:
    """That application over one test's sources."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def __getattr__(self, name: str) -> Any:
        return getattr(described(), name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before = ASKED.set(self.sources)
        try:
            await described()(scope, receive, send)
        finally:
            ASKED.reset(before)


def lend(sources: Sources) -> Sources:
    """The same sources, whose application is there already."""
    sources.api = cast(FastAPI, Lent(sources))
    return sources
