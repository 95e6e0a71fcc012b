"""The soft and the hard state of one probe: results in a row that contradict the hard state flip it.

Theory of operation. `up` is the hard state, `streak` the soft one: how many conclusive results in a row have
contradicted `up`; the first one counts as one. At `failures` (or `passes`, on the way back) the hard state
flips, and the outage is dated back to the first result of that streak. One result that agrees starts the
count anew. UNKNOWN neither counts nor resets; `unknowns` of them in a row flip `blind`, a state of its own,
which the first conclusive result ends. A result that changes nothing returns the very same Health: it is only
a measurement.
"""

from dataclasses import dataclass, replace

from monitord.core.check import CheckResult, Instant, Probe, ProbeId


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of one probe; `since` and `streak_since` are instants of check starts, `formerly` is the
    id that it had before.
    """

    probe: ProbeId
    up: bool = True
    since: Instant | None = None
    streak: int = 0
    streak_since: Instant | None = None
    unknowns: int = 0
    unknown_since: Instant | None = None
    blind: bool = False
    formerly: ProbeId | None = None

    @property
    def key(self) -> ProbeId:
        return self.probe

    @property
    def failing(self) -> bool:
        """Up still, but its latest conclusive results say otherwise."""
        return self.up and self.streak > 0


@dataclass(frozen=True, slots=True)
class ProbeWentDown:
    """The Nth consecutive failure; `since` is the first of them."""

    probe: ProbeId
    since: Instant
    summary: str


@dataclass(frozen=True, slots=True)
class ProbeCameUp:
    """As many passes in a row as the probe asks for; `since` is the first of them."""

    probe: ProbeId
    since: Instant
    summary: str


@dataclass(frozen=True, slots=True)
class ProbeWentBlind:
    """So many inconclusive results in a row that nobody knows how the thing is."""

    probe: ProbeId
    since: Instant
    summary: str


@dataclass(frozen=True, slots=True)
class ProbeSawAgain:
    """The first conclusive result after a blindness."""

    probe: ProbeId
    since: Instant
    summary: str


@dataclass(frozen=True, slots=True)
class ProbeRenamed:
    """The same probe has another id; `before` is the one that it had."""

    probe: ProbeId
    before: ProbeId


Flip = ProbeWentDown | ProbeCameUp | ProbeWentBlind | ProbeSawAgain


def observe(health: Health, result: CheckResult, probe: Probe) -> tuple[Health, tuple[Flip, ...]]:
    """Return the health after `result` (the same one if nothing changed) and what flipped, in order."""
    if not result.outcome.conclusive:
        return observe_unknown(health, result, probe)

    seeing, saw = see_again(health, result)
    if result.outcome.passed == seeing.up:
        return settled(seeing), saw

    streak = seeing.streak + 1
    since = seeing.streak_since or result.at
    if streak < needed(probe, result):
        return replace(seeing, streak=streak, streak_since=since), saw

    flipped = replace(seeing, up=not seeing.up, since=since, streak=0, streak_since=None)
    return flipped, (*saw, flip(flipped, since, result))


def observe_unknown(health: Health, result: CheckResult, probe: Probe) -> tuple[Health, tuple[Flip, ...]]:
    """Count an inconclusive result; once blind, more of the same change nothing."""
    if health.blind:
        return health, ()

    unknowns = health.unknowns + 1
    since = health.unknown_since or result.at
    blind = unknowns >= probe.unknowns
    after = replace(health, unknowns=unknowns, unknown_since=since, blind=blind)
    return after, (ProbeWentBlind(probe.id, since, result.summary),) if blind else ()


def see_again(health: Health, result: CheckResult) -> tuple[Health, tuple[Flip, ...]]:
    """A conclusive result ends a run of UNKNOWN, and the blindness if it came to that."""
    if not health.unknowns:
        return health, ()
    seeing = replace(health, unknowns=0, unknown_since=None, blind=False)
    return seeing, (ProbeSawAgain(health.probe, result.at, result.summary),) if health.blind else ()


def settled(health: Health) -> Health:
    """Nothing contradicts the hard state: the streak is over, whatever it was."""
    return replace(health, streak=0, streak_since=None) if health.streak else health


def needed(probe: Probe, result: CheckResult) -> int:
    """How many results like this one, in a row, flip the hard state."""
    return probe.passes if result.outcome.passed else probe.failures


def flip(health: Health, since: Instant, result: CheckResult) -> Flip:
    """Name the change of the hard state that has just happened."""
    kind = ProbeCameUp if health.up else ProbeWentDown
    return kind(health.probe, since, result.summary)
