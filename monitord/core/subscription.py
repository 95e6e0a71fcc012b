"""Subscribers, and a post on its way to them.

Theory of operation. An address hears nothing until its owner has confirmed by a POST from the mail we sent
(double opt-in); whoever asks gets the same answer, known or not. A post to all of them is one row, a
*broadcast*; the courier asks for its next chunk when the last one is on its way, so that fifty thousand mails
are never fifty thousand rows in the commit that also pages somebody.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from monitord.core.check import Instant
from monitord.core.delivery import Delivery, Purpose
from monitord.core.organization import folded
from monitord.core.statuspage import Post
from monitord.core.wording import Text, post_text

CHUNK_MAX = 100  # mails that one commit makes: a page waits for one such commit at most
CONFIRM_WITHIN = timedelta(hours=48)
CONFIRMATION_PAUSE = timedelta(minutes=10)
CONFIRMATIONS_MAX = 5


class SubscriberState(Enum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A public address, and whether its owner wants to hear."""

    id: str
    channel: str
    address: str
    state: SubscriberState
    asked: Instant
    confirmations: int = 0
    confirmed: Instant | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def live(self) -> bool:
        return self.state is not SubscriberState.GONE

    @property
    def due(self) -> Instant | None:
        return self.asked + CONFIRM_WITHIN if self.state is SubscriberState.PENDING else None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A post × its audience; `after` is the last subscriber who has a delivery."""

    post: str
    incident: str
    heading: str
    phase: str
    body: str
    at: Instant
    after: str = ""
    done: bool = False
    deliveries: int = 0

    @property
    def key(self) -> str:
        return self.post

    @property
    def live(self) -> bool:
        return not self.done


# Facts.


@dataclass(frozen=True, slots=True)
class Subscribe:
    address: str
    channel: str = "email"


@dataclass(frozen=True, slots=True)
class ConfirmSubscription:
    subscriber: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    subscriber: str


@dataclass(frozen=True, slots=True)
class SubscriberDue:
    """Nobody confirmed in time."""

    subscriber: str


@dataclass(frozen=True, slots=True)
class ExpandBroadcast:
    """The courier has room for the next chunk."""

    post: str


# Events.


@dataclass(frozen=True, slots=True)
class SubscriptionRequested:
    subscriber: str


@dataclass(frozen=True, slots=True)
class SubscriptionConfirmed:
    subscriber: str


@dataclass(frozen=True, slots=True)
class SubscriptionEnded:
    subscriber: str
    why: str


@dataclass(frozen=True, slots=True)
class BroadcastStarted:
    post: str
    incident: str


@dataclass(frozen=True, slots=True)
class BroadcastExpanded:
    post: str
    deliveries: int
    done: bool


def subscriber_id(epoch: str, channel: str, address: str) -> str:
    """Derived from the address, so that asking twice is asking once."""
    return hashlib.sha256(f"{epoch}/{channel}/{folded(address.strip())}".encode()).hexdigest()[:20]


def asked(known: Subscriber | None, epoch: str, command: Subscribe, now: Instant) -> tuple[Subscriber, bool]:
    """The subscriber after a request, and whether a confirmation mail is due (not too often)."""
    if known is None:
        identity = subscriber_id(epoch, command.channel, command.address)
        return Subscriber(
            identity, command.channel, command.address.strip(), SubscriberState.PENDING, now, 1
        ), True
    too_soon = now < known.asked + CONFIRMATION_PAUSE or known.confirmations >= CONFIRMATIONS_MAX
    if known.state is SubscriberState.CONFIRMED or too_soon:
        return known, False
    return replace(known, asked=now, confirmations=known.confirmations + 1), True


def confirmed(subscriber: Subscriber, now: Instant) -> Subscriber:
    return replace(subscriber, state=SubscriberState.CONFIRMED, confirmed=now)


def gone(subscriber: Subscriber) -> Subscriber:
    """Nothing of the address is kept."""
    return replace(subscriber, state=SubscriberState.GONE, address="")


def confirmation(epoch: str, subscriber: Subscriber, text: Text, now: Instant) -> Delivery:
    return Delivery(
        id=f"{epoch}/confirm/{subscriber.id}/{int(subscriber.asked.timestamp())}",
        purpose=Purpose.CONFIRM,
        channel=subscriber.channel,
        address=subscriber.address,
        date=now,
        due=now,
        text=text,
        subscriber=subscriber.id,
    )


def broadcast(post: Post) -> Broadcast:
    return Broadcast(post.key, post.incident, post.heading, post.phase.value, post.body, post.at)


def chunk(
    epoch: str, post: Broadcast, audience: tuple[Subscriber, ...], page_name: str, now: Instant
) -> tuple[Broadcast, tuple[Delivery, ...]]:
    """The next deliveries of a broadcast: `audience` are confirmed subscribers after its mark, in order of
    id.
    """
    next_ones = audience[:CHUNK_MAX]
    deliveries = tuple(
        Delivery(
            id=f"{epoch}/post/{post.post}/{subscriber.id}",
            purpose=Purpose.POST,
            channel=subscriber.channel,
            address=subscriber.address,
            date=post.at,
            due=now,
            text=post_text(page_name, post.incident, post.heading, post.phase, post.body, subscriber.id),
            subscriber=subscriber.id,
            post=post.post,
        )
        for subscriber in next_ones
    )
    mark = next_ones[-1].id if next_ones else post.after
    done = len(audience) <= CHUNK_MAX
    return replace(post, after=mark, done=done, deliveries=post.deliveries + len(deliveries)), deliveries
