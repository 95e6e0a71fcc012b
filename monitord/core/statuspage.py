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
from monitord.core.verdict import Reason
from monitord.core.wording import incident_title, post_body, post_heading

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
WRITABLE = (*PUBLIC, Phase.RESOLVED)

# The last automated words of a story, by why no signal keeps it alive: those that end it, and those that
# leave it to the person who wrote on it.
LAST_WORDS: dict[Reason, tuple[str, str]] = {
    Reason.RECOVERED: ("resolved", "monitoring"),
    Reason.REMOVED: ("unwatched", "unwatched, people write"),
    Reason.NOT_REFRESHED: ("unwatched", "unwatched, people write"),
    Reason.NOT_SAID_AGAIN: ("resolved", "monitoring"),
    Reason.MAINTENANCE: ("maintenance", "maintenance, people write"),
}


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

    @property
    def by(self) -> str | None:
        return self.post.by


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
    story = Incident(
        id=incident_id(epoch, f"{service.id}/{signal}/{now.isoformat()}"),
        title=incident_title(names, service.public.effect),
        phase=Phase.WAITING,
        started=since,
        affects=(),
        service=service.id,
        changed=now,
    )
    return showing(story, service)


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


def recovered(
    incident: Incident, names: tuple[str, ...], now: Instant, reason: Reason, elsewhere: tuple[str, ...] = ()
) -> tuple[Incident, Post | None]:
    """No signal keeps it alive: resolve it, drop it unsaid, or leave the last word to whoever wrote.

    `reason` is that of the last signal's verdict: what nobody watches any more has not recovered. Nor have
    those of its components that are failing in stories `elsewhere`.
    """
    if incident.phase is Phase.WAITING:
        return replace(incident, phase=Phase.DROPPED, affects=(), publish_at=None, changed=now), None
    ends, goes_on = LAST_WORDS[reason]
    phase, word = (Phase.MONITORING, goes_on) if incident.written_by_people else (Phase.RESOLVED, ends)
    if elsewhere:
        word, names = "another", elsewhere
    heading = post_heading(word, names, incident.title)
    body = post_body(word, names, now - incident.started)
    return written(replace(incident, affects=()), phase, heading, body, None, now)


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
        story = replace(story, affects=said_by(story, command))
    return written(story, command.phase, story.title, command.body, command.by, now)


def said_by(story: Incident, command: WritePost) -> tuple[tuple[str, ComponentState], ...]:
    """A person says what their own story affects; on one of ours they add to what we see."""
    seen = story.affects if story.service is not None else ()
    return tuple((dict(seen) | dict(command.affects)).items())


def shows(incident: Incident, service: Service) -> bool:
    """Does the story say of every component of the service that something is wrong?"""
    said = dict(incident.affects)
    well = ComponentState.OPERATIONAL
    return all(said.get(component, well) is not well for component in service.components)


def showing(incident: Incident, service: Service) -> Incident:
    """The story with the service's effect on its components."""
    felt = dict.fromkeys(service.components, service.public.effect)
    return replace(incident, affects=tuple((dict(incident.affects) | felt).items()))


def returned(
    incident: Incident, service: Service, names: tuple[str, ...], now: Instant
) -> tuple[Incident, Post]:
    """The trouble is back while a person was watching: the story goes on."""
    again = showing(incident, service)
    return written(again, Phase.INVESTIGATING, again.title, post_body("back", names), None, now)


def objection(incident: Incident | None, command: WritePost, felt: str | None) -> str:
    """Why this post cannot be published, empty if it can; `felt` is a signal that keeps the story alive."""
    if command.phase not in WRITABLE:
        words = ", ".join(f"`{phase.value}`" for phase in PUBLIC)
        return f"nothing is posted as {command.phase.value}; post it as {words} or `resolved`"
    if not command.body.strip():
        return "a post needs words"
    if incident is None and command.incident is not None:
        return f"there is no current incident {command.incident}"
    if incident is None and not (command.title and command.affects):
        return "a new incident needs a title and at least one component with its state"
    return untrue(incident, command, felt) if incident is not None and felt is not None else ""


def untrue(incident: Incident, command: WritePost, felt: str) -> str:
    """What the post says although `felt` is raised; empty if nothing."""
    seen = f"our monitoring still sees it ({felt})"
    if command.phase is Phase.RESOLVED:
        return f"{seen}; post `monitoring`, or wait until it clears"
    said = dict(command.affects)
    well = [name for name, _ in incident.affects if said.get(name) is ComponentState.OPERATIONAL]
    return f"{seen}; {', '.join(well)} cannot be shown as operational" if well else ""


def state_of(component: str, incidents: Iterable[Incident], in_maintenance: bool) -> ComponentState:
    """The worst that any live incident says of the component; an outage outranks maintenance."""
    said = [state for incident in incidents for name, state in incident.affects if name == component]
    if in_maintenance:
        said.append(ComponentState.MAINTENANCE)
    return max(said, key=lambda state: state.rank, default=ComponentState.OPERATIONAL)
