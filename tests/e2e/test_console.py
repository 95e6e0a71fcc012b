"""The console of a running daemon in a real browser: a phone at night, a desktop beside it, no scripts."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize

from tests.e2e.browser import DESKTOP, PHONE, VIEWS, Surfer, axe, browser, scrolls_sideways
from tests.e2e.mails import address
from tests.fakes.daemon import Daemon, daemon, policy, probe, until
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.zoo import Target

pytestmark = pytest.mark.browser

SCREENS = (
    *("/", "/tickets", "/tickets/1", "/tickets/new", "/probes", "/probes/web", "/oncall", "/more"),
    *("/messages", "/audit", "/public", "/watching", "/account", "/events", "/access", "/nothing"),
    *("/oncall/calendar", "/oncall/calendar?of=mine", "/oncall/shift?rotation=primary", "/oncall/away"),
    *("/simulate", "/simulate?of=probe:web&out=ann", "/simulate?of=ticket:1&by=bo", "/simulate?of=x"),
)
ROTATION = """rotation: primary
layers:
  - {name: weekly, people: [ann, bo], start: 2026-01-05 09:00, turn: 1 week, days: [mon, tue, wed, thu, fri]}
"""
EXPECTED = re.compile(r"ERR_ABORTED|status of (40[34]|422)")  # a page that is left; we ask for what is not
SHIFTS = """() => { window.shifted = 0; new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true}) }"""


@dataclass(frozen=True)
class Scene:
    post: Post
    daemon: Daemon
    surfer: Surfer
    target: Target

    def state(self) -> tuple[str, str | None]:
        ticket = self.daemon.client.ticket(1).ticket
        return ticket.state, ticket.holder


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """In the middle of an outage: ann was paged, nobody has answered."""
    async with mail_server() as post, Target(status=503) as target, browser() as surfer:
        everything = {
            "probes": [probe("web", target.url)],
            "policies": {"urgent": policy("ann", "bo", lasts="1h")},
            "access": {"responders": ["ann", "bo"]},
        }
        (tmp_path / "rotations").mkdir()
        (tmp_path / "rotations" / "primary.yaml").write_text(ROTATION, encoding="utf-8")
        async with daemon(tmp_path, post, **everything) as it:
            await post["ann@example.org"].expects("web is down")
            yield Scene(post, it, surfer, target)


async def test_the_console_in_a_real_browser(scene: Scene) -> None:
    ann_asks_for_a_swap(scene)
    phone = await signed_in_by_mail(scene)
    desktop = await signed_in_by_shell(scene, "bo", scripts=True)
    await everybody_can_use_every_screen(scene, desktop)
    await one_tap_is_enough_and_the_other_sees_it(scene, phone, desktop)
    await nothing_is_missing_without_scripts(scene)

    assert [] == [said for said in scene.surfer.complaints if not EXPECTED.search(said)]
    assert 0 == await scene.daemon.stop(), "although screens are being looked at"


def ann_asks_for_a_swap(scene: Scene) -> None:
    """Of bo, who sees it wherever it waits for him."""
    client = scene.daemon.client
    shift = [each for each in client.shifts("primary") if each.people == ("ann",)][-1]
    asked = scene.daemon.acting("ann").ask_swap("primary", shift.start, shift.end, "bo", "a wedding")
    assert asked.did


async def signed_in_by_mail(scene: Scene) -> Page:
    """ann, in the dark, with a thumb: a name, a mail, a link, a button."""
    page = await scene.surfer.page(PHONE, "dark")
    await page.goto(f"{scene.daemon.ops}/")
    await page.get_by_label("Your name here, or your mail address").first.fill("ann")
    await page.get_by_role("button", name="Mail me a link").click()
    assert "a link is on its way" in await page.inner_text("main")
    mail = await scene.post["ann@example.org"].expects("Sign in")
    await page.goto(address(mail, "/sign-in/"))
    await page.get_by_role("button", name="Sign in").tap()
    await page.wait_for_url(f"{scene.daemon.ops}/")
    return page


async def signed_in_by_shell(scene: Scene, name: str, *, scripts: bool) -> Page:
    """With a link that `monitord account link` prints."""
    page = await scene.surfer.page(DESKTOP, "light", scripts=scripts)
    await page.goto(scene.daemon.client.sign_in_link(name).url)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{scene.daemon.ops}/")
    return page


@pytest.mark.soak
async def test_every_screen_in_every_view(scene: Scene) -> None:
    ann_asks_for_a_swap(scene)
    await everybody_can_use_every_screen(
        scene, await signed_in_by_shell(scene, "bo", scripts=True), len(VIEWS)
    )


async def everybody_can_use_every_screen(scene: Scene, page: Page, views: int = 1) -> None:
    """axe-core finds nothing, nothing is wider than the screen, also at 200 % zoom; the views take turns."""
    found = []
    for turn, path in enumerate(SCREENS):
        await page.goto(scene.daemon.ops + path)
        for device, scheme in [*VIEWS, *VIEWS][turn % len(VIEWS) :][:views]:
            await page.set_viewport_size(ViewportSize(width=device.width, height=device.height))
            await page.emulate_media(color_scheme=scheme)
            found += [f"{path} on a {device} in the {scheme}: {said}" for said in await axe(page)]
            if await scrolls_sideways(page):
                found.append(f"{path} is wider than a {device}")
        await page.set_viewport_size(ViewportSize(width=640, height=400))  # 1280 at 200 %
        if await scrolls_sideways(page):
            found.append(f"{path} is wider than the screen at 200 %")
    await page.set_viewport_size(ViewportSize(width=DESKTOP.width, height=DESKTOP.height))

    assert [] == found


async def one_tap_is_enough_and_the_other_sees_it(scene: Scene, phone: Page, desktop: Page) -> None:
    """What bo looks at changes by itself; where he was stays where it was, and nothing jumps."""
    await desktop.goto(f"{scene.daemon.ops}/tickets/1")
    await desktop.evaluate(SHIFTS)
    await desktop.locator(".pulse[data-state=on]").wait_for()
    await desktop.locator("#sum-comment").focus()
    button = phone.get_by_role("button", name="I have it")
    box = await button.bounding_box()
    assert box is not None and box["y"] + box["height"] < PHONE.height - 60, "seen without scrolling"
    await button.tap()
    await phone.get_by_text("You have this since").wait_for()
    assert ("acknowledged", "ann") == scene.state()

    await desktop.locator("#ticket").get_by_text("ann has this since").wait_for()
    assert "sum-comment" == await desktop.evaluate("document.activeElement.id")
    assert await desktop.evaluate("window.shifted") < 0.1
    await what_one_writes_is_left_alone(scene, desktop)


async def what_one_writes_is_left_alone(scene: Scene, desktop: Page) -> None:
    await desktop.locator("#sum-comment").click()
    await desktop.get_by_label("For the timeline").fill("half a thou")
    scene.daemon.acting("ann").comment(1, "looking at the database")
    await desktop.locator("#timeline").get_by_text("looking at the database").wait_for()
    assert "half a thou" == await desktop.get_by_label("For the timeline").input_value()
    await desktop.get_by_label("For the timeline").fill("half a thought, now whole")
    await desktop.get_by_role("button", name="Add the comment").click()
    await desktop.locator("#timeline").get_by_text("half a thought, now whole").wait_for()


async def nothing_is_missing_without_scripts(scene: Scene) -> None:
    page = await signed_in_by_shell(scene, "bo", scripts=False)
    await page.goto(f"{scene.daemon.ops}/tickets/1")
    await page.get_by_role("button", name="Take it over from ann").click()
    assert "You have this since" in await page.inner_text("main")
    assert ("acknowledged", "bo") == scene.state()

    await page.locator("#sum-resolve").click()
    await page.get_by_label("What was it?").fill("a full disk")
    await page.get_by_role("button", name="Resolve it").click()
    assert "a full disk" in await page.inner_text("main")
    await page.goto(f"{scene.daemon.ops}/probes/web")
    assert "The last" in await page.inner_text("main")
    await page.goto(f"{scene.daemon.ops}/account")
    await page.get_by_role("button", name="Sign out").click()
    await until(lambda: page.url == f"{scene.daemon.ops}/sign-in")
