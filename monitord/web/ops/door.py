"""The ops door: screens, the API's questions, the manual, figures. Nothing here changes anything.

Theory of operation. Until people can sign in, whoever reaches this door may look and nobody may act: every
method but GET and HEAD is refused with the way that works. It belongs on a machine's own address or behind a
proxy that knows people, never on the internet. The same API with its acts is served through the control
socket, where the kernel says who asks.
"""

import json
from collections.abc import Awaitable, Callable

from structlog.typing import FilteringBoundLogger

from monitord.web.answers import (
    BROKEN,
    NO_SCRIPTS,
    Answer,
    Headers,
    Message,
    Receive,
    Scope,
    Send,
    secured,
    send_answer,
)
from monitord.web.manual import Manual, of_the_manual
from monitord.web.ops.acts import SIGN_IN_COMES
from monitord.web.ops.api import api
from monitord.web.ops.screens import Screens
from monitord.web.ops.sources import Sources
from monitord.web.ops.wellbeing import Wellbeing
from monitord.web.requests import request_of
from monitord.web.shelf import Shelf, asset_sheets, hand_out

READS = ("GET", "HEAD")
API_HEADERS: Headers = ((b"cache-control", b"no-store"), *secured(NO_SCRIPTS))
READ_ONLY = Answer(
    403,
    json.dumps(
        {"error": {"what": "this door only answers questions", "where": "", "remedy": SIGN_IN_COMES}}
    ).encode()
    + b"\n",
    ((b"content-type", b"application/json"), (b"connection", b"close"), *API_HEADERS),
)

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class OpsDoor:
    """An ASGI application."""

    def __init__(self, sources: Sources, log: FilteringBoundLogger) -> None:
        self.log = log
        self.clock = sources.clock
        self.api = guarded(api(sources), log)
        self.screens = Screens(sources)
        self.manual = Manual(sources.started)
        self.shelf = Shelf(asset_sheets(sources.started), None, sources.clock.monotonic())
        wellbeing = Wellbeing(sources)
        self.figures = {
            "/healthz": wellbeing.healthz,
            "/readyz": wellbeing.readyz,
            "/metrics": wellbeing.metrics,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if scope["method"] not in READS:
            await send_answer(READ_ONLY, send)
        elif path.startswith("/api/"):
            await self.api(as_get(scope), receive, send)
        elif path in self.shelf.sheets:
            await hand_out(self.shelf, path, request_of(scope).headers, self.clock.monotonic(), send)
        elif of_the_manual(path):
            await self.manual.answer(request_of(scope), send)
        else:
            await send_answer(await self.answer(scope), send)

    async def answer(self, scope: Scope) -> Answer:
        """A bug in one screen is one sorry page, and the door stays open."""
        path: str = scope["path"]
        try:
            if figure := self.figures.get(path):
                return await figure()
            return await self.screens.answer(path, scope.get("query_string", b""))
        except Exception:
            self.log.exception("request failed", door="ops", path=path)
            return BROKEN


def as_get(scope: Scope) -> Scope:
    """HEAD is answered like GET; the connection leaves the body away."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope


def guarded(app: App, log: FilteringBoundLogger) -> App:
    """The API with our headers on every answer, and a bug's answer in the form of all others."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *API_HEADERS]}
            await send(message)

        try:
            await app(scope, receive, with_headers)
        except Exception:  # what it answered has been sent; here it is only said
            log.exception("request failed", door="api", path=scope["path"])

    return guard


def ops_app(sources: Sources, log: FilteringBoundLogger) -> OpsDoor:
    """The application of the ops door."""
    return OpsDoor(sources, log)
