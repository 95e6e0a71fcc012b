"""What the API answers, as values: the daemon writes them, the client reads them.

Instants are RFC 3339 in UTC; spans are seconds; a field that may be null is `| None`. To add a field is
compatible, to rename or remove one is not.
"""

from dataclasses import dataclass
from datetime import datetime

from monitord.client.calendars import CalendarRow


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens to a ticket if nobody does anything; `kind` is the deadline's kind."""

    at: datetime
    kind: str
    says: str
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TicketRow:
    """`since` is when the trouble began, `opened` when the ticket did; `next` is None once it has ended. Who
    is in `asked` was asked by name and has not answered. Who is in `acknowledged_by` has it while more are
    needed: `counted` of `needed` have acknowledged. By `target` somebody must have; `target_missed` is one
    that nobody met.
    """

    number: int
    title: str
    state: str
    priority: str
    service: str
    probe: str | None
    summary: str
    since: datetime
    opened: datetime
    holder: str | None
    acknowledged: datetime | None
    resolved: datetime | None
    resolution: str | None
    reopened: int
    rounds: int
    paged: tuple[str, ...]
    signals: tuple[str, ...]
    next: NextStep | None
    snoozed_until: datetime | None = None
    asked: tuple[str, ...] = ()
    acknowledged_by: tuple[str, ...] = ()
    counted: int = 0
    needed: int = 1
    severity: int | None = None
    target: datetime | None = None
    target_missed: datetime | None = None
    catastrophic: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline; `kind` is the event's name, as `ticket_acknowledged`."""

    at: datetime
    kind: str
    says: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One message to one address; `why` is what the channel said last."""

    id: str
    ticket: int | None
    purpose: str
    person: str | None
    channel: str
    address: str
    subject: str
    date: datetime
    due: datetime | None
    state: str
    attempts: int
    why: str


@dataclass(frozen=True, slots=True)
class EscalationNow:
    """`tier` counts from 1; 0 says that somebody is asked alone first."""

    policy: str
    round: int
    reason: str
    step: int
    tier: int
    tiers: int
    repeats: int
    circle: tuple[str, ...]
    declined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A name and what stands under it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class TicketStory:
    """A ticket and what happened to it, oldest first; `cut` says that older lines are left out. `details` and
    `links` are what its source said besides.
    """

    ticket: TicketRow
    escalation: EscalationNow | None
    timeline: tuple[Line, ...]
    cut: bool
    deliveries: tuple[DeliveryRow, ...]
    details: tuple[Pair, ...] = ()
    links: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """Why a signal wakes nobody, and until when that is so at the latest."""

    signal: str
    probe: str | None
    summary: str
    reason: str
    because: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PhaseTimes:
    """Milliseconds; None where a phase was not reached or does not exist."""

    resolve: float | None
    connect: float | None
    tls: float | None
    first_byte: float | None
    transfer: float | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check; `took` in milliseconds."""

    at: datetime
    outcome: str
    summary: str
    took: float
    phases: PhaseTimes


@dataclass(frozen=True, slots=True)
class ProbeNow:
    """`state` is up, failing, down, recovering, blind or new; `streak` of `needed` results contradict the
    hard state `up`."""

    id: str
    title: str
    kind: str
    service: str
    state: str
    up: bool
    since: datetime | None
    streak: int
    needed: int
    unknowns: int
    every: float
    failures: int
    passes: int
    depends_on: tuple[str, ...]
    last: CheckRow | None
    held: tuple[Held, ...]
    tickets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProbeStory:
    """A probe with its recent checks, newest first."""

    probe: ProbeNow
    checks: tuple[CheckRow, ...]


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """Who is on call in [start, end); nobody in a gap. `away` are those whose turn it is and who are away."""

    start: datetime
    end: datetime
    people: tuple[str, ...]
    layer: str | None
    override: bool
    away: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """Somebody on call now whom two verified channels do not reach, and why."""

    person: str
    why: str


@dataclass(frozen=True, slots=True)
class OnCallNow:
    """What one rotation says at an instant, and after its next handoff (None: no handoff within sight)."""

    rotation: str
    time_zone: str
    at: datetime
    now: ShiftRow
    next: ShiftRow | None
    gaps: tuple[ShiftRow, ...]
    unreachable: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """What the public sees of the organization's services, and on which status page."""

    id: str
    name: str
    group: str
    page: str


@dataclass(frozen=True, slots=True)
class Affects:
    component: str
    state: str


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A public story; one that is `waiting` will be posted at `publish_at`."""

    id: str
    title: str
    phase: str
    started: datetime
    resolved: datetime | None
    publish_at: datetime | None
    service: str | None
    affects: tuple[Affects, ...]
    posts: int


@dataclass(frozen=True, slots=True)
class PostRow:
    """`by` is None for what monitord wrote itself."""

    number: int
    at: datetime
    phase: str
    heading: str
    body: str
    by: str | None


@dataclass(frozen=True, slots=True)
class IncidentStory:
    incident: IncidentRow
    posts: tuple[PostRow, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Tickets and incidents that have not ended, probes by state, messages on their way."""

    tickets_open: int
    tickets_acknowledged: int
    probes: int
    probes_down: int
    probes_failing: int
    probes_blind: int
    held: int
    incidents: int
    deliveries: int
    subscribers: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Facts that wait for the engine."""

    name: str
    waiting: int


@dataclass(frozen=True, slots=True)
class StatusNow:
    """The daemon in one look: what it lacks to be `ready`, the `doubts` about those on call, and the
    `calendars` elsewhere that cannot be read.
    """

    organization: str
    version: str
    revision: str
    time_zone: str
    now: datetime
    started: datetime
    uptime: float
    ready: bool
    missing: tuple[str, ...]
    last_cycle: float
    counts: Counts
    queues: tuple[Queue, ...]
    doubts: tuple[Doubt, ...] = ()
    calendars: tuple[CalendarRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What a mutation did, after its commit: one sentence an event."""

    by: str
    ticket: int | None
    incident: str | None
    did: tuple[str, ...]
    silence: str | None = None
    override: str | None = None
    swap: str | None = None
    leave: str | None = None


@dataclass(frozen=True, slots=True)
class BackupRow:
    """An archive in the backups' folder; `why` says why it cannot be used, or what it lacks."""

    path: str
    bytes: int
    usable: bool
    why: str
    created: datetime | None
    version: str
    epoch: str
    facts: int
    revision: str
