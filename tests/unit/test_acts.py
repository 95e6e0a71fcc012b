"""What a command does to a ticket, in every state that it may be in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from monitord.core.acts import TRANSITIONS, obey
from monitord.core.command import Acknowledge, Command, Comment, Decline, HandOver, Resolve
from monitord.core.organization import Priority
from monitord.core.signal import DOWN, Signal
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
