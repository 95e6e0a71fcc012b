"""A report: what an integration, a heartbeat or monitord itself says about one thing under one key.

Theory of operation. A report raises a signal or clears it. The same thing reported once more is a *repeat*:
it is counted, what was found is renewed, and nobody is paged again, unless it has become more pressing. A
clear for what is not raised is normal traffic (the sender was started anew, or says it twice): it is recorded
and wakes nobody. A report whose `ends` is over by now says that the thing is over.
"""

from dataclasses import dataclass, replace

from monitord.core.check import Instant
from monitord.core.organization import Priority
from monitord.core.signal import Signal, SignalCleared, SignalMoved, SignalRaised, SignalWorsened, signal_key

SYSTEM = "monitord"  # the source and the service of what is wrong with monitord itself
NOT_RAISED = "it is over, but it was not raised"


@dataclass(frozen=True, slots=True)
class Integration:
    """Who else may report: an inbound that is configured; the core asks it for its names only."""

    id: str
    kind: str = ""
    name: str = ""
    service: str = ""
    priority: Priority = Priority.HIGH
    options: object = None


@dataclass(frozen=True, slots=True)
class Report:
    """A fact: `source` (`in/<integration>`, `heartbeat/<id>`, `monitord`) says that `name` is raised or over.

    `times` is how many equal ones this stands for, `event` the id of what came in, in the inbox. Signals of
    one source and one `group` share a ticket. What is said `once` is said when it happens; nobody will say
    that it is over.
    """

    source: str
    name: str
    raised: bool
    service: str
    priority: Priority
    title: str
    summary: str = ""
    since: Instant | None = None
    ends: Instant | None = None
    details: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    group: str = ""
    event: str = ""
    times: int = 1
    once: bool = False
    severity: int | None = None

    @property
    def key(self) -> str:
        return signal_key(self.source, self.name)


@dataclass(frozen=True, slots=True)
class ReportIgnored:
    """The report changed nothing, and why."""

    source: str
    name: str
    event: str
    why: str


ReportEvent = SignalRaised | SignalCleared | SignalWorsened | SignalMoved | ReportIgnored


def inbound_source(integration: str) -> str:
    """The source under which an integration speaks."""
    return f"in/{integration}"


def heartbeat_source(heartbeat: str) -> str:
    """The source under which a heartbeat speaks."""
    return f"heartbeat/{heartbeat}"


def system(name: str, raised: bool, title: str, summary: str = "") -> Report:
    """What monitord says about itself: urgent, unless somebody knows better."""
    return Report(SYSTEM, name, raised, SYSTEM, Priority.URGENT, title, summary)


def heard(
    report: Report, before: Signal | None, now: Instant
) -> tuple[Signal | None, tuple[ReportEvent, ...]]:
    """The signal after the report (None: as it was), and what has happened; `before` is the raised one."""
    over = not report.raised or (report.ends is not None and report.ends <= now)
    if before is None:
        return never_raised(report) if over else begun(report, now)
    return ended(report, before, now) if over else repeated(report, before, now)


def never_raised(report: Report) -> tuple[None, tuple[ReportEvent, ...]]:
    return None, (ReportIgnored(report.source, report.name, report.event, NOT_RAISED),)


def begun(report: Report, now: Instant) -> tuple[Signal, tuple[ReportEvent, ...]]:
    """Dated back to when it began, as far as its source knows."""
    signal = Signal(
        source=report.source,
        name=report.name,
        service=report.service,
        raised=True,
        since=min(report.since or now, now),
        at=now,
        summary=report.summary,
        priority=report.priority,
        title=report.title,
        details=report.details,
        links=report.links,
        ends=report.ends,
        count=report.times,
        last=now,
        group=report.group,
        event=report.event,
        once=report.once,
        severity=report.severity,
    )
    return signal, (SignalRaised(signal),)


def repeated(report: Report, before: Signal, now: Instant) -> tuple[Signal, tuple[ReportEvent, ...]]:
    """Counted, and told only if it is more pressing now, or another team's. Until it is over it stays as
    pressing as it has been.
    """
    worse = before.priority is not None and report.priority.outranks(before.priority)
    signal = replace(
        before,
        service=report.service,
        title=report.title or before.title,
        summary=report.summary or before.summary,
        priority=report.priority if worse else before.priority,
        details=report.details or before.details,
        links=report.links or before.links,
        ends=report.ends,
        ends_said=None,
        count=before.count + report.times,
        last=now,
        event=report.event or before.event,
        once=report.once,
    )
    events: list[ReportEvent] = []
    if report.service != before.service:
        events.append(SignalMoved(signal, before.service))
    if worse and before.priority is not None:
        events.append(SignalWorsened(signal, before.priority))
    return signal, tuple(events)


def ended(report: Report, before: Signal, now: Instant) -> tuple[Signal, tuple[ReportEvent, ...]]:
    signal = replace(
        before,
        raised=False,
        since=now,
        at=now,
        last=now,
        summary=report.summary or before.summary,
        count=before.count + report.times,
        event=report.event or before.event,
        once=report.once,
    )
    return signal, (SignalCleared(signal),)
