"""The calendar of the console: the next weeks, one's own shifts, and somebody else for one in two taps."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
import pytest_asyncio

from monitord.core.amendment import Amendment
from monitord.core.leave import Leave
from monitord.core.organization import Person
from monitord.core.rotation import Layer, Rotation, Turn, Unit, on_call, shift_at
from monitord.core.swap import Span, Swap
from monitord.web.console.calendar import ON_A_PAGE
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor
from tests.fakes.signed_in import HIDDEN, SignedIn, signed_in
from tests.fakes.sunday_night import people, shift, sunday_night, words

DAY = timedelta(days=1)
NEXT_WEEK = 7 * DAY
FORM = re.compile(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)


@pytest_asyncio.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    async with sunday_night(tmp_path / "store") as made:
        yield made


def amendments(sources: Sources) -> list[Amendment]:
    return [each for each in sources.world.all(Amendment) if each.live]


async def forms(visitor: SignedIn, path: str) -> list[tuple[str, dict[str, str]]]:
    """What the page's buttons would send, each with its address."""
    page = (await visitor.get(path)).text.partition('<div class="acts')[2]
    return [(action, dict(HIDDEN.findall(body))) for action, body in FORM.findall(page)]


async def press(visitor: SignedIn, form: tuple[str, dict[str, str]], **filled: str) -> str:
    action, hidden = form
    return words((await visitor.press(action, **{**hidden, **filled})).text)


async def test_the_next_weeks_say_who_is_on_call_and_when_nobody_is(door: OpsDoor) -> None:
    page = words((await (await signed_in(door)).get("/oncall/calendar")).text)

    assert "16 Nov – 13 Dec 2026 times in America/Chicago (CST)" in page
    assert "Nobody is on call database, Fri 20 Nov, 17:00 – Sun 22 Nov, 17:00" in page
    assert "Monday 23 Nov Eve Example database until 02:00" in page or "Monday 23 Nov" in page
    assert "Ann Example you primary from 09:00" in page


async def test_earlier_and_later_are_links(door: OpsDoor) -> None:
    ann = await signed_in(door)
    page = (await ann.get("/oncall/calendar?rotation=primary")).text
    later = unescape(re.findall(r'href="([^"]+)" id="weeks-after"', page)[0])
    back = unescape(re.findall(r'href="([^"]+)" id="weeks-before"', (await ann.get(later)).text)[0])

    assert "14 Dec 2026 – 10 Jan 2027" in words((await ann.get(later)).text)
    assert "16 Nov – 13 Dec 2026" in words((await ann.get(back)).text)
    assert "rotation=primary" in later


@pytest.mark.parametrize(
    "asked",
    [
        "week=yesterday",
        "week=9999-12-31",
        "week=0001-01-01",
        "rotation=nothing",
        "page=-1",
        "page=77",
        "of=yours",
    ],
)
async def test_an_odd_address_shows_a_calendar(door: OpsDoor, asked: str) -> None:
    assert 200 == (await (await signed_in(door)).get(f"/oncall/calendar?{asked}")).status


async def test_ones_own_shifts_are_listed_whole(door: OpsDoor, sources: Sources) -> None:
    page = words((await (await signed_in(door)).get("/oncall/calendar?of=mine")).text)

    assert "primary Mon 23 Nov, 09:00 – Mon 30 Nov, 09:00 · weekly 7 d" in page
    assert "You are not on call in these weeks." in words(
        (await (await signed_in(door, "dee")).get("/oncall/calendar?of=mine")).text
    )


async def test_i_take_it_takes_a_tap_on_the_shift_and_one_on_the_button(
    door: OpsDoor, sources: Sources
) -> None:
    whole = shift_at(sources.roster.rotations["primary"], sources.now + NEXT_WEEK * 2)
    assert ("bo",) == whole.people, "bo's week"
    ann = await signed_in(door)
    told = await press(ann, (await forms(ann, shift(sources, NEXT_WEEK * 2)))[0])

    assert ("ann",) == people(sources, NEXT_WEEK * 2)
    assert (whole.start, whole.end) == (
        amendments(sources)[0].override.start,
        amendments(sources)[0].override.end,
    )
    assert ("ann", "console") == (amendments(sources)[0].by, amendments(sources)[0].via)
    assert "Ann Example instead of Bo Example" in told and "It is yours" in told
    assert "by Ann Example: takes the shift" in told


async def test_of_two_who_take_it_at_once_the_second_is_told(door: OpsDoor, sources: Sources) -> None:
    """Both have the page as it was; what bo's page has not shown he does not overrule."""
    cem, ann = await signed_in(door, "cem"), await signed_in(door)
    first, second = [(await forms(each, shift(sources, NEXT_WEEK * 2)))[0] for each in (ann, cem)]
    await press(ann, first)
    told = await press(cem, second)

    assert ("ann",) == people(sources, NEXT_WEEK * 2)
    assert 1 == len(amendments(sources))
    assert "contradicts" in told and "by ann" in told


async def test_what_the_page_has_shown_is_overruled(door: OpsDoor, sources: Sources) -> None:
    ann, cem = await signed_in(door), await signed_in(door, "cem")
    await press(ann, (await forms(ann, shift(sources, NEXT_WEEK * 2)))[0])
    await press(cem, (await forms(cem, shift(sources, NEXT_WEEK * 2)))[0])

    assert ("cem",) == people(sources, NEXT_WEEK * 2)


async def test_somebody_else_is_a_form(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    form = (await forms(ann, shift(sources, NEXT_WEEK)))[-1]
    told = await press(
        ann, form, person="cem", **{"from": "2026-11-24T09:00", "to": "2026-11-24T17:00"}, why="the dentist"
    )
    made = amendments(sources)[0].override

    assert "by Ann Example: the dentist" in words((await ann.get("/oncall/calendar")).text)
    assert "Cem Example instead of Ann Example" in told or made.by == ("cem",)
    assert (datetime.fromisoformat("2026-11-24T15:00Z"), timedelta(hours=8)) == (
        made.start,
        made.end - made.start,
    )


@pytest.mark.parametrize(
    ("filled", "wrong"),
    [
        ({"person": ""}, "Please choose who stands in."),
        ({"why": " "}, "Please say why"),
        ({"from": ""}, "Please say from when"),
        ({"from": "tomorrow"}, "is not an instant"),
        ({"from": "2027-03-14T02:30", "to": "2027-03-14T09:00"}, "does not exist in America/Chicago"),
        ({"from": "2026-12-02T09:00", "to": "2026-12-01T09:00"}, "end"),
        ({"person": "nobody"}, "nobody"),
        ({"rotation": "nothing"}, "There is no such rotation."),
    ],
)
async def test_what_does_not_fit_is_said_and_nothing_is_done(
    door: OpsDoor, sources: Sources, filled: dict[str, str], wrong: str
) -> None:
    ann = await signed_in(door)
    form = (await forms(ann, shift(sources, NEXT_WEEK)))[-1]
    good = {"person": "cem", "from": "2026-11-24T09:00", "to": "2026-11-24T17:00", "why": "the dentist"}

    assert wrong in await press(ann, form, **{**good, **filled})
    assert [] == amendments(sources)


async def test_what_was_made_can_be_taken_back(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    place = shift(sources, NEXT_WEEK * 2)
    await press(ann, (await forms(ann, place))[0])
    page = (await ann.get(place)).text
    remove = next(
        (action, dict(HIDDEN.findall(body))) for action, body in FORM.findall(page) if "remove" in action
    )
    told = await press(ann, remove)

    assert ("bo",) == people(sources, NEXT_WEEK * 2)
    assert (
        "Bo Example" in told
        and "instead of" not in told.partition("I take it")[0].partition("Who made it so")[2]
    )


async def test_a_gap_can_be_taken(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    at = "2026-11-28T12:00:00Z"
    told = await press(ann, (await forms(ann, f"/oncall/shift?rotation=database&at={at}"))[0])

    assert "It is yours" in told
    assert ("ann",) == on_call(sources.roster.rotations["database"], datetime.fromisoformat(at))


async def test_who_takes_a_gap_without_an_end_says_until_when(door: OpsDoor, sources: Sources) -> None:
    over = Layer(
        "all", (("bo",),), datetime(2026, 1, 1), Turn(1, Unit.WEEKS), until=sources.now.replace(tzinfo=None)
    )
    ends = Rotation("primary", "UTC", layers=(over,))
    sources.engine.world.accept(replace(sources.configuration, rotations={"primary": ends}))
    ann = await signed_in(door)
    place = shift(sources, DAY)
    page = (await ann.get(place)).text
    until = sources.now + 2 * DAY
    assert 'name="to" type="datetime-local"' in page.partition("I take it")[0]

    told = await press(ann, (await forms(ann, place))[0], to=f"{until:%Y-%m-%dT%H:%M:%SZ}")

    assert "It is yours" in told
    assert [until.replace(microsecond=0)] == [each.override.end for each in amendments(sources)]


async def test_who_only_looks_has_no_buttons(door: OpsDoor, sources: Sources) -> None:
    eve = await signed_in(door, "eve")

    assert [] == await forms(eve, shift(sources, NEXT_WEEK))
    form = (await forms(await signed_in(door), shift(sources, NEXT_WEEK * 2)))[0]
    assert 403 == (await eve.press(form[0], **{**form[1], "csrf": eve.token})).status
    assert [] == amendments(sources)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("rotation=nothing", 404),
        ("", 404),
        ("rotation=primary&at=soon", 200),
        ("rotation=primary&at=0001-01-01T00:00:00Z", 200),
    ],
)
async def test_a_shift_that_is_none_is_said_so(door: OpsDoor, asked: str, status: int) -> None:
    assert status == (await (await signed_in(door)).get(f"/oncall/shift?{asked}")).status


async def test_of_many_rotations_every_page_shows_some(door: OpsDoor, sources: Sources) -> None:
    layer = Layer("weekly", (("ann",), ("bo",)), datetime(2026, 1, 5, 9), Turn(1, Unit.WEEKS))
    many = {
        name: Rotation(name, "UTC", layers=(layer,)) for name in (f"r{n:03}" for n in range(ON_A_PAGE + 1))
    }
    sources.engine.world.accept(replace(sources.configuration, rotations=many))
    ann = await signed_in(door)
    first, second = [words((await ann.get(f"/oncall/calendar?page={page}")).text) for page in (0, 1)]

    assert f"Rotations 1 to {ON_A_PAGE} of {ON_A_PAGE + 1} Rotations after" in first
    assert f"Rotations before Rotations {ON_A_PAGE + 1} to {ON_A_PAGE + 1} of {ON_A_PAGE + 1}" in second


async def test_names_are_written_out_and_cannot_write_the_page(door: OpsDoor, sources: Sources) -> None:
    here = sources.configuration
    named = {**here.people, "bo": Person("bo", "<b>Bo</b>", here.time_zone, here.people["bo"].reach)}
    sources.engine.world.accept(replace(here, people=named))
    page = (await (await signed_in(door)).get("/oncall/calendar")).text

    assert "<b>Bo" not in page and "&lt;b&gt;Bo&lt;/b&gt;" in page


async def test_the_address_for_ones_own_calendar_stands_below(door: OpsDoor, sources: Sources) -> None:
    ann, eve = await signed_in(door), await signed_in(door, "eve")
    subjects = [sources.feeds.subject(each) for each in ("ann", "primary")]
    mine, everybodys = [await sources.feeds.address(each) for each in subjects if each]

    assert mine in (await ann.get("/oncall/calendar")).text
    assert everybodys in (await ann.get("/oncall/calendar?rotation=primary")).text
    assert mine not in (await eve.get("/oncall/calendar")).text
    assert "Another address" not in words((await eve.get("/oncall/calendar?rotation=primary")).text)


async def test_who_is_away_stands_beside_the_weeks(door: OpsDoor, sources: Sources) -> None:
    start = sources.now + timedelta(days=1)
    sources.engine.world.apply(
        [Leave("l1", "ann", start, start + 3 * DAY, "ann", sources.now, "skiing", "cem")]
    )
    page = words((await (await signed_in(door)).get("/oncall/calendar")).text)

    assert "Away Ann Example: skiing, Cem Example stands in" in page
    assert "Away: Ann Example (skiing, Cem Example stands in)" in page


async def test_a_changed_shift_says_who_changed_it_and_why(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    form = (await forms(ann, shift(sources, NEXT_WEEK)))[-1]
    span = {"from": "2026-11-27T09:00", "to": "2026-11-27T17:00"}
    await press(ann, form, person="cem", why="the dentist", **span)
    html = (await ann.get("/oncall/calendar")).text

    assert 'title="Cem Example · Cem Example instead of Ann Example, by Ann Example: the dentist"' in html
    friday = words(html).partition("Friday 27 Nov")[2].partition("Saturday 28 Nov")[0]
    assert "Cem Example instead of Ann Example, by Ann Example: the dentist" in friday


async def test_a_swap_is_seen_on_its_days_and_answered_there(door: OpsDoor, sources: Sources) -> None:
    given = Span(datetime(2026, 11, 27, 15, tzinfo=UTC), datetime(2026, 11, 28, 15, tzinfo=UTC))
    sources.engine.world.apply([Swap("w1", "primary", "ann", "bo", given, "ann", "a wedding")])
    bo = await signed_in(door, "bo")
    html = (await bo.get("/oncall/calendar")).text
    asks = "Ann Example asks Bo Example to take it: a wedding"
    days = words(html).partition("Thursday 26 Nov")[2].partition("Sunday 29 Nov")[0]

    assert "/oncall/swaps/w1/accept" in html
    assert "/oncall/swaps/w1/accept" in (await bo.get(shift(sources, NEXT_WEEK))).text
    assert "/oncall/swaps/w1/accept" not in (await bo.get(shift(sources, 2 * NEXT_WEEK))).text
    assert "/oncall/swaps/w1" not in (await (await signed_in(door, "cem")).get("/oncall/calendar")).text
    assert [False, True, True] == [asks in each for each in re.split("Friday 27 Nov|Saturday 28 Nov", days)]
