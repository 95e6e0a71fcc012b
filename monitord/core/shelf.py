"""A shelf: records by kind and key, and by the words under which they want to be found.

Theory of operation. An index is a function from a record to its words. A world has one shelf, and every draft
over it a small one of its own.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from monitord.core.delivery import Delivery, DeliveryState
from monitord.core.employment import STAFF, Employment, words_of
from monitord.core.signal import Signal
from monitord.core.statuspage import Incident
from monitord.core.subscription import Subscriber, SubscriberState
from monitord.core.ticket import Ticket
from monitord.core.verdict import Action, Verdict

Words = Callable[[Any], tuple[Hashable, ...]]

INDEXES: dict[str, tuple[type[Any], Words]] = {
    "tickets by cause": (Ticket, lambda ticket: (ticket.cause,)),
    "tickets by signal": (Ticket, lambda ticket: () if ticket.ended else ticket.signals),
    "ended tickets by signal": (Ticket, lambda ticket: ticket.signals if ticket.ended else ()),
    "open tickets": (Ticket, lambda ticket: () if ticket.ended else ("open",)),
    "verdicts by wait": (Verdict, lambda verdict: verdict.waits_on if verdict.action is Action.HOLD else ()),
    "incidents by component": (
        Incident,
        lambda incident: tuple(component for component, _ in incident.affects),
    ),
    "signals by service": (Signal, lambda signal: (signal.service,)),
    "signals by probe": (Signal, lambda signal: (signal.probe,) if signal.probe else ()),
    "deliveries by ticket": (Delivery, lambda delivery: (delivery.ticket,) if delivery.ticket else ()),
    "deliveries by chain": (Delivery, lambda delivery: (delivery.chain,) if delivery.chain else ()),
    "refused so far": (
        Delivery,
        lambda delivery: (
            (delivery.ticket,)
            if delivery.ticket and delivery.attempts and delivery.state is DeliveryState.PENDING
            else ()
        ),
    ),
    "deliveries by subscriber": (
        Delivery,
        lambda delivery: (delivery.subscriber,) if delivery.subscriber else (),
    ),
    "incidents by service": (Incident, lambda incident: (incident.service,) if incident.service else ()),
    "confirmed": (
        Subscriber,
        lambda subscriber: ("all",) if subscriber.state is SubscriberState.CONFIRMED else (),
    ),
    STAFF: (Employment, words_of),
}
INDEXES_OF: dict[type[Any], tuple[tuple[str, Words], ...]] = {
    kind: tuple((name, words) for name, (of, words) in INDEXES.items() if of is kind)
    for kind in {of for of, _ in INDEXES.values()}
}
NOTHING: Mapping[Any, Any] = {}


class Shelf:
    """Records by kind and key, with the indexes kept true."""

    __slots__ = ("indexes", "tables")

    def __init__(self) -> None:
        self.tables: dict[type[Any], dict[Any, Any]] = {}
        self.indexes: dict[str, dict[Hashable, dict[Any, None]]] = {}

    def table(self, kind: type[Any]) -> Mapping[Any, Any]:
        return self.tables.get(kind, NOTHING)

    def keys(self, index: str, word: Hashable) -> Mapping[Any, None]:
        return self.indexes.get(index, NOTHING).get(word, NOTHING)

    def place(self, record: Any) -> None:
        """Put a record where its key says, in the place of an older one."""
        table, key = self.tables.setdefault(type(record), {}), record.key
        older = table.get(key)
        table[key] = record
        for name, words in INDEXES_OF.get(type(record), ()):
            self.reindex(name, key, words(older) if older is not None else (), words(record))

    def remove(self, record: Any) -> None:
        older = self.tables.get(type(record), {}).pop(record.key, None)
        if older is not None:
            for name, words in INDEXES_OF.get(type(record), ()):
                self.reindex(name, record.key, words(older), ())

    def reindex(self, name: str, key: Any, before: tuple[Hashable, ...], now: tuple[Hashable, ...]) -> None:
        """Find `key` under the words of now, and no longer under those it had before; most stay the same."""
        if before == now:
            return
        index = self.indexes.setdefault(name, {})
        old, new = dict.fromkeys(before), dict.fromkeys(now)
        for word in old:
            if word not in new:
                del index[word][key]
                if not index[word]:
                    del index[word]
        for word in new:
            if word not in old:
                index.setdefault(word, {})[key] = None
