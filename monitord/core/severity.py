"""Severity: how bad it is, from 1 (worst) to 4; it sets the priority, and until when somebody must have it.

Theory of operation. The priority alone decides who is woken; the severity chooses it, by a table that the
organisation may change. Its *target* is the time within which somebody must have acknowledged. A ticket has
one target at a time, from when it opens or reopens; an acknowledgement meets it for good. A target that is
missed is on the timeline, and widens the circle: the next tier is paged at once.

What a person says of a ticket that is open already stands in rating.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.organization import Priority

WORST = 1
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Severity:
    """What a number means; without `acknowledge_within` there is no target."""

    number: int
    priority: Priority
    acknowledge_within: timedelta | None = None

    def target(self, now: Instant) -> Instant | None:
        """Until when somebody must have acknowledged what begins now."""
        return now + self.acknowledge_within if self.acknowledge_within is not None else None


Severities = Mapping[int, Severity]
SEVERITIES: Severities = {
    1: Severity(1, Priority.URGENT, HOUR),
    2: Severity(2, Priority.HIGH, 4 * HOUR),
    3: Severity(3, Priority.MEDIUM, 8 * HOUR),
    4: Severity(4, Priority.LOW),
}


@dataclass(frozen=True, slots=True)
class TargetMissed:
    """Nobody had acknowledged by then."""

    ticket: int
    severity: int
    target: Instant


@dataclass(frozen=True, slots=True)
class SeveritySet:
    """A person says how bad it is; `before` is what was said until now."""

    ticket: int
    by: PersonId
    before: int | None
    severity: int
    via: str


@dataclass(frozen=True, slots=True)
class CatastropheDeclared:
    """A person calls in the whole staff for a ticket that is open; `holder` had it."""

    ticket: int
    by: PersonId
    holder: PersonId | None
    text: str
    via: str


@dataclass(frozen=True, slots=True)
class CatastropheCalledOff:
    """It is still open, and none any more."""

    ticket: int
    by: PersonId
    severity: int
    priority: Priority
    via: str


def worse(one: int | None, other: int | None) -> int | None:
    """The smaller number; one that nobody has said is none."""
    return min((each for each in (one, other) if each is not None), default=None)
