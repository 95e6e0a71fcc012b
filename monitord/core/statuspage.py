"""The public story: public incidents and their posts, and what each component shows.

Theory of operation. Every signal that customers can feel belongs to the one live public incident of its
service. The components show its effect at once; the *post* waits for `publish_at` (the service's
`publish_after`), unless the trouble is over before, or somebody posts first. An incident with only automated
posts resolves by itself; one that a person wrote on goes to *monitoring*, because only a person may say that
it is over. A signal held because what it depends on is down changes the component (customers feel it) but
starts no story of its own.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from monitord.core.check import Instant
from monitord.core.organization import ComponentState, Service
from monitord.core.wording import incident_title, post_body

ID_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
ID_LENGTH = 12


class Phase(Enum):
    """Where a public incident stands; `WAITING` is before its first post, `DROPPED` ended without one."""

    WAITING = "waiting"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    DROPPED = "dropped"


PUBLIC = (Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING)


@dataclass(frozen=True, slots=True)
class Incident:
    """One public story. `affects` are (component, state) pairs; the signals of `service` that customers feel
    keep it alive (they are not listed here: ten thousand of them must not make one record long)."""

    id: str
    title: str
    phase: Phase
    started: Instant
    affects: tuple[tuple[str, ComponentState], ...]
    service: str | None = None
    publish_at: Instant | None = None
    posts: int = 0
    written_by_people: bool = False
    resolved: Instant | None = None
    changed: Instant | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def live(self) -> bool:
        return self.phase not in (Phase.RESOLVED, Phase.DROPPED)

    @property
    def public(self) -> bool:
        return self.phase in PUBLIC

    @property
    def due(self) -> Instant | None:
        return self.publish_at if self.phase is Phase.WAITING else None


@dataclass(frozen=True, slots=True)
class Post:
    """One entry of the story; `by` is None for what monitord wrote itself. Never changed once written."""

    incident: str
    number: int
    at: Instant
    phase: Phase
    heading: str
    body: str
    affects: tuple[tuple[str, ComponentState], ...] = ()
    by: str | None = None

    @property
    def key(self) -> str:
        return f"{self.incident}/{self.number}"

    @property
    def live(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class IncidentDue:
    """A fact: this incident's first post is due."""

    incident: str


@dataclass(frozen=True, slots=True)
class WritePost:
    """A command: a person writes. Without `incident` a new story begins, with `title` and `affects`."""

    by: str
    body: str
    phase: Phase = Phase.INVESTIGATING
    incident: str | None = None
    title: str = ""
    affects: tuple[tuple[str, ComponentState], ...] = ()


@dataclass(frozen=True, slots=True)
class PostPublished:
    post: Post


@dataclass(frozen=True, slots=True)
class PostRefused:
    """A person's post that would not be true, or has no story to go to."""

    incident: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class ComponentsChanged:
    """What the public sees of these components may be different now."""

    incident: str
    components: tuple[str, ...]


def incident_id(epoch: str, seed: str) -> str:
    """Twelve lower-case base-36 characters, derived (the shape of Statuspage's ids)."""
    number = int.from_bytes(hashlib.sha256(f"{epoch}/{seed}".encode()).digest()[:10], "big")
    digits = ""
    for _ in range(ID_LENGTH):
        number, digit = divmod(number, 36)
        digits += ID_ALPHABET[digit]
    return digits


def begun(
    epoch: str, service: Service, names: tuple[str, ...], signal: str, since: Instant, now: Instant
) -> Incident:
    """A new story for a service; it waits, without a time for its first post."""
    return Incident(
        id=incident_id(epoch, f"{signal}/{now.isoformat()}"),
        title=incident_title(names, service.public.effect),
        phase=Phase.WAITING,
        started=since,
        affects=tuple((component, service.public.effect) for component in service.components),
        service=service.id,
        changed=now,
    )


def joined(incident: Incident, since: Instant) -> Incident:
    """One more signal belongs to the story; it began with the earliest."""
    return replace(incident, started=since) if since < incident.started else incident


def told_from(incident: Incident, after: timedelta, since: Instant) -> Incident:
    """The first post is due `after` the moment the trouble was certain."""
    if incident.phase is not Phase.WAITING or incident.publish_at is not None:
        return incident
    return replace(incident, publish_at=since + after)


def first_post(incident: Incident, names: tuple[str, ...], now: Instant) -> tuple[Incident, Post]:
    """The automated first word."""
    return written(
        incident, Phase.INVESTIGATING, incident.title, post_body("investigating", names), None, now
    )


def recovered(incident: Incident, names: tuple[str, ...], now: Instant) -> tuple[Incident, Post | None]:
    """No signal keeps it alive: resolve it, drop it unsaid, or leave the last word to whoever wrote."""
    if incident.phase is Phase.WAITING:
        return replace(incident, phase=Phase.DROPPED, affects=(), publish_at=None, changed=now), None
    healed = replace(incident, affects=())
    if incident.written_by_people:
        return written(healed, Phase.MONITORING, incident.title, post_body("monitoring", names), None, now)
    body = post_body("resolved", names, now - incident.started)
    return written(healed, Phase.RESOLVED, incident.title, body, None, now)


def written(
    incident: Incident, phase: Phase, heading: str, body: str, by: str | None, now: Instant
) -> tuple[Incident, Post]:
    """The story with one more entry."""
    number = incident.posts + 1
    after = replace(
        incident,
        phase=phase,
        posts=number,
        publish_at=None,
        written_by_people=incident.written_by_people or by is not None,
        resolved=now if phase is Phase.RESOLVED else None,
        affects=() if phase is Phase.RESOLVED else incident.affects,
        changed=now,
    )
    return after, Post(incident.id, number, now, phase, heading, body, incident.affects, by)


def obeyed(incident: Incident | None, command: WritePost, epoch: str, now: Instant) -> tuple[Incident, Post]:
    """What a person wrote: a new story, or the next entry of one."""
    story = incident or Incident(
        id=incident_id(epoch, f"{command.by}/{command.title}/{now.isoformat()}"),
        title=command.title,
        phase=Phase.WAITING,
        started=now,
        affects=command.affects,
    )
    if command.affects:
        story = replace(story, affects=command.affects)
    return written(story, command.phase, story.title, command.body, command.by, now)


def returned(
    incident: Incident, service: Service, names: tuple[str, ...], now: Instant
) -> tuple[Incident, Post]:
    """The trouble is back while a person was watching: the story goes on."""
    affects = tuple((component, service.public.effect) for component in service.components)
    again = replace(incident, affects=affects)
    return written(again, Phase.INVESTIGATING, again.title, post_body("back", names), None, now)


def objection(incident: Incident | None, command: WritePost, felt: str | None) -> str:
    """Why this post cannot be published, empty if it can; `felt` is a signal that keeps the story alive."""
    if command.incident is not None and incident is None:
        return f"there is no current incident {command.incident}"
    if incident is None and not (command.title and command.affects):
        return "a new incident needs a title and at least one component with its state"
    if incident is not None and command.phase is Phase.RESOLVED and felt is not None:
        return f"our monitoring still sees it ({felt}); post `monitoring`, or wait until it clears"
    return ""


def state_of(component: str, incidents: Iterable[Incident], in_maintenance: bool) -> ComponentState:
    """The worst that any live incident says of the component; an outage outranks maintenance."""
    said = [state for incident in incidents for name, state in incident.affects if name == component]
    if in_maintenance:
        said.append(ComponentState.MAINTENANCE)
    return max(said, key=lambda state: state.rank, default=ComponentState.OPERATIONAL)
