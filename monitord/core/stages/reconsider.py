"""reconsider: another configuration, or another service, may have others who are to be called."""

from datetime import timedelta

from monitord.core.climbing import climb
from monitord.core.course import reopened_for_others
from monitord.core.employment import StaffLeft
from monitord.core.escalation import Escalation, HolderLeft, NothingToClimb, RoundReason
from monitord.core.facts import ConfigurationAccepted
from monitord.core.governing import calls_earlier, idle, makeshift
from monitord.core.holding import shifted
from monitord.core.policy import DeadlineKind
from monitord.core.stages.escalate import begin_round, policy_of, put_held, reach, rearm, settle
from monitord.core.ticket import Ticket, TicketMoved
from monitord.core.workhours import HoursAwaited
from monitord.core.world import Draft, Stage


def accept(draft: Draft, fact: ConfigurationAccepted) -> None:
    unstretch(draft, fact)
    for escalation in draft.all(Escalation):
        look_for_holder(draft, escalation)
    for escalation in draft.all(Escalation):
        look_for_policy(draft, escalation)
    for escalation in draft.all(Escalation):
        look_for_anybody(draft, escalation)


def unstretch(draft: Draft, fact: ConfigurationAccepted) -> None:
    """The clock may have been set back while we were not running: nobody waits longer than was meant."""
    for escalation in draft.all(Escalation):
        nearer = shifted(escalation, timedelta(0), draft.now, draft.configuration.holidays)
        if nearer != escalation:
            rearm(draft, nearer)


def left(draft: Draft, event: StaffLeft) -> None:
    """What they had is nobody's now."""
    for escalation in draft.all(Escalation):
        if escalation.holder == event.person:
            look_for_holder(draft, escalation)


def look_for_holder(draft: Draft, escalation: Escalation) -> None:
    """Whoever has left answers for nothing any more: as if they had given it back."""
    ticket = draft.get(Ticket, escalation.ticket)
    if ticket is None or ticket.ended or escalation.holder is None:
        return
    if escalation.holder in draft.configuration.people:
        if not escalation.holder_known:
            put_held(draft, escalation)
    elif escalation.holder_known:
        draft.put(reopened_for_others(ticket))
        draft.tell(HolderLeft(ticket.number, escalation.holder))
        begin_round(draft, ticket.number, RoundReason.HOLDER_LEFT)


def follow(draft: Draft, event: TicketMoved | HoursAwaited | NothingToClimb) -> None:
    """It is another service's now, or nobody is called from now on: by the policy of now somebody may be."""
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        look_for_policy(draft, escalation)


def look_for_policy(draft: Draft, escalation: Escalation) -> None:
    """What calls nobody, or the last resort for want of anybody else, goes by another policy as soon as that
    would call somebody earlier. Whoever has it keeps it.
    """
    ticket = draft.get(Ticket, escalation.ticket)
    waits = escalation.holder is None and (idle(escalation) or makeshift(escalation))
    if ticket is None or ticket.ended or not waits:
        return
    policy = policy_of(draft, ticket, reach(draft, ticket.number).last_resort)
    if calls_earlier(policy, escalation, draft.now, draft.configuration.holidays):
        begin_round(draft, ticket.number, RoundReason.OTHER_POLICY, first=escalation.first)


def look_for_anybody(draft: Draft, escalation: Escalation) -> None:
    """Where nobody was to be found in any tier, somebody may be now: they do not wait for the next repeat."""
    if escalation.ended or escalation.circle or escalation.deadline.kind is not DeadlineKind.TIER:
        return
    found, events = climb(escalation, draft.now, reach(draft, escalation.ticket))
    if found.circle:
        settle(draft, (found, events))


RECONSIDER: Stage = {
    ConfigurationAccepted: accept,
    TicketMoved: follow,
    HoursAwaited: follow,
    NothingToClimb: follow,
    StaffLeft: left,
}
