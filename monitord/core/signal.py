"""A signal: what one source says about one thing under one key; raised, or cleared."""

from dataclasses import dataclass, replace

from monitord.core.check import Instant
from monitord.core.health import Flip, ProbeCameUp, ProbeSawAgain, ProbeWentBlind, ProbeWentDown
from monitord.core.organization import Priority

DOWN = "down"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Signal:
    """Raised or cleared by `source` (as `probe/web`) under `name` (as `down`).

    `since` is when it began to be so (dated back to the first failure), `at` when we were sure of it, `last`
    when it was said once more, and `count` how often. What comes from outside says how pressing it is, what
    it is called and what is known of it; one with an `ends` is over then unless somebody says it again. Once
    that is later than what was said, because we could not hear, `ends_said` is what was said.
    What is said `once` is never said to be over; `resolved_count` is how often it had been said when somebody
    resolved its ticket by hand.
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
    priority: Priority | None = None
    title: str = ""
    details: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    ends: Instant | None = None
    count: int = 1
    last: Instant | None = None
    group: str = ""
    event: str = ""
    lapsed: bool = False
    once: bool = False
    resolved_count: int | None = None
    severity: int | None = None
    ends_said: Instant | None = None

    @property
    def key(self) -> str:
        return signal_key(self.source, self.name)

    @property
    def cause(self) -> str:
        """Signals of one cause share a ticket: those that one source puts into one group, as far as the same
        team answers for them.
        """
        return f"{self.source}/{self.service}/{self.group}" if self.group else self.key

    @property
    def due(self) -> Instant | None:
        """When it counts as over, because nobody has said it again."""
        return self.ends if self.raised else None

    @property
    def not_said_again(self) -> bool:
        """Somebody has resolved what is said once, and it has not been said since."""
        return self.once and self.count == self.resolved_count

    @property
    def own_end(self) -> Instant | None:
        """When it would be over by what its source has said."""
        return self.ends_said or self.ends

    @property
    def harmless(self) -> bool:
        """Its source says that it is not the failure of a service."""
        return self.priority is not None and self.priority is not Priority.URGENT

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
class SignalWorsened:
    """A raised signal is more pressing than it was."""

    signal: Signal
    before: Priority


@dataclass(frozen=True, slots=True)
class SignalDue:
    """A fact: nobody has said this signal again within its time."""

    signal: str


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


def source_removed(signal: Signal, now: Instant, summary: str) -> Signal:
    """The same signal, cleared because its source is no longer configured."""
    return replace(signal, raised=False, since=now, at=now, summary=summary, removed=True)


def resolved_and_over(signal: Signal, now: Instant) -> Signal:
    """The same signal, over with its resolution by hand."""
    return replace(signal, raised=False, since=now, at=now, summary="resolved by hand, not said again since")


def not_refreshed(signal: Signal, now: Instant) -> Signal:
    """The same signal, over because its source has not said it again: nobody has said that it is well."""
    last = signal.last or signal.at
    summary = f"not refreshed since {last:%Y-%m-%d %H:%M} UTC, taken as resolved"
    return replace(signal, raised=False, since=now, at=now, summary=summary, lapsed=True)
