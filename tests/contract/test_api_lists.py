"""What the API lists: narrowed, in order, page by page; and who and what there is."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from monitord.client import Client, Refused, WrongUse
from monitord.web.access.roles import STATE, Actor, Role
from monitord.web.ops.api import shared_api
from monitord.web.ops.sources import Sources
from tests.fakes.night import night
from tests.fakes.terminal import Terminal, terminal, typed
from tests.fakes.visitor import Reply, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERY_LIST = (
    "tickets?",
    "tickets?sort=oldest&",
    "deliveries?",
    "audit?",
    "revisions?",
    "results?probe=db1&since=2026-11-22T08:20:00Z&",
)
ODD_SPANS = (
    "from=2026-11-24T00:00:00",
    "from=2026-01-01T00:00:00Z&to=2025-01-01T00:00:00Z",
    "from=0001-01-01T00:00:00%2B23:00",
    "from=9999-12-31T23:00:00Z",
    "to=9999-12-31T23:00:00Z",
)
QUIET_MAIL = ({"name": "service", "value": "mail"},)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sources(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sources]:
    """One night for all: nothing here changes what another test looks at."""
    async with night(tmp_path_factory.mktemp("night") / "store") as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beside(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Terminal]:
    async with terminal(sources, tmp_path_factory.mktemp("socket")) as made:
        yield made


def asker(sources: Sources, role: Role, by: str = "ann") -> Visitor:
    """The API alone, asked by somebody with that role."""
    application = shared_api(sources)

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": {STATE: Actor(by, "api", role)}}, receive, send)

    return Visitor(door)


async def told(visitor: Visitor, path: str) -> Any:
    reply = await visitor.get(f"/api/v1/{path}")
    assert 200 == reply.status, reply.text
    return json.loads(reply.text)


def following(reply: Reply) -> str:
    """Where the Link header leads."""
    url, _, relation = reply.headers.get("link", "").partition(">; ")
    assert relation in ("", 'rel="next"')
    return url.removeprefix("<")


async def whole(visitor: Visitor, path: str) -> list[Any]:
    """Every page of a list."""
    found: list[Any] = []
    url = f"/api/v1/{path}"
    for _ in range(500):
        reply = await visitor.get(url)
        assert 200 == reply.status, reply.text
        found += json.loads(reply.text)
        url = following(reply)
        if not url:
            return found
    raise AssertionError(f"{path} has no end")


async def test_tickets_are_found_by_what_is_asked(sources: Sources) -> None:
    viewer = asker(sources, Role.VIEWER)

    async def numbers(query: str) -> list[int]:
        return [each["number"] for each in await told(viewer, f"tickets?{query}")]

    assert [3, 2, 1] == await numbers("")
    assert [1, 2, 3] == await numbers("sort=oldest")
    assert [3, 2] == await numbers("state=unfinished")
    assert [2] == await numbers("q=database")
    assert [1] == await numbers("q=mail%20do&state=resolved")
    assert [3, 2, 1] == await numbers("priority=urgent")
    assert [] == await numbers("priority=low")
    assert [3, 2, 1] == await numbers("q=%22%20-*"), "words are words, not a language"


async def test_a_list_is_read_page_by_page(sources: Sources) -> None:
    operator = asker(sources, Role.OPERATOR)
    for path in EVERY_LIST:
        at_once = await told(operator, f"{path}limit=500")
        assert at_once == await whole(operator, f"{path}limit=2"), path


async def test_what_is_no_cursor_is_refused(sources: Sources) -> None:
    viewer = asker(sources, Role.OPERATOR)
    for path in ("tickets", "deliveries", "audit", "revisions", "events", "results?probe=db1"):
        for cursor in ("x", "W10=", "e30=", "WzFd" * 100, "bnVsbA==", "WyI5OTk5LTEyLTMxIl0=", "WzFlOTldCg=="):
            reply = await viewer.get(f"/api/v1/{path}{'&' if '?' in path else '?'}cursor={cursor}")
            assert 422 == reply.status, (path, cursor)
            assert "query.cursor" == json.loads(reply.text)["error"]["where"]


async def test_who_subscribed_is_for_those_who_speak_to_the_public(sources: Sources) -> None:
    viewer, operator = asker(sources, Role.VIEWER), asker(sources, Role.OPERATOR)

    assert 403 == (await viewer.get("/api/v1/subscribers")).status
    assert [] == await told(operator, "subscribers")


async def test_the_audit_says_who_did_what(sources: Sources, beside: Terminal) -> None:
    made = await typed(beside.client("dee").create_token, "ann", ["read"])
    await typed(beside.client("cem").comment, 3, "on my way")
    rows = await told(asker(sources, Role.OPERATOR), "audit?limit=3")
    by_bo = await told(asker(sources, Role.OPERATOR), "audit?by=bo")

    assert ("dee", "access", f"made the token {made.id} of ann (read)") in told_of(rows)
    assert ("cem", "ticket_commented", "cem: on my way") in told_of(rows)
    assert {"bo"} == {row["by"] for row in by_bo}


def told_of(rows: Any) -> set[tuple[str, str, str]]:
    return {(row["by"], row["kind"], row["says"]) for row in rows}


async def test_a_viewer_sees_of_peoples_addresses_what_recognises_them(sources: Sources) -> None:
    viewer, responder = asker(sources, Role.VIEWER, "eve"), asker(sources, Role.RESPONDER, "eve")

    async def seen(by: Visitor) -> set[str]:
        people = {each["id"]: each for each in await told(by, "people")}
        story = await told(by, "tickets/3")
        messages = [*story["deliveries"], *await told(by, "deliveries?ticket=3")]
        return {
            *(each["address"] for each in people["ann"]["reach"]),
            *(each["address"] for each in messages if each["person"] == "ann"),
        }

    assert {"a…@example.org", "…00"} == await seen(viewer)
    assert {"ann@example.org", "+13125550100"} == await seen(responder)
    assert {"ann@example.org", "+13125550100"} == await seen(asker(sources, Role.VIEWER, "ann"))


async def test_people_and_what_they_answer_for_are_listed(sources: Sources) -> None:
    viewer = asker(sources, Role.VIEWER)
    people = {each["id"]: each for each in await told(viewer, "people")}
    services = {each["id"]: each for each in await told(viewer, "services")}
    (policy,) = await told(viewer, "policies")

    assert ["email", "sms"] == [each["channel"] for each in people["ann"]["reach"]]
    assert (["support"], []) == (people["dee"]["teams"], people["eve"]["teams"])
    assert ("major_outage", 60.0) == (services["pay"]["effect"], services["pay"]["publish_after"])
    assert [["primary"], ["secondary"], ["support"], ["dee"]] == [tier["page"] for tier in policy["tiers"]]
    assert [{"id": "support", "members": ["ann", "bo", "cem"], "managers": ["dee"]}] == await told(
        viewer, "teams"
    )


async def test_shifts_are_contiguous_and_cut_at_both_ends(sources: Sources) -> None:
    viewer = asker(sources, Role.VIEWER)
    span = "from=2026-11-24T00:00:00Z&to=2026-11-26T00:00:00Z"
    shifts = await told(viewer, f"rotations/primary/shifts?{span}")

    assert [["ann"], ["ann"], ["ann"]] == [each["people"] for each in shifts] or shifts
    assert "2026-11-24T00:00:00Z" == shifts[0]["start"] and "2026-11-26T00:00:00Z" == shifts[-1]["end"]
    assert [each["end"] for each in shifts[:-1]] == [each["start"] for each in shifts[1:]]
    for query in ODD_SPANS:
        assert (await viewer.get(f"/api/v1/rotations/primary/shifts?{query}")).status in (200, 422), query
    assert 404 == (await viewer.get("/api/v1/rotations/third/shifts")).status


async def test_a_silence_is_added_and_ended(sources: Sources, beside: Terminal) -> None:
    dee, until = beside.client("dee"), sources.now + timedelta(hours=1)
    done = await typed(dee.add_silence, QUIET_MAIL, "the mover is here", until)
    (silence,) = await typed(dee.silences)
    await typed(dee.end_silence, silence.id)
    assert done.silence == silence.id

    assert ("dee", "the mover is here", until, True) == (
        silence.by,
        silence.reason,
        silence.end,
        silence.running,
    )
    assert () == await typed(dee.silences)
    with pytest.raises(Refused, match="longer than 24 h"):
        await typed(dee.add_silence, QUIET_MAIL, "away", until + timedelta(days=1))
    with pytest.raises(WrongUse, match="at least 1"):
        await typed(dee.add_silence, [], "everything", until)


async def test_the_client_reads_everything(beside: Terminal) -> None:
    client: Client = beside.client("dee")
    for question in (
        client.people,
        client.teams,
        client.services,
        client.policies,
        client.rotations,
        client.heartbeats,
        client.integrations,
        client.events,
        client.revisions,
        client.audit,
        client.subscribers,
        client.messages,
    ):
        assert isinstance(await typed(question), tuple)
    assert [3, 2, 1] == [row.number for row in await typed(lambda: list(client.all_tickets(limit=1)))]
    assert 3 == len(await typed(client.results, "db1", limit=3))
    assert await typed(client.shifts, "primary")


async def test_every_example_of_the_document_is_understood(tmp_path: Path) -> None:
    async with night(tmp_path / "store") as another:
        await send_every_example(asker(another, Role.ADMINISTRATOR))


async def send_every_example(administrator: Visitor) -> None:
    document = await told(administrator, "openapi.json")
    acts = {path: each["post"] for path, each in document["paths"].items() if "post" in each}
    examples = {
        path: act["requestBody"]["content"]["application/json"]["example"]
        for path, act in acts.items()
        if "example" in act["requestBody"]["content"]["application/json"]
    }

    assert {path for path, act in acts.items() if act["requestBody"].get("required")} <= examples.keys()
    for path, example in examples.items():
        body = json.dumps(example).encode()
        place = path.format(number=2, incident="none", name="ann")
        reply = await administrator.ask("POST", place, body, {"content_type": "application/json"})
        assert 422 != reply.status, (path, reply.text)
