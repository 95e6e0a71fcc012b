"""The pages of a running daemon in a real browser: for everybody, in every view, and harmless to look at."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path

import pytest
from playwright.async_api import Page, Response, ViewportSize

from tests.e2e.browser import VIEWS, Device, Scheme, Surfer, axe, browser, scrolls_sideways
from tests.e2e.mails import Answering, address, answering
from tests.fakes.daemon import Daemon, daemon, policy, probe, until
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.zoo import Target, answer, cage, says

pytestmark = pytest.mark.browser

ROTATION = "rotation: primary\nlayers:\n  - {people: [ann, bo], start: 2026-01-05 09:00, turn: 1 week}\n"
FETCHES_AHEAD = """<!doctype html><html lang="en"><title>A mail program</title>
<link rel="icon" href="data:,"><link rel="prefetch" href="{url}"><p>You have mail.</p></html>"""
OPS = ("/docs", "/sign-in")
EXPECTED = re.compile(r"status of (40[34]|410)")  # what is not there, or over; a wrong number
PUBLIC = ("/", "/history", "/subscribe", "/nothing")


@dataclass(frozen=True)
class Scene:
    post: Post
    daemon: Daemon
    surfer: Surfer
    link: Answering
    confirm: str
    swap: Answering
    turns: Iterator[tuple[Device, Scheme]] = field(default_factory=lambda: cycle(VIEWS))
    views: int = 1

    def state(self) -> str:
        return self.daemon.client.ticket(1).ticket.state


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """In the middle of an outage: ann was paged, customers were told, somebody wants to hear more."""
    async with mail_server() as post, Target(status=503) as target, browser() as surfer:
        everything = {
            "probes": [probe("web", target.url), probe("cards", target.url, failures=1000)],
            "policies": {"urgent": policy("ann", "bo", lasts="1h")},
        }
        (tmp_path / "rotations").mkdir()
        (tmp_path / "rotations" / "primary.yaml").write_text(ROTATION, encoding="utf-8")
        async with daemon(tmp_path, post, **everything) as it:
            page = await post["ann@example.org"].expects("web is down")
            ann_asks_for_a_swap(it)
            asked = await post["bo@example.org"].expects("asks you to take a shift")
            await it.post(f"{it.public}/subscribe", email="sub@example.org")
            mail = await post["sub@example.org"].expects("Confirm")
            await until(lambda: told(it))
            confirm = address(mail, "/subscribe/confirm/")
            yield Scene(post, it, surfer, answering(page), confirm, answering(asked))


def ann_asks_for_a_swap(it: Daemon) -> None:
    """Of the first of her shifts that has not begun."""
    now = it.client.status().now
    shifts = it.client.shifts("primary", now, now + timedelta(days=30))
    shift = next(each for each in shifts if each.start > now and "ann" in each.people)
    it.acting("ann").ask_swap("primary", shift.start, shift.end, "bo", "a wedding")


async def told(it: Daemon) -> bool:
    """Does the status page tell of the outage?"""
    return "Shop: major outage" in (await it.get(it.public)).text


async def test_the_pages_in_a_real_browser(scene: Scene) -> None:
    """Light and dark, phone and desktop take turns."""
    await fetching_ahead_and_looking_answer_nothing(scene)
    await nothing_is_missing_without_scripts(scene)
    await everybody_can_use_them(scene)
    await a_person_answers(scene)
    await a_person_takes_a_shift(scene)


@pytest.mark.soak
async def test_every_page_in_every_view(scene: Scene) -> None:
    every = replace(scene, views=len(VIEWS))
    await everybody_can_use_them(every)
    await a_person_answers(every)
    await a_person_takes_a_shift(every)


async def fetching_ahead_and_looking_answer_nothing(scene: Scene) -> None:
    """A program that fetches the link before somebody opens it, and then somebody who only looks."""
    ahead = answer(FETCHES_AHEAD.format(url=scene.link.url).encode(), content_type="text/html")
    async with cage(says(ahead)) as program:
        page = await scene.surfer.page()
        async with page.expect_event("requestfinished", lambda request: request.url == scene.link.url):
            await page.goto(program.url)
    looked = await opened(page, scene.link.url)

    assert 200 == looked.status
    assert await page.get_by_role("button", name="I have it").is_visible()
    assert "open" == scene.state()
    await page.context.close()


async def nothing_is_missing_without_scripts(scene: Scene) -> None:
    page = await scene.surfer.page(scripts=False)
    await opened(page, scene.daemon.public)
    words = await page.inner_text("body")

    for what in ("Shop: major outage", "Major outage", "Payments", "Operational", "Storefront", "As of"):
        assert what in words
    assert "could not be updated" not in words
    assert await page.get_by_role("button", name="Subscribe").is_visible()
    await page.get_by_role("link", name="Shop: major outage").first.click()
    assert "We are looking into it" in await page.inner_text("main")
    await page.context.close()


async def everybody_can_use_them(scene: Scene) -> None:
    """axe-core finds nothing, and nothing is wider than the screen."""
    incident = scene.daemon.client.incidents()[0].id
    it = scene.daemon
    urls = [
        *(f"{it.public}{path}" for path in (*PUBLIC, f"/incidents/{incident}")),
        f"{it.edge}/a/forged",
        scene.link.url,
        scene.swap.url,
        scene.confirm,
        *(it.ops + path for path in OPS),
    ]
    page = await scene.surfer.page()
    found = []
    for url in urls:
        await opened(page, url)
        found += await in_view(scene, page, url)
    found += await after_a_wrong_number(scene, page)
    await page.context.close()

    assert [] == found
    assert [] == [said for said in scene.surfer.complaints if not EXPECTED.search(said)]


async def in_view(scene: Scene, page: Page, where: str) -> list[str]:
    """What is wrong with the page as it is now, in as many views as the scene has."""
    found = []
    for device, scheme in islice(scene.turns, scene.views):
        await page.set_viewport_size(ViewportSize(width=device.width, height=device.height))
        await page.emulate_media(color_scheme=scheme)
        wrong = await axe(page)
        if await scrolls_sideways(page):
            wrong.append("is wider than the screen")
        found += [f"{where} on a {device} in the {scheme}: {sentence}" for sentence in wrong]
    return found


async def after_a_wrong_number(scene: Scene, page: Page) -> list[str]:
    await opened(page, scene.link.url)
    await page.get_by_label("The number in your mail").fill(scene.link.wrong_number)
    await page.get_by_role("button", name="I have it").click()
    assert "not the number in your mail" in await page.inner_text("main")
    return await in_view(scene, page, "the answer to a wrong number")


async def a_person_answers(scene: Scene) -> None:
    """Two digits and a button; and the page says what is true then."""
    page = await scene.surfer.page()
    await opened(page, scene.link.url)
    await page.get_by_label("The number in your mail").fill(scene.link.number)
    await page.get_by_role("button", name="I have it").click()

    assert "Nobody else is paged now" in await page.inner_text("main")
    assert [] == await in_view(scene, page, "the thanks")
    assert ("acknowledged", "ann") == (scene.state(), scene.daemon.client.ticket(1).ticket.holder)


async def a_person_takes_a_shift(scene: Scene) -> None:
    """The same, for the swap that bo was asked for; then there is nothing to answer any more."""
    page = await scene.surfer.page()
    await opened(page, scene.swap.url)
    before = scene.daemon.client.swaps()
    await page.get_by_label("The number in your mail").fill(scene.swap.number)
    await page.get_by_role("button", name="I take it").click()

    assert "You take the shift" in await page.inner_text("main")
    assert [] == await in_view(scene, page, "the shift that is taken")
    assert 1 == len(before) and () == scene.daemon.client.swaps()
    assert [["bo"]] == [list(each.people) for each in scene.daemon.client.overrides()]
    assert 410 == (await opened(page, scene.swap.url)).status
    assert [] == await in_view(scene, page, "the swap that is over")


async def opened(page: Page, url: str) -> Response:
    reply = await page.goto(url)
    assert reply is not None
    return reply
