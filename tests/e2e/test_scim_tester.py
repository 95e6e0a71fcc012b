"""A tester of SCIM servers, by others, asks a running daemon whatever the RFCs ask for."""

import asyncio
from pathlib import Path

import httpx2 as httpx
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from tests.fakes.daemon import daemon
from tests.fakes.mailbox import mail_server

CHECKS_MIN = 40


async def test_the_tester_has_nothing_to_say(tmp_path: Path) -> None:
    async with mail_server() as post, daemon(tmp_path, post) as it:
        made = it.client.create_token("okta", machine=True, scopes=("scim",))
        headers = {"authorization": f"Bearer {made.token}"}
        with httpx.Client(base_url=f"{it.ops}/scim/v2", headers=headers, trust_env=False) as client:
            results = await asyncio.to_thread(check_server, SyncSCIMClient(client))

    wrong = [f"{each.title}: {each.reason}" for each in results if each.status is not Status.SUCCESS]
    assert [] == wrong
    assert len(results) >= CHECKS_MIN
