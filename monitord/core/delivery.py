"""A delivery: one message to one address; an effect that is a row until it is sent, failed or withdrawn.

Theory of operation. Store, act, store: an attempt is recorded (SENDING) before anything leaves, so that a
crash can only ever send once more, under the same id, with the same Message-ID and Date. A delivery found
SENDING at the start was interrupted: whether it left is not known. It is sent again; after two such ambiguous
attempts it counts as refused, and the next contact method takes its turn. A temporary refusal is retried
after BACKOFF, a permanent one never. What was not sent when its ticket is answered or ends is withdrawn. A
webhook knows a notice by its id: it may get it often, and is tried for two days.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from monitord.core.check import Instant, PersonId
from monitord.core.webhook import Notice
from monitord.core.wording import Text

AMBIGUOUS_MAX = 2
BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 30, 60, 120, 300))
ATTEMPTS_MAX = {"page": 40, "news": 10, "confirm": 6, "post": 12}
WEBHOOK_BACKOFF = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900, 3600))
WEBHOOK_FOR = timedelta(hours=48)


class Purpose(Enum):
    PAGE = "page"
    NEWS = "news"
    CONFIRM = "confirm"
    POST = "post"
    WEBHOOK = "webhook"


class DeliveryState(Enum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


UNSETTLED = (DeliveryState.PENDING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Delivery:
    """`id` is derived from what it names, so that nothing is ever sent under two names. What is pending
    without a `due` waits for the one before it in its chain.

    `chain` is the page it belongs to (its contact methods in turn), `position` its place there; `date` is the
    Date it carries for ever.
    """

    id: str
    purpose: Purpose
    channel: str
    address: str
    date: Instant
    due: Instant | None
    text: Text
    ticket: int | None = None
    round: int = 0
    person: PersonId | None = None
    subscriber: str | None = None
    post: str | None = None
    chain: str = ""
    position: int = 0
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    ambiguous: int = 0
    why: str = ""
    notice: Notice | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def live(self) -> bool:
        return self.state in UNSETTLED


# Facts, from the courier.


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """The courier is about to send; it may only if this makes the delivery SENDING."""

    delivery: str


@dataclass(frozen=True, slots=True)
class DeliverySent:
    """The channel took it over; `receipt` is what it said."""

    delivery: str
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryRefused:
    """It did not leave, or nobody knows (`ambiguous`)."""

    delivery: str
    why: str
    permanent: bool = False
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryInterrupted:
    """We were stopped between the attempt and its outcome."""

    delivery: str


# Events.


@dataclass(frozen=True, slots=True)
class DeliveryHandedOver:
    ticket: int | None
    delivery: str
    person: PersonId | None
    channel: str
    address: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class DeliveryPutOff:
    """It will be tried again."""

    ticket: int | None
    delivery: str
    person: PersonId | None
    channel: str
    why: str
    again: Instant


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    ticket: int | None
    delivery: str
    person: PersonId | None
    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class DeliveryWithdrawn:
    ticket: int | None
    delivery: str
    person: PersonId | None
    channel: str
    why: str


DeliveryEvent = DeliveryHandedOver | DeliveryPutOff | DeliveryFailed | DeliveryWithdrawn


def start(delivery: Delivery, now: Instant) -> Delivery:
    """Record the attempt; a delivery that is not due and pending stays as it is, and must not be sent."""
    if delivery.state is not DeliveryState.PENDING or delivery.due is None or delivery.due > now:
        return delivery
    return replace(delivery, state=DeliveryState.SENDING, attempts=delivery.attempts + 1, due=None)


def sent(delivery: Delivery, fact: DeliverySent) -> tuple[Delivery, DeliveryEvent]:
    """Handed over is not delivered, and delivered is not answered: nothing else changes because of it."""
    done = replace(delivery, state=DeliveryState.SENT, due=None, why=fact.receipt)
    return done, DeliveryHandedOver(
        delivery.ticket, delivery.id, delivery.person, delivery.channel, delivery.address, delivery.purpose
    )


def refused(delivery: Delivery, fact: DeliveryRefused, now: Instant) -> tuple[Delivery, DeliveryEvent]:
    """Try again later, or give this address up."""
    ambiguous = delivery.ambiguous + fact.ambiguous
    if fact.permanent or spent(delivery, ambiguous, now):
        return failed(replace(delivery, ambiguous=ambiguous), fact.why)

    pauses = backoff(delivery)
    again = now + pauses[min(delivery.attempts, len(pauses)) - 1]
    waiting = replace(delivery, state=DeliveryState.PENDING, due=again, ambiguous=ambiguous, why=fact.why)
    return waiting, DeliveryPutOff(
        delivery.ticket, delivery.id, delivery.person, delivery.channel, fact.why, again
    )


def backoff(delivery: Delivery) -> tuple[timedelta, ...]:
    """How long to wait after each attempt; the last one again and again."""
    return WEBHOOK_BACKOFF if delivery.purpose is Purpose.WEBHOOK else BACKOFF


def spent(delivery: Delivery, ambiguous: int, now: Instant) -> bool:
    """It was tried often enough."""
    if delivery.purpose is Purpose.WEBHOOK:
        return now >= delivery.date + WEBHOOK_FOR
    return ambiguous >= AMBIGUOUS_MAX or delivery.attempts >= ATTEMPTS_MAX[delivery.purpose.value]


def interrupted(delivery: Delivery, now: Instant) -> tuple[Delivery, DeliveryEvent]:
    """Sent or not, nobody knows: once more under the same id at once, but not for ever."""
    ambiguous = delivery.ambiguous + 1
    if ambiguous >= AMBIGUOUS_MAX and spent(delivery, ambiguous, now):
        return failed(replace(delivery, ambiguous=ambiguous), "interrupted twice; it may have arrived")
    waiting = replace(delivery, state=DeliveryState.PENDING, due=now, ambiguous=ambiguous)
    return waiting, DeliveryPutOff(
        delivery.ticket, delivery.id, delivery.person, delivery.channel, "interrupted while sending", now
    )


def failed(delivery: Delivery, why: str) -> tuple[Delivery, DeliveryEvent]:
    given_up = replace(delivery, state=DeliveryState.FAILED, due=None, why=why)
    return given_up, DeliveryFailed(delivery.ticket, delivery.id, delivery.person, delivery.channel, why)


def withdrawn(delivery: Delivery, why: str) -> tuple[Delivery, DeliveryEvent]:
    """It is no longer needed and has not left."""
    gone = replace(delivery, state=DeliveryState.WITHDRAWN, due=None, why=why)
    return gone, DeliveryWithdrawn(delivery.ticket, delivery.id, delivery.person, delivery.channel, why)
