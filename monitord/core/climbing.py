"""Climbing: an escalation goes up in rounds whose circle only widens.

Theory of operation. A *round* begins when a ticket opens, reopens, is handed over, or its acknowledgement
lapses. Each round goes up the policy's tiers, one *step* at a time; a step pages the whole circle: everybody
of every tier reached so far, found at that instant. A tier with nobody on call is skipped at once. The last
tier repeats without end; from its second repeat on `last_resort` is in the circle, and after three repeats
the pause doubles, up to one hour. A round may begin with a person alone (the last holder, whoever it is
handed to): tier 1 follows after its time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.escalation import (
    Escalation,
    EscalationEvent,
    LastResortJoined,
    NobodyToPage,
    NothingToClimb,
    PageRequested,
    RoundReason,
    RoundStarted,
    Step,
    TierReached,
    TierRepeated,
    TierSkipped,
)
from monitord.core.policy import DeadlineKind, Policy, Target, after, pause
from monitord.core.quorum import People, Quorum, quorums
from monitord.core.workhours import Holidays, HoursAwaited, opens

LAST_RESORT_FROM_REPEAT = 2
REVIEW_EVERY = timedelta(hours=24)

Whom = Callable[[tuple[Target, ...]], tuple[PersonId, ...]]


@dataclass(frozen=True, slots=True)
class Reach:
    """Who can be called now: `whom` answers for targets, `last_resort` is organisation-wide. It joins what is
    urgent; anything else only where there is nobody at all.
    """

    whom: Whom
    last_resort: tuple[PersonId, ...] = ()
    urgent: bool = True
    holidays: Holidays = field(default_factory=dict)


def begin(
    ticket: int,
    policy: Policy,
    round: int,
    reason: RoundReason,
    now: Instant,
    reach: Reach,
    first: tuple[PersonId, ...] = (),
    alone: bool = False,
    declined: tuple[PersonId, ...] = (),
    acknowledged: tuple[PersonId, ...] = (),
) -> Step:
    """Start a round and take its first step at once; `first` joins before tier 1, or `alone` for tier 1's
    time.
    """
    fresh = Escalation(
        ticket=ticket,
        policy=policy,
        round=round,
        reason=reason,
        deadline=after(DeadlineKind.TIER, now, timedelta(0)),
        first=first,
        alone=alone and bool(first),
        declined=declined,
        acknowledged=acknowledged,
    )
    started, events = climb(fresh, now, reach)
    return started, (RoundStarted(ticket, round, reason), *events)


def climb(escalation: Escalation, now: Instant, reach: Reach) -> Step:
    """Take the next step of the round; outside the policy's hours wait for them, but for whom somebody has
    named.
    """
    if not escalation.policy.tiers:
        return review(escalation, now)
    opening = opens(escalation.policy.only, now, reach.holidays)
    named = escalation.reason is RoundReason.HANDED_OVER and escalation.step == 0
    if opening is not None and not named:
        waiting = replace(escalation, deadline=after(DeadlineKind.HOURS, now, opening - now))
        return waiting, (HoursAwaited(escalation.ticket, opening),)
    return go_up(escalation, now, reach)


def go_up(escalation: Escalation, now: Instant, reach: Reach) -> Step:
    """The first person alone, the next tier with somebody in it, or a repeat; whatever the hour."""
    if escalation.step == 0 and escalation.alone:
        return step_to(escalation, -1, (), now, reach)

    tier, skipped = next_tier(escalation, reach)
    if tier is not None:
        return step_to(escalation, tier, skipped, now, reach)
    return repeat(escalation, skipped, now, reach)


def next_tier(escalation: Escalation, reach: Reach) -> tuple[int | None, tuple[EscalationEvent, ...]]:
    """The next tier that adds somebody who can be asked, and the empty ones that were passed over."""
    skipped: list[EscalationEvent] = []
    for tier in range(escalation.tier + 1, len(escalation.policy.tiers)):
        page = escalation.policy.tiers[tier].page
        if reach.whom(page):
            return tier, tuple(skipped)
        skipped.append(TierSkipped(escalation.ticket, tier + 1, page))
    return None, tuple(skipped)


def step_to(
    escalation: Escalation, tier: int, skipped: tuple[EscalationEvent, ...], now: Instant, reach: Reach
) -> Step:
    """Reach `tier`: page the whole circle, and give it that tier's time."""
    circle = widened(escalation, tier, reach, ())
    if not still_asked(circle, escalation):
        further, events = go_up(replace(escalation, tier=tier, circle=circle, alone=False), now, reach)
        return further, (*skipped, *events)

    lasts = time_for(escalation, tier, reach)
    there = replace(
        escalation,
        tier=tier,
        step=escalation.step + 1,
        circle=circle,
        quorums=needed(escalation, tier, reach),
        deadline=after(DeadlineKind.TIER, now, lasts),
    )
    newcomers = tuple(person for person in circle if person not in escalation.circle)
    reached = TierReached(escalation.ticket, escalation.round, tier + 1, newcomers)
    return there, (*skipped, reached, *pages(there))


def time_for(escalation: Escalation, tier: int, reach: Reach) -> timedelta:
    """How long the circle has now; somebody asked alone has the time of the first tier that is not empty."""
    tiers = escalation.policy.tiers
    if tier >= 0:
        return tiers[tier].lasts
    return next((each.lasts for each in tiers if reach.whom(each.page)), tiers[0].lasts)


def repeat(escalation: Escalation, skipped: tuple[EscalationEvent, ...], now: Instant, reach: Reach) -> Step:
    """The top was reached: tell it again, with the last resort from the second repeat on (or if nobody else
    is there).
    """
    repeats = escalation.repeats + 1
    top = len(escalation.policy.tiers) - 1
    joins = reach.urgent and repeats >= LAST_RESORT_FROM_REPEAT
    resort = (
        reach.last_resort
        if (joins and not escalation.policy.remembers) or not widened(escalation, top, reach, ())
        else ()
    )
    circle = widened(escalation, top, reach, resort)
    joined = tuple(person for person in circle if person not in escalation.circle)
    asking = asked_anew(escalation, circle)
    again = replace(
        asking,
        tier=top,
        step=escalation.step + 1,
        repeats=repeats,
        circle=circle,
        quorums=needed(asking, top, reach, resort),
        deadline=after(DeadlineKind.TIER, now, pause(escalation.policy.tiers[top].lasts, repeats)),
    )
    return again, (*skipped, *told_again(again, joined, reach), *pages(again))


def asked_anew(escalation: Escalation, circle: tuple[PersonId, ...]) -> Escalation:
    """Who declined is asked again; and if that leaves nobody to ask, so is who acknowledged."""
    if escalation.policy.remembers:
        return escalation
    asking = replace(escalation, declined=())
    return asking if still_asked(circle, asking) else replace(asking, acknowledged=(), quorums=())


def told_again(
    escalation: Escalation, joined: tuple[PersonId, ...], reach: Reach
) -> tuple[EscalationEvent, ...]:
    """What a repeat is called on the timeline."""
    if not escalation.circle:
        return (NobodyToPage(escalation.ticket, escalation.policy.id),)
    repeated = TierRepeated(escalation.ticket, escalation.round, escalation.tier + 1, escalation.repeats)
    resort = tuple(person for person in joined if person in reach.last_resort)
    return (repeated, LastResortJoined(escalation.ticket, resort)) if resort else (repeated,)


def widened(
    escalation: Escalation, tier: int, reach: Reach, more: tuple[PersonId, ...]
) -> tuple[PersonId, ...]:
    """The circle with everybody whom the tiers reached so far name now; it never shrinks within a round."""
    reached = escalation.policy.tiers[: tier + 1]
    named = tuple(person for each in reached for person in reach.whom(each.page))
    return tuple(dict.fromkeys((*escalation.circle, *escalation.first, *named, *more)))


def needed(escalation: Escalation, tier: int, reach: Reach, resort: People = ()) -> tuple[Quorum, ...]:
    """How many of whom must acknowledge, for each tier reached; of the last resort one is enough."""
    reached = escalation.policy.tiers[: tier + 1]
    own = quorums(reached, reach.whom, escalation.quorums, escalation.acknowledged)
    return (*own, Quorum(resort, 1)) if resort else own


def still_asked(circle: tuple[PersonId, ...], escalation: Escalation) -> tuple[PersonId, ...]:
    """Everybody in the circle who has not answered in this round."""
    answered = {*escalation.declined, *escalation.acknowledged}
    return tuple(person for person in circle if person not in answered)


def pages(escalation: Escalation) -> tuple[PageRequested, ...]:
    """One page for everybody in the circle who has not answered."""
    asked = still_asked(escalation.circle, escalation)
    return tuple(
        PageRequested(escalation.ticket, escalation.round, escalation.step, person) for person in asked
    )


def review(escalation: Escalation, now: Instant) -> Step:
    """No tiers: only whoever somebody named is paged, once, and the ticket is looked at again."""
    again = replace(escalation, deadline=after(DeadlineKind.REVIEW, now, REVIEW_EVERY))
    if escalation.step or not escalation.first:
        return again, (NothingToClimb(escalation.ticket),)
    asked = replace(again, step=1, circle=escalation.first)
    return asked, (TierReached(asked.ticket, asked.round, 0, asked.first), *pages(asked))
