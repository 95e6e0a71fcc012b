"""What people read at 3 a.m.: short subjects, what, since when, what was found, the link."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitord.core.escalation import Escalation, RoundReason
from monitord.core.organization import ComponentState, Person, Priority, Service
from monitord.core.policy import DeadlineKind, Policy, Tier, after
from monitord.core.signal import DOWN, UNKNOWN, Signal
from monitord.core.ticket import Resolution, State, Ticket
from monitord.core.wording import (
    SUBJECT_LENGTH_MAX,
    Link,
    Text,
    acknowledged,
    clock,
    confirm_text,
    incident_title,
    listed,
    names,
    over,
    page,
    post_body,
    post_heading,
    post_text,
    spell,
    still_on_it,
    subject,
    title,
)

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ANN = Person("ann", "Ann", "Europe/Berlin")
RUNBOOK = ("runbook", "https://wiki.example.org/shop")
SHOP = Service("shop", "Online Shop", links=(RUNBOOK,))
TICKET = Ticket(
    number=42,
    title="web is down",
    cause="probe/web:down",
    service="shop",
    priority=Priority.URGENT,
    state=State.OPEN,
    since=NOW - 4 * MINUTE,
    opened=NOW,
    summary="503 Service Unavailable",
)
TIERS = tuple(Tier((name,), 5 * MINUTE) for name in ("ann", "bo", "cem"))
FIRST = Escalation(
    ticket=42,
    policy=Policy("up", TIERS),
    round=1,
    reason=RoundReason.OPENED,
    deadline=after(DeadlineKind.TIER, NOW, 5 * MINUTE),
    step=1,
    tier=0,
    circle=("ann",),
)
ANSWER = Link("answer", "Answer", 42, 1, "ann")


# Pages.


def test_the_first_page() -> None:
    assert Text(
        subject="web is down (ticket 42)",
        lines=(
            "web is down, since 04:08 CET (4 min).",
            "Found: 503 Service Unavailable",
            "Ticket 42, urgent, service Online Shop.",
            "Asked now: ann.",
        ),
        links=(ANSWER,),
        more=(RUNBOOK,),
    ) == page(TICKET, FIRST, ANN, SHOP, NOW)


def test_a_page_is_silent_about_what_was_not_found_and_names_a_nameless_service_by_its_id() -> None:
    text = page(replace(TICKET, summary=""), FIRST, ANN, Service("shop"), NOW)

    assert (
        "web is down, since 04:08 CET (4 min).",
        "Ticket 42, urgent, service shop.",
        "Asked now: ann.",
    ) == text.lines


@pytest.mark.parametrize(
    ("escalation", "subject_begins", "expected"),
    [
        (
            replace(FIRST, step=2, tier=1, circle=("ann", "bo")),
            "Still: web is down",
            "Tier 2 of 3. Asked so far: ann, bo; nobody has answered.",
        ),
        (
            replace(FIRST, step=4, tier=2, repeats=1, circle=("ann", "bo", "cem")),
            "Still: web is down",
            "The top was told twice. Asked so far: ann, bo, cem; nobody has answered.",
        ),
        (
            replace(FIRST, step=5, tier=2, repeats=2, circle=("ann",)),
            "Still: web is down",
            "The top was told 3 times. Asked so far: ann; nobody has answered.",
        ),
        (
            replace(FIRST, round=2, reason=RoundReason.LAPSED, circle=("bo", "ann")),
            "web is down",
            "Round 2: the acknowledgement lapsed. Asked now: bo, ann.",
        ),
        (
            replace(FIRST, round=3, reason=RoundReason.HANDED_OVER, tier=-1),
            "web is down",
            "Round 3: handed over. Asked now: ann.",
        ),
    ],
)
def test_each_page_says_what_is_new(escalation: Escalation, subject_begins: str, expected: str) -> None:
    text = page(TICKET, escalation, ANN, SHOP, NOW)

    assert (f"{subject_begins} (ticket 42)", expected) == (text.subject, text.lines[-1])


def test_the_holder_is_asked_with_the_time_that_is_left() -> None:
    assert Text(
        "Still on it? web is down (ticket 42)",
        (
            "You have ticket 42: web is down, for 4 min now.",
            "Without a word from you by 04:17 CET the others are asked again.",
        ),
        (ANSWER,),
    ) == still_on_it(TICKET, FIRST, ANN, NOW + 5 * MINUTE, NOW)


def test_the_others_hear_who_has_it() -> None:
    assert Text(
        "bo has ticket 42: web is down",
        ("bo has acknowledged ticket 42 (web is down).", "Nothing to do for you."),
    ) == acknowledged(TICKET, "bo")


@pytest.mark.parametrize(
    ("resolution", "by", "expected"),
    [
        (Resolution.CLEARED, None, "it has recovered"),
        (Resolution.REMOVED, None, "its probe was removed from the configuration"),
        (Resolution.BY_HAND, "bo", "resolved by hand (bo)"),
    ],
)
def test_everybody_hears_that_it_is_over(resolution: Resolution, by: str | None, expected: str) -> None:
    assert Text(
        "Resolved: web is down (ticket 42)",
        (
            f"Ticket 42 (web is down) is resolved: {expected}.",
            "It lasted 4 min. Nothing to do for you.",
        ),
    ) == over(TICKET, resolution, by, NOW)


# Subjects and titles.


@given(st.text(), st.integers(1, 10**9))
@example("a title of sixty characters and more, as somebody in a hurry types", 7)
@example("broken\nover\ttwo   lines", 7)
@example("", 7)
def test_every_subject_is_one_line_of_at_most_sixty_characters(words: str, number: int) -> None:
    ticket = replace(TICKET, title=words, number=number)
    again = replace(FIRST, step=9, tier=2, repeats=6)
    subjects = [
        page(ticket, FIRST, ANN, SHOP, NOW).subject,
        page(ticket, again, ANN, SHOP, NOW).subject,
        still_on_it(ticket, FIRST, ANN, NOW, NOW).subject,
        acknowledged(ticket, words).subject,
        over(ticket, Resolution.CLEARED, None, NOW).subject,
        post_text(words, "i", words, "resolved", "", "s").subject,
        confirm_text(words, "s").subject,
    ]

    assert [] == [each for each in subjects if len(each) > SUBJECT_LENGTH_MAX]
    assert [] == [each for each in subjects if each.splitlines() != [each] or each != each.strip()]


@given(st.text(min_size=1), st.integers(1, 10**6))
def test_a_long_title_never_hides_the_number_of_the_ticket(words: str, number: int) -> None:
    ticket = replace(TICKET, title=words, number=number)

    texts = (
        page(ticket, replace(FIRST, step=2), ANN, SHOP, NOW),
        still_on_it(ticket, FIRST, ANN, NOW, NOW),
        over(ticket, Resolution.CLEARED, None, NOW),
    )

    assert all(text.subject.endswith(f"(ticket {number})") for text in texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        ("x" * 58 + " yz", "x" * 58 + "…"),
        (" two \n lines ", "two lines"),
    ],
)
def test_a_subject_is_cut_with_an_ellipsis(text: str, expected: str) -> None:
    assert expected == subject(text)


@pytest.mark.parametrize(
    ("name", "probe", "expected"),
    [
        (DOWN, "web", "web is down"),
        (UNKNOWN, "web", "web cannot be judged"),
        (DOWN, None, "mail/desk is down"),
    ],
)
def test_a_title_says_what_is_broken(name: str, probe: str | None, expected: str) -> None:
    assert expected == title(Signal("mail/desk", name, "shop", True, NOW, NOW, "", probe))


# Times and names.


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (0.6, "1 s"),
        (89, "89 s"),
        (90, "1 min"),
        (119, "1 min"),
        (120, "2 min"),
        (59 * 60 + 59, "59 min"),
        (3600, "1 h"),
        (2 * 3600 + 300, "2 h 5 min"),
        (86399, "23 h 59 min"),
        (86400, "1 d"),
        (3 * 86400 + 2 * 3600 + 3599, "3 d 2 h"),
        (400 * 86400, "400 d"),
    ],
)
def test_a_duration_is_spelled_as_people_say_it(seconds: float, expected: str) -> None:
    assert expected == spell(timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "03:12 UTC"),
        ("America/Chicago", "21:12 CST"),
        ("Asia/Kathmandu", "08:57 +0545"),
        ("Europe/Atlantis", "03:12 UTC"),  # a page is never lost for want of a zone
    ],
)
def test_a_time_is_on_the_wall_of_its_reader(zone: str, expected: str) -> None:
    assert expected == clock(NOW, zone)


def test_nobody_has_a_name_too() -> None:
    assert ("nobody", "ann, bo") == (names(()), names(("ann", "bo")))


@pytest.mark.parametrize(
    ("things", "expected"),
    [
        ((), "our services"),
        (("Shop",), "Shop"),
        (("Shop", "Checkout"), "Shop and Checkout"),
        (("Shop", "Cart", "Checkout"), "Shop, Cart and Checkout"),
    ],
)
def test_things_are_listed_as_in_a_sentence(things: tuple[str, ...], expected: str) -> None:
    assert expected == listed(things)


# The public side.


def test_an_incident_is_called_after_its_components_and_what_customers_feel() -> None:
    assert "Shop and Checkout: major outage" == incident_title(
        ("Shop", "Checkout"), ComponentState.MAJOR_OUTAGE
    )


@pytest.mark.parametrize(
    ("word", "one", "two"),
    [
        (
            "investigating",
            "Our monitoring has found a problem with Shop. We are looking into it.",
            "Our monitoring has found a problem with Shop and Cart. We are looking into it.",
        ),
        (
            "back",
            "The problem with Shop is back. We are working on it.",
            "The problem with Shop and Cart is back. We are working on it.",
        ),
        (
            "resolved",
            "Shop is back to normal. It lasted 12 min.",
            "Shop and Cart are back to normal. It lasted 12 min.",
        ),
        (
            "monitoring",
            "Shop answers normally again. We keep watching it.",
            "Shop and Cart answer normally again. We keep watching them.",
        ),
        (
            "unwatched",
            "Our monitoring no longer watches Shop; these automated updates end here.",
            "Our monitoring no longer watches Shop and Cart; these automated updates end here.",
        ),
        (
            "unwatched, people write",
            "Our monitoring no longer watches Shop; our team goes on from here.",
            "Our monitoring no longer watches Shop and Cart; our team goes on from here.",
        ),
        (
            "maintenance",
            "Shop is under planned maintenance now; these automated updates end here.",
            "Shop and Cart are under planned maintenance now; these automated updates end here.",
        ),
        (
            "maintenance, people write",
            "Shop is under planned maintenance now.",
            "Shop and Cart are under planned maintenance now.",
        ),
    ],
)
def test_what_an_automated_post_says(word: str, one: str, two: str) -> None:
    assert one == post_body(word, ("Shop",), 12 * MINUTE)
    assert two == post_body(word, ("Shop", "Cart"), 12 * MINUTE)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("resolved", "Shop: major outage"),
        ("unwatched", "Shop: no longer watched"),
        ("maintenance", "Shop: under maintenance"),
        ("unwatched, people write", "Shop: major outage"),
    ],
)
def test_a_post_that_ends_without_a_recovery_has_a_heading_of_its_own(word: str, expected: str) -> None:
    assert expected == post_heading(word, ("Shop",), "Shop: major outage")


@pytest.mark.parametrize(
    ("state", "expected"),
    [("investigating", "Shop: major outage"), ("resolved", "Resolved: Shop: major outage")],
)
def test_a_subscriber_reads_a_post(state: str, expected: str) -> None:
    assert Text(
        expected,
        (f"Example status: Shop: major outage ({state})", "We are on it."),
        (Link("incident", "The whole story", who="i1"), Link("unsubscribe", "Unsubscribe", who="s1")),
    ) == post_text("Example status", "i1", "Shop: major outage", state, "We are on it.", "s1")


def test_a_confirmation_says_what_to_do_if_it_was_somebody_else() -> None:
    assert Text(
        "Confirm: updates from Example status",
        (
            "Somebody, hopefully you, asked to send updates from Example status to this address.",
            "If it was not you, do nothing: no further mail follows.",
        ),
        (Link("confirm", "Yes, send me updates", who="s1"),),
    ) == confirm_text("Example status", "s1")
