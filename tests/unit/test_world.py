"""The world and its drafts: what lies over it is seen as if it were true, and each deadline is met once."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.core.amendment import Amendment
from monitord.core.check import Instant
from monitord.core.delivery import Delivery, DeliveryState, Purpose
from monitord.core.escalation import Escalation, EscalationDue, RoundReason
from monitord.core.facts import DUE_FACTS, RECORDS, Installation, Record
from monitord.core.health import Health
from monitord.core.heartbeat import Pulse
from monitord.core.leave import Leave
from monitord.core.organization import Component, Priority, StatusPage
from monitord.core.override import Override, OverrideKind
from monitord.core.policy import DeadlineKind, Policy, after
from monitord.core.shelf import INDEXES
from monitord.core.signal import Signal
from monitord.core.silence import Silence
from monitord.core.statuspage import Incident, IncidentDue, Phase, Post
from monitord.core.subscription import Broadcast, Subscriber, SubscriberDue, SubscriberState
from monitord.core.ticket import State, Ticket, TicketDue
from monitord.core.verdict import Action, Reason, Verdict, VerdictDue
from monitord.core.wording import Text
from monitord.core.world import Configuration, Draft, World, is_live

START = datetime(2026, 1, 5, tzinfo=UTC)


def minute(number: float) -> Instant:
    return START + timedelta(minutes=number)


def world(*records: Record) -> World:
    fresh = World(Configuration(), Installation("e1"))
    fresh.apply(records)
    return fresh


def ticket(number: int, **changes: Any) -> Ticket:
    plain = Ticket(number, "web is down", "c", "shop", Priority.URGENT, State.OPEN, START, START, ("c",))
    return replace(plain, **changes)


def escalation(number: int, at: float) -> Escalation:
    deadline = after(DeadlineKind.TIER, START, minute(at) - START)
    return Escalation(number, Policy("up", ()), 1, RoundReason.OPENED, deadline)


def held(key: str, until: float) -> Verdict:
    return Verdict(key, Action.HOLD, Reason.MAINTENANCE, START, minute(until))


# Any sequence of records.

MINUTES = st.integers(0, 9).map(minute)
KEYS = st.sampled_from(("a", "b", "c"))
MAYBE = st.none() | MINUTES
TICKETS = st.builds(
    ticket,
    st.integers(1, 3),
    cause=KEYS,
    state=st.sampled_from(State),
    signals=st.lists(KEYS, max_size=3, unique=True).map(tuple),
    resolved=MAYBE,
    archived=st.booleans(),
)
VERDICTS = st.builds(
    Verdict,
    KEYS,
    st.sampled_from(Action),
    st.sampled_from(Reason),
    MINUTES,
    MAYBE,
    st.lists(KEYS, max_size=2).map(tuple),
)
SIGNALS = st.builds(
    Signal,
    KEYS,
    st.just("down"),
    KEYS,
    st.booleans(),
    MINUTES,
    MINUTES,
    probe=st.none() | KEYS,
    ends=MAYBE,
)
PULSES = st.builds(Pulse, KEYS, due=MAYBE, removed=st.booleans())
SILENCES = st.builds(
    Silence, KEYS, st.just(()), KEYS, KEYS, MINUTES, MINUTES, begun=st.booleans(), ended=st.booleans()
)
AMENDMENTS = st.builds(
    lambda key, end, over: Amendment(
        key, "primary", Override(key, START, end, OverrideKind.REMOVE, "ann"), "bo", "ill", over=over
    ),
    KEYS,
    MINUTES,
    st.booleans(),
)
LEAVES = st.builds(
    lambda key, end, over: Leave(key, "ann", START, end, "bo", START, over=over), KEYS, MINUTES, st.booleans()
)
ESCALATIONS = st.builds(
    lambda number, at, ended: replace(escalation(number, at), ended=ended),
    st.integers(1, 3),
    st.integers(0, 9),
    st.booleans(),
)
DELIVERIES = st.builds(
    Delivery,
    KEYS,
    st.sampled_from(Purpose),
    KEYS,
    KEYS,
    MINUTES,
    MAYBE,
    st.just(Text("", ())),
    ticket=st.none() | st.integers(1, 3),
    chain=st.just("") | KEYS,
    subscriber=st.none() | KEYS,
    state=st.sampled_from(DeliveryState),
)
INCIDENTS = st.builds(
    Incident, KEYS, KEYS, st.sampled_from(Phase), MINUTES, st.just(()), st.none() | KEYS, publish_at=MAYBE
)
SUBSCRIBERS = st.builds(Subscriber, KEYS, KEYS, KEYS, st.sampled_from(SubscriberState), MINUTES)
BROADCASTS = st.builds(Broadcast, KEYS, KEYS, KEYS, KEYS, KEYS, MINUTES, KEYS, st.booleans())
HEALTHS = st.builds(Health, KEYS, st.booleans())
POSTS = st.builds(Post, KEYS, st.integers(1, 3), MINUTES, st.sampled_from(Phase), KEYS, KEYS)
INSTALLATIONS = st.builds(Installation, st.just("e1"), st.integers(1, 9))
ANYTHING = st.one_of(
    TICKETS,
    VERDICTS,
    SIGNALS,
    ESCALATIONS,
    DELIVERIES,
    INCIDENTS,
    SUBSCRIBERS,
    BROADCASTS,
    HEALTHS,
    POSTS,
    INSTALLATIONS,
    PULSES,
    SILENCES,
    AMENDMENTS,
    LEAVES,
)
WORDS = ("a", "b", "c", "open", "all", 1, 2, 3)
SEQUENCES = st.lists(ANYTHING, max_size=12)


def everything(seen: World | Draft) -> dict[Any, Any]:
    """All that can be asked of a world: every record, every list, every index."""
    lists = {kind: seen.all(kind) for kind in RECORDS}
    found = {(index, word): seen.find(index, word) for index in INDEXES for word in WORDS}
    keys = {(index, word): sorted(seen.keys(index, word)) for index in INDEXES for word in WORDS}
    single = {
        (kind, key): seen.get(kind, key)
        for kind in RECORDS
        for key in (*WORDS, "", "a:down", "b:down", "a/1")
    }
    return {"all": lists, "find": found, "keys": keys, "get": single, "": seen.installation}


@settings(max_examples=40)
@given(SEQUENCES, SEQUENCES)
def test_a_draft_is_seen_as_if_it_had_been_applied(below: list[Record], above: list[Record]) -> None:
    true, laid_over = world(*below, *above), Draft(world(*below), START)

    laid_over.put(*above)

    assert everything(true) == everything(laid_over)


@settings(max_examples=40)
@given(SEQUENCES, SEQUENCES, SEQUENCES)
def test_a_draft_over_a_draft_too_and_absorbed_it_is_the_same(
    below: list[Record], middle: list[Record], above: list[Record]
) -> None:
    batch = Draft(world(*below), START)
    batch.put(*middle)
    fact = Draft(batch, START)
    fact.put(*above)
    seen = everything(fact)

    batch.absorb(fact)

    assert everything(world(*below, *middle, *above)) == seen == everything(batch)


@settings(max_examples=40)
@given(SEQUENCES, SEQUENCES)
def test_what_a_draft_puts_is_what_has_to_be_applied(below: list[Record], above: list[Record]) -> None:
    draft, applied = Draft(world(*below), START), world(*below)
    draft.put(*above)

    applied.apply(draft.records)

    assert everything(world(*below, *above)) == everything(applied)
    assert {(type(record), record.key) for record in above} == {
        (type(record), record.key) for record in draft.records
    }


@given(SEQUENCES)
def test_the_indexes_forget_what_has_ended(records: list[Record]) -> None:
    full = world(*records)

    full.apply(ended(full))

    assert {} == {name: words for name, words in full.shelf.indexes.items() if words}


def ended(full: World) -> Iterable[Record]:
    """The last word on everything that has an index."""
    yield from (replace(each, archived=True) for each in full.all(Ticket))
    yield from (replace(each, action=Action.CLEAR) for each in full.all(Verdict))
    yield from (replace(each, raised=False) for each in full.all(Signal))
    yield from (replace(each, state=DeliveryState.SENT) for each in full.all(Delivery))
    yield from (replace(each, phase=Phase.RESOLVED) for each in full.all(Incident))
    yield from (replace(each, state=SubscriberState.GONE) for each in full.all(Subscriber))
    yield from (replace(each, done=True) for each in full.all(Broadcast))
    yield from (replace(each, removed=True) for each in full.all(Pulse))
    yield from (replace(each, ended=True) for each in full.all(Silence))
    yield from (replace(each, over=True) for each in full.all(Amendment))
    yield from (replace(each, over=True) for each in full.all(Leave))


@given(st.lists(ANYTHING, max_size=20))
def test_every_live_deadline_is_handed_out_exactly_once(records: list[Record]) -> None:
    full = world(*records)
    expected = {
        (DUE_FACTS[kind](record.key), record.due)
        for kind in DUE_FACTS
        for record in full.all(kind)
        if record.due is not None
    }

    handed_out = []
    while (at := full.next_deadline()) is not None:
        handed_out += [(fact, at) for fact in full.due(at)]

    assert len(expected) == len(handed_out)
    assert expected == set(handed_out)
    assert [] == full.due(minute(10**6))


# One by one.


def test_what_is_due_comes_in_order_of_time_then_of_arming() -> None:
    full = world(held("b", 2), escalation(7, 1), held("a", 2))

    assert [EscalationDue(7), VerdictDue("b"), VerdictDue("a")] == full.due(minute(2))


def test_nothing_is_due_before_its_time() -> None:
    full = world(escalation(7, 5))

    assert ([], minute(5)) == (full.due(minute(4.99)), full.next_deadline())
    assert ([EscalationDue(7)], None) == (full.due(minute(5)), full.next_deadline())


def test_each_kind_has_its_own_fact() -> None:
    waiting = Incident("i1", "Fire", Phase.WAITING, START, (), publish_at=minute(1))
    pending = Subscriber("s1", "email", "s@x", SubscriberState.PENDING, minute(1) - timedelta(hours=48))
    full = world(
        held("a", 1),
        ticket(7, resolved=minute(1) - timedelta(hours=24), state=State.RESOLVED),
        escalation(8, 1),
        waiting,
        pending,
    )

    assert [
        VerdictDue("a"),
        TicketDue(7),
        EscalationDue(8),
        IncidentDue("i1"),
        SubscriberDue("s1"),
    ] == full.due(minute(1))


def test_a_deadline_that_moved_is_met_where_it_is_now() -> None:
    full = world(escalation(7, 1))

    full.apply([escalation(7, 3)])

    assert [[], [EscalationDue(7)]] == [full.due(minute(2)), full.due(minute(3))]


def test_a_deadline_that_moved_and_came_back_is_met_once() -> None:
    full = world(escalation(7, 1), escalation(7, 3), escalation(7, 1))

    assert ([EscalationDue(7)], None) == (full.due(minute(9)), full.next_deadline())


def test_what_has_ended_is_not_due() -> None:
    full = world(escalation(7, 1))

    full.apply([replace(escalation(7, 1), ended=True)])

    assert ([], None) == (full.due(minute(9)), full.next_deadline())


def test_all_are_in_order_of_their_keys() -> None:
    full = world(ticket(10), ticket(9), Health("b"), Health("a"))
    draft = Draft(full, START)
    draft.put(ticket(2))

    assert [2, 9, 10] == [each.number for each in draft.all(Ticket)]
    assert ["a", "b"] == [each.probe for each in full.all(Health)]


def test_found_are_in_order_of_their_keys_whatever_came_first() -> None:
    full = world(ticket(10), ticket(9))
    draft = Draft(full, START)
    draft.put(ticket(2))

    assert [2, 9, 10] == [each.number for each in draft.find("tickets by cause", "c")]
    assert [] == draft.find("tickets by cause", "x")


def test_what_was_put_comes_out_in_order_of_first_putting_with_its_newest_value() -> None:
    draft = Draft(world(), START)

    draft.put(Health("b"), ticket(1))
    draft.put(Health("b", streak=1))

    assert (Health("b", streak=1), ticket(1)) == draft.records


def test_a_record_that_ended_in_a_draft_is_gone_there_and_still_true_below() -> None:
    full = world(ticket(1))
    draft = Draft(full, START)

    draft.put(ticket(1, archived=True))

    assert (None, [], []) == (
        draft.get(Ticket, 1),
        draft.all(Ticket),
        draft.find("tickets by cause", "c"),
    )
    assert ticket(1) == full.get(Ticket, 1)


def test_what_is_told_is_kept_in_order() -> None:
    draft, above = Draft(world(), START), Draft(world(), START)
    draft.tell("first", "second")
    above.tell("third")

    draft.absorb(above)

    assert ["first", "second", "third"] == draft.events


@pytest.mark.parametrize(
    ("record", "expected"),
    [(Health("a"), True), (ticket(1), True), (ticket(1, archived=True), False)],
)
def test_what_cannot_end_lives(record: Record, expected: bool) -> None:
    assert expected == is_live(record)


def test_components_are_found_on_any_page_and_called_by_their_names() -> None:
    pages = (
        StatusPage("a", "A", (Component("shop", "Shop"),)),
        StatusPage("b", "B", (Component("cart", "Cart"),)),
    )
    configuration = Configuration(status_pages=pages)

    assert Component("cart", "Cart") == configuration.component("cart")
    assert ("Shop", "Cart", "desk") == configuration.component_names(("shop", "cart", "desk"))


def test_the_installation_has_one_place() -> None:
    full = world()
    full.apply([Installation("e1", 8)])

    assert (Installation("e1", 8), "") == (full.installation, full.installation.key)
