"""Checking here, in this process: how many at once, how long, and what a silence means.

Theory of operation. The schedule says whose turn it is; the loop is woken at most every 5 ms, because uvloop
rounds timers to the millisecond and a loop that trusts them spins. A check has its probe's `timeout`; then it
is called off, and has a second for tidying up. One that does not stop even then is *abandoned*: reported as
unanswered, while it keeps its place among the running checks until it ends. So checks are plain tasks and not
a TaskGroup's, which would wait for what does not stop; `run` owns them and ends them. A thousand begin each
second, and nearly all of them end well: each is one task and one timer.

A failure tells something about the target only if we were awake: if this process stood still while it looked
(stopped, suspended, starved), a deadline has passed that nobody watched, or a server has hung up on somebody
who said nothing; the check says nothing (UNKNOWN). That is noticed by the loop of this file, which knows when
it wanted to be woken. A bug in a prober is UNKNOWN, too, with the exception's name.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from math import inf
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.config.settings import Broken
from monitord.core.check import CheckResult, Instant, Outcome, Probe, ProbeId
from monitord.core.wording import spell
from monitord.engine.agent import Observation, Report
from monitord.engine.clock import Clock, Timed
from monitord.engine.metrics import Metrics
from monitord.engine.schedule import Schedule, Turns
from monitord.kinds import Finding, Kind, Prober
from monitord.net import Net

AT_ONCE_MAX = 512
SHORTEST_SLEEP, LONGEST_SLEEP = 0.005, 0.25
LATE = 1.0  # a check begun so long after its slot is counted as late
GRACE = 1.0  # after its deadline, for tidying up
STOOD_STILL = 0.5  # what rings so late says something about us


@dataclass(slots=True)
class Run:
    """One check on its way; `called_off` when its time was up, `over` when its result has been said."""

    turns: Turns
    probe: Probe
    at: Instant
    begun: float
    called_off: bool = False
    over: bool = False
    task: asyncio.Task[None] = field(init=False)
    watch: Timed = field(init=False)

    @property
    def patience(self) -> float:
        """For how many seconds it may look."""
        return self.probe.timeout.total_seconds()


class LocalAgent:
    """Checks in this process, at most `at_once` at a time; `probers` are the kinds by name."""

    def __init__(
        self,
        probers: Mapping[str, Kind[Prober[Any]]],
        net: Net,
        clock: Clock,
        log: FilteringBoundLogger,
        metrics: Metrics,
        at_once: int = AT_ONCE_MAX,
    ) -> None:
        self.probers, self.net, self.clock, self.log, self.metrics = probers, net, clock, log, metrics
        self.at_once = at_once
        self.schedule = Schedule()
        self.queue: deque[tuple[Turns, float]] = deque()
        self.tasks: set[asyncio.Task[None]] = set()
        self.wake = asyncio.Event()
        self.report: Report = unheard
        self.hush: Callable[[str], str] = str
        self.wakes_at = clock.monotonic()
        self.stood_still = (0.0, -inf)  # for so many seconds, until then
        self.bugs: set[tuple[str, str]] = set()

    # The agent's interface.

    def update(self, probes: Mapping[ProbeId, Probe], hush: Callable[[str], str] = str) -> None:
        self.hush = hush
        self.schedule.update(probes, self.clock.monotonic())
        self.metrics.keep_only(probes)
        self.wake.set()

    def hurry(self, probes: Iterable[ProbeId]) -> None:
        for turns in filter(None, map(self.schedule.turns.get, probes)):
            if not turns.busy:
                self.begin(turns, self.clock.monotonic())

    async def run(self, report: Report) -> None:
        self.report = report
        try:
            while True:
                self.wake.clear()
                self.wakes_at = self.clock.monotonic()
                self.begin_due()
                self.notice()
                pause = self.pause()
                self.wakes_at = self.clock.monotonic() + pause
                await self.clock.wait(self.wake, pause)
                self.notice()
        finally:
            await self.end()

    def notice(self) -> None:
        """Did we stand still, up to now?"""
        now = self.clock.monotonic()
        if now - self.wakes_at >= STOOD_STILL:
            self.stood_still = (now - self.wakes_at, now)
            self.wakes_at = now

    def still_during(self, run: Run) -> float:
        """For how many seconds we stood still while it looked; 0.0 if we did not."""
        self.notice()
        seconds, until = self.stood_still
        return seconds if until >= run.begun else 0.0

    def pause(self) -> float:
        """Until the next slot, but never so short that the loop spins."""
        following = self.schedule.next()
        left = LONGEST_SLEEP if following is None else following - self.clock.monotonic()
        return min(max(left, SHORTEST_SLEEP), LONGEST_SLEEP)

    def begin_due(self) -> None:
        """Use each slot that has come, or leave it out; slots beside the rhythm are second looks."""
        now = self.clock.monotonic()
        for at, turns in self.schedule.due(now):
            if at == turns.slot:
                self.metrics.skipped.inc(turns.move_on(now) + turns.busy)
                self.schedule.add(turns.slot, turns)
            if not turns.busy:
                self.begin(turns, at)

    # One check.

    def begin(self, turns: Turns, slot: float) -> None:
        """Start it, or queue it if too many are running; either way it counts as running."""
        turns.running = True
        if len(self.tasks) < self.at_once:
            self.start(turns, slot)
        else:
            self.queue.append((turns, slot))

    def start(self, turns: Turns, slot: float) -> None:
        begun = self.clock.monotonic()
        if begun - slot >= LATE:
            self.metrics.late.inc()
        run = Run(turns, turns.probe, self.clock.now(), begun)
        run.task = asyncio.get_running_loop().create_task(self.check(run))
        self.tasks.add(run.task)
        run.task.add_done_callback(self.leave)

    def leave(self, task: asyncio.Task[None]) -> None:
        """A place is free."""
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.log.error("check failed in monitord itself", exc_info=error)
        while self.queue and len(self.tasks) < self.at_once:
            turns, slot = self.queue.popleft()
            if self.schedule.knows(turns):
                self.start(turns, slot)

    async def check(self, run: Run) -> None:
        """Run the prober until it answers or its time is over."""
        run.watch = self.clock.call_later(run.patience, partial(self.call_off, run))
        try:
            finding = await self.found(run)
        finally:
            run.watch.cancel()
            run.turns.abandoned -= run.over
        if not run.over:
            self.finish(run, finding)

    def call_off(self, run: Run) -> None:
        """Its time is up; one that does not stop within a moment is abandoned."""
        run.called_off = True
        run.watch = self.clock.call_later(GRACE, partial(self.abandon, run))
        run.task.cancel()

    async def found(self, run: Run) -> Finding:
        """What the prober found; whatever else it does is a finding, too."""
        kind = self.probers.get(run.probe.kind)
        if kind is None:
            return Finding(Outcome.UNKNOWN, f"monitord has no prober of kind {run.probe.kind}")
        if isinstance(run.probe.options, Broken):
            return Finding(Outcome.UNKNOWN, f"not checked: {run.probe.options.why}")
        try:
            return await kind.spec.check(run.probe.options, self.net)
        except asyncio.CancelledError:
            if run.called_off and run.task.uncancel() == 0:
                return unanswered(run)
            raise  # we are being stopped
        except Exception as error:  # noqa: BLE001 - a bug in one kind costs its own probes only
            return self.bug(run.probe, error)

    def conclusive(self, run: Run, finding: Finding) -> Finding:
        """What was found, unless it is a failure that may be ours."""
        if finding.outcome is not Outcome.CRITICAL:
            return finding
        still = self.still_during(run)
        if not still:
            return finding
        words = f"not known: monitord itself stood still for {spell(timedelta(seconds=still))}"
        return replace(finding, outcome=Outcome.UNKNOWN, summary=words)

    def bug(self, probe: Probe, error: Exception) -> Finding:
        """Ours to mend: said with every result, told at length once."""
        name = type(error).__name__
        if (probe.kind, name) not in self.bugs:
            self.bugs.add((probe.kind, name))
            self.log.error("prober failed", kind=probe.kind, probe=probe.id, exc_info=error)
        return Finding(Outcome.UNKNOWN, f"the prober {probe.kind} failed: {name}")

    def abandon(self, run: Run) -> None:
        """It does not stop: the result is said without it."""
        run.turns.abandoned += 1
        self.metrics.abandoned.inc()
        self.log.error("check abandoned", probe=run.probe.id, kind=run.probe.kind)
        self.finish(run, unanswered(run))

    def finish(self, run: Run, finding: Finding) -> None:
        """Say what was found, unless nobody wants to know any more."""
        run.over, run.turns.running = True, False
        if not self.schedule.knows(run.turns):
            return
        finding = self.conclusive(run, finding)
        took = timedelta(seconds=self.clock.monotonic() - run.begun)
        result = CheckResult(run.probe.id, finding.outcome, run.at, self.hush(finding.summary), took)
        self.metrics.checked(result)
        self.look_again(run.turns, finding.outcome)
        self.report((Observation(result, finding.phases),))

    def look_again(self, turns: Turns, outcome: Outcome) -> None:
        """A first failure is looked at once more soon, if the probe says so."""
        if not outcome.conclusive:
            return
        first, turns.passed = turns.passed and not outcome.passed, outcome.passed
        if first and turns.probe.recheck is not None:
            self.schedule.add(self.clock.monotonic() + turns.probe.recheck.total_seconds(), turns)
            self.wake.set()

    async def end(self) -> None:
        """Cancel everything that runs; what does not stop is left behind, and that is said."""
        self.queue.clear()
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            _, stubborn = await asyncio.wait(self.tasks, timeout=GRACE)
            if stubborn:
                self.log.error("checks left behind", count=len(stubborn))


def unanswered(run: Run) -> Finding:
    """Nothing was heard in time."""
    return Finding(Outcome.CRITICAL, f"no answer within {run.patience:g} s")


def unheard(observations: object) -> None:
    """Nobody listens before `run`."""
