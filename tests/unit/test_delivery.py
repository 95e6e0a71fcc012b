"""One message to one address: attempts, backoff, ambiguity, and the end of patience."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.check import Instant
from monitord.core.delivery import (
    ATTEMPTS_MAX,
    WEBHOOK_FOR,
    Delivery,
    DeliveryFailed,
    DeliveryHandedOver,
    DeliveryPutOff,
    DeliveryRefused,
    DeliverySent,
    DeliveryState,
    DeliveryWithdrawn,
    Purpose,
    interrupted,
    refused,
    sent,
    start,
    withdrawn,
)
from monitord.core.wording import Text

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
MAIL = "e1/7/1/1/ann/0.email"
PENDING = Delivery(
    MAIL,
    Purpose.PAGE,
    "email",
    "ann@example.org",
    NOW,
    NOW,
    Text("web is down", ()),
    ticket=7,
    round=1,
    person="ann",
)
SENDING = replace(PENDING, state=DeliveryState.SENDING, due=None, attempts=1)


def in_seconds(seconds: float) -> Instant:
    return NOW + timedelta(seconds=seconds)


def test_an_attempt_is_recorded_before_anything_leaves() -> None:
    assert SENDING == start(PENDING, NOW)


@pytest.mark.parametrize(
    "delivery",
    [
        replace(PENDING, due=in_seconds(1)),
        replace(PENDING, due=None),
        *(replace(PENDING, state=state) for state in DeliveryState if state is not DeliveryState.PENDING),
    ],
    ids=lambda delivery: delivery.state.value,
)
def test_what_is_not_pending_and_due_must_not_be_sent(delivery: Delivery) -> None:
    assert delivery is start(delivery, NOW)


def test_handed_over_is_settled_with_what_the_channel_said() -> None:
    delivery, event = sent(SENDING, DeliverySent(MAIL, "250 queued"))

    assert replace(SENDING, state=DeliveryState.SENT, why="250 queued") == delivery
    assert DeliveryHandedOver(7, MAIL, "ann", "email", "ann@example.org", Purpose.PAGE) == event


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 5), (2, 15), (3, 30), (4, 60), (5, 120), (6, 300), (7, 300), (39, 300)],
)
def test_a_temporary_refusal_is_tried_again_after_its_time(attempts: int, seconds: int) -> None:
    trying = replace(SENDING, attempts=attempts)

    delivery, event = refused(trying, DeliveryRefused(MAIL, "greylisted"), NOW)

    assert replace(trying, state=DeliveryState.PENDING, due=in_seconds(seconds), why="greylisted") == delivery
    assert DeliveryPutOff(7, MAIL, "ann", "email", "greylisted", in_seconds(seconds)) == event


IN_TIME = [purpose for purpose in Purpose if purpose is not Purpose.WEBHOOK]


@pytest.mark.parametrize("purpose", IN_TIME, ids=lambda purpose: purpose.value)
def test_the_last_attempt_of_each_purpose_is_the_last(purpose: Purpose) -> None:
    most = ATTEMPTS_MAX[purpose.value]
    last_but_one = replace(SENDING, purpose=purpose, attempts=most - 1)
    last = replace(SENDING, purpose=purpose, attempts=most)

    assert [DeliveryPutOff, DeliveryFailed] == [
        type(refused(delivery, DeliveryRefused(MAIL, "busy"), NOW)[1]) for delivery in (last_but_one, last)
    ]


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 15), (3, 60), (4, 300), (5, 900), (6, 3600), (60, 3600)]
)
def test_a_webhook_is_tried_again_more_and_more_seldom(attempts: int, seconds: int) -> None:
    trying = replace(SENDING, purpose=Purpose.WEBHOOK, attempts=attempts)

    assert in_seconds(seconds) == refused(trying, DeliveryRefused(MAIL, "503", ambiguous=True), NOW)[0].due


def test_a_webhook_is_tried_for_two_days() -> None:
    trying = replace(SENDING, purpose=Purpose.WEBHOOK, attempts=60, ambiguous=9)
    just_before, after = NOW + WEBHOOK_FOR - timedelta(seconds=1), NOW + WEBHOOK_FOR

    assert DeliveryState.PENDING is refused(trying, DeliveryRefused(MAIL, "503"), just_before)[0].state
    assert DeliveryState.PENDING is interrupted(trying, just_before)[0].state
    assert DeliveryState.FAILED is refused(trying, DeliveryRefused(MAIL, "503"), after)[0].state


def test_a_permanent_refusal_is_never_tried_again() -> None:
    delivery, event = refused(SENDING, DeliveryRefused(MAIL, "no such mailbox", permanent=True), NOW)

    assert replace(SENDING, state=DeliveryState.FAILED, why="no such mailbox") == delivery
    assert DeliveryFailed(7, MAIL, "ann", "email", "no such mailbox") == event


def test_an_ambiguous_attempt_is_tried_once_more() -> None:
    lost = DeliveryRefused(MAIL, "lost after DATA", ambiguous=True)

    once, put_off = refused(SENDING, lost, NOW)
    twice, failed = refused(start(once, in_seconds(5)), lost, in_seconds(5))

    assert (DeliveryState.PENDING, 1, in_seconds(5)) == (once.state, once.ambiguous, once.due)
    assert (DeliveryState.FAILED, 2, None) == (twice.state, twice.ambiguous, twice.due)
    assert [DeliveryPutOff, DeliveryFailed] == [type(put_off), type(failed)]


def test_an_interrupted_attempt_is_made_once_more_at_once_under_its_name_and_date() -> None:
    delivery, event = interrupted(SENDING, in_seconds(60))

    assert replace(SENDING, state=DeliveryState.PENDING, due=in_seconds(60), ambiguous=1) == delivery
    assert DeliveryPutOff(7, MAIL, "ann", "email", "interrupted while sending", in_seconds(60)) == event


def test_interrupted_twice_it_counts_as_refused() -> None:
    delivery, event = interrupted(replace(SENDING, ambiguous=1), NOW)

    why = "interrupted twice; it may have arrived"
    assert replace(SENDING, state=DeliveryState.FAILED, ambiguous=2, why=why) == delivery
    assert DeliveryFailed(7, MAIL, "ann", "email", why) == event


def test_what_is_no_longer_needed_is_withdrawn() -> None:
    delivery, event = withdrawn(PENDING, "bo has acknowledged")

    assert replace(PENDING, state=DeliveryState.WITHDRAWN, due=None, why="bo has acknowledged") == delivery
    assert DeliveryWithdrawn(7, MAIL, "ann", "email", "bo has acknowledged") == event


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (DeliveryState.PENDING, True),
        (DeliveryState.SENDING, True),
        (DeliveryState.SENT, False),
        (DeliveryState.FAILED, False),
        (DeliveryState.WITHDRAWN, False),
    ],
)
def test_what_is_settled_leaves_the_world(state: DeliveryState, expected: bool) -> None:
    delivery = replace(PENDING, state=state)

    assert (MAIL, expected) == (delivery.key, delivery.live)
