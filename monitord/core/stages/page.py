"""page: requests for attention become deliveries, and what becomes of a delivery is settled."""

from dataclasses import replace
from datetime import timedelta

from monitord.core.check import ClockSet, Instant
from monitord.core.delivery import (
    AttemptStarted,
    Delivery,
    DeliveryEvent,
    DeliveryInterrupted,
    DeliveryRefused,
    DeliverySent,
    DeliveryState,
    Purpose,
    backoff,
    interrupted,
    refused,
    sent,
    start,
    withdrawn,
)
from monitord.core.escalation import (
    AcknowledgementLapsed,
    Escalation,
    HolderAsked,
    HolderLeft,
    PageRequested,
    hurry,
)
from monitord.core.organization import Person, Service
from monitord.core.paging import (
    NextMethodBroughtForward,
    NobodyReached,
    PersonUnreachable,
    brought_forward,
    is_question,
    news,
    next_in_turn,
    page,
    question,
    superseded,
)
from monitord.core.policy import DeadlineKind
from monitord.core.quorum import AcknowledgementCounted
from monitord.core.ticket import (
    AcknowledgementRenewed,
    PersonDeclined,
    PersonJoined,
    PriorityRaised,
    State,
    Ticket,
    TicketAcknowledged,
    TicketCommented,
    TicketHandedOver,
    TicketResolved,
    TicketSnoozed,
    TicketTakenOver,
)
from monitord.core.whom import unreachable
from monitord.core.wording import Text, acknowledged, called, coming, over, sleeping, still_on_it
from monitord.core.wording import page as page_text
from monitord.core.world import ConfigurationAccepted, Draft, Stage, World

Answer = (
    AcknowledgementRenewed
    | AcknowledgementLapsed
    | HolderLeft
    | PersonDeclined
    | PriorityRaised
    | TicketAcknowledged
    | TicketCommented
    | TicketHandedOver
    | TicketResolved
    | TicketSnoozed
    | TicketTakenOver
)
HICCUP = timedelta(seconds=20)  # refused for less is no reason to wake the next tier


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
    text = page_text(ticket, escalation, person, service, draft.now)
    if request.by is not None:
        text = called(text, ticket, request.by, request.text)
    chain = page(draft.installation.epoch, request, person, text, draft.now, ticket.priority)
    supersede(draft, chain[0])
    draft.put(*chain)


def service_of(draft: Draft, ticket: Ticket) -> Service:
    return draft.configuration.services.get(ticket.service) or Service(ticket.service)


def supersede(draft: Draft, newer: Delivery) -> None:
    for older in draft.find("deliveries by ticket", newer.ticket):
        if superseded(older, newer):
            withdraw(draft, older, "a newer page takes its place")


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
    """News for one person about one ticket."""
    calls = draft.configuration.calling_channels
    epoch = draft.installation.epoch
    draft.put(*news(epoch, key, ticket.number, ticket.rounds, person, text, draft.now, calls, chain))


def tell_answered(draft: Draft, event: TicketAcknowledged | TicketTakenOver) -> None:
    """Somebody has it: nobody else is paged, and everybody who was is told."""
    withdraw_pages(draft, event.ticket, f"{event.by} has acknowledged")
    withdraw_question(draft, event)
    ticket = draft.get(Ticket, event.ticket)
    escalation = draft.get(Escalation, event.ticket)
    if ticket is None or escalation is None:
        return
    key = f"{escalation.round}/{escalation.renewals}/acknowledged-by-{event.by}"
    tell_others(draft, ticket, event.by, key, acknowledged(ticket, event.by))


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
        tell_others(draft, ticket, event.by, key, sleeping(ticket, event.by, event.until))


def tell_coming(draft: Draft, event: PersonJoined) -> None:
    """Who was called comes: nothing more for them, and a word for whoever has it."""
    withdraw_pages(draft, event.ticket, f"{event.by} has answered", only=event.by)
    ticket, escalation = draft.get(Ticket, event.ticket), draft.get(Escalation, event.ticket)
    holder = draft.configuration.people.get(event.holder or "")
    if ticket is not None and escalation is not None and holder is not None:
        key = f"{escalation.round}/{escalation.step}/joined-by-{event.by}"
        tell(draft, ticket, holder, key, coming(ticket, event.by))


def tell_over(draft: Draft, event: TicketResolved) -> None:
    withdraw_pages(draft, event.ticket, "the ticket has ended")
    withdraw_question(draft, event)
    ticket = draft.get(Ticket, event.ticket)
    if ticket is not None:
        text = over(ticket, event.resolution, event.by, draft.now)
        tell_others(draft, ticket, event.by, f"{ticket.rounds}/resolved", text)


def tell_others(draft: Draft, ticket: Ticket, by: str | None, key: str, text: Text) -> None:
    """Everybody who was paged for this ticket or had it, but not whoever did it."""
    for each in dict.fromkeys((*ticket.paged, ticket.last_holder or "")):
        person = draft.configuration.people.get(each)
        if person is not None and each != by:
            tell(draft, ticket, person, key, text)


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


def withdraw(draft: Draft, delivery: Delivery, why: str) -> None:
    settle(draft, *withdrawn(delivery, why))


# What becomes of a delivery.


def start_attempt(draft: Draft, fact: AttemptStarted) -> None:
    delivery = draft.get(Delivery, fact.delivery)
    if delivery is None:
        return
    attempt = start(delivery, draft.now)
    if attempt is not delivery:
        draft.put(attempt)
        if attempt.purpose is Purpose.PAGE:
            supersede(draft, attempt)


def settle_sent(draft: Draft, fact: DeliverySent) -> None:
    delivery = sending(draft, fact.delivery)
    if delivery is not None:
        after, event = sent(delivery, fact)
        draft.put(after)
        if is_told(delivery):
            draft.tell(event)
        mark_heard(draft, delivery)


def is_told(delivery: Delivery) -> bool:
    """A timeline is for people: that a webhook has heard of each of its lines is no line of it."""
    return delivery.purpose is not Purpose.WEBHOOK


def mark_heard(draft: Draft, delivery: Delivery) -> None:
    """At least one message of this step has left: it need not be hurried."""
    escalation = draft.get(Escalation, delivery.ticket)
    if escalation is None or escalation.heard == escalation.step:
        return
    if delivery.chain.startswith(step_prefix(draft, escalation)):
        draft.put(replace(escalation, heard=escalation.step))


def settle_refused(draft: Draft, fact: DeliveryRefused) -> None:
    delivery = sending(draft, fact.delivery)
    if delivery is not None:
        settle_unsent(draft, delivery, fact.why, *refused(delivery, fact, draft.now))


def settle_interrupted(draft: Draft, fact: DeliveryInterrupted) -> None:
    delivery = sending(draft, fact.delivery)
    if delivery is not None:
        settle_unsent(draft, delivery, "interrupted", *interrupted(delivery, draft.now))


def sending(draft: Draft, key: str) -> Delivery | None:
    delivery = draft.get(Delivery, key)
    return delivery if delivery is not None and delivery.state is DeliveryState.SENDING else None


def settle_unsent(draft: Draft, before: Delivery, why: str, after: Delivery, event: DeliveryEvent) -> None:
    """It did not leave: the next contact method takes its turn, and if there is none, the next tier."""
    if not wanted(draft, before):
        withdraw(draft, before, "no longer needed")
        return
    draft.put(after)
    if is_told(before) or not after.live:
        draft.tell(event)
    if before.purpose is Purpose.PAGE:
        bring_next_forward(draft, before, why)
        widen_if_nobody_heard(draft, before)


def wanted(world: World | Draft, delivery: Delivery) -> bool:
    """A page is wanted while nobody has its ticket, or somebody was called and has not answered; a question
    while it is one; everything else until it has left.
    """
    if is_question(delivery):
        climbing = world.get(Escalation, delivery.ticket)
        return climbing is not None and climbing.deadline.kind is DeadlineKind.LAPSE
    if delivery.purpose is not Purpose.PAGE:
        return True
    ticket, climbing = world.get(Ticket, delivery.ticket), world.get(Escalation, delivery.ticket)
    if ticket is None or delivery.person in ticket.asked:
        return ticket is not None
    has_it = climbing is not None and delivery.person in climbing.acknowledged
    return ticket.state is State.OPEN and not has_it


def bring_next_forward(draft: Draft, failed: Delivery, why: str) -> None:
    following = next_in_turn(draft.find("deliveries by chain", failed.chain), failed)
    if following is not None and following.due is not None and following.due > draft.now:
        draft.put(brought_forward(following, draft.now))
        draft.tell(NextMethodBroughtForward(failed.ticket, failed.person, following.channel, why))


def hopeful(delivery: Delivery, now: Instant) -> bool:
    """It may still get through: untried, on its way, or refused for so short a time only."""
    tried = delivery.state is DeliveryState.PENDING and delivery.attempts > 0
    return not tried or now < delivery.date + HICCUP


def widen_if_nobody_heard(draft: Draft, failed: Delivery) -> None:
    """Every message of the newest step was refused: its tier's time would be waited for nobody."""
    escalation = draft.get(Escalation, failed.ticket)
    if escalation is None or escalation.heard == escalation.step:
        return
    prefix = step_prefix(draft, escalation)
    if not failed.chain.startswith(prefix):
        return
    step = [d for d in draft.find("deliveries by ticket", failed.ticket) if d.chain.startswith(prefix)]
    if any(hopeful(delivery, draft.now) for delivery in step):
        return
    sooner = hurry(escalation, draft.now)
    if sooner is not escalation:
        draft.put(sooner)
        draft.tell(NobodyReached(escalation.ticket, escalation.step))


def step_prefix(draft: Draft, escalation: Escalation) -> str:
    """What the chains of this step's pages begin with."""
    return f"{draft.installation.epoch}/{escalation.ticket}/{escalation.round}/{escalation.step}/"


def shift(draft: Draft, fact: ClockSet) -> None:
    """What waits for its turn, or for another try, waits as long as was meant; what was due stays due."""
    before = draft.now - fact.by
    for delivery in draft.all(Delivery):
        if delivery.due is not None:
            waits = delivery.due > before
            due = delivery.due + fact.by if waits else min(delivery.due, draft.now)
            draft.put(replace(delivery, due=due))


def unstretch(draft: Draft, fact: ConfigurationAccepted) -> None:
    """The clock may have been set back while we were not running: nothing waits longer than was meant."""
    for delivery in draft.all(Delivery):
        if delivery.due is not None:
            planned = max(delivery.due - delivery.date, timedelta(0))
            longest = backoff(delivery)[-1] if delivery.attempts else planned
            due = min(delivery.due, draft.now + longest)
            if due != delivery.due:
                draft.put(replace(delivery, due=due))


def settle(draft: Draft, delivery: Delivery, event: DeliveryEvent) -> None:
    draft.put(delivery)
    draft.tell(event)


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
    PriorityRaised: withdraw_question,
    TicketSnoozed: tell_sleeping,
    PersonJoined: tell_coming,
    PersonDeclined: stop_person,
    TicketHandedOver: stop_everybody,
    TicketResolved: tell_over,
    AttemptStarted: start_attempt,
    DeliverySent: settle_sent,
    DeliveryRefused: settle_refused,
    DeliveryInterrupted: settle_interrupted,
    ClockSet: shift,
    ConfigurationAccepted: unstretch,
}
