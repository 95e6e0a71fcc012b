"""One simulated week: seeded weather, refusing channels, sleeping people, operators, crashes; then calm, and
all must heal.

Runs of steady results are skipped: a probe that agrees with its hard state, and for which nobody waits, is
checked again when its weather changes.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from monitord.core.check import CheckResult, ClockSet, Outcome
from monitord.core.command import Acknowledge, Comment, Decline, HandOver, OpenTicket, Resolve
from monitord.core.delivery import (
    Delivery,
    DeliveryInterrupted,
    DeliveryRefused,
    DeliverySent,
    DeliveryState,
)
from monitord.core.facts import RECORDS, ConfigurationAccepted, Fact, Installation
from monitord.core.flow import Decision, react
from monitord.core.health import Health
from monitord.core.organization import ComponentState, Priority
from monitord.core.signal import Signal
from monitord.core.silence import Silence
from monitord.core.statuspage import Incident, Phase, WritePost, state_of
from monitord.core.subscription import (
    ConfirmSubscription,
    Subscribe,
    Subscriber,
    SubscriberState,
    Unsubscribe,
)
from monitord.core.ticket import Ticket
from monitord.core.verdict import Verdict
from monitord.core.world import Configuration, World, is_live
from tests.fakes.house import START, House
from tests.sim.company import HOOKS, PEOPLE, company
from tests.sim.neighbours import Neighbours
from tests.sim.operators import Operators
from tests.sim.oracle import Oracle

WEEK = timedelta(days=7)
CALM = timedelta(days=2)
REPLAY_EVERY = 4  # one week in so many is decided twice: that a decision needs nothing else shows in any week


class Week:
    """Everything that happens in the week of one seed."""

    def __init__(self, seed: int, length: timedelta = WEEK) -> None:
        self.seed, self.dice = seed, Random(seed)
        drawn = company(self.dice)
        self.sleepers, self.nobody_until = drawn.sleepers, drawn.nobody_until
        self.house = House(drawn.configuration)
        self.revisions = {"": drawn.configuration}
        self.oracle = Oracle(dict(drawn.configuration.probes))
        self.house.answer, self.house.after = self.answer, self.after
        self.agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self.order = count()
        self.end = START + length
        self.weather = {name: self.draw_weather(self.end) for name in sorted(drawn.configuration.probes)}
        self.faults = {name: self.draw_spells(60, 90) for name in ("email", "sms", "voice", *HOOKS)}
        self.scheduled: dict[str, datetime] = {}
        self.calm = False
        self.neighbours, self.operators = Neighbours(self), Operators(self)

    # The weather: when a probe's target is down, and when nobody can tell.

    def draw_weather(self, end: datetime) -> list[tuple[datetime, Outcome]]:
        at, changes = START, [(START, Outcome.OK)]
        while at < end:
            at += timedelta(hours=self.dice.expovariate(1 / 30))
            bad = self.dice.choices((Outcome.CRITICAL, Outcome.UNKNOWN, Outcome.WARNING), (8, 2, 1))[0]
            changes.append((at, bad))
            at += timedelta(minutes=self.dice.choice((1, 5, 30, 200)) * self.dice.random() + 0.5)
            changes.append((at, Outcome.OK))
        return [(at, outcome) for at, outcome in changes if at < end] + [(end, Outcome.OK)]

    def draw_spells(self, every_hours: float, minutes: float) -> list[tuple[datetime, datetime]]:
        at, spells = START, []
        while at < self.end:
            at += timedelta(hours=self.dice.expovariate(1 / every_hours))
            over = at + timedelta(minutes=minutes * self.dice.random())
            spells.append((at, min(over, self.end)))
        return spells

    def outcome(self, probe: str) -> Outcome:
        """As the weather is; a probe whose parent's target is down fails with it, mostly."""
        own = self.weathered(probe)
        parents = self.revisions[""].probes[probe].depends_on
        if own.passed and any(self.weathered(parent) is Outcome.CRITICAL for parent in parents):
            return Outcome.CRITICAL
        return own

    def weathered(self, probe: str) -> Outcome:
        past = [outcome for at, outcome in self.weather[probe] if at <= self.house.now]
        return past[-1] if past else Outcome.OK

    # The agenda.

    def plan(self, at: datetime, what: Callable[[], None]) -> None:
        heappush(self.agenda, (at, next(self.order), what))

    def soon(self, what: Callable[[], None], minutes: float) -> None:
        self.plan(self.house.now + timedelta(minutes=minutes), what)

    def run(self) -> str:
        """Play the week and the calm after it; return its digest."""
        for probe in sorted(self.weather):
            self.plan_check(probe, START)
        self.neighbours.move_in()
        for _ in range(self.dice.randint(8, 28)):
            at = START + (self.end - START) * self.dice.random()
            self.plan(at, self.dice.choice(self.operations()))
        self.play(self.end)
        self.become_calm()
        self.play(self.end + CALM)
        self.everything_healed()
        if self.seed % REPLAY_EVERY == 0:
            self.replayed()
        return self.digest()

    def play(self, end: datetime) -> None:
        while True:
            due = self.house.next_instant()
            planned = self.agenda[0][0] if self.agenda else None
            following = min((at for at in (due, planned) if at is not None), default=None)
            if following is None or following > end:
                break
            self.house.now = max(self.house.now, following)
            while self.agenda and self.agenda[0][0] <= self.house.now:
                heappop(self.agenda)[2]()
            self.house.tick()
            self.send()
            self.oracle.settled(self.house.world, self.house.now)
        self.house.now = max(self.house.now, end)  # the clock may have been set beyond it

    # Checks.

    def plan_check(self, probe: str, at: datetime) -> None:
        self.scheduled[probe] = at
        self.plan(at, lambda: self.check(probe, at))

    def check(self, probe: str, at: datetime) -> None:
        """One check; a plan that was replaced by an earlier one is void."""
        if self.scheduled.get(probe) != at:
            return
        self.house.do(
            CheckResult(probe, self.outcome(probe), self.house.now, f"{probe} {self.outcome(probe).value}")
        )
        self.plan_check(probe, self.next_check(probe))

    def next_check(self, probe: str) -> datetime:
        every = self.revisions[""].probes[probe].every
        following = self.house.now + every
        if not self.steady(probe):
            return following
        names = (probe, *self.revisions[""].probes[probe].depends_on)
        changes = [at for name in names for at, _ in self.weather[name] if at > self.house.now]
        return max(following, min(changes, default=self.end + 2 * CALM))

    def steady(self, probe: str) -> bool:
        health = self.house.world.get(Health, probe) or Health(probe)
        waited_for = any(True for _ in self.house.world.keys("verdicts by wait", probe))
        outcome = self.outcome(probe)
        agrees = outcome.conclusive and outcome.passed == health.up and not health.streak
        return (agrees or health.blind) and not waited_for

    def after(self, fact: Fact, decision: Decision) -> None:
        """Look at the decision; a probe that somebody waits for is checked at its next slot."""
        self.oracle.look(self.house.world, self.house.now, fact, decision)
        for record in decision.records:
            if isinstance(record, Verdict):
                for probe in record.waits_on:
                    self.wake(probe)

    def wake(self, probe: str) -> None:
        probes = self.house.world.configuration.probes
        soon = self.house.now + probes[probe].every if probe in probes else None
        if soon and self.scheduled.get(probe, soon) > soon:
            self.plan_check(probe, soon)

    # Channels, and crashes in the middle of a send.

    def answer(self, delivery: Delivery) -> DeliverySent | DeliveryRefused:
        self.oracle.sends(self.house.world, delivery)
        broken = any(start <= self.house.now < end for start, end in self.faults.get(delivery.channel, ()))
        if broken and not self.calm:
            if delivery.ticket is not None and self.dice.random() < 0.1:
                self.house.do(Acknowledge(delivery.ticket, "gil", "while it was being sent"))
            return DeliveryRefused(delivery.id, "the weather", permanent=self.dice.random() < 0.2)
        self.oracle.handed_over[delivery.id] += 1
        asleep = delivery.person in self.sleepers or self.house.now < self.nobody_until
        if (delivery.person and not asleep) or self.calm:
            self.consider(delivery)
        return DeliverySent(delivery.id, "250 ok")

    def send(self) -> None:
        """Deliver; one time in many we are killed between the attempt and its outcome."""
        if not self.calm and self.dice.random() < 0.02:
            self.crash()
        self.house.deliver()

    def crash(self) -> None:
        """Killed while sending: what was stored is all there is."""
        for delivery in self.house.due_deliveries()[:1]:
            self.house.answer = self.die
            try:
                self.house.attempt(delivery)
            except KeyboardInterrupt:
                pass
            finally:
                self.house.answer = self.answer
        self.restart()

    def die(self, delivery: Delivery) -> DeliverySent:
        self.oracle.sends(self.house.world, delivery)
        if self.dice.random() < 0.5:
            self.oracle.handed_over[delivery.id] += 1
        self.oracle.interrupted[delivery.id] += 1
        raise KeyboardInterrupt

    def restart(self) -> None:
        """A new world from the live records of the old one; what was being sent was interrupted."""
        old = self.house.world
        self.house.world = copied(old, self.house.world.configuration)
        for delivery in self.house.world.all(Delivery):
            if delivery.state is DeliveryState.SENDING:
                self.house.do(DeliveryInterrupted(delivery.id))

    # People.

    def consider(self, delivery: Delivery) -> None:
        """Somebody reads a message; some answer, in their own time."""
        asks = any(link.purpose == "answer" for link in delivery.text.links)
        if not asks or self.dice.random() < (0 if self.calm else 0.4):
            return
        delay = 0.1 if self.calm else self.dice.expovariate(1 / 8)
        self.soon(lambda: self.act(delivery), delay)

    def act(self, delivery: Delivery) -> None:
        number, person = delivery.ticket or 0, delivery.person or "ann"
        others = [name for name in PEOPLE if name != person]
        facts: list[Fact] = [
            Acknowledge(number, person),
            Decline(number, person),
            HandOver(number, person, self.dice.choice(others)),
            Resolve(number, person, hold_until_clear=self.dice.random() < 0.5),
            Comment(number, person, "looking"),
        ]
        weights = (1, 0, 0, 0, 0) if self.calm else (16, 2, 1, 3, 2)
        self.house.do(self.dice.choices(facts, weights)[0])

    def operations(self) -> list[Callable[[], None]]:
        """What operators and customers do besides answering."""
        return [
            self.open_by_hand,
            self.write_post,
            self.subscribe,
            self.unsubscribe,
            self.restart,
            self.set_clock,
            self.answer_anything,
            self.neighbours.want_quiet,
            self.neighbours.want_quiet,
            self.neighbours.have_had_enough,
            self.neighbours.be_deaf,
            *self.operators.doings,
            *self.operators.doings,
        ]

    def open_by_hand(self) -> None:
        service = self.dice.choice(sorted(self.house.world.configuration.services))
        self.house.do(OpenTicket("something", service, self.dice.choice(list(Priority)), "cem"))

    def write_post(self) -> None:
        stories = self.house.world.all(Incident)
        phase = self.dice.choice((Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING, Phase.RESOLVED))
        if stories and self.dice.random() < 0.8:
            self.house.do(WritePost("cem", "words", phase, self.dice.choice(stories).id))
        else:
            component = self.house.world.configuration.status_pages[0].components[0].id
            affects = ((component, ComponentState.DEGRADED),)
            self.house.do(WritePost("cem", "words", Phase.INVESTIGATING, None, "by hand", affects))

    def subscribe(self) -> None:
        self.house.do(Subscribe(f"sub{self.dice.randint(1, 9)}@example.org"))
        for subscriber in self.house.world.all(Subscriber):
            if self.dice.random() < 0.7:
                self.house.do(ConfirmSubscription(subscriber.id))

    def unsubscribe(self) -> None:
        for subscriber in self.house.world.all(Subscriber)[:1]:
            self.house.do(Unsubscribe(subscriber.id))

    def set_clock(self) -> None:
        """Only forward here: the virtual clock of a week never runs back."""
        by = timedelta(minutes=self.dice.uniform(1, 90))
        self.house.now += by
        self.house.do(ClockSet(by))

    def answer_anything(self) -> None:
        for found in self.house.world.all(Ticket)[:1]:
            self.house.do(Acknowledge(found.number, self.dice.choice(PEOPLE), "cli"))

    # Calm: everything works, everybody answers, and then all must heal.

    def become_calm(self) -> None:
        self.calm = True
        for probe in sorted(self.weather):
            if probe in self.house.world.configuration.probes:
                self.plan_check(probe, self.house.now)
        self.neighbours.become_calm()
        for hours in (1, 12, 30):
            self.soon(self.tidy_up, 60 * hours)

    def tidy_up(self) -> None:
        """People end what only people can end."""
        for found in self.house.world.find("open tickets", "open"):
            if not found.signals:
                self.house.do(Resolve(found.number, "ann"))
        for story in self.house.world.all(Incident):
            if not story.affects or story.service is None:
                self.house.do(WritePost("ann", "over", Phase.RESOLVED, story.id))

    def everything_healed(self) -> None:
        world = self.house.world
        assert [] == world.find("open tickets", "open")
        assert [] == world.all(Delivery)
        assert [] == world.all(Incident)
        assert [] == world.all(Signal)
        assert [] == world.all(Silence)
        for page in world.configuration.status_pages:
            for component in page.components:
                state = state_of(component.id, world.all(Incident), in_maintenance=False)
                assert state is ComponentState.OPERATIONAL
        pending = [s for s in world.all(Subscriber) if s.state is SubscriberState.PENDING]
        assert all(subscriber.asked > self.house.now - timedelta(hours=49) for subscriber in pending)

    def replayed(self) -> None:
        """The journal's facts give the same decisions, and their records the same world."""
        again = World(self.revisions[""], Installation("e1"))
        for at, fact, decision in self.house.journal:
            if isinstance(fact, ConfigurationAccepted):
                again.configuration = self.revisions[fact.revision]
            assert decision == react(again, fact, at), fact
            again.apply(decision.records)
        for kind in RECORDS:
            assert again.all(kind) == self.house.world.all(kind)

    def digest(self) -> str:
        told = hashlib.sha256()
        for at, fact, decision in self.house.journal:
            told.update(repr((at, fact, decision)).encode())
        return told.hexdigest()[:16]


def copied(world: World, configuration: Configuration) -> World:
    """The world as a store would load it."""
    fresh = World(configuration, world.installation)
    for kind in RECORDS:
        fresh.apply([replace(record) for record in world.all(kind) if is_live(record)])
    return fresh


def play(seed: int, length: timedelta = WEEK) -> str:
    """The digest of one week; an AssertionError says what was wrong, and the seed brings it back."""
    return Week(seed, length).run()
