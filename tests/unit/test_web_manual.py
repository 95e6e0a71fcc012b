"""The manual as it is served: every link leads somewhere, and nothing comes from elsewhere."""

import re
from datetime import UTC, datetime
from functools import cache

import pytest

from monitord.web.answers import Message
from monitord.web.assets import assets
from monitord.web.manual import Manual, html, sheet, sources
from monitord.web.requests import Request

MADE = datetime(2026, 1, 5, tzinfo=UTC)
PAGES = sorted(path for path in sources() if "." not in path)
STATIC = {each.path for each in assets().values()}


@cache
def text(path: str) -> str:
    return sheet(sources()[path], MADE).fresh.plain.body.decode()


def leads(page: str) -> set[str]:
    """Where a page's links and pictures lead, on this door."""
    targets = re.findall(r'(?:href|src)="([^"]+)"', page)
    return {target.partition("#")[0] for target in targets if not target.startswith(("http", "#"))}


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/docs", 200, "The manual"),
        ("/docs/", 200, "The manual"),
        ("/docs/kinds", 200, "Kinds"),
        ("/docs/nothing", 404, "There is no such page"),
    ],
)
async def test_a_page_is_served_or_said_to_be_missing(path: str, status: int, heading: str) -> None:
    said = await answered(Manual(MADE), path)

    assert status == said[0]["status"]
    assert f">{heading}</h1>".encode() in said[1]["body"]


async def test_a_page_is_rendered_when_it_is_asked_for_and_once() -> None:
    manual = Manual(MADE)

    for path in ("/docs/kinds", "/docs/kinds/", "/docs/nothing", "/docs/nothing/at/all"):
        await answered(manual, path)
    first = manual.sheets["/docs/kinds"]
    await answered(manual, "/docs/kinds")

    assert (["/docs/kinds"], True) == (list(manual.sheets), first is manual.sheets["/docs/kinds"])


async def answered(manual: Manual, path: str) -> list[Message]:
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    await manual.answer(Request("GET", path, {}, "127.0.0.1", "http"), send)
    return said


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(path: str) -> None:
    assert set() == leads(text(path)) - sources().keys() - STATIC - {"/"}


def test_every_page_is_reached_from_the_index() -> None:
    reached, new = {"/docs"}, {"/docs"}
    while new:
        new = {target for path in new for target in leads(text(path)) if target in PAGES} - reached
        reached |= new

    assert set(PAGES) == reached


def test_a_page_one_folder_down_leads_back_up() -> None:
    page = html(
        "decisions/03-x",
        "# X\n\n[up](../escalation.md) [beside](01-an-effect-is-a-row.md) [out](https://example.org/a.md)\n",
    )

    assert {"/docs/escalation", "/docs/decisions/01-an-effect-is-a-row"} <= leads(page)
    assert 'href="https://example.org/a.md"' in page


def test_html_in_the_source_is_text() -> None:
    page = html("x", "# A <b>title</b>\n\n<script>alert(1)</script>\n")

    assert "<script>" not in page
    assert "<title>A &lt;b&gt;title&lt;/b&gt; · monitord</title>" in page
