"""Repeats: what only says again what is known has a quota, and is counted where it is more than that.

Theory of operation. A report is a *repeat* if it says what is known of its key already. Repeats have a quota,
everything else has none: a first raise, a clear, another priority are never dropped. Repeats above the quota
are put together for a second, counted, and kept as one; their senders hear 429, because what they sent was
not kept whole.
"""

from dataclasses import dataclass, replace
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.config.inlets import Inlet
from monitord.core.check import Instant
from monitord.core.heartbeat import Pinged, PingKind, Pulse, PulseState
from monitord.core.organization import Priority
from monitord.core.report import Report
from monitord.core.signal import Signal
from monitord.engine.clock import Clock
from monitord.engine.desk import Desk, Facts, NotKept
from monitord.engine.engine import Engine
from monitord.engine.quota import Quota
from monitord.store.inbox import Arrival

PINGS_A_MINUTE = 60  # of one heartbeat, that only repeat
REFUSED, WHY = 429, "repeats, and too many"
TOGETHER_FOR = 1.0  # seconds
TOGETHER_MAX = 10_000  # keys
TOGETHER_BYTES_MAX = 8 * 1024 * 1024  # of their bodies, half of what repeats may take on their way

State = tuple[bool, str, Priority | None]  # raised, whose, how pressing
CLEAR: State = (False, "", None)


@dataclass(slots=True)
class Together:
    """Repeats that are kept as one."""

    arrival: Arrival
    facts: Facts
    times: int = 1


class Repeats:
    """What is known of each key, also of what is on its way to the engine, and the quotas."""

    def __init__(self, engine: Engine, clock: Clock, log: FilteringBoundLogger) -> None:
        self.engine, self.clock, self.log = engine, clock, log
        self.quotas: dict[str, Quota] = {}
        self.on_the_way: dict[str, State] = {}
        self.together: dict[tuple[str, ...], Together] = {}
        self.size = 0

    def begin_anew(self) -> None:
        """Quotas may be others now."""
        self.quotas.clear()

    async def run(self, desk: Desk) -> None:
        """Keep what was put together, once a second, until cancelled."""
        while True:
            await self.clock.sleep(TOGETHER_FOR)
            self.hand_over(desk)

    # What is one.

    def is_one(self, fact: Any) -> bool:
        """Does it say what is known already?"""
        if isinstance(fact, Pinged):
            return ping_repeats(self.engine.world.get(Pulse, fact.heartbeat), fact)
        known = self.on_the_way.get(fact.key) or self.known(fact.key)
        said = state(fact, self.clock.now())
        return said == known or is_milder(said, known)

    def known(self, key: str) -> State:
        signal = self.engine.world.get(Signal, key)
        return (True, signal.service, signal.priority) if signal is not None else CLEAR

    def expect(self, facts: Facts) -> None:
        """These are on their way: what they say counts from now on."""
        for fact in facts:
            if isinstance(fact, Report):
                self.on_the_way[fact.key] = state(fact, self.clock.now())

    def decided(self, fact: Any) -> None:
        """What the world says of it counts again."""
        if isinstance(fact, Report):
            self.on_the_way.pop(fact.key, None)

    # How often it may come.

    def may_come(self, source: str, inlet: Inlet | None) -> bool:
        """Is there anything left of the quota of this source? Takes from it."""
        found = self.quotas.get(source)
        if found is None:
            found = self.quotas[source] = Quota(inlet.quota if inlet else PINGS_A_MINUTE)
        return found.take(self.clock.monotonic())

    def put_together(self, arrival: Arrival, facts: Facts) -> None:
        """Count it, and keep the newest of them within a second, as far as there is room."""
        about = (arrival.integration, *map(thing, facts))
        held = self.together.get(about)
        more = len(arrival.body)
        if held is not None:
            held.times += 1
            more -= len(held.arrival.body)
        elif len(self.together) >= TOGETHER_MAX:
            return
        if self.size + more <= TOGETHER_BYTES_MAX:
            self.size += more
            self.together[about] = Together(arrival, facts, held.times if held is not None else 1)

    def hand_over(self, desk: Desk) -> None:
        several, self.together, self.size = self.together, {}, 0
        for each in several.values():
            facts = tuple(
                replace(fact, times=each.times) if isinstance(fact, Report) else fact for fact in each.facts
            )
            said = (*each.arrival.outcome, f"{each.times} refused with 429, counted here as one: {WHY}")
            arrival = replace(each.arrival, times=each.times, status=REFUSED, outcome=said)
            try:
                desk.keep(arrival, facts)
            except NotKept as error:
                self.log.warning("repeats dropped", integration=each.arrival.integration, why=str(error))
                break


def state(report: Report, now: Instant) -> State:
    """What the core will know after this report."""
    over = not report.raised or (report.ends is not None and report.ends <= now)
    return CLEAR if over else (True, report.service, report.priority)


def is_milder(said: State, known: State) -> bool:
    """Until it is over a signal stays as pressing as it has been: less than that is nothing new."""
    *same, now = said
    *before, was = known
    return same == before and now is not None and was is not None and was.outranks(now)


def thing(fact: Any) -> str:
    """What a fact says something about; of pings a newer one replaces only one of its own kind."""
    return fact.what.value if isinstance(fact, Pinged) else str(fact.key)


def ping_repeats(pulse: Pulse | None, ping: Pinged) -> bool:
    """Would the heartbeat be as it is without this ping? Its next deadline may be a minute earlier then."""
    if pulse is None or pulse.state is PulseState.NEW:
        return False
    if ping.what is PingKind.LOG:
        return True
    if ping.what is PingKind.START:
        return any(run.id == ping.run for run in pulse.runs)
    if ping.failed:
        return pulse.state is PulseState.DOWN
    return pulse.state is PulseState.UP and not pulse.runs
