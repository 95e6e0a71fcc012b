"""What was written becomes the core's values."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from monitord.config.build import ALWAYS
from monitord.config.public_holidays import public_holidays
from monitord.core.check import Probe
from monitord.core.organization import (
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
from monitord.core.policy import EACH, Policy, Tier
from monitord.core.rotation import Layer, Layering, Override, OverrideKind, Rotation, Turn, Unit
from monitord.core.severity import SEVERITIES, Severity
from monitord.core.verdict import Window
from monitord.core.workhours import Workhours
from tests.unit.config_tree import HEAD, PEOPLE, loaded

PAGES = """\
status_pages:
  - name: Status
    components:
      - {name: Shop, group: Storefront, description: Browsing}
      - {name: Mail, id: mail}
"""
ANN = 'ann: {name: Ann Example, time_zone: Europe/Berlin, reach: [{email: ann@example.org}, {sms: "+1"}]}'


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_probe_with_everything(tmp_path: Path) -> None:
    probe = loaded(
        tmp_path,
        """
        services: {shop: {policies: {default: urgent}}}
        probes:
          - {name: db, kind: tcp, host: db1, port: 5432, service: shop}
          - name: web
            id: web-1
            title: The shop
            kind: tcp
            host: web1
            port: 443
            every: 1m30s
            timeout: 900ms
            recheck: 2s
            failures: 1
            passes: 7
            unknowns: 9
            service: shop
            depends_on: [db, db]
        """,
    ).configuration.probes["web-1"]

    assert (
        Probe(
            id="web-1",
            service="shop",
            every=timedelta(seconds=90),
            timeout=timedelta(milliseconds=900),
            failures=1,
            passes=7,
            unknowns=9,
            depends_on=("db",),
            kind="tcp",
            title="The shop",
            options=probe.options,
            recheck=timedelta(seconds=2),
        )
        == probe
    )
    assert ("web1", 443) == (probe.options.host, probe.options.port)  # type: ignore[attr-defined]


def test_a_probe_has_defaults(tmp_path: Path) -> None:
    found = loaded(tmp_path, "probes: [{name: x, kind: tcp, host: h, port: 1, policy: urgent}]").configuration
    probe = found.probes["x"]

    assert Probe("x", "x", kind="tcp", title="x", options=probe.options) == probe


def test_a_probe_that_names_no_service_is_one(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        PAGES
        + """
        probes:
          - name: x
            title: The shop
            kind: tcp
            host: h
            port: 1
            policy: urgent
            component: Shop
            public: {effect: major_outage, publish_after: 0s}
            links: {runbook: "https://wiki.example.org/x"}
        """.replace("\n        ", "\n"),
    ).configuration

    assert (
        Service(
            id="x",
            name="The shop",
            policies=(("default", "urgent"),),
            components=("Shop",),
            public=PublicEffect(ComponentState.MAJOR_OUTAGE, timedelta(0)),
            links=(("runbook", "https://wiki.example.org/x"),),
        )
        == found.services["x"]
    )


def test_services_people_teams_pages(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        PAGES
        + """
services:
  shop:
    name: The shop
    team: support
    policies: {urgent: urgent, default: urgent}
    components: [Shop, mail]
    public: {effect: partial_outage}
""",
        people=PEOPLE.replace(
            "ann: {reach: [{email: ann@example.org}]}",
            ANN,
        ),
        head=HEAD + "time_zone: America/Chicago\nlast_resort: [bo, cem, bo]\n",
    ).configuration

    assert (
        Service(
            id="shop",
            name="The shop",
            team="support",
            policies=(("urgent", "urgent"), ("default", "urgent")),
            components=("Shop", "mail"),
            public=PublicEffect(ComponentState.PARTIAL_OUTAGE, timedelta(minutes=5)),
        )
        == found.services["shop"]
    )
    assert (
        Person("ann", "Ann Example", "Europe/Berlin", (ContactMethod("email", "ann@example.org"),))
        == found.people["ann"]
    )
    assert (
        Person("bo", "bo", "America/Chicago", (ContactMethod("email", "bo@example.org"),))
        == found.people["bo"]
    )
    assert Team("support", ("ann", "bo")) == found.teams["support"]
    assert (
        StatusPage(
            "Status",
            "Status",
            (Component("Shop", "Shop", "Storefront", "Browsing"), Component("mail", "Mail")),
        ),
    ) == found.status_pages
    assert ("bo", "cem") == found.last_resort
    assert frozenset() == found.calling_channels


def test_policies(tmp_path: Path) -> None:
    more = """
    policies:
      other:
        tiers: [{page: [primary, ann], for: 90s}, {page: [everybody], for: 1h, acknowledge: 2},
          {page: [ann, bo], for: 1h, acknowledge: each}]
        acknowledgement_lasts: 10m
        only:
          {days: [fri, mon], hours: ["09:00-17:00"], time_zone: Europe/Berlin,
          public_holidays: {country: DE, subdivision: BE}}
    """
    found = loaded(tmp_path, more, primary="rotation: primary\nlayers: [{people: [bo]}]\n").configuration

    tiers = (
        Tier(("primary", "ann"), timedelta(seconds=90)),
        Tier(("everybody",), timedelta(hours=1), 2),
        Tier(("ann", "bo"), timedelta(hours=1), EACH),
    )
    closed = frozenset(day for day, _ in public_holidays("DE", "BE"))
    assert {date(2026, 5, 1), date(2026, 12, 25)} < closed
    assert {"DE-BE": closed} == found.holidays
    only = Workhours((0, 4), ((time(9), time(17)),), "Europe/Berlin", "DE-BE")
    assert Policy("other", tiers, timedelta(minutes=10), only=only) == found.policies["other"]


def test_severities_and_who_hears_of_what_is_urgent_by_hand(tmp_path: Path) -> None:
    more = """
    urgent_by_hand: {page: [bo, everybody]}
    severities: {1: {acknowledge_within: 30m}, 3: {priority: high, acknowledge_within: none}}
    """
    found = loaded(tmp_path, more).configuration

    assert ("bo", "everybody") == found.urgent_by_hand
    assert Severity(1, Priority.URGENT, timedelta(minutes=30)) == found.severities[1]
    assert SEVERITIES[2] == found.severities[2]
    assert Severity(3, Priority.HIGH) == found.severities[3]


def test_a_rotation_with_everything(tmp_path: Path) -> None:
    rotation = """
    rotation: primary
    time_zone: America/Chicago
    layering: union
    layers:
      - name: weekly
        people: [ann, [bo, cem], nobody]
        start: 2026-01-05 09:00
        turn: 2 weeks
        time_zone: Europe/Berlin
        from: 2026-01-05 09:00
        until: 2026-12-31 00:00
        days: [wed, mon]
        hours: ["20:00-08:00"]
      - {people: [ann]}
    overrides:
      - {from: 2026-12-24 09:00, to: 2026-12-27 09:00, replace: ann, with: bo}
      - {from: 2026-12-24 09:00, to: 2026-12-27T09:00:00Z, all: [bo, cem], layer: weekly}
      - {from: 2026-12-24 09:00, to: 2026-12-27 09:00, add: cem, id: christmas}
      - {from: 2026-12-24 09:00, to: 2026-12-27 09:00, remove: ann}
      - {from: 2026-12-24 09:00, to: 2026-12-27 09:00, all: nobody}
    """
    found = loaded(tmp_path, primary=rotation).configuration.rotations["primary"]

    weekly = Layer(
        name="weekly",
        people=(("ann",), ("bo", "cem"), ()),
        start=wall("2026-01-05 09:00"),
        turn=Turn(2, Unit.WEEKS),
        zone="Europe/Berlin",
        since=wall("2026-01-05 09:00"),
        until=wall("2026-12-31 00:00"),
        days=(0, 2),
        hours=((time(20), time(8)),),
    )
    always = Layer("layer 2", (("ann",),), ALWAYS, Turn(1, Unit.WEEKS))
    start, end = datetime(2026, 12, 24, 15, tzinfo=UTC), datetime(2026, 12, 27, 15, tzinfo=UTC)
    earlier = datetime(2026, 12, 27, 9, tzinfo=UTC)
    overrides = (
        Override("primary/1", start, end, OverrideKind.REPLACE, "ann", ("bo",), order=0),
        Override(
            "primary/2", start, earlier, OverrideKind.REPLACE_ALL, None, ("bo", "cem"), "weekly", order=1
        ),
        Override("christmas", start, end, OverrideKind.ADD, None, ("cem",), order=2),
        Override("primary/4", start, end, OverrideKind.REMOVE, "ann", order=3),
        Override("primary/5", start, end, OverrideKind.REPLACE_ALL, order=4),
    )
    assert Rotation("primary", "America/Chicago", Layering.UNION, (weekly, always), overrides) == found


def test_a_maintenance_window(tmp_path: Path) -> None:
    more = PAGES + (
        "probes: [{name: x, kind: tcp, host: h, port: 1, policy: urgent}]\n"
        "maintenance:\n"
        "  - {name: Upgrade, from: 2026-12-01 22:00, to: 2026-12-02 02:00, time_zone: Europe/Berlin,\n"
        "     services: [x], probes: [x], components: [Shop], hold: false, announce: Status, text: Moving.}\n"
    )

    assert (
        Window(
            "Upgrade",
            datetime(2026, 12, 1, 21, tzinfo=UTC),
            datetime(2026, 12, 2, 1, tzinfo=UTC),
            services=("x",),
            probes=("x",),
            components=("Shop",),
            hold=False,
            announce="Status",
            name="Upgrade",
            text="Moving.",
        ),
    ) == loaded(tmp_path, more).configuration.windows


def test_sections_are_put_together_from_all_files(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, "people: {dee: {}}\nservices: {x: {}}", more_people="people: {eve: {}}\nprobes:\n"
    ).configuration

    assert {"ann", "bo", "cem", "dee", "eve"} == set(found.people)


def test_several_rotations_may_stand_in_one_file(tmp_path: Path) -> None:
    text = "rotation: one\nlayers: [{people: [ann]}]\n---\nrotation: two\nlayers: [{people: [bo]}]\n"

    assert {"one", "two"} == set(loaded(tmp_path, both=text).configuration.rotations)


def test_aliases_are_written_once_and_used_twice(tmp_path: Path) -> None:
    more = "policies: {a: {tiers: &way [{page: [ann], for: 5m}]}, b: {tiers: *way}}"
    found = loaded(tmp_path, more).configuration.policies

    assert found["a"].tiers == found["b"].tiers


def test_quiet_hours_and_methods_for_some_priorities(tmp_path: Path) -> None:
    more = """
people:
  dee:
    reach: [{email: dee@example.org, after: 2m, for: [urgent, high, urgent]}]
    quiet: {hours: ["22:00-07:00"], days: [sun, mon]}
    handoff_news: false
"""
    dee = loaded(tmp_path, more).configuration.people["dee"]

    assert ((Priority.URGENT, Priority.HIGH), Quiet(((time(22), time(7)),), (0, 6)), False) == (
        dee.reach[0].priorities,
        dee.quiet,
        dee.handoff_news,
    )
