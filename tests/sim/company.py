"""The company of one simulated week: drawn by the seed, different in every one, always one that configuration
allows.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random

from monitord.core.check import Instant, Probe
from monitord.core.heartbeat import Every, Heartbeat
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
from monitord.core.policy import ANY, EACH, Policy, Tier
from monitord.core.report import Integration
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.core.severity import SEVERITIES, Severities
from monitord.core.verdict import Window
from monitord.core.webhook import Webhook, channel_of
from monitord.core.workhours import Holidays, Workhours
from monitord.core.world import Configuration
from tests.fakes.house import START

PEOPLE = ("ann", "bo", "cem", "dee", "fay", "gil")
ZONES = ("UTC", "America/Chicago", "Europe/Berlin", "Asia/Kolkata")
QUIET = {
    "bo": Quiet(((time(22), time(7)),)),
    "cem": Quiet(((time(0), time(12)),)),
    "fay": Quiet(days=(2, 3, 5, 6)),
}
INTEGRATIONS = ("prom", "cron")
HEARTBEATS = ("backup", "sync", "report")
WEBHOOKS = (Webhook("audit"), Webhook("urgent", priorities=(Priority.URGENT,)))
HOOKS = tuple(channel_of(hook.id) for hook in WEBHOOKS)
EFFECTS = (ComponentState.DEGRADED, ComponentState.PARTIAL_OUTAGE, ComponentState.MAJOR_OUTAGE)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@dataclass(frozen=True)
class Company:
    """What the week is played with."""

    configuration: Configuration
    sleepers: frozenset[str]
    nobody_until: Instant  # everybody sleeps until then


def company(dice: Random) -> Company:
    """Five probes at least, two rotations, three policies, a status page, windows, a last resort."""
    probes = {probe.id: probe for probe in draw_probes(dice)}
    components = tuple(Component(f"c-{name}", f"Component {name}") for name in probes)
    configuration = Configuration(
        organization="Simulated",
        probes=probes,
        services={name: draw_service(dice, name) for name in probes},
        people={name: draw_person(dice, name) for name in PEOPLE},
        teams={"team": Team("team", ("ann", "bo", "cem"), ("dee",))},
        rotations={name: draw_rotation(dice, name) for name in ("primary", "secondary")},
        policies={name: draw_policy(dice, name) for name in ("fast", "slow", "holey")},
        status_pages=(StatusPage("status", "Simulated status", components),),
        windows=draw_windows(dice, tuple(probes)),
        last_resort=("dee", "fay"),
        calling_channels=frozenset({"voice"}),
        integrations={name: Integration(name) for name in INTEGRATIONS},
        heartbeats={name: draw_heartbeat(dice, name, tuple(probes)) for name in HEARTBEATS},
        webhooks={hook.id: hook for hook in WEBHOOKS},
        holidays=draw_holidays(dice),
        severities=draw_severities(dice),
    )
    sleepers = frozenset(dice.sample(PEOPLE, dice.choice((0, 1, 2))))
    return Company(configuration, sleepers, START + timedelta(days=dice.choice((0, 0, 0, 2))))


def draw_probes(dice: Random) -> list[Probe]:
    names = ["db", "web", "api", "mail", "dns", "cdn"][: dice.choice((5, 6))]
    return [
        Probe(
            name,
            dice.choice((name, name, "mail")),
            minutes(dice.choice((1, 2, 5))),
            failures=dice.randint(1, 5),
            passes=dice.randint(1, 3),
            unknowns=dice.randint(2, 4),
            depends_on={"web": ("db", "dns"), "api": ("db",), "cdn": ("web",)}.get(name, ()),
        )
        for name in names
    ]


def draw_service(dice: Random, name: str) -> Service:
    others = (("default", "slow"),) if dice.random() < 0.8 else ()
    policies = (("urgent", dice.choice(("fast", "slow", "holey"))), *others)
    effect = PublicEffect(dice.choice(EFFECTS), minutes(dice.choice((0, 1, 5, 30))))
    team = dice.choice(("team", ""))
    return Service(name, team=team, policies=policies, components=(f"c-{name}",), public=effect)


def draw_person(dice: Random, name: str) -> Person:
    methods = (
        ContactMethod("email", f"{name}@example.org"),
        ContactMethod("sms", f"+{name}", minutes(2)),
        ContactMethod("voice", f"+{name}", minutes(dice.choice((3, 5)))),
    )
    return Person(name, name, dice.choice(ZONES), methods[: dice.randint(1, 3)], QUIET.get(name))


def draw_rotation(dice: Random, name: str) -> Rotation:
    people = tuple((person,) for person in dice.sample(PEOPLE, 3))
    turn = dice.choice((Turn(1, Unit.DAYS), Turn(1, Unit.WEEKS), Turn(12, Unit.HOURS)))
    hours = ((datetime(2026, 1, 1, 9).time(), datetime(2026, 1, 1, 17).time()),)
    layer = Layer("all", people, datetime(2026, 1, 1, 9), turn, hours=hours if dice.random() < 0.3 else ())
    return Rotation(name, dice.choice(ZONES), layers=(layer,))


def draw_heartbeat(dice: Random, name: str, services: tuple[str, ...]) -> Heartbeat:
    period = minutes(dice.choice((120, 240, 720)))
    grace = minutes(dice.choice((5, 15, 30)))
    return Heartbeat(name, name, dice.choice(services), dice.choice(list(Priority)), Every(period), grace)


def draw_policy(dice: Random, name: str) -> Policy:
    tiers = (("primary",), ("secondary", "team"), ("dee",))
    if name == "holey":
        tiers = (("nobody-here",), ("primary",), ("gil",))
    pace = 2 if name == "fast" else 5
    return Policy(
        name,
        tuple(Tier(page, minutes(pace * dice.randint(1, 3)), draw_enough(dice)) for page in tiers),
        minutes(dice.choice((15, 30, 60))),
        only=draw_workhours(dice) if name == "slow" else None,
    )


def draw_workhours(dice: Random) -> Workhours | None:
    """The slow policy pages in working hours only, or at night only, or always."""
    begin, end = dice.choice(((9, 17), (22, 6)))
    hours = ((time(begin), time(end)),)
    return dice.choice((None, Workhours((0, 1, 2, 3, 4), hours, dice.choice(ZONES), "US")))


def draw_holidays(dice: Random) -> Holidays:
    """Some days of the week that is lived through."""
    return {"US": frozenset(START.date() + timedelta(days=day) for day in range(7) if dice.random() < 0.2)}


def draw_severities(dice: Random) -> Severities:
    """Somebody must have it within a tier's time or some tiers', or no time is said."""
    return {
        each.number: replace(
            each, acknowledge_within=minutes(dice.randint(3, 60)) if each.number < 4 else None
        )
        for each in SEVERITIES.values()
    }


def draw_enough(dice: Random) -> int:
    """How many must acknowledge."""
    return dice.choice((ANY, ANY, ANY, 2, EACH))


def draw_windows(dice: Random, probes: tuple[str, ...]) -> tuple[Window, ...]:
    starts = [START + timedelta(hours=dice.uniform(1, 160)) for _ in range(3)]
    return tuple(
        Window(f"w{n}", start, start + minutes(dice.uniform(10, 300)), services=(dice.choice(probes),))
        for n, start in enumerate(starts)
    )
