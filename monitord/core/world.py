"""All live state by key, and drafts of what a decision would change.

Theory of operation. A record is an immutable value with a `key`; the world keeps the newest of each that is
still `live` (what has ended stays in the store). A *draft* lies over a world, or over another draft: it sees
what it has put itself, and through it what lies below, so that a decision can be thrown away whole. The shell
lays one draft over the world for all facts of a commit, and one over that for each fact. `due` hands
out the facts "its time has come", one an entity, so that one that cannot be decided stops no other.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

from monitord.core.absence import Absence
from monitord.core.almanac import CalendarSource
from monitord.core.check import Instant, Probe
from monitord.core.employment import Employment, staff_of, without_leavers
from monitord.core.facts import DUE_FACTS, Due, Installation, Record
from monitord.core.heartbeat import Heartbeat
from monitord.core.organization import Access, Component, Person, Service, StatusPage, Team
from monitord.core.policy import Policy
from monitord.core.report import Integration
from monitord.core.rotation import Rotation
from monitord.core.severity import SEVERITIES, Severities
from monitord.core.shelf import INDEXES, Shelf
from monitord.core.silence import Fits
from monitord.core.verdict import Window
from monitord.core.webhook import Webhook
from monitord.core.workhours import Holidays


def to_the_letter(pattern: str, text: str) -> bool:
    """Without anybody who reads patterns, a pattern fits what it is itself."""
    return pattern == text


@dataclass(frozen=True, slots=True)
class Configuration:
    """One accepted configuration as values; every mapping is by id and read-only by agreement."""

    organization: str = ""
    time_zone: str = "UTC"
    probes: Mapping[str, Probe] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    left: Mapping[str, Person] = field(default_factory=dict)  # of whom only the name counts
    teams: Mapping[str, Team] = field(default_factory=dict)
    rotations: Mapping[str, Rotation] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    status_pages: tuple[StatusPage, ...] = ()
    windows: tuple[Window, ...] = ()
    last_resort: tuple[str, ...] = ()
    severities: Severities = field(default_factory=lambda: SEVERITIES)
    urgent_by_hand: tuple[str, ...] = ()
    reopen_within: timedelta = timedelta(minutes=30)
    calling_channels: frozenset[str] = frozenset()
    access: Access = field(default_factory=Access)
    revision: str = ""
    webhooks: Mapping[str, Webhook] = field(default_factory=dict)
    heartbeats: Mapping[str, Heartbeat] = field(default_factory=dict)
    integrations: Mapping[str, Integration] = field(default_factory=dict)
    fits: Fits = to_the_letter
    absences: tuple[Absence, ...] = ()
    calendars: Mapping[str, CalendarSource] = field(default_factory=dict)
    holidays: Holidays = field(default_factory=dict)

    def component(self, name: str) -> Component | None:
        """The component of that id on any page."""
        return next((c for page in self.status_pages for c in page.components if c.id == name), None)

    def name_of(self, person: str) -> str:
        """As people call them."""
        known = self.people.get(person) or self.left.get(person)
        return known.name if known is not None and known.name else person

    def component_names(self, ids: Iterable[str]) -> tuple[str, ...]:
        """What the public calls them."""
        return tuple(found.name if (found := self.component(each)) else each for each in ids)


R = TypeVar("R")


class World:
    """What is true now: the committed, live records, and the configuration in force. `accepted` is what the
    files say; `configuration` leaves out who has left.
    """

    def __init__(self, configuration: Configuration, installation: Installation) -> None:
        self.shelf = Shelf()
        self.accept(configuration)
        self.armed: dict[tuple[type[Any], Any], Instant] = {}
        self.deadlines: list[tuple[Instant, int, type[Any], Any]] = []
        self.arming = count()
        self.apply([installation])

    @property
    def configuration(self) -> Configuration:
        return self.counted

    def accept(self, accepted: Configuration) -> None:
        """From now on the files say this."""
        self.accepted = accepted
        self.counted = without_leavers(accepted, staff_of(self))

    @property
    def installation(self) -> Installation:
        found: Installation = self.shelf.tables[Installation][""]
        return found

    def get(self, kind: type[R], key: Hashable) -> R | None:
        found: R | None = self.shelf.table(kind).get(key)
        return found

    def all(self, kind: type[R]) -> list[R]:
        """Every live record of a kind, in order of key."""
        table = self.shelf.table(kind)
        return [table[key] for key in sorted(table)]

    def how_many(self, kind: type[Any]) -> int:
        return len(self.shelf.table(kind))

    def keys(self, index: str, word: Hashable) -> Iterable[Any]:
        return self.shelf.keys(index, word)

    def find(self, index: str, word: Hashable) -> list[Any]:
        """The records under a word, in order of key."""
        table = self.shelf.table(INDEXES[index][0])
        return [table[key] for key in sorted(self.shelf.keys(index, word))]

    def apply(self, records: Iterable[Record]) -> None:
        """Make committed records true; what has ended leaves."""
        staff = False
        for record in records:
            staff = staff or isinstance(record, Employment)
            if is_live(record):
                self.shelf.place(record)
            else:
                self.shelf.remove(record)
            self.arm(record)
        if staff:
            self.accept(self.accepted)

    def arm(self, record: Record) -> None:
        """Remember when this record is due, instead of what was remembered of it."""
        place = (type(record), record.key)
        due = getattr(record, "due", None) if is_live(record) and type(record) in DUE_FACTS else None
        if due is None:
            self.armed.pop(place, None)
        elif self.armed.get(place) != due:
            self.armed[place] = due
            heappush(self.deadlines, (due, next(self.arming), *place))

    def due(self, now: Instant) -> list[Due]:
        """The facts whose time has come; each is handed out once, until its record is armed again."""
        facts = []
        while (first := self.next_deadline()) is not None and first <= now:
            _, _, kind, key = heappop(self.deadlines)
            del self.armed[kind, key]
            facts.append(DUE_FACTS[kind](key))
        return facts

    def next_deadline(self) -> Instant | None:
        """The next instant at which something is due; what was armed anew since is dropped."""
        while self.deadlines:
            at, _, kind, key = self.deadlines[0]
            if self.armed.get((kind, key)) == at:
                return at
            heappop(self.deadlines)
        return None


class Draft:
    """What a decision would make of the world, or draft, below it; events in the order they came. Of the
    configuration it keeps what was accepted when it began: the world's may be another before it is over.
    """

    __slots__ = ("accepted", "below", "configuration", "events", "now", "order", "shelf")

    def __init__(self, below: "World | Draft", now: Instant) -> None:
        self.below = below
        self.accepted: Configuration = below.accepted
        self.configuration: Configuration = below.configuration
        self.now = now
        self.shelf = Shelf()
        self.order: dict[tuple[type[Any], Any], None] = {}
        self.events: list[Any] = []

    @property
    def installation(self) -> Installation:
        found: Installation | None = self.get(Installation, "")
        assert found is not None, "a world always has its installation"
        return found

    @property
    def records(self) -> tuple[Record, ...]:
        """The newest value of everything that was put, in the order of first putting."""
        return tuple(self.shelf.tables[kind][key] for kind, key in self.order)

    def get(self, kind: type[R], key: Hashable) -> R | None:
        """The record as it would be; None when there is none or it has ended."""
        own = self.shelf.table(kind).get(key)
        if own is not None:
            return own if is_live(own) else None
        return self.below.get(kind, key)

    def how_many(self, kind: type[Any]) -> int:
        own = self.shelf.table(kind)
        known = sum(self.below.get(kind, key) is not None for key in own)
        return self.below.how_many(kind) - known + sum(map(is_live, own.values()))

    def keys(self, index: str, word: Hashable) -> Iterator[Any]:
        own = self.shelf.table(INDEXES[index][0])
        yield from (key for key in self.below.keys(index, word) if key not in own)
        yield from (key for key in self.shelf.keys(index, word) if is_live(own[key]))

    def find(self, index: str, word: Hashable) -> list[Any]:
        """The records under a word, in order of key."""
        kind = INDEXES[index][0]
        return [self.get(kind, key) for key in sorted(self.keys(index, word))]

    def all(self, kind: type[R]) -> list[R]:
        """Every live record of a kind as it would be, in order of key."""
        own = self.shelf.table(kind)
        below: list[Any] = list(self.below.all(kind))
        merged: dict[Any, Any] = {record.key: record for record in below} | dict(own)
        return [record for _, record in sorted(merged.items()) if is_live(record)]

    def put(self, *records: Record) -> None:
        for record in records:
            self.shelf.place(record)
            self.order[type(record), record.key] = None
        if any(isinstance(record, Employment) for record in records):
            self.configuration = without_leavers(self.accepted, staff_of(self))

    def tell(self, *events: Any) -> None:
        self.events.extend(events)

    def absorb(self, decided: "Draft") -> None:
        """Take over what a draft above this one has decided."""
        self.put(*decided.records)
        self.events.extend(decided.events)


def is_live(record: Any) -> bool:
    """Records that can end say so; the others always live."""
    return getattr(record, "live", True) is not False


Stage = Mapping[type[Any], Callable[[Draft, Any], None]]  # what has happened -> what follows from it
