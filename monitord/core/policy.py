"""A policy: the way up to top management, and what its deadlines are."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from monitord.core.check import Instant
from monitord.core.workhours import Workhours

REPEATS_AT_PACE = 3
LONGEST_PAUSE = timedelta(hours=1)
ASK_BEFORE = timedelta(minutes=5)

ANY = 1
EACH = 1_000_000  # more than any tier has: all of them

Target = str  # the id of a rotation, a person or a team; or `everybody`


@dataclass(frozen=True, slots=True)
class Tier:
    """Whom this step adds to the circle, how long they have, and how many of them must acknowledge."""

    page: tuple[Target, ...]
    lasts: timedelta
    acknowledge: int = ANY

    @property
    def enough(self) -> str:
        """As it is written: `any`, `2`, `each`."""
        return {ANY: "any", EACH: "each"}.get(self.acknowledge, str(self.acknowledge))


@dataclass(frozen=True, slots=True)
class Policy:
    """The way up. An escalation carries a copy: an edit cannot change a running one by halves. If it
    `remembers`, who has answered is called no more, in all its rounds. It pages in the hours of `only`.
    """

    id: str
    tiers: tuple[Tier, ...]
    acknowledgement_lasts: timedelta = timedelta(minutes=30)
    remembers: bool = False
    only: Workhours | None = None


class DeadlineKind(Enum):
    TIER = "tier"
    ASK = "ask the holder"
    LAPSE = "lapse of the acknowledgement"
    SNOOZE = "snooze"
    REVIEW = "review"
    HOURS = "working hours"


@dataclass(frozen=True, slots=True)
class Deadline:
    """When to look again and why; never further away than `span`."""

    kind: DeadlineKind
    at: Instant
    span: timedelta


def pause(lasts: timedelta, repeats: int) -> timedelta:
    """How long until the last tier is told again: at its pace, then doubling, at most an hour (or its own
    time).
    """
    if repeats <= REPEATS_AT_PACE:
        return lasts
    doublings = min(repeats - REPEATS_AT_PACE, 20)
    return min(lasts * (1 << doublings), max(LONGEST_PAUSE, lasts))


def asks_after(policy: Policy) -> timedelta:
    """How long after an acknowledgement its holder is asked."""
    return policy.acknowledgement_lasts - asked_for(policy)


def asked_for(policy: Policy) -> timedelta:
    """How long the holder then has."""
    return min(ASK_BEFORE, policy.acknowledgement_lasts / 3)


def after(kind: DeadlineKind, now: Instant, span: timedelta) -> Deadline:
    return Deadline(kind, now + span, span)
