"""A verdict: whether a signal is acted upon, held back or over, and always why.

Theory of operation. A verdict is level-triggered: whoever asks again gets the answer for *now*. A held signal
is judged again when its hold ends (`until`) and whenever something it waits for has been heard of
(`waits_on`), so that a reason which goes away can never leave a signal held for ever, and one that comes back
holds it again.

GROUNDS lists the reasons to hold in the order in which they are looked at; the first that applies is the
reason that people read. A signal that was raised already is only held by what a person or a plan said
(maintenance, a silence, a resolution by hand): somebody has been told, and a parent that fails later does not
unsay it.

A child may fail before its parent does. When a probe fails whose parents still look well, its signal waits
(at most one round of the parent's own checking) for the parent's next word: if that is a pass, the child is
at fault; if the parent fails too, it waits on while the parent is counting. After the parent has come back
the child waits for its own next check, because it had no chance to recover yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from monitord.core.check import Instant, ProbeId
from monitord.core.signal import UNKNOWN, Signal
from monitord.core.silence import Silence

REVIEW = timedelta(hours=1)  # a hold without an end of its own is looked at again after this


class Action(Enum):
    RAISE = "raise"
    HOLD = "hold"
    CLEAR = "clear"


class Reason(Enum):
    DOWN = "down"
    UNKNOWN = "unknown"
    REPORTED = "reported"
    RECOVERED = "recovered"
    REMOVED = "removed"
    NOT_REFRESHED = "not refreshed"
    NOT_SAID_AGAIN = "not said again"
    MAINTENANCE = "maintenance"
    RESOLVED_BY_HAND = "resolved by hand"
    SILENCED = "silenced"
    DEPENDENCY_DOWN = "dependency down"
    DEPENDENCY_SUSPECT = "dependency not ruled out"
    DEPENDENCY_RECOVERED = "dependency just recovered"


@dataclass(frozen=True, slots=True)
class Verdict:
    """On one signal: the action, the reason, since when; for a hold also its end and what it waits for.

    `because` names the window, the parent or the person, for whoever asks on Monday. What is `harmless` is
    not felt by customers. What is `worse` has become more pressing since it is held.
    """

    signal: str
    action: Action
    reason: Reason
    at: Instant
    until: Instant | None = None
    waits_on: tuple[ProbeId, ...] = ()
    because: str = ""
    harmless: bool = False
    worse: bool = False

    @property
    def key(self) -> str:
        return self.signal

    @property
    def live(self) -> bool:
        return self.action is not Action.CLEAR

    @property
    def due(self) -> Instant | None:
        return self.until

    @property
    def felt(self) -> bool:
        """Customers feel what it is about: acted upon, or held for a reason that helps nobody outside."""
        held = self.action is Action.HOLD and self.reason in FELT
        return not self.harmless and (self.action is Action.RAISE or held)


FELT = (
    Reason.DEPENDENCY_DOWN,
    Reason.DEPENDENCY_SUSPECT,
    Reason.DEPENDENCY_RECOVERED,
    Reason.RESOLVED_BY_HAND,
    Reason.SILENCED,
)


@dataclass(frozen=True, slots=True)
class VerdictDue:
    """A fact: the hold on this signal has come to its end."""

    signal: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a signal is another one than before."""

    signal: Signal
    verdict: Verdict
    before: Verdict | None


@dataclass(frozen=True, slots=True)
class Window:
    """A maintenance window: [start, end), over services and probes; `announce` names a status page."""

    id: str
    start: Instant
    end: Instant
    services: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    hold: bool = True
    announce: str | None = None
    name: str = ""
    text: str = ""

    @property
    def title(self) -> str:
        return self.name or self.id

    def covers(self, signal: Signal, now: Instant) -> bool:
        return self.running(now) and (signal.service in self.services or signal.probe in self.probes)

    def running(self, now: Instant) -> bool:
        return self.start <= now < self.end


@dataclass(frozen=True, slots=True)
class Parent:
    """What is known of a probe that the signal's probe depends on.

    `passed_since`: it has passed a check since the child failed; `word_by` is when it must have said whether
    it is up.
    """

    probe: ProbeId
    up: bool
    failing: bool
    passed_since: bool
    word_by: Instant


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything a verdict depends on besides the signal: looked up by stages/judge.py, judged here."""

    windows: tuple[Window, ...] = ()
    silences: tuple[Silence, ...] = ()
    parents: tuple[Parent, ...] = ()
    before: Verdict | None = None
    resolved_until: Instant | None = None
    resolved_by: str = ""
    checked_since: bool = False
    next_check_by: Instant | None = None


Ground = Callable[[Signal, Circumstances, Instant], Verdict | None]


def judge(signal: Signal, circumstances: Circumstances, now: Instant) -> Verdict:
    """Return the verdict that holds now, with its reason."""
    if not signal.raised:
        return Verdict(signal.key, Action.CLEAR, over_because(signal), now, harmless=signal.harmless)

    for ground in grounds(circumstances):
        held = ground(signal, circumstances, now)
        if held:
            return held

    return Verdict(signal.key, Action.RAISE, raised_because(signal), now, harmless=signal.harmless)


def over_because(signal: Signal) -> Reason:
    if signal.removed:
        return Reason.REMOVED
    if signal.lapsed:
        return Reason.NOT_REFRESHED
    return Reason.NOT_SAID_AGAIN if signal.not_said_again else Reason.RECOVERED


def raised_because(signal: Signal) -> Reason:
    """A probe's or a heartbeat's is down; of what others report nobody knows more than that they say so."""
    if signal.probe is not None:
        return Reason.UNKNOWN if signal.name == UNKNOWN else Reason.DOWN
    return Reason.DOWN if signal.source.startswith("heartbeat/") else Reason.REPORTED


def grounds(circumstances: Circumstances) -> tuple[Ground, ...]:
    """What has been told is not unsaid because a parent failed too."""
    before = circumstances.before
    told = before is not None and before.action is Action.RAISE
    return SAID_BY_PEOPLE if told else SAID_BY_PEOPLE + FOUND_BY_US


def hold(
    signal: Signal, reason: Reason, now: Instant, until: Instant, because: str, waits_on: tuple[str, ...] = ()
) -> Verdict:
    return Verdict(signal.key, Action.HOLD, reason, now, until, waits_on, because, signal.harmless)


def in_maintenance(signal: Signal, circumstances: Circumstances, now: Instant) -> Verdict | None:
    windows = [window for window in circumstances.windows if window.hold and window.covers(signal, now)]
    if not windows:
        return None
    last = max(windows, key=lambda window: window.end)
    return hold(signal, Reason.MAINTENANCE, now, last.end, last.id)


def resolved_by_hand(signal: Signal, circumstances: Circumstances, now: Instant) -> Verdict | None:
    until = circumstances.resolved_until
    if until is None or until <= now:
        return None
    return hold(signal, Reason.RESOLVED_BY_HAND, now, until, circumstances.resolved_by)


def silenced(signal: Signal, circumstances: Circumstances, now: Instant) -> Verdict | None:
    """`silences` are those that are about this signal."""
    running = [silence for silence in circumstances.silences if silence.running(now)]
    if not running:
        return None
    last = max(running, key=lambda silence: silence.end)
    return hold(signal, Reason.SILENCED, now, last.end, f"{last.id} by {last.by}")


def dependency_down(signal: Signal, circumstances: Circumstances, now: Instant) -> Verdict | None:
    down = tuple(parent.probe for parent in circumstances.parents if not parent.up)
    if not down:
        return None
    return hold(signal, Reason.DEPENDENCY_DOWN, now, review(circumstances.before, now), ", ".join(down), down)


def review(before: Verdict | None, now: Instant) -> Instant:
    """When to look again. A hold that stands keeps its instant, so that each check of a parent which stays
    down is not another verdict.
    """
    if before is None or before.reason is not Reason.DEPENDENCY_DOWN:
        return now + REVIEW
    return before.until if before.until and before.until > now else now + REVIEW


def dependency_suspect(signal: Signal, circumstances: Circumstances, now: Instant) -> Verdict | None:
    open_questions = [parent for parent in circumstances.parents if suspect(parent, now)]
    if not open_questions:
        return None
    until = max(parent.word_by for parent in open_questions)
    names = tuple(parent.probe for parent in open_questions)
    return hold(signal, Reason.DEPENDENCY_SUSPECT, now, until, ", ".join(names), names)


def suspect(parent: Parent, now: Instant) -> bool:
    """A parent that has not passed a check since the child failed may be why it failed."""
    return parent.up and not parent.passed_since and now < parent.word_by


def dependency_recovered(signal: Signal, circumstances: Circumstances, now: Instant) -> Verdict | None:
    before, until = circumstances.before, circumstances.next_check_by
    waiting = before is not None and before.reason in (Reason.DEPENDENCY_DOWN, Reason.DEPENDENCY_RECOVERED)
    if before is None or not waiting or circumstances.checked_since or until is None or until <= now:
        return None
    return hold(signal, Reason.DEPENDENCY_RECOVERED, now, until, before.because, (signal.probe or "",))


SAID_BY_PEOPLE: tuple[Ground, ...] = (in_maintenance, resolved_by_hand, silenced)
FOUND_BY_US: tuple[Ground, ...] = (dependency_down, dependency_suspect, dependency_recovered)
