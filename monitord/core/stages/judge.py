"""judge: a signal gets its verdict, and gets it anew whenever a reason may have come or gone.

Theory of operation. A probe or a heartbeat that a person has resolved by hand comes back after the hold if it
still fails: it is looked at without end. So does what an integration will say is over, and has not. But what
is said `once`, and not again since the resolution, is over when the hold ends. Whether it was said again is
counted, not compared by instants: clocks are set. What has an end of its own is over with the hold, too, if
that end has come meanwhile: it was made later because we could not hear, and no longer counts against a
person's word.
"""

from dataclasses import replace

from monitord.core.check import CheckResult, ClockSet, Instant, ProbeId
from monitord.core.command import Reopen, Resolve
from monitord.core.facts import ConfigurationAccepted
from monitord.core.health import Health
from monitord.core.heartbeat import Pinged
from monitord.core.report import Report, heartbeat_source
from monitord.core.signal import (
    DOWN,
    UNKNOWN,
    Signal,
    SignalCleared,
    SignalMoved,
    SignalRaised,
    SignalWorsened,
    not_refreshed,
    resolved_and_over,
    signal_key,
)
from monitord.core.silence import Silence, SilenceAdded, SilenceBegan, SilenceEnded
from monitord.core.ticket import HELD_AFTER_RESOLVE, HELD_UNTIL_CLEAR, Ticket
from monitord.core.verdict import Action, Circumstances, Judged, Parent, Reason, Verdict, VerdictDue, judge
from monitord.core.world import Draft, Stage


def judge_signal(draft: Draft, event: SignalRaised | SignalCleared | SignalWorsened | SignalMoved) -> None:
    settle(draft, event.signal, circumstances(draft, event.signal))


def judge_worse(draft: Draft, event: SignalWorsened) -> None:
    """While it is held nobody hears of that; it is remembered for later."""
    judge_signal(draft, event)
    verdict = draft.get(Verdict, event.signal.key)
    if verdict is not None and verdict.action is Action.HOLD:
        draft.put(replace(verdict, worse=True))


def judge_reported(draft: Draft, report: Report) -> None:
    judge_relabelled(draft, report.key)


def judge_pinged(draft: Draft, ping: Pinged) -> None:
    judge_relabelled(draft, signal_key(heartbeat_source(ping.heartbeat), DOWN))


def judge_relabelled(draft: Draft, key: str) -> None:
    """What is said again may be said with other labels, for which there is another silence, or none."""
    before, signal = draft.below.get(Signal, key), draft.get(Signal, key)
    if before is not None and signal is not None and signal.raised and before.details != signal.details:
        settle(draft, signal, circumstances(draft, signal))


def judge_waiting(draft: Draft, result: CheckResult) -> None:
    """Somebody's verdict may have waited for this probe to be heard of."""
    for key in sorted(draft.keys("verdicts by wait", result.probe)):
        signal = draft.get(Signal, key)
        if signal is not None:
            settle(draft, signal, circumstances(draft, signal, result))


def judge_again(draft: Draft, fact: VerdictDue) -> None:
    signal = draft.get(Signal, fact.signal)
    if signal is not None:
        settle(draft, signal, circumstances(draft, signal))


def judge_silenced(draft: Draft, event: SilenceAdded | SilenceBegan) -> None:
    """What a silence is about is held from now on."""
    for signal in draft.all(Signal):
        if event.silence.covers(signal, draft.configuration.fits):
            settle(draft, signal, circumstances(draft, signal))


def judge_no_longer_silenced(draft: Draft, event: SilenceEnded) -> None:
    for verdict in draft.all(Verdict):
        if verdict.reason is Reason.SILENCED:
            judge_again(draft, VerdictDue(verdict.signal))


def judge_all_held(draft: Draft, fact: ConfigurationAccepted) -> None:
    """Windows and dependencies may be others now."""
    for verdict in draft.all(Verdict):
        if verdict.until is not None:
            judge_again(draft, VerdictDue(verdict.signal))


def shift_holds(draft: Draft, fact: ClockSet) -> None:
    """What was meant as a span stays one; the end of a maintenance window is on the wall clock."""
    for verdict in draft.all(Verdict):
        if verdict.until is not None and verdict.reason is not Reason.MAINTENANCE:
            draft.put(replace(verdict, until=verdict.until + fact.by))


def hold_by_hand(draft: Draft, command: Resolve) -> None:
    """A person says it is over although it is not: believed until the hold ends."""
    ticket = draft.get(Ticket, command.ticket)
    if ticket is None or ticket.ended:
        return
    until = draft.now + (HELD_UNTIL_CLEAR if command.hold_until_clear else HELD_AFTER_RESOLVE)
    for key in ticket.signals:
        signal = draft.get(Signal, key)
        if signal is not None:
            said = replace(circumstances(draft, signal), resolved_until=until, resolved_by=command.by)
            settle(draft, counted(draft, signal), said)


def believe_no_longer(draft: Draft, command: Reopen) -> None:
    """What was resolved by hand and is raised still counts again at once."""
    ticket = draft.get(Ticket, command.ticket)
    if ticket is None or not ticket.ended:
        return
    for key in ticket.signals:
        signal, verdict = draft.get(Signal, key), draft.get(Verdict, key)
        if signal is None or verdict is None or verdict.reason is not Reason.RESOLVED_BY_HAND:
            continue
        around = replace(circumstances(draft, signal), before=None, resolved_until=None, resolved_by="")
        signal = replace(signal, resolved_count=None)
        draft.put(signal)
        settle(draft, signal, around)


def counted(draft: Draft, signal: Signal) -> Signal:
    """Remember how often it had been said by now, if nobody will say that it is over."""
    if not signal.once:
        return signal
    known = replace(signal, resolved_count=signal.count)
    draft.put(known)
    return known


def settle(draft: Draft, signal: Signal, around: Circumstances) -> None:
    """Store the verdict if it is another one; tell it if people would see a difference. What would come back
    only because nobody has said that it is over, is over.
    """
    before = around.before
    verdict = judge(signal, around, draft.now)
    over = over_by_now(signal, before, draft.now) if verdict.action is Action.RAISE else None
    if over is not None:
        signal = over
        draft.put(signal)
        draft.tell(SignalCleared(signal))
        verdict = judge(signal, around, draft.now)
    if before is not None and before.action is verdict.action is Action.HOLD:
        verdict = replace(verdict, worse=before.worse)
    if before is not None and (before.action, before.reason) == (verdict.action, verdict.reason):
        verdict = replace(verdict, at=before.at)
    if verdict == before:
        return
    draft.put(verdict)
    if before is None or (before.action, before.reason) != (verdict.action, verdict.reason):
        draft.tell(Judged(signal, verdict, before))


def over_by_now(signal: Signal, before: Verdict | None, now: Instant) -> Signal | None:
    """The same signal, over, if somebody has resolved it and its source has left it at that."""
    if signal.not_said_again:
        return resolved_and_over(signal, now)
    by_hand = before is not None and before.reason is Reason.RESOLVED_BY_HAND
    if by_hand and signal.own_end is not None and signal.own_end <= now:
        return not_refreshed(signal, now)
    return None


def circumstances(draft: Draft, signal: Signal, heard: CheckResult | None = None) -> Circumstances:
    """Look up everything that a verdict on this signal depends on; `heard` is the check that is being
    decided.
    """
    before = draft.get(Verdict, signal.key)
    held_until, held_by = resolution_by_hand(draft, signal, before)
    return Circumstances(
        windows=draft.configuration.windows,
        silences=silences(draft, signal),
        parents=parents(draft, signal, before, heard),
        before=before,
        resolved_until=held_until,
        resolved_by=held_by,
        checked_since=heard is not None and said_again(heard, signal),
        next_check_by=next_check_by(draft, signal, before),
    )


def silences(draft: Draft, signal: Signal) -> tuple[Silence, ...]:
    """Those that are about this signal."""
    fits = draft.configuration.fits
    return tuple(silence for silence in draft.all(Silence) if silence.covers(signal, fits))


def resolution_by_hand(draft: Draft, signal: Signal, before: Verdict | None) -> tuple[Instant | None, str]:
    """Until when the newest resolution by hand is believed, and whose it was. It was about what was raised
    then: a signal that joins the same group later is news.
    """
    ended = draft.find("ended tickets by signal", signal.key)
    if not ended:
        return None, ""
    held = before is not None and before.reason is Reason.RESOLVED_BY_HAND
    until, latest = ended[-1].held_until, draft.now + HELD_UNTIL_CLEAR
    whose = before.because if before and held else ended[-1].last_holder or ""
    return until and min(until, latest), whose


def said_again(heard: CheckResult, signal: Signal) -> bool:
    """Did the signal's own probe find the same once more? A first pass of several does not."""
    outcome = heard.outcome
    same = not outcome.conclusive if signal.name == UNKNOWN else outcome.conclusive and not outcome.passed
    return heard.probe == signal.probe and same


def next_check_by(draft: Draft, signal: Signal, before: Verdict | None) -> Instant | None:
    """By when the signal's own probe has had the time to recover, if it can."""
    if before is not None and before.reason is Reason.DEPENDENCY_RECOVERED:
        return before.until
    probe = draft.configuration.probes.get(signal.probe or "")
    return draft.now + probe.every * probe.passes + probe.timeout if probe else None


def parents(
    draft: Draft, signal: Signal, before: Verdict | None, heard: CheckResult | None
) -> tuple[Parent, ...]:
    probes = draft.configuration.probes
    probe = probes.get(signal.probe or "")
    needs = [each for each in probe.depends_on if each in probes] if probe else []
    return tuple(parent(draft, each, signal, before, heard) for each in needs)


def parent(
    draft: Draft, probe: ProbeId, signal: Signal, before: Verdict | None, heard: CheckResult | None
) -> Parent:
    """A parent as it stands towards this signal: has it passed a check since the child failed?"""
    health = draft.get(Health, probe) or Health(probe)
    waiting = before if before is not None and before.reason is Reason.DEPENDENCY_SUSPECT else None
    told = waiting is not None and probe not in waiting.waits_on
    over = waiting is not None and waiting.until is not None and waiting.until <= draft.now
    passes = heard is not None and heard.probe == probe and heard.outcome.conclusive and heard.outcome.passed
    return Parent(
        probe=probe,
        up=health.up,
        failing=health.failing,
        passed_since=told or passes,
        word_by=draft.now if over else word_by(draft, health, signal),
    )


def word_by(draft: Draft, health: Health, signal: Signal) -> Instant:
    """When the parent must have said whether it is up: its next check, or the end of its streak. Never later
    than either can take from now on, whatever the clock was when they began.
    """
    probe = draft.configuration.probes[health.probe]
    if health.failing and health.streak_since is not None:
        return min(health.streak_since, draft.now) + probe.every * probe.failures + probe.timeout
    return min(signal.at, draft.now) + probe.every + probe.timeout


JUDGE: Stage = {
    SignalRaised: judge_signal,
    SignalCleared: judge_signal,
    SignalWorsened: judge_worse,
    SignalMoved: judge_signal,
    Report: judge_reported,
    Pinged: judge_pinged,
    SilenceAdded: judge_silenced,
    SilenceBegan: judge_silenced,
    SilenceEnded: judge_no_longer_silenced,
    CheckResult: judge_waiting,
    VerdictDue: judge_again,
    ConfigurationAccepted: judge_all_held,
    ClockSet: shift_holds,
    Resolve: hold_by_hand,
    Reopen: believe_no_longer,
}
