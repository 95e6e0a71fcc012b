"""What a transcript says of what has happened: a line an event, a line a message that left.

Theory of operation. These are not the sentences of timeline.py: a timeline is of one ticket, for the question
why nobody was called, with who, by which way and the second; a transcript is of all tickets, for somebody who
signs that it is right, with what changes for people, on their wall. What is the same is said once.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from monitord.core import (
    amendment,
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
    severity,
    signal,
    silence,
    statuspage,
    subscription,
    swap,
    ticket,
    timeline,
    verdict,
    webhook,
    workhours,
)
from monitord.core import delivery as deliveries
from monitord.core.check import Instant
from monitord.core.delivery import Delivery, Purpose
from monitord.core.verdict import Action
from monitord.core.wording import names

Wall = Callable[[Instant], datetime]  # what the clock on the wall shows then

# Sentences with a time in them.
TIMED: dict[type[Any], Callable[[Any, Wall], str]] = {
    workhours.HoursAwaited: lambda e, wall: (
        f"ticket {e.ticket} waits for working hours: {wall(e.until):%a %H:%M}"
    ),
    silence.SilenceAdded: lambda e, wall: f"silence {e.silence.id} until {wall(e.silence.end):%H:%M}",
    ticket.TicketSnoozed: lambda e, wall: (
        f"ticket {e.ticket} sleeps until {wall(e.until):%H:%M}, {e.holder} has it"
    ),
    deliveries.DeliveryPutOff: lambda e, wall: (
        f"{e.channel} to {e.person} {e.why}, again at {wall(e.again):%H:%M:%S}"
    ),
    amendment.OverrideAdded: lambda e, wall: (
        f"override {e.amendment.id}: {amendment.said(e.amendment.override)} "
        f"from {wall(e.amendment.override.start):%H:%M} to {wall(e.amendment.override.end):%H:%M}"
    ),
    leave.LeaveAdded: lambda e, wall: (
        f"leave {e.leave.id}: {e.leave.person} is away "
        f"from {wall(e.leave.start):%a %H:%M} to {wall(e.leave.end):%a %H:%M}"
        + (f", {e.leave.cover} covers" if e.leave.cover else "")
    ),
    webhook.WebhookDisabled: lambda e, wall: (
        f"webhook {e.webhook} is disabled until {wall(e.until):%d %b, %H:%M}"
    ),
}
LINES: dict[type[Any], Callable[[Any], str]] = {
    report.ReportIgnored: lambda e: f"ignored: {e.name}: {e.why}",
    signal.SignalMoved: lambda e: f"{e.signal.key} is {e.signal.service}'s now, no longer {e.before}'s",
    ticket.SignalJoined: lambda e: f"{e.signal} joins ticket {e.ticket}",
    heartbeat.HeartbeatLate: lambda e: f"{e.heartbeat} is late",
    heartbeat.HeartbeatWentDown: timeline.sentence,
    heartbeat.HeartbeatCameUp: timeline.sentence,
    silence.SilenceBegan: lambda e: f"silence {e.silence.id} begins",
    silence.SilenceEnded: lambda e: f"silence {e.silence.id} is over",
    silence.SilenceRefused: lambda e: f"silence refused: {e.why}",
    amendment.OverrideRemoved: lambda e: f"override {e.amendment.id} is over",
    amendment.OverrideRefused: lambda e: f"override refused: {e.why}",
    leave.LeaveRemoved: lambda e: f"leave {e.leave.id} is over",
    leave.LeaveRefused: lambda e: f"leave refused: {e.why}",
    swap.SwapAsked: lambda e: f"swap {e.swap.id}: {e.swap.giver} asks {e.swap.taker}",
    swap.SwapAccepted: lambda e: f"swap {e.swap.id} accepted",
    swap.SwapDeclined: lambda e: f"swap {e.swap.id} declined",
    swap.SwapLapsed: lambda e: f"swap {e.swap.id} lapsed",
    swap.SwapRefused: lambda e: f"swap refused: {e.why}",
    health.ProbeWentDown: lambda e: f"{e.probe} is down",
    health.ProbeCameUp: lambda e: f"{e.probe} is up",
    health.ProbeWentBlind: lambda e: f"nobody can tell how {e.probe} is",
    health.ProbeSawAgain: lambda e: f"{e.probe} can be judged again",
    verdict.Judged: lambda e: judged(e.verdict),
    ticket.TicketOpened: lambda e: f"ticket {e.ticket} open {e.priority.value}",
    ticket.TicketReopened: lambda e: f"ticket {e.ticket} reopened",
    ticket.TicketAcknowledged: lambda e: f"ticket {e.ticket} acknowledged",
    quorum.AcknowledgementCounted: lambda e: f"{e.by} has ticket {e.ticket}; {e.have} of {e.needed} needed",
    ticket.AcknowledgementRenewed: lambda e: f"{e.by} is still on ticket {e.ticket}",
    ticket.TicketTakenOver: lambda e: f"{e.by} takes ticket {e.ticket} over from {e.before}",
    ticket.PersonDeclined: lambda e: f"{e.by} declines ticket {e.ticket}",
    ticket.TicketHandedOver: lambda e: f"ticket {e.ticket} handed over to {e.to}",
    ticket.TicketEscalated: lambda e: f"{e.by} sends ticket {e.ticket} to the next tier",
    ticket.TicketResolved: lambda e: f"ticket {e.ticket} resolved: {e.resolution.value}",
    ticket.TicketCommented: lambda e: f"{e.by} comments on ticket {e.ticket}",
    ticket.CommandIgnored: lambda e: f"{e.command} by {e.by} changes nothing on ticket {e.ticket}: {e.why}",
    ticket.TicketWoken: lambda e: f"{e.by} wakes ticket {e.ticket}",
    ticket.PriorityRaised: lambda e: (
        f"ticket {e.ticket} is {e.priority.value} now, no longer {e.before.value}"
    ),
    ticket.PriorityLowered: lambda e: f"ticket {e.ticket} is only {e.priority.value} now",
    ticket.UrgencyStressed: lambda e: f"{e.by} says that ticket {e.ticket} is urgent",
    severity.SeveritySet: lambda e: f"ticket {e.ticket} is severity {e.severity} now",
    severity.CatastropheDeclared: lambda e: f"ticket {e.ticket} is a catastrophe ({e.by})",
    severity.CatastropheCalledOff: lambda e: (
        f"ticket {e.ticket} is no catastrophe any more: {e.priority.value}"
    ),
    ticket.TeamMobilised: lambda e: f"urgent by hand ({e.by}): {', '.join(e.people)} called at once",
    severity.TargetMissed: lambda e: f"target of severity {e.severity} missed",
    ticket.PeopleCalled: lambda e: f"{e.by} wants {', '.join(e.people)} for ticket {e.ticket}",
    ticket.PersonJoined: lambda e: f"{e.by} comes; {e.holder} has ticket {e.ticket}",
    ticket.PageRefused: lambda e: f"no ticket for {', '.join(e.whom)}: {e.why}",
    escalation.RoundStarted: lambda e: f"round {e.round}: {e.reason.value}" if e.round > 1 else "",
    escalation.TierSkipped: lambda e: f"tier {e.tier} skipped: nobody there",
    escalation.LastResortJoined: lambda e: f"last resort: {', '.join(e.people)}",
    escalation.NobodyToPage: lambda e: "NOBODY to page",
    escalation.SnoozeEnded: lambda e: f"the snooze of {e.holder} is over",
    escalation.HolderLeft: lambda e: f"{e.holder} had ticket {e.ticket}, and is gone",
    escalation.AcknowledgementLapsed: lambda e: f"the acknowledgement of {e.holder} lapsed",
    paging.NobodyReached: lambda e: f"nobody reached in step {e.step}",
    handoff.HandoffHappened: lambda e: (
        f"handoff in {e.rotation}: {names(e.people)} on call, no longer {names(e.before)}"
    ),
    handoff.ShiftAtRisk: lambda e: f"{e.person} comes on call in {e.rotation} soon, and {e.why}",
    gap.GapAhead: lambda e: f"nobody will be on call in {e.rotation}: {names(e.away)} away",
    paging.PersonUnreachable: lambda e: f"{e.person} cannot be paged: {e.why}",
    quiet.PageWaits: timeline.waits,
    paging.NextMethodBroughtForward: lambda e: f"{e.channel} to {e.person} brought forward",
    deliveries.DeliveryFailed: lambda e: f"{e.channel}{whom(e)} failed: {e.why}",
    deliveries.DeliveryWithdrawn: lambda e: f"{e.channel}{whom(e)} withdrawn: {e.why}",
    statuspage.PostPublished: lambda e: f"post ({e.post.phase.value}): {e.post.heading}: {e.post.body}",
    statuspage.PostRefused: lambda e: f"post refused: {e.why}",
    subscription.SubscriptionConfirmed: lambda e: "a subscriber confirmed",
    subscription.SubscriptionEnded: lambda e: f"a subscriber left: {e.why}",
}


def whom(event: Any) -> str:
    """A webhook is nobody."""
    if event.channel.startswith(f"{webhook.CHANNEL}/"):
        return ""
    return f" to {event.person or 'a subscriber'}"


def judged(found: verdict.Verdict) -> str:
    because = f" ({found.because})" if found.action is Action.HOLD and found.because else ""
    return f"{found.action.value}: {found.reason.value}{because}"


def heard(events: Iterable[Any], wall: Wall) -> list[str]:
    """What the transcript says of the events that it knows; the others show in what is delivered."""
    return list(filter(None, (sentence(event, wall) for event in events)))


def sentence(event: Any, wall: Wall) -> str:
    if type(event) in TIMED:
        return TIMED[type(event)](event, wall)
    return LINES[type(event)](event) if type(event) in LINES else ""


def told(sent: list[Delivery]) -> list[str]:
    """What left: a line a page, one line for everybody who hears the same news."""
    lines: list[str] = []
    news: dict[str, list[str]] = {}
    for delivery in sent:
        if delivery.purpose is Purpose.NEWS:
            news.setdefault(delivery.text.subject, []).append(delivery.address)
    for delivery in sent:
        by = "" if delivery.channel == "email" else f" by {delivery.channel}"
        if delivery.purpose is Purpose.PAGE:
            lines.append(f"to {delivery.address}{by}: ticket {delivery.ticket}")
        elif delivery.notice is not None:
            lines.append(f"webhook {delivery.address}: {delivery.notice.event}")
        elif delivery.purpose is not Purpose.NEWS:
            lines.append(f"to {delivery.address}{by}: {delivery.text.subject}")
    return lines + [f"news to {', '.join(people)}: {words}" for words, people in news.items()]
