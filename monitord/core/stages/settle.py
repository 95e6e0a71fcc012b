"""settle: a delivery leaves, waits, is refused or withdrawn, and what follows for the others of its page."""

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
from monitord.core.escalation import Escalation
from monitord.core.facts import ConfigurationAccepted
from monitord.core.holding import hurry
from monitord.core.organization import Priority
from monitord.core.paging import (
    NextMethodBroughtForward,
    NobodyReached,
    brought_forward,
    is_question,
    next_in_turn,
    superseded,
)
from monitord.core.policy import DeadlineKind
from monitord.core.quiet import PageWaits, held, is_held, quiet_until, released, respects
from monitord.core.ticket import (
    State,
    Ticket,
)
from monitord.core.world import Draft, Stage, World

HICCUP = timedelta(seconds=20)  # refused for less is no reason to wake the next tier


def start_attempt(draft: Draft, fact: AttemptStarted) -> None:
    delivery = draft.get(Delivery, fact.delivery)
    if delivery is None:
        return
    attempt = start(delivery, draft.now)
    if attempt is delivery:
        return
    until = rests_until(draft, delivery)
    if until is not None:
        draft.put(held(delivery, until))
        say_that_it_waits(draft, held(delivery, until))
    else:
        draft.put(replace(attempt, why="") if is_held(delivery) else attempt)
        if attempt.purpose is Purpose.PAGE:
            supersede(draft, attempt)


def rests_until(draft: Draft, delivery: Delivery) -> Instant | None:
    """Until when its person wants not to hear of it; None if it may leave now."""
    person, ticket = draft.configuration.people.get(delivery.person or ""), draft.get(Ticket, delivery.ticket)
    if person is None or is_question(delivery):
        return None
    priority = ticket.priority if ticket is not None else Priority.LOW
    return quiet_until(person, draft.now) if respects(delivery.purpose, priority) else None


def say_that_it_waits(draft: Draft, waiting: Delivery) -> None:
    person = draft.configuration.people.get(waiting.person or "")
    if person is not None and waiting.ticket is not None and waiting.due is not None:
        zone = person.time_zone
        draft.tell(PageWaits(waiting.ticket, person.id, waiting.channel, waiting.due, zone))


def supersede(draft: Draft, newer: Delivery) -> None:
    for older in draft.find("refused so far", newer.ticket):
        if superseded(older, newer):
            withdraw(draft, older, "a newer page takes its place")


def withdraw(draft: Draft, delivery: Delivery, why: str) -> None:
    settle(draft, *withdrawn(delivery, why))


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
    if following is None or rests_until(draft, following) is not None:
        return
    if following.due is not None and following.due > draft.now:
        draft.put(brought_forward(following, draft.now))
        draft.tell(NextMethodBroughtForward(failed.ticket, failed.person, following.channel, why))


def hopeful(delivery: Delivery, now: Instant) -> bool:
    """It may still get through soon: untried, on its way, or refused for so short a time only."""
    if is_held(delivery):
        return False
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
            draft.put(judged_again(draft, replace(delivery, due=due)))


def judged_again(draft: Draft, delivery: Delivery) -> Delivery:
    """Quiet hours end when the clock on the wall, or the configuration, now says so."""
    if not is_held(delivery):
        return delivery
    until = rests_until(draft, delivery)
    return held(delivery, until) if until is not None else released(delivery, draft.now)


def unstretch(draft: Draft, fact: ConfigurationAccepted) -> None:
    """The clock may have been set back while we were not running: nothing waits longer than was meant."""
    for delivery in draft.all(Delivery):
        if is_held(delivery):
            draft.put(judged_again(draft, delivery))
        elif delivery.due is not None:
            planned = max(delivery.due - delivery.date, timedelta(0))
            longest = backoff(delivery)[-1] if delivery.attempts else planned
            due = min(delivery.due, draft.now + longest)
            if due != delivery.due:
                draft.put(replace(delivery, due=due))


def settle(draft: Draft, delivery: Delivery, event: DeliveryEvent) -> None:
    draft.put(delivery)
    draft.tell(event)


SETTLE: Stage = {
    AttemptStarted: start_attempt,
    DeliverySent: settle_sent,
    DeliveryRefused: settle_refused,
    DeliveryInterrupted: settle_interrupted,
    ClockSet: shift,
    ConfigurationAccepted: unstretch,
}
