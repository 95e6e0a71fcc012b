"""inform: other systems hear of tickets; what they refuse for good disables them for a while."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from monitord.core.check import PersonId
from monitord.core.delivery import (
    Delivery,
    DeliveryFailed,
    DeliverySent,
    DeliveryState,
    Purpose,
    withdrawn,
)
from monitord.core.escalation import (
    AcknowledgementLapsed,
    Escalation,
    HolderLeft,
    LastResortJoined,
    SnoozeEnded,
    TierReached,
)
from monitord.core.facts import ConfigurationAccepted
from monitord.core.organization import Service
from monitord.core.severity import CatastropheCalledOff, CatastropheDeclared, SeveritySet
from monitord.core.ticket import (
    PeopleCalled,
    PersonDeclined,
    PersonJoined,
    PriorityLowered,
    PriorityRaised,
    Ticket,
    TicketAcknowledged,
    TicketCommented,
    TicketEscalated,
    TicketHandedOver,
    TicketMoved,
    TicketOpened,
    TicketReopened,
    TicketResolved,
    TicketSnoozed,
    TicketTakenOver,
)
from monitord.core.webhook import (
    ACKNOWLEDGED,
    ANNOTATED,
    DELEGATED,
    ESCALATED,
    PRIORITY_UPDATED,
    REASSIGNED,
    REOPENED,
    RESOLVED,
    RESPONDER_ADDED,
    RESPONDER_REPLIED,
    TRIGGERED,
    UNACKNOWLEDGED,
    Named,
    Notice,
    Webhook,
    WebhookDisabled,
    WebhookStanding,
    chain_of,
    channel_of,
    noticed,
    place_of,
    refused_for_good,
)
from monitord.core.wording import Text, subject
from monitord.core.world import Draft, Stage

WIDER = 2  # the tier from which on it has been escalated


def rated(event: SeveritySet) -> str:
    """What is said of how bad it is."""
    before = f", no longer {event.before}" if event.before is not None else ""
    return f"severity {event.severity}{before}"


NOTES: Mapping[type[Any], Callable[[Any], str]] = {
    TicketOpened: lambda e: e.reason,
    TicketReopened: lambda e: e.reason,
    TicketResolved: lambda e: e.note,
    TicketCommented: lambda e: e.text,
    TicketSnoozed: lambda e: f"snoozed until {e.until:%Y-%m-%dT%H:%M:%SZ}",
    PriorityRaised: lambda e: e.reason,
    SeveritySet: rated,
    CatastropheDeclared: lambda e: e.text or "a catastrophe: everybody is called",
    CatastropheCalledOff: lambda e: f"no catastrophe any more: severity {e.severity}",
    PeopleCalled: lambda e: e.text,
    PersonDeclined: lambda e: "declined",
    TicketEscalated: lambda e: "sent to the next tier",
    AcknowledgementLapsed: lambda e: "the acknowledgement lapsed",
    HolderLeft: lambda e: f"{e.holder} is no longer in the configuration",
    SnoozeEnded: lambda e: "the snooze is over",
}


def telling(event: str) -> Callable[[Draft, Any], None]:
    """What happened to the ticket is called so outside."""

    def tell(draft: Draft, happened: Any) -> None:
        inform(draft, happened.ticket, event, happened)

    return tell


def tell_wider(draft: Draft, happened: TierReached) -> None:
    if happened.tier >= WIDER and happened.people:
        inform(draft, happened.ticket, ESCALATED, happened)


def tell_sent_up(draft: Draft, happened: TicketEscalated) -> None:
    """That nobody has it any more; the tier that it reaches is told by itself."""
    if happened.holder is not None:
        inform(draft, happened.ticket, UNACKNOWLEDGED, happened)


def tell_rated(draft: Draft, happened: SeveritySet) -> None:
    """Unless it changes the priority, which says it."""
    changed = any(isinstance(event, PriorityRaised | PriorityLowered) for event in draft.events)
    if not changed:
        inform(draft, happened.ticket, PRIORITY_UPDATED, happened)


def tell_declined(draft: Draft, happened: PersonDeclined) -> None:
    """Only whoever had it gives it back."""
    if happened.gave_back:
        inform(draft, happened.ticket, UNACKNOWLEDGED, happened)


def inform(draft: Draft, number: int, event: str, happened: Any) -> None:
    """A notice for each webhook that wants it, in the ticket's order; who has heard of a ticket hears on."""
    hooks, ticket = draft.configuration.webhooks, draft.get(Ticket, number)
    wanting = [hook for hook in hooks.values() if hook.wants(event, ticket)] if ticket else []
    if ticket is None or not wanting:
        return
    told = tuple(dict.fromkeys((*ticket.told, *(hook.id for hook in wanting))))
    ticket = replace(ticket, notices=ticket.notices + 1, told=told)
    draft.put(ticket)
    notice = notice_of(draft, ticket, event, happened)
    for hook in wanting:
        queue(draft, hook, notice, ticket.notices)


def notice_of(draft: Draft, ticket: Ticket, event: str, happened: Any) -> Notice:
    """What is told, with people by the names that they have now."""
    notice = noticed(
        draft.installation.epoch,
        event,
        ticket,
        draft.get(Escalation, ticket.number),
        draft.configuration.services.get(ticket.service) or Service(ticket.service),
        called(draft, getattr(happened, "by", None)),
        NOTES.get(type(happened), str_of_nothing)(happened),
        draft.now,
    )
    about = getattr(happened, "people", ()) or (getattr(happened, "to", None),)
    assignees = (person for person, _ in notice.assignees)
    return replace(notice, assignees=named(draft, assignees), called=named(draft, about))


def str_of_nothing(event: Any) -> str:
    return ""


def called(draft: Draft, person: PersonId | None) -> Named | None:
    """A person's id and name."""
    if person is None:
        return None
    known = draft.configuration.people.get(person)
    return person, known.name if known else person


def named(draft: Draft, people: Iterable[PersonId | None]) -> tuple[Named, ...]:
    return tuple(each for person in people if (each := called(draft, person or None)))


def queue(draft: Draft, hook: Webhook, notice: Notice, position: int) -> None:
    """Behind what this webhook has not heard of this ticket yet."""
    chain = chain_of(draft.installation.epoch, notice.number, hook.id)
    first = not any(True for _ in draft.keys("deliveries by chain", chain))
    delivery = Delivery(
        id=f"{chain}/{position:06}",
        purpose=Purpose.WEBHOOK,
        channel=channel_of(hook.id),
        address=hook.id,
        date=draft.now,
        due=draft.now if first else None,
        text=Text(subject(f"{notice.event}: {notice.title}"), ()),
        ticket=notice.number,
        chain=chain,
        position=position,
        notice=notice,
    )
    draft.put(delivery)
    standing = draft.get(WebhookStanding, hook.id)
    if standing is not None and standing.disabled(draft.now):
        give_up(draft, delivery, "the webhook is disabled")


def give_up(draft: Draft, delivery: Delivery, why: str) -> None:
    after, event = withdrawn(delivery, why)
    draft.put(after)
    draft.tell(event)


# What becomes of them.


def take_notice(draft: Draft, fact: DeliverySent) -> None:
    """It has heard: what it refused before is forgotten, and the next one has its turn."""
    place = place_of(fact.delivery)
    if place is None:
        return
    chain, hook = place
    standing = draft.get(WebhookStanding, hook)
    if standing is not None:
        draft.put(WebhookStanding(hook))
    release_next(draft, chain)


def take_refusal(draft: Draft, event: DeliveryFailed) -> None:
    """For good: the next one has its turn, unless that was the third in a row."""
    place = place_of(event.delivery)
    if place is None:
        return
    chain, hook = place
    standing = refused_for_good(draft.get(WebhookStanding, hook) or WebhookStanding(hook), draft.now)
    draft.put(standing)
    if standing.disabled_until is None or standing.drops:
        release_next(draft, chain)
        return
    draft.tell(WebhookDisabled(hook, standing.disabled_until, event.why))
    withdraw_all(draft, hook, f"the webhook is disabled: {event.why}")


def release_next(draft: Draft, chain: str) -> None:
    waiting = [each for each in draft.find("deliveries by chain", chain) if is_pending(each)]
    following = min(waiting, key=lambda each: each.position, default=None)
    if following is not None and following.due is None:
        draft.put(replace(following, due=draft.now))


def is_pending(delivery: Delivery) -> bool:
    return delivery.purpose is Purpose.WEBHOOK and delivery.state is DeliveryState.PENDING


def withdraw_all(draft: Draft, hook: str, why: str) -> None:
    for delivery in draft.all(Delivery):
        if is_pending(delivery) and delivery.address == hook:
            give_up(draft, delivery, why)


def forget_removed(draft: Draft, fact: ConfigurationAccepted) -> None:
    """What is not configured any more hears no more."""
    hooks = draft.configuration.webhooks
    for delivery in draft.all(Delivery):
        if is_pending(delivery) and delivery.address not in hooks:
            give_up(draft, delivery, "the webhook was removed from the configuration")
    for standing in draft.all(WebhookStanding):
        if standing.webhook not in hooks:
            draft.put(WebhookStanding(standing.webhook))


INFORM: Stage = {
    TicketOpened: telling(TRIGGERED),
    TicketReopened: telling(REOPENED),
    TicketAcknowledged: telling(ACKNOWLEDGED),
    TicketSnoozed: telling(ACKNOWLEDGED),
    TicketTakenOver: telling(REASSIGNED),
    TicketHandedOver: telling(REASSIGNED),
    TicketEscalated: tell_sent_up,
    AcknowledgementLapsed: telling(UNACKNOWLEDGED),
    HolderLeft: telling(UNACKNOWLEDGED),
    SnoozeEnded: telling(UNACKNOWLEDGED),
    PersonDeclined: tell_declined,
    TierReached: tell_wider,
    LastResortJoined: telling(ESCALATED),
    PriorityRaised: telling(PRIORITY_UPDATED),
    PriorityLowered: telling(PRIORITY_UPDATED),
    SeveritySet: tell_rated,
    CatastropheDeclared: telling(PRIORITY_UPDATED),
    CatastropheCalledOff: telling(PRIORITY_UPDATED),
    TicketMoved: telling(DELEGATED),
    PeopleCalled: telling(RESPONDER_ADDED),
    PersonJoined: telling(RESPONDER_REPLIED),
    TicketCommented: telling(ANNOTATED),
    TicketResolved: telling(RESOLVED),
    DeliverySent: take_notice,
    DeliveryFailed: take_refusal,
    ConfigurationAccepted: forget_removed,
}
