"""A ticket: the record of work that signals or people open, and what may happen to it.

Theory of operation. Signals of one *cause* share one ticket. A cause that comes back within `reopen_within`
reopens its ticket under the old number, so that a thing that flaps has one story. What people's commands do
to a ticket is in acts.py.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from monitord.core.check import Instant, PersonId
from monitord.core.command import OpenTicket
from monitord.core.organization import URGENCY, Priority
from monitord.core.signal import UNKNOWN, Signal

KEPT_AFTER_END = timedelta(hours=24)  # answer links and reopening need an ended ticket for that long
HELD_AFTER_RESOLVE = timedelta(minutes=10)
HELD_UNTIL_CLEAR = timedelta(hours=24)
SIGNALS_MAX = 200  # of one group on one ticket; the next one opens another


class State(Enum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Resolution(Enum):
    """Why a ticket ended."""

    CLEARED = "it has recovered"
    REMOVED = "its probe was removed from the configuration"
    HEARTBEAT_REMOVED = "its heartbeat was removed from the configuration"
    INTEGRATION_REMOVED = "its integration was removed from the configuration"
    NOT_REFRESHED = "not refreshed by its source, taken as resolved"
    NOT_SAID_AGAIN = "resolved by hand, not said again since"
    BY_HAND = "resolved by hand"


@dataclass(frozen=True, slots=True)
class Ticket:
    """`since` is when the trouble began (dated back), `opened` when we opened the ticket for it. Who is in
    `asked` was asked by name and has not answered; `page` is whom it pages, whatever its service's policy.
    """

    number: int
    title: str
    cause: str
    service: str
    priority: Priority
    state: State
    since: Instant
    opened: Instant
    signals: tuple[str, ...] = ()
    probe: str | None = None
    summary: str = ""
    holder: PersonId | None = None
    last_holder: PersonId | None = None
    acknowledged: Instant | None = None
    resolved: Instant | None = None
    resolution: Resolution | None = None
    reopened: int = 0
    rounds: int = 0
    paged: tuple[PersonId, ...] = ()
    held_until: Instant | None = None
    archived: bool = False
    snoozed_until: Instant | None = None
    asked: tuple[PersonId, ...] = ()
    page: tuple[str, ...] = ()
    resolved_by: PersonId | None = None
    notices: int = 0
    details: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> int:
        return self.number

    @property
    def live(self) -> bool:
        return not self.archived

    @property
    def ended(self) -> bool:
        return self.state is State.RESOLVED

    @property
    def due(self) -> Instant | None:
        over = max(self.resolved, self.held_until or self.resolved) if self.resolved else None
        return over + KEPT_AFTER_END if over else None


@dataclass(frozen=True, slots=True)
class TicketDue:
    """A fact: an ended ticket may leave the live world."""

    ticket: int


# Events: what came of it.


@dataclass(frozen=True, slots=True)
class TicketOpened:
    ticket: int
    priority: Priority
    reason: str
    by: PersonId | None = None


@dataclass(frozen=True, slots=True)
class SignalJoined:
    ticket: int
    signal: str
    summary: str


@dataclass(frozen=True, slots=True)
class SignalLeft:
    ticket: int
    signal: str
    summary: str


@dataclass(frozen=True, slots=True)
class TicketReopened:
    ticket: int
    reason: str
    last_holder: PersonId | None


@dataclass(frozen=True, slots=True)
class TicketAcknowledged:
    ticket: int
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class AcknowledgementRenewed:
    ticket: int
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class TicketTakenOver:
    """Somebody else acknowledged what had a holder already."""

    ticket: int
    by: PersonId
    before: PersonId | None
    via: str


@dataclass(frozen=True, slots=True)
class PersonDeclined:
    ticket: int
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class TicketHandedOver:
    """`before` had it, or was being asked."""

    ticket: int
    by: PersonId
    to: PersonId
    via: str
    before: PersonId | None = None


@dataclass(frozen=True, slots=True)
class TicketSnoozed:
    """`before` is when it would have woken, if it slept already."""

    ticket: int
    by: PersonId
    until: Instant
    via: str
    holder: PersonId
    before: Instant | None = None


@dataclass(frozen=True, slots=True)
class TicketWoken:
    """Its holder said before the end of the snooze that they are on it."""

    ticket: int
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class PriorityRaised:
    """By a person, or because of what was found; `holder` had it."""

    ticket: int
    before: Priority
    priority: Priority
    holder: PersonId | None = None
    by: PersonId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PriorityLowered:
    ticket: int
    before: Priority
    priority: Priority
    by: PersonId


@dataclass(frozen=True, slots=True)
class PeopleCalled:
    """Somebody wants these, too, now; `again` were paged for this ticket before."""

    ticket: int
    by: PersonId
    people: tuple[PersonId, ...]
    text: str
    via: str
    again: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonJoined:
    """Who was called comes; the ticket stays with its holder."""

    ticket: int
    by: PersonId
    holder: PersonId | None
    via: str


@dataclass(frozen=True, slots=True)
class TicketResolved:
    ticket: int
    resolution: Resolution
    by: PersonId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class TicketCommented:
    ticket: int
    by: PersonId
    text: str


@dataclass(frozen=True, slots=True)
class CommandIgnored:
    """The command does not apply to a ticket in that state, for the reason `why`; nothing changed."""

    ticket: int
    command: str
    by: PersonId
    state: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class PageRefused:
    """Nobody of `whom` can be paged, so no ticket was opened."""

    by: PersonId
    whom: tuple[str, ...]
    why: str


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
    )


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
    """The same cause came back: the same ticket, with what was found this time."""
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
    )


def end(ticket: Ticket, resolution: Resolution, now: Instant) -> Ticket:
    """The ticket is over; who held it last is remembered."""
    return replace(
        ticket,
        state=State.RESOLVED,
        holder=None,
        snoozed_until=None,
        asked=(),
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
