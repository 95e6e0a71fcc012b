"""The ops door: screens, the API, the manual, figures.

Theory of operation. The API is for whoever shows a token (entrance.py); it is the same that the control
socket serves, where the kernel says who asks. The door belongs on a machine's own address or behind a proxy,
never on the internet.
"""

import json

from structlog.typing import FilteringBoundLogger

from monitord.web.answers import BROKEN, Answer, Receive, Scope, Send, send_answer
from monitord.web.ops.screens import Screens
from monitord.web.manual import Manual, of_the_manual
from monitord.web.ops.api import api
from monitord.web.ops.bodies import bounded
from monitord.web.ops.entrance import READS, Entrance
from monitord.web.ops.envelope import API_HEADERS, as_get, guarded
from monitord.web.ops.sources import Sources
from monitord.web.ops.wellbeing import Wellbeing
from monitord.web.requests import request_of
from monitord.web.shelf import Shelf, asset_sheets, hand_out

SAID = {"what": "this address only answers questions", "where": "", "remedy": "act through /api/v1"}
READ_ONLY = Answer(
    403,
    json.dumps({"error": SAID}).encode() + b"\n",
    ((b"content-type", b"application/json"), (b"connection", b"close"), *API_HEADERS),
)


class OpsDoor:
    """An ASGI application."""

    def __init__(self, sources: Sources, log: FilteringBoundLogger) -> None:
        self.log = log
        self.clock = sources.clock
        self.entrance = Entrance(sources, bounded(api(sources)))
        self.api = guarded(self.entrance, log)
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
        if path.startswith("/api/"):
            await self.api(as_get(scope), receive, send)
        elif scope["method"] not in READS:
            await send_answer(READ_ONLY, send)
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


def ops_app(sources: Sources, log: FilteringBoundLogger) -> OpsDoor:
    """The application of the ops door."""
    return OpsDoor(sources, log)
