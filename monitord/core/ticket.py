"""A ticket: the record of work that signals or people open, and what may have happened to it.

How signals open, reopen and end it is in course.py, what people's commands do to it in acts.py.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from monitord.core.check import Instant, PersonId
from monitord.core.organization import Priority

KEPT_AFTER_END = timedelta(hours=24)  # answer links and reopening need an ended ticket for that long
HELD_AFTER_RESOLVE = timedelta(minutes=10)
HELD_UNTIL_CLEAR = timedelta(hours=24)
SIGNALS_MAX = 200  # of one group on one ticket; the next one opens another


class State(Enum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Resolution(Enum):
    """Why a ticket ended."""

    CLEARED = "it has recovered"
    REMOVED = "its probe was removed from the configuration"
    HEARTBEAT_REMOVED = "its heartbeat was removed from the configuration"
    INTEGRATION_REMOVED = "its integration was removed from the configuration"
    NOT_REFRESHED = "not refreshed by its source, taken as resolved"
    NOT_SAID_AGAIN = "resolved by hand, not said again since"
    BY_HAND = "resolved by hand"


@dataclass(frozen=True, slots=True)
class Ticket:
    """`since` is when the trouble began (dated back), `opened` when we opened the ticket for it. Who is in
    `asked` was asked by name and has not answered; `page` is whom it pages, whatever its service's policy.
    By `target` somebody must have acknowledged; `missed` is the target that nobody has met. Who is in
    `reopened_by` says that it is not over, whatever its signals say. What is in `told` are the webhooks that
    have heard of it.
    """

    number: int
    title: str
    cause: str
    service: str
    priority: Priority
    state: State
    since: Instant
    opened: Instant
    signals: tuple[str, ...] = ()
    probe: str | None = None
    summary: str = ""
    holder: PersonId | None = None
    last_holder: PersonId | None = None
    acknowledged: Instant | None = None
    resolved: Instant | None = None
    resolution: Resolution | None = None
    reopened: int = 0
    rounds: int = 0
    paged: tuple[PersonId, ...] = ()
    held_until: Instant | None = None
    archived: bool = False
    snoozed_until: Instant | None = None
    asked: tuple[PersonId, ...] = ()
    page: tuple[str, ...] = ()
    resolved_by: PersonId | None = None
    notices: int = 0
    severity: int | None = None
    target: Instant | None = None
    missed: Instant | None = None
    catastrophic: bool = False
    details: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    reopened_by: PersonId | None = None
    told: tuple[str, ...] = ()

    @property
    def key(self) -> int:
        return self.number

    @property
    def live(self) -> bool:
        return not self.archived

    @property
    def ended(self) -> bool:
        return self.state is State.RESOLVED

    @property
    def due(self) -> Instant | None:
        over = max(self.resolved, self.held_until or self.resolved) if self.resolved else None
        return over + KEPT_AFTER_END if over else self.target


@dataclass(frozen=True, slots=True)
class TicketDue:
    """A fact: an ended ticket may leave the live world; or the target of one that is open has come."""

    ticket: int


# Events: what came of it.


@dataclass(frozen=True, slots=True)
class TicketOpened:
    ticket: int
    priority: Priority
    reason: str
    by: PersonId | None = None


@dataclass(frozen=True, slots=True)
class SignalJoined:
    ticket: int
    signal: str
    summary: str


@dataclass(frozen=True, slots=True)
class SignalLeft:
    """It is over, or belongs to another `service` now."""

    ticket: int
    signal: str
    summary: str
    service: str = ""


@dataclass(frozen=True, slots=True)
class TicketMoved:
    """What it is about belongs to another service now; `before` is the one that it has left."""

    ticket: int
    service: str
    before: str


@dataclass(frozen=True, slots=True)
class TicketReopened:
    """Its cause came back, or a person says so."""

    ticket: int
    reason: str
    last_holder: PersonId | None
    by: PersonId | None = None


@dataclass(frozen=True, slots=True)
class TicketAcknowledged:
    ticket: int
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class AcknowledgementRenewed:
    ticket: int
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class TicketTakenOver:
    """Somebody else acknowledged what had a holder already."""

    ticket: int
    by: PersonId
    before: PersonId | None
    via: str


@dataclass(frozen=True, slots=True)
class PersonDeclined:
    """`gave_back`, when they had it."""

    ticket: int
    by: PersonId
    via: str
    gave_back: bool = False


@dataclass(frozen=True, slots=True)
class TicketHandedOver:
    """`before` had it, or was being asked."""

    ticket: int
    by: PersonId
    to: PersonId
    via: str
    before: PersonId | None = None


@dataclass(frozen=True, slots=True)
class TicketEscalated:
    """A person sends it to the next tier; `holder` had it."""

    ticket: int
    by: PersonId
    via: str
    holder: PersonId | None = None


@dataclass(frozen=True, slots=True)
class TicketSnoozed:
    """`before` is when it would have woken, if it slept already."""

    ticket: int
    by: PersonId
    until: Instant
    via: str
    holder: PersonId
    before: Instant | None = None


@dataclass(frozen=True, slots=True)
class TicketWoken:
    """Its holder said before the end of the snooze that they are on it."""

    ticket: int
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class PriorityRaised:
    """By a person, or because of what was found; `holder` had it."""

    ticket: int
    before: Priority
    priority: Priority
    holder: PersonId | None = None
    by: PersonId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PriorityLowered:
    ticket: int
    before: Priority
    priority: Priority
    by: PersonId


@dataclass(frozen=True, slots=True)
class UrgencyStressed:
    """A person says that it is urgent of what was urgent already."""

    ticket: int
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class TeamMobilised:
    """A person says that it is urgent: these are paged at once, besides those whom the policy pages."""

    ticket: int
    by: PersonId
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class PeopleCalled:
    """Somebody wants these, too, now; `again` were paged for this ticket before."""

    ticket: int
    by: PersonId
    people: tuple[PersonId, ...]
    text: str
    via: str
    again: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonJoined:
    """Who was called comes; the ticket stays with its holder."""

    ticket: int
    by: PersonId
    holder: PersonId | None
    via: str


@dataclass(frozen=True, slots=True)
class TicketResolved:
    ticket: int
    resolution: Resolution
    by: PersonId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class TicketCommented:
    ticket: int
    by: PersonId
    text: str


@dataclass(frozen=True, slots=True)
class CommandIgnored:
    """The command does not apply to a ticket in that state, for the reason `why`; nothing changed."""

    ticket: int
    command: str
    by: PersonId
    state: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class PageRefused:
    """Nobody of `whom` can be paged, so no ticket was opened."""

    by: PersonId
    whom: tuple[str, ...]
    why: str
