"""letters: what is read at 3 a.m., letter by letter."""

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from monitord.core.delivery import Delivery, Purpose
from monitord.core.organization import Priority
from monitord.core.ticket import State, Ticket
from monitord.core.wording import Link, Text, acknowledged, confirm_text, post_text
from monitord.engine.letters import compose
from monitord.engine.links import Links
from monitord.kinds import Letter
from tests.fakes.shop import DOORS, MORNING, SECRET, SETTINGS, person

LINKS = Links(SECRET, DOORS)
ANSWER = Link("answer", "Answer", 47, 1, "ann")
PAGE = Text(
    "web is down (ticket 47)",
    (
        "web is down, since 03:12 CST (2 min).",
        "Found: shop.example.org refused the connection",
        "Ticket 47, urgent, service Shop.",
        "Asked now: ann.",
    ),
    (ANSWER,),
    (("Runbook", "https://wiki.example.org/shop"),),
)
TICKET = Ticket(
    47,
    "web is down",
    "probe/web:down",
    "shop",
    Priority.URGENT,
    State.OPEN,
    MORNING,
    MORNING,
    probe="web",
)


def letter(text: Text, purpose: Purpose = Purpose.PAGE, **more: object) -> Letter:
    delivery = Delivery(
        "e1/47/1/1/ann/0.email", purpose, "email", "ann@example.org", MORNING, MORNING, text, **more
    )  # type: ignore[arg-type]
    named = person("ann") if delivery.person else None
    return compose(delivery, LINKS, SETTINGS, named, TICKET if delivery.ticket else None)


def page() -> Letter:
    return letter(PAGE, ticket=47, person="ann")


class Seen(HTMLParser):
    """What a mail program makes of the HTML: the words, the links, and whatever it would have to fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str | None] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def test_a_page_is_read_from_top_to_bottom() -> None:
    url, number = LINKS.url(ANSWER), LINKS.number(ANSWER)

    assert page().text == (
        "web is down, since 03:12 CST (2 min).\n"
        "Found: shop.example.org refused the connection\n"
        "Ticket 47, urgent, service Shop.\n"
        "Asked now: ann.\n"
        "\n"
        "Answer:\n"
        f"{url}\n"
        f"Number: {number}\n"
        "\n"
        "Runbook: https://wiki.example.org/shop\n"
        "\n"
        "To Ann Example, from monitord at Example Shop.\n"
    )


def test_a_page_says_to_programs_what_it_is() -> None:
    assert (
        ("Auto-Submitted", "auto-generated"),
        ("Monitord-Event", "page"),
        ("Monitord-Ticket", "47"),
        ("Monitord-Probe", "web"),
    ) == page().headers


def test_the_same_message_is_the_same_when_it_is_sent_again() -> None:
    assert page() == page()
    assert MORNING == page().date
    assert "<57e352dd425abf2f993b3049d6773dbb@status.example.org>" == page().message_id


def test_another_delivery_is_another_message() -> None:
    delivery = Delivery("e1/47/1/2/ann/0.email", Purpose.PAGE, "email", "a@b.c", MORNING, None, PAGE)

    assert page().message_id != compose(delivery, LINKS, SETTINGS).message_id


def test_the_html_shows_the_same_and_fetches_nothing() -> None:
    html = page().html or ""
    seen = Seen(html)

    assert [LINKS.url(ANSWER), "https://wiki.example.org/shop"] == seen.links
    assert {"img", "script", "link", "iframe"}.isdisjoint(seen.tags)
    assert LINKS.number(ANSWER) in seen.words
    assert "refused" in seen.words
    assert "prefers-color-scheme: dark" in html
    assert len(html) < 8000


def test_what_was_found_cannot_become_markup() -> None:
    nasty = replace(PAGE, lines=("<script>alert(1)</script>", 'Found: "><img src=x>'))

    assert {"script", "img"}.isdisjoint(Seen(letter(nasty, ticket=47, person="ann").html or "").tags)


def test_news_has_nothing_to_press() -> None:
    news = letter(acknowledged(TICKET, "bo"), Purpose.NEWS, ticket=47, person="ann")

    assert ("Monitord-Event", "news") in news.headers
    assert "http" not in news.text
    assert [] == Seen(news.html or "").links


def test_somebody_who_is_no_longer_known_is_still_named() -> None:
    delivery = Delivery("id", Purpose.PAGE, "email", "a@b.c", MORNING, None, PAGE, ticket=47, person="fay")

    assert "To fay, from monitord at Example Shop." in compose(delivery, LINKS, SETTINGS).text


def test_a_post_can_be_left_with_one_click() -> None:
    text = post_text(
        "Example Shop status", "abc", "Shop: degraded", "investigating", "We look into it.", "s1"
    )
    post = letter(text, Purpose.POST, subscriber="s1")
    leave = LINKS.url(Link("unsubscribe", "", who="s1"))

    assert leave == post.unsubscribe
    assert (
        ("Auto-Submitted", "auto-generated"),
        ("List-Unsubscribe", f"<{leave}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ) == post.headers
    assert post.text == (
        "Example Shop status: Shop: degraded (investigating)\n"
        "\n"
        "We look into it.\n"
        "\n"
        "The whole story:\n"
        "https://status.example.org/incidents/abc\n"
        "\n"
        "Sent by Example Shop.\n"
        "\n"
        "Unsubscribe:\n"
        f"{leave}\n"
    )


def test_a_confirmation_has_one_link_and_no_unsubscribing() -> None:
    confirm = letter(confirm_text("Example Shop status", "s1"), Purpose.CONFIRM, subscriber="s1")

    assert None is confirm.unsubscribe
    assert [LINKS.url(Link("confirm", "", who="s1"))] == Seen(confirm.html or "").links
    assert "Number:" not in confirm.text


@pytest.mark.parametrize(
    ("url", "domain"),
    [("http://127.0.0.1:8080", "127.0.0.1"), ("http://[::1]:8080", "localhost"), ("", "localhost")],
)
def test_a_message_id_has_a_domain_in_every_house(url: str, domain: str) -> None:
    settings = replace(SETTINGS, doors=replace(DOORS, public=replace(DOORS.public, url=url)))
    delivery = Delivery("id", Purpose.PAGE, "email", "a@b.c", MORNING, MORNING + timedelta(0), PAGE)

    assert compose(delivery, LINKS, settings).message_id.endswith(f"@{domain}>")
