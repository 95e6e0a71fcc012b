"""Events from outside at a running daemon: curl, a crash in the very next instant, what explains them."""

import asyncio
import json
import subprocess
from pathlib import Path

from tests.fakes.daemon import Daemon, daemon, monitord, until
from tests.fakes.mailbox import mail_server

SECRET = "any-0123456789ab"
KEY, ANOTHER = "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278", "0c53f7d8-6c11-4a3a-8b52-93c5e3c1a0de"
TREE = {
    "integrations": {"any": {"kind": "generic", "service": "shop", "secret": SECRET}},
    "heartbeats": {
        "nightly": {"service": "shop", "every": "1d", "grace": "1h", "key": KEY},
        "minutely": {"service": "shop", "every": "1s", "grace": "1s", "key": ANOTHER},
    },
}


async def curl(*words: str) -> str:
    """What it prints; it must succeed."""
    ran = await asyncio.to_thread(
        lambda: subprocess.run(
            ["curl", "-fsS", "-m", "10", "--retry", "5", *words], capture_output=True, text=True, check=True
        )
    )
    return ran.stdout


async def test_what_is_told_is_heard(tmp_path: Path) -> None:
    async with mail_server() as post, daemon(tmp_path, post, **TREE) as it:
        await survives_a_crash(it)
        await post["ann@example.org"].expects("disk full on web1")

        assert "OK" == await curl(f"{it.edge}/ping/{KEY}")
        assert "" == await curl("-o", "/dev/null", f"{it.edge}/{KEY}/start")
        assert "OK" == await curl("--data-raw", "tape is full", f"{it.edge}/ping/{KEY}/1")
        await post["ann@example.org"].expects("nightly failed")
        assert "OK" == await curl(f"{it.edge}/ping/{KEY}")
        await until(lambda: len(it.client.tickets(state="open")) == 1, why="the job is well again")
        assert "OK" == await curl(f"{it.edge}/ping/{ANOTHER}")
        await post["ann@example.org"].expects("minutely is silent")
        assert f"{it.edge}/ping/{KEY}" in {row.url for row in it.client.addresses()}


async def survives_a_crash(it: Daemon) -> None:
    """Killed as soon as it has answered; what it has answered is decided after the next start, once."""
    body = json.dumps({"title": "disk full on web1"})
    reply = await it.http.post(f"{it.edge}/in/any/{SECRET}", content=body)
    await it.kill9()
    assert 202 == reply.status_code

    await it.restart()
    await until(it.client.tickets, why="the event was lost")
    assert ["disk full on web1"] == [row.title for row in it.client.tickets()]
    number = reply.headers["monitord-event"]
    explained = await asyncio.to_thread(
        monitord, "--config", str(it.main), "ticket", "explain", "--event", number
    )
    assert "disk full on web1" in explained.stdout, explained.stderr
