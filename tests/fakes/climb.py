"""A way up of three tiers, and what one step of it did."""

from datetime import UTC, datetime, timedelta
from typing import Any

from monitord.core.check import Instant
from monitord.core.climbing import Reach, begin
from monitord.core.escalation import PageRequested, RoundReason, Step
from monitord.core.policy import Policy, Tier

START = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
UP = Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("bo",), 10 * MINUTE), Tier(("cem", "dee"), 15 * MINUTE)))
NOBODY: frozenset[str] = frozenset({"nobody"})


def minute(number: float) -> Instant:
    return START + number * MINUTE


def reach(*last_resort: str, missing: frozenset[str] = NOBODY) -> Reach:
    """A world where every target is a person of that name, except the missing."""
    return Reach(lambda targets: tuple(name for name in targets if name not in missing), last_resort)


def started(policy: Policy = UP, **more: Any) -> Step:
    return begin(7, policy, 1, RoundReason.OPENED, START, reach(), **more)


def paged(step: Step) -> tuple[str, ...]:
    return tuple(event.person for event in step[1] if isinstance(event, PageRequested))


def told(step: Step) -> list[type[Any]]:
    """What happened, without the single pages."""
    return [type(event) for event in step[1] if not isinstance(event, PageRequested)]
