"""Two people decide the same at once, each with an HTTP client of their own, at the door of a real daemon."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.fakes.daemon import Daemon, daemon
from tests.fakes.mailbox import mail_server
from tests.fakes.patience import WITHIN

ROTATION = "rotation: primary\nlayers:\n  - {people: [ann, bo], start: 2026-01-05 09:00, turn: 1 week}\n"
TIMES = 12
DAY = timedelta(days=1)


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Daemon]:
    (tmp_path / "rotations").mkdir()
    (tmp_path / "rotations" / "primary.yaml").write_text(ROTATION, encoding="utf-8")
    async with mail_server() as post, daemon(tmp_path, post, access={"operators": ["ann", "bo"]}) as running:
        yield running


@asynccontextmanager
async def asker(it: Daemon, who: str) -> AsyncIterator[httpx.AsyncClient]:
    """Over TCP, with a token of theirs, on a connection of its own."""
    token = it.client.create_token(who, ["operate"]).token
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=it.ops, timeout=WITHIN, trust_env=False, headers=headers) as client:
        assert who == (await client.get("/api/v1/whoami")).json()["by"]
        yield client


async def test_of_two_http_clients_exactly_one_wins_and_the_other_is_told_why(it: Daemon) -> None:
    first = it.client.status().now.replace(microsecond=0)
    async with asker(it, "ann") as ann, asker(it, "bo") as bo:
        for number in range(1, TIMES + 1):
            start = first + number * DAY
            body = {
                "rotation": "primary",
                "start": start.isoformat(),
                "end": (start + DAY / 2).isoformat(),
                "kind": "all",
                "people": ["cem"],
                "why": "both are at the conference",
            }
            answers = await asyncio.gather(*(each.post("/api/v1/overrides", json=body) for each in (ann, bo)))

            won, lost = sorted(answers, key=lambda each: each.status_code)
            assert (200, 409) == (won.status_code, lost.status_code), lost.text
            assert told_why(lost.json()).startswith(f"o{number} by {won.json()['by']} says that already: ")

    assert [f"o{number}" for number in range(1, TIMES + 1)] == sorted(
        (each.id for each in it.client.overrides()), key=lambda id: int(id[1:])
    )


def told_why(refused: dict[str, Any]) -> str:
    return str(refused["error"]["what"])
