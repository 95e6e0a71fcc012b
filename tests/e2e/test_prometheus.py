"""Debian's Prometheus, Alertmanager and amtool: they fire and resolve through us, both ways."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from monitord.client.shapes import TicketRow
from tests.fakes.daemon import Daemon, daemon, until
from tests.fakes.mailbox import mail_server
from tests.fakes.prometheus import Switch, alertmanager, amtool, prometheus, switch

pytestmark = [pytest.mark.prometheus, pytest.mark.soak]

SECRETS = {name: f"{name}-0123456789" for name in ("direct", "behind", "tool")}
INTEGRATIONS = {
    name: {"kind": "alertmanager", "service": "shop", "secret": secret} for name, secret in SECRETS.items()
}


async def test_they_fire_resolve_ask_and_silence_through_us(tmp_path: Path) -> None:
    async with mail_server() as post, switch() as lamp:
        async with daemon(tmp_path / "ours", post, integrations=INTEGRATIONS) as it:
            ours = {
                "path_prefix": "/in/direct",
                "authorization": {"credentials": SECRETS["direct"]},
                "static_configs": [{"targets": [it.doors["edge"]["listen"]]}],
            }
            async with alertmanager(tmp_path / "am", f"{it.edge}/in/behind", SECRETS["behind"]) as where:
                theirs = {"static_configs": [{"targets": [where]}]}
                async with prometheus(tmp_path / "prom", lamp, ours, theirs):
                    await asyncio.gather(fires_and_resolves(it, lamp), asks_and_silences(it))
        assert 3 == len([mail for mail in post.mails if mail.message["Monitord-Event"] == "page"])


async def fires_and_resolves(it: Daemon, lamp: Switch) -> None:
    """Prometheus tells us, and an Alertmanager that tells us too; acknowledged, said again, over."""
    lamp.on = True
    await until(lambda: {"direct", "behind"} == set(lamps(it)), why="both have not fired")
    rows = lamps(it).values()
    assert 1 == len({row.signals[0].partition(":")[2] for row in rows}), "one fingerprint"

    for row in rows:
        it.acting("ann").acknowledge(row.number)
    await said_again(it, "direct", "behind")
    assert {"acknowledged"} == states(it, rows)

    lamp.on = False
    await until(lambda: states(it, rows) == {"resolved"}, why="not resolved")
    await said_again(it, "direct")
    assert 2 == len([row for row in it.client.tickets() if row.title == "the lamp is on"])


def lamps(it: Daemon) -> dict[str, TicketRow]:
    """The lamp's open tickets, by who reported them."""
    rows = [row for row in it.client.tickets(state="open") if row.title == "the lamp is on"]
    return {row.signals[0].partition(":")[0].removeprefix("in/"): row for row in rows}


def states(it: Daemon, rows: Iterable[TicketRow]) -> set[str]:
    return {it.client.ticket(row.number).ticket.state for row in rows}


async def said_again(it: Daemon, *integrations: str) -> None:
    """Each of them has sent something more."""
    newest = max((event.id for event in it.client.events(limit=500)), default=0)

    def since() -> set[str]:
        return {event.integration for event in it.client.events(limit=500) if event.id > newest}

    await until(lambda: since() >= set(integrations), why="they have not said it again")


async def asks_and_silences(it: Daemon) -> None:
    """amtool, which speaks to an Alertmanager."""
    url = f"{it.edge}/in/tool/{SECRETS['tool']}"
    quiet = ("alertname=Door", "-a", "ann", "-c", "deploy")
    added = await amtool(url, "silence", "add", *quiet, "-d", "1h")
    assert 0 == added.returncode, added.stderr
    silence = added.stdout.strip()

    assert 0 == (await amtool(url, "alert", "add", "alertname=Door", "--annotation=summary=ajar")).returncode
    await until(lambda: any("held" in line for line in outcomes(it)), why="it was not held")
    assert "ajar" not in {row.title for row in it.client.tickets()}
    found, queried = await asyncio.gather(amtool(url, "alert", "query"), amtool(url, "silence", "query"))
    assert "Door" not in found.stdout
    assert silence in queried.stdout

    assert 0 == (await amtool(url, "silence", "expire", silence)).returncode
    await until(lambda: "ajar" in {row.title for row in it.client.tickets()}, why="nobody heard of it after")
    found = await amtool(url, "alert", "query", "-o", "json", 'alertname=~"Do+r"')
    assert ["Door"] == [alert["labels"]["alertname"] for alert in json.loads(found.stdout)]

    long, stranger = await asyncio.gather(
        amtool(url, "silence", "add", *quiet, "-d", "48h"),
        amtool(f"{it.edge}/in/tool/wrong-secret-123", "alert", "query"),
    )
    assert "24 h" in long.stderr
    assert (True, True) == (long.returncode != 0, stranger.returncode != 0)


def outcomes(it: Daemon) -> list[str]:
    return [line for event in it.client.events(integration="tool") for line in event.outcome]
