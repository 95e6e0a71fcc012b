"""Swaps in the console: one asks on the page of a shift, the other answers on the page of who is on call."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from monitord.core.swap import Swap
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor
from tests.fakes.signed_in import HIDDEN, SignedIn, signed_in
from tests.fakes.sunday_night import people, shift, sunday_night, words

FORM = re.compile(r'<form method="post" action="(/oncall/swaps[^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
NEXT_WEEK = timedelta(days=7)


@pytest_asyncio.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    async with sunday_night(tmp_path / "store") as made:
        yield made


async def forms(visitor: SignedIn, path: str) -> dict[str, dict[str, str]]:
    """What the page's buttons about swaps would send, by their addresses."""
    page = (await visitor.get(path)).text
    return {action: dict(HIDDEN.findall(body)) for action, body in FORM.findall(page)}


async def asked(door: OpsDoor, sources: Sources, **filled: str) -> str:
    """Ann asks on the page of her next shift."""
    ann = await signed_in(door)
    (form,) = (await forms(ann, shift(sources, NEXT_WEEK))).items()
    wanted = {**form[1], "person": "bo", "why": "a wedding", **filled}
    return words((await ann.press(form[0], **wanted)).text)


async def test_what_one_asks_the_other_takes(door: OpsDoor, sources: Sources) -> None:
    said = await asked(door, sources, back="2026-12-03T12:00")
    before = people(sources, NEXT_WEEK), people(sources, 2 * NEXT_WEEK)
    bo = await signed_in(door, "bo")
    page = words((await bo.get("/oncall")).text)
    buttons = await forms(bo, "/oncall")
    await bo.press("/oncall/swaps/w1/accept", **buttons["/oncall/swaps/w1/accept"])

    assert "Swap w1 asked for by ann (console): primary, bo for ann" in said
    assert "primary: Ann Example asks Bo Example w1" in page
    assert "a wedding" in page
    assert (("ann",), ("bo",)) == before
    assert (("bo",), ("ann",)) == (people(sources, NEXT_WEEK), people(sources, 2 * NEXT_WEEK))
    assert {} == await forms(bo, "/oncall")


async def test_whoever_asked_can_only_take_it_back(door: OpsDoor, sources: Sources) -> None:
    await asked(door, sources)
    ann = await signed_in(door)
    (form,) = (await forms(ann, "/oncall")).items()
    await ann.press(form[0], **form[1])

    assert "/oncall/swaps/w1/decline" == form[0]
    assert [] == sources.world.all(Swap)


async def test_nobody_else_has_a_button(door: OpsDoor, sources: Sources) -> None:
    await asked(door, sources)
    cem = await signed_in(door, "cem")

    assert {} == await forms(cem, "/oncall")
    assert "Ann Example asks Bo Example" in words((await cem.get("/oncall")).text)
    assert {} == await forms(cem, shift(sources, NEXT_WEEK))


@pytest.mark.parametrize(
    ("filled", "says"),
    [
        ({"person": ""}, "Please choose whom to ask."),
        ({"why": " "}, "Please say why."),
        ({"back": "2027-03-14T02:30"}, "does not exist in America/Chicago"),
        ({"back": "2026-11-26T12:00"}, "is not on call in primary"),
    ],
)
async def test_what_is_filled_in_wrong_is_said(
    door: OpsDoor, sources: Sources, filled: dict[str, str], says: str
) -> None:
    assert says in await asked(door, sources, **filled)
    assert [] == sources.world.all(Swap)
