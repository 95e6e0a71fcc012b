"""page: requests for attention become deliveries, and settle.py says what becomes of them."""

from collections.abc import Callable
from dataclasses import replace

from monitord.core.check import PersonId
from monitord.core.climbing import still_asked
from monitord.core.delivery import (
    DeliveryState,
    Purpose,
)
from monitord.core.escalation import AcknowledgementLapsed, Escalation, HolderAsked, HolderLeft, PageRequested
from monitord.core.organization import Person, Priority, Service
from monitord.core.paging import (
    PersonUnreachable,
    is_question,
    news,
    page,
    question,
)
from monitord.core.quiet import is_held, postponed, released, respects
from monitord.core.quorum import AcknowledgementCounted
from monitord.core.severity import CatastropheCalledOff, CatastropheDeclared
from monitord.core.stages.settle import SETTLE, say_that_it_waits, supersede, wanted, withdraw
from monitord.core.ticket import (
    AcknowledgementRenewed,
    PersonDeclined,
    PersonJoined,
    PriorityRaised,
    State,
    Ticket,
    TicketAcknowledged,
    TicketCommented,
    TicketEscalated,
    TicketHandedOver,
    TicketResolved,
    TicketSnoozed,
    TicketTakenOver,
)
from monitord.core.whom import unreachable
from monitord.core.wording import (
    Text,
    acknowledged,
    called,
    called_off,
    coming,
    over,
    sent_up,
    sleeping,
    still_on_it,
)
from monitord.core.wording import page as page_text
from monitord.core.world import Draft, Stage

Answer = (
    AcknowledgementRenewed
    | AcknowledgementLapsed
    | CatastropheCalledOff
    | CatastropheDeclared
    | HolderLeft
    | PersonDeclined
    | PriorityRaised
    | TicketAcknowledged
    | TicketCommented
    | TicketEscalated
    | TicketHandedOver
    | TicketResolved
    | TicketSnoozed
    | TicketTakenOver
)


def page_person(draft: Draft, request: PageRequested) -> None:
    """Every contact method of the person, in turn."""
    ticket, escalation = draft.get(Ticket, request.ticket), draft.get(Escalation, request.ticket)
    person = draft.configuration.people.get(request.person)
    if ticket is None or escalation is None:
        return
    if person is None or not person.reach:
        why = unreachable(draft.configuration, request.person)
        draft.tell(PersonUnreachable(request.ticket, request.person, why))
        return
    service = service_of(draft, ticket)
    then = replace(escalation, step=request.step)  # somebody may have been called by name since
    name_of = draft.configuration.name_of
    text = page_text(ticket, then, person, service, draft.now, name_of)
    if request.by is not None:
        text = called(text, ticket, name_of(request.by), request.text)
    chain = page(draft.installation.epoch, request, person, text, draft.now, ticket.priority)
    if respects(Purpose.PAGE, ticket.priority):
        chain = tuple(postponed(each, person, draft.now) for each in chain)
    withdraw_held(draft, ticket.number, Purpose.PAGE, person.id)
    supersede(draft, chain[0])
    draft.put(*chain)
    if is_held(chain[0]):
        say_that_it_waits(draft, chain[0])


def service_of(draft: Draft, ticket: Ticket) -> Service:
    return draft.configuration.services.get(ticket.service) or Service(ticket.service)


def withdraw_held(draft: Draft, ticket: int, purpose: Purpose, person: PersonId) -> None:
    """What waits for the end of somebody's quiet hours is told once then, as it is told now."""
    for older in draft.find("deliveries by ticket", ticket):
        if is_held(older) and (older.purpose, older.person) == (purpose, person):
            withdraw(draft, older, "a newer one takes its place")


def wake_for_urgent(draft: Draft, event: PriorityRaised) -> None:
    """What is urgent now waits for nobody's quiet hours; whom the new round pages hears it from that."""
    withdraw_question(draft, event)
    if event.priority is Priority.URGENT:
        wake_everybody(draft, event.ticket)


def stop_asking(draft: Draft, event: CatastropheDeclared) -> None:
    """Who has it is called with the others; nobody's quiet hours count."""
    withdraw_question(draft, event)
    wake_everybody(draft, event.ticket)


def wake_everybody(draft: Draft, number: int) -> None:
    """Whose page waits for the end of their quiet hours, and who is not paged anew."""
    escalation = draft.get(Escalation, number)
    if escalation is None:
        return
    for delivery in draft.find("deliveries by ticket", number):
        waits = is_held(delivery) and delivery.purpose is Purpose.PAGE
        if waits and delivery.person not in escalation.circle:
            draft.put(released(delivery, draft.now))


def ask_holder(draft: Draft, event: HolderAsked) -> None:
    ticket, escalation = draft.get(Ticket, event.ticket), draft.get(Escalation, event.ticket)
    person = draft.configuration.people.get(event.person)
    if ticket is None or escalation is None or person is None:
        return
    text = still_on_it(ticket, escalation, person, event.lapses, draft.now)
    chain = question(draft.installation.epoch, ticket.number, event.round)
    tell(draft, ticket, person, f"{event.round}/asked-{event.renewals}", text, chain)


def withdraw_question(draft: Draft, event: Answer) -> None:
    """Nobody need be asked any more whether they are still on it."""
    for delivery in draft.find("deliveries by ticket", event.ticket):
        pending = delivery.state is DeliveryState.PENDING
        if pending and is_question(delivery) and not wanted(draft, delivery):
            withdraw(draft, delivery, "answered already")


def tell(draft: Draft, ticket: Ticket, person: Person, key: str, text: Text, chain: str = "") -> None:
    """News for one person about one ticket; in their quiet hours only the last of it, when they are over."""
    calls = draft.configuration.calling_channels
    epoch = draft.installation.epoch
    told = news(epoch, key, ticket.number, ticket.rounds, person, text, draft.now, calls, chain)
    if not chain:
        withdraw_held(draft, ticket.number, Purpose.NEWS, person.id)
        told = tuple(postponed(each, person, draft.now) for each in told)
    draft.put(*told)


def tell_answered(draft: Draft, event: TicketAcknowledged | TicketTakenOver) -> None:
    """Somebody has it: nobody else is paged, and everybody who was is told."""
    withdraw_pages(draft, event.ticket, f"{event.by} has acknowledged")
    withdraw_question(draft, event)
    ticket = draft.get(Ticket, event.ticket)
    escalation = draft.get(Escalation, event.ticket)
    if ticket is None or escalation is None:
        return
    key = f"{escalation.round}/{escalation.renewals}/acknowledged-by-{event.by}"
    by = draft.configuration.name_of(event.by)
    tell_others(draft, ticket, event.by, key, lambda _: acknowledged(ticket, by))


def stop_counted(draft: Draft, event: AcknowledgementCounted) -> None:
    """Whoever has it is paged no more; the others are."""
    withdraw_pages(draft, event.ticket, f"{event.by} has acknowledged", only=event.by)


def tell_sleeping(draft: Draft, event: TicketSnoozed) -> None:
    """Nobody is paged while it sleeps, and everybody who was is told."""
    withdraw_pages(draft, event.ticket, f"{event.by} has put it to sleep")
    withdraw_question(draft, event)
    ticket, escalation = draft.get(Ticket, event.ticket), draft.get(Escalation, event.ticket)
    if ticket is not None and escalation is not None:
        key = f"{escalation.round}/{escalation.renewals}/snoozed-by-{event.by}"
        by = draft.configuration.name_of(event.by)
        tell_others(draft, ticket, event.by, key, lambda person: sleeping(ticket, by, event.until, person))


def tell_coming(draft: Draft, event: PersonJoined) -> None:
    """Who was called comes: nothing more for them, and a word for whoever has it."""
    withdraw_pages(draft, event.ticket, f"{event.by} has answered", only=event.by)
    ticket, escalation = draft.get(Ticket, event.ticket), draft.get(Escalation, event.ticket)
    holder = draft.configuration.people.get(event.holder or "")
    if ticket is not None and escalation is not None and holder is not None:
        key = f"{escalation.round}/{escalation.step}/joined-by-{event.by}"
        tell(draft, ticket, holder, key, coming(ticket, draft.configuration.name_of(event.by)))


def tell_over(draft: Draft, event: TicketResolved) -> None:
    withdraw_pages(draft, event.ticket, "the ticket has ended")
    withdraw_question(draft, event)
    ticket = draft.get(Ticket, event.ticket)
    if ticket is not None:
        by = draft.configuration.name_of(event.by) if event.by else None
        text = over(ticket, event.resolution, by, draft.now)
        tell_others(draft, ticket, event.by, f"{ticket.rounds}/resolved", lambda _: text)


def tell_others(
    draft: Draft, ticket: Ticket, by: str | None, key: str, words: Callable[[Person], Text]
) -> None:
    """Everybody who was paged for this ticket or had it, but not whoever did it."""
    for each in dict.fromkeys((*ticket.paged, ticket.last_holder or "")):
        person = draft.configuration.people.get(each)
        if person is not None and each != by:
            tell(draft, ticket, person, key, words(person))


def tell_called_off(draft: Draft, event: CatastropheCalledOff) -> None:
    """Nobody need come for the catastrophe; whom its next round pages hears of it from that page."""
    withdraw_pages(draft, event.ticket, "it is no catastrophe any more")
    ticket, escalation = draft.get(Ticket, event.ticket), draft.get(Escalation, event.ticket)
    if ticket is None or escalation is None:
        return
    key, name_of = f"{escalation.round}/called-off-by-{event.by}", draft.configuration.name_of
    text = called_off(ticket, name_of(event.by), name_of(ticket.holder or ""))
    paged = escalation.circle if ticket.state is State.OPEN else ()
    for each in ticket.paged:
        person = draft.configuration.people.get(each)
        if person is not None and each not in (event.by, *paged):
            tell(draft, ticket, person, key, text)


def tell_given_up(draft: Draft, event: TicketEscalated) -> None:
    """Whoever had it hears that they need not go on, unless they have said so, or are asked again."""
    withdraw_question(draft, event)
    ticket, escalation = draft.get(Ticket, event.ticket), draft.get(Escalation, event.ticket)
    holder = draft.configuration.people.get(event.holder or "")
    if ticket is None or escalation is None or holder is None:
        return
    if holder.id != event.by and holder.id not in still_asked(escalation.circle, escalation):
        key = f"{escalation.round}/{escalation.step}/sent-up-by-{event.by}"
        tell(draft, ticket, holder, key, sent_up(ticket, draft.configuration.name_of(event.by)))


def stop_person(draft: Draft, event: PersonDeclined) -> None:
    withdraw_pages(draft, event.ticket, f"{event.by} has declined", only=event.by)
    withdraw_question(draft, event)


def stop_everybody(draft: Draft, event: TicketHandedOver) -> None:
    withdraw_pages(draft, event.ticket, f"handed over to {event.to}")
    withdraw_question(draft, event)


def withdraw_pages(draft: Draft, ticket: int, why: str, only: str | None = None) -> None:
    """Pages that have not left; one that is being sent right now cannot be called back."""
    for delivery in draft.find("deliveries by ticket", ticket):
        theirs = only is None or delivery.person == only
        if theirs and delivery.purpose is Purpose.PAGE and delivery.state is DeliveryState.PENDING:
            withdraw(draft, delivery, why)


PAGE: Stage = {
    PageRequested: page_person,
    HolderAsked: ask_holder,
    TicketAcknowledged: tell_answered,
    AcknowledgementCounted: stop_counted,
    TicketTakenOver: tell_answered,
    AcknowledgementRenewed: withdraw_question,
    AcknowledgementLapsed: withdraw_question,
    HolderLeft: withdraw_question,
    TicketCommented: withdraw_question,
    PriorityRaised: wake_for_urgent,
    CatastropheDeclared: stop_asking,
    CatastropheCalledOff: tell_called_off,
    TicketSnoozed: tell_sleeping,
    PersonJoined: tell_coming,
    PersonDeclined: stop_person,
    TicketHandedOver: stop_everybody,
    TicketEscalated: tell_given_up,
    TicketResolved: tell_over,
    **SETTLE,
}
