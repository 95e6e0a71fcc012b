"""What must be true of every world at every instant; asked after each decision in simulation, and of the live
one.

Each rule yields sentences about what is wrong. A rule looks at committed state only; what the outside world
must do (that a page which is due is really attempted) is the shell's promise and is tested there.
"""

from collections.abc import Callable, Iterator

from monitord.core.check import Instant
from monitord.core.delivery import Delivery, DeliveryState, Purpose
from monitord.core.escalation import Escalation
from monitord.core.organization import ComponentState
from monitord.core.policy import DeadlineKind
from monitord.core.signal import Signal
from monitord.core.statuspage import Incident
from monitord.core.ticket import State, Ticket
from monitord.core.verdict import Action, Verdict
from monitord.core.world import World

WELL = ComponentState.OPERATIONAL

Rule = Callable[[World, Instant], Iterator[str]]


def violations(world: World, now: Instant) -> list[str]:
    """Every sentence about what is wrong; empty when the world is as promised."""
    return [sentence for rule in RULES for sentence in rule(world, now)]


def every_open_ticket_has_one_deadline(world: World, now: Instant) -> Iterator[str]:
    """Not resolved ⇒ exactly one next deadline, of the kind that its state asks for; resolved ⇒ none."""
    for ticket in world.all(Ticket):
        escalation = world.get(Escalation, ticket.number)
        if ticket.ended and escalation is not None:
            yield f"ticket {ticket.number} is resolved but still escalates"
        elif not ticket.ended and escalation is None:
            yield f"ticket {ticket.number} is {ticket.state.value} but has no deadline"
        elif escalation is not None and escalation.deadline.kind not in KINDS[ticket.state]:
            kind = escalation.deadline.kind.value
            yield f"ticket {ticket.number} is {ticket.state.value} but waits for {kind}"


KINDS = {
    State.OPEN: (DeadlineKind.TIER, DeadlineKind.REVIEW),
    State.ACKNOWLEDGED: (DeadlineKind.ASK, DeadlineKind.LAPSE, DeadlineKind.SNOOZE),
    State.RESOLVED: (),
}


def what_sleeps_says_until_when(world: World, now: Instant) -> Iterator[str]:
    """A ticket sleeps if, and as long as, its escalation does."""
    for ticket in world.find("open tickets", "open"):
        escalation = world.get(Escalation, ticket.number)
        if escalation is None:
            continue
        sleeps = escalation.deadline.kind is DeadlineKind.SNOOZE
        if ticket.snoozed_until != (escalation.deadline.at if sleeps else None):
            yield f"ticket {ticket.number} sleeps until {ticket.snoozed_until}, its escalation does not"


def no_deadline_is_too_far_away(world: World, now: Instant) -> Iterator[str]:
    """Never further away than its kind allows."""
    for escalation in world.all(Escalation):
        if escalation.deadline.at > now + escalation.deadline.span:
            yield f"the deadline of ticket {escalation.ticket} is further away than its span"


def no_deadline_is_forgotten(world: World, now: Instant) -> Iterator[str]:
    """Everything that is due later is armed for exactly that instant."""
    for kind in (Escalation, Verdict, Incident):
        records: list[Escalation | Verdict | Incident] = world.all(kind)
        for record in records:
            waits = record.due is not None and record.due > now
            if waits and world.armed.get((kind, record.key)) != record.due:
                yield f"{kind.__name__} {record.key} is due at {record.due} but not armed"


def a_raised_signal_is_told_or_held(world: World, now: Instant) -> Iterator[str]:
    """Raised and not held ⇒ it is on a ticket; held ⇒ there is a reason and an end that is not over."""
    for signal in world.all(Signal):
        verdict = world.get(Verdict, signal.key)
        if verdict is None:
            yield f"{signal.key} is raised but was never judged"
        elif verdict.action is Action.RAISE and not list(world.keys("tickets by signal", signal.key)):
            yield f"{signal.key} is raised, and nobody has a ticket for it"
        elif verdict.action is Action.HOLD and verdict.until is None:
            yield f"{signal.key} is held without an end"


def no_ticket_outlives_its_signals(world: World, now: Instant) -> Iterator[str]:
    """A ticket that signals opened has at least one that is raised."""
    for ticket in world.find("open tickets", "open"):
        for key in ticket.signals:
            if world.get(Signal, key) is None:
                yield f"ticket {ticket.number} holds {key}, which is not raised"
        if not ticket.signals and not ticket.cause.startswith("ticket/"):
            yield f"ticket {ticket.number} is open without a signal"


def nobody_is_paged_for_what_is_answered(world: World, now: Instant) -> Iterator[str]:
    """A page waits only while its ticket is open, or for somebody who was called by name."""
    for delivery in world.all(Delivery):
        if delivery.purpose is not Purpose.PAGE or delivery.state is not DeliveryState.PENDING:
            continue
        ticket = world.get(Ticket, delivery.ticket)
        called = ticket is not None and delivery.person in ticket.asked
        if not called and (ticket is None or ticket.state is not State.OPEN):
            yield f"{delivery.id} waits, but ticket {delivery.ticket} is not open"


def the_circle_is_asked(world: World, now: Instant) -> Iterator[str]:
    """Who was paged in this round is in its circle, and the circle in those who hear the end."""
    for escalation in world.all(Escalation):
        ticket = world.get(Ticket, escalation.ticket)
        if ticket is not None and not set(escalation.circle) <= set(ticket.paged):
            yield f"ticket {escalation.ticket}: somebody in the circle will not hear that it is over"
        if len(set(escalation.circle)) != len(escalation.circle):
            yield f"ticket {escalation.ticket}: somebody is in the circle twice"


def the_public_is_told_the_truth(world: World, now: Instant) -> Iterator[str]:
    """No component is operational while a signal that customers feel is raised."""
    shown = {name for story in world.all(Incident) for name, state in story.affects if state is not WELL}
    for signal in world.all(Signal):
        service = world.configuration.services.get(signal.service)
        harmless = service is None or service.public.effect is WELL
        if service is not None and not harmless and is_felt(world, signal):
            for component in service.components:
                if component not in shown:
                    yield f"{component} is shown operational although {signal.key} is raised"


def every_story_has_a_reason(world: World, now: Instant) -> Iterator[str]:
    """A story that monitord alone has told lives only while a signal keeps it alive."""
    felt = {signal.service for signal in world.all(Signal) if is_felt(world, signal)}
    for story in world.all(Incident):
        if not story.written_by_people and story.service not in felt:
            yield f"incident {story.id} goes on although nothing is wrong"


def is_felt(world: World, signal: Signal) -> bool:
    verdict = world.get(Verdict, signal.key)
    return verdict is not None and verdict.felt


RULES: tuple[Rule, ...] = (
    every_open_ticket_has_one_deadline,
    what_sleeps_says_until_when,
    no_deadline_is_too_far_away,
    no_deadline_is_forgotten,
    a_raised_signal_is_told_or_held,
    no_ticket_outlives_its_signals,
    nobody_is_paged_for_what_is_answered,
    the_circle_is_asked,
    the_public_is_told_the_truth,
    every_story_has_a_reason,
)
