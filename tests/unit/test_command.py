"""What people ask for: each command names a ticket and who asks."""

from datetime import UTC, datetime
from typing import get_args

import pytest

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
from monitord.core.organization import Priority


@pytest.mark.parametrize("kind", get_args(Command), ids=lambda kind: kind.__name__)
def test_every_command_is_about_a_ticket_and_by_somebody(kind: type[Command]) -> None:
    assert {"ticket", "by", "via"} <= set(kind.__slots__)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (Acknowledge(7, "ann"), "link"),
        (Decline(7, "ann"), "link"),
        (HandOver(7, "ann", "bo"), "link"),
        (Resolve(7, "ann"), "cli"),
        (Comment(7, "ann", "looking"), "cli"),
        (Snooze(7, "ann", datetime(2026, 1, 5, tzinfo=UTC)), "cli"),
        (SetPriority(7, "ann", Priority.HIGH), "cli"),
        (PageAlso(7, "ann", ("bo",)), "cli"),
        (OpenTicket("Fire", "shop", Priority.URGENT, "ann"), "cli"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_command_remembers_how_it_was_said(command: Command | OpenTicket, expected: str) -> None:
    assert expected == command.via


def test_whoever_resolves_says_if_it_is_only_believed_for_ten_minutes() -> None:
    assert not Resolve(7, "ann").hold_until_clear
