"""Away in the console: today with one press, other days with a form, and who is away to be read by all."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from monitord.core.leave import Leave
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor
from tests.fakes.signed_in import HIDDEN, SignedIn, signed_in
from tests.fakes.sunday_night import people, sunday_night, words

DAY = timedelta(days=1)
FORM = re.compile(r'<form method="post" action="(/oncall/away[^"]*)"[^>]*>(.*?)</form>', re.DOTALL)


@pytest_asyncio.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    async with sunday_night(tmp_path / "store") as made:
        yield made


async def forms(visitor: SignedIn) -> list[tuple[str, dict[str, str]]]:
    page = (await visitor.get("/oncall/away")).text
    return [(action, dict(HIDDEN.findall(body))) for action, body in FORM.findall(page)]


async def press(visitor: SignedIn, form: tuple[str, dict[str, str]], **filled: str) -> str:
    action, hidden = form
    return words((await visitor.press(action, **{**hidden, **filled})).text)


def leaves(sources: Sources) -> list[Leave]:
    return sources.world.all(Leave)


async def test_two_taps_the_tab_and_i_am_away_today(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    assert 'href="/oncall/away"' in (await ann.get("/oncall/calendar")).text

    told = await press(ann, (await forms(ann))[0])

    (leave,) = leaves(sources)
    midnight = datetime(2026, 11, 23, 6, tzinfo=UTC)  # in Chicago
    assert ("ann", "ann", sources.now, midnight, "console") == (
        leave.person,
        leave.by,
        leave.start,
        leave.end,
        leave.via,
    )
    assert "Leave l1 by ann" in told and "Ann Example you now" in told


async def test_other_days_with_somebody_who_stands_in(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    form = (await forms(ann))[1]

    filled = {"from": "2026-11-24", "to": "2026-11-25", "cover": "cem", "why": "skiing"}
    told = await press(ann, form, person="ann", **filled)

    assert ("cem",) == people(sources, 3 * DAY)
    assert "Cem Example stands in · skiing · by Ann Example" in told


async def test_whoever_is_back_says_so(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    await press(ann, (await forms(ann))[0])

    told = await press(ann, (await forms(ann))[-1])

    assert "Leave l1 removed by ann" in told and "Nobody is away, now or later." in told


@pytest.mark.parametrize(
    ("filled", "says"),
    [
        ({"from": "", "to": ""}, "Please say from which day, and until which."),
        ({"from": "2026-12-24", "to": "2026-12-23"}, "It must end after it begins"),
        ({"from": "2026-02-30", "to": "2026-12-23"}, "does not exist"),
        ({"from": "2026-12-24", "to": "2026-12-25", "cover": "ann"}, "ann cannot stand in for themselves"),
        ({"from": "2026-12-24", "to": "2026-12-25", "cover": "zoe"}, "There is no person zoe"),
        ({"from": "2030-12-24", "to": "2030-12-25"}, "more than 732 days from now"),
    ],
)
async def test_what_is_filled_in_wrong_is_said(
    door: OpsDoor, sources: Sources, filled: dict[str, str], says: str
) -> None:
    ann = await signed_in(door)

    assert says in await press(ann, (await forms(ann))[1], person="ann", **filled)
    assert [] == leaves(sources)


async def test_who_may_say_it_of_whom(door: OpsDoor, sources: Sources) -> None:
    """Eve reads who is away and can say nothing; ann cannot say it of bo; dee, who manages, can."""
    eve, bo, dee = await signed_in(door, "eve"), await signed_in(door, "bo"), await signed_in(door, "dee")
    form = (await forms(dee))[-1]
    await press(dee, form, person="ann", **{"from": "2026-11-24", "to": "2026-11-25"})
    refused = await bo.press("/oncall/away/l1/remove", **(await forms(bo))[0][1])

    assert [] == await forms(eve)
    assert ["/oncall/away", "/oncall/away"] == [action for action, _ in await forms(bo)]
    assert 403 == refused.status
    assert [("ann", "dee")] == [(leave.person, leave.by) for leave in leaves(sources)]
