"""What is right about reports, heartbeats and silences, said a second time: by what was said last."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitord.core.check import ClockSet
from monitord.core.command import Reopen, Resolve
from monitord.core.course import priority_of
from monitord.core.escalation import RoundReason, RoundStarted
from monitord.core.facts import ConfigurationAccepted, Fact
from monitord.core.flow import Decision
from monitord.core.heartbeat import Deaf, Every, Pinged, PingKind, Pulse, PulseState
from monitord.core.report import Report
from monitord.core.signal import Signal, SignalWorsened
from monitord.core.silence import Silence
from monitord.core.ticket import (
    PriorityRaised,
    Ticket,
    TicketMoved,
    TicketOpened,
    TicketReopened,
    TicketResolved,
)
from monitord.core.verdict import Action, Judged, Reason, Verdict
from monitord.core.world import World


@dataclass
class Beat:
    """When one heartbeat was last heard of, which runs are open, and how long we were deaf since."""

    last: datetime | None = None
    well: bool = True
    runs: dict[str, datetime] = field(default_factory=dict)
    deaf: timedelta = timedelta(0)


@dataclass
class Reports:
    """The second opinion."""

    beats: dict[str, Beat] = field(default_factory=dict)
    resolved: set[str] = field(default_factory=set)  # by hand, and not said again since by who says it once

    def look(self, world: World, now: datetime, fact: Fact, decision: Decision) -> None:
        match fact:
            case Resolve():
                self.resolve(world, fact, decision)
            case Reopen():
                found = world.get(Ticket, fact.ticket)
                self.resolved -= set(found.signals if found is not None else ())
            case Report():
                self.resolved.discard(fact.key)
                self.look_at_report(world, now, fact, decision)
            case Pinged():
                self.hear(fact, now)
            case Deaf():
                self.be_deaf(world, fact.until - fact.since)
            case ClockSet():
                self.shift(fact.by)
            case ConfigurationAccepted():
                for name in self.beats.keys() - world.configuration.heartbeats.keys():
                    del self.beats[name]
        self.look_at_silences(world, now, decision)
        self.look_at_resolved(decision)

    def resolve(self, world: World, command: Resolve, decision: Decision) -> None:
        ticket = world.get(Ticket, command.ticket)
        if ticket is not None and any(isinstance(event, TicketResolved) for event in decision.events):
            signals = (world.get(Signal, key) for key in ticket.signals)
            self.resolved.update(signal.key for signal in signals if signal is not None and signal.once)

    def look_at_resolved(self, decision: Decision) -> None:
        """What is said once, and was resolved by a person, wakes nobody until it is said again."""
        for event in decision.events:
            if isinstance(event, Judged) and event.verdict.action is Action.RAISE:
                assert event.signal.key not in self.resolved, f"{event.signal.key} was not said again"

    def look_at_report(self, world: World, now: datetime, report: Report, decision: Decision) -> None:
        """The signal is as was said last; a repeat and a lone clear page nobody, unless its ticket moves."""
        over = not report.raised or (report.ends is not None and report.ends <= now)
        assert (world.get(Signal, report.key) is None) == over, f"{report.key} is not as it was reported"
        rounds = [event for event in decision.events if isinstance(event, RoundStarted)]
        begins = [event for event in rounds if event.reason is not RoundReason.OTHER_POLICY]
        moved = any(isinstance(event, TicketMoved) for event in decision.events)
        assert moved or begins == rounds, f"{report.key} begins a round, and is where it was"
        because = (TicketOpened, TicketReopened, PriorityRaised)
        told = [event for event in decision.events if isinstance(event, because)]
        assert len(begins) == len(told) and not (over and begins), f"{report.key} pages without a reason"
        for ticket in world.find("tickets by signal", report.key):
            assert ticket.service == report.service, f"ticket {ticket.number} is still {ticket.service}'s"
        self.look_at_priority(world, decision)
        for begun in begins:
            reasons = (RoundReason.OPENED, RoundReason.REOPENED, RoundReason.RAISED)
            assert begun.reason in reasons, begun

    def look_at_priority(self, world: World, decision: Decision) -> None:
        """What is more pressing than it was makes its ticket so."""
        for event in decision.events:
            if isinstance(event, SignalWorsened):
                verdict = world.get(Verdict, event.signal.key)
                for ticket in world.find("tickets by signal", event.signal.key):
                    acted = verdict is not None and verdict.action is Action.RAISE
                    calmer = priority_of(event.signal).outranks(ticket.priority)
                    assert not (acted and calmer), f"ticket {ticket.number} is still {ticket.priority.value}"

    def look_at_silences(self, world: World, now: datetime, decision: Decision) -> None:
        """Whatever is acted upon anew is about nothing that is silent; what is silenced is."""
        for event in decision.events:
            if not isinstance(event, Judged) or not event.signal.raised:
                continue
            quiet = [
                silence
                for silence in world.all(Silence)
                if silence.running(now) and silence.covers(event.signal, world.configuration.fits)
            ]
            if event.verdict.action is Action.RAISE:
                assert not quiet, f"{event.signal.key} pages in spite of {quiet[0].id}"
            if event.verdict.reason is Reason.SILENCED:
                assert quiet and event.verdict.until == max(silence.end for silence in quiet)

    def hear(self, ping: Pinged, now: datetime) -> None:
        beat = self.beats.setdefault(ping.heartbeat, Beat())
        if ping.what is PingKind.START:
            beat.runs[ping.run] = now
        elif ping.what is not PingKind.LOG:
            failed = ping.what is PingKind.FAIL or (ping.what is PingKind.EXIT and ping.exit_code != 0)
            beat.last, beat.well, beat.deaf = now, not failed, timedelta(0)
            if ping.run and (ping.run in beat.runs or not failed):
                beat.runs.pop(ping.run, None)
            else:
                beat.runs.clear()

    def be_deaf(self, world: World, span: timedelta) -> None:
        for name, beat in self.beats.items():
            pulse = world.get(Pulse, name)
            if pulse is not None and pulse.state is not PulseState.DOWN and (beat.last or beat.runs):
                beat.deaf += span

    def shift(self, by: timedelta) -> None:
        for beat in self.beats.values():
            beat.last = beat.last + by if beat.last else None
            beat.runs = {run: at + by for run, at in beat.runs.items()}

    def settled(self, world: World, now: datetime) -> None:
        """Nothing is overdue; a heartbeat is down exactly when it failed, is silent, or does not end."""
        for kind in (Signal, Pulse, Silence):
            for record in world.all(kind):
                due = getattr(record, "due", None)
                assert due is None or due > now, f"{record} is overdue"
        for name, beat in self.beats.items():
            heartbeat, pulse = world.configuration.heartbeats[name], world.get(Pulse, name)
            assert pulse is not None and isinstance(heartbeat.timetable, Every)
            period, grace = heartbeat.timetable.period, heartbeat.grace
            allowed = beat.deaf + period if beat.deaf else timedelta(0)
            silent = beat.last is not None and now >= beat.last + period + grace + allowed
            endless = [run for run, at in beat.runs.items() if now >= at + grace + allowed]
            down = pulse.state is PulseState.DOWN
            if not down:
                assert beat.well and not silent and not endless, f"{name} is not down at {now}"
            elif beat.well and not silent and not endless:
                raise AssertionError(f"{name} is down at {now}, but nothing is wrong")
            if down:  # what was said once is not said again before the next ping
                for run in endless:
                    del beat.runs[run]
                beat.well = False
