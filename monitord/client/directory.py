"""What the API answers about who and what there is, and about what is heard; see shapes.py for the rules."""

from dataclasses import dataclass
from datetime import datetime

from monitord.client.shapes import Line, Pair


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A way to reach somebody, tried `after` seconds, for `priorities`; for all if none is named."""

    channel: str
    address: str
    after: float
    priorities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuietRow:
    """Hours of the day, as `22:00-07:00`, and days, as `sat`; none of them means all. `until` is when the
    quiet of now ends.
    """

    hours: tuple[str, ...]
    days: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: str
    name: str
    time_zone: str
    reach: tuple[MethodRow, ...]
    teams: tuple[str, ...]
    quiet: QuietRow | None = None


@dataclass(frozen=True, slots=True)
class TeamRow:
    id: str
    members: tuple[str, ...]
    managers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """`policies` is priority (or `default`) to policy; `publish_after` in seconds."""

    id: str
    name: str
    team: str
    policies: tuple[Pair, ...]
    components: tuple[str, ...]
    effect: str
    publish_after: float
    links: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class TierRow:
    """Whom the step adds, how many seconds they have, and how many must acknowledge: `any`, `each`, `2`."""

    page: tuple[str, ...]
    lasts: float
    acknowledge: str = "any"


@dataclass(frozen=True, slots=True)
class PolicyRow:
    id: str
    tiers: tuple[TierRow, ...]
    acknowledgement_lasts: float


@dataclass(frozen=True, slots=True)
class RotationRow:
    """`people` is everybody who takes turns in it."""

    id: str
    time_zone: str
    layers: tuple[str, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedRow:
    """Where calendars read the shifts of `id`, a person or a rotation as `kind` says; who renewed it last."""

    id: str
    kind: str
    url: str
    renewed: datetime | None
    renewed_by: str | None


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    id: str
    channel: str
    address: str
    state: str
    asked: datetime
    confirmed: datetime | None


@dataclass(frozen=True, slots=True)
class MatcherRow:
    name: str
    value: str
    is_regex: bool
    is_equal: bool


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """Who holds what back, why, and in [start, end); `running` is whether it does so now."""

    id: str
    matchers: tuple[MatcherRow, ...]
    by: str
    reason: str
    start: datetime
    end: datetime
    running: bool


@dataclass(frozen=True, slots=True)
class HeartbeatRow:
    """`state` is new, started, up, late or down; `grace` in seconds; `due`: when it would be late or down."""

    id: str
    name: str
    service: str
    priority: str
    state: str
    since: datetime | None
    last: datetime | None
    expected: datetime | None
    due: datetime | None
    grace: float
    took: float | None


@dataclass(frozen=True, slots=True)
class IntegrationRow:
    id: str
    kind: str
    name: str
    service: str
    priority: str


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """What came in: so many `reports` were in it, `decided` of them are decided; `outcome` says how."""

    id: int
    at: datetime
    integration: str
    method: str
    path: str
    bytes: int
    times: int
    reports: int
    decided: int
    status: int
    outcome: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SaidRow:
    """One report of an arrival: about which signal, and what the rules made of it; `raised` is None for a
    ping.
    """

    about: str
    raised: bool | None
    title: str
    summary: str
    service: str
    priority: str


@dataclass(frozen=True, slots=True)
class EventStory:
    """An arrival with what stood in it (the body is cut), what was said there, and what has happened since to
    what it is about, oldest first.
    """

    event: ArrivalRow
    headers: tuple[Pair, ...]
    query: tuple[Pair, ...]
    body: str
    said: tuple[SaidRow, ...]
    since: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """Where an integration or a heartbeat is spoken to, and the secret that opens it."""

    id: str
    kind: str
    of_heartbeat: bool
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A configuration that was accepted; `current` is the one in force."""

    hash: str
    at: datetime
    who: str
    tzdata: str
    current: bool
