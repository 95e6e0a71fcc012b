"""The timeline: one sentence an event, for the question of Monday morning: why was nobody called?"""

from collections.abc import Callable
from typing import Any

from monitord.core import (
    almanac,
    amendment,
    contact,
    delivery,
    employment,
    escalation,
    gap,
    handoff,
    health,
    heartbeat,
    leave,
    paging,
    quiet,
    quorum,
    report,
    restored,
    severity,
    signal,
    silence,
    statuspage,
    subscription,
    swap,
    ticket,
    way_in,
    webhook,
    workhours,
)
from monitord.core.verdict import Action, Judged, Reason
from monitord.core.wallclock import on_wall
from monitord.core.wording import names, spell

REASONS: dict[Reason, str] = {
    Reason.DOWN: "it is down",
    Reason.UNKNOWN: "nobody can tell how it is",
    Reason.RECOVERED: "it recovered",
    Reason.REPORTED: "it was reported",
    Reason.REMOVED: "its source was removed",
    Reason.NOT_REFRESHED: "its source has not said it again",
    Reason.NOT_SAID_AGAIN: "resolved by hand, and its source has not said it again",
    Reason.MAINTENANCE: "maintenance",
    Reason.RESOLVED_BY_HAND: "resolved by hand",
    Reason.SILENCED: "silenced",
    Reason.DEPENDENCY_DOWN: "what it depends on is down",
    Reason.DEPENDENCY_SUSPECT: "what it depends on may have failed first",
    Reason.DEPENDENCY_RECOVERED: "what it depends on has just recovered",
}


def judged(event: Judged) -> str:
    """Why something was raised, or held and until when."""
    verdict = event.verdict
    because = f" ({verdict.because})" if verdict.because else ""
    if verdict.reason is Reason.RESOLVED_BY_HAND and event.signal.not_said_again:
        return f"{verdict.signal}: {REASONS[verdict.reason]}{because}, over unless it is said again"
    if verdict.action is Action.HOLD:
        until = f" until {verdict.until:%Y-%m-%d %H:%M:%S} UTC" if verdict.until else ""
        return f"{verdict.signal} held: {REASONS[verdict.reason]}{because}{until}"
    word = "acted upon" if verdict.action is Action.RAISE else "over"
    return f"{verdict.signal} {word}: {REASONS[verdict.reason]}{because}"


def snoozed(event: ticket.TicketSnoozed) -> str:
    """Until when, and what was so before."""
    before = f"; before that until {event.before:%Y-%m-%d %H:%M:%S} UTC" if event.before else ""
    held = f"; {event.holder} has it" if event.holder != event.by else ""
    return f"snoozed by {event.by} until {event.until:%Y-%m-%d %H:%M:%S} UTC ({event.via}){held}{before}"


def called(event: ticket.PeopleCalled) -> str:
    """Who wants whom, and what for."""
    again = f" ({names(event.again)} not for the first time)" if event.again else ""
    words = f": {event.text}" if event.text else ""
    return f"{event.by} pages {names(event.people)} ({event.via}){again}{words}"


def resolved(event: ticket.TicketResolved) -> str:
    """`resolved: it has recovered`, `resolved by hand (by bo): rebooted`."""
    how = event.resolution.value
    said = how if how.startswith("resolved") else f"resolved: {how}"
    return f"{said}{f' (by {event.by})' if event.by else ''}{f': {event.note}' if event.note else ''}"


def message(event: delivery.DeliveryPutOff | delivery.DeliveryFailed | delivery.DeliveryWithdrawn) -> str:
    """Which message; what has no person goes to a subscriber, or to another system."""
    whom = "another system" if event.channel.startswith(f"{webhook.CHANNEL}/") else "a subscriber"
    return f"message to {event.person or whom} by {event.channel}"


def priority_of(raised: signal.Signal) -> str:
    return raised.priority.value if raised.priority else "urgent"


def pinged(event: heartbeat.HeartbeatPinged) -> str:
    """What was heard, of which run, and what it brought along."""
    code = f" {event.exit_code}" if event.what is heartbeat.PingKind.EXIT else ""
    run = f" of run {event.run}" if event.run else ""
    took = f" after {spell(event.took)}" if event.took is not None else ""
    text = f": {' '.join(event.text.split())}" if event.text else ""
    return f"{event.heartbeat} said {event.what.value}{code}{run}{took}{text}"


def silenced(event: silence.SilenceAdded) -> str:
    quiet = event.silence
    what = ", ".join(str(matcher) for matcher in quiet.matchers)
    span = f"{quiet.start:%Y-%m-%d %H:%M} to {quiet.end:%Y-%m-%d %H:%M} UTC"
    return f"silence {quiet.id} by {quiet.by} ({event.via}) over {what}, {span}: {quiet.reason}"


def waits(event: quiet.PageWaits) -> str:
    """Until what time on their own wall, and whose quiet hours."""
    until = on_wall(event.until, event.zone)
    return f"{event.channel} to {event.person} waits until {until:%H:%M %Z}, {event.person}'s quiet hours"


def staff(event: employment.StaffEvent) -> str:
    """Who it is, in the tree and in the directory."""
    said = event.employment.said
    return f"{event.person} ({said.name})" if event.person not in ("", said.name) else said.name


def failing(event: almanac.CalendarFailing) -> str:
    """Why, and what is in force meanwhile."""
    stays = "nobody knows it yet"
    if event.read is not None:
        stays = f"what it said at {event.read:%Y-%m-%d %H:%M} UTC stays in force"
    return f"the calendar at {event.host} about {names(event.people)} cannot be read: {event.why}; {stays}"


SENTENCES: dict[type[Any], Callable[[Any], str]] = {
    ticket.TicketOpened: lambda e: (
        f"opened, {e.priority.value}: {e.reason}" + (f" (by {e.by})" if e.by else "")
    ),
    ticket.TicketReopened: lambda e: f"reopened: {e.reason}",
    ticket.SignalJoined: lambda e: f"{e.signal} raised: {e.summary}",
    ticket.SignalLeft: lambda e: (
        f"{e.signal} belongs to service {e.service} now" if e.service else f"{e.signal} cleared: {e.summary}"
    ),
    ticket.TicketMoved: lambda e: f"belongs to service {e.service} now, no longer to {e.before}",
    ticket.TicketAcknowledged: lambda e: f"acknowledged by {e.by} ({e.via})",
    quorum.AcknowledgementCounted: lambda e: f"{e.by} has it ({e.via}); {e.have} of {e.needed} needed",
    ticket.AcknowledgementRenewed: lambda e: f"{e.by} is still on it ({e.via})",
    ticket.TicketTakenOver: lambda e: f"taken over by {e.by} from {e.before or 'nobody'} ({e.via})",
    ticket.PersonDeclined: lambda e: f"declined by {e.by} ({e.via})",
    ticket.TicketHandedOver: lambda e: (
        f"handed over by {e.by} to {e.to} ({e.via})"
        + (f"; {e.before} had it or was being asked" if e.before not in (None, e.by) else "")
    ),
    ticket.TicketEscalated: lambda e: (
        f"sent to the next tier by {e.by} ({e.via})"
        + (f"; {e.holder} had it" if e.holder not in (None, e.by) else "")
    ),
    ticket.TicketSnoozed: snoozed,
    ticket.TicketWoken: lambda e: f"woken by {e.by}, who is on it ({e.via})",
    ticket.PriorityRaised: lambda e: (
        f"priority raised from {e.before.value} to {e.priority.value}: {e.reason}"
    ),
    ticket.PriorityLowered: lambda e: (
        f"priority lowered from {e.before.value} to {e.priority.value} by {e.by}; nobody is paged for that"
    ),
    ticket.UrgencyStressed: lambda e: f"{e.by} says that it is urgent, as it is ({e.via})",
    severity.SeveritySet: lambda e: (
        f"severity set to {e.severity} by {e.by} ({e.via})"
        + (f", no longer {e.before}" if e.before is not None else "")
    ),
    severity.CatastropheDeclared: lambda e: (
        f"a CATASTROPHE, by {e.by} ({e.via}): everybody is called"
        + (f"; {e.holder} had it" if e.holder else "")
        + (f": {e.text}" if e.text else "")
    ),
    severity.CatastropheCalledOff: lambda e: (
        f"no catastrophe any more, by {e.by} ({e.via}): severity {e.severity}, {e.priority.value}"
    ),
    ticket.TeamMobilised: lambda e: f"urgent by hand ({e.by}): {names(e.people)} called at once",
    severity.TargetMissed: lambda e: (
        f"TARGET MISSED: severity {e.severity}, nobody had acknowledged by {e.target:%Y-%m-%d %H:%M:%S} UTC"
    ),
    ticket.PeopleCalled: called,
    ticket.PersonJoined: lambda e: f"{e.by} comes, as asked ({e.via}); {e.holder} has it",
    ticket.PageRefused: lambda e: f"{e.by} wanted to page {names(e.whom)}: {e.why}",
    ticket.TicketResolved: resolved,
    ticket.TicketCommented: lambda e: f"{e.by}: {e.text}",
    ticket.CommandIgnored: lambda e: (
        f"{e.command} by {e.by} changed nothing: {e.why or f'the ticket is {e.state}'}"
    ),
    escalation.RoundStarted: lambda e: f"round {e.round} began: {e.reason.value}",
    escalation.TierReached: lambda e: (
        f"tier {e.tier} reached: {names(e.people or ('nobody new',))}"
        if e.tier
        else f"asked first: {names(e.people)}"
    ),
    escalation.TierRepeated: lambda e: f"tier {e.tier} told again (repeat {e.repeat})",
    escalation.TierSkipped: lambda e: (
        f"tier {e.tier} skipped: "
        + (f"nobody is on call in {', '.join(e.page)}" if e.page else "it names nobody")
    ),
    escalation.LastResortJoined: lambda e: f"last resort joined: {names(e.people)}",
    escalation.NobodyToPage: lambda e: f"NOBODY to page: policy {e.policy} and the last resort are empty",
    escalation.PageRequested: lambda e: (
        f"page for {e.person} (step {e.step}" + (f", {e.by} asks for them)" if e.by else ")")
    ),
    escalation.HolderAsked: lambda e: f"{e.person} was asked: still on it?",
    escalation.AcknowledgementLapsed: lambda e: f"the acknowledgement of {e.holder} lapsed",
    escalation.SnoozeEnded: lambda e: f"the snooze is over; {e.holder} had it",
    escalation.HolderLeft: lambda e: f"{e.holder} had it, and is no longer in the configuration",
    workhours.HoursAwaited: lambda e: (
        f"its policy pages in working hours only; they begin at {e.until:%Y-%m-%d %H:%M:%S} UTC"
    ),
    escalation.NothingToClimb: lambda e: (
        "nobody is paged: its service has no policy for it; it is looked at again every 24 h"
    ),
    delivery.DeliveryHandedOver: lambda e: (
        f"{e.purpose.value} to {e.person or 'a subscriber'} by {e.channel} ({e.address}): handed over"
    ),
    delivery.DeliveryPutOff: lambda e: (
        f"{message(e)} did not leave: {e.why}; tried again at {e.again:%H:%M:%S} UTC"
    ),
    delivery.DeliveryFailed: lambda e: f"{message(e)} FAILED: {e.why}",
    delivery.DeliveryWithdrawn: lambda e: f"{message(e)} withdrawn: {e.why}",
    paging.PersonUnreachable: lambda e: f"{e.person} could not be paged: {e.why}",
    quiet.PageWaits: waits,
    contact.CodeSent: lambda e: f"a code is on its way to {e.person} by {e.channel} ({e.by}, {e.via})",
    contact.ContactVerified: lambda e: f"the {e.channel} address of {e.person} is verified ({e.by}, {e.via})",
    contact.ContactRefused: lambda e: f"an address of {e.person} is not verified ({e.by}): {e.why}",
    way_in.OwnerWarned: lambda e: f"{e.person} hears by mail of a way in: {e.way.value}",
    handoff.HandoffHappened: lambda e: (
        f"handoff in {e.rotation}: {names(e.people)} on call, before that {names(e.before)}"
    ),
    handoff.ContactsDoubted: lambda e: (
        "on call, and may not be reached: " + "; ".join(f"{person} {why}" for person, why in e.doubts)
    ),
    handoff.ShiftAtRisk: lambda e: (
        f"{e.person} comes on call in {e.rotation} at {e.at:%Y-%m-%d %H:%M:%S} UTC, and {e.why}"
    ),
    gap.GapAhead: lambda e: (
        f"nobody is on call in {e.rotation} from {e.start:%Y-%m-%d %H:%M} to "
        f"{'at least ' if e.goes_on else ''}{e.end:%Y-%m-%d %H:%M} UTC: {names(e.away)} away"
    ),
    paging.NobodyReached: lambda e: (
        f"nobody could be reached in step {e.step}; the next tier follows at once"
    ),
    paging.NextMethodBroughtForward: lambda e: f"next for {e.person}: {e.channel} now, because {e.why}",
    health.ProbeWentDown: lambda e: f"{e.probe} is down: {e.summary}",
    health.ProbeCameUp: lambda e: f"{e.probe} is up again: {e.summary}",
    health.ProbeWentBlind: lambda e: f"nobody can tell how {e.probe} is: {e.summary}",
    health.ProbeSawAgain: lambda e: f"{e.probe} can be judged again: {e.summary}",
    health.ProbeRenamed: lambda e: (
        f"the probe {e.before} is called {e.probe} now; what was known of it goes on"
    ),
    signal.SignalRaised: lambda e: f"signal {e.signal.key} raised: {e.signal.summary}",
    signal.SignalCleared: lambda e: f"signal {e.signal.key} cleared: {e.signal.summary}",
    signal.SignalMoved: lambda e: (
        f"{e.signal.key} belongs to service {e.signal.service} now, no longer to {e.before}"
    ),
    signal.SignalWorsened: lambda e: (
        f"{e.signal.key} is more pressing: {priority_of(e.signal)}, no longer {e.before.value}"
    ),
    report.ReportIgnored: lambda e: f"report of {e.name} by {e.source} changed nothing: {e.why}",
    heartbeat.HeartbeatPinged: pinged,
    heartbeat.HeartbeatLate: lambda e: f"{e.heartbeat} is late: expected at {e.expected:%H:%M:%S} UTC",
    heartbeat.HeartbeatWentDown: lambda e: f"{e.title}: {e.summary}",
    heartbeat.HeartbeatCameUp: lambda e: f"{e.title}: {e.summary}",
    silence.SilenceAdded: silenced,
    silence.SilenceBegan: lambda e: f"silence {e.silence.id} by {e.silence.by} began",
    silence.SilenceEnded: lambda e: (
        f"silence {e.silence.id} ended: " + (f"by {e.by} ({e.via})" if e.by else "its time is over")
    ),
    amendment.OverrideAdded: lambda e: (
        f"override {e.amendment.id} by {e.amendment.by} ({e.amendment.via}): "
        f"{amendment.told(e.amendment)}: {e.amendment.why}"
    ),
    amendment.OverrideRemoved: lambda e: (
        f"override {e.amendment.id} removed by {e.by} ({e.via}): {amendment.told(e.amendment)}"
    ),
    leave.LeaveAdded: lambda e: (
        f"leave {e.leave.id} by {e.leave.by} ({e.leave.via}): {leave.told(e.leave)}"
        + (f": {e.leave.why}" if e.leave.why else "")
    ),
    leave.LeaveRemoved: lambda e: f"leave {e.leave.id} removed by {e.by} ({e.via}): {leave.told(e.leave)}",
    leave.LeaveRefused: lambda e: f"leave by {e.by} refused: {e.why}",
    employment.Employed: lambda e: f"{staff(e)} works here, says the directory ({e.by}, {e.via})",
    employment.EmploymentChanged: lambda e: f"the directory says something else of {staff(e)} ({e.by})",
    employment.StaffLeft: lambda e: f"{staff(e)} HAS LEFT, says the directory ({e.by}, {e.via})",
    employment.StaffReturned: lambda e: f"{staff(e)} works here again, says the directory ({e.by}, {e.via})",
    employment.EmploymentRefused: lambda e: f"what the directory says was refused ({e.by}): {e.why}",
    almanac.CalendarChanged: lambda e: (
        f"the calendar at {e.host} about {names(e.people)} was read: "
        f"{e.entries} {'entry' if e.entries == 1 else 'entries'}"
    ),
    almanac.CalendarFailing: failing,
    almanac.CalendarWell: lambda e: f"the calendar at {e.host} about {names(e.people)} can be read again",
    swap.SwapAsked: lambda e: (
        f"swap {e.swap.id} asked for by {e.swap.by} ({e.swap.via}): {swap.told(e.swap)}: {e.swap.why}"
    ),
    swap.SwapAccepted: lambda e: f"swap {e.swap.id} accepted by {e.by} ({e.via})",
    swap.SwapDeclined: lambda e: (
        f"swap {e.swap.id} {'declined' if e.by == e.swap.taker else 'withdrawn'} by {e.by} ({e.via})"
    ),
    swap.SwapLapsed: lambda e: f"swap {e.swap.id} lapsed: {e.swap.taker} has not answered",
    swap.SwapRefused: lambda e: f"swap by {e.by} refused: {e.why}",
    amendment.OverrideRefused: lambda e: f"override by {e.by} refused: {e.why}",
    silence.SilenceRefused: lambda e: f"silence by {e.by} refused: {e.why}",
    Judged: judged,
    webhook.WebhookDisabled: lambda e: (
        f"the webhook {e.webhook} is disabled until {e.until:%Y-%m-%d %H:%M:%S} UTC: {e.why}"
    ),
    statuspage.PostPublished: lambda e: f"posted ({e.post.phase.value}): {e.post.heading}",
    statuspage.PostRefused: lambda e: f"post by {e.by} refused: {e.why}",
    statuspage.ComponentsChanged: lambda e: f"the public sees a change of {', '.join(e.components)}",
    restored.InstallationRestored: lambda e: f"restored from a backup: epoch {e.epoch} follows {e.before}",
    subscription.SubscriptionRequested: lambda e: f"subscriber {e.subscriber} was asked to confirm",
    subscription.SubscriptionConfirmed: lambda e: f"subscriber {e.subscriber} confirmed",
    subscription.SubscriptionEnded: lambda e: f"subscriber {e.subscriber} left: {e.why}",
    subscription.BroadcastStarted: lambda e: f"post {e.post} goes to the subscribers",
    subscription.BroadcastExpanded: lambda e: f"post {e.post}: {e.deliveries} more mails",
}


def sentence(event: Any) -> str:
    """The event in one sentence, without its time."""
    return SENTENCES[type(event)](event)


def ticket_of(event: Any) -> int | None:
    """The ticket on whose timeline the event belongs; None for what has none."""
    number: int | None = getattr(event, "ticket", None)
    return number


def by_of(event: Any) -> str | None:
    """Who did it, if a person did."""
    name: str | None = getattr(event, "by", None)
    return name


ABOUT: dict[type[Any], Callable[[Any], str]] = {
    **dict.fromkeys(
        (Judged, signal.SignalRaised, signal.SignalCleared, signal.SignalMoved, signal.SignalWorsened),
        lambda e: e.signal.key,
    ),
    report.ReportIgnored: lambda e: signal.signal_key(e.source, e.name),
    **dict.fromkeys(
        (silence.SilenceAdded, silence.SilenceBegan, silence.SilenceEnded),
        lambda e: f"silence/{e.silence.id}",
    ),
    **dict.fromkeys(
        (amendment.OverrideAdded, amendment.OverrideRemoved), lambda e: f"rotation/{e.amendment.rotation}"
    ),
    **dict.fromkeys(
        (swap.SwapAsked, swap.SwapAccepted, swap.SwapDeclined, swap.SwapLapsed),
        lambda e: f"rotation/{e.swap.rotation}",
    ),
    **dict.fromkeys((leave.LeaveAdded, leave.LeaveRemoved), lambda e: f"person/{e.leave.person}"),
    **dict.fromkeys(
        (almanac.CalendarChanged, almanac.CalendarFailing, almanac.CalendarWell),
        lambda e: f"calendar/{e.calendar}",
    ),
    **dict.fromkeys(
        (
            heartbeat.HeartbeatPinged,
            heartbeat.HeartbeatLate,
            heartbeat.HeartbeatWentDown,
            heartbeat.HeartbeatCameUp,
        ),
        lambda e: report.heartbeat_source(e.heartbeat),
    ),
    statuspage.PostPublished: lambda e: e.post.incident,
}
NAMED = ("probe", "incident", "subscriber", "delivery", "post", "webhook", "whose")


def about(event: Any) -> str:
    """What the event is about, for those without a ticket: a signal's key, a probe, an incident, a
    subscriber.
    """
    if type(event) in ABOUT:
        return ABOUT[type(event)](event)
    named = (getattr(event, name, None) for name in NAMED)
    return next((str(each) for each in named if each is not None), "")


EVENTS: tuple[type[Any], ...] = tuple(SENTENCES)
