"""What a command does to a ticket, in every state that it may be in."""

from dataclasses import replace
from datetime import datetime
from typing import Any, get_args

import pytest

from monitord.core.acts import TRANSITIONS, obey, standing
from monitord.core.command import (
    Acknowledge,
    Command,
    Comment,
    Decline,
    Escalate,
    HandOver,
    PageAlso,
    Rating,
    Reopen,
    Resolve,
    SetPriority,
    Snooze,
)
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
from tests.fakes.web_is_down import BOS, ENDED, MINUTE, NOW, OPEN, TICKETS

HOUR = 60 * MINUTE
ANNS = replace(OPEN, state=State.ACKNOWLEDGED, holder="ann", last_holder="ann", acknowledged=NOW)
SLEEPS = replace(BOS, snoozed_until=NOW + HOUR)
BO_HAS_IT = "bo has it since 2026-01-05 03:11:00 UTC"
IT_IS_OVER = "it is over since 2026-01-05 03:11:00 UTC: it has recovered"
COMMANDS: dict[type[Any], Command] = {
    Acknowledge: Acknowledge(7, "ann", "link"),
    Decline: Decline(7, "ann", "link"),
    HandOver: HandOver(7, "ann", "cem", "link"),
    Resolve: Resolve(7, "ann", "rebooted", via="cli"),
    Comment: Comment(7, "ann", "looking", "cli"),
    Snooze: Snooze(7, "ann", NOW + 2 * HOUR),
    SetPriority: SetPriority(7, "ann", Priority.LOW),
    PageAlso: PageAlso(7, "ann", ("cem",), "please"),
    Escalate: Escalate(7, "ann"),
    Reopen: Reopen(7, "ann", "again"),
}
WHY = {State.OPEN: "nobody has it", State.ACKNOWLEDGED: BO_HAS_IT, State.RESOLVED: IT_IS_OVER}
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
        (
            State.OPEN,
            COMMANDS[HandOver],
            replace(OPEN, asked=("cem",)),
            TicketHandedOver(7, "ann", "cem", "link"),
        ),
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
                resolved_by="ann",
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
            PersonDeclined(7, "bo", "link", gave_back=True),
        ),
        (
            State.ACKNOWLEDGED,
            COMMANDS[Decline],
            BOS,
            CommandIgnored(7, "Decline", "ann", "acknowledged", BO_HAS_IT),
        ),
        (
            State.ACKNOWLEDGED,
            COMMANDS[HandOver],
            replace(OPEN, last_holder="bo", asked=("cem",)),
            TicketHandedOver(7, "ann", "cem", "link", "bo"),
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
                resolved_by="ann",
            ),
            TicketResolved(7, Resolution.BY_HAND, "ann"),
        ),
        (State.ACKNOWLEDGED, COMMANDS[Comment], BOS, TicketCommented(7, "ann", "looking")),
        (
            State.OPEN,
            COMMANDS[Snooze],
            replace(ANNS, snoozed_until=NOW + 2 * HOUR),
            TicketSnoozed(7, "ann", NOW + 2 * HOUR, "cli", "ann"),
        ),
        (
            State.ACKNOWLEDGED,
            COMMANDS[Snooze],
            replace(BOS, snoozed_until=NOW + 2 * HOUR),
            TicketSnoozed(7, "ann", NOW + 2 * HOUR, "cli", "bo"),
        ),
        (
            State.OPEN,
            COMMANDS[SetPriority],
            replace(OPEN, priority=Priority.LOW),
            PriorityLowered(7, Priority.URGENT, Priority.LOW, "ann"),
        ),
        (
            State.ACKNOWLEDGED,
            COMMANDS[SetPriority],
            replace(BOS, priority=Priority.LOW),
            PriorityLowered(7, Priority.URGENT, Priority.LOW, "ann"),
        ),
        (
            State.OPEN,
            COMMANDS[PageAlso],
            replace(OPEN, asked=("cem",)),
            PeopleCalled(7, "ann", ("cem",), "please", "cli"),
        ),
        (
            State.ACKNOWLEDGED,
            COMMANDS[PageAlso],
            replace(BOS, asked=("cem",)),
            PeopleCalled(7, "ann", ("cem",), "please", "cli"),
        ),
        (State.OPEN, COMMANDS[Escalate], OPEN, TicketEscalated(7, "ann", "cli")),
        (
            State.ACKNOWLEDGED,
            COMMANDS[Escalate],
            replace(OPEN, last_holder="bo"),
            TicketEscalated(7, "ann", "cli", "bo"),
        ),
        (
            State.RESOLVED,
            COMMANDS[Reopen],
            replace(ENDED, state=State.OPEN, resolved=None, resolution=None, reopened=1, reopened_by="ann"),
            TicketReopened(7, "ann says that it is not over (cli): again", ENDED.last_holder, "ann"),
        ),
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
    assert CommandIgnored(7, command.__name__, "ann", state.value, WHY[state]) == event


def test_every_command_has_its_place_in_the_table() -> None:
    by_table = set(get_args(Command)) - set(get_args(Rating))

    assert by_table == set(COMMANDS) == {command for _, command in TRANSITIONS}
    assert 10 == len(NOT_IN_THE_TABLE)


# Snoozes, priorities, people who are called.


def test_a_snooze_may_be_changed_and_says_what_it_was_before() -> None:
    ticket, event = obey(SLEEPS, Snooze(7, "ann", NOW + 2 * HOUR), NOW)

    assert replace(SLEEPS, snoozed_until=NOW + 2 * HOUR) == ticket
    assert TicketSnoozed(7, "ann", NOW + 2 * HOUR, "cli", "bo", NOW + HOUR) == event


@pytest.mark.parametrize(
    ("until", "why"),
    [
        (NOW, "2026-01-05 03:12:00 UTC is over already"),
        (NOW + 24 * HOUR + MINUTE, "a ticket sleeps for at most 24 hours"),
    ],
)
def test_nothing_sleeps_into_the_past_or_longer_than_a_day(until: datetime, why: str) -> None:
    assert (OPEN, CommandIgnored(7, "Snooze", "ann", "open", why)) == obey(OPEN, Snooze(7, "ann", until), NOW)


@pytest.mark.parametrize(
    ("command", "ticket", "event"),
    [
        (Acknowledge(7, "bo", "cli"), BOS, TicketWoken(7, "bo", "cli")),
        (Acknowledge(7, "ann", "cli"), ANNS, TicketTakenOver(7, "ann", "bo", "cli")),
        (Comment(7, "bo", "waiting", "cli"), SLEEPS, TicketCommented(7, "bo", "waiting")),
        (
            Decline(7, "bo", "cli"),
            replace(OPEN, last_holder="bo"),
            PersonDeclined(7, "bo", "cli", gave_back=True),
        ),
    ],
)
def test_an_answer_wakes_what_sleeps_and_a_word_does_not(
    command: Command, ticket: Ticket, event: object
) -> None:
    assert (ticket, event) == obey(SLEEPS, command, NOW)


def test_what_ends_sleeps_no_more() -> None:
    assert obey(SLEEPS, Resolve(7, "bo"), NOW)[0].snoozed_until is None


def test_a_raised_priority_is_for_everybody_again() -> None:
    low = replace(SLEEPS, priority=Priority.LOW)

    ticket, event = obey(low, SetPriority(7, "ann", Priority.HIGH), NOW)

    assert replace(OPEN, priority=Priority.HIGH, last_holder="bo") == ticket
    assert PriorityRaised(7, Priority.LOW, Priority.HIGH, "bo", "ann", "raised by ann") == event


def test_a_priority_that_it_has_already_is_not_set() -> None:
    high, why = replace(BOS, priority=Priority.HIGH), "its priority is high already"

    assert (high, CommandIgnored(7, "SetPriority", "ann", "acknowledged", why)) == obey(
        high, SetPriority(7, "ann", Priority.HIGH), NOW
    )


def test_urgent_said_of_what_is_urgent_is_remembered_for_those_who_are_to_hear_of_it() -> None:
    assert (BOS, UrgencyStressed(7, "ann", "cli")) == obey(BOS, SetPriority(7, "ann", Priority.URGENT), NOW)


def test_who_was_called_comes_and_the_holder_stays() -> None:
    called = replace(BOS, asked=("cem", "dee"))

    assert (replace(BOS, asked=("dee",)), PersonJoined(7, "cem", "bo", "link")) == obey(
        called, Acknowledge(7, "cem"), NOW
    )
    assert (replace(BOS, asked=("cem",)), PersonDeclined(7, "dee", "link")) == obey(
        called, Decline(7, "dee"), NOW
    )


def test_nobody_is_called_twice_at_once_and_a_second_call_says_so() -> None:
    called = replace(BOS, asked=("cem",), paged=("ann", "cem"))

    ticket, event = obey(called, PageAlso(7, "ann", ("cem", "dee"), "now"), NOW)

    assert ("cem", "dee") == ticket.asked
    assert PeopleCalled(7, "ann", ("cem", "dee"), "now", "cli", ("cem",)) == event


def test_who_takes_it_needs_nobody_else() -> None:
    assert () == obey(replace(BOS, asked=("cem",)), Acknowledge(7, "ann"), NOW)[0].asked


def test_who_hands_over_second_hears_of_the_first() -> None:
    handed = obey(OPEN, HandOver(7, "ann", "cem", "link"), NOW)[0]

    assert TicketHandedOver(7, "bo", "dee", "link", "cem") == obey(handed, HandOver(7, "bo", "dee"), NOW)[1]


@pytest.mark.parametrize(
    ("ticket", "expected"),
    [
        (OPEN, "nobody has it"),
        (BOS, BO_HAS_IT),
        (ENDED, IT_IS_OVER),
        (
            replace(ENDED, resolution=Resolution.BY_HAND, resolved_by="ann"),
            "it is over since 2026-01-05 03:11:00 UTC: resolved by hand by ann",
        ),
    ],
)
def test_how_it_stands(ticket: Ticket, expected: str) -> None:
    assert expected == standing(ticket)
