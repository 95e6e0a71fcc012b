"""track: verdicts and commands become tickets and what happens to them."""

from dataclasses import replace

from monitord.core.acts import obey
from monitord.core.check import ClockSet, Instant
from monitord.core.command import (
    Acknowledge,
    Command,
    Comment,
    Decline,
    HandOver,
    OpenTicket,
    PageAlso,
    Resolve,
    SetPriority,
    Snooze,
)
from monitord.core.paging import PersonUnreachable
from monitord.core.signal import Signal
from monitord.core.ticket import (
    CommandIgnored,
    PageRefused,
    Resolution,
    SignalJoined,
    SignalLeft,
    Ticket,
    TicketDue,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    end,
    may_reopen,
    opened_by,
    opened_by_hand,
    reopened_by,
    without_signal,
)
from monitord.core.verdict import Action, Judged
from monitord.core.whom import meant, unreachable, why_nobody
from monitord.core.wording import title
from monitord.core.world import ConfigurationAccepted, Draft, Stage


def follow(draft: Draft, event: Judged) -> None:
    """Raise or clear; a hold changes no ticket."""
    if event.verdict.action is Action.RAISE:
        raise_ticket(draft, event.signal, event.verdict.reason.value)
    elif event.verdict.action is Action.CLEAR:
        clear_ticket(draft, event.signal)


def raise_ticket(draft: Draft, signal: Signal, reason: str) -> None:
    """Join the ticket of this cause, reopen it, or open a new one."""
    ticket = newest(draft, signal.key, draft.now)
    if ticket is None:
        open_ticket(
            draft, opened_by(signal, draft.installation.next_ticket, title(signal), draft.now), reason
        )
    elif ticket.ended:
        draft.put(reopened_by(ticket, signal))
        draft.tell(TicketReopened(ticket.number, reason, ticket.last_holder))
    elif signal.key not in ticket.signals:
        draft.put(replace(ticket, signals=(*ticket.signals, signal.key)))
        draft.tell(SignalJoined(ticket.number, signal.key, signal.summary))


def newest(draft: Draft, cause: str, now: Instant) -> Ticket | None:
    """The ticket that a signal of this cause belongs to: an open one, or one that may be reopened."""
    within = draft.configuration.reopen_within
    fitting = [
        ticket
        for ticket in draft.find("tickets by cause", cause)
        if not ticket.ended or may_reopen(ticket, within, now)
    ]
    return fitting[-1] if fitting else None


def open_ticket(draft: Draft, ticket: Ticket, reason: str, by: str | None = None) -> None:
    draft.put(replace(draft.installation, next_ticket=ticket.number + 1), ticket)
    draft.tell(TicketOpened(ticket.number, ticket.priority, reason, by))


def clear_ticket(draft: Draft, signal: Signal) -> None:
    """One signal less; the last one takes the ticket with it, acknowledged or not. What held it back because
    somebody had resolved it is over, too: if it fails again, that is news.
    """
    for ticket in draft.find("tickets by signal", signal.key):
        left = without_signal(ticket, signal.key)
        draft.tell(SignalLeft(ticket.number, signal.key, signal.summary))
        if left.signals:
            draft.put(left)
            continue
        resolution = Resolution.REMOVED if signal.removed else Resolution.CLEARED
        draft.put(end(left, resolution, draft.now))
        draft.tell(TicketResolved(ticket.number, resolution))
    for ticket in draft.find("tickets by cause", signal.key):
        if ticket.held_until is not None and ticket.held_until > draft.now:
            draft.put(replace(ticket, held_until=draft.now))


def follow_command(draft: Draft, command: Command) -> None:
    ticket = draft.get(Ticket, command.ticket)
    if ticket is None:
        draft.tell(CommandIgnored(command.ticket, type(command).__name__, command.by, "not known"))
        return
    after, event = obey(ticket, command, draft.now)
    if after != ticket:
        draft.put(after)
    draft.tell(event)


def call(draft: Draft, command: PageAlso) -> None:
    """For whom the names stand now; not for those whom no page can reach, and that is said."""
    ticket = draft.get(Ticket, command.ticket)
    people = meant(draft.configuration, command.whom, draft.now)
    why = {person: unreachable(draft.configuration, person) for person in people}
    reached = tuple(person for person in people if not why[person])
    if ticket is not None and not ticket.ended and not reached:
        nobody = why_nobody(draft.configuration, command.whom, draft.now)
        draft.tell(CommandIgnored(ticket.number, "PageAlso", command.by, ticket.state.value, nobody))
        return
    follow_command(draft, replace(command, whom=reached))
    if ticket is not None and not ticket.ended:
        draft.tell(
            *(PersonUnreachable(ticket.number, person, why[person]) for person in people if why[person])
        )


def open_by_hand(draft: Draft, command: OpenTicket) -> None:
    """One that is for certain people alone is not opened if nobody of them can be paged."""
    nobody = why_nobody(draft.configuration, command.page, draft.now) if command.page else ""
    if nobody:
        draft.tell(PageRefused(command.by, command.page, nobody))
        return
    open_ticket(
        draft,
        opened_by_hand(command, draft.installation.next_ticket, draft.now),
        command.title,
        command.by,
    )


def archive(draft: Draft, fact: TicketDue) -> None:
    """Ended long enough ago: it stays in the store."""
    ticket = draft.get(Ticket, fact.ticket)
    if ticket is not None and ticket.due is not None and ticket.due <= draft.now:
        draft.put(replace(ticket, archived=True))


def shift(draft: Draft, fact: ClockSet) -> None:
    """A resolution by hand is believed as long as was meant."""
    for ticket in draft.all(Ticket):
        if ticket.held_until is not None:
            draft.put(replace(ticket, held_until=ticket.held_until + fact.by))


def follow_moved_probes(draft: Draft, fact: ConfigurationAccepted) -> None:
    """An open ticket belongs to the service that its probe answers for now."""
    for ticket in draft.find("open tickets", "open"):
        probe = draft.configuration.probes.get(ticket.probe or "")
        if probe is not None and probe.service != ticket.service:
            draft.put(replace(ticket, service=probe.service))


TRACK: Stage = {
    ConfigurationAccepted: follow_moved_probes,
    Judged: follow,
    Acknowledge: follow_command,
    Decline: follow_command,
    HandOver: follow_command,
    Resolve: follow_command,
    Comment: follow_command,
    Snooze: follow_command,
    SetPriority: follow_command,
    PageAlso: call,
    OpenTicket: open_by_hand,
    TicketDue: archive,
    ClockSet: shift,
}
