"""Stopping and starting: in order or in the middle of everything, nothing is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from monitord.client import DaemonUnreachable
from monitord.engine.clock import RealClock
from tests.e2e.turnstile import Turnstile
from tests.fakes.daemon import Daemon, daemon, policy, probe, until
from tests.fakes.mailbox import Post, mail_server

BROKEN = 503
STOPS_WITHIN = 10.0
TIER = timedelta(seconds=2)


@dataclass(frozen=True)
class Scene:
    post: Post
    turnstile: Turnstile
    daemon: Daemon


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Three failures open a ticket; ann has two seconds, bo all night."""
    tiers = policy("ann", "bo", lasts="2s")
    tiers["tiers"][1]["for"] = "12h"
    async with mail_server() as post, Turnstile() as turnstile:
        probes = [probe("web", f"{turnstile.url}web", every="200ms", timeout="10m", failures=3)]
        async with daemon(tmp_path, post, probes=probes, policies={"urgent": tiers}) as it:
            yield Scene(post, turnstile, it)


async def test_a_restart_forgets_nothing_and_makes_up_for_what_was_missed(scene: Scene) -> None:
    await two_failures(scene)
    await stopping_is_quick_and_in_order(scene)
    await the_third_failure_opens_the_ticket(scene)
    await a_tier_that_ended_meanwhile_is_made_up_for(scene)


async def two_failures(scene: Scene) -> None:
    await scene.turnstile.let_through(scene.daemon, "web", BROKEN, BROKEN)
    await scene.turnstile.arrived("web", 3)
    await until(lambda: scene.daemon.client.probe("web").probe.streak == 2)

    assert () == scene.daemon.client.tickets()


async def stopping_is_quick_and_in_order(scene: Scene) -> None:
    """Although the third check is still under way."""
    begun = asyncio.get_running_loop().time()
    assert 0 == await scene.daemon.stop()
    took = asyncio.get_running_loop().time() - begun
    print(f"SIGTERM took {took:.2f} s")

    assert took < 3 * STOPS_WITHIN, f"{STOPS_WITHIN:g} s on a machine that has nothing else to do"
    assert '"event": "stopped"' in scene.daemon.log
    assert not (scene.daemon.store / "control.sock").exists()
    with pytest.raises(DaemonUnreachable, match="start it with"):
        scene.daemon.client.status()


async def the_third_failure_opens_the_ticket(scene: Scene) -> None:
    """What was counted before counts; what stood at the turnstile when we stopped has found nothing."""
    visits = scene.turnstile.came["web"]
    scene.turnstile.forget("web")
    await scene.daemon.restart()
    await scene.turnstile.arrived("web", visits + 1)
    assert 2 == scene.daemon.client.probe("web").probe.streak
    assert () == scene.daemon.client.tickets()

    await scene.turnstile.let_through(scene.daemon, "web", BROKEN)
    await scene.post["ann@example.org"].expects("web is down")
    assert [BROKEN] * 3 == scene.turnstile.found("web")
    assert ["web"] == [row.probe for row in scene.daemon.client.tickets()]


async def a_tier_that_ended_meanwhile_is_made_up_for(scene: Scene) -> None:
    """Killed before bo's turn, started long after it: bo is paged at once, and no check was needed."""
    await scene.daemon.kill9()
    killed = RealClock().now()
    await until(lambda: RealClock().now() > killed + TIER)
    scene.turnstile.forget("web")
    await scene.daemon.restart()
    await scene.post["bo@example.org"].expects("Still: web is down (ticket 1)")
    ticket = scene.daemon.client.ticket(1)

    assert "open" == ticket.ticket.state
    assert ticket.escalation is not None
    assert (2, ("ann", "bo")) == (ticket.escalation.tier, ticket.escalation.circle)
    assert [BROKEN] * 3 == scene.turnstile.found("web")
