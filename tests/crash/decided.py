"""A short outage, decided by the core: batches as the engine would commit them, for tests of the store."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from monitord.core.check import CheckResult, Outcome, Probe
from monitord.core.command import Acknowledge, Comment
from monitord.core.delivery import AttemptStarted, Delivery, DeliverySent
from monitord.core.facts import Installation
from monitord.core.flow import react
from monitord.core.organization import Component, ContactMethod, Person, PublicEffect, Service, StatusPage
from monitord.core.policy import Policy, Tier
from monitord.core.subscription import Broadcast, ConfirmSubscription, ExpandBroadcast, Subscribe, Subscriber
from monitord.core.ticket import Ticket
from monitord.core.world import Configuration, Draft, World
from monitord.store import Batch, Entry

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

CONFIGURATION = Configuration(
    organization="Example Shop",
    probes={"web": Probe("web", "shop", failures=2, passes=1)},
    services={
        "shop": Service(
            "shop",
            policies=(("default", "urgent"),),
            components=("Shop",),
            public=PublicEffect(publish_after=timedelta(0)),
        )
    },
    people={
        name: Person(name, name.title(), reach=(ContactMethod("email", f"{name}@example.org"),))
        for name in ("ann", "bo")
    },
    policies={"urgent": Policy("urgent", (Tier(("ann",), 5 * MINUTE), Tier(("bo",), 5 * MINUTE)))},
    status_pages=(StatusPage("main", "Status", (Component("Shop", "Shop"),)),),
    revision="r1",
)


def check(outcome: Outcome, minute: int) -> CheckResult:
    return CheckResult("web", outcome, START + minute * MINUTE, f"said {outcome.value}", timedelta(seconds=1))


def story(world: World) -> Iterator[tuple[int, list[Any]]]:
    """What happens at which minute; each list is one batch."""
    yield 0, [Subscribe("sub@example.org")]
    yield 1, [ConfirmSubscription(subscriber.id) for subscriber in world.all(Subscriber)]
    yield 2, [check(Outcome.CRITICAL, 2)]
    yield 3, [check(Outcome.CRITICAL, 3)]
    yield 3, [AttemptStarted(delivery.id) for delivery in world.all(Delivery)]
    yield 3, [DeliverySent(delivery.id) for delivery in world.all(Delivery)]
    yield 3, [ExpandBroadcast(broadcast.post) for broadcast in world.all(Broadcast)]
    yield 9, [*world.due(START + 9 * MINUTE)]
    yield 10, [Acknowledge(ticket.number, "bo") for ticket in world.all(Ticket)]
    yield 11, [Comment(1, "bo", "a cable – ünplugged"), check(Outcome.OK, 11)]


def decided(world: World, term: int) -> Iterator[Batch]:
    """One batch after the other; when the next is asked for, the last one counts as committed."""
    for minute, facts in story(world):
        now = START + minute * MINUTE
        draft = Draft(world, now)
        entries = []
        for fact in facts:
            decision = react(draft, fact, now)
            draft.put(*decision.records)
            if decision.records or decision.events:
                entries.append(Entry(fact, now, decision.records, decision.events))
        assert entries, f"minute {minute} of the story changed nothing"
        yield Batch(term, "r1", tuple(entries))
        world.apply(draft.records)


def new_world(epoch: str) -> World:
    return World(CONFIGURATION, Installation(epoch))


def content(world: World) -> dict[Any, Any]:
    """What a world holds, to compare."""
    return {kind: dict(table) for kind, table in world.shelf.tables.items() if table}
