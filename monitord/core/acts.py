"""Acts: what a person's command does to a ticket.

Theory of operation. TRANSITIONS names every command that may act on a ticket, by the state it is in, and what
comes of it; a pair that is not in the table changes nothing and says so (`CommandIgnored`), with what
somebody else has done meanwhile: a late answer from a pager is normal traffic, not an error.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitord.core.check import Instant, PersonId
from monitord.core.command import (
    Acknowledge,
    Command,
    Comment,
    Decline,
    Escalate,
    HandOver,
    PageAlso,
    Reopen,
    Resolve,
    SetPriority,
    Snooze,
)
from monitord.core.course import end, not_over, reopened_for_others, reprioritised
from monitord.core.organization import Priority
from monitord.core.ticket import (
    HELD_AFTER_RESOLVE,
    HELD_UNTIL_CLEAR,
    AcknowledgementRenewed,
    CommandIgnored,
    PeopleCalled,
    PersonDeclined,
    PersonJoined,
    PriorityLowered,
    PriorityRaised,
    Resolution,
    State,
    Ticket,
    TicketAcknowledged,
    TicketCommented,
    TicketEscalated,
    TicketHandedOver,
    TicketReopened,
    TicketResolved,
    TicketSnoozed,
    TicketTakenOver,
    TicketWoken,
    UrgencyStressed,
)

SNOOZED_MAX = timedelta(hours=24)

TicketEvent = (
    TicketAcknowledged
    | AcknowledgementRenewed
    | TicketTakenOver
    | PersonDeclined
    | TicketHandedOver
    | TicketEscalated
    | TicketReopened
    | TicketResolved
    | TicketCommented
    | TicketSnoozed
    | TicketWoken
    | PriorityRaised
    | PriorityLowered
    | UrgencyStressed
    | PeopleCalled
    | PersonJoined
    | CommandIgnored
)


def acknowledge(ticket: Ticket, command: Acknowledge, now: Instant) -> tuple[Ticket, TicketEvent]:
    return held_by(ticket, command.by, now), TicketAcknowledged(ticket.number, command.by, command.via)


def held_by(ticket: Ticket, person: PersonId, now: Instant) -> Ticket:
    """Awake, with this holder; who else was asked for need not come."""
    return replace(
        ticket,
        state=State.ACKNOWLEDGED,
        holder=person,
        last_holder=person,
        acknowledged=now,
        snoozed_until=None,
        asked=(),
        target=None,
    )


def take_over_or_renew(ticket: Ticket, command: Acknowledge, now: Instant) -> tuple[Ticket, TicketEvent]:
    """Its holder is still on it, or is awake again; who was called comes; anybody else takes it over."""
    if command.by == ticket.holder and ticket.snoozed_until is not None:
        return replace(ticket, snoozed_until=None), TicketWoken(ticket.number, command.by, command.via)
    if command.by == ticket.holder:
        return ticket, AcknowledgementRenewed(ticket.number, command.by, command.via)
    if command.by in ticket.asked:
        joined = PersonJoined(ticket.number, command.by, ticket.holder, command.via)
        return no_longer_asked(ticket, command.by), joined
    taken = TicketTakenOver(ticket.number, command.by, ticket.holder, command.via)
    return held_by(ticket, command.by, now), taken


def no_longer_asked(ticket: Ticket, person: PersonId) -> Ticket:
    return replace(ticket, asked=tuple(each for each in ticket.asked if each != person))


def decline(ticket: Ticket, command: Decline, now: Instant) -> tuple[Ticket, TicketEvent]:
    return no_longer_asked(ticket, command.by), PersonDeclined(ticket.number, command.by, command.via)


def give_back(ticket: Ticket, command: Decline, now: Instant) -> tuple[Ticket, TicketEvent]:
    """The holder can no longer: the ticket is open again. Who was called does not come. Anybody else has
    nothing to decline.
    """
    if command.by == ticket.holder:
        given_back = PersonDeclined(ticket.number, command.by, command.via, gave_back=True)
        return reopened_for_others(ticket), given_back
    if command.by in ticket.asked:
        return decline(ticket, command, now)
    return ignored(ticket, command)


def hand_over(ticket: Ticket, command: HandOver, now: Instant) -> tuple[Ticket, TicketEvent]:
    before = next(iter((*filter(None, (ticket.holder,)), *ticket.asked)), None)
    after = replace(reopened_for_others(ticket), asked=(command.to,))
    return after, TicketHandedOver(ticket.number, command.by, command.to, command.via, before)


def resolve(ticket: Ticket, command: Resolve, now: Instant) -> tuple[Ticket, TicketEvent]:
    wait = HELD_UNTIL_CLEAR if command.hold_until_clear else HELD_AFTER_RESOLVE
    after = replace(
        end(ticket, Resolution.BY_HAND, now),
        held_until=now + wait,
        last_holder=ticket.holder or command.by,
        resolved_by=command.by,
    )
    return after, TicketResolved(ticket.number, Resolution.BY_HAND, command.by, command.note)


def comment(ticket: Ticket, command: Comment, now: Instant) -> tuple[Ticket, TicketEvent]:
    return ticket, TicketCommented(ticket.number, command.by, command.text)


def snooze(ticket: Ticket, command: Snooze, now: Instant) -> tuple[Ticket, TicketEvent]:
    """It sleeps, and has a holder who answers for that; it never sleeps longer than a day from now."""
    if ticket.catastrophic:
        return ignored(ticket, command, "a catastrophe does not sleep; it ends when it is resolved")
    if command.until <= now:
        return ignored(ticket, command, f"{command.until:%Y-%m-%d %H:%M:%S} UTC is over already")
    if command.until > now + SNOOZED_MAX:
        return ignored(ticket, command, "a ticket sleeps for at most 24 hours")
    held = replace(held_by(ticket, command.by, now) if ticket.holder is None else ticket, asked=())
    holder = held.holder or command.by
    event = TicketSnoozed(ticket.number, command.by, command.until, command.via, holder, ticket.snoozed_until)
    return replace(held, snoozed_until=command.until), event


def set_priority(ticket: Ticket, command: SetPriority, now: Instant) -> tuple[Ticket, TicketEvent]:
    """Raised, it is open again; lowered, it only matters less. What is urgent already, and is called so by
    somebody, mobilises those who have not been.
    """
    before, after = ticket.priority, command.priority
    if ticket.catastrophic:
        return ignored(ticket, command, "a catastrophe is urgent; its severity says that it is none any more")
    if after is before and after is Priority.URGENT and not ticket.page:
        return ticket, UrgencyStressed(ticket.number, command.by, command.via)
    if after is before:
        return ignored(ticket, command, f"its priority is {after.value} already")
    if after.outranks(before):
        raised = PriorityRaised(
            ticket.number, before, after, ticket.holder, command.by, f"raised by {command.by}"
        )
        return reprioritised(ticket, after), raised
    return reprioritised(ticket, after), PriorityLowered(ticket.number, before, after, command.by)


def call(ticket: Ticket, command: PageAlso, now: Instant) -> tuple[Ticket, TicketEvent]:
    """These people are wanted, whoever has it; `whom` are people by now, all of whom can be paged."""
    asked = tuple(dict.fromkeys((*ticket.asked, *command.whom)))
    again = tuple(person for person in command.whom if person in ticket.paged)
    called = PeopleCalled(ticket.number, command.by, command.whom, command.text, command.via, again)
    return replace(ticket, asked=asked), called


def escalate(ticket: Ticket, command: Escalate, now: Instant) -> tuple[Ticket, TicketEvent]:
    """It goes up: whoever has it gives it up; the target that they have met stays met."""
    if ticket.catastrophic:
        return ignored(ticket, command, "everybody is called for it already")
    after = replace(reopened_for_others(ticket), last_holder=ticket.holder or ticket.last_holder)
    return after, TicketEscalated(ticket.number, command.by, command.via, ticket.holder)


def reopen(ticket: Ticket, command: Reopen, now: Instant) -> tuple[Ticket, TicketEvent]:
    reason = f"{command.by} says that it is not over ({command.via})"
    because = f"{reason}: {command.note}" if command.note else reason
    event = TicketReopened(ticket.number, because, ticket.last_holder, command.by)
    return not_over(ticket, command.by), event


def ignored(ticket: Ticket, command: Command, why: str = "") -> tuple[Ticket, TicketEvent]:
    name, state = type(command).__name__, ticket.state.value
    return ticket, CommandIgnored(ticket.number, name, command.by, state, why or standing(ticket))


def standing(ticket: Ticket) -> str:
    """How it stands, and through whom: what somebody hears who comes too late."""
    if ticket.resolved is not None:
        how = ticket.resolution.value if ticket.resolution else "resolved"
        by = f" by {ticket.resolved_by}" if ticket.resolved_by else ""
        return f"it is over since {ticket.resolved:%Y-%m-%d %H:%M:%S} UTC: {how}{by}"
    if ticket.holder is not None:
        since = f" since {ticket.acknowledged:%Y-%m-%d %H:%M:%S} UTC" if ticket.acknowledged else ""
        return f"{ticket.holder} has it{since}"
    return "nobody has it"


Transition = Callable[[Ticket, Any, Instant], tuple[Ticket, TicketEvent]]

UNFINISHED = (State.OPEN, State.ACKNOWLEDGED)
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
    (State.RESOLVED, Reopen): reopen,
    **{(state, Snooze): snooze for state in UNFINISHED},
    **{(state, SetPriority): set_priority for state in UNFINISHED},
    **{(state, PageAlso): call for state in UNFINISHED},
    **{(state, Escalate): escalate for state in UNFINISHED},
}


def obey(ticket: Ticket, command: Command, now: Instant) -> tuple[Ticket, TicketEvent]:
    """Look the transition up; what the table does not know is ignored, and recorded as such."""
    transition = TRANSITIONS.get((ticket.state, type(command)))
    return transition(ticket, command, now) if transition else ignored(ticket, command)
