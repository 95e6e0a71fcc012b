"""The edge door: whoever holds link and number acts, once; whoever only looks changes nothing."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from monitord.core.command import Acknowledge, PageAlso, Snooze
from monitord.core.policy import Policy, Tier
from monitord.core.ticket import (
    AcknowledgementRenewed,
    PersonDeclined,
    Ticket,
    TicketAcknowledged,
    TicketEscalated,
    TicketHandedOver,
    TicketResolved,
    TicketTakenOver,
)
from monitord.engine.links import Links
from tests.fakes.front import PEOPLE, SECRET, Addresses, Front, configuration
from tests.fakes.visitor import Reply, Visitor

MINUTE = timedelta(minutes=1)


def paged() -> Front:
    """The shop is down; ann was asked at 03:12, bo at 03:17."""
    front = Front()
    front.fails()
    front.passes(7 * MINUTE)
    return front


def ticket(front: Front) -> Ticket:
    found = front.world.get(Ticket, 1)
    assert found is not None
    return found


async def get(front: Front, who: str = "ann", method: str = "GET", tail: str = "") -> Reply:
    return await Visitor(front.edge).get(f"/a/{front.token(who)}{tail}", method=method)


async def answer(front: Front, who: str = "ann", number: str = "", **form: str) -> Reply:
    filled = {"number": number or front.number(who), **form}
    return await Visitor(front.edge).post(f"/a/{front.token(who)}", filled)


def acts(front: Front) -> int:
    return len([fact for fact in front.facts if hasattr(fact, "via")])


async def test_the_page_says_in_five_seconds_what_is_broken() -> None:
    page = (await get(paged())).text

    assert "<h1>web is down</h1>" in page
    assert 'Since <time datetime="2026-11-22T09:12:00Z">03:12 CST</time> (7 min)' in page
    assert "503 Service Unavailable after 1.2 s" in page
    assert "Nobody has this yet." in page
    assert "ann, bo" in page


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing_however_often(method: str) -> None:
    front = paged()
    for _ in range(100):
        assert 200 == (await get(front, method=method)).status
        assert 200 == (await get(front, method=method, tail="/canary")).status

    assert 0 == acts(front)
    assert [] == front.happened(TicketAcknowledged)


async def test_the_page_gives_nothing_to_machines() -> None:
    page = await get(paged())

    assert "<script" not in page.text
    assert "script-src 'none'" in page.headers["content-security-policy"]
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert ("no-store", "noindex, nofollow") == (page.headers["cache-control"], page.headers["x-robots-tag"])
    assert not re.search(r'name="number"[^>]*value="\d', page.text)


async def test_the_number_does_not_stand_on_the_page() -> None:
    front = paged()
    text = re.sub(r"<[^>]*>", " ", (await get(front)).text)

    assert front.number() not in re.findall(r"\b\d\d\b", re.sub(r"\d\d:\d\d", "", text))


async def test_link_and_number_acknowledge() -> None:
    front = paged()
    page = await answer(front, "bo")

    assert 200 == page.status
    assert "<strong>bo</strong> has this since" in page.text
    assert "bo" == ticket(front).holder
    assert [TicketAcknowledged(1, "bo", "link")] == front.happened(TicketAcknowledged)


async def test_a_number_may_have_spaces_around_it() -> None:
    front = paged()
    await answer(front, number=f" {front.number()} ")

    assert "ann" == ticket(front).holder


async def test_a_hundred_replays_are_one_acknowledgement() -> None:
    front = paged()
    for _ in range(100):
        assert 200 == (await answer(front, "bo")).status

    assert 1 == acts(front)
    assert 1 == len(front.happened(TicketAcknowledged))
    assert [] == front.happened(AcknowledgementRenewed)


async def test_who_comes_later_takes_nothing_away() -> None:
    front = paged()
    await answer(front, "bo")
    late = await answer(front, "ann")

    assert 200 == late.status
    assert "bo was faster" in late.text
    assert "bo" == ticket(front).holder


async def test_taking_over_has_a_button_of_its_own() -> None:
    front = paged()
    await answer(front, "bo")
    for _ in range(3):
        await answer(front, "ann", action="take_over")

    assert "ann" == ticket(front).holder
    assert [TicketTakenOver(1, "ann", "bo", "link")] == front.happened(TicketTakenOver)


async def test_still_on_it_renews_once() -> None:
    front = paged()
    await answer(front, "bo")
    front.passes(26 * MINUTE)
    assert "Still on it" in (await get(front, "bo")).text

    for _ in range(5):
        assert 200 == (await answer(front, "bo")).status

    assert [AcknowledgementRenewed(1, "bo", "link")] == front.happened(AcknowledgementRenewed)


async def test_declining_is_said_once_and_the_others_go_on() -> None:
    front = paged()
    for _ in range(3):
        page = await answer(front, "ann", action="decline")

    assert 200 == page.status
    assert [PersonDeclined(1, "ann", "link")] == front.happened(PersonDeclined)
    assert "ann (can’t)" in page.text


async def test_the_holder_may_give_it_back() -> None:
    front = paged()
    await answer(front, "bo")
    for _ in range(3):
        await answer(front, "bo", action="decline")

    assert None is ticket(front).holder
    assert 1 == len(front.happened(PersonDeclined))


async def test_handing_over_asks_somebody_once() -> None:
    front = paged()
    for _ in range(3):
        page = await answer(front, "ann", action="hand_over", to="dee")

    assert 200 == page.status
    assert [TicketHandedOver(1, "ann", "dee", "link")] == front.happened(TicketHandedOver)


@pytest.mark.parametrize("to", ["", "eve", "ann"])
async def test_handing_over_needs_somebody_else_who_exists(to: str) -> None:
    front = paged()
    page = await answer(front, "ann", action="hand_over", to=to)

    assert (422, 0) == (page.status, acts(front))
    assert "whom to hand it over to" in page.text


async def test_resolving_leaves_a_note() -> None:
    front = paged()
    page = await answer(front, "ann", action="resolve", note="The disk was full.", hold="until_clear")

    assert "Over since" in page.text
    assert ["The disk was full."] == [event.note for event in front.happened(TicketResolved)]
    assert timedelta(hours=24) == (ticket(front).held_until or front.clock.now()) - front.clock.now()


async def test_a_form_that_is_out_of_date_decides_nothing() -> None:
    front = paged()
    seen = re.search(r'name="seen" value="([^"]*)"', (await get(front)).text)
    assert seen
    await answer(front, "bo")
    page = await answer(front, "ann", action="resolve", seen=seen[1])

    assert 409 == page.status
    assert "Something has happened since" in page.text
    assert "bo" == ticket(front).holder


async def test_after_the_end_there_is_nothing_to_do() -> None:
    front = paged()
    front.heals()
    page = await answer(front, "ann")

    assert (200, 0) == (page.status, acts(front))
    assert "Nothing to do." in page.text
    assert "<form" not in page.text


async def test_a_wrong_number_does_nothing() -> None:
    front = paged()
    wrong = str(10 + (int(front.number()) - 10 + 1) % 90)
    page = await answer(front, number=wrong, action="resolve", note="mine")

    assert (403, 0) == (page.status, acts(front))
    assert "not the number in your mail" in page.text
    assert "mine</textarea>" in page.text


@pytest.mark.parametrize("number", ["", "   "])
async def test_a_missing_number_is_asked_for(number: str) -> None:
    front = paged()
    page = await Visitor(front.edge).post(f"/a/{front.token()}", {"number": number})

    assert (422, 0) == (page.status, acts(front))


@pytest.mark.parametrize("number", ["٤٢", "1e1", "-1", "0x10", "99999999999999999999", "\x00"])
async def test_what_is_no_number_is_a_wrong_one(number: str) -> None:
    front = paged()

    assert (403, 0) == ((await answer(front, number=number)).status, acts(front))


async def test_guessing_is_slow_and_locks_nobody_out_for_long() -> None:
    front = paged()
    statuses = [(await answer(front, number="9")).status for _ in range(7)]
    assert [403] * 5 + [429] * 2 == statuses

    refused = await answer(front)
    assert (429, 0) == (refused.status, acts(front))
    assert "12" == refused.headers["retry-after"] or "13" == refused.headers["retry-after"]
    assert 200 == (await answer(front, "bo")).status

    front.passes(timedelta(seconds=13))
    assert 200 == (await answer(front)).status


async def test_tampered_tokens_are_not_ours() -> None:
    front = paged()
    token = front.token()
    letters = "ABCXYZabcxyz0189-_."
    tampered = {token[:at] + letter + token[at + 1 :] for at in range(len(token)) for letter in letters} - {
        token
    }
    for each in sorted(tampered):
        page = await Visitor(front.edge).post(f"/a/{each}", {"number": front.number()})
        assert 404 == page.status, each

    assert 0 == acts(front)


async def test_a_link_from_before_a_restore_does_nothing() -> None:
    front = paged()
    token = Links(SECRET, Addresses(), "an earlier epoch").token(front.answer_link("ann", 1, 1))

    shown = await Visitor(front.edge).get(f"/a/{token}")
    tried = await Visitor(front.edge).post(f"/a/{token}", {"number": front.number()})

    assert [410, 410] == [shown.status, tried.status]
    assert "This link is from before a restore" in tried.text
    assert 0 == acts(front)


@pytest.mark.parametrize("token", ["", "x", "..", "a" * 5000, "%00", "WyJ", "é"])
async def test_a_forged_link_says_what_to_do(token: str) -> None:
    front = paged()
    page = await Visitor(front.edge).get(f"/a/{token}")

    assert 404 == page.status
    assert "This link is not one of ours" in page.text
    assert "copy it whole" in page.text


async def test_a_link_lives_for_a_day_after_the_end() -> None:
    front = paged()
    front.heals()
    front.passes(timedelta(hours=23))
    assert 200 == (await get(front)).status

    front.passes(timedelta(hours=2))
    assert 410 == (await get(front)).status
    page = await answer(front)
    assert 410 == page.status
    assert "long over" in page.text


async def test_somebody_who_left_cannot_answer() -> None:
    front = paged()
    left = {name: person for name, person in PEOPLE.items() if name != "ann"}
    front.world.accept(replace(front.world.accepted, people=left))
    page = await answer(front)

    assert (403, 0) == (page.status, acts(front))
    assert "ann is no longer on the list" in page.text


async def test_somebody_who_was_not_paged_is_labelled_as_such() -> None:
    front = paged()
    assert "was not paged for this" in (await get(front, "dee")).text

    await answer(front, "dee")

    assert [TicketAcknowledged(1, "dee", "link, not paged")] == front.happened(TicketAcknowledged)


async def test_a_machine_that_follows_links_gives_itself_away_once() -> None:
    front = paged()
    canary = re.search(
        r'href="(/a/[^"]*/canary)" rel="nofollow" tabindex="-1" aria-hidden="true"', (await get(front)).text
    )
    assert canary
    for _ in range(3):
        await Visitor(front.edge).get(canary[1])
        await Visitor(front.edge).post(canary[1], {"number": front.number()})

    assert [("scanner follows links", 1, "ann")] == [
        (line["event"], line["ticket"], line["person"]) for line in front.lines
    ]
    assert 0 == acts(front)


async def test_no_token_is_logged() -> None:
    front = paged()
    await get(front, tail="/canary")
    await answer(front, number="9")
    await answer(front)

    assert front.lines
    assert front.token() not in str(front.lines)


@pytest.mark.parametrize("action", ["", "explode", "canary"])
async def test_an_unknown_answer_does_nothing(action: str) -> None:
    front = paged()

    assert (422, 0) == ((await answer(front, action=action)).status, acts(front))


@pytest.mark.parametrize("field", ["status", "words", "case", "template", "self", "wrong"])
async def test_fields_that_nobody_asked_for_do_not_matter(field: str) -> None:
    front = paged()

    assert 403 == (await answer(front, number="9", **{field: "<b>x"})).status


async def test_other_methods_and_places_are_refused_kindly() -> None:
    front = paged()
    visitor = Visitor(front.edge)

    assert 405 == (await visitor.get(f"/a/{front.token()}", method="DELETE")).status
    assert 405 == (await visitor.post("/")).status
    assert 404 == (await visitor.get("/")).status
    assert b"Disallow: /\n" in (await visitor.get("/robots.txt")).body


async def test_the_style_comes_through_the_same_door() -> None:
    front = paged()
    for path in re.findall(r'(?:stylesheet"|svg\+xml") href="([^"]+)"', (await get(front)).text):
        assert 200 == (await Visitor(front.edge).get(path)).status


async def test_a_ticket_without_summary_or_service_is_shown_too() -> None:
    front = Front(configuration(services={}))
    front.fails(summary="")
    front.do(Acknowledge(1, "bo"))

    assert 200 == (await get(front)).status


async def test_who_is_called_says_that_they_are_coming_and_the_holder_stays() -> None:
    front = paged()
    front.do(Acknowledge(1, "bo"))
    front.do(PageAlso(1, "bo", ("ann",), "you know it"))

    page = (await get(front)).text
    reply = await answer(front, action="acknowledge")

    assert "and asks for you." in page and "I am coming" in page
    assert "Thank you. bo has it, and hears that you are coming." in reply.text
    assert ("bo", ()) == (ticket(front).holder, ticket(front).asked)


async def test_who_is_called_may_say_that_they_cannot_come() -> None:
    front = paged()
    front.do(Acknowledge(1, "bo"))
    front.do(PageAlso(1, "bo", ("ann",), "you know it"))

    reply = await answer(front, action="decline")

    assert "Noted. bo has it." in reply.text
    assert "bo" == ticket(front).holder


async def test_its_holder_wakes_what_sleeps() -> None:
    front = paged()
    front.do(Snooze(1, "ann", front.clock.now() + 60 * MINUTE))

    page = (await get(front)).text
    await answer(front, action="acknowledge")

    assert "It sleeps until" in page and "I am on it now" in page
    assert ticket(front).snoozed_until is None


async def test_where_two_are_needed_the_page_says_who_is_missing() -> None:
    """ann has it and is asked no more; bo makes it enough."""
    pair = Policy("urgent", (Tier(("ann", "bo"), 5 * MINUTE, 2),))
    front = Front(configuration(policies={"urgent": pair}))
    front.fails()

    before = (await get(front)).text
    first = (await answer(front)).text
    again = (await answer(front)).text
    second = (await answer(front, "bo")).text

    assert "Nobody has this yet. 2 people are needed." in before
    assert "Thank you: ann has it; 1 of 2 needed. You are paged no more; the others are." in first
    assert "I can’t go on" in first
    assert "You have said so already: ann has it; 1 of 2 needed." in again
    assert "<strong>bo</strong> has this" in second
    assert [("bo", "link")] == [(each.by, each.via) for each in front.happened(TicketAcknowledged)]


async def test_one_tap_pages_the_next_tier_and_a_second_one_nobody() -> None:
    front = paged()
    before = re.search(r'name="reached" value="(\d+)"', (await get(front)).text)
    assert before is not None

    first = await answer(front, "ann", action="escalate", reached=before[1])
    second = await answer(front, "ann", action="escalate", reached=before[1])

    assert "The next tier is paged now" in first.text
    assert "Others have been paged since you opened this page" in second.text
    assert [TicketEscalated(1, "ann", "link")] == front.happened(TicketEscalated)


async def test_who_has_it_sends_it_on_and_gives_it_up() -> None:
    front = paged()
    await answer(front, "ann")

    page = await answer(front, "ann", action="escalate")

    assert "Nobody has this yet." in page.text
    assert [TicketEscalated(1, "ann", "link", "ann")] == front.happened(TicketEscalated)


async def test_nobody_sends_on_what_somebody_else_has() -> None:
    front = paged()
    await answer(front, "bo")

    page = await answer(front, "ann", action="escalate")

    assert "bo has this; you can take it over first." in page.text
    assert [] == front.happened(TicketEscalated)
