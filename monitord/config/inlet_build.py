"""From what people write about integrations and heartbeats to the values of core and intake."""

from collections.abc import Mapping

from pydantic import SecretStr

from monitord.config.entries import Entry, Written
from monitord.config.inlet_shapes import HeartbeatShape, IntegrationShape, RuleShape
from monitord.config.inlets import SEVERITIES, Inlet, Rule, Signature
from monitord.config.timetable import Cron
from monitord.core.heartbeat import Every, Heartbeat, Timetable
from monitord.core.organization import Priority
from monitord.core.report import SYSTEM, Integration
from monitord.core.severity import Severities


def integration(entry: Entry[IntegrationShape]) -> Integration:
    """What the core needs of it: its names."""
    shape = entry.shape
    name, service = shape.name or entry.id, shape.service or SYSTEM
    return Integration(entry.id, shape.kind, name, service, Priority(shape.priority))


def inlets(written: Written, severities: Severities) -> dict[str, Inlet]:
    return {id: inlet(entry, severities) for id, entry in written.integrations.items()}


def inlet(entry: Entry[IntegrationShape], severities: Severities) -> Inlet:
    shape = entry.shape
    signature = shape.signature
    return Inlet(
        id=entry.id,
        kind=shape.kind,
        options=entry.options,
        service=shape.service or "",
        priority=Priority(shape.priority),
        severities={
            **SEVERITIES,
            **{word.casefold(): Priority(said) for word, said in shape.severities.items()},
        },
        rules=tuple(rule(each, severities) for each in shape.rules),
        secrets=shape.secret or (),
        signature=Signature(signature.header, signature.prefix, signature.time or "", signature.between)
        if signature
        else None,
        quota=shape.quota,
    )


def rule(shape: RuleShape, severities: Severities) -> Rule:
    """Its severity, if it says one, sets the priority."""
    priority = Priority(shape.priority) if shape.priority else None
    if shape.severity is not None:
        priority = severities[shape.severity].priority
    where, like = tuple(shape.where.items()), tuple(shape.like.items())
    return Rule(where, like, shape.service or "", priority, shape.severity)


def heartbeat(entry: Entry[HeartbeatShape], zone: str) -> Heartbeat:
    """`zone` is the organisation's, in which a cron expression is read unless it says another."""
    shape = entry.shape
    return Heartbeat(
        entry.id,
        shape.name or entry.id,
        shape.service,
        Priority(shape.priority),
        timetable(shape, zone),
        shape.grace,
    )


def timetable(shape: HeartbeatShape, zone: str) -> Timetable:
    if shape.cron is not None:
        return Cron(shape.cron, shape.time_zone or zone)
    assert shape.every is not None, "a heartbeat has one of them"
    return Every(shape.every)


def heartbeat_keys(written: Written) -> Mapping[str, tuple[SecretStr, ...]]:
    """The keys of those that say theirs, the one that is shown first."""
    found = ((id, entry.shape.key) for id, entry in written.heartbeats.items())
    return {id: key for id, key in found if key is not None}
