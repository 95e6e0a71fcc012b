"""Holding: what an answer does to an escalation, and what a deadline does that comes without one.

Theory of operation. An acknowledgement stops the steps and starts a clock: before it runs out the holder is
asked "still on it?"; then a new round begins with the holder and tier 1. So there is always exactly one
deadline, and it says what it is for. The deadline remembers its span: a clock that jumps back cannot stretch
it.
"""

from dataclasses import replace
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.escalation import (
    AcknowledgementLapsed,
    Escalation,
    HolderAsked,
    Reach,
    RoundReason,
    Step,
    begin,
    climb,
    still_asked,
)
from monitord.core.policy import DeadlineKind, after, asked_for, asks_after


def advance(escalation: Escalation, now: Instant, reach: Reach) -> Step:
    """The deadline has come: widen, repeat, ask the holder, or let the acknowledgement lapse."""
    if escalation.deadline.kind is DeadlineKind.ASK:
        return ask(escalation, now)
    if escalation.deadline.kind is DeadlineKind.LAPSE:
        return lapse(escalation, now, reach)
    return climb(escalation, now, reach)


def hold(escalation: Escalation, by: PersonId, now: Instant) -> Escalation:
    """Somebody has it (or said so once more): the steps stop, the acknowledgement's clock starts."""
    return replace(
        escalation,
        holder=by,
        renewals=escalation.renewals + 1,
        deadline=after(DeadlineKind.ASK, now, asks_after(escalation.policy)),
    )


def ask(escalation: Escalation, now: Instant) -> Step:
    """Ask the holder, and give the last part of the acknowledgement's time to answer."""
    deadline = after(DeadlineKind.LAPSE, now, asked_for(escalation.policy))
    asked = replace(escalation, deadline=deadline)
    person = escalation.holder or ""
    return asked, (
        HolderAsked(escalation.ticket, escalation.round, escalation.renewals, person, deadline.at),
    )


def lapse(escalation: Escalation, now: Instant, reach: Reach) -> Step:
    """No answer: a new round, beginning with the holder and whoever is on call in tier 1 now."""
    holder = escalation.holder or ""
    anew, events = begin(
        escalation.ticket,
        escalation.policy,
        escalation.round + 1,
        RoundReason.LAPSED,
        now,
        reach,
        first=reach.whom((holder,)),
    )
    return anew, (AcknowledgementLapsed(escalation.ticket, holder), *events)


def decline(escalation: Escalation, by: PersonId, now: Instant, reach: Reach) -> Step:
    """`by` cannot: not asked again in this round; if nobody is left to answer, the next step is taken at
    once.
    """
    without = replace(escalation, declined=(*escalation.declined, by))
    if still_asked(without.circle, without):
        return without, ()
    return climb(without, now, reach)


def shifted(escalation: Escalation, by: timedelta, now: Instant) -> Escalation:
    """After the clock was set: the time that is left stays what it was, and never more than the span."""
    at = min(escalation.deadline.at + by, now + escalation.deadline.span)
    return replace(escalation, deadline=replace(escalation.deadline, at=at))
