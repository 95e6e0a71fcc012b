"""Tickets as the API says and the screens show them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from monitord.client.shapes import DeliveryRow, EscalationNow, Line, Pair, TicketRow, TicketStory
from monitord.core.check import Instant
from monitord.core.delivery import Delivery
from monitord.core.escalation import Escalation
from monitord.core.organization import Priority
from monitord.core.quorum import have, nearest
from monitord.core.ticket import State, Ticket
from monitord.core.timeline import sentence
from monitord.core.world import World
from monitord.store.reads import Reads
from monitord.web.access.roles import Actor
from monitord.web.ops.discretion import discreet
from monitord.web.ops.foresight import next_step
from monitord.web.ops.sources import Sources

TIMELINE_MAX = 1000
WORDS_BEGIN = re.compile(r"(?<=[a-z])(?=[A-Z])")

PRIORITIES = {priority: rank for rank, priority in enumerate(Priority)}


def row(ticket: Ticket, world: World, now: Instant) -> TicketRow:
    """The ticket, and what comes next."""
    if ticket.ended:
        return listed(ticket)
    climbing = world.get(Escalation, ticket.number)
    counted = numbers(climbing) if climbing is not None and ticket.state is State.OPEN else {}
    return replace(listed(ticket), next=next_step(world, ticket.number, now), **counted)


def numbers(escalation: Escalation) -> dict[str, Any]:
    """Who has it while more are needed, and how many are."""
    acknowledged = escalation.acknowledged
    found = nearest(escalation.quorums, acknowledged)
    return {
        "acknowledged_by": acknowledged,
        "counted": have(found, acknowledged),
        "needed": found.needed,
    }


def listed(ticket: Ticket) -> TicketRow:
    """The ticket as it is: to look ahead takes a decision each, too much for a list on a screen."""
    return TicketRow(
        number=ticket.number,
        title=ticket.title,
        state=ticket.state.value,
        priority=ticket.priority.value,
        service=ticket.service,
        probe=ticket.probe,
        summary=ticket.summary,
        since=ticket.since,
        opened=ticket.opened,
        holder=ticket.holder,
        acknowledged=ticket.acknowledged,
        resolved=ticket.resolved,
        resolution=ticket.resolution.value if ticket.resolution else None,
        reopened=ticket.reopened,
        rounds=ticket.rounds,
        paged=ticket.paged,
        signals=ticket.signals,
        next=None,
        snoozed_until=ticket.snoozed_until,
        asked=() if ticket.ended else ticket.asked,
        severity=ticket.severity,
        target=ticket.target,
        target_missed=ticket.missed,
        catastrophic=ticket.catastrophic,
    )


def current(world: World, number: int) -> Ticket | None:
    """The ticket as it is now, if it has not left the live world."""
    return world.get(Ticket, number)


def unfinished(world: World) -> list[Ticket]:
    """What is not over."""
    found = (world.get(Ticket, number) for number in world.keys("open tickets", "open"))
    return [ticket for ticket in found if ticket is not None]


def urgency(ticket: Ticket) -> tuple[bool, int, Instant]:
    """The smaller, the sooner somebody has to look at it."""
    return ticket.state is not State.OPEN, PRIORITIES[ticket.priority], ticket.since


async def story(sources: Sources, number: int, actor: Actor) -> TicketStory | None:
    """Everything about one ticket that the actor may see; None if there never was one of that number."""
    ticket = current(sources.world, number) or await sources.store.ask(Reads.ticket, number)
    if ticket is None:
        return None
    timeline, deliveries = await sources.store.ask(Reads.story, number)
    ticket = current(sources.world, number) or ticket
    return TicketStory(
        ticket=row(ticket, sources.world, sources.now),
        escalation=escalation_now(sources.world.get(Escalation, number)),
        timeline=lines(timeline[-TIMELINE_MAX:]),
        cut=len(timeline) > TIMELINE_MAX,
        deliveries=tuple(delivery_row(discreet(each, actor)) for each in deliveries[-TIMELINE_MAX:]),
        details=tuple(Pair(name, value) for name, value in ticket.details),
        links=tuple(Pair(name, url) for name, url in ticket.links),
    )


def lines(timeline: Sequence[tuple[Instant, Any]]) -> tuple[Line, ...]:
    return tuple(Line(at, kind_of(event), sentence(event)) for at, event in timeline)


def kind_of(event: Any) -> str:
    """`TicketOpened` is `ticket_opened`."""
    return WORDS_BEGIN.sub("_", type(event).__name__).lower()


def escalation_now(escalation: Escalation | None) -> EscalationNow | None:
    if escalation is None:
        return None
    return EscalationNow(
        policy=escalation.policy.id,
        round=escalation.round,
        reason=escalation.reason.value,
        step=escalation.step,
        tier=escalation.tier + 1,
        tiers=len(escalation.policy.tiers),
        repeats=escalation.repeats,
        circle=escalation.circle,
        declined=escalation.declined,
    )


def delivery_row(delivery: Delivery) -> DeliveryRow:
    return DeliveryRow(
        id=delivery.id,
        ticket=delivery.ticket,
        purpose=delivery.purpose.value,
        person=delivery.person,
        channel=delivery.channel,
        address=delivery.address,
        subject=delivery.text.subject,
        date=delivery.date,
        due=delivery.due,
        state=delivery.state.value,
        attempts=delivery.attempts,
        why=delivery.why,
    )
