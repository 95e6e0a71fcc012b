"""SCIM 2.0 (RFC 7643, 7644): the directory of staff says who works here; who leaves is out at once.

Theory of operation. A token of a scope of its own may say who works here and nothing else; no other scope
covers it, because whoever says that somebody has left takes pages from them. What is said becomes a record of
the core (core/employment.py) before it is answered, and with the answer a leaver is out: sessions, tokens,
passkeys. A PATCH is applied to what is known, and once more if that has changed meanwhile.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from structlog.typing import FilteringBoundLogger

from monitord.core.employment import Employ, Employment, EmploymentRefused, RemoveEmployment, Said
from monitord.core.flow import Decision
from monitord.net.documents import Unreadable, read_object
from monitord.store.faults import StoreError
from monitord.web.access.roles import Actor, Role
from monitord.web.answers import Answer, Receive, Scope, Send, send_answer
from monitord.web.ops.entrance import NOBODY, Entrance, Refused, Shown
from monitord.web.ops.farewell import Farewell
from monitord.web.ops.scim_about import config, resource_type, schema
from monitord.web.ops.scim_filter import fitting
from monitord.web.ops.scim_patch import patched
from monitord.web.ops.scim_resource import location, resource, said_of, says_active, shaped
from monitord.web.ops.scim_words import (
    BODY_BYTES_MAX,
    COUNT,
    COUNT_MAX,
    ROOT,
    SCOPE,
    USER,
    Fault,
    listed,
    told,
    wrong,
)
from monitord.web.ops.sources import Sources
from monitord.web.requests import BodyRefused, read_body
from monitord.web.seams import NotTaken, submitted

QUERY_FIELDS_MAX = 20
ATTEMPTS = 5
READS = ("GET", "HEAD")
ONE = re.compile(r"/Users/([^/]{1,100})")
STATUS = {"uniqueness": (409, "uniqueness"), "missing": (404, ""), "stale": (409, "")}  # else 403
Query = Mapping[str, str]
Body = Mapping[str, Any]


Act = Callable[[Actor, str, Query, Body], Awaitable[Answer]]


class Stale(Exception):
    """Somebody else was faster."""


class Scim:
    """An ASGI application below /scim/v2."""

    def __init__(
        self, sources: Sources, entrance: Entrance, farewell: Farewell, log: FilteringBoundLogger
    ) -> None:
        self.sources, self.entrance, self.farewell, self.log = sources, entrance, farewell, log
        self.all: Mapping[str, Act] = {"GET": self.search, "POST": self.create}
        self.find_all: Mapping[str, Act] = {"POST": self.search_by_body}
        self.one: Mapping[str, Act] = {
            "GET": self.show,
            "PUT": self.put,
            "PATCH": self.patch,
            "DELETE": self.remove,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self.answer(scope, receive)
        except Fault as fault:
            answer = fault.answer()
        except (NotTaken, StoreError) as error:
            answer = Fault(503, f"this could not be stored: {error}", "", (b"retry-after", b"5")).answer()
        except Exception:
            self.log.exception("request failed", door="ops", path=scope["path"])
            answer = Fault(500, "something went wrong here, and it has been noted").answer()
        await send_answer(answer, send)

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        await self.actor(scope, self.entrance.of_token)
        path, method = scope["path"].removeprefix(ROOT), scope["method"]
        places = {"/Users": self.all, "/Users/.search": self.find_all, "/.search": self.find_all}
        found = ONE.fullmatch(path) if path not in places else None
        allowed = self.one if found else places.get(path) or self.about(path)
        act = allowed.get("GET" if method == "HEAD" else method)
        if not allowed:
            raise Fault(404, f"there is no {scope['path']:.100} here")
        if act is None:
            raise Fault(405, f"this takes {', '.join(allowed)}", "", (b"allow", ", ".join(allowed).encode()))
        body = {} if method in (*READS, "DELETE") else await self.body(receive)
        actor = await self.actor(scope, self.entrance.still)  # a body may come slowly
        return await act(actor, found[1] if found else "", query_of(scope), body)

    async def actor(self, scope: Scope, whose: Shown) -> Actor:
        """Whose token it is. Raises Fault, StoreError."""
        shown = [value for name, value in scope["headers"] if name == b"authorization"]
        try:
            if not shown:
                raise NOBODY
            actor = await whose(shown, scope)
        except Refused as refused:
            detail = f"{refused.what}; {refused.remedy}"
            raise Fault(refused.status, detail, "", *refused.headers) from refused
        if SCOPE not in (actor.scopes or ()) or actor.role < Role.ADMINISTRATOR:
            raise Fault(403, f"this takes an administrator's or a machine's token with the scope `{SCOPE}`")
        return actor

    async def body(self, receive: Receive) -> Body:
        """Raises Fault."""
        try:
            return read_object(await read_body(receive, BODY_BYTES_MAX))
        except BodyRefused as refused:
            raise Fault(refused.status, str(refused)) from refused
        except Unreadable as unreadable:
            raise wrong(str(unreadable), "invalidSyntax") from unreadable

    # What it says of itself.

    def about(self, path: str) -> Mapping[str, Act]:
        """GET of one of the documents; nothing for a path that is none."""
        url = self.sources.console
        kind, it = resource_type(url), schema(url)
        documents = {
            "/ServiceProviderConfig": config(url),
            "/ResourceTypes": listed([kind], 1, 1),
            "/ResourceTypes/User": kind,
            "/Schemas": listed([it], 1, 1),
            f"/Schemas/{USER}": it,
        }
        said = documents.get(path)

        async def show(actor: Actor, id: str, query: Query, body: Body) -> Answer:
            return told(200, said)

        return {"GET": show} if said is not None else {}

    # Looking.

    async def search(self, actor: Actor, id: str, query: Query, body: Body) -> Answer:
        """A page of those that fit, in the order in which they came."""
        fits = fitting(query.get("filter", ""))
        first, count = max(1, number(query, "startIndex", 1)), number(query, "count", COUNT)
        found = sorted(filter(fits, self.known), key=lambda each: int(each.id[1:]))
        page = found[first - 1 : first - 1 + max(0, min(count, COUNT_MAX))]
        return told(200, listed([self.shown(each, query) for each in page], len(found), first))

    async def search_by_body(self, actor: Actor, id: str, query: Query, body: Body) -> Answer:
        """The same, asked for by a POST (RFC 7644, 3.4.3)."""
        asked = {name: value for name, value in body.items() if isinstance(value, str | int | list)}
        said = {name: ",".join(map(str, v)) if isinstance(v, list) else str(v) for name, v in asked.items()}
        return await self.search(actor, id, said, body)

    async def show(self, actor: Actor, id: str, query: Query, body: Body) -> Answer:
        return told(200, self.shown(self.find(id), query))

    @property
    def known(self) -> list[Employment]:
        return [each for each in self.sources.world.all(Employment) if not each.removed]

    def find(self, id: str) -> Employment:
        """Raises Fault."""
        found = self.sources.world.get(Employment, id)
        if found is None or found.removed:
            raise Fault(404, f"there is no User {id:.100}")
        return found

    def shown(self, employment: Employment, query: Query) -> dict[str, Any]:
        return shaped(resource(employment, self.sources.console), query)

    # Saying.

    async def create(self, actor: Actor, id: str, query: Query, body: Body) -> Answer:
        decision = await self.decided(Employ(said_of(body), actor.by))
        (made,) = (record for record in decision.records if isinstance(record, Employment))
        where = (b"location", location(made, self.sources.console).encode())
        return told(201, self.shown(made, query), where)

    async def put(self, actor: Actor, id: str, query: Query, body: Body) -> Answer:
        said, active = said_of(body), says_active(body)
        return await self.changed(
            actor, id, query, lambda known: said if active else replace(said, active=known.active)
        )

    async def patch(self, actor: Actor, id: str, query: Query, body: Body) -> Answer:
        return await self.changed(actor, id, query, lambda known: patched(known, body))

    async def changed(self, actor: Actor, id: str, query: Query, change: Callable[[Said], Said]) -> Answer:
        """What is known, changed; again if somebody else was faster. Raises Fault, NotTaken."""
        for left in reversed(range(ATTEMPTS)):
            known = self.find(id)
            try:
                await self.decided(Employ(change(known.said), actor.by, id, known.version))
            except Stale as stale:
                if not left:
                    raise Fault(409, str(stale)) from stale
            else:
                break
        return told(200, self.shown(self.find(id), query))

    async def remove(self, actor: Actor, id: str, query: Query, body: Body) -> Answer:
        await self.decided(RemoveEmployment(id, actor.by))
        return told(204, None)

    async def decided(self, command: Employ | RemoveEmployment) -> Decision:
        """After its commit; whoever has left is out then. Raises Fault, Stale, NotTaken."""
        decision = await submitted(self.sources.engine, replace(command, via="scim"), self.sources.clock)
        refused = next((each for each in decision.events if isinstance(each, EmploymentRefused)), None)
        if refused is not None and refused.reason == "stale":
            raise Stale(refused.why)
        if refused is not None:
            status, word = STATUS.get(refused.reason, (403, ""))
            raise Fault(status, refused.why, word)
        await self.farewell.see_out()
        return decision


def query_of(scope: Scope) -> Query:
    """Raises Fault."""
    try:
        written = scope.get("query_string", b"").decode("latin-1")
        return dict(parse_qsl(written, max_num_fields=QUERY_FIELDS_MAX, keep_blank_values=True))
    except ValueError as error:
        raise wrong(f"a query has at most {QUERY_FIELDS_MAX} fields here", "invalidSyntax") from error


def number(query: Query, name: str, usual: int) -> int:
    """Raises Fault."""
    written = query.get(name, "")
    if not written:
        return usual
    if not re.fullmatch(r"-?[0-9]{1,9}", written):
        raise wrong(f"`{name}` is a number")
    return int(written)
