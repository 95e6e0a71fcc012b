"""Governing: by which policy a ticket goes.

Theory of operation. A round goes by the policy that it began with. The policy of the ticket's service for its
priority is asked for whenever a round begins; who pages certain people, or everybody, asks nobody else.
"""

from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.escalation import Escalation
from monitord.core.organization import Priority
from monitord.core.policy import EACH, DeadlineKind, Policy, Tier
from monitord.core.report import SYSTEM
from monitord.core.ticket import Ticket
from monitord.core.whom import EVERYBODY
from monitord.core.workhours import Holidays, opens
from monitord.core.world import Configuration

# With a space, which no id of a tree has.
NO_POLICY = Policy("no policy", ())
LAST_RESORT = "last resort"
LAST_RESORT_LASTS = timedelta(minutes=15)
CALLED_LASTS = timedelta(minutes=5)  # until those whom somebody has paged by name are told again
CATASTROPHE = Policy("catastrophe", (Tier((EVERYBODY,), CALLED_LASTS, EACH),), remembers=True)


def policy_for(
    configuration: Configuration,
    ticket: Ticket,
    before: Escalation | None,
    last_resort: tuple[PersonId, ...],
) -> Policy:
    """The policy of the ticket's service for its priority; if there is none any more, the one it has climbed
    so far, else for an urgent ticket the last resort. Other tickets without one are reviewed daily. A ticket
    for certain people is theirs alone.
    """
    if ticket.catastrophic:
        return CATASTROPHE
    if ticket.page:
        return Policy("page", (Tier(ticket.page, CALLED_LASTS),))
    known = configuration.policies.get(chosen(configuration, ticket) or "")
    if known is not None:
        return known
    if before is not None and before.policy.tiers and not before.policy.remembers and not makeshift(before):
        return before.policy
    urgent = ticket.priority is Priority.URGENT
    return Policy(LAST_RESORT, (Tier(last_resort, LAST_RESORT_LASTS),)) if urgent else NO_POLICY


def makeshift(escalation: Escalation) -> bool:
    """Is the last resort called, for want of anybody else?"""
    return escalation.policy.id == LAST_RESORT


def idle(escalation: Escalation) -> bool:
    """Is nobody called, because nobody is named or the hours have not begun?"""
    return escalation.deadline.kind in (DeadlineKind.REVIEW, DeadlineKind.HOURS)


def calls_earlier(policy: Policy, escalation: Escalation, now: Instant, holidays: Holidays) -> bool:
    """Would a policy of somebody's choice call people before the escalation looks again?"""
    opening = opens(policy.only, now, holidays) or now
    chosen = bool(policy.tiers) and policy.id != LAST_RESORT
    return chosen and policy != escalation.policy and opening < escalation.deadline.at


def goes_otherwise(escalation: Escalation, policy: Policy) -> bool:
    """Is that a policy of somebody's choice, and another one than it goes by, not only an edit of that?"""
    return bool(policy.tiers) and policy.id not in (escalation.policy.id, LAST_RESORT)


def chosen(configuration: Configuration, ticket: Ticket) -> str | None:
    """What the configuration names for it."""
    service = configuration.services.get(ticket.service)
    if service is None and ticket.service == SYSTEM:
        return system_policy(configuration)
    return service.policy_for(ticket.priority.value) if service else None


def system_policy(configuration: Configuration) -> str | None:
    """Who is told that monitord itself is not well, unless the tree has a service for that: whoever is told
    of what is urgent.
    """
    known = configuration.policies
    return "urgent" if "urgent" in known else next(iter(known), None)


def calmer_policy(configuration: Configuration, ticket: Ticket, before: Escalation | None) -> Policy:
    """For what matters less by now: if its service pages nobody for that, nobody."""
    service = configuration.services.get(ticket.service)
    pages_nobody = service is not None and not service.policy_for(ticket.priority.value) and not ticket.page
    return NO_POLICY if pages_nobody else policy_for(configuration, ticket, before, ())
