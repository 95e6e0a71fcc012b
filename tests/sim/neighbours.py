"""Who else speaks to monitord in a simulated week: integrations, heartbeats, and people who want quiet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from monitord.core.heartbeat import Deaf, Every, Pinged, PingKind
from monitord.core.organization import Priority
from monitord.core.report import Report, inbound_source
from monitord.core.signal import Signal
from monitord.core.silence import AddSilence, EndSilence, Matcher, Silence
from tests.sim.company import HEARTBEATS, INTEGRATIONS

if TYPE_CHECKING:
    from tests.sim.week import Week

FIRING = 4  # things that may fire, an integration
LIFETIME = timedelta(minutes=20)
MOVES = 0.1  # how often something is said of another service
NOBODYS = "nobodys"  # a service that no configuration knows


@dataclass(frozen=True)
class Thing:
    """Something that an integration reports; one in two is refreshed, and over when it no longer is."""

    source: str
    name: str
    service: str
    group: str
    refreshed: bool

    @property
    def once(self) -> bool:
        """Whoever says it does not count on saying that it is over."""
        return not self.refreshed and not self.group


class Neighbours:
    """Their weather is drawn as the week goes on; in the calm all is well, and is said."""

    def __init__(self, week: "Week") -> None:
        self.week, self.dice = week, week.dice
        self.house = week.house
        services = sorted(self.house.configuration.services)
        shared = self.dice.choice(services)
        self.things = [
            self.drawn(inbound_source(source), f"t{number}", services, shared)
            for source in INTEGRATIONS
            for number in range(FIRING)
        ]
        self.deaf_until: datetime | None = None

    def drawn(self, source: str, name: str, services: list[str], shared: str) -> Thing:
        """Alone, and anybody's; or one of the shared service's disks."""
        refreshed = self.dice.random() < 0.5
        if self.dice.random() < 0.5:
            return Thing(source, name, self.dice.choice(services), "", refreshed)
        return Thing(source, name, shared, "disks", refreshed)

    def move_in(self) -> None:
        for thing in self.things:
            self.later(partial(self.fire, thing), self.dice.expovariate(1 / 1500))
        for name in HEARTBEATS:
            self.later(partial(self.beat, name), self.dice.uniform(0, 300))

    def later(self, what: Callable[[], None], minutes: float) -> None:
        """What falls into a deafness is lost; whoever said it goes on."""
        at = self.house.now + timedelta(minutes=minutes)
        self.week.plan(at, what)

    def reaches_us(self) -> bool:
        return self.deaf_until is None or self.house.now > self.deaf_until

    # What integrations report.

    def fire(self, thing: Thing) -> None:
        """Raised, said again for a while, and over."""
        if not self.week.calm:
            self.say(thing, self.dice.choice((1, 1, 3, 9)))
            self.later(lambda: self.fire(thing), self.dice.expovariate(1 / 2000) + 200)

    def say(self, thing: Thing, times: int) -> None:
        if self.week.calm:
            return
        if times:
            self.report(thing, raised=True)
            self.later(lambda: self.say(thing, times - 1), self.dice.uniform(0.5, 15))
        elif self.dice.random() < (0.8 if thing.refreshed else 0.6):
            self.report(thing, raised=False)

    def report(self, thing: Thing, *, raised: bool) -> None:
        if not self.reaches_us():
            return
        priority = self.dice.choices(list(Priority), (1, 4, 2, 1))[0]
        ends = self.house.now + LIFETIME if thing.refreshed and raised else None
        service = self.about(thing)
        said = (thing.source, thing.name, raised, service, priority, f"{thing.name} fires", "found")
        more = {"group": thing.group, "once": thing.once, "details": (("thing", thing.name),)}
        self.house.do(Report(*said, ends=ends, **more))

    def about(self, thing: Thing) -> str:
        """Its service, or what the rules of another day make of it."""
        services = (*sorted(self.house.configuration.services), NOBODYS)
        return self.dice.choice(services) if self.dice.random() < MOVES else thing.service

    # Heartbeats.

    def beat(self, name: str) -> None:
        """One job run: begun or not, ended or not, well or not; and the next one in its time."""
        ill = 0.0 if self.week.calm else 0.08
        run = self.dice.choice(("", "", f"r{self.dice.randint(1, 3)}"))
        takes = self.dice.uniform(0.1, 4)
        if self.dice.random() >= ill:
            if self.dice.random() < 0.5:
                self.ping(name, PingKind.START, run=run)
            if self.dice.random() >= ill / 3:
                self.later(lambda: self.end(name, run, ill), takes)
        self.later(lambda: self.beat(name), self.period(name) * self.dice.uniform(0.6, 1.0))

    def end(self, name: str, run: str, ill: float) -> None:
        what = self.dice.choice((PingKind.SUCCESS, PingKind.EXIT))
        if self.dice.random() < ill:
            what = self.dice.choice((PingKind.FAIL, PingKind.EXIT, PingKind.LOG))
        self.ping(name, what, run=run, code=int(ill > 0 and self.dice.random() < ill))

    def ping(self, name: str, what: PingKind, *, run: str, code: int = 0) -> None:
        if self.reaches_us():
            self.house.do(Pinged(name, what, self.house.now, code, "words", run))

    def period(self, name: str) -> float:
        timetable = self.house.configuration.heartbeats[name].timetable
        assert isinstance(timetable, Every)
        return timetable.period / timedelta(minutes=1)

    # People who want quiet, and our own deafness.

    def want_quiet(self) -> None:
        """For a service that has something now, if any, or for a thing; at once, or a little later; for at
        most a day.
        """
        services = sorted(self.house.configuration.services)
        troubled = [signal.service for signal in self.house.world.all(Signal)]
        matcher = self.dice.choice(
            (
                Matcher("service", self.dice.choice(troubled or services)),
                Matcher("thing", f"t{self.dice.randint(0, 3)}"),
            )
        )
        now = self.house.now
        start = now + timedelta(minutes=self.dice.choice((0, 0, 30)))
        end = now + timedelta(hours=self.dice.choice((0.3, 0.3, 1, 23, 25)))
        self.house.do(AddSilence((matcher,), "cem", "work on it", end, start))

    def have_had_enough(self) -> None:
        for silence in self.house.world.all(Silence)[:1]:
            self.house.do(EndSilence(silence.id, "dee"))

    def be_deaf(self) -> None:
        """We stand still: what is said meanwhile is lost."""
        since = self.house.now
        self.house.now += timedelta(minutes=self.dice.choice((1, 40, 500)))
        self.deaf_until = self.house.now
        self.house.do(Deaf(since, self.house.now))

    def become_calm(self) -> None:
        """Everything that fired is over, and says so; we hear it, also if the week ends in a deafness."""
        self.deaf_until = None
        for thing in self.things:
            self.report(thing, raised=False)
