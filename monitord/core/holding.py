"""Holding: what an answer does to an escalation, and what a deadline does that comes without one.

Theory of operation. An acknowledgement stops the steps and starts a clock: before it runs out the holder is
asked "still on it?"; then a new round begins with the holder and tier 1. So there is always exactly one
deadline, and it says what it is for. The deadline remembers its span: a clock that jumps back cannot stretch
it. A snooze is an acknowledgement until an instant: nobody is asked before, and at its end the round begins.
"""

from dataclasses import replace
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.climbing import REVIEW_EVERY, Reach, begin, climb, go_up, still_asked
from monitord.core.escalation import (
    AcknowledgementLapsed,
    Escalation,
    HolderAsked,
    PageRequested,
    RoundReason,
    SnoozeEnded,
    Step,
)
from monitord.core.policy import DeadlineKind, Policy, after, asked_for, asks_after
from monitord.core.quorum import People
from monitord.core.workhours import Holidays, opens


def advance(escalation: Escalation, now: Instant, reach: Reach) -> Step:
    """The deadline has come: widen, repeat, ask the holder, let the acknowledgement lapse, or wake."""
    if escalation.deadline.kind is DeadlineKind.ASK:
        return ask(escalation, now)
    if escalation.deadline.kind is DeadlineKind.LAPSE:
        return lapse(escalation, now, reach)
    if escalation.deadline.kind is DeadlineKind.SNOOZE:
        return wake(escalation, now, reach)
    return climb(escalation, now, reach)


def hold(escalation: Escalation, by: PersonId, now: Instant) -> Escalation:
    """Somebody has it (or said so once more): the steps stop, the acknowledgement's clock starts."""
    return replace(
        comes(escalation, by),
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
    anew, events = ask_again(escalation, RoundReason.LAPSED, now, reach)
    return anew, (AcknowledgementLapsed(escalation.ticket, escalation.holder or ""), *events)


def snooze(escalation: Escalation, holder: PersonId, until: Instant, now: Instant) -> Escalation:
    """It sleeps until then; `holder` answers for that."""
    return replace(
        escalation,
        holder=holder,
        renewals=escalation.renewals + 1,
        deadline=after(DeadlineKind.SNOOZE, now, until - now),
    )


def wake(escalation: Escalation, now: Instant, reach: Reach) -> Step:
    """It has slept long enough: as if the acknowledgement had lapsed."""
    anew, events = ask_again(escalation, RoundReason.WOKEN, now, reach)
    return anew, (SnoozeEnded(escalation.ticket, escalation.holder or ""), *events)


def ask_again(escalation: Escalation, reason: RoundReason, now: Instant, reach: Reach) -> Step:
    """The next round, with the holder and tier 1."""
    holder, round = escalation.holder or "", escalation.round + 1
    first = reach.whom((holder,))
    have, cannot = answered(escalation, first)
    return begin(
        escalation.ticket,
        escalation.policy,
        round,
        reason,
        now,
        reach,
        first,
        declined=cannot,
        acknowledged=have,
    )


def answered(escalation: Escalation | None, anew: People) -> tuple[People, People]:
    """Who has it, and who cannot come: called no more in the next round either, if its policy remembers
    answers; those in `anew` are.
    """
    if escalation is None or not escalation.policy.remembers:
        return (), ()
    have = tuple(person for person in escalation.acknowledged if person not in anew)
    return have, tuple(person for person in escalation.declined if person not in anew)


def decline(escalation: Escalation, by: PersonId, now: Instant, reach: Reach) -> Step:
    """`by` cannot: not asked again in this round; if nobody is left to answer, the next step is taken at
    once.
    """
    return go_on(stays_away(escalation, by), now, reach)


def comes(escalation: Escalation, by: PersonId) -> Escalation:
    """`by` has answered: they have it, or help whoever has it."""
    return replace(
        escalation,
        acknowledged=tuple(dict.fromkeys((*escalation.acknowledged, by))),
        declined=tuple(person for person in escalation.declined if person != by),
    )


def stays_away(escalation: Escalation, by: PersonId) -> Escalation:
    """`by` has answered: they cannot."""
    return replace(
        escalation,
        declined=tuple(dict.fromkeys((*escalation.declined, by))),
        acknowledged=tuple(person for person in escalation.acknowledged if person != by),
    )


def count(escalation: Escalation, by: PersonId, now: Instant, reach: Reach) -> Step:
    """`by` has it, but more are needed: not paged any more, while the others are."""
    return go_on(comes(escalation, by), now, reach)


def go_on(escalation: Escalation, now: Instant, reach: Reach) -> Step:
    """With those who have not answered; if there is nobody, by the next step at once."""
    if still_asked(escalation.circle, escalation):
        return escalation, ()
    return climb(escalation, now, reach)


def send_up(escalation: Escalation, now: Instant, reach: Reach) -> Step:
    """By a person, to the next tier, whatever the hour; who has had it is not asked again in this round."""
    answered = (*escalation.declined, *escalation.acknowledged)
    given_up = replace(
        escalation,
        holder=None,
        holder_known=False,
        alone=False,
        acknowledged=(),
        quorums=(),
        declined=tuple(dict.fromkeys(answered)),
    )
    return go_up(given_up, now, reach)


def join(escalation: Escalation, people: tuple[PersonId, ...], by: PersonId, text: str) -> Step:
    """Somebody wants these people, too: they are in the circle from now on, and paged at once, even those
    who have answered; for the others nothing changes.
    """
    step = escalation.step + 1
    wider = replace(
        escalation,
        step=step,
        circle=tuple(dict.fromkeys((*escalation.circle, *people))),
        declined=tuple(person for person in escalation.declined if person not in people),
        acknowledged=tuple(person for person in escalation.acknowledged if person not in people),
        heard=step if escalation.heard == escalation.step else escalation.heard,
    )
    return wider, tuple(
        PageRequested(escalation.ticket, escalation.round, step, person, by, text) for person in people
    )


def hurry(escalation: Escalation, now: Instant) -> Escalation:
    """Nobody of the circle could be reached: the next tier is due now. The last one keeps its pace."""
    climbs = escalation.holder is None and escalation.deadline.kind is DeadlineKind.TIER
    on_the_way = climbs and escalation.tier + 1 < len(escalation.policy.tiers)
    return replace(escalation, deadline=replace(escalation.deadline, at=now)) if on_the_way else escalation


def relaxed(escalation: Escalation, policy: Policy, now: Instant) -> Escalation:
    """It matters less: the same round goes on by another policy, without a page now; who has it, has it."""
    top = len(policy.tiers) - 1
    calmer = replace(escalation, policy=policy, tier=min(escalation.tier, top))
    if escalation.holder is not None:
        return calmer
    if top < 0:
        return replace(calmer, deadline=after(DeadlineKind.REVIEW, now, REVIEW_EVERY))
    lasts = policy.tiers[max(calmer.tier, 0)].lasts
    return replace(calmer, deadline=after(DeadlineKind.TIER, now, lasts))


def shifted(escalation: Escalation, by: timedelta, now: Instant, holidays: Holidays) -> Escalation:
    """After the clock was set: the time that is left stays what it was, and never more than the span; but
    working hours begin by the clock.
    """
    if escalation.deadline.kind is DeadlineKind.HOURS:
        opening = opens(escalation.policy.only, now, holidays) or now
        return replace(escalation, deadline=after(DeadlineKind.HOURS, now, opening - now))
    at = min(escalation.deadline.at + by, now + escalation.deadline.span)
    return replace(escalation, deadline=replace(escalation.deadline, at=at))
