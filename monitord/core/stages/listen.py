"""listen: what others say becomes a signal; what they no longer say, too; and where people want quiet."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from monitord.core import beating
from monitord.core.beating import failure, late, said
from monitord.core.check import ClockSet, Instant
from monitord.core.facts import ConfigurationAccepted, Record
from monitord.core.heartbeat import (
    ZERO,
    Deaf,
    Heartbeat,
    HeartbeatCameUp,
    HeartbeatWentDown,
    Pinged,
    Pulse,
    PulseDue,
    PulseState,
)
from monitord.core.report import Report, ReportIgnored, heard, heartbeat_source, inbound_source
from monitord.core.signal import DOWN, Signal, SignalCleared, SignalDue, not_refreshed, source_removed
from monitord.core.silence import (
    AddSilence,
    EndSilence,
    Silence,
    SilenceAdded,
    SilenceBegan,
    SilenceDue,
    SilenceEnded,
    SilenceRefused,
    begun,
    nearer,
    objection,
    shifted,
)
from monitord.core.world import Configuration, Draft, Stage

SILENCES_MAX = 1000


def hear_report(draft: Draft, report: Report) -> None:
    signal, events = heard(report, draft.get(Signal, report.key), draft.now)
    if signal is not None:
        draft.put(signal)
    draft.tell(*events)


def expire(draft: Draft, fact: SignalDue) -> None:
    """Nobody has said it again within its time; a fact that is too early changes nothing."""
    signal = draft.get(Signal, fact.signal)
    if signal is not None and signal.due is not None and signal.due <= draft.now:
        over = not_refreshed(signal, draft.now)
        draft.put(over)
        draft.tell(SignalCleared(over))


# Heartbeats.


def hear_ping(draft: Draft, ping: Pinged) -> None:
    heartbeat = draft.configuration.heartbeats.get(ping.heartbeat)
    if heartbeat is None:
        source = heartbeat_source(ping.heartbeat)
        draft.tell(ReportIgnored(source, DOWN, "", f"no heartbeat {ping.heartbeat} is configured"))
        return
    before = draft.get(Pulse, heartbeat.id) or Pulse(heartbeat.id)
    settle(draft, heartbeat, beating.heard(before, ping, heartbeat, draft.now))
    if ping.failed and before.state is PulseState.DOWN:
        hear_report(draft, said(failure(ping, heartbeat), heartbeat))


def miss(draft: Draft, fact: PulseDue) -> None:
    """Its deadline has come."""
    pulse, heartbeat = draft.get(Pulse, fact.heartbeat), draft.configuration.heartbeats.get(fact.heartbeat)
    if pulse is not None and heartbeat is not None:
        settle(draft, heartbeat, late(pulse, heartbeat, draft.now))


def settle(draft: Draft, heartbeat: Heartbeat, step: beating.Step) -> None:
    """Store the pulse if it is another one, and report what has flipped."""
    pulse, events = step
    if events:
        draft.put(pulse)
    draft.tell(*events)
    for event in events:
        if isinstance(event, HeartbeatWentDown | HeartbeatCameUp):
            hear_report(draft, said(event, heartbeat))


def make_allowance(draft: Draft, fact: Deaf) -> None:
    """Nobody is judged by a silence in which we could not hear."""
    span = fact.until - fact.since
    if span <= ZERO:
        return
    for pulse, heartbeat in pulses(draft):
        put_if_new(draft, pulse, beating.deafened(pulse, heartbeat, span))
    for signal in draft.all(Signal):
        put_if_new(draft, signal, deafened(signal, fact.until))


def deafened(signal: Signal, until: Instant) -> Signal:
    """Its source has until then to say it again, and the span once more that it gave itself, however often we
    were deaf since.
    """
    own = signal.own_end
    if signal.ends is None or own is None:
        return signal
    ends = until + (own - (signal.last or signal.at))
    return replace(signal, ends=ends, ends_said=own) if ends > signal.ends else signal


def pulses(draft: Draft) -> Iterator[tuple[Pulse, Heartbeat]]:
    """Those that are configured."""
    for pulse in draft.all(Pulse):
        heartbeat = draft.configuration.heartbeats.get(pulse.heartbeat)
        if heartbeat is not None:
            yield pulse, heartbeat


def put_if_new(draft: Draft, before: Record, after: Record) -> None:
    if after != before:
        draft.put(after)


# Silences.


def add_silence(draft: Draft, command: AddSilence) -> None:
    why_not = objection(command, draft.configuration.fits, draft.now)
    if not why_not and len(draft.all(Silence)) >= SILENCES_MAX:
        why_not = f"{SILENCES_MAX} silences are known already; end some of them"
    if why_not:
        draft.tell(SilenceRefused(command.by, why_not))
        return
    number = draft.installation.next_silence
    silence = begun(command, f"s{number}", draft.now)
    draft.put(replace(draft.installation, next_silence=number + 1), silence)
    draft.tell(SilenceAdded(silence, command.via))


def end_silence(draft: Draft, command: EndSilence) -> None:
    silence = draft.get(Silence, command.silence)
    if silence is None:
        draft.tell(SilenceRefused(command.by, f"there is no silence {command.silence}, or it is over"))
        return
    over = replace(silence, ended=True)
    draft.put(over)
    draft.tell(SilenceEnded(over, command.by, command.via))


def turn_silence(draft: Draft, fact: SilenceDue) -> None:
    """It begins, or it is over; a fact that is too early changes nothing."""
    silence = draft.get(Silence, fact.silence)
    if silence is None or silence.due is None or silence.due > draft.now:
        return
    if silence.end <= draft.now:
        over = replace(silence, ended=True)
        draft.put(over)
        draft.tell(SilenceEnded(over))
    else:
        on = replace(silence, begun=True)
        draft.put(on)
        draft.tell(SilenceBegan(on))


# Another configuration, another clock.


def accept(draft: Draft, fact: ConfigurationAccepted) -> None:
    """What nobody listens to any more can neither be raised nor recover; what is awaited may be awaited at
    other times now.
    """
    for signal in draft.all(Signal):
        gone = no_longer_heard(draft.configuration, signal)
        if gone:
            over = source_removed(signal, draft.now, f"{gone} was removed from the configuration")
            draft.put(over)
            draft.tell(SignalCleared(over))
        elif signal.ends is not None:
            put_if_new(draft, signal, unstretched(signal, draft.now))
    for pulse in draft.all(Pulse):
        heartbeat = draft.configuration.heartbeats.get(pulse.heartbeat)
        known = beating.rearmed(pulse, heartbeat, draft.now) if heartbeat else replace(pulse, removed=True)
        put_if_new(draft, pulse, known)
    for silence in draft.all(Silence):
        put_if_new(draft, silence, nearer(silence, draft.now))


def no_longer_heard(configuration: Configuration, signal: Signal) -> str:
    """Which source of the signal is not configured any more; empty if it is."""
    _, _, which = signal.source.partition("/")
    if signal.source == heartbeat_source(which) and which not in configuration.heartbeats:
        return f"heartbeat {which}"
    if signal.source == inbound_source(which) and which not in configuration.integrations:
        return f"integration {which}"
    return ""


def unstretched(signal: Signal, now: Instant) -> Signal:
    """The clock may have been set back while we were not running: no signal lasts longer than was meant."""
    last = signal.last or signal.at
    if signal.ends is None or last <= now:
        return signal
    return moved(signal, now - last)


def moved(signal: Signal, by: timedelta) -> Signal:
    """Last said earlier or later by so much, and over as long after that as before."""
    return replace(
        signal,
        last=(signal.last or signal.at) + by,
        ends=signal.ends and signal.ends + by,
        ends_said=signal.ends_said and signal.ends_said + by,
    )


def shift(draft: Draft, fact: ClockSet) -> None:
    """What was meant as a span stays one."""
    for pulse, heartbeat in pulses(draft):
        put_if_new(draft, pulse, beating.shifted(pulse, heartbeat, fact.by))
    for signal in draft.all(Signal):
        if signal.ends is not None:
            draft.put(moved(signal, fact.by))
    for silence in draft.all(Silence):
        draft.put(shifted(silence, fact.by))


LISTEN: Stage = {
    Report: hear_report,
    SignalDue: expire,
    Pinged: hear_ping,
    PulseDue: miss,
    Deaf: make_allowance,
    AddSilence: add_silence,
    EndSilence: end_silence,
    SilenceDue: turn_silence,
    ClockSet: shift,
}
