"""bulkhead: so many places, the most urgent first, nobody twice."""

from datetime import timedelta

from monitord.core.delivery import Delivery, Purpose
from monitord.core.wording import Text
from monitord.engine.bulkhead import Bulkhead, Waiting
from tests.fakes.shop import MORNING


def delivery(name: str, purpose: Purpose = Purpose.NEWS, minutes: int = 0) -> Delivery:
    due = MORNING + timedelta(minutes=minutes)
    return Delivery(name, purpose, "email", "a@example.org", MORNING, due, Text("", ()))


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
