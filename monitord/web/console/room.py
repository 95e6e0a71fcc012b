"""What every screen needs: where to read, what somebody may do, and how a page is made of it.

Theory of operation. A page is rendered in a thread, and only so many wait for that: when there are more, who
asks is told at once to come again, because checks and pages to people go first. Whether a button is shown is
asked of the very routes that will be asked whether it may be pressed.
"""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.routing import APIRoute

from monitord.core.ticket import Ticket
from monitord.web.access.roles import ANYWHERE, Actor, Needs, Of, may_on, needs_of
from monitord.web.answers import NO_SCRIPTS, NOT_KEPT, Answer, secured
from monitord.web.console.limits import PAGES_WAITING_MAX, SAID_FOR, SAID_KEPT
from monitord.web.console.visit import Visit
from monitord.web.console.words import DELIVERY_TONES, PROBE_TONES, TICKET_TONES, tone_of
from monitord.web.ops.sources import Sources
from monitord.web.templates import render
from monitord.web.threads import in_thread

KEY_BYTES = 12
BUSY = Answer(
    503,
    b"monitord has more important things to do just now; this page comes back in a moment.\n",
    (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"retry-after", b"2"),
        (b"refresh", b"2"),
        *NOT_KEPT,
        *secured(NO_SCRIPTS),
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says first: what was done, or why nothing was."""

    tone: str
    words: str
    more: tuple[str, ...] = ()
    ticket: int | None = None


class Sayings:
    """What was said lately, by a key that stands in the address of the page that says it."""

    def __init__(self) -> None:
        self.kept: OrderedDict[str, tuple[float, str, Told]] = OrderedDict()

    def keep(self, session: str, told: Told, monotonic: float) -> str:
        key = secrets.token_urlsafe(KEY_BYTES)
        self.kept[key] = (monotonic, session, told)
        while len(self.kept) > SAID_KEPT:
            self.kept.popitem(last=False)
        return key

    def find(self, session: str, key: str, monotonic: float) -> Told | None:
        at, whose, told = self.kept.get(key, (0.0, "", None))
        return told if told and whose == session and monotonic - at < SAID_FOR else None


class Permits:
    """Which operations of the API there are, and what each needs."""

    def __init__(self, api: FastAPI, root: str) -> None:
        self.routes: Mapping[str, APIRoute] = {
            route.path.removeprefix(root): route
            for route in api.routes
            if isinstance(route, APIRoute) and "POST" in (route.methods or ())
        }

    def needed(self, path: str) -> tuple[str, Needs] | None:
        """The operation and what it needs; None where there is no such route, or it is closed."""
        route = self.routes.get(path)
        found = needs_of(route.endpoint) if route else None
        return (route.name, found) if route and found else None

    def may(self, actor: Actor, path: str, sources: Sources, ticket: Ticket | None = None) -> bool:
        found = self.needed(path)
        if found is None:
            return False
        operation, needed = found
        if needed.of is Of.TICKET and ticket is not None:
            return may_on(actor, needed.role, ticket, sources.configuration, operation)
        held = actor.anywhere if needed.of in ANYWHERE else actor.role
        return held >= needed.role and actor.covered(needed.role, operation)


class Room:
    """`permits` says who may press what, `sayings` what the last press has done."""

    def __init__(self, sources: Sources, permits: Permits) -> None:
        self.sources, self.permits = sources, permits
        self.sayings = Sayings()
        self.waiting = 0

    def may(self, visit: Visit, path: str, ticket: Ticket | None = None) -> bool:
        assert visit.actor is not None
        return self.permits.may(visit.actor, path, self.sources, ticket)

    async def nothing(self, visit: Visit, words: str, status: int = 404) -> Answer:
        return await self.show(visit, "nothing", status, words_of_it=words)

    async def show(
        self, visit: Visit, screen: str, status: int = 200, about: str = "", **values: Any
    ) -> Answer:
        """The screen; `about` are the topics at whose news it is fetched again."""
        if self.waiting >= PAGES_WAITING_MAX:
            return BUSY
        self.waiting += 1
        try:
            html = await in_thread(render, f"ops/{screen}.html", **self.frame(visit, about), **values)
        finally:
            self.waiting -= 1
        return visit.page(status, html)

    def frame(self, visit: Visit, about: str) -> dict[str, Any]:
        """What the frame around every screen says."""
        configuration = self.sources.configuration
        said = self.sayings.find(
            visit.session.id if visit.session else "",
            visit.query.get("said", ""),
            self.sources.clock.monotonic(),
        )
        return {
            **TONES,
            "visit": visit,
            "words": visit.words,
            "about": about,
            "said": said,
            "organization": configuration.organization,
            "status_page": self.sources.status_page,
            "lacking": self.sources.lacking,
        }


TONES: dict[str, Any] = {
    "probe_tones": PROBE_TONES,
    "ticket_tones": TICKET_TONES,
    "delivery_tones": DELIVERY_TONES,
    "tone_of": tone_of,
    "quoted": lambda text: quote(text, safe=""),
}
