"""escalate: a ticket's rounds begin, go up, stop for an answer, and begin again when the answer lapses."""

from dataclasses import replace
from datetime import timedelta

from monitord.core.check import ClockSet, PersonId
from monitord.core.escalation import (
    AcknowledgementLapsed,
    Escalation,
    EscalationDue,
    Reach,
    RoundReason,
    Step,
    begin,
)
from monitord.core.holding import advance, decline, hold, shifted
from monitord.core.organization import Priority
from monitord.core.paging import PersonUnreachable
from monitord.core.policy import Policy, Target, Tier
from monitord.core.rotation import on_call
from monitord.core.ticket import (
    AcknowledgementRenewed,
    PersonDeclined,
    Ticket,
    TicketAcknowledged,
    TicketCommented,
    TicketHandedOver,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketTakenOver,
    reopened_for_others,
)
from monitord.core.world import ConfigurationAccepted, Draft, Stage

EVERYBODY = "everybody"
NO_POLICY = Policy("none", ())
LAST_RESORT_LASTS = timedelta(minutes=15)


def start(draft: Draft, event: TicketOpened) -> None:
    begin_round(draft, event.ticket, RoundReason.OPENED)


def start_again(draft: Draft, event: TicketReopened) -> None:
    """The last holder is asked first: it was solved, or nearly."""
    first = (event.last_holder,) if event.last_holder else ()
    begin_round(draft, event.ticket, RoundReason.REOPENED, first=first, alone=True)


def hand_over(draft: Draft, event: TicketHandedOver) -> None:
    begin_round(draft, event.ticket, RoundReason.HANDED_OVER, first=(event.to,), alone=True)


def begin_round(
    draft: Draft,
    number: int,
    reason: RoundReason,
    first: tuple[PersonId, ...] = (),
    alone: bool = False,
    declined: tuple[PersonId, ...] = (),
) -> None:
    """Start the ticket's next round under its priority's policy as it is now; of `first`, those whom a page
    can reach.
    """
    ticket = draft.get(Ticket, number)
    if ticket is None:
        return
    asked = reach(draft, number)
    policy, round = policy_for(draft, ticket, asked.last_resort), ticket.rounds + 1
    settle(draft, begin(number, policy, round, reason, draft.now, asked, asked.whom(first), alone, declined))


def policy_for(draft: Draft, ticket: Ticket, last_resort: tuple[PersonId, ...]) -> Policy:
    """The policy of the ticket's service for its priority; if there is none any more, the one it has climbed
    so far, else for an urgent ticket the last resort. Other tickets without one are reviewed daily.
    """
    service = draft.configuration.services.get(ticket.service)
    chosen = service.policy_for(ticket.priority.value) if service else None
    known = draft.configuration.policies.get(chosen or "")
    before = draft.get(Escalation, ticket.number)
    if known is not None:
        return known
    if before is not None and before.policy.tiers:
        return before.policy
    urgent = ticket.priority is Priority.URGENT
    return Policy("last resort", (Tier(last_resort, LAST_RESORT_LASTS),)) if urgent else NO_POLICY


def hold_for_holder(
    draft: Draft, event: TicketAcknowledged | AcknowledgementRenewed | TicketTakenOver
) -> None:
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        draft.put(hold(escalation, event.by, draft.now))


def renew_by_comment(draft: Draft, event: TicketCommented) -> None:
    """A word from the holder says that they are still on it."""
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None and escalation.holder == event.by:
        draft.put(hold(escalation, event.by, draft.now))


def go_on_without(draft: Draft, event: PersonDeclined) -> None:
    """Somebody cannot: the others go on, or a new round begins if it was the holder."""
    escalation = draft.get(Escalation, event.ticket)
    if escalation is None:
        return
    if escalation.holder is not None:
        begin_round(draft, event.ticket, RoundReason.DECLINED, declined=(event.by,))
    else:
        settle(draft, decline(escalation, event.by, draft.now, reach(draft, event.ticket)))


def go_up(draft: Draft, fact: EscalationDue) -> None:
    """Its deadline has come; a fact that is too early (the clock was set) changes nothing."""
    escalation = draft.get(Escalation, fact.ticket)
    if escalation is not None and escalation.deadline.at <= draft.now:
        settle(draft, advance(escalation, draft.now, reach(draft, fact.ticket)))


def stop(draft: Draft, event: TicketResolved) -> None:
    escalation = draft.get(Escalation, event.ticket)
    if escalation is not None:
        draft.put(replace(escalation, ended=True))


def shift(draft: Draft, fact: ClockSet) -> None:
    for escalation in draft.all(Escalation):
        draft.put(shifted(escalation, fact.by, draft.now))


def unstretch(draft: Draft, fact: ConfigurationAccepted) -> None:
    """The clock may have been set back while we were not running: nobody waits longer than was meant."""
    for escalation in draft.all(Escalation):
        nearer = shifted(escalation, timedelta(0), draft.now)
        if nearer != escalation:
            draft.put(nearer)


def settle(draft: Draft, step: Step) -> None:
    """Store the escalation, and on the ticket which round it is in and who was paged."""
    escalation, events = step
    ticket = draft.get(Ticket, escalation.ticket)
    if ticket is not None:
        if any(isinstance(event, AcknowledgementLapsed) for event in events):
            ticket = reopened_for_others(ticket)
        paged = tuple(dict.fromkeys((*ticket.paged, *escalation.circle)))
        draft.put(replace(ticket, rounds=escalation.round, paged=paged))
    draft.put(escalation)
    draft.tell(*events)


def reach(draft: Draft, ticket: int) -> Reach:
    """Who can be called now; whom no page can reach is passed over, and that is said once."""
    passed_over: dict[PersonId, None] = {}

    def whom(targets: tuple[Target, ...]) -> tuple[PersonId, ...]:
        named = tuple(dict.fromkeys(person for target in targets for person in stands_for(draft, target)))
        for person in named:
            why = unreachable(draft, person)
            if why and person not in passed_over:
                passed_over[person] = None
                draft.tell(PersonUnreachable(ticket, person, why))
        return tuple(person for person in named if person not in passed_over)

    known = draft.get(Ticket, ticket)
    urgent = known is not None and known.priority is Priority.URGENT
    resort = tuple(person for person in draft.configuration.last_resort if not unreachable(draft, person))
    return Reach(whom, resort, urgent)


def unreachable(draft: Draft, person: PersonId) -> str:
    """Why no page can reach this person; empty if one can."""
    known = draft.configuration.people.get(person)
    if known is None:
        return "no longer in the configuration"
    return "" if known.reach else "has no contact method"


def stands_for(draft: Draft, target: Target) -> tuple[PersonId, ...]:
    """The people that a target of a tier means at this instant."""
    configuration = draft.configuration
    if target in configuration.rotations:
        return on_call(configuration.rotations[target], draft.now)
    if target in configuration.teams:
        return configuration.teams[target].members
    if target == EVERYBODY:
        return tuple(sorted(configuration.people))
    return (target,)


ESCALATE: Stage = {
    TicketOpened: start,
    TicketReopened: start_again,
    TicketAcknowledged: hold_for_holder,
    AcknowledgementRenewed: hold_for_holder,
    TicketTakenOver: hold_for_holder,
    TicketCommented: renew_by_comment,
    PersonDeclined: go_on_without,
    TicketHandedOver: hand_over,
    TicketResolved: stop,
    EscalationDue: go_up,
    ClockSet: shift,
    ConfigurationAccepted: unstretch,
}
