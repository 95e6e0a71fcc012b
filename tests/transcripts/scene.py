"""The made-up company of a story: what the lines before its first empty line describe.

probe web failures=3 passes=2 component=shop effect=degraded publish_after=0s depends=db
tiers ann 10m > bo 10m > cem 15m          (a tier may name several people: ann+bo; `nobody` is an empty one)
tiers ann+bo+cem 10m 2 > dee 15m each   (two of three must acknowledge; then everybody of the tier)
policy cart cem 10m > dee 10m            (of this service alone)
person ann email sms+2m voice+4m:urgent,high · quiet ann 22:00-07:00 Europe/Berlin
acknowledgement_lasts 30m · reopen_within 30m · last_resort cem, dee · public sub@example.org
rotation primary ann bo turn=12h away=gap · away ann 02:00-04:00 (after the rotations)
maintenance web 00:10-00:20 · webhook audit · integration prom
heartbeat backup every=1h grace=10m service=web priority=high
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitord.config.scalars import DAYS as DAYS_OF_WEEK
from monitord.config.scalars import parse_hours
from monitord.core import subscription
from monitord.core.absence import Absence, AwayRule, Instead
from monitord.core.check import Probe
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
from monitord.core.rotation import Layer, Rotation, Turn, Unit, with_absences
from monitord.core.subscription import subscriber_id
from monitord.core.verdict import Window
from monitord.core.webhook import Webhook
from monitord.core.workhours import Workhours
from monitord.core.world import Configuration
from monitord.play.days import Days
from monitord.play.language import span
from monitord.play.outside import pairs
from monitord.play.stage import Stage
from monitord.play.story import Performance, perform, scenery, split
from tests.fakes.house import START, House

CAST = {
    name: Person(name, name, "UTC", (ContactMethod("email", name),)) for name in ("ann", "bo", "cem", "dee")
}
DAYS = Days(START.date(), ZoneInfo("UTC"))


def fits(pattern: str, text: str) -> bool:
    """Patterns of stories are harmless."""
    return re.fullmatch(pattern, text) is not None


def method_of(name: str, text: str) -> ContactMethod:
    """`sms`, `sms+2m`, `voice+4m:urgent,high`."""
    way, _, priorities = text.partition(":")
    channel, _, after = way.partition("+")
    served = tuple(Priority(word) for word in priorities.split(",") if word)
    return ContactMethod(channel, name, span(after) if after else timedelta(0), served)


def enough(word: str = "any") -> int:
    """How many must acknowledge: `any`, `each`, or a number."""
    return {"any": ANY, "each": EACH}.get(word) or int(word)


def tiers(*words: str) -> tuple[Tier, ...]:
    """`ann 10m > bo+cem 10m each`."""
    parts = [part.split() for part in " ".join(words).split(">")]
    return tuple(
        Tier(() if whom == "nobody" else tuple(whom.split("+")), span(lasts), enough(*more))
        for whom, lasts, *more in parts
    )


@dataclass
class Scene:
    """What the lines before the first empty line describe."""

    configuration: Configuration = field(default_factory=lambda: Configuration("Shop", people=CAST))
    tiers: tuple[Tier, ...] = ()
    acknowledgement_lasts: timedelta = timedelta(minutes=30)
    subscribers: list[str] = field(default_factory=list)
    workhours: Workhours | None = None

    def change(self, **changes: Any) -> None:
        self.configuration = replace(self.configuration, **changes)

    def probe(self, name: str, *words: str) -> None:
        said = dict(word.split("=") for word in words)
        known = self.configuration
        component = said.get("component")
        effect = ComponentState(said.get("effect", "degraded"))
        probe = Probe(
            name,
            name,
            span(said.get("every", "1m")),
            failures=int(said.get("failures", 3)),
            passes=int(said.get("passes", 2)),
            unknowns=int(said.get("unknowns", 3)),
            depends_on=tuple(filter(None, said.get("depends", "").split("+"))),
        )
        service = Service(
            name,
            policies=(("default", "up"),),
            components=(component,) if component else (),
            public=PublicEffect(effect, span(said.get("publish_after", "5m"))),
        )
        pages = known.status_pages or (StatusPage("status", "Shop status"),)
        if component and known.component(component) is None:
            here = replace(pages[0], components=(*pages[0].components, Component(component, component)))
            pages = (here,)
        self.change(
            probes={**known.probes, name: probe},
            services={**known.services, name: service},
            status_pages=pages,
        )

    def tiers_are(self, *words: str) -> None:
        self.tiers = tiers(*words)

    def policy(self, service: str, *words: str) -> None:
        known = self.configuration
        own = replace(known.services[service], policies=(("default", service),))
        policy = Policy(service, tiers(*words), self.acknowledgement_lasts)
        self.change(services={**known.services, service: own}, policies={**known.policies, service: policy})

    def person(self, name: str, *methods: str) -> None:
        reach = tuple(method_of(name, method) for method in methods)
        known = self.configuration.people
        self.change(people={**known, name: replace(known[name], reach=reach)})

    def quiet(self, name: str, hours: str, zone: str = "UTC") -> None:
        known = self.configuration.people
        times = Quiet((parse_hours(hours),))
        self.change(people={**known, name: replace(known[name], quiet=times, time_zone=zone)})

    def rotation(self, name: str, *words: str) -> None:
        """`rotation primary ann bo turn=12h`: they take turns from the story's midnight on."""
        people = tuple((word,) for word in words if "=" not in word)
        said = pairs(" ".join(word for word in words if "=" in word))
        hours = span(said["turn"]) // timedelta(hours=1)
        start = DAYS.instant("00:00").replace(tzinfo=None)
        layer = Layer("all", people, start, Turn(hours, Unit.HOURS))
        known = self.configuration.rotations
        rule = AwayRule(Instead(said.get("away", "next")))
        self.change(rotations={**known, name: Rotation(name, "UTC", layers=(layer,), away=rule)})

    def away(self, name: str, times: str) -> None:
        absence = Absence(name, *(DAYS.instant(each) for each in times.split("-")))
        known = self.configuration.rotations
        self.change(rotations={id: with_absences(each, [absence]) for id, each in known.items()})

    def maintenance(self, probe: str, times: str) -> None:
        start, end = times.split("-")
        window = Window(f"maintenance of {probe}", DAYS.instant(start), DAYS.instant(end), services=(probe,))
        self.change(windows=(*self.configuration.windows, window))

    def heartbeat(self, name: str, *words: str) -> None:
        said = pairs(" ".join(words))
        beat = Heartbeat(
            id=name,
            name=name,
            service=said["service"],
            priority=Priority(said.get("priority", "urgent")),
            timetable=Every(span(said.get("every", "1h"))),
            grace=span(said.get("grace", "10m")),
        )
        self.change(heartbeats={**self.configuration.heartbeats, name: beat})

    def integration(self, name: str) -> None:
        self.change(integrations={**self.configuration.integrations, name: Integration(name)}, fits=fits)

    def webhook(self, name: str) -> None:
        self.change(webhooks={**self.configuration.webhooks, name: Webhook(name)})

    def public(self, address: str) -> None:
        self.subscribers.append(address)

    def holds_for(self, lasts: str) -> None:
        self.acknowledgement_lasts = span(lasts)

    def reopen_within(self, lasts: str) -> None:
        self.change(reopen_within=span(lasts))

    def last_resort(self, *names: str) -> None:
        self.change(last_resort=tuple(name.strip(",") for name in names))

    def team(self, members: str, managers: str) -> None:
        """Every service is the team's."""
        known = self.configuration
        services = {name: replace(each, team="team") for name, each in known.services.items()}
        team = Team("team", tuple(members.split("+")), tuple(managers.split("+")))
        self.change(teams={"team": team}, services=services)

    def only(self, days: str, hours: str, *holidays: str) -> None:
        """The policy pages then only, and not on these days of January."""
        begin, end = (time.fromisoformat(each) for each in hours.split("-"))
        week = tuple(DAYS_OF_WEEK.index(day) for day in days.split("+"))
        closed = frozenset(START.date().replace(day=int(each)) for each in holidays)
        self.change(holidays={"US": closed})
        self.workhours = Workhours(week, ((begin, end),), holidays_of="US")

    def urgent_by_hand(self, *names: str) -> None:
        self.change(urgent_by_hand=tuple(name.strip(",") for name in names))

    def read(self, line: str) -> None:
        word, *rest = line.split()
        WORDS[word](self, *rest)

    def house(self) -> House:
        policy = Policy("up", self.tiers, self.acknowledgement_lasts, only=self.workhours)
        self.change(policies={**self.configuration.policies, "up": policy})
        house = House(self.configuration)
        for address in self.subscribers:
            house.do(subscription.Subscribe(address))
            house.do(subscription.ConfirmSubscription(subscriber_id("e1", "email", address)))
        house.deliver()
        return house


WORDS: dict[str, Callable[..., None]] = {
    "probe": Scene.probe,
    "tiers": Scene.tiers_are,
    "policy": Scene.policy,
    "person": Scene.person,
    "quiet": Scene.quiet,
    "rotation": Scene.rotation,
    "away": Scene.away,
    "maintenance": Scene.maintenance,
    "integration": Scene.integration,
    "heartbeat": Scene.heartbeat,
    "webhook": Scene.webhook,
    "public": Scene.public,
    "acknowledgement_lasts": Scene.holds_for,
    "reopen_within": Scene.reopen_within,
    "last_resort": Scene.last_resort,
    "team": Scene.team,
    "only": Scene.only,
    "urgent_by_hand": Scene.urgent_by_hand,
}


def tell(story: str) -> str:
    """The story as it comes out now."""
    head, body = split(story)
    scene = Scene()
    for _, line in scenery(head):
        scene.read(line)
    return perform(head, body, Performance(Stage(scene.house(), DAYS), DAYS))
