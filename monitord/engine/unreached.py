"""Whom a page could not reach, as alarms: a person who is gone or has no address, and a ticket with nobody.

The escalation passes such a person over at once and records it; that is right for the ticket, but somebody
must mend the roster. The alarm is over when the person can be reached again, or the tickets that met with it
have ended. After a restart every ticket that is open may be one of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

from monitord.core.escalation import NobodyToPage
from monitord.core.facts import Record
from monitord.core.paging import PersonUnreachable
from monitord.core.report import SYSTEM
from monitord.core.ticket import Ticket
from monitord.engine.alarms import Alarm, Alarms
from monitord.engine.clock import Clock
from monitord.engine.engine import Engine

PERSON, NOBODY = "person/", "nobody/"


class Unreached:
    """Listens to what was decided; `look` every now and then for what is over."""

    def __init__(self, engine: Engine, alarms: Alarms, clock: Clock) -> None:
        self.engine, self.alarms, self.clock = engine, alarms, clock
        self.met: dict[str, set[int]] = {}  # the tickets that met with an alarm, by its name
        engine.listen(self.hear)

    def hear(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        for event in events:
            tell = TOLD.get(type(event))
            if tell is not None:
                tell(self, event)

    def person(self, event: PersonUnreachable) -> None:
        name = f"{PERSON}{event.person}"
        self.met.setdefault(name, set()).add(event.ticket)
        if self.alarms.standing(name) is None:
            summary = (
                f"{event.person} was passed over for ticket {event.ticket}: {event.why}; "
                "put somebody else into the rotations and policies, or add a contact method"
            )
            self.alarms.raise_(name, f"{event.person} cannot be paged", summary)

    def nobody(self, event: NobodyToPage) -> None:
        """A ticket about this very thing would have nobody either."""
        ticket = self.engine.world.get(Ticket, event.ticket)
        name = f"{NOBODY}{event.ticket}"
        title = f"nobody could be paged for ticket {event.ticket}"
        summary = f"no tier of the policy {event.policy} has anybody, and no last resort has"
        if ticket is not None and ticket.service == SYSTEM:
            self.alarms.cannot_be_said(Alarm(name, title, summary, self.clock.monotonic()))
            return
        self.met.setdefault(name, set()).add(event.ticket)
        self.alarms.raise_(name, title, summary)

    def look(self) -> None:
        """Clear what is over."""
        for name in self.alarms.all_standing:
            if name.startswith((PERSON, NOBODY)) and self.is_over(name):
                self.alarms.clear(name, "it is over")
                self.met.pop(name, None)

    def is_over(self, name: str) -> bool:
        if name.startswith(PERSON):
            person = self.engine.world.configuration.people.get(name.removeprefix(PERSON))
            if person is not None and person.reach:
                return True
        met = self.met.setdefault(name, self.open_tickets)
        met &= self.open_tickets
        return not met

    @property
    def open_tickets(self) -> set[int]:
        """But for those about monitord itself, which would keep each other alive."""
        found = self.engine.world.find("open tickets", "open")
        return {ticket.number for ticket in found if ticket.service != SYSTEM}


TOLD: dict[type[Any], Callable[[Unreached, Any], None]] = {
    PersonUnreachable: Unreached.person,
    NobodyToPage: Unreached.nobody,
}
