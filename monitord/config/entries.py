"""What stands in a tree, thing by thing: the sections, and each thing under its id as it was read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from monitord.config import complaints, yaml
from monitord.config.inlet_shapes import HeartbeatShape, IntegrationShape
from monitord.config.limits import PROBES_MAX, WEBHOOKS_MAX
from monitord.config.options import channels, inbounds, probers
from monitord.config.people_shapes import PersonShape, TeamShape
from monitord.config.problem import Place
from monitord.config.rotation_shapes import RotationShape
from monitord.config.shapes import (
    HeadShape,
    MaintenanceShape,
    PolicyShape,
    ProbeShape,
    ServiceShape,
    StatusPageShape,
)
from monitord.config.webhooks import WebhookShape
from monitord.kinds import Discovered

MAPPINGS: dict[str, type[BaseModel]] = {
    "services": ServiceShape,
    "policies": PolicyShape,
    "people": PersonShape,
    "teams": TeamShape,
    "integrations": IntegrationShape,
    "heartbeats": HeartbeatShape,
    "webhooks": WebhookShape,
}
LISTS: dict[str, type[BaseModel]] = {
    "status_pages": StatusPageShape,
    "probes": ProbeShape,
    "maintenance": MaintenanceShape,
}
ROTATIONS = "rotations"
SHAPES: dict[str, type[BaseModel]] = {**MAPPINGS, **LISTS, ROTATIONS: RotationShape}
ONE = {
    "services": "service",
    "policies": "policy",
    "people": "person",
    "teams": "team",
    "status_pages": "status page",
    "probes": "probe",
    "maintenance": "maintenance window",
    ROTATIONS: "rotation",
    "channels": "channel",
    "integrations": "integration",
    "heartbeats": "heartbeat",
    "webhooks": "webhook",
}
OF_A_KIND: dict[str, Callable[[], Discovered[Any]]] = {
    "probes": probers,
    "integrations": inbounds,
    "webhooks": channels,
}
OF_ONE_KIND = {"webhooks": "webhook"}  # they need not say which
MOST = {"probes": PROBES_MAX, "webhooks": WEBHOOKS_MAX}
TARGETS = ("people", "teams", ROTATIONS)  # one namespace: whom a tier can page
SECTIONS = (*HeadShape.model_fields, "channels", *MAPPINGS, *LISTS)

ShapeT = TypeVar("ShapeT", bound=BaseModel)


class Raw(NamedTuple):
    """A thing as it stands there: its name (key, or `name`), its node, and where its name stands."""

    name: str
    node: yaml.Mapping
    place: Place


@dataclass(frozen=True, slots=True)
class Entry(Generic[ShapeT]):
    """A thing that was read; `options` are those of its kind."""

    id: str
    shape: ShapeT
    node: yaml.Mapping
    options: object = None

    def place(self, *location: int | str) -> Place:
        """Where a part of it stands."""
        return complaints.located(self.node, location)[1]


@dataclass(slots=True)
class Written:
    """Everything that stands in a tree. `raw` and `names` (ids with their places) have also what is wrong."""

    beginning: Place
    head: Entry[HeadShape] | None = None
    channels: dict[str, Entry[Any]] = field(default_factory=dict)
    services: dict[str, Entry[ServiceShape]] = field(default_factory=dict)
    policies: dict[str, Entry[PolicyShape]] = field(default_factory=dict)
    people: dict[str, Entry[PersonShape]] = field(default_factory=dict)
    teams: dict[str, Entry[TeamShape]] = field(default_factory=dict)
    rotations: dict[str, Entry[RotationShape]] = field(default_factory=dict)
    status_pages: dict[str, Entry[StatusPageShape]] = field(default_factory=dict)
    probes: dict[str, Entry[ProbeShape]] = field(default_factory=dict)
    maintenance: dict[str, Entry[MaintenanceShape]] = field(default_factory=dict)
    integrations: dict[str, Entry[IntegrationShape]] = field(default_factory=dict)
    heartbeats: dict[str, Entry[HeartbeatShape]] = field(default_factory=dict)
    webhooks: dict[str, Entry[WebhookShape]] = field(default_factory=dict)
    raw: dict[str, list[Raw]] = field(default_factory=lambda: {section: [] for section in (*ONE, "head")})
    names: dict[str, dict[str, Place]] = field(default_factory=lambda: {section: {} for section in ONE})

    def forget(self) -> None:
        """Let go of all but the channels, thing by thing: a million values at once would take a while."""
        self.head = None
        for raw in self.raw.values():
            while raw:
                raw.pop()
        for names in self.names.values():
            while names:
                names.popitem()
        for section in SHAPES:
            things: dict[str, Entry[Any]] = getattr(self, section)
            while things:
                things.popitem()
