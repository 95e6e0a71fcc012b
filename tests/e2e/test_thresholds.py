"""`failures: N` on the running daemon: the ticket opens with the Nth failure in a row, and not before."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitord.client.shapes import ProbeNow
from tests.e2e.turnstile import Turnstile
from tests.fakes.daemon import Daemon, daemon, probe, until
from tests.fakes.mailbox import Post, mail_server

NUMBERS = range(1, 8)
OK, BROKEN = 200, 503


@dataclass(frozen=True)
class Scene:
    post: Post
    turnstile: Turnstile
    daemon: Daemon

    def now(self, name: str) -> ProbeNow:
        return self.daemon.client.probe(name).probe


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """One daemon with a probe for every N."""
    async with mail_server() as post, Turnstile() as turnstile:
        probes = [
            probe(f"n{n}", f"{turnstile.url}n{n}", every="100ms", timeout="10m", failures=n) for n in NUMBERS
        ]
        async with daemon(tmp_path, post, probes=probes) as it:
            yield Scene(post, turnstile, it)


async def test_the_ticket_opens_at_the_nth_failure_in_a_row_and_not_before(scene: Scene) -> None:
    """For N = 1 … 7; N-1 failures, a pass and N-1 failures more open nothing."""
    await asyncio.gather(*(almost(scene, n) for n in NUMBERS))
    assert () == scene.daemon.client.tickets()
    scene.post.silence()

    await asyncio.gather(*(once_more(scene, n) for n in NUMBERS))
    assert len(NUMBERS) == len(scene.daemon.client.tickets())


async def almost(scene: Scene, n: int) -> None:
    """The check after all these stands at the turnstile, so nothing can happen any more by itself."""
    name, one_too_few = f"n{n}", [BROKEN] * (n - 1)
    answers = [OK, *one_too_few, OK, *one_too_few]
    await scene.turnstile.let_through(scene.daemon, name, *answers)
    await until(lambda: scene.now(name).streak == n - 1)

    assert answers == scene.turnstile.found(name)
    assert scene.now(name).up


async def once_more(scene: Scene, n: int) -> None:
    """The Nth failure, and only that: the next check gets no answer."""
    name = f"n{n}"
    await scene.turnstile.let_through(scene.daemon, name, BROKEN)
    mail = await scene.post["ann@example.org"].expects(f"{name} is down")
    ticket = next(row for row in scene.daemon.client.tickets() if row.probe == name)

    assert ("open", "urgent", ("ann",)) == (ticket.state, ticket.priority, ticket.paged)
    assert ("page", name, str(ticket.number)) == (
        mail.message["Monitord-Event"],
        mail.message["Monitord-Probe"],
        mail.message["Monitord-Ticket"],
    )
    assert [OK, *[BROKEN] * (n - 1), OK, *[BROKEN] * n] == scene.turnstile.found(name)
