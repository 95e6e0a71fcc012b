"""The ops door: the console, the API, the manual, figures.

Theory of operation. The API is for whoever shows a token (entrance.py), or only reads and is signed in at the
console; it is the same that the control socket serves, where the kernel says who asks. The door belongs on a
machine's own address or behind a proxy, never on the internet.
"""

import json
import secrets

from structlog.typing import FilteringBoundLogger

from monitord.config.settings import Oidc
from monitord.net import Net
from monitord.web.answers import BROKEN, Answer, Receive, Scope, Send, send_answer
from monitord.web.console.console import Console
from monitord.web.console.post import LinkPost
from monitord.web.console.visit import Entry
from monitord.web.manual import Manual, of_the_manual
from monitord.web.ops.api import shared_api
from monitord.web.ops.bodies import bounded
from monitord.web.ops.entrance import READS, Entrance
from monitord.web.ops.envelope import API_HEADERS, App, as_get, guarded
from monitord.web.ops.farewell import Farewell
from monitord.web.ops.oidc_provider import Provider
from monitord.web.ops.scim import Scim
from monitord.web.ops.scim_words import ROOT as SCIM
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

    def __init__(
        self, sources: Sources, log: FilteringBoundLogger, entry: Entry, post: LinkPost | None = None
    ) -> None:
        self.log = log
        self.clock = sources.clock
        described = shared_api(sources)
        self.described: App = described
        self.entrance = Entrance(sources, bounded(self.once_more))
        self.api = guarded(self.entrance, log)
        self.console = Console(sources, entry, guarded(bounded(described), log), described, log, post)
        self.farewell = Farewell(sources, sources.clock, log)
        self.scim = Scim(sources, self.entrance, self.farewell, log)
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
            await self.api(await self.with_session(as_get(scope)), receive, send)
        elif path.startswith(f"{SCIM}/"):
            await self.scim(scope, receive, send)
        elif path in self.figures:
            await send_answer(await self.figure(scope), send)
        elif path in self.shelf.sheets:
            await hand_out(self.shelf, path, request_of(scope).headers, self.clock.monotonic(), send)
        elif of_the_manual(path):
            await self.manual.answer(request_of(scope), send)
        else:
            await self.console(scope, receive, send)

    async def with_session(self, scope: Scope) -> Scope:
        """The request, with the actor of its session, if it has one now."""
        return {**scope, "state": await self.console.actor_of(scope)}

    async def once_more(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The body is there: who sent it may have been signed out or revoked meanwhile."""
        await self.entrance.again(await self.with_session(scope), receive, send, self.described)

    async def figure(self, scope: Scope) -> Answer:
        """A bug in one of them is one sorry answer, and the door stays open."""
        path: str = scope["path"]
        if scope["method"] not in READS:
            return READ_ONLY
        try:
            return await self.figures[path]()
        except Exception:
            self.log.exception("request failed", door="ops", path=path)
            return BROKEN

    def accept(self, url: str) -> None:
        """From now on the door is reached there."""
        self.console.accept(url)

    def offer(self, said: Oidc | None, net: Net) -> None:
        """From now on people may sign in at that provider as well."""
        self.console.elsewhere.offer(Provider(said, net, self.clock) if said else None)

    async def run(self) -> None:
        """What has to go on while the door is open: the post for sign-in links, and live updates."""
        await self.console.run()


NOWHERE_IN_PARTICULAR = "http://127.0.0.1"


def ops_app(
    sources: Sources, log: FilteringBoundLogger, entry: Entry | None = None, post: LinkPost | None = None
) -> OpsDoor:
    """The application of the ops door; `entry` is where it is reached, `post` mails ways in."""
    return OpsDoor(sources, log, entry or Entry(NOWHERE_IN_PARTICULAR, secrets.token_bytes()), post)
