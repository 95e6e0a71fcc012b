"""What the documents look like: a pydantic model for each thing that people write in YAML.

The models say what may stand where, in the words of the YAML; build.py makes the core's values of them. Their
descriptions are shown by editors (`monitord config schema`).
"""

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitord.config import limits
from monitord.config.days_off import DaysOffShape
from monitord.config.oidc import OidcShape
from monitord.config.problem import Wrong, listed, quoted
from monitord.config.store_place import FORM, store_url
from monitord.config.words import (
    DoorAddress,
    FolderPath,
    HoursOfDay,
    Id,
    Ids,
    InARow,
    Instantly,
    Lasting,
    LastingOrNone,
    Listen,
    Name,
    Prose,
    TimeOfDay,
    Truth,
    WebAddress,
    Zone,
    named,
    text,
    whole,
)

Every = Annotated[timedelta, Lasting(*limits.EVERY)]
Timeout = Annotated[timedelta, Lasting(*limits.TIMEOUT)]
Recheck = Annotated[timedelta, Lasting(*limits.RECHECK)]
TierLasts = Annotated[timedelta, Lasting(*limits.TIER)]
AcknowledgementLasts = Annotated[timedelta, Lasting(*limits.ACKNOWLEDGEMENT)]
PublishAfter = Annotated[timedelta, Lasting(*limits.PUBLISH_AFTER)]
ReopenWithin = Annotated[timedelta, Lasting(*limits.REOPEN_WITHIN)]
Within = Annotated[timedelta | Literal["none"], LastingOrNone(*limits.ACKNOWLEDGE_WITHIN)]
WatchdogEvery = Annotated[timedelta, Lasting(*limits.WATCHDOG_EVERY)]

StoreUrl = Annotated[
    str,
    BeforeValidator(lambda value: store_url(text(value, FORM))),
    WithJsonSchema({"type": "string", "examples": ["sqlite:///var"]}),
]
Priority = Literal["urgent", "high", "medium", "low", "default"]
Effect = Literal["operational", "degraded", "partial_outage", "major_outage"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Shape(BaseModel):
    """A mapping with known keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)


class Identified(Shape):
    """Something with an id of its own; `id` is its key or name unless said."""

    id: Id | None = None


class HolidaysShape(Shape):
    """Whose public holidays they are."""

    country: Id
    subdivision: Id | None = None


# monitord.yaml


class DoorShape(Shape):
    """Where a door listens, and the URL under which people and machines reach it."""

    listen: Listen
    url: DoorAddress | None = None


class DoorsShape(Shape):
    """`public`: status page; `edge`: links and callbacks; `ops`: console and API, never on the internet."""

    public: Annotated[DoorShape, Field(examples=[{"listen": "127.0.0.1:8080"}])]
    edge: Annotated[DoorShape, Field(examples=[{"listen": "127.0.0.1:8081"}])]
    ops: Annotated[DoorShape, Field(examples=[{"listen": "127.0.0.1:8082"}])]


class WatchdogShape(Shape):
    """Who notices when monitord itself is gone: this URL is asked as long as it lives."""

    url: WebAddress
    every: WatchdogEvery = timedelta(seconds=30)


class BackupShape(Shape):
    """A backup every night, into a folder that holds nothing else (relative to $STATE_DIRECTORY, else to the
    tree); the newest `keep` stay. `at` is on the wall clock of the organisation.
    """

    to: Annotated[FolderPath, Field(examples=["/var/backups/monitord"])]
    keep: Annotated[int, BeforeValidator(whole), Field(ge=1, le=limits.BACKUPS_MAX)] = 14
    at: TimeOfDay = time(3, 30)


class AccessShape(Shape):
    """Who may do what in the whole organisation: people, teams, or `everybody`."""

    administrators: Ids = ()
    operators: Ids = ()
    responders: Ids = ()
    viewers: Ids = ()


class UrgentByHandShape(Shape):
    """Who hears at once when a person says that something is urgent, besides the policy's people."""

    page: Annotated[tuple[Id, ...], Field(min_length=1, max_length=limits.TARGETS_MAX)]


class SeverityShape(Shape):
    """Which priority a severity sets, and how soon somebody must have acknowledged (`none`: no target)."""

    priority: Literal["urgent", "high", "medium", "low"] | None = None
    acknowledge_within: Within | None = None


class HeadShape(Shape):
    """What stands once in a tree."""

    version: Literal[1] = 1
    organization: Annotated[Name, Field(examples=["Example Shop"])]
    time_zone: Zone = "UTC"
    store: StoreUrl = "sqlite:///var"
    doors: DoorsShape
    last_resort: Ids = ()
    urgent_by_hand: UrgentByHandShape | None = None
    severities: dict[Literal["1", "2", "3", "4"], SeverityShape] = {}
    access: AccessShape = AccessShape()
    oidc: OidcShape | None = None
    public_holidays: DaysOffShape | None = None
    watchdog: WatchdogShape | None = None
    backup: BackupShape | None = None
    reopen_within: ReopenWithin = timedelta(minutes=30)


# Services and policies


class PublicShape(Shape):
    """What a failure means to customers, and how long it may last before it is said in a post."""

    effect: Effect = "degraded"
    publish_after: PublishAfter = timedelta(minutes=5)


Links = Annotated[dict[Name, WebAddress], Field(max_length=limits.LINKS_MAX)]


class ServiceShape(Identified):
    """What a team answers for."""

    name: Name | None = None
    team: Id | None = None
    policies: dict[Priority, Id] = {}
    components: Ids = ()
    public: PublicShape = PublicShape()
    links: Links = {}


def enough(value: object) -> object:
    """`any`, `each`, or a number."""
    if value in ("any", "each"):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        if 1 <= value <= limits.ENOUGH_MAX:
            return value
        raise Wrong(f"{value} people are not 1 to {limits.ENOUGH_MAX}", "write any, 2, or each")
    raise Wrong(f"{named(value)} is neither `any` nor `each` nor a number", "write any, 2, or each")


Enough = Annotated[
    Literal["any", "each"] | int,
    BeforeValidator(enough),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["any", "each"]},
                {"type": "integer", "minimum": 1, "maximum": limits.ENOUGH_MAX},
            ]
        }
    ),
]


class TierShape(Shape):
    """Whom this step adds to the circle, how long they have, and how many of them must acknowledge."""

    page: Annotated[tuple[Id, ...], Field(min_length=1, max_length=limits.TARGETS_MAX)]
    lasts: TierLasts = Field(alias="for")
    acknowledge: Enough = "any"


class WorkhoursShape(Shape):
    """When a policy pages at all: on these days, in these hours, on the wall clock of a zone, and not on
    those public holidays.
    """

    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)] | None = None
    hours: Annotated[tuple[HoursOfDay, ...], Field(min_length=1, max_length=limits.HOURS_MAX)] | None = None
    time_zone: Zone | None = None
    public_holidays: HolidaysShape | None = None

    @model_validator(mode="after")
    def leaves_something_out(self) -> "WorkhoursShape":
        if self.days is None and self.hours is None and self.public_holidays is None:
            raise Wrong("these are all hours", 'write it as {days: [mon, tue], hours: ["09:00-17:00"]}')
        return self


class PolicyShape(Identified):
    """The way up to top management, tier by tier; the last one is told again until somebody answers."""

    tiers: Annotated[tuple[TierShape, ...], Field(min_length=1, max_length=limits.TIERS_MAX)]
    acknowledgement_lasts: AcknowledgementLasts = timedelta(minutes=30)
    only: WorkhoursShape | None = None


# Status pages


class ComponentShape(Identified):
    """What the public sees of the organisation's services."""

    name: Name
    group: Name | Literal[""] = ""
    description: Prose = ""


class StatusPageShape(Identified):
    """A status page; the first is served at /."""

    name: Name
    audience: Literal["public"] = "public"
    components: Annotated[tuple[ComponentShape, ...], Field(max_length=limits.COMPONENTS_MAX)] = ()


# Probes and maintenance


class ProbeShape(Identified):
    """What every probe may say; the keys of its kind stand beside these. `renamed_from` is the id that it had
    before.
    """

    name: Id
    renamed_from: Id | None = None
    title: Name | None = None
    kind: Annotated[str, Field(examples=["http"])]
    every: Every = timedelta(seconds=60)
    timeout: Timeout = timedelta(seconds=10)
    recheck: Recheck | None = None
    failures: InARow = 3
    passes: InARow = 2
    unknowns: InARow = 5
    depends_on: Ids = ()
    service: Id | None = None
    policy: Id | None = None
    component: Id | None = None
    components: Ids = ()
    public: PublicShape | None = None
    links: Links = {}

    @model_validator(mode="after")
    def names_a_service_or_is_one(self) -> "ProbeShape":
        own = [key for key in OF_A_SERVICE if key in self.model_fields_set]
        if self.service is not None and own:
            what = f"this probe names a service and says {listed(map(quoted, own), 'and')} itself"
            raise Wrong(what, "name a service, or say it here without one", own[0])
        if self.component is not None and self.components:
            raise Wrong(
                "`component` and `components` both stand here", "put all into `components`", "component"
            )
        return self


OF_A_SERVICE = ("policy", "component", "components", "public", "links")


class MaintenanceShape(Identified):
    """A planned window. `hold` keeps failures from waking anybody; `announce` names the page that says so."""

    name: Name
    since: Instantly = Field(alias="from")
    to: Annotated[Instantly, Field(examples=["2026-12-27 09:00"])]
    time_zone: Zone | None = None
    services: Ids = ()
    probes: Ids = ()
    components: Ids = ()
    hold: Truth = True
    announce: Id | None = None
    text: Prose = ""

    @model_validator(mode="after")
    def covers_something(self) -> "MaintenanceShape":
        if not (self.services or self.probes or self.components):
            raise Wrong("this window covers nothing", "name `services`, `probes` or `components`")
        return self
