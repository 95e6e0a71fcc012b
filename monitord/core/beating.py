"""Beating: what pings, deadlines and clocks make of a pulse.

Theory of operation. As healthchecks.io does it. The first ping arms it. A success says when the next one is
expected (its *timetable*); then it is late, and after its *grace* down. A fail, or an exit code that is not
0, is down at once. A `start` begins a run, which must end within the grace; run ids keep runs that overlap
apart. A `log` is recorded and changes nothing. Any success brings it up again.

A pulse has exactly one deadline: when it becomes late, when its grace is over, or when a run must have ended,
whichever comes first. Nobody is judged by a silence in which we could not hear: after we were *deaf* each
deadline is further away by that time, and once by a period more, because the ping that fell into it will not
be repeated before the next. That period is given once for all deafness between two pings, so that a monitord
which is restarted every night still notices a dead nightly backup.
"""

from dataclasses import replace
from datetime import timedelta

from monitord.core.check import Instant
from monitord.core.heartbeat import (
    ZERO,
    Every,
    Heartbeat,
    HeartbeatCameUp,
    HeartbeatEvent,
    HeartbeatFlip,
    HeartbeatLate,
    HeartbeatPinged,
    HeartbeatWentDown,
    Pinged,
    PingKind,
    Pulse,
    PulseState,
    Run,
)
from monitord.core.report import Report, heartbeat_source
from monitord.core.signal import DOWN

RUNS_MAX = 20  # open runs of one heartbeat; the oldest is forgotten
TEXT_LENGTH_MAX = 1000

Step = tuple[Pulse, tuple[HeartbeatEvent, ...]]


def heard(pulse: Pulse, ping: Pinged, heartbeat: Heartbeat, now: Instant) -> Step:
    """The pulse after a ping, and what has happened."""
    at = min(ping.at, now)
    counted = replace(pulse, pings=pulse.pings + 1)
    if ping.what is PingKind.LOG:
        return counted, (told(ping, None),)
    if ping.what is PingKind.START:
        return armed(started(counted, ping.run, at), heartbeat), (told(ping, None),)
    return ended(counted, ping, heartbeat, at)


def told(ping: Pinged, took: timedelta | None) -> HeartbeatPinged:
    text = ping.text[:TEXT_LENGTH_MAX]
    return HeartbeatPinged(ping.heartbeat, ping.what, ping.exit_code, ping.run, took, text)


def started(pulse: Pulse, run: str, at: Instant) -> Pulse:
    """One more open run; one that is begun anew begins anew."""
    others = tuple(each for each in pulse.runs if each.id != run)
    return replace(pulse, runs=(*others, Run(run, at))[-RUNS_MAX:])


def ended(pulse: Pulse, ping: Pinged, heartbeat: Heartbeat, at: Instant) -> Step:
    """A success or a failure: it ends its run and says when the next one is expected."""
    run = next((each for each in pulse.runs if each.id == ping.run), None)
    took = at - run.started if run else None
    failed, down = ping.failed, pulse.state is PulseState.DOWN
    after = replace(
        pulse,
        state=PulseState.DOWN if failed else PulseState.UP,
        since=pulse.since if failed == down and pulse.since else at,
        last=at,
        expected=heartbeat.timetable.following(at),
        runs=left_open(pulse, ping, run, heartbeat),
        took=took if took is not None else pulse.took,
        deaf=ZERO,
    )
    flip: tuple[HeartbeatEvent, ...] = ()
    if failed and not down:
        flip = (failure(ping, heartbeat),)
    elif down and not failed:
        words = f"heard of again at {clock(at)}"
        flip = (HeartbeatCameUp(heartbeat.id, at, f"{heartbeat.title} is well", words),)
    return armed(after, heartbeat), (told(ping, took), *flip)


def failure(ping: Pinged, heartbeat: Heartbeat) -> HeartbeatWentDown:
    """It says itself that it failed, for the first time or once more."""
    return HeartbeatWentDown(heartbeat.id, ping.at, f"{heartbeat.title} failed", how_it_failed(ping))


def left_open(pulse: Pulse, ping: Pinged, run: Run | None, heartbeat: Heartbeat) -> tuple[Run, ...]:
    """The runs that go on: its own ends, and whatever was begun if it names none or failed. What is down is
    not down once more for runs whose time is over by now.
    """
    named = run is not None and run.id
    if not named and (ping.failed or not ping.run):
        return ()
    others = tuple(each for each in pulse.runs if each is not run)
    if pulse.state is not PulseState.DOWN:
        return others
    return tuple(each for each in others if run_by(each, pulse, heartbeat) > ping.at)


def how_it_failed(ping: Pinged) -> str:
    first = ping.text.strip().partition("\n")[0][:200]
    how = f"exit code {ping.exit_code}" if ping.what is PingKind.EXIT else "it said so"
    return f"{how}: {first}" if first else how


def late(pulse: Pulse, heartbeat: Heartbeat, now: Instant) -> Step:
    """Its deadline has come: a run has not ended, it is late, or down."""
    overdue = tuple(each for each in pulse.runs if run_by(each, pulse, heartbeat) <= now)
    if overdue:
        left = tuple(each for each in pulse.runs if each not in overdue)
        return down(replace(pulse, runs=left), heartbeat, now, did_not_end(overdue[0], heartbeat))
    if pulse.expected is None or pulse.due is None or pulse.due > now:
        return pulse, ()
    if pulse.state is PulseState.LATE:
        return down(pulse, heartbeat, now, not_heard(pulse, heartbeat, now))
    after = armed(replace(pulse, state=PulseState.LATE, since=now), heartbeat)
    return after, (HeartbeatLate(pulse.heartbeat, pulse.expected),)


def down(pulse: Pulse, heartbeat: Heartbeat, now: Instant, why: HeartbeatWentDown) -> Step:
    return armed(replace(pulse, state=PulseState.DOWN, since=now), heartbeat), (why,)


def did_not_end(run: Run, heartbeat: Heartbeat) -> HeartbeatWentDown:
    which = f"run {run.id}" if run.id else "its run"
    summary = f"{which}, begun at {clock(run.started)}, has not ended within {minutes(heartbeat.grace)}"
    return HeartbeatWentDown(heartbeat.id, run.started, f"{heartbeat.title} does not end", summary)


def not_heard(pulse: Pulse, heartbeat: Heartbeat, now: Instant) -> HeartbeatWentDown:
    expected = pulse.expected or now
    last = f"last heard of at {clock(pulse.last)}" if pulse.last else "never heard of"
    deaf = f"; we could not hear for {minutes(pulse.deaf)}" if pulse.deaf else ""
    summary = f"{last}, expected at {clock(expected)}, and {minutes(heartbeat.grace)} of grace are over{deaf}"
    return HeartbeatWentDown(heartbeat.id, min(expected, now), f"{heartbeat.title} is silent", summary)


def armed(pulse: Pulse, heartbeat: Heartbeat) -> Pulse:
    """With the one deadline that its state asks for; what is down already can only be heard of."""
    if pulse.state is PulseState.DOWN:
        return replace(pulse, due=None)
    deadlines = [run_by(each, pulse, heartbeat) for each in pulse.runs]
    if pulse.expected is not None:
        grace = heartbeat.grace if pulse.state is PulseState.LATE else ZERO
        deadlines.append(pulse.expected + grace + allowance(pulse, heartbeat))
    return replace(pulse, due=min(deadlines, default=None))


def run_by(run: Run, pulse: Pulse, heartbeat: Heartbeat) -> Instant:
    return run.started + heartbeat.grace + allowance(pulse, heartbeat)


def allowance(pulse: Pulse, heartbeat: Heartbeat) -> timedelta:
    """What our own deafness costs: its time and, once, a period."""
    if not pulse.deaf:
        return ZERO
    first = heartbeat.timetable.following(pulse.expected or pulse.runs[0].started)
    return pulse.deaf + heartbeat.timetable.following(first) - first


def deafened(pulse: Pulse, heartbeat: Heartbeat, span: timedelta) -> Pulse:
    """Nobody could be heard for that long. Who was late may have been heard of: not late any more."""
    if pulse.due is None:
        return pulse
    state = PulseState.UP if pulse.state is PulseState.LATE else pulse.state
    return armed(replace(pulse, state=state, deaf=pulse.deaf + span), heartbeat)


def rearmed(pulse: Pulse, heartbeat: Heartbeat, now: Instant) -> Pulse:
    """The same pulse under a timetable or a grace that may be others now, and a clock that may have been set
    back while we were not running.
    """
    last = min(pulse.last, now) if pulse.last else None
    expected = heartbeat.timetable.following(last) if last else None
    runs = tuple(replace(run, started=min(run.started, now)) for run in pulse.runs)
    after = replace(pulse, last=last, expected=expected, runs=runs)
    if (
        pulse.state is PulseState.LATE
        and expected is not None
        and now < expected + allowance(after, heartbeat)
    ):
        after = replace(after, state=PulseState.UP)
    return armed(after, heartbeat)


def shifted(pulse: Pulse, heartbeat: Heartbeat, by: timedelta) -> Pulse:
    """After the clock was set: what is counted from the last time stays as long as it was; a time of day is
    on the wall.
    """
    runs = tuple(replace(run, started=run.started + by) for run in pulse.runs)
    moved = replace(pulse, runs=runs)
    if isinstance(heartbeat.timetable, Every):
        last = pulse.last + by if pulse.last else None
        expected = pulse.expected + by if pulse.expected else None
        moved = replace(moved, last=last, expected=expected)
    return armed(moved, heartbeat)


def said(flip: HeartbeatFlip, heartbeat: Heartbeat) -> Report:
    """What a heartbeat's flip reports."""
    return Report(
        source=heartbeat_source(heartbeat.id),
        name=DOWN,
        raised=isinstance(flip, HeartbeatWentDown),
        service=heartbeat.service,
        priority=heartbeat.priority,
        title=flip.title,
        summary=flip.summary,
        since=flip.since,
    )


def clock(at: Instant) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def minutes(span: timedelta) -> str:
    """`45 s`, `10 min`, `2 h 5 min`."""
    seconds = round(span.total_seconds())
    if seconds < 90:
        return f"{seconds} s"
    hours, rest = divmod(seconds // 60, 60)
    return " ".join(filter(None, (f"{hours} h" if hours else "", f"{rest} min" if rest else "")))
