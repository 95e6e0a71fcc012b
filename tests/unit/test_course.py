"""A ticket's course: how it opens, ends, and comes back."""

from dataclasses import replace

import pytest

from monitord.core.command import OpenTicket
from monitord.core.course import end, may_reopen, opened_by, opened_by_hand, reopened_by, without_signal
from monitord.core.organization import Priority
from monitord.core.signal import DOWN, UNKNOWN
from monitord.core.ticket import KEPT_AFTER_END, Resolution, State, Ticket
from tests.fakes.web_is_down import BOS, ENDED, MINUTE, NOW, OPEN, SIGNAL, SINCE

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
