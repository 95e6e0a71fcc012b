"""A tester of SCIM servers, by others, asks a running daemon whatever the RFCs ask for."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from tests.fakes.daemon import daemon
from tests.fakes.mailbox import mail_server
from tests.fakes.patience import WITHIN
from tests.house.tree import ROOT

CHECKS_MIN = 40


async def test_the_tester_has_nothing_to_say(tmp_path: Path) -> None:
    async with mail_server() as post, daemon(tmp_path, post) as it:
        made = it.client.create_token("okta", machine=True, scopes=("scim",))
        results = await asyncio.to_thread(said, f"{it.ops}/scim/v2", made.token)

    assert [] == [sentence for status, sentence in results if status != "SUCCESS"]
    assert len(results) >= CHECKS_MIN


def said(url: str, token: str) -> list[tuple[str, str]]:
    """The status and a sentence for each check."""
    tester = subprocess.run(
        [sys.executable, "-m", "tests.e2e.scim_tester", url, token],
        check=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=WITHIN,
    )
    return [tuple(json.loads(line)) for line in tester.stdout.splitlines()]
