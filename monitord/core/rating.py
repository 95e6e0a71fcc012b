"""Rating: a person says how bad a ticket is that is open already, or that it is a catastrophe, or none.

Theory of operation. A severity sets the priority, and what follows is what follows a priority: raised, the
ticket is open again and its round begins anew; lowered, nobody is paged. Its target counts from now on,
unless somebody has it. A catastrophe is the worst that can be said, so a severity ends it: whoever was the
first to have it, has it; if nobody has, it goes on as any ticket of that severity.
"""

from dataclasses import replace

from monitord.core.acts import held_by, ignored
from monitord.core.check import Instant, PersonId
from monitord.core.command import CallEverybody, SetSeverity
from monitord.core.course import reopened_for_others, reprioritised, timed
from monitord.core.organization import Priority
from monitord.core.severity import (
    WORST,
    CatastropheCalledOff,
    CatastropheDeclared,
    Severities,
    SeveritySet,
)
from monitord.core.ticket import (
    CommandIgnored,
    PriorityLowered,
    PriorityRaised,
    State,
    Ticket,
    TicketAcknowledged,
    UrgencyStressed,
)

RatingEvent = (
    SeveritySet
    | CatastropheDeclared
    | CatastropheCalledOff
    | PriorityRaised
    | PriorityLowered
    | UrgencyStressed
    | TicketAcknowledged
    | CommandIgnored
)
CALLED_OFF = "for the catastrophe"  # how the one had answered who has it now
Rated = tuple[Ticket, tuple[RatingEvent, ...]]


def rated_by_hand(
    ticket: Ticket, command: SetSeverity, severities: Severities, have: tuple[PersonId, ...], now: Instant
) -> Rated:
    """As bad as somebody says; `have` acknowledged it while more are needed."""
    severity = severities.get(command.severity)
    if severity is None:
        return nothing(ticket, command, f"there is no severity {command.severity}")
    if ticket.catastrophic:
        return called_off(ticket, command, severities, have, now)
    if command.severity == ticket.severity:
        return nothing(ticket, command, f"its severity is {command.severity} already")
    said = SeveritySet(ticket.number, command.by, ticket.severity, command.severity, command.via)
    after, follows = pressed(replace(ticket, severity=command.severity), ticket, severity.priority, command)
    return aimed(after, severities, now), (said, *follows)


def pressed(
    rated: Ticket, before: Ticket, priority: Priority, command: SetSeverity
) -> tuple[Ticket, tuple[RatingEvent, ...]]:
    """With the priority that comes with it, and what is to be said of that."""
    number, by = before.number, command.by
    if priority.outranks(before.priority):
        why = f"severity {command.severity}, by {by}"
        raised = PriorityRaised(number, before.priority, priority, before.holder, by, why)
        return reprioritised(rated, priority), (raised,)
    if before.priority.outranks(priority):
        return reprioritised(rated, priority), (PriorityLowered(number, before.priority, priority, by),)
    worse = before.severity is None or command.severity < before.severity
    insists = priority is Priority.URGENT and worse and not before.page
    return rated, (UrgencyStressed(number, by, command.via),) if insists else ()


def aimed(ticket: Ticket, severities: Severities, now: Instant) -> Ticket:
    """To be acknowledged within its time from now on; an acknowledgement has met it for good."""
    return timed(ticket, severities, now) if ticket.state is State.OPEN else ticket


def everybody_called(ticket: Ticket, command: CallEverybody, severities: Severities, now: Instant) -> Rated:
    """As bad as can be, and open again: whoever had it is called with the others."""
    if ticket.catastrophic:
        return nothing(ticket, command, "everybody is called for it already")
    worst = replace(
        reopened_for_others(ticket),
        severity=WORST,
        catastrophic=True,
        priority=Priority.URGENT,
        last_holder=ticket.holder or ticket.last_holder,
    )
    declared = CatastropheDeclared(ticket.number, command.by, ticket.holder, command.text, command.via)
    return timed(worst, severities, now), (declared,)


def called_off(
    ticket: Ticket, command: SetSeverity, severities: Severities, have: tuple[PersonId, ...], now: Instant
) -> Rated:
    """None any more; who was the first to have it, has it."""
    severity = severities[command.severity]
    calmer = replace(ticket, severity=command.severity, catastrophic=False, priority=severity.priority)
    over = CatastropheCalledOff(ticket.number, command.by, severity.number, severity.priority, command.via)
    if ticket.state is not State.OPEN or not have:
        return aimed(calmer, severities, now), (over,)
    acknowledged = TicketAcknowledged(ticket.number, have[0], CALLED_OFF)
    return held_by(calmer, have[0], now), (over, acknowledged)


def nothing(ticket: Ticket, command: SetSeverity | CallEverybody, why: str) -> Rated:
    same, event = ignored(ticket, command, why)
    assert isinstance(event, CommandIgnored), "nothing else comes of it"
    return same, (event,)
