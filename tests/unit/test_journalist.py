"""journalist: every event is one line, with its fields and its sentence."""

from dataclasses import dataclass, fields
from typing import Any

import pytest

from monitord.core.delivery import DeliveryHandedOver, Purpose
from monitord.core.escalation import PageRequested, TierReached
from monitord.core.signal import Signal, SignalRaised
from monitord.core.subscription import BroadcastExpanded
from monitord.core.ticket import Resolution, TicketResolved
from monitord.core.timeline import EVENTS
from monitord.engine.journalist import OTHERWISE, Journalist
from tests.fakes.shop import MORNING, logbook

SIGNAL = Signal("probe/web", "down", "shop", True, MORNING, MORNING, "refused")


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            TicketResolved(47, Resolution.BY_HAND, "bo"),
            {
                "event": "ticket resolved",
                "log_level": "info",
                "ticket": 47,
                "resolution": "resolved by hand",
                "by": "bo",
                "note": "",
                "says": "resolved by hand (by bo)",
            },
        ),
        (
            TierReached(47, 1, 2, ("ann", "bo")),
            {
                "event": "tier reached",
                "log_level": "info",
                "ticket": 47,
                "round": 1,
                "tier": 2,
                "people": "ann, bo",
                "says": "tier 2 reached: ann, bo",
            },
        ),
        (
            SignalRaised(SIGNAL),
            {
                "event": "signal raised",
                "log_level": "debug",
                "about": "probe/web:down",
                "says": "signal probe/web:down raised: refused",
            },
        ),
        (
            BroadcastExpanded("abc/1", 500, False),
            {
                "event": "broadcast expanded",
                "log_level": "debug",
                "about": "abc/1",
                "post": "abc/1",
                "deliveries": 500,
                "done": False,
                "says": "post abc/1: 500 more mails",
            },
        ),
    ],
)
def test_an_event_is_one_line(event: Any, line: dict[str, Any]) -> None:
    log, lines = logbook()
    Journalist(log).write([event])

    assert [line] == lines


@pytest.mark.parametrize(("purpose", "level"), [(Purpose.PAGE, "info"), (Purpose.POST, "debug")])
def test_mails_to_subscribers_are_nobodys_emergency(purpose: Purpose, level: str) -> None:
    log, lines = logbook()
    ticket = 1 if purpose is Purpose.PAGE else None
    Journalist(log).write([DeliveryHandedOver(ticket, "d", "ann", "email", "ann@example.org", purpose)])

    assert [level] == [line["log_level"] for line in lines]


def test_lines_come_in_the_order_of_the_events() -> None:
    log, lines = logbook()
    Journalist(log).write([SignalRaised(SIGNAL), PageRequested(1, 1, 1, "ann")])

    assert ["signal raised", "page requested"] == [line["event"] for line in lines]


def test_an_event_that_cannot_be_told_costs_its_own_line() -> None:
    log, lines = logbook()
    Journalist(log).write([Untold(), SignalRaised(SIGNAL)])

    assert ["event not told", "signal raised"] == [line["event"] for line in lines]


@dataclass
class Untold:
    """Nobody has found words for it."""


def test_no_event_has_a_field_that_a_log_line_has_itself() -> None:
    taken = {"self", "level", "event", "says"}

    assert [] == [
        (kind.__name__, name)
        for kind in EVENTS
        for field in fields(kind)
        if (name := OTHERWISE.get(field.name, field.name)) in taken
    ]
