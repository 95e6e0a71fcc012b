"""A signal: what one source says about one thing under one key; raised, or cleared."""

from dataclasses import dataclass, replace

from monitord.core.check import Instant
from monitord.core.health import Flip, ProbeCameUp, ProbeSawAgain, ProbeWentBlind, ProbeWentDown

DOWN = "down"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signal:
    """Raised or cleared by `source` (as `probe/web`) under `name` (as `down`).

    `since` is when it began to be so (dated back to the first failure), `at` when we were sure of it.
    """

    source: str
    name: str
    service: str
    raised: bool
    since: Instant
    at: Instant
    summary: str = ""
    probe: str | None = None
    removed: bool = False

    @property
    def key(self) -> str:
        return signal_key(self.source, self.name)

    @property
    def live(self) -> bool:
        return self.raised


@dataclass(frozen=True, slots=True)
class SignalRaised:
    signal: Signal


@dataclass(frozen=True, slots=True)
class SignalCleared:
    signal: Signal


@dataclass(frozen=True, slots=True)
class SignalMoved:
    """What a raised signal is about belongs to another service now; `before` is the one that it has left."""

    signal: Signal
    before: str


def signal_key(source: str, name: str) -> str:
    """The key of a signal is its source and its name."""
    return f"{source}:{name}"


def probe_source(probe: str) -> str:
    """The source under which a probe speaks."""
    return f"probe/{probe}"


def from_flip(flip: Flip, service: str, now: Instant) -> Signal:
    """What a probe's flip says: `down` or `unknown`, raised or cleared."""
    name, raised = MEANING[type(flip)]
    return Signal(
        source=probe_source(flip.probe),
        name=name,
        service=service,
        raised=raised,
        since=flip.since,
        at=now,
        summary=flip.summary,
        probe=flip.probe,
    )


MEANING: dict[type[Flip], tuple[str, bool]] = {
    ProbeWentDown: (DOWN, True),
    ProbeCameUp: (DOWN, False),
    ProbeWentBlind: (UNKNOWN, True),
    ProbeSawAgain: (UNKNOWN, False),
}


def cleared(signal: Signal, now: Instant, summary: str) -> Signal:
    """The same signal, cleared because its source is no longer configured."""
    return replace(signal, raised=False, since=now, at=now, summary=summary, removed=True)
