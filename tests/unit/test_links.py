"""links: whoever holds one may look; only what we have signed says anything."""

from dataclasses import replace

import pytest

from monitord.core.wording import Link
from monitord.engine.links import FORMER, Links
from tests.fakes.shop import DOORS, SECRET

ANSWER = Link("answer", "Answer", 47, 2, "ann")
SWAP = Link("swap", "Answer", 3, who="bo")


@pytest.fixture
def links() -> Links:
    return Links(SECRET, DOORS)


@pytest.mark.parametrize(
    ("link", "beginning"),
    [
        (ANSWER, "https://edge.example.org/a/"),
        (SWAP, "https://edge.example.org/s/"),
        (Link("confirm", "Yes", who="s1"), "https://status.example.org/subscribe/confirm/"),
        (Link("unsubscribe", "No", who="s1"), "https://status.example.org/unsubscribe/"),
    ],
)
def test_a_link_leads_to_its_door_and_back_to_what_it_says(links: Links, link: Link, beginning: str) -> None:
    url = links.url(link)

    assert url.startswith(beginning)
    assert Link(link.purpose, "", link.ticket, link.round, link.who) == links.read(
        url.removeprefix(beginning)
    )


def test_what_is_public_anyway_needs_no_token(links: Links) -> None:
    assert "https://status.example.org/incidents/abc" == links.url(Link("incident", "Story", who="abc"))
    assert "https://status.example.org/" == links.url(Link("page", "Status"))


def test_the_same_link_is_the_same_after_a_restart(links: Links) -> None:
    assert Links(SECRET, DOORS).url(ANSWER) == links.url(ANSWER)


def test_not_one_letter_of_a_token_can_be_changed(links: Links) -> None:
    token = links.token(ANSWER)
    tampered = [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        for place in range(len(token))
    ]

    assert {None} == {links.read(each) for each in tampered}


@pytest.mark.parametrize("token", ["", ".", "a.b", "é", "x" * 100_000, "W10.sig", "\x00"])
def test_what_we_have_not_made_says_nothing(links: Links, token: str) -> None:
    assert links.read(token) is None


def test_an_answer_from_before_a_restore_is_known_and_does_nothing(links: Links) -> None:
    before = Links(SECRET, DOORS, "an earlier epoch")

    assert replace(ANSWER, words="", purpose=FORMER) == links.read(before.token(ANSWER))
    assert replace(ANSWER, words="") == before.read(before.token(ANSWER))


def test_an_epoch_cannot_be_put_in_afterwards(links: Links) -> None:
    """Who holds a link of an earlier epoch cannot make one of this epoch out of it."""
    content, _, signature = Links(SECRET, DOORS, "earlier").token(ANSWER).rpartition(".")
    now = links.token(ANSWER).rpartition(".")[0]

    assert links.read(f"{now}.{signature}") is None
    assert content != now


def test_people_unsubscribe_by_an_old_mail(links: Links) -> None:
    leaving = Link("unsubscribe", "", who="s1")

    assert leaving == links.read(Links(SECRET, DOORS, "an earlier epoch").token(leaving))


def test_another_stores_links_are_dead(links: Links) -> None:
    assert links.read(Links(b"another store's secret", DOORS).token(ANSWER)) is None


def test_the_number_has_two_digits_and_belongs_to_its_link(links: Links) -> None:
    numbers = [links.number(Link("answer", "", ticket, 1, "ann")) for ticket in range(500)]

    assert all(len(number) == 2 and number.isdigit() and number >= "10" for number in numbers)
    assert len(set(numbers)) > 80
    assert links.number(ANSWER) == links.number(Link("answer", "other words", 47, 2, "ann"))


def test_a_number_is_forgiven_its_spaces_and_nothing_else(links: Links) -> None:
    number = links.number(ANSWER)
    others = {str(each) for each in range(100)} - {number}

    assert links.matches(ANSWER, f" {number} ")
    assert not any(links.matches(ANSWER, other) for other in [*others, "", f"0{number}", "٤٧"])
