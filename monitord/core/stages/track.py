"""track: verdicts and commands become tickets and what happens to them."""

from dataclasses import replace
from typing import Any

from monitord.core.acts import no_longer_asked, obey
from monitord.core.check import ClockSet, Instant
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
from monitord.core.course import (
    end,
    may_reopen,
    missed,
    opened_by,
    opened_by_hand,
    priority_of,
    rated,
    reopened_by,
    reprioritised,
    timed,
    without_signal,
)
from monitord.core.escalation import Escalation
from monitord.core.heartbeat import Pinged
from monitord.core.paging import PersonUnreachable
from monitord.core.quorum import AcknowledgementCounted, enough, have, nearest
from monitord.core.rating import everybody_called, rated_by_hand
from monitord.core.report import Report, heartbeat_source
from monitord.core.roster import in_force
from monitord.core.severity import TargetMissed, worse
from monitord.core.signal import DOWN, Signal, SignalMoved, SignalWorsened, signal_key
from monitord.core.ticket import (
    SIGNALS_MAX,
    CommandIgnored,
    PageRefused,
    PriorityRaised,
    Resolution,
    SignalJoined,
    SignalLeft,
    State,
    Ticket,
    TicketDue,
    TicketOpened,
    TicketReopened,
    TicketResolved,
)
from monitord.core.verdict import Action, Judged, Verdict
from monitord.core.whom import meant, unreachable, why_nobody
from monitord.core.wording import title
from monitord.core.world import Draft, Stage


def follow(draft: Draft, event: Judged) -> None:
    """Raise or clear; a hold changes no ticket."""
    if event.verdict.action is Action.RAISE:
        raise_ticket(draft, event.signal, event.verdict.reason.value)
    elif event.verdict.action is Action.CLEAR:
        clear_ticket(draft, event.signal)


def raise_ticket(draft: Draft, signal: Signal, reason: str) -> None:
    """Join the ticket of this cause, reopen it, or open a new one. Who has a ticket already is not told of a
    signal more on it, unless that is more pressing.
    """
    ticket = newest(draft, signal, draft.now)
    if ticket is None:
        open_ticket(
            draft, opened_by(signal, draft.installation.next_ticket, title(signal), draft.now), reason
        )
    elif ticket.ended:
        again = reopened_by(about(ticket, signal), signal)
        draft.put(timed(again, draft.configuration.severities, draft.now))
        draft.tell(TicketReopened(ticket.number, reason, ticket.last_holder))
    elif signal.key not in ticket.signals:
        joined = replace(ticket, signals=(*ticket.signals, signal.key))
        draft.put(joined)
        draft.tell(SignalJoined(ticket.number, signal.key, signal.summary))
        raise_priority(draft, joined, signal)
    else:
        raise_priority(draft, ticket, signal)


def newest(draft: Draft, signal: Signal, now: Instant) -> Ticket | None:
    """The ticket that a signal belongs to: the one it is on, an open one of its cause that has room, or one
    that may be reopened.
    """
    on: list[Ticket] = draft.find("tickets by signal", signal.key)
    if on:
        return on[-1]
    causing: list[Ticket] = draft.find("tickets by cause", signal.cause)
    unfinished = [ticket for ticket in causing if not ticket.ended]
    if unfinished:
        return next((ticket for ticket in unfinished if len(ticket.signals) < SIGNALS_MAX), None)
    within = draft.configuration.reopen_within
    return next((ticket for ticket in reversed(causing) if may_reopen(ticket, within, now)), None)


def raise_priority(draft: Draft, ticket: Ticket, signal: Signal) -> None:
    """A signal that is more pressing than its ticket makes it so; nothing that is found makes it less."""
    priority = priority_of(signal)
    if priority.outranks(ticket.priority):
        draft.put(reprioritised(about(ticket, signal), priority))
        why = f"{signal.key}: {signal.summary}" if signal.summary else signal.key
        draft.tell(PriorityRaised(ticket.number, ticket.priority, priority, ticket.holder, None, why))


def about(ticket: Ticket, signal: Signal) -> Ticket:
    """What makes it more pressing is what people read first."""
    return replace(
        ticket,
        title=title(signal),
        summary=signal.summary,
        details=signal.details,
        links=signal.links,
        severity=worse(ticket.severity, signal.severity),
    )


def follow_worse(draft: Draft, event: SignalWorsened) -> None:
    """What is held back stays so."""
    verdict = draft.get(Verdict, event.signal.key)
    if verdict is not None and verdict.action is Action.RAISE:
        for ticket in draft.find("tickets by signal", event.signal.key):
            raise_priority(draft, ticket, event.signal)


def follow_report(draft: Draft, report: Report) -> None:
    renew(draft, report.key)


def follow_ping(draft: Draft, ping: Pinged) -> None:
    renew(draft, signal_key(heartbeat_source(ping.heartbeat), DOWN))


def renew(draft: Draft, key: str) -> None:
    """Other words for what is raised are read on its open ticket, too; that pages nobody and keeps the title.
    A ticket that several share goes on speaking of the signal that it spoke of.
    """
    before, signal = draft.below.get(Signal, key), draft.get(Signal, key)
    if before is None or signal is None or found(before) == found(signal):
        return
    for ticket in draft.find("tickets by signal", key):
        if not signal.group or found(ticket) == found(before):
            draft.put(replace(ticket, summary=signal.summary, details=signal.details, links=signal.links))


def found(known: Signal | Ticket) -> tuple[object, ...]:
    """What people read of it besides its title."""
    return known.summary, known.details, known.links


def follow_moved(draft: Draft, event: SignalMoved) -> None:
    """An open ticket belongs to the service that its signal is about now."""
    for ticket in draft.find("tickets by signal", event.signal.key):
        draft.put(replace(ticket, service=event.signal.service))


def open_ticket(draft: Draft, ticket: Ticket, reason: str, by: str | None = None) -> None:
    severities = draft.configuration.severities
    opened = timed(rated(ticket, severities), severities, draft.now)
    draft.put(replace(draft.installation, next_ticket=ticket.number + 1), opened)
    draft.tell(TicketOpened(ticket.number, opened.priority, reason, by))


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
        resolution = how_it_ended(signal)
        draft.put(end(left, resolution, draft.now))
        draft.tell(TicketResolved(ticket.number, resolution))
    for ticket in draft.find("ended tickets by signal", signal.key):
        believe_no_longer(draft, ticket, signal)


def believe_no_longer(draft: Draft, ticket: Ticket, signal: Signal) -> None:
    """Somebody had resolved it by hand, and now it is really over."""
    left = without_signal(ticket, signal.key)
    if not left.signals and left.held_until is not None:
        left = replace(left, held_until=min(left.held_until, draft.now))
    draft.put(left)


def how_it_ended(signal: Signal) -> Resolution:
    if signal.removed:
        return REMOVED.get(signal.source.partition("/")[0], Resolution.REMOVED)
    if signal.lapsed:
        return Resolution.NOT_REFRESHED
    return Resolution.NOT_SAID_AGAIN if signal.not_said_again else Resolution.CLEARED


REMOVED = {"heartbeat": Resolution.HEARTBEAT_REMOVED, "in": Resolution.INTEGRATION_REMOVED}


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
        why = "its policy has no tiers; page somebody by name"
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
    free = tuple(key for key in ticket.signals if is_free(draft, key))
    draft.put(timed(replace(after, signals=free), draft.configuration.severities, draft.now))
    draft.tell(event)


def is_free(draft: Draft, key: str) -> bool:
    return draft.get(Signal, key) is not None and not list(draft.keys("tickets by signal", key))


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


def look_again(draft: Draft, fact: TicketDue) -> None:
    """Ended long enough ago, it stays in the store; open beyond its target, somebody more must hear of it."""
    ticket = draft.get(Ticket, fact.ticket)
    if ticket is None or ticket.due is None or ticket.due > draft.now:
        return
    if ticket.ended:
        draft.put(replace(ticket, archived=True))
    elif ticket.target is not None:
        draft.put(missed(ticket))
        draft.tell(TargetMissed(ticket.number, ticket.severity or 0, ticket.target))


def shift(draft: Draft, fact: ClockSet) -> None:
    """A resolution by hand is believed as long as was meant, and a target is as far away."""
    for ticket in draft.all(Ticket):
        if ticket.held_until is not None:
            draft.put(replace(ticket, held_until=ticket.held_until + fact.by))
        elif ticket.target is not None:
            draft.put(replace(ticket, target=ticket.target + fact.by))


TRACK: Stage = {
    Report: follow_report,
    Pinged: follow_ping,
    SignalMoved: follow_moved,
    SignalWorsened: follow_worse,
    Judged: follow,
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
    TicketDue: look_again,
    ClockSet: shift,
}
