"""The API's questions about tickets, and about every message that was sent because of them."""

from dataclasses import replace
from enum import Enum
from typing import Annotated

from fastapi import APIRouter, Query

from monitord.client.shapes import DeliveryRow, TicketRow, TicketStory
from monitord.core.check import Instant
from monitord.core.delivery import Delivery, DeliveryState
from monitord.core.organization import Priority
from monitord.core.ticket import State
from monitord.store.reads import Reads, Wanted
from monitord.web.ops import tickets as ticketing
from monitord.web.ops.access import Actor, Role, needs
from monitord.web.ops.asked import By
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import Leaf, Part, Turning, instant_of
from monitord.web.ops.limits import ID_CHARS_MAX, NUMBER_MAX, WORDS_CHARS_MAX
from monitord.web.ops.reads import Number, no_ticket
from monitord.web.ops.sources import Sources


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

    @router.get("/tickets")
    @needs(Role.VIEWER)
    async def list_tickets(
        leaf: Turning,
        state: WhichState = None,
        service: WhichService = None,
        priority: Priority | None = None,
        q: Words = "",
        sort: Sort = Sort.NEWEST,
        before: Before = None,
    ) -> list[TicketRow]:
        """Those that somebody looks for, newest first unless they say so."""
        wanted = Wanted(
            state=None if state in (None, StateWanted.UNFINISHED) else State(state.value),
            unfinished=state is StateWanted.UNFINISHED,
            priority=priority,
            service=service or "",
            text=q,
            oldest_first=sort is Sort.OLDEST,
        )
        after = leaf.numbers(before)[0]
        found = await sources.store.ask(Reads.search, wanted, after, leaf.more)
        page = leaf.cut(found, lambda ticket: (ticket.number,))
        return [ticketing.row(ticket, sources.world, sources.now) for ticket in page]

    @router.get("/tickets/{number}")
    @needs(Role.VIEWER)
    async def read_ticket(number: Number) -> TicketStory:
        """One ticket: its timeline, its messages, and what comes next."""
        story = await ticketing.story(sources, number)
        if story is None:
            raise no_ticket(number)
        return story

    @router.get("/deliveries")
    @needs(Role.VIEWER)
    async def list_deliveries(
        leaf: Turning, actor: By, ticket: About = None, state: DeliveryState | None = None
    ) -> list[DeliveryRow]:
        """Every message about one ticket, oldest first; without a ticket every message, newest first."""
        if ticket is None:
            found = await messages(sources, leaf, state)
        else:
            about = await sources.store.deliveries(ticket)
            found = [each for each in about if state in (None, each.state)]
        return [ticketing.delivery_row(discreet(each, actor)) for each in found]

    return router


async def messages(sources: Sources, leaf: Leaf, state: DeliveryState | None) -> list[Delivery]:
    found = await sources.store.ask(Reads.messages, state, place_of(leaf.after(str, str)), leaf.more)
    return list(leaf.cut(found, lambda each: (each.date.isoformat(), each.id)))


def place_of(after: tuple[Part, ...] | None) -> tuple[Instant, str] | None:
    return None if after is None else (instant_of(after[0]), str(after[1]))


def discreet(delivery: Delivery, actor: Actor) -> Delivery:
    """Who subscribed is for those who speak to the public."""
    if delivery.subscriber is None or actor.may(Role.OPERATOR):
        return delivery
    return replace(delivery, address=f"…@{delivery.address.rpartition('@')[2]}")
