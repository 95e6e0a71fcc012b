"""A silence: for a while, and for a reason, a named person keeps what fits from paging anybody.

Theory of operation. A silence says which signals it is about by *matchers*, in Alertmanager's words: a label,
a text or a pattern, equal or not. A label that is not there is empty; one that several things say (the
signal's own `service` and a label called so) fits if one of them does. Its end is at most 24 hours away, and
it can not be about everything: at least one matcher must name something. What is silenced is held, with that
reason and that end, and judged again when the silence ends. A ticket that is open already goes on: whoever
was told is asked to answer.

Patterns are text here. Whether one fits is asked of `Configuration.fits`, which the shell sets to a matcher
that takes linear time: so a silence is a plain value that can be stored, and no pattern can stop the clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.signal import Signal

LONGEST = timedelta(hours=24)
MATCHERS_MAX = 20
NOTHING_SPECIAL = "∅ no thing is called so ∅"  # a matcher that fits this says nothing

Fits = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a pattern must fit the whole text."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def __str__(self) -> str:
        sign = ("=~" if self.is_regex else "=") if self.is_equal else ("!~" if self.is_regex else "!=")
        return f'{self.name}{sign}"{self.value}"'


@dataclass(frozen=True, slots=True)
class Silence:
    """Who holds what back, why, and in [start, end); `begun` once its start has come."""

    id: str
    matchers: tuple[Matcher, ...]
    by: PersonId
    reason: str
    start: Instant
    end: Instant
    begun: bool = True
    ended: bool = False

    @property
    def key(self) -> str:
        return self.id

    @property
    def live(self) -> bool:
        return not self.ended

    @property
    def due(self) -> Instant | None:
        return self.end if self.begun else self.start

    def running(self, now: Instant) -> bool:
        return not self.ended and self.start <= now < self.end

    def covers(self, signal: Signal, fits: Fits) -> bool:
        """Do all of its matchers fit?"""
        return all(matches(each, labels(signal, each.name), fits) for each in self.matchers)


@dataclass(frozen=True, slots=True)
class AddSilence:
    """Somebody wants quiet; without a `start` at once."""

    matchers: tuple[Matcher, ...]
    by: PersonId
    reason: str
    end: Instant
    start: Instant | None = None
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class EndSilence:
    """Somebody has had enough of it."""

    silence: str
    by: PersonId
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class SilenceDue:
    """A fact: a silence begins or ends."""

    silence: str


@dataclass(frozen=True, slots=True)
class SilenceAdded:
    """It holds what fits from now on, or from its start on."""

    silence: Silence
    via: str

    @property
    def by(self) -> PersonId:
        return self.silence.by


@dataclass(frozen=True, slots=True)
class SilenceBegan:
    """The start of one that was added in advance."""

    silence: Silence


@dataclass(frozen=True, slots=True)
class SilenceEnded:
    """Nothing is held by it any more; `by` is None when its time was over."""

    silence: Silence
    by: PersonId | None = None
    via: str = ""


@dataclass(frozen=True, slots=True)
class SilenceRefused:
    by: PersonId
    why: str


def labels(signal: Signal, name: str) -> tuple[str, ...]:
    """Everything that the signal says under that name: its own words first, then its details. Who has raised
    it cannot be said by its details: a silence that is for one integration's signals is for no other's.
    """
    if name in PREFIXES:
        return tuple(own(signal, name)) or ("",)
    return (*own(signal, name), *(value for key, value in signal.details if key == name)) or ("",)


def own(signal: Signal, name: str) -> Iterable[str]:
    match name:
        case "service":
            yield signal.service
        case "source":
            yield signal.source
        case "signal":
            yield signal.name
        case "priority" if signal.priority is not None:
            yield signal.priority.value
        case "probe" if signal.probe is not None:
            yield signal.probe
        case "heartbeat" | "integration":
            kind, _, which = signal.source.partition("/")
            if kind == PREFIXES[name]:
                yield which


PREFIXES = {"heartbeat": "heartbeat", "integration": "in"}


def matches(matcher: Matcher, values: tuple[str, ...], fits: Fits) -> bool:
    found = any(
        fits(matcher.value, value) if matcher.is_regex else matcher.value == value for value in values
    )
    return found == matcher.is_equal


def names_something(matcher: Matcher, fits: Fits) -> bool:
    """Does it leave anything out? What fits an empty text, or a thing that nobody has, fits everything."""
    return not any(matches(matcher, (value,), fits) for value in ("", NOTHING_SPECIAL))


def objection(command: AddSilence, fits: Fits, now: Instant) -> str:
    """Why there can be no such silence; empty if there can."""
    if not command.by or not command.reason.strip():
        return "a silence is by a named person and has a reason; say who and why"
    if not any(names_something(each, fits) for each in command.matchers):
        return 'it would silence everything; name at least one thing, as in service="shop"'
    if len(command.matchers) > MATCHERS_MAX:
        return f"it has {len(command.matchers)} matchers; at most {MATCHERS_MAX} are allowed"
    if command.end <= now or (command.start is not None and command.end <= command.start):
        return f"it would be over before it began, at {command.end:%Y-%m-%d %H:%M} UTC; give a later end"
    if command.end > now + LONGEST:
        return "it would last longer than 24 h; make it shorter, or plan a maintenance window"
    return ""


def begun(command: AddSilence, id: str, now: Instant) -> Silence:
    start = max(command.start or now, now)
    return Silence(id, command.matchers, command.by, command.reason, start, command.end, start <= now)


def shifted(silence: Silence, by: timedelta) -> Silence:
    """It was meant to last as long as it was meant to."""
    return replace(silence, start=silence.start + by, end=silence.end + by)


def nearer(silence: Silence, now: Instant) -> Silence:
    """The clock may have been set back while we were not running: never longer than was meant."""
    end = min(silence.end, now + (silence.end - silence.start))
    return replace(silence, start=min(silence.start, end), end=end)
