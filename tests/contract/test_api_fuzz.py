"""The whole API, asked by schemathesis for whatever its own document allows, as everybody there is.

Whatever is asked: no 5xx, no way around the roles, and every answer as the document says. The default run
takes a slice of the operations; the long one (`./dev soak`) all of them, many times.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from monitord.core.organization import Access
from monitord.core.ticket import Ticket
from monitord.engine.clock import VirtualClock
from monitord.store.tokens import Wish, granted
from monitord.web.access.roles import SCOPES, Of, Role
from monitord.web.ops.api import api
from monitord.web.ops.openapi import declared, documented
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import ops_app
from tests.fakes.night import night
from tests.fakes.shop import logbook
from tests.fakes.visitor import Reply, Visitor

SLICE, EXAMPLES = 6, 2
MANY = 40
KNOWN = {
    "number": ("1", "2", "3"),
    "probe": ("db1", "shop"),
    "rotation": ("primary",),
    "name": ("ann", "eve"),
    "event": ("1",),
}
ACTORS = {  # who, with which role in the whole organisation, and which scope
    "nobody": (None, Role.NOBODY, ""),
    "eve": ("eve", Role.NOBODY, "administer"),
    "viewer": ("cem", Role.VIEWER, "administer"),
    "responder": ("ann", Role.RESPONDER, "administer"),
    "operator": ("dee", Role.OPERATOR, "administer"),
    "administrator": ("bo", Role.ADMINISTRATOR, "administer"),
    "another scope": ("bo", Role.ADMINISTRATOR, "comment_on_ticket"),
}
STRICTER = {  # what some acts ask for beyond a role, of all but administrators
    "verify_contact": "theirs to verify",
    "confirm_contact": "theirs to verify",
    "read_feed": "is private",
    "renew_feed": "may not renew",
    "add_override": "is in no team",
    "remove_override": "is in no team",
    "ask_swap": "is in no team",
    "begin_incident": "does not speak for",
    "write_post": "does not speak for",
}
FAR = (
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
)
DATED = re.compile(r"\d{4}-\d\d-\d\dT")
AT_THE_SOCKET = "control socket"  # some acts are not for tokens at all
ACCESS = Access(("bo",), ("dee",), ("ann",), ("cem",))


@dataclass(frozen=True)
class Asking:
    """One request, and the operation it is about."""

    case: Any
    path: str
    operation: str


@pytest.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    async with night(tmp_path / "store") as made:
        made.engine.world.accept(replace(made.configuration, access=ACCESS, teams={}))
        yield made


def document(sources: Sources, only: slice) -> dict[str, Any]:
    """Ours, cut to some of its addresses, and without its security: who asks is our business."""
    said = documented(api(sources))
    places = list(said["paths"].items())[only]
    return {
        "openapi": said["openapi"],
        "info": said["info"],
        "paths": dict(places),
        "components": {"schemas": said["components"]["schemas"]},
    }


def drawn(operation: Any, examples: int, seeded: int) -> list[Any]:
    """Cases of one operation, the same for the same seed."""
    from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: PLC0415

    cases: list[Any] = []

    @seed(seeded)
    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def collect(case: Any) -> None:
        cases.append(case)

    collect()
    return cases


def askings(sources: Sources, only: slice, examples: int, seeded: int) -> Iterator[Asking]:
    """What schemathesis would like to know; every other time about something that there is."""
    import schemathesis  # noqa: PLC0415 - it takes a second

    schema = schemathesis.openapi.from_dict(document(sources, only))
    for operation in (found.ok() for found in schema.get_all_operations()):
        for place, case in enumerate(drawn(operation, examples, seeded)):
            names = dict(case.path_parameters or {})
            if place % 2:
                names |= {name: KNOWN[name][place % len(KNOWN[name])] for name in names if name in KNOWN}
            path = unquote(operation.path.format(**names))
            if not path.isprintable():  # no address of ours: a router knows no line ends
                continue
            yield Asking(case, path, operation.definition.raw["operationId"])


async def secret(sources: Sources, owner: str | None, scope: str) -> str:
    if owner is None:
        return ""
    wish = Wish(owner, machine=False, scopes=(scope,), expires=sources.now + timedelta(days=3000))
    shown, kept = granted(wish, "root", sources.now)
    await sources.tokens.add(sources.store, kept)
    return shown


async def answered(visitor: Visitor, asking: Asking, token: str) -> Reply:
    """What the ops door says."""
    sent = asking.case.as_transport_kwargs(base_url="http://ops")
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    if "Idempotency-Key" in sent["headers"]:
        headers["idempotency-key"] = str(sent["headers"]["Idempotency-Key"])
    query = str((sent.get("params") and encoded(sent["params"])) or "")
    body = b"" if "json" not in sent else json.dumps(sent["json"]).encode()
    url = asking.path.replace("?", "") + (f"?{query}" if query else "")
    return await visitor.ask(asking.case.method.upper(), url, body, headers)


def encoded(params: Any) -> str:
    from urllib.parse import urlencode  # noqa: PLC0415

    return urlencode({name: str(value) for name, value in dict(params).items()}, errors="replace")


def held_against_the_document(asking: Asking, reply: Reply) -> None:
    """Raises what schemathesis finds: a status, a type or a body that the document does not know."""
    import requests  # noqa: PLC0415
    import schemathesis  # noqa: PLC0415
    from schemathesis.checks import CHECKS  # noqa: PLC0415

    checks = [
        CHECKS.get_one(name)
        for name in (
            "not_a_server_error",
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
        )
    ]
    asked = requests.Request(asking.case.method, f"http://ops{asking.case.formatted_path}").prepare()
    response = schemathesis.Response(
        status_code=reply.status,
        headers={name: [value] for name, value in reply.headers.items()},
        content=reply.body,
        request=asked,
        elapsed=0.0,
        verify=False,
    )
    asking.case.validate_response(response, checks=checks)


def paged_for(sources: Sources, path: str) -> tuple[str, ...]:
    """Whoever was paged for a ticket may answer it, whatever else they may."""
    number = path.split("/")[4]
    ticket = sources.world.get(Ticket, int(number)) if number.isdecimal() else None
    return ticket.paged if ticket is not None else ()


def stricter(asking: Asking, role: Role) -> str:
    """Why somebody whose role is enough may not; administrators only what no token may."""
    return AT_THE_SOCKET if role is Role.ADMINISTRATOR else STRICTER.get(asking.operation, AT_THE_SOCKET)


async def asked_by_everybody(sources: Sources, every: Iterator[Asking]) -> int:
    """Each question by each actor; how many there were."""
    visitor = Visitor(ops_app(sources, logbook()[0]))
    needed = {route.name: needs for route, _, needs in declared(api(sources))}
    tokens = {name: await secret(sources, owner, scope) for name, (owner, _, scope) in ACTORS.items()}
    clock, count = sources.clock, 0
    assert isinstance(clock, VirtualClock)
    for asking in every:
        for name, (owner, role, scope) in ACTORS.items():
            clock.passed += 1  # nobody asks too often
            needs = needed[asking.operation]
            assert needs is not None
            paged = needs.of is Of.TICKET and scope in SCOPES and owner in paged_for(sources, asking.path)
            reply = await answered(visitor, asking, tokens[name])
            held_against_the_document(asking, reply)
            allowed = role >= needs.role and (scope in SCOPES or scope == asking.operation)
            let_in = reply.status not in (401, 403)
            assert (allowed or paged) >= let_in, (name, asking, reply.text)
            refused = not let_in and (allowed or paged)
            assert not refused or stricter(asking, role) in reply.text, (name, asking, reply.text)
            assert owner is not None or reply.status == 401
            count += 1
    return count


async def test_nothing_that_is_asked_breaks_it_or_opens_it(sources: Sources) -> None:
    """One operation in so many."""
    every = askings(sources, slice(2, None, SLICE), EXAMPLES, seeded=20261122)

    assert await asked_by_everybody(sources, every) > 50


@pytest.mark.soak
@pytest.mark.parametrize("seeded", range(3))
async def test_nothing_that_is_asked_of_any_operation_breaks_it_or_opens_it(
    sources: Sources, seeded: int
) -> None:
    """All of them, many times."""
    every = askings(sources, slice(None), MANY, seeded)

    assert await asked_by_everybody(sources, every) > 1000


@pytest.mark.soak
async def test_no_instant_that_can_be_written_breaks_it(sources: Sources) -> None:
    """Whatever takes one is asked about the first and the last that there are, and answers as documented."""
    visitor = Visitor(ops_app(sources, logbook()[0]))
    token, clock, count = await secret(sources, "bo", "administer"), sources.clock, 0
    assert isinstance(clock, VirtualClock)
    for asking in askings(sources, slice(None), EXAMPLES, seeded=20261123):
        body, query = asking.case.body, dict(asking.case.query or {})
        for instant in FAR:
            asking.case.body, asking.case.query = far(body, instant), far(query, instant)
            if (asking.case.body, asking.case.query) != (body, query):
                clock.passed += 1
                held_against_the_document(asking, await answered(visitor, asking, token))
                count += 1

    assert count > 50


def far(said: Any, instant: str) -> Any:
    """The same, with that instant for each one in it."""
    if isinstance(said, dict):
        return {name: far(value, instant) for name, value in said.items()}
    if isinstance(said, list):
        return [far(value, instant) for value in said]
    return instant if isinstance(said, str) and DATED.match(said) else said
