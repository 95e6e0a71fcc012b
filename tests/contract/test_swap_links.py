"""The link of a swap: who is asked answers with one tap and the number, and nobody else answers at all."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.amendment import AddOverride, Amendment
from monitord.core.delivery import Delivery
from monitord.core.override import OverrideKind
from monitord.core.roster import in_force
from monitord.core.rotation import Layer, Rotation, Turn, Unit, on_call
from monitord.core.swap import AskSwap, DeclineSwap, Swap, SwapAccepted, SwapDeclined
from monitord.core.wording import Link
from monitord.engine.links import Links
from tests.fakes.front import PEOPLE, SECRET, START, Addresses, Front, configuration
from tests.fakes.visitor import Reply, Visitor

DAY = timedelta(days=1)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday, and ann's day; the next one is bo's
TURNS = Layer("days", (("ann",), ("bo",)), datetime(2026, 11, 22), Turn(1, Unit.DAYS))
ROTATION = Rotation("primary", "UTC", layers=(TURNS,))
LINK = Link("swap", "", 1, who="bo")


@pytest.fixture
def front() -> Front:
    """ann asks bo to take her Tuesday, and would take his Wednesday."""
    made = Front(configuration(rotations={"primary": ROTATION}))
    tuesday = NOON - timedelta(hours=12)
    asked = AskSwap("primary", "ann", "bo", tuesday, tuesday + DAY, "ann", "a wedding", NOON + DAY)
    made.do(asked)
    assert made.world.get(Swap, "w1") is not None
    return made


def place(front: Front, link: Link = LINK) -> str:
    return f"/s/{front.links.token(link)}"


async def answer(front: Front, action: str = "accept", number: str = "", link: Link = LINK) -> Reply:
    filled = {"number": number or front.links.number(link), "action": action}
    return await Visitor(front.edge).post(place(front, link), filled)


def whose(front: Front) -> tuple[tuple[str, ...], ...]:
    """Tuesday and Wednesday."""
    rotation = in_force(front.world).rotations["primary"]
    return on_call(rotation, NOON), on_call(rotation, NOON + DAY)


def test_the_mail_to_whoever_is_asked_has_the_link(front: Front) -> None:
    (mail,) = front.world.all(Delivery)

    assert ("bo", (replace(LINK, words="Answer"),)) == (mail.person, mail.text.links)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_says_what_is_asked_and_changes_nothing(front: Front, method: str) -> None:
    page = await Visitor(front.edge).get(place(front), method=method)

    assert 200 == page.status
    assert "<script" not in page.text
    if method == "GET":
        assert "<h1>Ann Example asks you to take a shift</h1>" in page.text
        assert "Mon 23 Nov 2026, 18:00 CST" in page.text, "on bo's own wall"
        assert "a wedding" in page.text
    assert (("ann",), ("bo",)) == whose(front)
    assert [] == front.happened(SwapAccepted)


async def test_one_tap_takes_the_shift(front: Front) -> None:
    page = await answer(front)

    assert (200, True) == (page.status, "Thank you. You take the shift." in page.text)
    assert (("bo",), ("ann",)) == whose(front)
    assert [("bo", "link")] == [(event.by, event.via) for event in front.happened(SwapAccepted)]


async def test_one_tap_declines_it(front: Front) -> None:
    page = await answer(front, "decline")

    assert "You have declined" in page.text
    assert (("ann",), ("bo",)) == whose(front)
    assert [("bo", "link")] == [(event.by, event.via) for event in front.happened(SwapDeclined)]


async def test_a_second_tap_finds_nothing_to_answer(front: Front) -> None:
    await answer(front)

    again = await answer(front, "decline")

    assert (410, True) == (again.status, "Nothing to answer any more" in again.text)
    assert [] == front.happened(SwapDeclined)


@pytest.mark.parametrize(("number", "status"), [("00", 403), ("xx", 403), (" ", 422), ("٣٤", 403)])
async def test_a_number_that_is_not_the_mails_does_nothing(front: Front, number: str, status: int) -> None:
    page = await answer(front, number=number)

    assert (status, True) == (page.status, 'id="wrong"' in page.text)
    assert (("ann",), ("bo",)) == whose(front)


async def test_who_guesses_has_to_wait(front: Front) -> None:
    tries = [await answer(front, number="00") for _ in range(20)]

    assert (403, 429) == (tries[0].status, tries[-1].status)
    assert 0 < int(tries[-1].headers["retry-after"]) <= 60


async def test_a_button_that_there_is_not_does_nothing(front: Front) -> None:
    page = await answer(front, "give it to eve")

    assert (422, True) == (page.status, "one of the two buttons" in page.text)


async def test_what_was_taken_back_or_has_lapsed_is_over(front: Front) -> None:
    front.do(DeclineSwap("w1", "ann"))

    page = await answer(front)

    assert 410 == page.status
    assert (("ann",), ("bo",)) == whose(front)


async def test_it_lapses_when_the_shift_begins(front: Front) -> None:
    front.passes(NOON - START)

    assert 410 == (await answer(front)).status


async def test_what_cannot_be_done_any_more_says_why(front: Front) -> None:
    start = NOON - timedelta(hours=1)
    front.do(
        AddOverride("primary", NOON, OverrideKind.REPLACE, "cem", "ill", start, "ann", ("dee",), via="cli")
    )

    page = await answer(front)

    assert (409, True) == (page.status, "w1 cannot be done any more" in page.text)
    assert 1 == len(front.world.all(Amendment))


@pytest.mark.parametrize("who", ["ann", "eve"])
async def test_it_answers_for_nobody_else(front: Front, who: str) -> None:
    """Not even for whoever has asked, although nobody else could have signed such a link."""
    theirs = replace(LINK, who=who)

    page = await answer(front, link=theirs)

    assert 403 == page.status
    assert (("ann",), ("bo",)) == whose(front)


async def test_who_has_left_answers_no_more(front: Front) -> None:
    people = {name: person for name, person in PEOPLE.items() if name != "bo"}
    front.world.accept(configuration(people=people, rotations={"primary": ROTATION}))

    assert 403 == (await answer(front)).status


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "../a"])
async def test_what_we_have_not_signed_is_nothing(front: Front, token: str) -> None:
    assert 404 == (await Visitor(front.edge).get(f"/s/{token}")).status


async def test_an_answers_link_is_no_swaps_link(front: Front) -> None:
    wrong = Link("answer", "", 1, who="bo")

    assert 404 == (await Visitor(front.edge).get(place(front, wrong))).status
    assert 404 == (await Visitor(front.edge).get(place(front).replace("/s/", "/a/"))).status


async def test_a_link_from_before_a_restore_does_nothing(front: Front) -> None:
    before = Links(SECRET, Addresses(), "another epoch").token(LINK)

    page = await Visitor(front.edge).post(f"/s/{before}", {"number": front.links.number(LINK)})

    assert (410, True) == (page.status, "restored from a backup" in page.text)


async def test_other_methods_are_refused(front: Front) -> None:
    refused = await Visitor(front.edge).get(place(front), method="DELETE")

    assert (405, "GET, HEAD, POST") == (refused.status, refused.headers["allow"])


async def test_the_log_has_no_token(front: Front) -> None:
    await answer(front, number="00")
    await answer(front)

    assert not re.search(re.escape(front.links.token(LINK)), str(front.lines))
