"""Acts: what a person's command does to a ticket.

Theory of operation. TRANSITIONS names every command that may act on a ticket, by the state it is in, and what
comes of it; a pair that is not in the table changes nothing and says so (`CommandIgnored`): a late answer
from a pager is normal traffic, not an error.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from monitord.core.check import Instant
from monitord.core.command import Acknowledge, Command, Comment, Decline, HandOver, Resolve
from monitord.core.ticket import (
    HELD_AFTER_RESOLVE,
    HELD_UNTIL_CLEAR,
    AcknowledgementRenewed,
    CommandIgnored,
    PersonDeclined,
    Resolution,
    State,
    Ticket,
    TicketAcknowledged,
    TicketCommented,
    TicketHandedOver,
    TicketResolved,
    TicketTakenOver,
    end,
    reopened_for_others,
)

TicketEvent = (
    TicketAcknowledged
    | AcknowledgementRenewed
    | TicketTakenOver
    | PersonDeclined
    | TicketHandedOver
    | TicketResolved
    | TicketCommented
    | CommandIgnored
)


def acknowledge(ticket: Ticket, command: Acknowledge, now: Instant) -> tuple[Ticket, TicketEvent]:
    after = replace(
        ticket, state=State.ACKNOWLEDGED, holder=command.by, last_holder=command.by, acknowledged=now
    )
    return after, TicketAcknowledged(ticket.number, command.by, command.via)


def take_over_or_renew(ticket: Ticket, command: Acknowledge, now: Instant) -> tuple[Ticket, TicketEvent]:
    if command.by == ticket.holder:
        return ticket, AcknowledgementRenewed(ticket.number, command.by, command.via)
    return acknowledge(ticket, command, now)[0], TicketTakenOver(
        ticket.number, command.by, ticket.holder, command.via
    )


def decline(ticket: Ticket, command: Decline, now: Instant) -> tuple[Ticket, TicketEvent]:
    return ticket, PersonDeclined(ticket.number, command.by, command.via)


def give_back(ticket: Ticket, command: Decline, now: Instant) -> tuple[Ticket, TicketEvent]:
    """The holder can no longer: the ticket is open again. Anybody else has nothing to decline."""
    if command.by != ticket.holder:
        return ignored(ticket, command)
    return reopened_for_others(ticket), PersonDeclined(ticket.number, command.by, command.via)


def hand_over(ticket: Ticket, command: HandOver, now: Instant) -> tuple[Ticket, TicketEvent]:
    after = reopened_for_others(ticket)
    return after, TicketHandedOver(ticket.number, command.by, command.to, command.via)


def resolve(ticket: Ticket, command: Resolve, now: Instant) -> tuple[Ticket, TicketEvent]:
    wait = HELD_UNTIL_CLEAR if command.hold_until_clear else HELD_AFTER_RESOLVE
    after = replace(
        end(ticket, Resolution.BY_HAND, now), held_until=now + wait, last_holder=ticket.holder or command.by
    )
    return after, TicketResolved(ticket.number, Resolution.BY_HAND, command.by, command.note)


def comment(ticket: Ticket, command: Comment, now: Instant) -> tuple[Ticket, TicketEvent]:
    return ticket, TicketCommented(ticket.number, command.by, command.text)


def ignored(ticket: Ticket, command: Command) -> tuple[Ticket, TicketEvent]:
    return ticket, CommandIgnored(ticket.number, type(command).__name__, command.by, ticket.state.value)


Transition = Callable[[Ticket, Any, Instant], tuple[Ticket, TicketEvent]]

TRANSITIONS: dict[tuple[State, type[Any]], Transition] = {
    (State.OPEN, Acknowledge): acknowledge,
    (State.OPEN, Decline): decline,
    (State.OPEN, HandOver): hand_over,
    (State.OPEN, Resolve): resolve,
    (State.OPEN, Comment): comment,
    (State.ACKNOWLEDGED, Acknowledge): take_over_or_renew,
    (State.ACKNOWLEDGED, Decline): give_back,
    (State.ACKNOWLEDGED, HandOver): hand_over,
    (State.ACKNOWLEDGED, Resolve): resolve,
    (State.ACKNOWLEDGED, Comment): comment,
    (State.RESOLVED, Comment): comment,
}


def obey(ticket: Ticket, command: Command, now: Instant) -> tuple[Ticket, TicketEvent]:
    """Look the transition up; what the table does not know is ignored, and recorded as such."""
    transition = TRANSITIONS.get((ticket.state, type(command)))
    return transition(ticket, command, now) if transition else ignored(ticket, command)
