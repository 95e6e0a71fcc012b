"""A flood of one key at the edge door delays nobody else's page."""

import asyncio
import json
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

import pytest

from tests.fakes.daemon import Daemon, daemon
from tests.fakes.mailbox import mail_server

FLOOD, OTHER = "flood-0123456789", "other-0123456789"
TREE = {
    "integrations": {
        "flood": {"kind": "generic", "service": "shop", "secret": FLOOD, "priority": "low"},
        "other": {"kind": "generic", "service": "shop", "secret": OTHER},
    }
}
CONNECTIONS = 32
PAGE_WITHIN = 5.0  # seconds, also on a busy machine


@pytest.mark.soak
async def test_a_flood_of_one_key_delays_no_page(tmp_path: Path) -> None:
    async with mail_server() as post, daemon(tmp_path, post, **TREE) as it:
        statuses: dict[int, int] = {}
        floods = [asyncio.create_task(flood(it, statuses)) for _ in range(CONNECTIONS)]  # noqa: TID251
        took = []
        for number in range(10):
            begun = perf_counter()
            body = json.dumps({"title": f"page {number}"})
            reply = await it.http.post(f"{it.edge}/in/other/{OTHER}", content=body)
            assert 202 == reply.status_code
            await post["ann@example.org"].expects(f"page {number}")
            took.append(perf_counter() - begun)
            await asyncio.sleep(0.5)
        for task in floods:
            task.cancel()
        events = it.client.events(integration="flood", limit=500)
        print(f"flood: {statuses}, kept as {len(events)} events; a page took {max(took):.3f} s at most")

        assert max(took) <= PAGE_WITHIN
        assert {202, 429} == set(statuses)
        assert len(events) < 200
        signal = sum(event.times for event in events)
        assert signal >= sum(statuses.values()) * 0.9 - CONNECTIONS


async def flood(it: Daemon, statuses: dict[int, int]) -> None:
    """The same again and again on one connection."""
    where = urlsplit(it.edge)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    body = b'{"title": "the same"}'
    head = f"POST /in/flood/{FLOOD} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    try:
        while True:
            writer.write(head + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            status = int(answer.split()[1])
            lines = answer.lower().split(b"\r\n")
            length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))
            await reader.readexactly(length)
            statuses[status] = statuses.get(status, 0) + 1
    finally:
        writer.close()
