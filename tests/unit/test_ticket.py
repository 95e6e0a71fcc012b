"""A ticket as a record: its key, whether it has ended, and when it may leave the live world."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitord.core.organization import Priority
from monitord.core.ticket import KEPT_AFTER_END, State, Ticket

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
OPEN = Ticket(7, "web is down", "probe/web:down", "shop", Priority.URGENT, State.OPEN, NOW, NOW)
ENDED = replace(OPEN, state=State.RESOLVED, resolved=NOW)


def test_an_open_ticket_is_due_for_nothing() -> None:
    assert (7, True, False, None) == (OPEN.key, OPEN.live, OPEN.ended, OPEN.due)


def test_an_ended_ticket_may_leave_when_its_answer_links_have_ended() -> None:
    assert (True, NOW + KEPT_AFTER_END) == (ENDED.ended, ENDED.due)


def test_what_is_held_stays_for_as_long_after_the_hold() -> None:
    held = replace(ENDED, held_until=NOW + timedelta(minutes=10))
    over = replace(ENDED, held_until=NOW - timedelta(minutes=10))

    assert NOW + timedelta(minutes=10) + KEPT_AFTER_END == held.due
    assert NOW + KEPT_AFTER_END == over.due


def test_what_was_archived_is_not_live() -> None:
    assert not replace(ENDED, archived=True).live
