"""The API at the ops door: whoever shows a token is let in as far as it and its owner go, and nobody else."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core.organization import Access, Team
from monitord.core.statuspage import Incident, Phase
from monitord.core.ticket import State, Ticket
from monitord.engine.clock import VirtualClock
from monitord.store.tokens import Token, Tokens, digest_of, drawn, id_of
from monitord.web.ops.limits import READS_PER_TOKEN
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import ops_app
from tests.fakes.shop import logbook
from tests.fakes.visitor import Reply, Visitor


@pytest.fixture
def lines() -> list[Any]:
    """What the daemon logs."""
    return []


@pytest.fixture
def visitor(sources: Sources, lines: list[Any]) -> Visitor:
    log, written = logbook()
    lines.append(written)
    return Visitor(ops_app(sources, log))


async def token(sources: Sources, owner: str, *scopes: str, machine: bool = False) -> str:
    """A token of somebody's, good for a day."""
    secret, now = drawn(), sources.now
    digest = digest_of(secret)
    made = Token(id_of(digest), digest, owner, machine, scopes, "", now, "root", now + timedelta(days=1))
    await sources.tokens.add(sources.store, made)
    return secret


async def ask(visitor: Visitor, path: str, secret: str = "", **headers: str) -> Reply:
    shown = {"authorization": f"Bearer {secret}"} if secret else {}
    return await visitor.get(f"/api/v1/{path}", **shown, **headers)


async def act(visitor: Visitor, path: str, secret: str = "", body: Any = None, **headers: str) -> Reply:
    shown = {"authorization": f"Bearer {secret}"} if secret else {}
    written = b"" if body is None else json.dumps(body).encode()
    kind = {"content_type": "application/json"}
    return await visitor.ask("POST", f"/api/v1/{path}", written, {**kind, **shown, **headers})


def state(sources: Sources, number: int) -> State:
    found = sources.world.get(Ticket, number)
    assert found is not None
    return found.state


def error(reply: Reply) -> dict[str, str]:
    said: dict[str, str] = json.loads(reply.text)["error"]
    return said


async def test_without_a_token_nothing_is_said(sources: Sources, visitor: Visitor) -> None:
    asked, acted = await ask(visitor, "tickets"), await act(visitor, "tickets/3/acknowledge")

    assert (401, 401) == (asked.status, acted.status)
    assert 'Bearer realm="monitord"' == asked.headers["www-authenticate"]
    assert "monitord token create" in error(asked)["remedy"]
    assert State.OPEN is state(sources, 3)


async def test_a_token_makes_none_that_may_more(sources: Sources, visitor: Visitor) -> None:
    maker = await token(sources, "deploy", "create_token", "read", machine=True)
    wishes = [
        {"owner": "lamp", "machine": True, "scopes": [scope]}
        for scope in ("read", "administer", "revoke_token")
    ]
    made = [await act(visitor, "tokens", maker, wish) for wish in wishes]

    assert [200, 403, 403] == [reply.status for reply in made]
    assert "this token's scopes do not cover `administer`" == error(made[1])["what"]


@pytest.mark.parametrize(
    ("scopes", "wish", "why"),
    [
        (("administer",), {"owner": "lamp", "machine": True, "scopes": ["scim"]}, "do not cover `scim`"),
        (("create_token", "read"), {"owner": "bo", "scopes": ["read"]}, "cannot make one for bo"),
        (
            ("administer",),
            {"owner": "lamp", "machine": True, "scopes": ["read"], "expires": "2035-01-01T00:00:00Z"},
            "it would outlive this token",
        ),
    ],
)
async def test_a_token_makes_none_for_somebody_else_or_longer(
    sources: Sources, visitor: Visitor, scopes: tuple[str, ...], wish: dict[str, Any], why: str
) -> None:
    maker = await token(sources, "deploy", *scopes, machine=True)
    made = await act(visitor, "tokens", maker, wish)

    assert 403 == made.status
    assert why in error(made)["what"]


async def test_a_token_that_names_no_end_ends_with_the_one_that_made_it(
    sources: Sources, visitor: Visitor
) -> None:
    maker = await token(sources, "deploy", "administer", machine=True)
    made = await act(visitor, "tokens", maker, {"owner": "lamp", "machine": True, "scopes": ["read"]})
    ends = {each.owner: each.expires for each in await sources.tokens.listed(sources.store)}

    assert 200 == made.status
    assert ends["deploy"] == ends["lamp"]


async def test_a_token_speaks_for_its_owner(sources: Sources, visitor: Visitor) -> None:
    bo = await token(sources, "bo", "respond")
    listed = await ask(visitor, "tickets?state=open", bo)
    done = await act(visitor, "tickets/3/acknowledge", bo)

    assert ["cards is down"] == [each["title"] for each in json.loads(listed.text)]
    assert (200, "bo", "acknowledged by bo (api)") == (
        done.status,
        json.loads(done.text)["by"],
        json.loads(done.text)["did"][0],
    )
    assert State.ACKNOWLEDGED is state(sources, 3)


async def test_a_scope_reaches_as_far_as_it_says(sources: Sources, visitor: Visitor) -> None:
    reading = await token(sources, "bo", "read")
    one = await token(sources, "bo", "acknowledge_ticket")

    assert (200, 403) == (
        (await ask(visitor, "tickets", reading)).status,
        (await act(visitor, "tickets/3/acknowledge", reading)).status,
    )
    assert (403, 403, 200) == (
        (await ask(visitor, "tickets", one)).status,
        (await act(visitor, "tickets/3/comment", one, {"text": "hello"})).status,
        (await act(visitor, "tickets/3/acknowledge", one)).status,
    )


async def test_a_scope_gives_nobody_more_than_their_role(sources: Sources, visitor: Visitor) -> None:
    bo = await token(sources, "bo", "administer")
    eve = await token(sources, "eve", "administer")
    body = {"title": "Hello", "body": "World", "affects": {"shop": "degraded"}}

    assert 403 == (await act(visitor, "incidents", bo, body)).status, "bo is a responder"
    assert 403 == (await ask(visitor, "tickets", eve)).status, "eve is in no team"


async def test_a_role_may_be_held_in_the_whole_organization(sources: Sources, visitor: Visitor) -> None:
    eve = await token(sources, "eve", "administer")
    now = sources.engine.world.configuration
    sources.engine.world.accept(replace(now, access=Access(responders=("eve",))))

    assert 200 == (await ask(visitor, "tickets", eve)).status
    assert 200 == (await act(visitor, "tickets/3/acknowledge", eve)).status


async def test_whoever_was_paged_may_answer(sources: Sources, visitor: Visitor) -> None:
    now = sources.engine.world.configuration
    sources.engine.world.accept(replace(now, teams={}, access=Access(viewers=("everybody",))))
    assert "bo" in (await paged(sources, 3)) and "dee" not in (await paged(sources, 3))
    bo, dee = await token(sources, "bo", "respond"), await token(sources, "dee", "respond")

    assert 403 == (await act(visitor, "tickets/3/acknowledge", dee)).status
    assert 200 == (await act(visitor, "tickets/3/acknowledge", bo)).status


async def paged(sources: Sources, number: int) -> tuple[str, ...]:
    found = sources.world.get(Ticket, number)
    assert found is not None
    return found.paged


async def test_a_machine_may_what_its_scopes_say(sources: Sources, visitor: Visitor) -> None:
    deploy = await token(sources, "deploy", "operate", machine=True)
    body = {"title": "Deploying", "body": "A minute.", "affects": {"shop": "degraded"}}

    assert (200, 403) == (
        (await act(visitor, "incidents", deploy, body)).status,
        (await ask(visitor, "tokens", deploy)).status,
    )


async def test_an_old_token_opens_nothing(sources: Sources, visitor: Visitor) -> None:
    bo = await token(sources, "bo", "respond")
    clock = sources.clock
    assert isinstance(clock, VirtualClock)
    clock.passed += 25 * 3600
    reply = await ask(visitor, "tickets", bo)

    assert 401 == reply.status
    assert "has expired 1 h ago" in error(reply)["what"]


async def test_a_revoked_token_opens_nothing(sources: Sources, visitor: Visitor) -> None:
    bo = await token(sources, "bo", "respond")
    await sources.tokens.revoke(
        sources.store, (await sources.tokens.listed(sources.store))[0], "ann", sources.now
    )
    reply = await ask(visitor, "tickets", bo)

    assert 401 == reply.status
    assert "was revoked" in error(reply)["what"]


async def test_a_token_of_somebody_who_left_opens_nothing(sources: Sources, visitor: Visitor) -> None:
    bo = await token(sources, "bo", "administer")
    now = sources.engine.world.configuration
    people = {id: each for id, each in now.people.items() if id != "bo"}
    sources.engine.world.accept(replace(now, people=people))

    assert 403 == (await ask(visitor, "tickets", bo)).status


ODD_HEADERS = (
    "",
    "Bearer",
    "Bearer ",
    "Basic YW5uOmFubg==",
    "bearer mon_",
    "Bearer mon_é",
    "Bearer mon_" + "a" * 300,
    "Bearer mon_a b",
    "Bearer\x00mon_a",
    "Token mon_a",
)


async def test_a_header_that_is_none_lets_nobody_in(visitor: Visitor) -> None:
    for header in ODD_HEADERS:
        reply = await visitor.get("/api/v1/tickets", authorization=header)
        assert 401 == reply.status, header
        assert error(reply)["remedy"]


async def test_whoever_guesses_is_slowed_and_nobody_else_is(sources: Sources, visitor: Visitor) -> None:
    bo = await token(sources, "bo", "respond")
    statuses = [(await ask(visitor, "tickets", f"mon_{number}")).status for number in range(70)]
    right = await ask(visitor, "tickets", bo)

    assert ([401] * 60, [429] * 10) == (statuses[:60], statuses[60:])
    assert 200 == right.status


async def test_a_busy_token_is_told_when_to_come_back(sources: Sources, visitor: Visitor) -> None:
    bo = await token(sources, "bo", "respond")
    door: Any = visitor.door
    entrance = door.entrance
    for _ in range(READS_PER_TOKEN.most):
        entrance.reads.take(id_of(digest_of(bo)), sources.clock.monotonic())
    asked, acted = await ask(visitor, "tickets", bo), await act(visitor, "tickets/3/acknowledge", bo)

    assert (429, "1") == (asked.status, asked.headers["retry-after"])
    assert 200 == acted.status, "whoever polls can still acknowledge"


async def test_only_an_administrator_acts_for_others(sources: Sources, visitor: Visitor) -> None:
    bo = await token(sources, "bo", "respond")
    bot = await token(sources, "bot", "administer", machine=True)

    assert 403 == (await act(visitor, "tickets/3/acknowledge", bo, monitord_by="ann")).status
    assert 422 == (await act(visitor, "tickets/3/acknowledge", bot, monitord_by="ben")).status
    done = await act(visitor, "tickets/3/acknowledge", bot, monitord_by="ann")
    assert (200, "ann") == (done.status, json.loads(done.text)["by"])


async def test_when_a_token_was_used_is_kept_to_the_minute(sources: Sources, visitor: Visitor) -> None:
    bo = await token(sources, "bo", "respond")
    await ask(visitor, "tickets", bo)
    (kept,) = await sources.store.tokens(Tokens.all)

    assert sources.now == kept.used


async def test_a_stranger_learns_nothing_of_what_would_fit(sources: Sources, visitor: Visitor) -> None:
    eve = await token(sources, "eve", "administer")
    for path in ("tickets/3/comment", "tickets/99/comment", "tickets/x/comment"):
        reply = await act(visitor, path, eve, {"wrong": 1})
        assert 403 == reply.status


async def test_a_manager_speaks_for_their_own_services(sources: Sources, visitor: Visitor) -> None:
    now = sources.engine.world.configuration
    others = replace(now.services["pay"], team="payments")
    teams = {**now.teams, "payments": Team("payments", ("cem",), ("ann",))}
    sources.engine.world.accept(replace(now, services={**now.services, "pay": others}, teams=teams))
    dee = await token(sources, "dee", "operate")
    (story,) = [each for each in sources.world.all(Incident) if each.phase is Phase.INVESTIGATING]
    said = {"title": "Slow", "body": "We look into it."}

    own = await act(visitor, "incidents", dee, {**said, "affects": {"shop": "degraded"}})
    foreign = await act(visitor, "incidents", dee, {**said, "affects": {"pay": "degraded"}})
    continued = await act(visitor, f"incidents/{story.id}/posts", dee, {"body": "Still."})

    assert (200, 403, 403) == (own.status, foreign.status, continued.status)
    assert "dee does not speak for pay" == error(foreign)["what"]


async def test_a_token_is_written_nowhere(sources: Sources, visitor: Visitor, lines: list[Any]) -> None:
    bo = await token(sources, "bo", "respond")
    answers = [await ask(visitor, path, bo) for path in ("tickets", "whoami", "tokens", "nowhere")]
    answers += [
        await ask(visitor, "tickets", bo + "x"),
        await act(visitor, "tickets/3/comment", bo, {"text": "a"}),
    ]

    assert [] == [reply for reply in answers if bo in reply.text + repr(reply.headers)]
    assert bo not in repr(lines) + repr(sources.tokens.tokens) + repr(sources)
