"""A shop front: the two doors to the outside over the real core; the test plays clock and archive."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitord.core.check import CheckResult, Instant, Outcome, Probe
from monitord.core.facts import Fact, Installation, Record
from monitord.core.flow import Decision, react
from monitord.core.organization import (
    Component,
    ComponentState,
    ContactMethod,
    Person,
    PublicEffect,
    Service,
    StatusPage,
)
from monitord.core.policy import Policy, Tier
from monitord.core.roster import in_force
from monitord.core.statuspage import Incident, Post
from monitord.core.verdict import Window
from monitord.core.wording import Link
from monitord.core.world import Configuration, World
from monitord.engine.clock import VirtualClock
from monitord.engine.links import Links
from monitord.store.reads import Reads
from monitord.web.edge.door import EdgeDoor
from monitord.web.public.door import PublicDoor
from monitord.web.public.publisher import Publisher
from monitord.web.public.subscriptions import Subscriptions
from monitord.web.shelf import Shelf
from tests.fakes.feeds import feeds_of
from tests.fakes.shop import logbook

START = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)  # 03:12 in Chicago
SECRET = b"an old secret of this test"
PUBLIC, EDGE = "http://status.example.org", "http://edge.example.org"
ZONE = "America/Chicago"

SERVICES = {
    "shop": Service(
        "shop",
        "Shop",
        policies=(("default", "urgent"),),
        components=("shop",),
        public=PublicEffect(ComponentState.MAJOR_OUTAGE, timedelta(minutes=5)),
        links=(("runbook", "https://wiki.example.org/shop"),),
    ),
    "pay": Service(
        "pay",
        policies=(("default", "urgent"),),
        components=("pay",),
        public=PublicEffect(ComponentState.DEGRADED, timedelta(0)),
    ),
}
PAGE = StatusPage(
    "status",
    "Example Shop status",
    (
        Component("shop", "Shop", "Storefront", "Browsing and checkout"),
        Component("search", "Search", "Storefront", "Finding things"),
        Component("pay", "Payments", "", "Cards and invoices"),
        Component("mail", "Order mails"),
    ),
)
PEOPLE = {
    name: Person(name, f"{name.title()} Example", ZONE, (ContactMethod("email", f"{name}@example.org"),))
    for name in ("ann", "bo", "cem", "dee")
}


class NoKeys:
    """A keyring with nothing on it."""

    def is_ping_key(self, key: str) -> bool:
        return False


class Nobody:
    """An intake without integrations and heartbeats."""

    keyring: Any = NoKeys()

    def find(self, path: str) -> None:
        return None

    async def take(self, place: Any, request: Any, client: str = "") -> Any:
        raise AssertionError("there is nobody")


def configuration(**changes: Any) -> Configuration:
    """A small shop; ann is asked first, then bo, then cem."""
    tiers = tuple(Tier((person,), timedelta(minutes=5)) for person in ("ann", "bo", "cem"))
    told: dict[str, Any] = {
        "organization": "Example Shop",
        "time_zone": ZONE,
        "probes": {
            "web": Probe("web", "shop", failures=1, passes=1),
            "cards": Probe("cards", "pay", failures=1, passes=1),
        },
        "services": SERVICES,
        "people": PEOPLE,
        "policies": {"urgent": Policy("urgent", tiers)},
        "status_pages": (PAGE,),
        "revision": "r1",
    }
    return Configuration(**{**told, **changes})


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    host: str = "127.0.0.1"
    port: int = 0


@dataclass(frozen=True, slots=True)
class Addresses:
    public: Address = Address(PUBLIC)
    edge: Address = Address(EDGE)


class Front:
    """An engine that decides at once (`world`, `post`, `listen`), an archive, and both doors."""

    def __init__(self, told: Configuration | None = None, start: Instant = START) -> None:
        self.clock = VirtualClock(start)
        self.world = World(told or configuration(), Installation("e1"))
        self.log, self.lines = logbook()
        self.last_cycle_at = self.clock.monotonic()
        self.standing_still = False
        self.facts: list[Fact] = []
        self.events: list[Any] = []
        self.listeners: list[Callable[[Sequence[Record], Sequence[Any]], None]] = []
        self.kept: dict[str, Incident] = {}
        self.kept_posts: list[Post] = []
        self.links = Links(SECRET, Addresses())
        self.shelf = Shelf()
        self.publisher = Publisher(self, self, self.clock, self.shelf, PUBLIC, self.log, offers_mail=True)
        desk = Subscriptions(self, self.links, self.clock, PUBLIC, self.publisher.site, self.log)
        self.public = PublicDoor(self.shelf, desk, self.clock, self.log)
        self.feeds = feeds_of(lambda: in_force(self.world), self.links, self.clock)
        self.edge = EdgeDoor(self, self.links, self.clock, self.log, Nobody(), self.feeds)

    # The engine.

    def post(self, fact: Fact) -> asyncio.Future[Decision]:
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        answer.set_result(self.do(fact))
        return answer

    def do(self, fact: Fact) -> Decision:
        self.facts.append(fact)
        decision = react(self.world, fact, self.clock.now())
        self.world.apply(decision.records)
        self.events += decision.events
        for record in decision.records:
            if isinstance(record, Incident):
                self.kept[record.id] = record
            elif isinstance(record, Post):
                self.kept_posts.append(record)
        for listener in self.listeners:
            listener(decision.records, decision.events)
        self.beat()
        return decision

    def beat(self) -> None:
        if not self.standing_still:
            self.last_cycle_at = self.clock.monotonic()

    def listen(self, listener: Callable[[Sequence[Record], Sequence[Any]], None]) -> None:
        self.listeners.append(listener)

    # The archive.

    async def ask(self, question: Any, *args: Any) -> Any:
        return {Reads.incidents: self.incidents, Reads.posts: self.posts}[question](*args)

    def incidents(self, since: Instant, limit: int) -> list[Incident]:
        newest = sorted(self.kept.values(), key=lambda incident: incident.started, reverse=True)
        return [incident for incident in newest if incident.started >= since][:limit]

    def posts(self, incident: str) -> list[Post]:
        return [post for post in self.kept_posts if post.incident == incident]

    # What happens.

    def fails(self, probe: str = "web", summary: str = "503 Service Unavailable after 1.2 s") -> Decision:
        return self.do(CheckResult(probe, Outcome.CRITICAL, self.clock.now(), summary))

    def heals(self, probe: str = "web") -> Decision:
        return self.do(CheckResult(probe, Outcome.OK, self.clock.now(), "200 OK"))

    def passes(self, span: timedelta) -> None:
        """Let time pass; everything that is due on the way is decided in its time."""
        end = self.clock.now() + span
        while (at := self.world.next_deadline()) is not None and at <= end:
            self.clock.passed = max(self.clock.passed, (at - self.clock.start).total_seconds())
            for fact in self.world.due(self.clock.now()):
                self.do(fact)
        self.clock.passed = (end - self.clock.start).total_seconds()
        self.beat()

    def token(self, who: str = "ann", ticket: int = 1, round: int = 1) -> str:
        return self.links.token(self.answer_link(who, ticket, round))

    def number(self, who: str = "ann", ticket: int = 1, round: int = 1) -> str:
        return self.links.number(self.answer_link(who, ticket, round))

    def answer_link(self, who: str, ticket: int, round: int) -> Link:
        return Link("answer", "", ticket, round, who)

    def happened(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


def window(start: timedelta, end: timedelta, **told: Any) -> Window:
    """A maintenance of the search, announced on the page; times are from the START."""
    return Window(
        **{
            "id": "search-index",
            "start": START + start,
            "end": START + end,
            "components": ("search",),
            "announce": "status",
            "name": "New search index",
            "text": "Results may be incomplete.",
            **told,
        }
    )
