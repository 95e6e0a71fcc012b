"""A shelf: what is placed is found under its key and its words, and what is removed no longer."""

from dataclasses import replace
from datetime import UTC, datetime

from monitord.core.delivery import Delivery, DeliveryState, Purpose
from monitord.core.health import Health
from monitord.core.organization import Priority
from monitord.core.shelf import INDEXES, Shelf
from monitord.core.ticket import State, Ticket
from monitord.core.wording import Text

START = datetime(2026, 1, 5, tzinfo=UTC)
ONE = Ticket(1, "web is down", "web", "shop", Priority.URGENT, State.OPEN, START, START, ("a", "b"))


def shelf(*records: Ticket | Health) -> Shelf:
    fresh = Shelf()
    for record in records:
        fresh.place(record)
    return fresh


def test_what_is_placed_is_found_under_its_key_and_under_each_of_its_words() -> None:
    it = shelf(ONE)

    assert ONE == it.table(Ticket)[1]
    assert [[1], [1], [1], []] == [
        list(it.keys("tickets by signal", "a")),
        list(it.keys("tickets by signal", "b")),
        list(it.keys("tickets by cause", "web")),
        list(it.keys("tickets by signal", "c")),
    ]


def test_a_newer_one_takes_the_place_and_is_found_under_its_own_words_alone() -> None:
    it = shelf(ONE, replace(ONE, signals=("b", "c")))

    assert [[], [1], [1]] == [list(it.keys("tickets by signal", word)) for word in "abc"]


def test_what_is_removed_is_found_nowhere_and_leaves_no_empty_word() -> None:
    it = shelf(ONE)
    it.remove(ONE)
    it.remove(ONE)

    assert {} == it.table(Ticket)
    assert all(not words for words in it.indexes.values())


def test_what_nobody_looks_for_by_words_has_its_key_only() -> None:
    it = shelf(Health("web"))

    assert ["web"] == list(it.table(Health))
    assert Health not in {of for of, _ in INDEXES.values()}


def test_a_page_stands_among_those_refused_so_far_only_while_it_is_one() -> None:
    """A newer page looks at them alone: the others of a great ticket are thousands."""
    page = Delivery(
        "d1", Purpose.PAGE, "email", "ann@example.org", START, START, Text("web is down", ()), ticket=1
    )
    steps = (
        page,
        replace(page, state=DeliveryState.SENDING, attempts=1),
        replace(page, attempts=1),
        replace(page, state=DeliveryState.SENDING, attempts=2),
        replace(page, state=DeliveryState.SENT, attempts=2),
    )

    assert [[], [], ["d1"], [], []] == [list(shelf(page, step).keys("refused so far", 1)) for step in steps]
