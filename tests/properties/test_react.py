"""react(), whatever happens: the invariants hold after each fact, and the journal gives the same world."""

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from monitord.core.amendment import AddOverride, RemoveOverride
from monitord.core.check import CheckResult, ClockSet, Outcome, Probe
from monitord.core.command import (
    Acknowledge,
    Comment,
    Decline,
    HandOver,
    OpenTicket,
    PageAlso,
    Resolve,
    SetPriority,
    Snooze,
)
from monitord.core.delivery import (
    AttemptStarted,
    Delivery,
    DeliveryInterrupted,
    DeliveryRefused,
    DeliverySent,
    DeliveryState,
    Purpose,
)
from monitord.core.facts import RECORDS, ConfigurationAccepted, Fact, Installation
from monitord.core.flow import Decision, react
from monitord.core.heartbeat import Deaf, Every, Heartbeat, Pinged, PingKind
from monitord.core.invariants import violations
from monitord.core.leave import AddLeave, RemoveLeave
from monitord.core.organization import (
    Component,
    ComponentState,
    ContactMethod,
    Person,
    Priority,
    PublicEffect,
    Service,
    StatusPage,
    Team,
)
from monitord.core.policy import Policy, Tier
from monitord.core.report import Integration, Report
from monitord.core.rotation import Layer, OverrideKind, Rotation, Turn, Unit
from monitord.core.silence import AddSilence, EndSilence, Matcher, Silence
from monitord.core.statuspage import Incident, Phase, WritePost
from monitord.core.subscription import ConfirmSubscription, Subscribe, Unsubscribe, subscriber_id
from monitord.core.swap import AcceptSwap, AskSwap, DeclineSwap
from monitord.core.ticket import State, Ticket, TicketOpened
from monitord.core.verdict import Window
from monitord.core.webhook import Webhook
from monitord.core.workhours import Workhours
from monitord.core.world import INDEXES, Configuration, World
from tests.fakes.house import START, House
from tests.sim.oracle import nobody_is_put_off

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
CAST = ("ann", "bo", "cem", "dee")
NAMES = st.sampled_from((*CAST, "eve"))  # eve is a stranger
PROBES = {
    "db": Probe("db", "desk", MINUTE, 10 * SECOND, failures=2, passes=1, unknowns=2),
    "web": Probe("web", "shop", MINUTE, 10 * SECOND, failures=1, passes=2, unknowns=2, depends_on=("db",)),
    "api": Probe("api", "shop", MINUTE, 10 * SECOND, failures=1, passes=1, unknowns=3),
}
TURNS = Layer("main", (("ann",), ("bo",)), START.replace(tzinfo=None), Turn(1, Unit.DAYS))
SHOP = Configuration(
    organization="Example",
    probes=PROBES,
    services={
        "shop": Service(
            "shop", "", "", (("default", "up"),), ("shop", "cart"), PublicEffect(publish_after=2 * MINUTE)
        ),
        "desk": Service(
            "desk",
            "",
            "",
            (("urgent", "flat"),),
            ("desk",),
            PublicEffect(ComponentState.MAJOR_OUTAGE, 0 * MINUTE),
        ),
    },
    people={
        "ann": Person(
            "ann", "Ann", reach=(ContactMethod("email", "a@x"), ContactMethod("sms", "+1", 2 * MINUTE))
        ),
        "bo": Person("bo", "Bo", reach=(ContactMethod("email", "b@x"),)),
        "cem": Person("cem", "Cem", reach=(ContactMethod("sms", "+3"),)),
        "dee": Person("dee", "Dee"),  # nothing reaches dee
    },
    teams={"support": Team("support", ("ann", "bo"), ("cem",))},
    rotations={"primary": Rotation("primary", "UTC", layers=(TURNS,))},
    policies={
        "up": Policy(
            "up",
            (
                Tier(("primary",), 5 * MINUTE),
                Tier(("dee",), 5 * MINUTE),
                Tier(("support", "cem"), 5 * MINUTE),
            ),
            9 * MINUTE,
        ),
        "flat": Policy("flat", (Tier(("bo",), 3 * MINUTE),)),
        "hours": Policy(
            "hours", (Tier(("ann",), 3 * MINUTE),), only=Workhours(hours=((time(0, 20), time(1)),))
        ),
    },
    status_pages=(StatusPage("public", "Example", tuple(Component(c, c) for c in ("shop", "cart", "desk"))),),
    last_resort=("cem", "dee"),
    calling_channels=frozenset({"sms"}),
    integrations={"prom": Integration("prom")},
    webhooks={"audit": Webhook("audit"), "desk": Webhook("desk", services=("desk",))},
    heartbeats={
        "backup": Heartbeat("backup", "Backup", "desk", Priority.HIGH, Every(60 * MINUTE), 10 * MINUTE),
        "sync": Heartbeat("sync", "Sync", "shop", Priority.URGENT, Every(5 * MINUTE), MINUTE),
    },
)
KEYS = ("disk", "cpu", "net")
SOURCES = ("prom", "backup", "sync")
ANSWERS = ("works", "refuses", "refuses for good", "is ambiguous")
NUMBERS = st.integers(1, 9)
WHOM = st.lists(
    st.sampled_from(("ann", "bo", "dee", "support", "gone")), min_size=1, max_size=2, unique=True
).map(tuple)
AFFECTS = st.lists(
    st.tuples(st.sampled_from(("shop", "cart", "desk")), st.sampled_from(ComponentState)),
    max_size=2,
    unique_by=lambda pair: pair[0],
).map(tuple)


class Nights(RuleBasedStateMachine):
    """Everything that may come from outside, in any order."""

    @initialize()
    def begin(self) -> None:
        self.house = House(SHOP, answer=self.answer, after=self.look)
        self.channels: dict[str, str] = {}
        self.left: Counter[str] = Counter()
        self.doubtful: Counter[str] = Counter()

    # Outside answers.

    def answer(self, delivery: Delivery) -> DeliverySent | DeliveryRefused:
        """A channel as it is now; and the promise about what may leave."""
        if delivery.purpose is Purpose.PAGE:
            ticket = self.house.world.get(Ticket, delivery.ticket)
            assert ticket is not None
            wanted = ticket.state is State.OPEN or delivery.person in ticket.asked
            assert wanted, f"{delivery.id} leaves for what somebody has"
        match self.channels.get(delivery.channel, "works"):
            case "works":
                self.left[delivery.id] += 1
                assert self.left[delivery.id] <= 1 + self.doubtful[delivery.id], f"{delivery.id} leaves again"
                return DeliverySent(delivery.id)
            case "is ambiguous":
                self.doubtful[delivery.id] += 1
                return DeliveryRefused(delivery.id, "connection lost", ambiguous=True)
            case mood:
                return DeliveryRefused(delivery.id, mood, permanent=mood == "refuses for good")

    def look(self, fact: Fact, decision: Decision) -> None:
        """After each decision, not only after each rule."""
        assert [] == violations(self.house.world, self.house.now), fact
        if not isinstance(fact, ClockSet):  # what has come due by that is not decided yet
            nobody_is_put_off(self.house.world)
        numbers = [event.ticket for event in decision.events if isinstance(event, TicketOpened)]
        assert numbers == sorted(set(numbers))

    # What may happen.

    @rule(
        probe=st.sampled_from((*PROBES, "gone")),
        outcomes=st.lists(st.sampled_from(Outcome), min_size=1, max_size=4),
    )
    def checks(self, probe: str, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self.house.now += 20 * SECOND
            self.house.do(CheckResult(probe, outcome, self.house.now, outcome.value))

    @rule(seconds=st.sampled_from((0, 1, 30, 60, 300, 3600, 90_000)))
    def time_passes(self, seconds: int) -> None:
        self.house.wait(seconds * SECOND)

    @rule()
    def only_the_timer_runs(self) -> None:
        self.house.now += 7 * MINUTE
        self.house.tick()

    @rule(minutes=st.sampled_from((-1440, -61, -3, 3, 61, 1440)))
    def the_clock_is_set(self, minutes: int) -> None:
        self.house.now += minutes * MINUTE
        self.house.do(ClockSet(minutes * MINUTE))

    @rule(channel=st.sampled_from(("email", "sms")), mood=st.sampled_from(ANSWERS))
    def a_channel_changes(self, channel: str, mood: str) -> None:
        self.channels[channel] = mood

    @rule()
    def we_are_killed_while_sending(self) -> None:
        due = self.house.due_deliveries()
        for delivery in due[:2]:
            self.house.do(AttemptStarted(delivery.id))
            self.doubtful[delivery.id] += 1
            self.house.do(DeliveryInterrupted(delivery.id))

    @rule(
        command=st.one_of(
            st.builds(Acknowledge, NUMBERS, NAMES),
            st.builds(Decline, NUMBERS, NAMES),
            st.builds(HandOver, NUMBERS, NAMES, NAMES),
            st.builds(Resolve, NUMBERS, NAMES, hold_until_clear=st.booleans()),
            st.builds(Comment, NUMBERS, NAMES, st.just("looking")),
            st.builds(SetPriority, NUMBERS, NAMES, st.sampled_from(Priority)),
            st.builds(PageAlso, NUMBERS, NAMES, WHOM, st.just("please")),
        )
    )
    def somebody_says(self, command: Any) -> None:
        """About a ticket that there is, or was, or will be next."""
        number = 1 + command.ticket % self.house.world.installation.next_ticket
        self.house.do(replace(command, ticket=number))

    @rule(number=NUMBERS, who=NAMES, minutes=st.sampled_from((-1, 0, 1, 30, 1440, 1441)))
    def somebody_lets_it_sleep(self, number: int, who: str, minutes: int) -> None:
        number = 1 + number % self.house.world.installation.next_ticket
        self.house.do(Snooze(number, who, self.house.now + minutes * MINUTE))

    @rule(who=NAMES, whom=WHOM)
    def somebody_is_paged(self, who: str, whom: tuple[str, ...]) -> None:
        self.house.do(OpenTicket("Come", "", Priority.URGENT, who, page=whom))

    @rule(hooks=st.sets(st.sampled_from(("audit", "desk"))))
    def webhooks_come_and_go(self, hooks: set[str]) -> None:
        self.accept(webhooks={name: SHOP.webhooks[name] for name in sorted(hooks)})

    @rule(
        command=st.builds(
            OpenTicket,
            st.just("Fire"),
            st.sampled_from(("shop", "desk", "gone")),
            st.sampled_from(Priority),
            NAMES,
        )
    )
    def somebody_opens_a_ticket(self, command: OpenTicket) -> None:
        self.house.do(command)

    @rule(phase=st.sampled_from(Phase), affects=AFFECTS, new=st.booleans(), which=st.integers(0, 3))
    def somebody_posts(self, phase: Phase, affects: Any, new: bool, which: int) -> None:
        stories = self.house.world.all(Incident)
        story = None if new or not stories else stories[which % len(stories)].id
        self.house.do(WritePost("cem", "We are on it.", phase, story, "Trouble", affects))

    @rule(
        address=st.sampled_from(("s@x", "t@x")),
        what=st.sampled_from((Subscribe, ConfirmSubscription, Unsubscribe)),
    )
    def somebody_subscribes(self, address: str, what: Any) -> None:
        self.house.do(what(address if what is Subscribe else subscriber_id("e1", "email", address)))

    @rule(probes=st.sets(st.sampled_from(sorted(PROBES))))
    def probes_come_and_go(self, probes: set[str]) -> None:
        self.accept(probes={name: probe for name, probe in PROBES.items() if name in probes})

    @rule(people=st.sets(st.sampled_from(CAST)))
    def people_come_and_go(self, people: set[str]) -> None:
        self.accept(people={name: person for name, person in SHOP.people.items() if name in people})

    @rule(policies=st.sets(st.sampled_from(("up", "flat", "hours"))))
    def policies_come_and_go(self, policies: set[str]) -> None:
        self.accept(policies={name: policy for name, policy in SHOP.policies.items() if name in policies})

    @rule(service=st.sampled_from(("shop", "desk")), policy=st.sampled_from(("up", "flat", "hours", "")))
    def a_service_goes_by_another_policy(self, service: str, policy: str) -> None:
        known = self.house.world.accepted.services
        chosen = (("default", policy),) if policy else ()
        self.accept(services={**known, service: replace(known[service], policies=chosen)})

    @rule(services=st.sets(st.sampled_from(("shop", "desk"))), minutes=st.integers(-10, 10))
    def maintenance_is_planned(self, services: set[str], minutes: int) -> None:
        start = self.house.now + minutes * MINUTE
        self.accept(windows=(Window("upgrade", start, start + 20 * MINUTE, tuple(sorted(services))),))

    def accept(self, **changes: Any) -> None:
        self.house.world.accept(replace(self.house.world.accepted, **changes))
        self.house.do(ConfigurationAccepted("next"))

    @rule(
        key=st.sampled_from(KEYS),
        priority=st.one_of(st.none(), st.sampled_from(Priority)),
        service=st.sampled_from(("shop", "shop", "desk", "gone")),
        group=st.sampled_from(("", "g")),
        lasts=st.sampled_from((None, -1, 4, 90)),
    )
    def something_is_reported(
        self, key: str, priority: Priority | None, service: str, group: str, lasts: int | None
    ) -> None:
        ends = None if lasts is None else self.house.now + lasts * MINUTE
        raised, pressing = priority is not None, priority or Priority.LOW
        if "prom" in self.house.world.configuration.integrations:
            said = Report("in/prom", key, raised, service, pressing, key, "found", ends=ends, group=group)
            self.house.do(said)

    @rule(
        heartbeat=st.sampled_from(("backup", "sync", "gone")),
        what=st.sampled_from(PingKind),
        code=st.integers(0, 1),
        run=st.sampled_from(("", "a", "b")),
        seconds=st.sampled_from((0, 1, 3600)),
    )
    def something_is_heard_of(
        self, heartbeat: str, what: PingKind, code: int, run: str, seconds: int
    ) -> None:
        self.house.do(Pinged(heartbeat, what, self.house.now - seconds * SECOND, code, "", run))

    @rule(minutes=st.sampled_from((0, 1, 20, 3000)))
    def we_cannot_hear(self, minutes: int) -> None:
        since = self.house.now
        self.house.now += minutes * MINUTE
        self.house.do(Deaf(since, self.house.now))

    @rule(
        matcher=st.sampled_from((Matcher("service", "shop"), Matcher("signal", "disk"), Matcher("x", ""))),
        start=st.sampled_from((None, -5, 5)),
        minutes=st.sampled_from((0, 7, 1440, 1441)),
    )
    def somebody_wants_quiet(self, matcher: Matcher, start: int | None, minutes: int) -> None:
        now = self.house.now
        begins = None if start is None else now + start * MINUTE
        self.house.do(AddSilence((matcher,), "cem", "work", now + minutes * MINUTE, begins))

    @rule(number=st.integers(1, 4))
    def somebody_has_had_enough(self, number: int) -> None:
        self.house.do(EndSilence(f"s{number}", "dee"))

    @rule(
        kind=st.sampled_from(OverrideKind),
        who=st.sampled_from(CAST),
        other=st.sampled_from(CAST),
        start=st.sampled_from((None, -5, 5)),
        minutes=st.sampled_from((0, 7, 1440)),
        overruled=st.sampled_from(((), ("o1",), ("o1", "o2"))),
    )
    def somebody_stands_in(
        self,
        kind: OverrideKind,
        who: str,
        other: str,
        start: int | None,
        minutes: int,
        overruled: tuple[str, ...],
    ) -> None:
        now = self.house.now
        begins = None if start is None else now + start * MINUTE
        goes = who if kind in (OverrideKind.REPLACE, OverrideKind.REMOVE) else None
        comes = () if kind is OverrideKind.REMOVE else (other,)
        end = now + minutes * MINUTE
        self.house.do(AddOverride("primary", end, kind, "cem", "ill", begins, goes, comes, None, overruled))

    @rule(number=st.integers(1, 4))
    def somebody_is_back(self, number: int) -> None:
        self.house.do(RemoveOverride(f"o{number}", "dee"))

    @rule(
        who=st.sampled_from(CAST),
        cover=st.none() | st.sampled_from(CAST),
        start=st.sampled_from((None, -5, 5)),
        minutes=st.sampled_from((0, 7, 1440)),
    )
    def somebody_goes_on_leave(self, who: str, cover: str | None, start: int | None, minutes: int) -> None:
        now = self.house.now
        begins = None if start is None else now + start * MINUTE
        self.house.do(AddLeave(who, now + minutes * MINUTE, "cem", begins, "", cover))

    @rule(number=st.integers(1, 4))
    def somebody_is_not_on_leave_after_all(self, number: int) -> None:
        self.house.do(RemoveLeave(f"l{number}", "dee"))

    @rule(giver=st.sampled_from(CAST), taker=st.sampled_from(CAST), minutes=st.sampled_from((0, 7, 1440)))
    def somebody_asks_to_swap(self, giver: str, taker: str, minutes: int) -> None:
        start = self.house.now + minutes * MINUTE
        self.house.do(AskSwap("primary", giver, taker, start, start + 20 * MINUTE, giver, "a wedding"))

    @rule(
        number=st.integers(1, 4), who=st.sampled_from(CAST), says=st.sampled_from((AcceptSwap, DeclineSwap))
    )
    def somebody_answers(self, number: int, who: str, says: type[AcceptSwap | DeclineSwap]) -> None:
        self.house.do(says(f"w{number}", who))

    @rule(sources=st.sets(st.sampled_from(SOURCES)), moved=st.booleans())
    def sources_come_and_go(self, sources: set[str], moved: bool) -> None:
        beats = {name: beat for name, beat in SHOP.heartbeats.items() if name in sources}
        if moved and "sync" in beats:
            beats["sync"] = replace(beats["sync"], service="desk", timetable=Every(MINUTE))
        heard = {name: each for name, each in SHOP.integrations.items() if name in sources}
        self.accept(heartbeats=beats, integrations=heard)

    # What must hold.

    @invariant()
    def nothing_is_overdue_after_the_timer_ran(self) -> None:
        self.house.tick()
        deadline = self.house.world.next_deadline()
        assert deadline is None or deadline > self.house.now

    def teardown(self) -> None:
        """The journal gives the same world; and when everything is well again, everything heals."""
        if not hasattr(self, "house"):
            return
        assert everything(self.house.world) == everything(replayed(self.house))
        self.channels = {}
        self.accept(
            probes=PROBES,
            people=SHOP.people,
            policies=SHOP.policies,
            services=SHOP.services,
            windows=(),
            heartbeats=SHOP.heartbeats,
            integrations=SHOP.integrations,
        )
        self.all_is_well()
        for _ in range(4):
            for probe in sorted(PROBES):
                self.house.do(CheckResult(probe, Outcome.OK, self.house.now))
            self.house.wait(MINUTE)
        for _ in range(12):
            self.house.wait(5 * MINUTE)
            self.house.do(Pinged("sync", PingKind.SUCCESS, self.house.now))
        assert [] == [t.title for t in self.house.world.all(Ticket) if t.signals and not t.ended]
        assert [] == [i for i in self.house.world.all(Incident) if not i.written_by_people]
        waiting = [d for d in self.house.world.all(Delivery) if d.state is not DeliveryState.PENDING]
        assert [] == waiting

    def all_is_well(self) -> None:
        """Whoever has reported says that it is over, and nothing is silent any more."""
        for key in KEYS:
            self.house.do(Report("in/prom", key, False, "shop", Priority.LOW, key))
        for heartbeat in SHOP.heartbeats:
            self.house.do(Pinged(heartbeat, PingKind.SUCCESS, self.house.now))
        for silence in self.house.world.all(Silence):
            self.house.do(EndSilence(silence.id, "dee"))


def everything(world: World) -> Any:
    """Each record, and under which words it is found."""
    words = {index: sorted(world.shelf.indexes.get(index, {}), key=str) for index in INDEXES}
    found = {(index, word): world.find(index, word) for index in INDEXES for word in words[index]}
    return {kind: world.all(kind) for kind in RECORDS}, found, world.next_deadline()


def replayed(house: House) -> World:
    """A world made of nothing but the records of the journal."""
    world = World(SHOP, Installation("e1"))
    for _, _, decision in house.journal:
        world.apply(decision.records)
    world.due(house.now)
    return world


Nights.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestNights = Nights.TestCase


class ManyNights(Nights):
    """The same, for a long time."""


ManyNights.TestCase.settings = settings(max_examples=1000, stateful_step_count=60)
TestManyNights = pytest.mark.soak(ManyNights.TestCase)


def test_the_same_facts_are_decided_the_same_way_again() -> None:
    """A journal decided anew on an empty world gives the same decisions."""
    first = House(SHOP)
    for probe, outcome in (
        ("db", "critical"),
        ("web", "critical"),
        ("db", "critical"),
        ("api", "unknown"),
    ) * 3:
        first.do(CheckResult(probe, Outcome(outcome), first.now))
        first.wait(4 * MINUTE)
    first.do(Acknowledge(1, "bo"))
    first.wait(30 * MINUTE)

    again = World(SHOP, Installation("e1"))
    for now, fact, decision in first.journal:
        assert decision == react(again, fact, now)
        again.apply(decision.records)

    assert len(first.journal) > 50
    assert START < first.now
