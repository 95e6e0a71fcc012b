"""A ticket's course: how signals and people open it, how it comes back, and how it ends.

Theory of operation. Signals of one *cause* share one ticket. A cause that comes back within `reopen_within`
reopens its ticket under the old number, so that a thing that flaps has one story.
"""

from dataclasses import replace
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.command import OpenTicket
from monitord.core.organization import URGENCY, Priority
from monitord.core.severity import WORST, Severities, worse
from monitord.core.signal import UNKNOWN, Signal
from monitord.core.ticket import Resolution, State, Ticket


def opened_by(signal: Signal, number: int, title: str, now: Instant) -> Ticket:
    """A ticket for a signal, as pressing as the signal is."""
    return Ticket(
        number=number,
        title=title,
        cause=signal.cause,
        service=signal.service,
        priority=priority_of(signal),
        state=State.OPEN,
        since=signal.since,
        opened=now,
        signals=(signal.key,),
        probe=signal.probe,
        summary=signal.summary,
        details=signal.details,
        links=signal.links,
        severity=signal.severity,
    )


def priority_of(signal: Signal) -> Priority:
    """What its source says; a probe's is urgent when the thing is down, high when nobody can tell."""
    if signal.priority is not None:
        return signal.priority
    return Priority.HIGH if signal.name == UNKNOWN else Priority.URGENT


def opened_by_hand(command: OpenTicket, number: int, now: Instant) -> Ticket:
    """A ticket that a person opened; it has no signal, so only a person resolves it. Whom it pages by name
    reads who wants them.
    """
    return Ticket(
        number=number,
        title=f"{command.by}: {command.title}" if command.page else command.title,
        cause=f"ticket/{number}",
        service=command.service,
        priority=command.priority,
        state=State.OPEN,
        since=now,
        opened=now,
        summary=command.text,
        page=command.page,
        severity=WORST if command.catastrophic else command.severity,
        catastrophic=command.catastrophic,
    )


def rated(ticket: Ticket, severities: Severities) -> Ticket:
    """As pressing as its severity is; a catastrophe is urgent, whatever the table says."""
    severity = severities.get(ticket.severity or 0)
    if severity is None:
        return ticket
    return replace(ticket, priority=Priority.URGENT if ticket.catastrophic else severity.priority)


def timed(ticket: Ticket, severities: Severities, now: Instant) -> Ticket:
    """To be acknowledged within the time of its severity, from now on."""
    severity = severities.get(ticket.severity or 0)
    return replace(ticket, target=severity.target(now) if severity else None, missed=None)


def missed(ticket: Ticket) -> Ticket:
    """Its target was not met; there is no other before it opens again."""
    return replace(ticket, target=None, missed=ticket.target)


def reopened_for_others(ticket: Ticket) -> Ticket:
    """Nobody holds it any more."""
    return replace(ticket, state=State.OPEN, holder=None, acknowledged=None, snoozed_until=None, asked=())


def reprioritised(ticket: Ticket, priority: Priority) -> Ticket:
    """More pressing than it was, it is open again for others than its holder, too; less, it only matters
    less.
    """
    if not priority.outranks(ticket.priority):
        return replace(ticket, priority=priority)
    holder = ticket.holder or ticket.last_holder
    return replace(reopened_for_others(ticket), priority=priority, last_holder=holder)


def reopened_by(ticket: Ticket, signal: Signal) -> Ticket:
    """The same cause came back: the same ticket, with what was found this time. Only a person's word makes it
    a catastrophe again.
    """
    return replace(
        reopened_for_others(ticket),
        resolved=None,
        resolution=None,
        resolved_by=None,
        held_until=None,
        reopened=ticket.reopened + 1,
        service=signal.service,
        priority=min(ticket.priority, priority_of(signal), key=lambda priority: URGENCY[priority]),
        since=signal.since,
        summary=signal.summary,
        details=signal.details,
        links=signal.links,
        signals=(*ticket.signals, signal.key) if signal.key not in ticket.signals else ticket.signals,
        severity=worse(ticket.severity, signal.severity),
        catastrophic=False,
        reopened_by=None,
    )


def not_over(ticket: Ticket, by: PersonId) -> Ticket:
    """A person says that it is not over: what it was when it ended, and nobody has it."""
    return replace(
        reopened_for_others(ticket),
        resolved=None,
        resolution=None,
        resolved_by=None,
        held_until=None,
        reopened=ticket.reopened + 1,
        catastrophic=False,
        reopened_by=by,
    )


def end(ticket: Ticket, resolution: Resolution, now: Instant) -> Ticket:
    """The ticket is over; who held it last is remembered."""
    return replace(
        ticket,
        state=State.RESOLVED,
        holder=None,
        snoozed_until=None,
        asked=(),
        target=None,
        reopened_by=None,
        resolved=now,
        resolution=resolution,
        last_holder=ticket.holder or ticket.last_holder,
    )


def may_reopen(ticket: Ticket, within: timedelta, now: Instant) -> bool:
    """Ended so recently that the same cause belongs to it; one by hand counts from its hold's end."""
    over = max(ticket.resolved, ticket.held_until or ticket.resolved) if ticket.resolved else None
    return over is not None and now <= over + within


def without_signal(ticket: Ticket, signal: str) -> Ticket:
    """The ticket after one of its signals has cleared."""
    return replace(ticket, signals=tuple(key for key in ticket.signals if key != signal))
