"""Signing in at a provider in a real browser: there with a button, back signed in, and the provider gone."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.e2e.browser import PHONE, VIEWS, Surfer, axe, browser, scrolls_sideways, shot
from tests.fakes.daemon import Daemon, daemon
from tests.fakes.mailbox import mail_server
from tests.fakes.provider import CLIENT, DISCOVERY, SECRET, hanging_up, provider

pytestmark = pytest.mark.browser

ANN = {"email": "ann@example.org", "email_verified": True}
EVE = {"email": "eve@example.org", "email_verified": True}
EXPECTED = re.compile(r"ERR_ABORTED|status of 403")  # a page that is left; eve, who may not


async def test_signing_in_at_a_provider(tmp_path: Path) -> None:
    async with mail_server() as post, browser() as surfer:
        with provider() as it:
            said = {"issuer": it.url, "client_id": CLIENT, "client_secret": SECRET, "name": "Example Login"}
            async with daemon(tmp_path, post, oidc=said) as running:
                it.redirect_uri = f"{running.ops}/sign-in/provider/back"
                it.people |= {"ann": ANN, "eve": EVE}
                await everybody_can_use_the_page(running, surfer, tmp_path)
                phone = await ann_signs_in(running, surfer, "/tickets")
                await signing_out_ends_it(phone)
                await eve_is_told_why_not(running, surfer)

        assert [] == [said for said in surfer.complaints if not EXPECTED.search(said)]


async def test_without_the_provider_there_are_other_ways(tmp_path: Path) -> None:
    async with mail_server() as post, browser() as surfer:
        with provider() as it:
            said = {"issuer": it.url, "client_id": CLIENT, "client_secret": SECRET, "name": "Example Login"}
            async with daemon(tmp_path, post, oidc=said) as running:
                it.instead[DISCOVERY] = hanging_up
                page = await surfer.page(PHONE, "dark")
                await page.goto(f"{running.ops}/")
                await page.get_by_role("link", name="Sign in with Example Login").tap()
                await page.get_by_role("alert").wait_for()

                assert "closed the connection" in await page.get_by_role("alert").inner_text()
                assert [] == await axe(page)
                await page.goto(running.client.sign_in_link("ann").url)
                await page.get_by_role("button", name="Sign in").tap()
                await page.wait_for_url(f"{running.ops}/")


async def everybody_can_use_the_page(running: Daemon, surfer: Surfer, tmp_path: Path) -> None:
    for device, scheme in VIEWS:
        page = await surfer.page(device, scheme)
        await page.goto(f"{running.ops}/sign-in")

        assert [] == await axe(page)
        assert not await scrolls_sideways(page)
        await shot(page, tmp_path, f"sign-in-{device}-{scheme}")


async def ann_signs_in(running: Daemon, surfer: Surfer, wanted: str) -> Page:
    """On her telephone, on her way to a page."""
    page = await surfer.page(PHONE, "light")
    await page.goto(f"{running.ops}{wanted}")
    await page.get_by_role("link", name="Sign in with Example Login").tap()
    await page.get_by_label("Name").fill("ann")
    await page.get_by_role("button", name="Continue").tap()
    await page.wait_for_url(f"{running.ops}{wanted}")

    await page.goto(f"{running.ops}/account")
    assert "Example Login" in await page.inner_text("main")
    return page


async def signing_out_ends_it(page: Page) -> None:
    before = page.url
    await page.get_by_role("button", name="Sign out").first.tap()
    await page.wait_for_url("**/sign-in")
    await page.goto(before)

    assert "/sign-in?next=%2Faccount" in page.url


async def eve_is_told_why_not(running: Daemon, surfer: Surfer) -> None:
    page = await surfer.page(PHONE, "dark")
    await page.goto(f"{running.ops}/")
    await page.get_by_role("link", name="Sign in with Example Login").tap()
    await page.get_by_label("Name").fill("eve")
    await page.get_by_role("button", name="Continue").tap()
    told = page.get_by_role("alert")
    await told.wait_for()

    words = "Example Login knows you as eve@example.org, which nobody here has. Nobody was signed in."
    assert words == await told.inner_text()
    assert [] == await axe(page)
