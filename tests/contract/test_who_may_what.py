"""Every route, asked by everybody: nobody gets past whose role or scope does not reach, eve least of all.

The table is the router's own (the manual shows it, and its diff is read); here it is held against what
happens. What is sent fits nowhere, so that an act that is let in changes nothing.
"""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import pytest_asyncio

from monitord.core.organization import Access, Service, Team
from monitord.store.tokens import Wish, granted
from monitord.web.access.roles import SCOPES, Actor, Needs, Of, Role
from monitord.web.ops.api import every_operation, shared_api
from monitord.web.ops.guard import lacks
from monitord.web.ops.openapi import declared
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import ops_app
from tests.fakes.night import night
from tests.fakes.shop import logbook
from tests.fakes.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = {
    "number": "3",
    "probe": "db1",
    "incident": "i1",
    "rotation": "primary",
    "token": "0123456789ab",
    "passkey": "0123456789ab",
    "silence": "s1",
    "override": "o1",
    "swap": "w1",
    "leave": "l1",
    "event": "1",
    "subscriber": "s1",
    "name": "ann",
    "feed": "whoever",
}


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    operation: str
    needs: Needs


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sources(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sources]:
    """One night for all: nothing here changes what another test looks at."""
    async with night(tmp_path_factory.mktemp("night") / "store") as made:
        made.engine.world.accept(
            replace(
                made.configuration,
                services={**made.configuration.services, "pay": Service("pay", "Payments", "payments")},
                teams={
                    "support": Team("support", ("ann",), ("dee",)),
                    "payments": Team("payments", ("cem",)),
                },
                access=Access(administrators=("bo",)),
            )
        )
        yield made


@pytest.fixture(scope="module")
def visitor(sources: Sources) -> Visitor:
    return Visitor(ops_app(sources, logbook()[0]))


def table(sources: Sources) -> Iterator[Route]:
    """What the router says of itself."""
    for route, method, needed in declared(shared_api(sources)):
        assert needed is not None, f"{route.path_format} does not say what it needs"
        yield Route(method, route.path_format.format(**NAMES), route.name, needed)


async def secret(sources: Sources, owner: str, *scopes: str, machine: bool = False) -> str:
    wish = Wish(owner, machine, scopes, sources.now + timedelta(days=1))
    shown, kept = granted(wish, "root", sources.now)
    await sources.tokens.add(sources.store, kept)
    return shown


async def asked(visitor: Visitor, route: Route, token: str = "") -> int:
    """The status of a request that fits nowhere."""
    shown = {"authorization": f"Bearer {token}"} if token else {}
    body = json.dumps({"fits": "nowhere"}).encode() if route.method == "POST" else b""
    reply = await visitor.ask(
        route.method, f"{route.path}?fits=nowhere", body, {"content_type": "application/json", **shown}
    )
    return reply.status


def let_in(status: int) -> bool:
    assert status < 500
    return status not in (401, 403)


async def test_without_a_token_there_is_nothing(sources: Sources, visitor: Visitor) -> None:
    for route in table(sources):
        assert 401 == await asked(visitor, route), route


async def test_eve_is_let_in_nowhere(sources: Sources, visitor: Visitor) -> None:
    """She is a person of the configuration, and in no team; her token has every scope."""
    eve = await secret(sources, "eve", "administer", *sorted(every_operation())[:10])
    for route in table(sources):
        assert 403 == await asked(visitor, route, eve), route


async def test_a_scope_reaches_what_it_covers(sources: Sources, visitor: Visitor) -> None:
    for scope, role in SCOPES.items():
        program = await secret(sources, "program", scope, machine=True)
        for route in table(sources):
            expected = role >= route.needs.role
            assert expected == let_in(await asked(visitor, route, program)), (scope, route)


async def test_one_operation_is_one_operation(sources: Sources, visitor: Visitor) -> None:
    routes = list(table(sources))
    one = await secret(sources, "program", "comment_on_ticket", machine=True)

    assert ["comment_on_ticket"] == [
        route.operation for route in routes if let_in(await asked(visitor, route, one))
    ]


HELD = {  # in the organization, in some team, for ticket 3: of `payments`, and ann and bo were paged
    "ann": (Role.VIEWER, Role.RESPONDER, Role.RESPONDER),
    "bo": (Role.ADMINISTRATOR, Role.ADMINISTRATOR, Role.ADMINISTRATOR),
    "cem": (Role.VIEWER, Role.RESPONDER, Role.RESPONDER),
    "dee": (Role.VIEWER, Role.OPERATOR, Role.VIEWER),
    "eve": (Role.NOBODY, Role.NOBODY, Role.NOBODY),
}


async def test_a_role_reaches_as_far_as_it_is_held(sources: Sources, visitor: Visitor) -> None:
    for person, roles in HELD.items():
        shown = await secret(sources, person, "administer")
        held = dict(zip((Of.ORGANIZATION, Of.ANY_TEAM, Of.TICKET), roles, strict=True))
        held[Of.ROTATION] = held[Of.PERSON] = held[Of.ANY_TEAM]  # whose it is, the route looks at
        for route in table(sources):
            expected = held[route.needs.of] >= route.needs.role
            assert expected == let_in(await asked(visitor, route, shown)), (person, route)


@pytest.mark.parametrize("of", Of)
async def test_a_refusal_is_a_sentence(of: Of) -> None:
    said = lacks(Actor("eve", "api"), Needs(Role.RESPONDER, of)).what

    assert said.startswith("eve is no responder") and ";" not in said
