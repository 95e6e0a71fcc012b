"""Tickets on screens: a list to look through, and one ticket with everything about it."""

import secrets
from collections.abc import Sequence
from typing import Any

from monitord.client.shapes import DeliveryRow
from monitord.core.check import Instant
from monitord.core.delivery import Delivery
from monitord.core.escalation import Escalation
from monitord.core.organization import Priority
from monitord.core.severity import Severity
from monitord.core.signal import Signal
from monitord.core.ticket import State, Ticket
from monitord.core.timeline import by_of
from monitord.core.wording import spell
from monitord.core.world import Configuration
from monitord.store.reads import Reads, Wanted
from monitord.web.access.roles import Actor
from monitord.web.answers import Answer
from monitord.web.console.acts import SNOOZES, Buttons, stamp, standing
from monitord.web.console.limits import ROWS
from monitord.web.console.room import Room
from monitord.web.console.sent_on import reached
from monitord.web.console.timeline import days
from monitord.web.console.visit import Visit
from monitord.web.ops import tickets as ticketing
from monitord.web.ops.discretion import discreet
from monitord.web.ops.limits import ID_CHARS_MAX, NUMBER_MAX

UNFINISHED = "unfinished"
STATES = (UNFINISHED, *(state.value for state in State))
TEXT_CHARS_MAX = 100
KEY_BYTES = 16
ANSWERS = (
    "TicketAcknowledged",
    "TicketTakenOver",
    "PersonDeclined",
    "TicketHandedOver",
    "AcknowledgementRenewed",
)


class Tickets:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons
        self.sources = room.sources

    async def index(self, visit: Visit) -> Answer:
        """Newest first; without a word about the state, all of them."""
        wanted = wanted_in(visit)
        before = number_in(visit.query.get("before", ""))
        found = await self.sources.store.ask(Reads.search, wanted, before, ROWS + 1)
        current = [self.sources.world.get(Ticket, ticket.number) or ticket for ticket in found[:ROWS]]
        rows = [ticketing.listed(ticket) for ticket in current]
        return await self.room.show(
            visit,
            "tickets",
            about="tickets",
            tickets=rows,
            wanted=wanted,
            state=state_in(visit),
            states=STATES,
            priorities=[priority.value for priority in Priority],
            services=sorted(self.sources.configuration.services),
            older=rows[-1].number if len(found) > ROWS else None,
            newer=before is not None,
            opens=self.room.may(visit, "/tickets"),
        )

    async def one(self, visit: Visit, number: str) -> Answer:
        ticket = await self.find(int(number))
        if ticket is None:
            return await self.room.nothing(visit, f"There is no ticket {int(number)}.")
        timeline, deliveries = await self.sources.store.ask(Reads.story, ticket.number)
        world, configuration = self.sources.world, self.sources.configuration
        ticket = world.get(Ticket, ticket.number) or ticket
        service = configuration.services.get(ticket.service)
        shown = timeline[-ticketing.TIMELINE_MAX :]
        return await self.room.show(
            visit,
            "ticket",
            about=f"ticket/{ticket.number}" if not ticket.ended else "",
            ticket=ticketing.row(ticket, world, self.sources.now),
            way=ticketing.escalation_now(world.get(Escalation, ticket.number)),
            standing=standing(ticket, visit.me),
            seen=stamp(ticket),
            reached=reached(world.get(Escalation, ticket.number)),
            key=secrets.token_urlsafe(KEY_BYTES),
            buttons=self.buttons.allowed(visit, ticket),
            days=days(ticketing.lines(shown), visit.words),
            cut=len(timeline) > len(shown),
            deliveries=with_answers(deliveries[-ticketing.TIMELINE_MAX :], shown, visit.actor),
            signals=[found for key in ticket.signals if (found := world.get(Signal, key))],
            links=(*(service.links if service else ()), *ticket.links),
            details=ticket.details,
            people=[person for _, person in sorted(configuration.people.items())],
            pageable=pageable(self.sources.configuration),
            priorities=[each.value for each in Priority if each is not ticket.priority],
            severities=[each for each in configuration.severities.values() if offered(each, ticket)],
            staff=staff(configuration),
            spell=spell,
            snoozes=SNOOZES,
        )

    async def find(self, number: int) -> Ticket | None:
        if number > NUMBER_MAX:
            return None
        return self.sources.world.get(Ticket, number) or await self.sources.store.ask(Reads.ticket, number)


def staff(configuration: Configuration) -> int:
    """How many people a catastrophe wakes."""
    return sum(1 for person in configuration.people.values() if person.reach)


def offered(severity: Severity, ticket: Ticket) -> bool:
    """Another one than it has; any of them says of a catastrophe that it is none any more."""
    return ticket.catastrophic or severity.number != ticket.severity


def pageable(configuration: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom one may add, by kind: each id with its name."""
    people = [(id, person.name or id) for id, person in sorted(configuration.people.items())]
    return [
        ("People", people),
        ("On call now in", [(id, id) for id in sorted(configuration.rotations)]),
        ("All of", [(id, id) for id in sorted(configuration.teams)]),
    ]


def with_answers(
    deliveries: Sequence[Delivery], timeline: Sequence[tuple[Instant, Any]], actor: Actor | None
) -> list[tuple[DeliveryRow, Instant | None]]:
    """Each message, newest first, and when its person answered after it was handed over."""
    answers = [(at, by_of(event)) for at, event in timeline if type(event).__name__ in ANSWERS]

    def answered(delivery: Delivery) -> Instant | None:
        if delivery.state.value != "sent" or delivery.purpose.value != "page":
            return None
        return next((at for at, by in answers if by == delivery.person and at >= delivery.date), None)

    return [(ticketing.delivery_row(discreet(each, actor)), answered(each)) for each in reversed(deliveries)]


def wanted_in(visit: Visit) -> Wanted:
    """The filters; what nobody knows filters nothing."""
    query = visit.query
    state = next((each for each in State if each.value == query.get("state")), None)
    priority = next((each for each in Priority if each.value == query.get("priority")), None)
    return Wanted(
        state=state,
        unfinished=query.get("state") == UNFINISHED,
        priority=priority,
        service=query.get("service", "")[:ID_CHARS_MAX],
        text=query.get("text", "").strip()[:TEXT_CHARS_MAX],
    )


def state_in(visit: Visit) -> str:
    return visit.query.get("state", "") if visit.query.get("state") in STATES else ""


def number_in(text: str) -> int | None:
    """A positive number, if it is one."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else 0
    return number if 0 < number <= NUMBER_MAX else None
