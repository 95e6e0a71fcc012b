"""The form for the next tier is good for one step: whoever presses it second is told who was first."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitord.core.check import Instant
from monitord.core.escalation import Escalation, TierReached, TierRepeated
from monitord.core.ticket import Ticket, TicketEscalated
from monitord.web.console.visit import Visit

Timeline = Sequence[tuple[Instant, Any]]


def reached(climbing: Escalation | None) -> str:
    """Another one with every step; the form carries that of its page."""
    return f"{climbing.round}/{climbing.step}" if climbing else ""


def went_on(form: Mapping[str, str], climbing: Escalation | None) -> bool:
    """Is the step that the form speaks of taken? One that names none speaks of the step after this."""
    return form.get("reached", reached(climbing)) != reached(climbing)


def who_sent_it(visit: Visit, ticket: Ticket, climbing: Escalation | None, timeline: Timeline) -> str:
    """`bo did so 2 s ago; tier 2 is being paged.`"""
    step = next(
        (at for at, event in reversed(timeline) if isinstance(event, TierReached | TierRepeated)), None
    )
    sent = next(((at, each.by) for at, each in reversed(timeline) if isinstance(each, TicketEscalated)), None)
    now = how_it_is(visit, ticket, climbing)
    if sent is None or sent[0] != step:
        return f"Others have been paged since you opened this page; {now}."
    who = "You" if sent[1] == visit.me else sent[1]
    return f"{who} did so {visit.words.ago(sent[0])}; {now}."


def how_it_is(visit: Visit, ticket: Ticket, climbing: Escalation | None) -> str:
    """Who is asked, unless somebody has it by now."""
    if ticket.holder is not None or climbing is None or climbing.tier < 0:
        return visit.words.stands(ticket)
    again = " again" if climbing.repeats else ""
    return f"tier {climbing.tier + 1} is being paged{again}"
