"""Sessions that end at the same moment as something else happens to them: none is forgotten, or left open."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from monitord.store.accounts import Accounts
from monitord.store.faults import StoreError
from monitord.web.console.sessions import Sessions
from monitord.web.ops.sources import Sources
from tests.fakes.night import night


@pytest.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    async with night(tmp_path / "store") as made:
        yield made


@dataclass
class FullDisk:
    """Refuses to end sessions, but only when so many have asked."""

    together: int
    asked: list[Any] = field(default_factory=list)
    all_here: asyncio.Event = field(default_factory=asyncio.Event)

    async def access(self, work: Any, *args: Any) -> Any:
        self.asked.append(work)
        if len(self.asked) >= self.together:
            self.all_here.set()
        await self.all_here.wait()
        raise StoreError("database or disk is full")


async def test_of_two_that_end_at_once_while_the_disk_is_full_none_is_forgotten(sources: Sources) -> None:
    sessions, now = sources.sessions, sources.now
    ids = [(await sessions.begin("ann", "a link", "", "", now))[1].id for _ in range(2)]
    store, sessions.store = sessions.store, FullDisk(together=2)
    async with asyncio.timeout(60):
        unstored = await asyncio.gather(*(sessions.close([id], now) for id in ids))
    sessions.store = store
    await sessions.close([], now)
    after_a_restart = await Sessions(store, sources.sessions.people).all(now)

    assert [[ids[0]], [ids[1]]] == unstored
    assert {} == after_a_restart


async def test_what_ends_while_the_store_ends_others_is_not_taken_for_stored(sources: Sources) -> None:
    sessions, now = sources.sessions, sources.now
    ids = [(await sessions.begin("ann", "a link", "", "", now))[1].id for _ in range(2)]
    store, full = sessions.store, FullDisk(together=1)

    class Between:
        """The disk fills up for whoever comes while the first is written."""

        async def access(self, work: Any, *args: Any) -> Any:
            sessions.store = full
            await sessions.close([ids[1]], now)
            return await store.access(work, *args)

    sessions.store = Between()
    await sessions.close([ids[0]], now)
    sessions.store = store
    await sessions.close([], now)

    assert [] == await store.access(Accounts.sessions, now)
