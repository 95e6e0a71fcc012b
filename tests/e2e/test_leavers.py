"""The directory of staff tells a running daemon who leaves and who joins; everybody sees it who has to."""

from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from playwright.async_api import Page

from monitord.web.ops.scim_words import PATCH, USER
from tests.e2e.browser import DESKTOP, VIEWS, Surfer, axe, browser, scrolls_sideways, shot
from tests.fakes.daemon import Daemon, daemon, policy, until
from tests.fakes.mailbox import mail_server

pytestmark = pytest.mark.browser

ROTATION = (
    "rotation: primary\nlayers:\n  - {name: all, people: [ann, bo], start: 2026-01-05 09:00, turn: 1 day}\n"
)
LEAVE = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": False}]}
EVE: dict[str, Any] = {"userName": "eve@example.org", "displayName": "Eve Example"}


async def test_a_leaver_is_out_and_missed_and_a_joiner_is_listed(tmp_path: Path) -> None:
    (tmp_path / "rotations").mkdir()
    (tmp_path / "rotations" / "primary.yaml").write_text(ROTATION, encoding="utf-8")
    everything = {
        "policies": {"urgent": policy("primary", "cem")},
        "access": {"administrators": ["dee"], "responders": ["ann", "bo"]},
        "last_resort": ["cem", "dee"],
    }
    async with mail_server() as post, browser() as surfer, daemon(tmp_path, post, **everything) as it:
        okta = directory(it)
        anns = await signed_in(it, surfer, "ann")
        made = (await okta.post("/Users", json={"schemas": [USER], "userName": "ann@example.org"})).json()
        await okta.post("/Users", json={"schemas": [USER], **EVE})
        left = await okta.patch(f"/Users/{made['id']}", json=LEAVE)
        await anns.reload()

        assert (200, False) == (left.status_code, left.json()["active"])
        assert "/sign-in" in anns.url
        ticket = await until(lambda: next(iter(it.client.tickets()), None))
        assert "ann has left, and is missing" == ticket.title
        mail = await post["cem@example.org"].expects("ann has left")
        assert "nobody is on call in primary from " in mail.text
        await dee_sees_it(it, surfer, tmp_path)
        await okta.aclose()


def directory(it: Daemon) -> httpx.AsyncClient:
    """A client with a token for this alone."""
    made = it.client.create_token("okta", machine=True, scopes=("scim",))
    headers = {"authorization": f"Bearer {made.token}", "content-type": "application/scim+json"}
    return httpx.AsyncClient(base_url=f"{it.ops}/scim/v2", headers=headers, trust_env=False)


async def signed_in(it: Daemon, surfer: Surfer, name: str) -> Page:
    page = await surfer.page(DESKTOP, "light")
    await page.goto(it.client.sign_in_link(name).url)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{it.ops}/")
    return page


async def dee_sees_it(it: Daemon, surfer: Surfer, tmp_path: Path) -> None:
    """Who is missing, and whom to add."""
    page = await signed_in(it, surfer, "dee")
    for device, scheme in VIEWS:
        await page.set_viewport_size({"width": device.width, "height": device.height})
        await page.emulate_media(color_scheme=scheme)
        await page.goto(f"{it.ops}/access")

        assert [] == await axe(page)
        assert not await scrolls_sideways(page)
        await shot(page, tmp_path, f"access-{device}-{scheme}")
    words = await page.inner_text("main")
    assert "Ann Example has left, and is missing" in words
    assert "Eve Example has joined, and is not in the tree yet" in words
    assert "eve:\n    name: Eve Example" in words
