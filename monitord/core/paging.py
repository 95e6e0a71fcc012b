"""Paging a person: one delivery for each contact method, in turn, until an answer or the ticket's end.

Theory of operation. All deliveries of a page exist from its first moment: the first is due now, the others
after their delay. So nothing has to happen for the next method to get its turn; a failure of one brings the
next forward, and only an answer withdraws the rest. A later page to the same person takes the place of an
earlier one whose attempts have failed so far, so that a server that comes back does not deliver an hour of
pages at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitord.core.check import Instant, PersonId
from monitord.core.delivery import Delivery, DeliveryState, Purpose
from monitord.core.escalation import PageRequested
from monitord.core.organization import Person, Priority
from monitord.core.wording import Text

QUESTION = "asked"


@dataclass(frozen=True, slots=True)
class PersonUnreachable:
    """A page for somebody who is unknown or has no contact method."""

    ticket: int
    person: PersonId
    why: str


@dataclass(frozen=True, slots=True)
class NobodyReached:
    """Every message of this step was refused; the next tier is due now."""

    ticket: int
    step: int


@dataclass(frozen=True, slots=True)
class NextMethodBroughtForward:
    """One contact method failed, so the next one does not wait for its time."""

    ticket: int | None
    person: PersonId | None
    channel: str
    why: str


def page_key(epoch: str, page: PageRequested) -> str:
    """The key of a page: epoch, ticket, round, step, person; each delivery adds its contact method."""
    return f"{epoch}/{page.ticket}/{page.round}/{page.step}/{page.person}"


def page(
    epoch: str, request: PageRequested, person: Person, text: Text, now: Instant, priority: Priority
) -> tuple[Delivery, ...]:
    """One delivery for each contact method that is meant for this priority, in turn."""
    chain = page_key(epoch, request)
    return tuple(
        Delivery(
            id=f"{chain}/{position}.{method.channel}",
            purpose=Purpose.PAGE,
            channel=method.channel,
            address=method.address,
            date=now,
            due=now + method.after,
            text=text,
            ticket=request.ticket,
            round=request.round,
            person=person.id,
            chain=chain,
            position=position,
        )
        for position, method in person.methods(priority)
    )


def news(
    epoch: str,
    key: str,
    ticket: int,
    round: int,
    person: Person,
    text: Text,
    now: Instant,
    calls: frozenset[str],
    chain: str = "",
) -> tuple[Delivery, ...]:
    """News of a ticket; nothing follows it."""
    told = letter(f"{epoch}/{ticket}/{key}", person, text, now, calls)
    return tuple(replace(each, ticket=ticket, round=round, chain=chain) for each in told)


def question(epoch: str, ticket: int, round: int) -> str:
    """The chain of "still on it?": what has been answered need not leave any more."""
    return f"{epoch}/{ticket}/{round}/{QUESTION}"


def is_question(delivery: Delivery) -> bool:
    return delivery.purpose is Purpose.NEWS and delivery.chain.endswith(f"/{QUESTION}")


def next_in_turn(chain: Iterable[Delivery], after: Delivery) -> Delivery | None:
    """The next contact method of the same page that has not had its turn."""
    waiting = [
        delivery
        for delivery in chain
        if delivery.state is DeliveryState.PENDING
        and delivery.attempts == 0
        and delivery.position > after.position
    ]
    return min(waiting, key=lambda delivery: delivery.position, default=None)


def brought_forward(delivery: Delivery, now: Instant) -> Delivery:
    """Its turn is now, unless it was due earlier anyway."""
    return replace(delivery, due=min(now, delivery.due or now))


def superseded(older: Delivery, newer: Delivery) -> bool:
    """An older page, refused so far, by the same way to the same person as a newer one whose turn it is."""
    return (
        older.purpose is Purpose.PAGE
        and older.state is DeliveryState.PENDING
        and older.attempts > 0
        and older.date < newer.date
        and (older.person, older.channel, older.address) == (newer.person, newer.channel, newer.address)
    )


def letter(key: str, person: Person, text: Text, now: Instant, calls: frozenset[str]) -> tuple[Delivery, ...]:
    """News of no ticket, by the first contact method that does not call; its key is what it is about."""
    quiet = [each for each in person.reach if each.channel not in calls]
    return tuple(
        Delivery(
            id=f"{key}/{person.id}",
            purpose=Purpose.NEWS,
            channel=each.channel,
            address=each.address,
            date=now,
            due=now,
            text=text,
            person=person.id,
        )
        for each in quiet[:1]
    )
