"""An act that is sent twice is done once, whatever happens in between; and two who act at once do not mix."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from monitord.client import Refused
from monitord.client.wire import Question, ask
from monitord.core.ticket import Ticket
from monitord.web.ops.sources import Sources
from tests.fakes.night import night, started, whole_night
from tests.fakes.terminal import Terminal, terminal, typed

STUCK = {"title": "the lift is stuck", "service": "shop"}


@asynccontextmanager
async def first_life(folder: Path) -> AsyncIterator[tuple[Sources, Terminal]]:
    async with night(folder) as sources, terminal(sources, folder) as beside:
        yield sources, beside


@asynccontextmanager
async def next_life(folder: Path) -> AsyncIterator[tuple[Sources, Terminal]]:
    async with started(folder, whole_night()) as sources, terminal(sources, folder) as beside:
        yield sources, beside


async def told(beside: Terminal, path: str, body: Mapping[str, Any], key: str) -> tuple[int, Any]:
    reply = await typed(ask, beside.place, Question(path, {}, body, {"idempotency-key": key}), 10.0)
    return reply.status, json.loads(reply.body)


async def test_a_key_survives_a_restart(tmp_path: Path) -> None:
    async with first_life(tmp_path / "store") as (_, beside):
        opened = await told(beside, "tickets", STUCK, "k1")
        refused = await told(beside, "tickets/1/acknowledge", {}, "k2")
        made = await told(beside, "tokens", {"owner": "ann"}, "k3")
    async with next_life(tmp_path / "store") as (sources, beside):
        assert (200, opened, 409, refused) == (
            opened[0],
            await told(beside, "tickets", STUCK, "k1"),
            refused[0],
            await told(beside, "tickets/1/acknowledge", {}, "k2"),
        )
        assert 422 == (await told(beside, "tickets", {**STUCK, "text": "again"}, "k1"))[0]
        assert (200, 409) == (made[0], (await told(beside, "tokens", {"owner": "ann"}, "k3"))[0])
        assert sources.world.get(Ticket, 5) is None, "there is one new ticket"


async def test_a_token_survives_a_restart_and_so_does_its_end(tmp_path: Path) -> None:
    async with first_life(tmp_path / "store") as (_, beside):
        made = await typed(beside.client().create_token, "ann", ["read"])
        gone = await typed(beside.client().create_token, "bo", ["read"])
        await typed(beside.client().revoke_token, gone.id)
    async with next_life(tmp_path / "store") as (sources, beside):
        rows = {row.id: row.state for row in await typed(beside.client().tokens)}
        assert {made.id: "active", gone.id: "revoked"} == rows
        assert await sources.tokens.found(sources.store, made.token) is not None


async def test_two_who_answer_at_once_are_told_who_has_it(tmp_path: Path) -> None:
    async with first_life(tmp_path / "store") as (sources, beside):
        both = await asyncio.gather(*(said(beside.client(who).acknowledge, 3) for who in ("ann", "cem")))
        held = sources.world.get(Ticket, 3)
        assert held is not None
        story = await typed(beside.client().ticket, 3)

    acknowledged = [line.says for line in story.timeline if line.kind == "ticket_acknowledged"]
    assert 1 == len(acknowledged), "one of them was first"
    assert held.holder in ("ann", "cem")
    assert all("ann" in words or "cem" in words for words in both)


async def test_one_resolves_what_another_hands_over(tmp_path: Path) -> None:
    """Each is decided on what the other has left."""
    async with first_life(tmp_path / "store") as (_, beside):
        ann, cem = beside.client("ann"), beside.client("cem")
        await asyncio.gather(said(ann.hand_over, 3, "dee"), said(cem.resolve, 3, "done", True))
        story = await typed(beside.client().ticket, 3)
        with_dee = await said(beside.client("dee").comment, 3, "what now?")

    assert "resolved" == story.ticket.state
    assert with_dee


async def said(act: Any, *words: Any) -> str:
    """What came of it, as a sentence."""
    try:
        return " ".join((await typed(act, *words)).did)
    except Refused as refused:
        return str(refused)
