"""The browser of these tests itself: it sees what people see, and axe-core finds what is wrong."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.e2e.browser import (
    DESKTOP,
    PHONE,
    VIEWS,
    Device,
    Scheme,
    Surfer,
    axe,
    browser,
    scrolls_sideways,
    shot,
)
from tests.fakes.zoo import Cage, answer, cage, says

pytestmark = pytest.mark.browser

GOOD = b"""<!doctype html><html lang="en"><head><title>Status</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>:root { color-scheme: light dark }</style></head>
<body><main><h1>All systems operational</h1><p id="scripts">no scripts</p></main>
<script>document.getElementById("scripts").textContent = "scripts"</script></body></html>"""
BAD = GOOD.replace(b' lang="en"', b"").replace(b"<p ", b'<img src="https://elsewhere.example/x.png"><p ')
STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:"


async def opened(surfer: Surfer, it: Cage, device: Device = DESKTOP, scheme: Scheme = "light") -> Page:
    page = await surfer.page(device, scheme)
    await page.goto(it.url)
    return page


async def test_a_good_page_has_no_violation_in_any_view(tmp_path: Path) -> None:
    async with cage(says(answer(GOOD, content_type="text/html"))) as it, browser() as surfer:
        for device, scheme in VIEWS:
            page = await opened(surfer, it, device, scheme)

            dark = await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
            assert (device.width, scheme == "dark") == (await page.evaluate("window.innerWidth"), dark)
            assert [] == await axe(page)
            assert [] == surfer.complaints
            assert not await scrolls_sideways(page)
            assert (await shot(page, tmp_path, "good")).stat().st_size > 1000


async def test_a_bad_page_has_violations_and_fetches_nothing_from_elsewhere() -> None:
    async with cage(says(answer(BAD, content_type="text/html"))) as it, browser() as surfer:
        found = await axe(await opened(surfer, it))

    assert {"html-has-lang", "image-alt"} <= {violation.split()[1].rstrip(":") for violation in found}
    assert any("elsewhere.example" in complaint for complaint in surfer.complaints)


async def test_axe_works_under_a_strict_policy_and_leaves_it_in_force() -> None:
    strict = answer(GOOD, content_type="text/html", content_security_policy=STRICT)
    async with cage(says(strict)) as it, browser() as surfer:
        page = await opened(surfer, it)

        assert [] == await axe(page)
        assert "no scripts" == await page.text_content("#scripts")


async def test_a_page_can_be_seen_without_scripts() -> None:
    async with cage(says(answer(GOOD, content_type="text/html"))) as it, browser() as surfer:
        page = await surfer.page(PHONE, scripts=False)
        await page.goto(it.url)

        assert "no scripts" == await page.text_content("#scripts")
