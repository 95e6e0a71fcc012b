"""The API's questions about tickets, and about every message that was sent because of them."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from monitord.client.shapes import DeliveryRow, TicketRow, TicketStory
from monitord.core.check import Instant
from monitord.core.delivery import Delivery, DeliveryState
from monitord.core.organization import Priority
from monitord.core.report import SYSTEM
from monitord.core.ticket import State
from monitord.core.world import Configuration
from monitord.store.reads import Reads, Wanted
from monitord.web.access.roles import Role, needs
from monitord.web.ops import tickets as ticketing
from monitord.web.ops.asked import By
from monitord.web.ops.discretion import discreet
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import Leaf, Part, Turning, instant_of
from monitord.web.ops.limits import ID_CHARS_MAX, NUMBER_MAX, WORDS_CHARS_MAX
from monitord.web.ops.reads import Number, no_ticket
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No


class StateWanted(Enum):
    """A ticket's state; `unfinished` is open or acknowledged."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    UNFINISHED = "unfinished"


class Sort(Enum):
    NEWEST = "newest"
    OLDEST = "oldest"


WhichState = Annotated[StateWanted | None, Query(description="`unfinished` is open or acknowledged")]
WhichService = Annotated[str | None, Query(max_length=ID_CHARS_MAX)]
Words = Annotated[
    str, Query(max_length=WORDS_CHARS_MAX, description="Words; each begins one of title, service or summary")
]
Before = Annotated[int | None, Query(ge=1, le=NUMBER_MAX, description="A number, to turn the page by hand")]
About = Annotated[int | None, Query(ge=1, le=NUMBER_MAX, description="A ticket's number")]


def ticket_routes(sources: Sources) -> APIRouter:
    """Over these sources."""
    router = routes()
    add_tickets(router, sources)
    add_deliveries(router, sources)
    return router


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for: FastAPI makes it of the query."""

    state: WhichState = None
    service: WhichService = None
    priority: Priority | None = None
    q: Words = ""
    sort: Sort = Sort.NEWEST

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            state=None if self.state in (None, StateWanted.UNFINISHED) else State(self.state.value),
            unfinished=self.state is StateWanted.UNFINISHED,
            priority=self.priority,
            service=self.service or "",
            text=self.q,
            oldest_first=self.sort is Sort.OLDEST,
        )


Searching = Annotated[Search, Depends()]


def add_tickets(router: APIRouter, sources: Sources) -> None:
    @router.get("/tickets")
    @needs(Role.VIEWER)
    async def list_tickets(leaf: Turning, search: Searching, before: Before = None) -> list[TicketRow]:
        """Those that somebody looks for, newest first unless they say so."""
        found = await sources.store.ask(Reads.search, search.wanted, leaf.numbers(before)[0], leaf.more)
        if search.service and not found:
            refuse_unknown(search.service, sources.configuration)
        page = leaf.cut(found, lambda ticket: (ticket.number,))
        return [ticketing.row(ticket, sources.world, sources.now) for ticket in page]

    @router.get("/tickets/{number}")
    @needs(Role.VIEWER)
    async def read_ticket(number: Number, actor: By) -> TicketStory:
        """One ticket: its timeline, its messages, and what comes next."""
        story = await ticketing.story(sources, number, actor)
        if story is None:
            raise no_ticket(number)
        return story


def refuse_unknown(service: str, configuration: Configuration) -> None:
    """One that is gone may have tickets still; a name that nobody ever had has none. Raises No."""
    if service not in configuration.services and service != SYSTEM:
        known = [*configuration.services, SYSTEM]
        raise No(422, f"there is no service {service}", did_you_mean(service, known), "query.service")


def add_deliveries(router: APIRouter, sources: Sources) -> None:
    @router.get("/deliveries")
    @needs(Role.VIEWER)
    async def list_deliveries(
        leaf: Turning, actor: By, ticket: About = None, state: DeliveryState | None = None
    ) -> list[DeliveryRow]:
        """Every message about one ticket, oldest first; without a ticket every message, newest first."""
        if ticket is None:
            found = await messages(sources, leaf, state)
        else:
            about = await sources.store.ask(Reads.deliveries, ticket)
            found = [each for each in about if state in (None, each.state)]
        return [ticketing.delivery_row(discreet(each, actor)) for each in found]


async def messages(sources: Sources, leaf: Leaf, state: DeliveryState | None) -> list[Delivery]:
    found = await sources.store.ask(Reads.messages, state, place_of(leaf.after(str, str)), leaf.more)
    return list(leaf.cut(found, lambda each: (each.date.isoformat(), each.id)))


def place_of(after: tuple[Part, ...] | None) -> tuple[Instant, str] | None:
    return None if after is None else (instant_of(after[0]), str(after[1]))
