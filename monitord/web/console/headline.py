"""The first line of the console: is anything on fire, and does somebody have it?"""

from collections.abc import Sequence
from dataclasses import dataclass

from monitord.client.shapes import ProbeNow
from monitord.core.ticket import Ticket
from monitord.core.wording import names
from monitord.web.console.words import BAD, GOOD, WARN
from monitord.web.text import counted


@dataclass(frozen=True, slots=True)
class Headline:
    tone: str
    words: str
    more: str


def headline(
    tickets: Sequence[Ticket], unwell: Sequence[ProbeNow], held: int, probes: int, me: str = ""
) -> Headline:
    """`tickets` are those that have not ended, `unwell` the probes that do not just pass."""
    smoke = beside(unwell, tickets, held, probes)
    unheld = [ticket for ticket in tickets if ticket.holder is None]
    if len(unheld) == 1:
        return Headline(BAD, f"Nobody has ticket {unheld[0].number} yet", others(tickets, unheld))
    if unheld:
        return Headline(BAD, f"Nobody has {counted(len(unheld), 'ticket')} yet", others(tickets, unheld))
    if tickets:
        return Headline(WARN, in_hand(tickets, me), smoke)
    return Headline(GOOD, "All quiet: no open tickets", smoke)


def in_hand(tickets: Sequence[Ticket], me: str) -> str:
    holders = tuple(dict.fromkeys(ticket.holder or "" for ticket in tickets))
    if holders == (me,):
        return f"You have {counted(len(tickets), 'open ticket')}"
    has = "has" if len(holders) == 1 else "have"
    return f"{names(holders)} {has} {counted(len(tickets), 'open ticket')}"


def others(tickets: Sequence[Ticket], unheld: Sequence[Ticket]) -> str:
    """What is in somebody's hands."""
    held = len(tickets) - len(unheld)
    return f"{counted(held, 'further ticket')} in hand" if held else "It is being escalated, see below"


def beside(unwell: Sequence[ProbeNow], tickets: Sequence[Ticket], held: int, probes: int) -> str:
    """What is not a ticket, or not yet."""
    told = {ticket.probe for ticket in tickets}
    smoking = [probe for probe in unwell if probe.id not in told and not probe.held]
    parts = [
        f"{counted(len(smoking), 'probe')} not well" if smoking else "",
        f"{counted(held, 'signal')} held back" if held else "",
    ]
    well = f"{counted(probes, 'probe')}, " + (f"{len(unwell)} not well" if unwell else "none of them failing")
    return ", ".join(filter(None, parts)) or well
