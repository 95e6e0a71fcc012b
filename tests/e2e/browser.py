"""A real browser: Debian's Chromium, as a phone and as a desktop, light and dark, with and without scripts.

async with browser() as surfer:
    page = await surfer.page(PHONE, "dark")                # each page is a visitor of its own
    await page.goto(url)
    assert [] == await axe(page)                           # sentences of axe-core, worst first
    await shot(page, tmp_path, "status-phone-dark")        # a screenshot of the whole page
    assert [] == surfer.complaints                         # what stood on the console, and what broke

Of the two programs that Debian makes of Chromium's source, the one without windows costs half. It resolves no
names: a page that fetches something from elsewhere complains. axe.min.js beside this file is axe-core 4.14.1
from npm, unchanged, under the Mozilla Public License 2.0 (its header says so); it is used by tests only.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tests.fakes.patience import WITHIN

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
NO_BROWSER = "Chromium is not installed; apt-get install chromium-headless-shell fonts-dejavu-core"
AXE = Path(__file__).with_name("axe.min.js")
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
WAIT = WITHIN * 1_000  # milliseconds, for anything on a page
WORST_FIRST = ("critical", "serious", "moderate", "minor")

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Device:
    """What somebody looks at a page with."""

    name: str
    width: int
    height: int
    touch: bool = False

    def __str__(self) -> str:
        return self.name


PHONE = Device("phone", 390, 844, touch=True)
DESKTOP = Device("desktop", 1280, 800)
VIEWS: tuple[tuple[Device, Scheme], ...] = (
    (PHONE, "light"),
    (PHONE, "dark"),
    (DESKTOP, "light"),
    (DESKTOP, "dark"),
)


@dataclass
class Surfer:
    """Opens pages, and remembers what went wrong on them."""

    chromium: Browser
    complaints: list[str] = field(default_factory=list)

    async def page(
        self, device: Device = DESKTOP, scheme: Scheme = "light", *, scripts: bool = True, **more: Any
    ) -> Page:
        """A page of a new visitor, who has no cookies yet; `more` as for a context of playwright."""
        context = await self.chromium.new_context(
            viewport=ViewportSize(width=device.width, height=device.height),
            has_touch=device.touch,
            color_scheme=scheme,
            java_script_enabled=scripts,
            locale="en-US",
            **more,
        )
        context.set_default_timeout(WAIT)
        page = await context.new_page()
        page.on("console", lambda said: self._complain(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("requestfailed", lambda request: self._complain(f"{request.url}: {request.failure}"))
        return page

    def _complain(self, what: str) -> None:
        self.complaints.append(what)


@asynccontextmanager
async def browser() -> AsyncIterator[Surfer]:
    """Start Chromium; skip the test where there is none."""
    if CHROMIUM is None:
        pytest.skip(NO_BROWSER)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=list(FLAGS), timeout=WAIT
        )
        try:
            yield Surfer(chromium)
        finally:
            await chromium.close()


async def axe(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds on the page as it is now, one sentence a rule; `without` names rules to leave out.

    The script comes in through the debugger, so that the page's content security policy stays as it is.
    """
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = {rule: {"enabled": False} for rule in without}
    found = await page.evaluate("rules => axe.run(document, {rules, resultTypes: ['violations']})", rules)
    violations = sorted(found["violations"], key=lambda found: WORST_FIRST.index(found["impact"] or "minor"))
    return [sentence(violation) for violation in violations]


def sentence(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    places = ", ".join(" ".join(map(str, node["target"])) for node in nodes[:5])
    why = " ".join(str(nodes[0].get("failureSummary", "")).split())
    return f"{violation['impact']} {violation['id']}: {violation['help']} at {places} ({why})"


async def shot(page: Page, folder: Path, name: str) -> Path:
    """A screenshot of the whole page; returns where it is."""
    path = folder / f"{name}.png"
    await page.screenshot(path=path, full_page=True, animations="disabled")
    return path


async def scrolls_sideways(page: Page) -> bool:
    """Whether something is wider than the screen."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
