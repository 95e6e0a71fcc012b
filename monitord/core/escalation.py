"""An escalation: one ticket's way up to top management, and what is told of it.

How it climbs stands in climbing.py, what an answer does to it in holding.py.
"""

from dataclasses import dataclass
from enum import Enum

from monitord.core.check import Instant, PersonId
from monitord.core.policy import Deadline, Policy, Target
from monitord.core.quorum import Quorum
from monitord.core.workhours import HoursAwaited


class RoundReason(Enum):
    OPENED = "opened"
    REOPENED = "reopened"
    HANDED_OVER = "handed over"
    DECLINED = "given back"
    LAPSED = "the acknowledgement lapsed"
    WOKEN = "the snooze is over"
    RAISED = "its priority was raised"
    EVERYBODY = "it is a catastrophe, everybody is called"
    CALLED_OFF = "it is no catastrophe any more"
    HOLDER_LEFT = "its holder is no longer in the configuration"
    OTHER_POLICY = "it goes by another policy now"


@dataclass(frozen=True, slots=True)
class Escalation:
    """One ticket's escalation; `tier` is the highest reached (0-based, -1: none), `step` counts pages to the
    circle, `heard` is the last step of which a message was handed over to anybody; `holder_known` says that a
    person of the configuration has it, not only somebody at the machine; `acknowledged` have it while more
    are needed, and `quorums` say how many (quorum.py).
    """

    ticket: int
    policy: Policy
    round: int
    reason: RoundReason
    deadline: Deadline
    step: int = 0
    tier: int = -1
    repeats: int = 0
    circle: tuple[PersonId, ...] = ()
    first: tuple[PersonId, ...] = ()
    alone: bool = False
    declined: tuple[PersonId, ...] = ()
    holder: PersonId | None = None
    renewals: int = 0
    heard: int = 0
    ended: bool = False
    holder_known: bool = False
    quorums: tuple[Quorum, ...] = ()
    acknowledged: tuple[PersonId, ...] = ()

    @property
    def key(self) -> int:
        return self.ticket

    @property
    def live(self) -> bool:
        return not self.ended

    @property
    def due(self) -> Instant | None:
        return None if self.ended else self.deadline.at


@dataclass(frozen=True, slots=True)
class EscalationDue:
    """A fact: the deadline of this ticket's escalation has come."""

    ticket: int


@dataclass(frozen=True, slots=True)
class RoundStarted:
    ticket: int
    round: int
    reason: RoundReason


@dataclass(frozen=True, slots=True)
class TierReached:
    """The circle widened; `tier` counts from 1 as people do, 0 is somebody asked alone."""

    ticket: int
    round: int
    tier: int
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class TierRepeated:
    ticket: int
    round: int
    tier: int
    repeat: int


@dataclass(frozen=True, slots=True)
class TierSkipped:
    """Nobody was on call there, so nobody was waited for."""

    ticket: int
    tier: int
    page: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class LastResortJoined:
    ticket: int
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class NobodyToPage:
    """Not one tier and no last resort has anybody: the worst a policy can be."""

    ticket: int
    policy: str


@dataclass(frozen=True, slots=True)
class PageRequested:
    """A request for one person's attention; `by` is who asks, with `text`, if it is a person."""

    ticket: int
    round: int
    step: int
    person: PersonId
    by: PersonId | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class HolderAsked:
    """Still on it?"""

    ticket: int
    round: int
    renewals: int
    person: PersonId
    lapses: Instant


@dataclass(frozen=True, slots=True)
class AcknowledgementLapsed:
    ticket: int
    holder: PersonId


@dataclass(frozen=True, slots=True)
class HolderLeft:
    """Who had it was taken out of the configuration."""

    ticket: int
    holder: PersonId


@dataclass(frozen=True, slots=True)
class SnoozeEnded:
    ticket: int
    holder: PersonId


@dataclass(frozen=True, slots=True)
class NothingToClimb:
    """A ticket without tiers was looked at again."""

    ticket: int


EscalationEvent = (
    RoundStarted
    | TierReached
    | TierRepeated
    | TierSkipped
    | LastResortJoined
    | NobodyToPage
    | PageRequested
    | HolderAsked
    | AcknowledgementLapsed
    | SnoozeEnded
    | HolderLeft
    | NothingToClimb
    | HoursAwaited
)
Step = tuple[Escalation, tuple[EscalationEvent, ...]]
