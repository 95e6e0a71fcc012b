"""A ticket: every command in every state, how it opens, ends, and comes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from monitord.core.command import Acknowledge, Command, Comment, Decline, HandOver, OpenTicket, Resolve
from monitord.core.organization import Priority
from monitord.core.signal import DOWN, UNKNOWN, Signal
from monitord.core.ticket import (
    HELD_AFTER_RESOLVE,
    HELD_UNTIL_CLEAR,
    KEPT_AFTER_END,
    TRANSITIONS,
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
    may_reopen,
    obey,
    opened_by,
    opened_by_hand,
    reopened_by,
    without_signal,
)

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=4)
MINUTE = timedelta(minutes=1)
SIGNAL = Signal("probe/web", DOWN, "shop", True, SINCE, NOW, "refused", "web")
OPEN = Ticket(
    number=7,
    title="web is down",
    cause=SIGNAL.key,
    service="shop",
    priority=Priority.URGENT,
    state=State.OPEN,
    since=SINCE,
    opened=NOW,
    signals=(SIGNAL.key,),
    probe="web",
    summary="refused",
)
BOS = replace(OPEN, state=State.ACKNOWLEDGED, holder="bo", last_holder="bo", acknowledged=NOW - MINUTE)
ENDED = replace(
    OPEN, state=State.RESOLVED, last_holder="bo", resolved=NOW - MINUTE, resolution=Resolution.CLEARED
)
TICKETS = {State.OPEN: OPEN, State.ACKNOWLEDGED: BOS, State.RESOLVED: ENDED}
COMMANDS: dict[type[Any], Command] = {
    Acknowledge: Acknowledge(7, "ann", "link"),
    Decline: Decline(7, "ann", "link"),
    HandOver: HandOver(7, "ann", "cem", "link"),
    Resolve: Resolve(7, "ann", "rebooted", via="cli"),
    Comment: Comment(7, "ann", "looking", "cli"),
}
NOT_IN_THE_TABLE = [
    (state, command) for state in State for command in COMMANDS if (state, command) not in TRANSITIONS
]


@pytest.mark.parametrize(
    ("state", "command", "ticket", "event"),
    [
        (
            State.OPEN,
            COMMANDS[Acknowledge],
            replace(OPEN, state=State.ACKNOWLEDGED, holder="ann", last_holder="ann", acknowledged=NOW),
            TicketAcknowledged(7, "ann", "link"),
        ),
        (State.OPEN, COMMANDS[Decline], OPEN, PersonDeclined(7, "ann", "link")),
        (State.OPEN, COMMANDS[HandOver], OPEN, TicketHandedOver(7, "ann", "cem", "link")),
        (
            State.OPEN,
            COMMANDS[Resolve],
            replace(
                OPEN,
                state=State.RESOLVED,
                resolved=NOW,
                resolution=Resolution.BY_HAND,
                held_until=NOW + HELD_AFTER_RESOLVE,
                last_holder="ann",
            ),
            TicketResolved(7, Resolution.BY_HAND, "ann", "rebooted"),
        ),
        (State.OPEN, COMMANDS[Comment], OPEN, TicketCommented(7, "ann", "looking")),
        (
            State.ACKNOWLEDGED,
            COMMANDS[Acknowledge],
            replace(BOS, holder="ann", last_holder="ann", acknowledged=NOW),
            TicketTakenOver(7, "ann", "bo", "link"),
        ),
        (
            State.ACKNOWLEDGED,
            Acknowledge(7, "bo", "cli"),
            BOS,
            AcknowledgementRenewed(7, "bo", "cli"),
        ),
        (
            State.ACKNOWLEDGED,
            Decline(7, "bo", "link"),
            replace(OPEN, last_holder="bo"),
            PersonDeclined(7, "bo", "link"),
        ),
        (
            State.ACKNOWLEDGED,
            COMMANDS[Decline],
            BOS,
            CommandIgnored(7, "Decline", "ann", "acknowledged"),
        ),
        (
            State.ACKNOWLEDGED,
            COMMANDS[HandOver],
            replace(OPEN, last_holder="bo"),
            TicketHandedOver(7, "ann", "cem", "link"),
        ),
        (
            State.ACKNOWLEDGED,
            Resolve(7, "ann", hold_until_clear=True),
            replace(
                OPEN,
                state=State.RESOLVED,
                resolved=NOW,
                acknowledged=NOW - MINUTE,
                resolution=Resolution.BY_HAND,
                held_until=NOW + HELD_UNTIL_CLEAR,
                last_holder="bo",
            ),
            TicketResolved(7, Resolution.BY_HAND, "ann"),
        ),
        (State.ACKNOWLEDGED, COMMANDS[Comment], BOS, TicketCommented(7, "ann", "looking")),
        (State.RESOLVED, COMMANDS[Comment], ENDED, TicketCommented(7, "ann", "looking")),
    ],
    ids=lambda value: value.value if isinstance(value, State) else type(value).__name__,
)
def test_what_a_command_does(state: State, command: Command, ticket: Ticket, event: object) -> None:
    assert (ticket, event) == obey(TICKETS[state], command, NOW)


@pytest.mark.parametrize(("state", "command"), NOT_IN_THE_TABLE, ids=lambda value: getattr(value, "name", ""))
def test_what_is_not_in_the_table_changes_nothing_and_says_so(state: State, command: type[Command]) -> None:
    ticket, event = obey(TICKETS[state], COMMANDS[command], NOW)

    assert TICKETS[state] is ticket
    assert CommandIgnored(7, command.__name__, "ann", state.value) == event


def test_every_command_has_its_place_in_the_table() -> None:
    assert set(get_args(Command)) == set(COMMANDS) == {command for _, command in TRANSITIONS}
    assert 4 == len(NOT_IN_THE_TABLE)


# How it opens.


@pytest.mark.parametrize(("name", "expected"), [(DOWN, Priority.URGENT), (UNKNOWN, Priority.HIGH)])
def test_a_signal_opens_an_urgent_ticket_when_it_is_down_a_high_one_when_nobody_can_tell(
    name: str, expected: Priority
) -> None:
    signal = replace(SIGNAL, name=name)

    ticket = opened_by(signal, 7, "web is down", NOW)

    assert replace(OPEN, cause=signal.key, signals=(signal.key,), priority=expected) == ticket
    assert (7, True, False, None) == (ticket.key, ticket.live, ticket.ended, ticket.due)


def test_a_ticket_that_a_person_opens_has_no_signal_and_a_cause_of_its_own() -> None:
    command = OpenTicket("Desk is dark", "shop", Priority.LOW, "cem", "third floor")

    ticket = opened_by_hand(command, 8, NOW)

    assert ("ticket/8", (), Priority.LOW, None) == (
        ticket.cause,
        ticket.signals,
        ticket.priority,
        ticket.probe,
    )
    assert ("Desk is dark", "third floor", NOW, NOW) == (
        ticket.title,
        ticket.summary,
        ticket.since,
        ticket.opened,
    )


# How it ends and comes back.


def test_an_ended_ticket_remembers_who_held_it() -> None:
    ended = end(BOS, Resolution.CLEARED, NOW)

    assert (State.RESOLVED, None, "bo", NOW) == (
        ended.state,
        ended.holder,
        ended.last_holder,
        ended.resolved,
    )
    assert "ann" == end(replace(OPEN, last_holder="ann"), Resolution.CLEARED, NOW).last_holder


def test_an_ended_ticket_may_leave_a_day_later() -> None:
    assert NOW - MINUTE + KEPT_AFTER_END == ENDED.due
    assert not replace(ENDED, archived=True).live


def test_a_cause_that_comes_back_reopens_its_ticket_with_what_was_found_this_time() -> None:
    again = replace(SIGNAL, since=NOW, summary="timed out")
    ended = replace(ENDED, held_until=NOW, reopened=1, signals=(), acknowledged=SINCE)

    ticket = reopened_by(ended, again)

    assert (State.OPEN, None, None, None, None, None) == (
        ticket.state,
        ticket.holder,
        ticket.acknowledged,
        ticket.resolved,
        ticket.resolution,
        ticket.held_until,
    )
    assert (2, NOW, "timed out", (SIGNAL.key,), "bo") == (
        ticket.reopened,
        ticket.since,
        ticket.summary,
        ticket.signals,
        ticket.last_holder,
    )
    assert (SIGNAL.key,) == reopened_by(ENDED, again).signals


@pytest.mark.parametrize(
    ("ticket", "expected"),
    [
        (OPEN, False),
        (replace(ENDED, resolved=NOW - 30 * MINUTE), True),
        (replace(ENDED, resolved=NOW - 31 * MINUTE), False),
        (replace(ENDED, resolved=NOW - 31 * MINUTE, held_until=NOW), True),
        (replace(ENDED, resolved=NOW - 60 * MINUTE, held_until=NOW - 30 * MINUTE), True),
        (replace(ENDED, resolved=NOW - 60 * MINUTE, held_until=NOW - 31 * MINUTE), False),
    ],
)
def test_it_may_reopen_within_its_time_after_its_end_or_its_hold(ticket: Ticket, expected: bool) -> None:
    assert expected == may_reopen(ticket, 30 * MINUTE, NOW)


def test_a_signal_that_clears_leaves_the_others() -> None:
    ticket = replace(OPEN, signals=("a", SIGNAL.key, "b"))

    assert ("a", "b") == without_signal(ticket, SIGNAL.key).signals
