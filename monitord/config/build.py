"""From entries to the core's values: services, policies, people, rotations, probes, windows.

A probe that names no service is a service of its own, under its own id. Contact methods of channels that are
not configured are left out: a page must not wait for what cannot happen (doubts.py has warned of them). What
can only be judged here, instants on a wall clock, is said in `problems`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from monitord.config import options
from monitord.config.away_build import Absences, holidays_of, place
from monitord.config.calendars import calendar_sources
from monitord.config.entries import Entry, Written
from monitord.config.inlet_build import heartbeat, integration
from monitord.config.patterns import fits
from monitord.config.people_shapes import ContactShape, PersonShape, QuietShape
from monitord.config.problem import Place, Problem, Wrong, at
from monitord.config.references import NOBODY
from monitord.config.rotation_shapes import LayerShape, OverrideShape, RotationShape
from monitord.config.scalars import DAYS, parse_instant
from monitord.config.shapes import (
    AccessShape,
    HeadShape,
    HolidaysShape,
    MaintenanceShape,
    PolicyShape,
    ProbeShape,
    PublicShape,
    ServiceShape,
    SeverityShape,
    StatusPageShape,
    WorkhoursShape,
)
from monitord.config.webhooks import webhook
from monitord.core.check import Instant, PersonId, Probe
from monitord.core.organization import (
    Access,
    Component,
    ComponentState,
    ContactMethod,
    Person,
    Priority,
    PublicEffect,
    Quiet,
    Service,
    StatusPage,
    Team,
)
from monitord.core.policy import ANY, EACH, Policy, Tier
from monitord.core.rotation import (
    Layer,
    Layering,
    Override,
    OverrideKind,
    Rotation,
    Turn,
    Unit,
    people_of,
    with_absences,
)
from monitord.core.severity import SEVERITIES, Severities, Severity
from monitord.core.verdict import Window
from monitord.core.wallclock import zone_of
from monitord.core.workhours import Workhours
from monitord.core.world import Configuration

ALWAYS = datetime(2001, 1, 1)  # noqa: DTZ001 - the wall clock: a Monday long ago, where one layer has one turn only

T = TypeVar("T")


class Builder:
    """Builds the configuration of what was written."""

    def __init__(self, written: Written) -> None:
        self.written = written
        self.head = written.head.shape if written.head else None
        self.zone = self.head.time_zone if self.head else "UTC"
        self.problems: list[Problem] = []
        self.absences = Absences(written, self.zone)

    def configuration(self, revision: str) -> Configuration:
        """Every value of the core by its id."""
        written = self.written
        leave = self.absences.read()
        self.problems += self.absences.problems
        services = {id: service(id, entry.shape) for id, entry in written.services.items()}
        own = {
            id: own_service(id, entry.shape)
            for id, entry in written.probes.items()
            if not entry.shape.service
        }
        kinds = options.channels().kinds
        return Configuration(
            organization=self.head.organization if self.head else "",
            time_zone=self.zone,
            probes={id: probe(id, entry) for id, entry in written.probes.items()},
            services={**own, **services},
            people={id: self.person(id, entry.shape) for id, entry in written.people.items()},
            teams={
                id: Team(id, once(entry.shape.members), once(entry.shape.managers))
                for id, entry in written.teams.items()
            },
            rotations={id: self.rotation(entry) for id, entry in written.rotations.items()},
            policies={id: policy(id, entry.shape, self.zone) for id, entry in written.policies.items()},
            status_pages=tuple(status_page(id, entry.shape) for id, entry in written.status_pages.items()),
            windows=tuple(self.windows()),
            last_resort=once(self.head.last_resort) if self.head else (),
            severities=severities(self.head.severities) if self.head else SEVERITIES,
            urgent_by_hand=by_hand(self.head) if self.head else (),
            reopen_within=self.head.reopen_within if self.head else Configuration().reopen_within,
            calling_channels=frozenset(
                name for name in written.channels if name in kinds and kinds[name].spec.calls
            ),
            access=access(self.head.access) if self.head else Access(),
            revision=revision,
            integrations={id: integration(entry) for id, entry in written.integrations.items()},
            heartbeats={id: heartbeat(entry, self.zone) for id, entry in written.heartbeats.items()},
            fits=fits,
            webhooks={id: webhook(id, entry.shape) for id, entry in written.webhooks.items()},
            absences=leave,
            calendars=calendar_sources(written),
            holidays=holidays_of(closed(written)),
        )

    def person(self, id: PersonId, shape: PersonShape) -> Person:
        reach = tuple(
            ContactMethod(method.channel, method.address, method.after, priorities(method))
            for method in shape.reach
            if method.channel in self.written.channels
        )
        zone = shape.time_zone or self.zone
        return Person(id, shape.name or id, zone, reach, quiet(shape.quiet), shape.handoff_news)

    # Rotations

    def rotation(self, entry: Entry[RotationShape]) -> Rotation:
        shape = entry.shape
        zone = shape.time_zone or self.zone
        overrides = (self.override(entry, index, each, zone) for index, each in enumerate(shape.overrides))
        rotation = Rotation(
            id=entry.id,
            time_zone=zone,
            layering=Layering(shape.layering),
            layers=tuple(layer(index, each) for index, each in enumerate(shape.layers)),
            overrides=tuple(each for each in overrides if each is not None),
            away=shape.away,
        )
        return with_absences(rotation, self.absences.of(sorted(people_of(rotation))))

    def override(
        self, entry: Entry[RotationShape], index: int, shape: OverrideShape, zone: str
    ) -> Override | None:
        span = self.span(entry, shape, zone, "overrides", index)
        if span is None:
            return None
        kind, who, by = change(shape)
        return Override(
            id=shape.id or f"{entry.id}/{index + 1}",
            start=span[0],
            end=span[1],
            kind=kind,
            who=who,
            by=somebody(by),
            layer=shape.layer,
            order=index,
        )

    # Maintenance

    def windows(self) -> Iterator[Window]:
        for id, entry in self.written.maintenance.items():
            shape = entry.shape
            span = self.span(entry, shape, shape.time_zone or self.zone)
            if span is not None:
                yield Window(
                    id,
                    *span,
                    services=shape.services,
                    probes=shape.probes,
                    components=shape.components,
                    hold=shape.hold,
                    announce=shape.announce,
                    name=shape.name,
                    text=shape.text,
                )

    # Instants

    def span(
        self,
        entry: Entry[RotationShape] | Entry[MaintenanceShape],
        shape: OverrideShape | MaintenanceShape,
        zone: str,
        *location: int | str,
    ) -> tuple[Instant, Instant] | None:
        """From when to when; None if that has been refused."""
        start = self.instant(shape.since, zone, "from", entry.place(*location, "from"))
        end = self.instant(shape.to, zone, "to", entry.place(*location, "to"))
        if start is None or end is None:
            return None
        if start >= end:
            self.problems.append(
                at(
                    entry.place(*location, "to"),
                    "this ends before it begins",
                    "`to` must be later than `from`",
                )
            )
            return None
        return start, end

    def instant(self, text: str, zone: str, key: str, place: Place) -> Instant | None:
        try:
            return parse_instant(text, zone_of(zone))
        except Wrong as wrong:
            self.problems.append(at(place, f"`{key}`: {wrong.what}", wrong.remedy))
            return None


def quiet(shape: QuietShape | None) -> Quiet | None:
    if shape is None:
        return None
    return Quiet(once(shape.hours or ()), tuple(sorted({DAYS.index(day) for day in shape.days or ()})))


def priorities(method: ContactShape) -> tuple[Priority, ...]:
    """For which a contact method is meant; empty for all."""
    return tuple(Priority(each) for each in once(method.priorities or ()))


def severities(said: Mapping[Any, SeverityShape]) -> Severities:
    """The usual table, with what is said otherwise."""
    return {**SEVERITIES, **{int(number): severity(int(number), shape) for number, shape in said.items()}}


def severity(number: int, shape: SeverityShape) -> Severity:
    usual, within = SEVERITIES[number], shape.acknowledge_within
    priority = Priority(shape.priority) if shape.priority else usual.priority
    if isinstance(within, str):
        return Severity(number, priority)
    return Severity(number, priority, usual.acknowledge_within if within is None else within)


def by_hand(head: HeadShape) -> tuple[str, ...]:
    return once(head.urgent_by_hand.page) if head.urgent_by_hand else ()


def access(shape: AccessShape) -> Access:
    return Access(shape.administrators, shape.operators, shape.responders, shape.viewers)


def service(id: str, shape: ServiceShape) -> Service:
    return Service(
        id=id,
        name=shape.name or id,
        team=shape.team or "",
        policies=tuple(shape.policies.items()),
        components=once(shape.components),
        public=public(shape.public),
        links=tuple(shape.links.items()),
    )


def own_service(id: str, shape: ProbeShape) -> Service:
    """The service that a probe is itself."""
    return Service(
        id=id,
        name=shape.title or shape.name,
        policies=(("default", shape.policy),) if shape.policy else (),
        components=own_components(shape),
        public=public(shape.public or PublicShape()),
        links=tuple(shape.links.items()),
    )


def own_components(shape: ProbeShape) -> tuple[str, ...]:
    return (shape.component,) if shape.component else once(shape.components)


def public(shape: PublicShape) -> PublicEffect:
    return PublicEffect(ComponentState(shape.effect), shape.publish_after)


def policy(id: str, shape: PolicyShape, zone: str) -> Policy:
    tiers = tuple(Tier(once(tier.page), tier.lasts, enough(tier.acknowledge)) for tier in shape.tiers)
    return Policy(id, tiers, shape.acknowledgement_lasts, only=workhours(shape.only, zone))


def workhours(shape: WorkhoursShape | None, zone: str) -> Workhours | None:
    """`zone` is the organisation's, unless they have their own."""
    if shape is None:
        return None
    days = tuple(sorted({DAYS.index(day) for day in shape.days or ()}))
    where = place(shape.public_holidays) if shape.public_holidays else ""
    return Workhours(days, once(shape.hours or ()), shape.time_zone or zone, where)


def closed(written: Written) -> Iterator[HolidaysShape]:
    """Whose holidays policies wait over."""
    for entry in written.policies.values():
        if entry.shape.only is not None and entry.shape.only.public_holidays is not None:
            yield entry.shape.only.public_holidays


def enough(said: str | int) -> int:
    """How many must acknowledge."""
    return {"any": ANY, "each": EACH}[said] if isinstance(said, str) else said


def status_page(id: str, shape: StatusPageShape) -> StatusPage:
    components = tuple(
        Component(each.id or each.name, each.name, each.group, each.description) for each in shape.components
    )
    return StatusPage(id, shape.name, components, shape.audience)


def probe(id: str, entry: Entry[ProbeShape]) -> Probe:
    shape = entry.shape
    return Probe(
        id=id,
        service=shape.service or id,
        every=shape.every,
        timeout=shape.timeout,
        failures=shape.failures,
        passes=shape.passes,
        unknowns=shape.unknowns,
        depends_on=once(shape.depends_on),
        kind=shape.kind,
        title=shape.title or shape.name,
        options=entry.options,
        recheck=shape.recheck,
        renamed_from=shape.renamed_from,
    )


def layer_name(index: int, shape: LayerShape) -> str:
    return shape.name or f"layer {index + 1}"


def layer(index: int, shape: LayerShape) -> Layer:
    return Layer(
        name=layer_name(index, shape),
        people=tuple(somebody(together) for together in shape.people),
        start=shape.start or ALWAYS,
        turn=shape.turn or Turn(1, Unit.WEEKS),
        zone=shape.time_zone,
        since=shape.since,
        until=shape.until,
        days=tuple(sorted({DAYS.index(day) for day in shape.days or ()})),
        hours=once(shape.hours or ()),
        away=shape.away,
    )


def change(shape: OverrideShape) -> tuple[OverrideKind, PersonId | None, tuple[PersonId, ...]]:
    """What an override does, whom it takes away, and who comes."""
    if shape.replace is not None:
        return OverrideKind.REPLACE, shape.replace, shape.by or ()
    if shape.remove is not None:
        return OverrideKind.REMOVE, shape.remove, ()
    if shape.add is not None:
        return OverrideKind.ADD, None, shape.add
    return OverrideKind.REPLACE_ALL, None, shape.all or ()


def somebody(people: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
    """`nobody` in a list of people is nobody."""
    return once(tuple(person for person in people if person != NOBODY))


def once(several: tuple[T, ...]) -> tuple[T, ...]:
    """Each once, in their order."""
    return tuple(dict.fromkeys(several))
