"""Bulkheads: so many places, and who waits for one; and the deliveries whose time has not come yet."""

from collections.abc import Iterator
from heapq import heappop, heappush

from monitord.core.check import Instant
from monitord.core.delivery import Delivery, Purpose

RANK = {
    purpose: rank
    for rank, purpose in enumerate(
        (Purpose.PAGE, Purpose.NEWS, Purpose.WEBHOOK, Purpose.CONFIRM, Purpose.POST)
    )
}


class Waiting:
    """Deliveries by the instant at which they are due; what has changed since is for the taker to notice."""

    def __init__(self) -> None:
        self.heap: list[tuple[Instant, str]] = []

    def add(self, due: Instant, delivery: str) -> None:
        heappush(self.heap, (due, delivery))

    def next(self) -> Instant | None:
        return self.heap[0][0] if self.heap else None

    def take(self, now: Instant) -> Iterator[str]:
        while self.heap and self.heap[0][0] <= now:
            yield heappop(self.heap)[1]


class Bulkhead:
    """`places` deliveries at once, the most urgent and longest due first; none of them twice."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.ready: list[tuple[int, Instant, str]] = []
        self.taken: set[str] = set()
        self.queued: set[str] = set()

    def queue(self, delivery: Delivery) -> None:
        assert delivery.due is not None, "only what is due is queued"
        if delivery.id not in self.queued and delivery.id not in self.taken:
            self.queued.add(delivery.id)
            heappush(self.ready, (RANK[delivery.purpose], delivery.due, delivery.id))

    def next(self) -> str | None:
        """Take the next one's place; None when every place is taken, or nobody waits."""
        if not self.ready or len(self.taken) >= self.places:
            return None
        key = heappop(self.ready)[2]
        self.queued.discard(key)
        self.taken.add(key)
        return key

    def leave(self, delivery: str) -> None:
        """The place is free again."""
        self.taken.discard(delivery)
