"""obey: what people say of a ticket is done, or ignored with the reason."""

from dataclasses import replace
from typing import Any

from monitord.core.acts import no_longer_asked, obey
from monitord.core.command import (
    Acknowledge,
    CallEverybody,
    Command,
    Comment,
    Decline,
    Escalate,
    HandOver,
    OpenTicket,
    PageAlso,
    Reopen,
    Resolve,
    SetPriority,
    SetSeverity,
    Snooze,
)
from monitord.core.course import opened_by_hand, rated, timed
from monitord.core.escalation import Escalation
from monitord.core.paging import PersonUnreachable
from monitord.core.quorum import AcknowledgementCounted, enough, have, nearest
from monitord.core.rating import everybody_called, rated_by_hand
from monitord.core.roster import in_force
from monitord.core.signal import Signal
from monitord.core.ticket import CommandIgnored, PageRefused, State, Ticket, TicketOpened
from monitord.core.whom import meant, unreachable, why_nobody
from monitord.core.world import Draft, Stage


def open_ticket(draft: Draft, ticket: Ticket, reason: str, by: str | None = None) -> None:
    severities = draft.configuration.severities
    opened = timed(rated(ticket, severities), severities, draft.now)
    draft.put(replace(draft.installation, next_ticket=ticket.number + 1), opened)
    draft.tell(TicketOpened(ticket.number, opened.priority, reason, by))


def follow_command(draft: Draft, command: Command) -> None:
    ticket = draft.get(Ticket, command.ticket)
    if ticket is None:
        draft.tell(CommandIgnored(command.ticket, type(command).__name__, command.by, "not known"))
        return
    after, event = obey(ticket, command, draft.now)
    if after != ticket:
        draft.put(after)
    draft.tell(event)


def rate(draft: Draft, command: SetSeverity) -> None:
    """How bad it is, by a person's word; or that it is no catastrophe any more."""
    ticket, climbing = draft.get(Ticket, command.ticket), draft.get(Escalation, command.ticket)
    if ticket is None or ticket.ended or climbing is None:
        follow_command(draft, command)
        return
    have = tuple(person for person in climbing.acknowledged if person in draft.configuration.people)
    settle(draft, ticket, *rated_by_hand(ticket, command, draft.configuration.severities, have, draft.now))


def call_everybody(draft: Draft, command: CallEverybody) -> None:
    """It is a catastrophe, by a person's word."""
    ticket = draft.get(Ticket, command.ticket)
    if ticket is None or ticket.ended:
        follow_command(draft, command)
        return
    settle(draft, ticket, *everybody_called(ticket, command, draft.configuration.severities, draft.now))


def settle(draft: Draft, before: Ticket, after: Ticket, events: tuple[Any, ...]) -> None:
    if after != before:
        draft.put(after)
    draft.tell(*events)


def escalate(draft: Draft, command: Escalate) -> None:
    """A policy without tiers has nobody to send it to."""
    ticket, climbing = draft.get(Ticket, command.ticket), draft.get(Escalation, command.ticket)
    if ticket is not None and not ticket.ended and climbing is not None and not climbing.policy.tiers:
        why = "its service has no policy for it; page somebody by name"
        draft.tell(CommandIgnored(ticket.number, "Escalate", command.by, ticket.state.value, why))
        return
    follow_command(draft, command)


def reopen(draft: Draft, command: Reopen) -> None:
    """With what is still raised of it, and not on another ticket by now."""
    ticket = draft.get(Ticket, command.ticket)
    if ticket is None or not ticket.ended:
        follow_command(draft, command)
        return
    after, event = obey(ticket, command, draft.now)
    draft.put(timed(still_of_it(draft, after), draft.configuration.severities, draft.now))
    draft.tell(event)


def still_of_it(draft: Draft, ticket: Ticket) -> Ticket:
    """Without what has gone since it ended: what is over, on another ticket, or of another cause."""
    return replace(ticket, signals=tuple(key for key in ticket.signals if is_free(draft, ticket, key)))


def is_free(draft: Draft, ticket: Ticket, key: str) -> bool:
    signal = draft.get(Signal, key)
    on = [number for number in draft.keys("tickets by signal", key) if number != ticket.number]
    return signal is not None and signal.cause == ticket.cause and not on


def acknowledge(draft: Draft, command: Acknowledge) -> None:
    """Whoever makes them enough has it; before that they are counted, each once."""
    ticket, climbing = draft.get(Ticket, command.ticket), draft.get(Escalation, command.ticket)
    if ticket is None or climbing is None or ticket.state is not State.OPEN:
        follow_command(draft, command)
        return
    acknowledged = tuple(dict.fromkeys((*climbing.acknowledged, command.by)))
    if enough(climbing.quorums, acknowledged):
        follow_command(draft, command)
        return
    found = nearest(climbing.quorums, acknowledged)
    counted = have(found, acknowledged)
    if acknowledged != climbing.acknowledged:
        draft.put(no_longer_asked(ticket, command.by))
        draft.tell(AcknowledgementCounted(ticket.number, command.by, command.via, counted, found.needed))
        return
    why = f"{command.by} has it already; {counted} of {found.needed} needed"
    draft.tell(CommandIgnored(ticket.number, "Acknowledge", command.by, ticket.state.value, why))


def call(draft: Draft, command: PageAlso) -> None:
    """For whom the names stand now; not for those whom no page can reach, and that is said."""
    ticket = draft.get(Ticket, command.ticket)
    people = meant(in_force(draft), command.whom, draft.now)
    why = {person: unreachable(draft.configuration, person) for person in people}
    reached = tuple(person for person in people if not why[person])
    if ticket is not None and not ticket.ended and not reached:
        nobody = why_nobody(in_force(draft), command.whom, draft.now)
        draft.tell(CommandIgnored(ticket.number, "PageAlso", command.by, ticket.state.value, nobody))
        return
    follow_command(draft, replace(command, whom=reached))
    if ticket is not None and not ticket.ended:
        draft.tell(
            *(PersonUnreachable(ticket.number, person, why[person]) for person in people if why[person])
        )


def open_by_hand(draft: Draft, command: OpenTicket) -> None:
    """One that is for certain people alone is not opened if nobody of them can be paged."""
    nobody = why_nobody(in_force(draft), command.page, draft.now) if command.page else ""
    if nobody:
        draft.tell(PageRefused(command.by, command.page, nobody))
        return
    open_ticket(
        draft,
        opened_by_hand(command, draft.installation.next_ticket, draft.now),
        command.title,
        command.by,
    )


OBEY: Stage = {
    Acknowledge: acknowledge,
    Decline: follow_command,
    HandOver: follow_command,
    Resolve: follow_command,
    Comment: follow_command,
    Snooze: follow_command,
    SetPriority: follow_command,
    SetSeverity: rate,
    CallEverybody: call_everybody,
    PageAlso: call,
    Escalate: escalate,
    Reopen: reopen,
    OpenTicket: open_by_hand,
}
