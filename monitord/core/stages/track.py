"""track: verdicts become tickets and what happens to them; what people say of them stands in obey.py."""

from dataclasses import replace

from monitord.core.check import ClockSet, Instant
from monitord.core.course import (
    end,
    may_reopen,
    missed,
    opened_by,
    priority_of,
    reopened_by,
    reprioritised,
    timed,
    without_signal,
)
from monitord.core.heartbeat import Pinged
from monitord.core.report import Report, heartbeat_source
from monitord.core.severity import TargetMissed, worse
from monitord.core.signal import DOWN, Signal, SignalMoved, SignalWorsened, signal_key
from monitord.core.stages.obey import OBEY, open_ticket, still_of_it
from monitord.core.ticket import (
    SIGNALS_MAX,
    PriorityRaised,
    Resolution,
    SignalJoined,
    SignalLeft,
    Ticket,
    TicketDue,
    TicketMoved,
    TicketReopened,
    TicketResolved,
)
from monitord.core.verdict import Action, Judged, Verdict
from monitord.core.wording import title
from monitord.core.world import Draft, Stage


def follow(draft: Draft, event: Judged) -> None:
    """Raise or clear; a hold changes no ticket."""
    if event.verdict.action is Action.RAISE:
        pressing = event.before is not None and event.before.worse
        raise_ticket(draft, event.signal, event.verdict.reason.value, pressing=pressing)
    elif event.verdict.action is Action.CLEAR:
        clear_ticket(draft, event.signal)


def raise_ticket(draft: Draft, signal: Signal, reason: str, *, pressing: bool = False) -> None:
    """Join the ticket of this cause, reopen it, or open a new one. Who has a ticket already is not told of a
    signal more on it, unless that is more pressing; nor of one that is on it, unless it is `pressing` now.
    """
    ticket = newest(draft, signal, draft.now)
    if ticket is None:
        open_ticket(
            draft, opened_by(signal, draft.installation.next_ticket, title(signal), draft.now), reason
        )
    elif ticket.ended:
        again = reopened_by(about(still_of_it(draft, ticket), signal), signal)
        draft.put(timed(again, draft.configuration.severities, draft.now))
        draft.tell(TicketReopened(ticket.number, reason, ticket.last_holder))
    elif signal.key not in ticket.signals:
        joined = move(draft, replace(ticket, signals=(*ticket.signals, signal.key)), signal)
        draft.tell(SignalJoined(ticket.number, signal.key, signal.summary))
        raise_priority(draft, joined, signal)
    elif pressing:
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
    """Its ticket goes along, one that somebody has resolved, too; but one on which others are stays with
    them.
    """
    signal = event.signal
    for ticket in draft.find("ended tickets by signal", signal.key):
        if ticket.signals == (signal.key,):
            draft.put(replace(ticket, service=signal.service, cause=signal.cause))
    for ticket in draft.find("tickets by signal", signal.key):
        if ticket.signals == (signal.key,):
            move(draft, ticket, signal)
        else:
            part(draft, ticket, signal)


def move(draft: Draft, ticket: Ticket, signal: Signal) -> Ticket:
    """To the service of this signal, if it is another one."""
    moved = replace(ticket, service=signal.service, cause=signal.cause)
    draft.put(moved)
    if ticket.service != signal.service:
        draft.tell(TicketMoved(ticket.number, signal.service, ticket.service))
    return moved


def part(draft: Draft, ticket: Ticket, signal: Signal) -> None:
    """The signal leaves for the ticket of its own cause; the one that it leaves speaks of what stays."""
    left = without_signal(ticket, signal.key)
    stays = draft.get(Signal, left.signals[0])
    before = draft.below.get(Signal, signal.key)
    if stays is not None and before is not None and found(ticket) == found(before):
        left = replace(about(left, stays), severity=ticket.severity)
    draft.put(left)
    draft.tell(SignalLeft(ticket.number, signal.key, signal.summary, signal.service))
    verdict = draft.get(Verdict, signal.key)
    if verdict is not None and verdict.action is Action.RAISE:
        raise_ticket(draft, signal, verdict.reason.value)


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
    **OBEY,
    TicketDue: look_again,
    ClockSet: shift,
}
