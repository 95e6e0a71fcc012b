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
    """`places` deliveries at once, the most urgent first, none of them twice; addresses take turns.

    Theory of operation. Within one rank whoever has many messages waiting gets one of them away in each turn,
    the longest due; so a storm over one team keeps nobody else's page waiting. Who begins to wait takes part
    in the turn that is going on.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self.ready: list[tuple[int, int, Instant, str]] = []  # rank, turn, and whose turn it is
        self.lines: dict[tuple[int, str], list[tuple[Instant, str]]] = {}
        self.turns: dict[int, int] = {}
        self.taken: set[str] = set()
        self.queued: set[str] = set()

    def queue(self, delivery: Delivery) -> None:
        assert delivery.due is not None, "only what is due is queued"
        if delivery.id in self.queued or delivery.id in self.taken:
            return
        self.queued.add(delivery.id)
        rank, address = RANK[delivery.purpose], delivery.address
        line = self.lines.setdefault((rank, address), [])
        heappush(line, (delivery.due, delivery.id))
        if len(line) == 1:
            heappush(self.ready, (rank, self.turns.get(rank, 0), delivery.due, address))

    def next(self) -> str | None:
        """Take the next one's place; None when every place is taken, or nobody waits."""
        if not self.ready or len(self.taken) >= self.places:
            return None
        rank, turn, _, address = heappop(self.ready)
        self.turns[rank] = turn
        line = self.lines[rank, address]
        key = heappop(line)[1]
        if line:
            heappush(self.ready, (rank, turn + 1, line[0][0], address))
        else:
            del self.lines[rank, address]
        self.queued.discard(key)
        self.taken.add(key)
        return key

    def welcomes(self, delivery: str) -> bool:
        """Is there a place for it, and nobody who waits for one?"""
        return not self.ready and len(self.taken) < self.places and delivery not in self.taken

    def enter(self, delivery: str) -> None:
        """Take the place without waiting."""
        self.taken.add(delivery)

    def leave(self, delivery: str) -> None:
        """The place is free again."""
        self.taken.discard(delivery)
