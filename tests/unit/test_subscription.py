"""Subscribers and broadcasts: double opt-in with its limits, chunks in order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.check import Instant
from monitord.core.delivery import Delivery, Purpose
from monitord.core.organization import ComponentState
from monitord.core.statuspage import Phase, Post
from monitord.core.subscription import (
    CHUNK_MAX,
    CONFIRMATIONS_MAX,
    Broadcast,
    Subscribe,
    Subscriber,
    SubscriberState,
    asked,
    broadcast,
    chunk,
    confirmation,
    confirmed,
    gone,
    subscriber_id,
)
from monitord.core.wording import Text, post_text

START = datetime(2026, 1, 5, tzinfo=UTC)
ASK = Subscribe("sub@example.org")
POST = Post("i1", 2, START, Phase.IDENTIFIED, "Shop: major outage", "The database.", (), "cem")


def minute(number: float) -> Instant:
    return START + timedelta(minutes=number)


NEW = asked(None, "e1", ASK, START)[0]
SURE = confirmed(NEW, minute(1))


# Double opt-in.


def test_whoever_asks_is_pending_and_gets_one_mail() -> None:
    assert (
        Subscriber(
            id=subscriber_id("e1", "email", "sub@example.org"),
            channel="email",
            address="sub@example.org",
            state=SubscriberState.PENDING,
            asked=START,
            confirmations=1,
        ),
        True,
    ) == asked(None, "e1", Subscribe("  sub@example.org "), START)


@pytest.mark.parametrize(
    ("known", "at", "mail"),
    [
        (NEW, 9.9, False),  # just now
        (NEW, 10, True),
        (replace(NEW, confirmations=CONFIRMATIONS_MAX - 1), 10, True),
        (replace(NEW, confirmations=CONFIRMATIONS_MAX), 10, False),  # enough is enough
        (SURE, 60, False),  # nothing to confirm, and nobody outside learns that
    ],
)
def test_asking_again_is_answered_by_a_mail_only_so_often(known: Subscriber, at: float, mail: bool) -> None:
    after, due = asked(known, "e1", ASK, minute(at))

    assert mail == due
    assert (
        replace(known, asked=minute(at), confirmations=known.confirmations + 1) if mail else known
    ) == after


def test_one_address_is_one_subscriber_however_it_is_written() -> None:
    one = subscriber_id("e1", "email", "Sub@Example.org ")

    assert one == subscriber_id("e1", "email", "sub@example.org")
    assert one != subscriber_id("e2", "email", "sub@example.org")
    assert one != subscriber_id("e1", "sms", "sub@example.org")


def test_who_does_not_confirm_within_two_days_is_forgotten() -> None:
    assert minute(48 * 60) == NEW.due
    assert None is SURE.due


def test_a_confirmation_subscribes() -> None:
    assert (SubscriberState.CONFIRMED, minute(1), True) == (SURE.state, SURE.confirmed, SURE.live)


def test_who_is_gone_leaves_no_address_behind() -> None:
    assert (SubscriberState.GONE, "", False, NEW.key) == (
        gone(SURE).state,
        gone(SURE).address,
        gone(SURE).live,
        gone(SURE).key,
    )


def test_each_request_has_a_confirmation_mail_of_its_own() -> None:
    text = Text("Confirm", ())
    again = asked(NEW, "e1", ASK, minute(10))[0]

    first, second = confirmation("e1", NEW, text, START), confirmation("e1", again, text, minute(10))

    assert first.id != second.id
    assert (Purpose.CONFIRM, "email", "sub@example.org", START, NEW.id, text) == (
        first.purpose,
        first.channel,
        first.address,
        first.due,
        first.subscriber,
        first.text,
    )


# Broadcasts.


def audience(size: int) -> tuple[Subscriber, ...]:
    return tuple(replace(SURE, id=f"s{number:05}", address=f"{number}@x") for number in range(size))


def test_a_post_is_one_broadcast() -> None:
    waiting = broadcast(POST)

    assert Broadcast("i1/2", "i1", "Shop: major outage", "identified", "The database.", START) == waiting
    assert ("i1/2", True, False) == (waiting.key, waiting.live, replace(waiting, done=True).live)


def test_every_subscriber_gets_one_mail_in_their_own_name() -> None:
    after, (mail,) = chunk("e1", broadcast(POST), audience(1), "Example status", minute(3))

    assert (
        Delivery(
            id="e1/post/i1/2/s00000",
            purpose=Purpose.POST,
            channel="email",
            address="0@x",
            date=START,
            due=minute(3),
            text=post_text(
                "Example status", "i1", "Shop: major outage", "identified", "The database.", "s00000"
            ),
            subscriber="s00000",
            post="i1/2",
        )
        == mail
    )
    assert (True, "s00000", 1) == (after.done, after.after, after.deliveries)


@pytest.mark.parametrize(
    ("size", "sent", "mark", "done"),
    [
        (0, 0, "", True),
        (CHUNK_MAX - 1, CHUNK_MAX - 1, f"s{CHUNK_MAX - 2:05}", True),
        (CHUNK_MAX, CHUNK_MAX, f"s{CHUNK_MAX - 1:05}", True),
        (CHUNK_MAX + 1, CHUNK_MAX, f"s{CHUNK_MAX - 1:05}", False),
    ],
)
def test_a_chunk_has_at_most_a_hundred_mails(size: int, sent: int, mark: str, done: bool) -> None:
    after, mails = chunk("e1", broadcast(POST), audience(size), "Example status", START)

    assert (sent, mark, done, sent) == (len(mails), after.after, after.done, after.deliveries)


def test_chunks_follow_each_other_in_order_until_everybody_has_a_mail() -> None:
    everybody, waiting, sizes, got = audience(203), broadcast(POST), [], []
    while not waiting.done:
        rest = tuple(each for each in everybody if each.id > waiting.after)
        waiting, mails = chunk("e1", waiting, rest, "Example status", START)
        sizes.append(len(mails))
        got += [mail.subscriber for mail in mails]

    assert [100, 100, 3] == sizes
    assert [each.id for each in everybody] == got
    assert 203 == waiting.deliveries


def test_the_effect_is_not_part_of_a_broadcast() -> None:
    """What components show is rendered; a mail says it in its heading."""
    post = replace(POST, affects=(("shop", ComponentState.MAJOR_OUTAGE),))

    assert broadcast(POST) == broadcast(post)
