"""bulkhead: so many places, the most urgent first, nobody twice."""

from datetime import timedelta

from monitord.core.delivery import Delivery, Purpose
from monitord.core.wording import Text
from monitord.engine.bulkhead import Bulkhead, Waiting
from tests.fakes.shop import MORNING


def delivery(
    name: str, purpose: Purpose = Purpose.NEWS, minutes: float = 0, address: str = "a@example.org"
) -> Delivery:
    due = MORNING + timedelta(minutes=minutes)
    return Delivery(name, purpose, "email", address, MORNING, due, Text("", ()))


def test_the_most_urgent_and_then_the_longest_due_goes_first() -> None:
    bulkhead = Bulkhead(10)
    for each in (
        delivery("post", Purpose.POST),
        delivery("confirm", Purpose.CONFIRM),
        delivery("late news", minutes=1),
        delivery("news"),
    ):
        bulkhead.queue(each)

    assert ["news", "late news", "confirm", "post", None] == [bulkhead.next() for _ in range(5)]


def test_who_has_a_thousand_messages_keeps_nobody_else_waiting() -> None:
    bulkhead = Bulkhead(10_000)
    for number in range(1000):
        bulkhead.queue(delivery(f"ann {number:04}", minutes=number / 1000, address="ann"))
    first = [bulkhead.next() for _ in range(5)]
    for number in range(2):
        bulkhead.queue(delivery(f"dee {number}", minutes=60, address="dee"))
    bulkhead.queue(delivery("bo", minutes=30, address="bo"))

    assert [f"ann {number:04}" for number in range(5)] == first
    assert ["bo", "dee 0", "ann 0005", "dee 1", "ann 0006", "ann 0007"] == [bulkhead.next() for _ in range(6)]
    assert 992 == len([key for key in iter(bulkhead.next, None) if key.startswith("ann")])
    assert ({}, []) == (bulkhead.lines, bulkhead.ready)


def test_there_are_only_so_many_places() -> None:
    bulkhead = Bulkhead(1)
    bulkhead.queue(delivery("one"))
    bulkhead.queue(delivery("two"))

    assert ["one", None] == [bulkhead.next(), bulkhead.next()]
    bulkhead.leave("one")
    assert "two" == bulkhead.next()


def test_nobody_is_queued_twice_or_beside_themselves() -> None:
    bulkhead = Bulkhead(5)
    bulkhead.queue(delivery("one"))
    bulkhead.queue(delivery("one"))
    assert ["one", None] == [bulkhead.next(), bulkhead.next()]

    bulkhead.queue(delivery("one"))
    assert bulkhead.next() is None


def test_who_waits_is_taken_when_it_is_time() -> None:
    waiting = Waiting()
    waiting.add(MORNING + timedelta(seconds=5), "later")
    waiting.add(MORNING, "now")

    assert MORNING == waiting.next()
    assert ["now"] == list(waiting.take(MORNING))
    assert ["later"] == list(waiting.take(MORNING + timedelta(minutes=1)))
    assert waiting.next() is None
