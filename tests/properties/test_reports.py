"""Reports and heartbeats, whatever is said and when: repeats change nothing, and a heartbeat is down exactly
when looking at it every minute would say so.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.core.beating import heard, late
from monitord.core.command import Acknowledge
from monitord.core.delivery import Delivery
from monitord.core.heartbeat import Every, Heartbeat, Pinged, PingKind, Pulse, PulseState
from monitord.core.invariants import violations
from monitord.core.organization import ContactMethod, Person, Priority, Service
from monitord.core.policy import Policy, Tier
from monitord.core.report import Integration, Report
from monitord.core.ticket import Ticket
from monitord.core.world import Configuration
from tests.fakes.house import START, House

MINUTE = timedelta(minutes=1)
SHOP = Configuration(
    services={"shop": Service("shop", policies=(("default", "up"),))},
    people={name: Person(name, name, reach=(ContactMethod("email", name),)) for name in ("ann", "bo")},
    policies={"up": Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("bo",), 5 * MINUTE)))},
    integrations={"prom": Integration("prom")},
)


# Repeats.


@dataclass(frozen=True)
class Said:
    """After so many minutes one of three things is said to be raised or over; or ann takes ticket 1."""

    minutes: int
    key: str
    priority: Priority | None  # None: it is over


SAID = st.builds(
    Said,
    minutes=st.integers(0, 12),
    key=st.sampled_from(("a", "b", "c", "ack")),
    priority=st.one_of(st.none(), st.sampled_from(Priority)),
)


def report(said: Said, grouped: frozenset[str]) -> Report:
    priority = said.priority or Priority.LOW
    group = "g" if said.key in grouped else ""
    return Report("in/prom", said.key, said.priority is not None, "shop", priority, said.key, group=group)


def told(story: list[Said], grouped: frozenset[str], *, repeats: bool) -> tuple[list[Ticket], list[Delivery]]:
    """The tickets and what was sent, with or without what says nothing new."""
    house, known = House(SHOP), dict[str, Priority]()
    for said in story:
        house.wait(said.minutes * MINUTE)
        if said.key == "ack":
            house.do(Acknowledge(1, "ann"))
        elif repeats or is_news(said, known):
            house.do(report(said, grouped))
        remember(said, known)
        house.deliver()
        assert [] == violations(house.world, house.now)
    house.wait(60 * MINUTE)
    return house.world.all(Ticket), house.sent


def is_news(said: Said, known: dict[str, Priority]) -> bool:
    before = known.get(said.key)
    if said.priority is None:
        return before is not None
    return before is None or said.priority.outranks(before)


def remember(said: Said, known: dict[str, Priority]) -> None:
    if said.priority is None:
        known.pop(said.key, None)
    elif is_news(said, known):
        known[said.key] = said.priority


@given(st.lists(SAID, max_size=14), st.frozensets(st.sampled_from(("a", "b", "c"))))
@settings(max_examples=60, deadline=None)
def test_the_life_of_a_ticket_does_not_depend_on_repeats(story: list[Said], grouped: frozenset[str]) -> None:
    assert told(story, grouped, repeats=False) == told(story, grouped, repeats=True)


# Heartbeats.

PERIOD, GRACE = 10 * MINUTE, 3 * MINUTE
BEAT = Heartbeat("b", "b", "shop", Priority.HIGH, Every(PERIOD), GRACE)
PINGS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from(PingKind),
        st.integers(0, 1),
        st.sampled_from(("", "", "x", "y")),
    ),
    max_size=25,
)


@dataclass
class Watched:
    """Somebody with a watch, who looks once a minute and remembers what was said."""

    last: datetime | None = None
    down: bool = False
    runs: dict[str, datetime] = field(default_factory=dict)

    def hear(self, ping: Pinged) -> None:
        if ping.what is PingKind.START:
            self.runs[ping.run] = ping.at
        elif ping.what is not PingKind.LOG:
            self.last, self.down = ping.at, ping.failed
            if ping.run and (ping.run in self.runs or not ping.failed):
                self.runs.pop(ping.run, None)
            else:
                self.runs.clear()

    def look(self, now: datetime) -> None:
        over = [run for run, at in self.runs.items() if now >= at + GRACE]
        silent = self.last is not None and now >= self.last + PERIOD + GRACE
        self.down = self.down or silent or bool(over)
        if self.down:
            for run in over:
                del self.runs[run]


@given(PINGS)
@settings(max_examples=200, deadline=None)
def test_a_heartbeat_is_down_when_somebody_with_a_watch_says_so(
    pings: list[tuple[int, PingKind, int, str]],
) -> None:
    pulse, watched, now = Pulse("b"), Watched(), START
    for after, what, code, run in pings:
        for _ in range(after):
            now += MINUTE
            pulse = looked_at(pulse, now)
            watched.look(now)
            assert watched.down == (pulse.state is PulseState.DOWN)
        ping = Pinged("b", what, now, code, "", run)
        pulse, _ = heard(pulse, ping, BEAT, now)
        watched.hear(ping)


def looked_at(pulse: Pulse, now: datetime) -> Pulse:
    """As the timer does: only when its one deadline has come."""
    while pulse.due is not None and pulse.due <= now:
        pulse, events = late(pulse, BEAT, now)
        assert events, "a deadline that came to nothing would come for ever"
    return pulse
