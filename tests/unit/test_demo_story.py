"""The demo's story: what two views show, and which order of milestones is right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.client.shapes import CheckRow, DeliveryRow, Line, PhaseTimes, PostRow, TicketRow, TicketStory
from monitord.demo.mailbox import Mail
from monitord.demo.story import (
    Acknowledged,
    CheckFailed,
    CheckPassed,
    Milestone,
    NewsSent,
    PagedSomebody,
    Posted,
    Recovered,
    Resolved,
    SubscriberTold,
    TicketOpened,
    milestones,
    objection,
    script,
    sights,
)
from monitord.demo.view import NOTHING, View

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
RIGHT = (
    *("check failed",) * 3,
    *("ticket opened", "published", "paged ann", "paged bo", "paged cem", "paged dee"),
    *("acknowledged", "recovered", "resolved"),
)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def check(seconds: float, outcome: str = "critical") -> CheckRow:
    return CheckRow(at(seconds), outcome, f"found {outcome}", 1.0, PhaseTimes(None, None, None, None, None))


def mail(number: int, seconds: float, who: str, event: str = "page") -> Mail:
    to = f"{who}@example.org"
    return Mail(
        number, at(seconds), "monitord@example.org", to, "shop is down", "", "", event, 1 if event else None
    )


def delivery(seconds: float, purpose: str = "page") -> DeliveryRow:
    words = ("ann", "email", "ann@example.org", "shop is down")
    return DeliveryRow(f"d{seconds}", 1, purpose, *words, at(seconds), None, "sent", 1, "")


def ticket(
    opened: float, acknowledged: float | None = None, resolved: float | None = None, *pages: float
) -> TicketStory:
    row = TicketRow(
        number=1,
        title="shop is down",
        state="resolved" if resolved else "acknowledged" if acknowledged else "open",
        priority="urgent",
        service="shop",
        probe="shop",
        summary="found critical",
        since=at(opened),
        opened=at(opened),
        holder="bo" if acknowledged and not resolved else None,
        acknowledged=at(acknowledged) if acknowledged else None,
        resolved=at(resolved) if resolved else None,
        resolution="it has recovered" if resolved else None,
        reopened=0,
        rounds=1,
        paged=(),
        signals=(),
        next=None,
    )
    left = (Line(at(resolved), "signal_left", "probe/shop:down cleared: all is well"),) if resolved else ()
    opening = Line(at(opened), "ticket_opened", "opened")
    return TicketStory(row, None, (opening, *left), False, tuple(map(delivery, pages)))


def post(seconds: float) -> PostRow:
    return PostRow(1, at(seconds), "investigating", "Shop: major outage", "We are looking into it.", None)


PAGES = tuple(mail(number, 3 + number, who) for number, who in enumerate(("ann", "bo", "cem", "dee")))
WHOLE = View(
    checks=tuple(map(check, (1.0, 1.5, 2.0, 2.5))),
    ticket=ticket(2.01, 8, 20),
    posts=(post(2.01),),
    mails=PAGES,
)


def test_the_whole_story_has_its_milestones_in_their_order() -> None:
    assert RIGHT == tuple(each.what for each in milestones(WHOLE))
    assert "" == objection(milestones(WHOLE), script())


def test_failures_are_counted_until_the_ticket_opens() -> None:
    told = sights(NOTHING, View(checks=tuple(map(check, (1, 2, 3, 4, 5))), ticket=ticket(3.1)))

    assert [1, 2, 3] == [sight.streak for sight in told if isinstance(sight, CheckFailed)]


def test_a_pass_in_between_starts_the_count_anew() -> None:
    checks = (check(0), check(0.5, "ok"), *WHOLE.checks)

    assert RIGHT == tuple(each.what for each in milestones(replace(WHOLE, checks=checks)))


def test_passes_are_told_on_the_way_back_only() -> None:
    checks = (check(0.5, "ok"), check(1), check(8, "ok"), check(9, "ok"), check(11, "ok"))
    told = sights(NOTHING, View(checks=checks, ticket=ticket(1.1, 5, 9.1)))

    assert [(at(8), 1), (at(9), 2)] == [
        (each.at, each.streak) for each in told if isinstance(each, CheckPassed)
    ]


def test_what_was_seen_before_is_not_told_again() -> None:
    before = View(checks=(check(1),), mails=PAGES[:1], ticket=ticket(1.1), posts=(post(1.1),))

    assert [] == sights(before, before)


def test_the_circle_widens_with_each_first_page() -> None:
    told = sights(NOTHING, View(mails=(*PAGES[:2], mail(7, 9, "ann"))))

    circles = (("ann",), ("ann", "bo"))
    assert [
        PagedSomebody(at(3), "ann", 1, circles[:1], PAGES[0]),
        PagedSomebody(at(4), "bo", 1, circles, PAGES[1]),
        PagedSomebody(at(9), "ann", 2, circles, mail(7, 9, "ann")),
    ] == told


def test_mails_are_told_apart() -> None:
    news, post_of, stray = mail(1, 1, "ann", "news"), mail(2, 2, "sub", ""), mail(3, 3, "eve", "")

    assert [NewsSent(at(1), "ann", news), SubscriberTold(at(2), post_of)] == sights(
        NOTHING, View(mails=(news, post_of, stray))
    )


def test_what_happened_at_one_instant_is_told_in_its_order() -> None:
    view = View(checks=(check(1),), ticket=ticket(1), posts=(post(1),))
    end = View(checks=(check(1),), ticket=ticket(1, 2, 9), posts=(post(1), post(9)))

    assert [CheckFailed, TicketOpened, Posted] == list(map(type, sights(NOTHING, view)))
    assert [Acknowledged, Recovered, Resolved, Posted] == list(map(type, sights(view, end)))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (RIGHT[:-1], "“resolved” never happened"),
        ((*RIGHT, "resolved"), "“resolved” came after the end"),
        (RIGHT[1:], "“check failed” was due, but “ticket opened” came"),
        (("check failed", *RIGHT), "“ticket opened” was due, but “check failed” came"),
        ((*RIGHT[:6], "paged cem", "paged bo", *RIGHT[8:]), "“paged bo” was due, but “paged cem” came"),
        ((*RIGHT[:4], *RIGHT[5:]), "“published” happened 0 times, not once"),
        ((*RIGHT[:4], *RIGHT[5:], "published"), "“published” came outside of the outage"),
    ],
)
def test_another_order_is_objected_to(told: tuple[str, ...], why: str) -> None:
    happened = [Milestone(at(place), what) for place, what in enumerate(told)]

    assert why == objection(happened, script())


def test_the_public_may_be_told_at_any_time_of_the_outage() -> None:
    late = (*RIGHT[:4], *RIGHT[5:9], "published", *RIGHT[9:])

    assert "" == objection([Milestone(at(place), what) for place, what in enumerate(late)], script())


def test_the_top_was_reached_when_everybody_below_was_told_again() -> None:
    times = {"ann": 4, "bo": 3, "cem": 2, "dee": 1}
    mails = tuple(mail(0, 0, who) for who, count in times.items() for _ in range(count))

    assert View(mails=mails).climbed
    assert not View(mails=mails[1:]).climbed


@pytest.mark.parametrize(
    ("decided", "arrived", "late"),
    [((3, 6), 2, 0), ((3, 6), 1, 0), ((3, 6, 9), 2, 1), ((3, 6), 3, 1), ((3, 6, 9), 3, 1)],
)
def test_a_page_after_the_acknowledgement_is_noticed(
    decided: tuple[float, ...], arrived: int, late: int
) -> None:
    view = View(ticket=ticket(2, 8, None, *decided), mails=PAGES[:arrived])

    assert late == view.pages_since(at(8))
