"""What the simulation knows to be right, said a second time, slowly and without the core's own words."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitord.core import escalation, ticket
from monitord.core.check import CheckResult, Probe
from monitord.core.delivery import AttemptStarted, Delivery, DeliveryState, Purpose
from monitord.core.escalation import Escalation
from monitord.core.facts import Fact
from monitord.core.flow import Decision
from monitord.core.health import ProbeCameUp, ProbeWentDown
from monitord.core.invariants import violations, wrong
from monitord.core.organization import Person, Priority, Quiet
from monitord.core.policy import DeadlineKind
from monitord.core.ticket import State, Ticket
from monitord.core.verdict import Reason, Verdict
from monitord.core.world import World
from tests.sim.answers import Answers
from tests.sim.emergencies import Emergencies
from tests.sim.hours import pages_in_hours, waits_for_hours
from tests.sim.reports import Reports

LONGEST_TURN = timedelta(minutes=5)  # the longest `after` of a contact method here


def asleep(person: Person, now: datetime) -> bool:
    """Is it a quiet hour on their wall? (No clock changes in a simulated week.)"""
    wall = now.astimezone(ZoneInfo(person.time_zone))
    quiet = person.quiet or Quiet()
    if quiet.days:
        return wall.weekday() in quiet.days
    ((begin, end),) = quiet.hours
    return begin <= wall.time() < end if begin < end else wall.time() >= begin or wall.time() < end


@dataclass
class Oracle:
    """Looks at every decision; the first thing that is wrong ends the week."""

    probes: dict[str, Probe]
    down: dict[str, bool] = field(default_factory=dict)
    run: Counter[str] = field(default_factory=Counter)
    pages: dict[tuple[int, int], list[set[str]]] = field(default_factory=lambda: defaultdict(list))
    declined: dict[tuple[int, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    answers: Answers = field(default_factory=Answers)
    emergencies: Emergencies = field(default_factory=Emergencies)
    handed_over: Counter[str] = field(default_factory=Counter)
    interrupted: Counter[str] = field(default_factory=Counter)
    left: dict[tuple[str, str], datetime] = field(default_factory=dict)
    awaited: set[tuple[int, datetime]] = field(default_factory=set)
    heard: Counter[str] = field(default_factory=Counter)
    reports: Reports = field(default_factory=Reports)

    def look(self, world: World, now: datetime, fact: Fact, decision: Decision) -> None:
        if isinstance(fact, CheckResult):
            self.count(fact, decision)
            self.parent_was_heard(world, fact)
        self.reports.look(world, now, fact, decision)
        if decision.records and not isinstance(fact, AttemptStarted):
            found = self.broken(world, now, decision)
            assert not found, found
            nobody_is_put_off(world)
        for record in decision.records:
            if isinstance(record, Delivery):
                self.quiet(world, now, record)
        self.emergencies.look(world, fact, decision)
        for event in decision.events:
            self.hear(world, event)
            self.answers.hear(world, event)
            if isinstance(event, escalation.PageRequested):
                pages_in_hours(world, now, fact, event)
            self.one_story(world, now, event)
        if not isinstance(fact, AttemptStarted):
            self.widening(decision)

    def broken(self, world: World, now: datetime, decision: Decision) -> list[str]:
        """What is wrong with the world; where only deliveries have changed, with them and their tickets."""
        if not all(isinstance(record, Delivery) for record in decision.records):
            return violations(world, now)
        tickets = {record.ticket for record in decision.records if record.ticket}
        near = [
            *(world.get(Delivery, record.key) for record in decision.records),
            *(world.get(kind, number) for number in tickets for kind in (Ticket, escalation.Escalation)),
        ]
        return [said for record in near if record is not None for said in wrong(world, record, now)]

    def count(self, result: CheckResult, decision: Decision) -> None:
        """Down exactly at the Nth failure in a row, up at the Mth pass."""
        probe = self.probes.get(result.probe)
        if probe is None or not result.outcome.conclusive:
            assert not [e for e in decision.events if isinstance(e, ProbeWentDown | ProbeCameUp)]
            return
        down, passed = self.down.get(probe.id, False), result.outcome.passed
        against = passed == down
        self.run[probe.id] = self.run[probe.id] + 1 if against else 0
        flips = self.run[probe.id] == (probe.passes if passed else probe.failures)
        if flips:
            self.run[probe.id], self.down[probe.id] = 0, not down
        kinds = [type(e) for e in decision.events if isinstance(e, ProbeWentDown | ProbeCameUp)]
        assert kinds == ([ProbeCameUp if passed else ProbeWentDown] if flips else []), (result, kinds)

    def parent_was_heard(self, world: World, result: CheckResult) -> None:
        """Nobody goes on suspecting a parent that has just passed."""
        if result.outcome.conclusive and result.outcome.passed:
            for verdict in world.find("verdicts by wait", result.probe):
                assert verdict.reason is not Reason.DEPENDENCY_SUSPECT, (
                    f"{verdict.signal} waits for {result.probe}"
                )

    def one_story(self, world: World, now: datetime, event: object) -> None:
        """What comes back soon, and is the same team's, comes back under its old number."""
        about = world.get(Ticket, getattr(event, "ticket", 0) or 0)
        if about is None:
            return
        if isinstance(event, ticket.SignalLeft) and not event.service:
            self.left[event.signal, about.cause] = now
        if isinstance(event, ticket.TicketOpened):
            for signal in about.signals:
                away = now - self.left.get((signal, about.cause), now - timedelta(days=9))
                assert away > world.configuration.reopen_within, f"{signal} was away for {away} only"

    def hear(self, world: World, event: object) -> None:
        if isinstance(event, ticket.PersonDeclined):
            for key in self.pages:
                if key[0] == event.ticket:
                    self.declined[key].add(event.by)
        if isinstance(event, ticket.TicketEscalated):
            for key in self.pages:
                if key[0] == event.ticket:
                    self.declined[key] |= self.answers.answered[event.ticket]
        found = world.get(Ticket, getattr(event, "ticket", 0) or 0)
        forgets = found is None or not found.catastrophic
        if isinstance(event, escalation.TierRepeated) and forgets:
            self.declined[event.ticket, event.round] = set()

    def widening(self, decision: Decision) -> None:
        """Within a round every step pages everybody of the step before, who did not decline."""
        steps: dict[tuple[int, int, int], set[str]] = defaultdict(set)
        called: set[tuple[int, int, int]] = set()
        for event in decision.events:
            if isinstance(event, escalation.TierRepeated):
                self.repeats(event, decision)
            if isinstance(event, escalation.PageRequested):
                steps[event.ticket, event.round, event.step].add(event.person)
                if event.by is not None:
                    called.add((event.ticket, event.round, event.step))
        for (number, round_, step), people in sorted(steps.items()):
            before = self.pages[number, round_]
            assert step == len(before) + 1, f"ticket {number} round {round_}: step {step} after {len(before)}"
            if (number, round_, step) in called:  # they alone, who join the others
                self.joined(number, before[-1] if before else set(), decision)
                self.declined[number, round_] -= people
                self.answers.have[number, round_] -= people
                people |= before[-1] if before else set()
            answered = self.declined[number, round_] | self.answers.have[number, round_]
            left = (before[-1] if before else set()) - people - answered
            assert not left, f"ticket {number}: {left} dropped out of the circle"
            before.append(people)

    def joined(self, number: int, before: set[str], decision: Decision) -> None:
        """Who is called stands beside those who were paged before, and in nobody's place."""
        for record in decision.records:
            if isinstance(record, Escalation) and record.ticket == number:
                driven_out = before - set(record.circle)
                assert not driven_out, f"ticket {number}: {driven_out} were driven out"

    def repeats(self, event: escalation.TierRepeated, decision: Decision) -> None:
        """A step pages nobody only if everybody has answered."""
        key = event.ticket, event.round
        paged = any(
            isinstance(each, escalation.PageRequested) and (each.ticket, each.round) == key
            for each in decision.events
        )
        if not paged:
            left = set().union(*self.pages[key]) - self.declined[key] - self.answers.have[key]
            assert not left, f"ticket {event.ticket}: {left} were not told again"
            self.pages[key].append(set())

    def sends(self, world: World, delivery: Delivery) -> None:
        """A page leaves only for what nobody has, and once more only after an interruption."""
        if delivery.purpose is Purpose.PAGE:
            found = world.get(Ticket, delivery.ticket)
            assert found is not None and (found.state is State.OPEN or delivery.person in found.asked), (
                f"{delivery.id} leaves for an answered ticket"
            )
            assert world.get(Escalation, delivery.ticket) is not None
        if delivery.purpose is Purpose.WEBHOOK:
            self.in_order(world, delivery)
        extra = self.interrupted[delivery.id]
        assert self.handed_over[delivery.id] <= extra, f"{delivery.id} leaves twice"

    def quiet(self, world: World, now: datetime, delivery: Delivery) -> None:
        """What is urgent never waits for anybody's night; anything else never leaves in it."""
        found, person = (
            world.get(Ticket, delivery.ticket),
            world.configuration.people.get(delivery.person or ""),
        )
        if delivery.purpose is not Purpose.PAGE or found is None or person is None or person.quiet is None:
            return
        if found.priority is Priority.URGENT:
            assert delivery.due is None or delivery.due <= now + LONGEST_TURN, (
                f"{delivery.id} is urgent, and waits"
            )
        elif delivery.state is DeliveryState.SENDING:
            assert not asleep(person, now), f"{delivery.id} leaves at {now}, in quiet hours"

    def in_order(self, world: World, delivery: Delivery) -> None:
        """A webhook hears of a ticket in the order in which it happened."""
        assert self.heard[delivery.chain] <= delivery.position, f"{delivery.id} comes too late"
        self.heard[delivery.chain] = delivery.position
        for other in world.find("deliveries by chain", delivery.chain):
            assert other.position >= delivery.position, f"{delivery.id} overtakes {other.id}"

    def waits(self, world: World, each: Escalation, now: datetime) -> None:
        """Once for each opening that is waited for; what was right until then stays so."""
        opening = each.ticket, each.deadline.at
        if opening not in self.awaited:
            self.awaited.add(opening)
            waits_for_hours(world, each, now)

    def settled(self, world: World, now: datetime) -> None:
        """After the due facts were decided nothing is overdue."""
        for each in world.all(Escalation):
            assert each.deadline.at >= now, f"ticket {each.ticket} is overdue"
            if each.deadline.kind is DeadlineKind.HOURS:
                self.waits(world, each, now)
                continue
            longest = max((tier.lasts for tier in each.policy.tiers), default=timedelta(days=1))
            asleep = timedelta(hours=24 if each.deadline.kind is DeadlineKind.SNOOZE else 1)
            pause = max(longest, asleep, each.policy.acknowledgement_lasts)
            assert each.deadline.at <= now + pause, f"ticket {each.ticket} waits longer than it may"
        self.reports.settled(world, now)
        for found in world.all(Ticket):
            assert found.target is None or found.target >= now, f"the target of {found.number} is overdue"
        for verdict in world.all(Verdict):
            assert verdict.until is None or verdict.until >= now, f"the hold on {verdict.signal} is overdue"


def nobody_is_put_off(world: World) -> None:
    """What is open, and whose service has a policy for every hour, waits for a tier and for nothing else."""
    for waiting in world.find("open tickets", "open"):
        service = world.configuration.services.get(waiting.service)
        policies = dict(service.policies) if service else {}
        chosen = policies.get(waiting.priority.value, policies.get("default"))
        policy = world.configuration.policies.get(chosen or "")
        climbing = world.get(Escalation, waiting.number)
        if policy and policy.only is None and climbing and waiting.state is State.OPEN:
            assert climbing.deadline.kind is DeadlineKind.TIER, f"ticket {waiting.number} is put off"
