"""What must be true of every world at every instant; asked after each decision in simulation, and of the live
one.

Each rule looks at one record and yields sentences about what is wrong with it, so that a live world can be
looked through a few records at a time, between two commits. A rule looks at committed state only; what the
outside world must do (that a page which is due is really attempted) is the shell's promise and tested there.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from monitord.core.absence import LASTS_MAX
from monitord.core.almanac import AlmanacStanding
from monitord.core.amendment import Amendment
from monitord.core.beating import armed
from monitord.core.check import Instant
from monitord.core.delivery import Delivery, DeliveryState, Purpose
from monitord.core.escalation import Escalation
from monitord.core.governing import calls_earlier, idle, policy_for
from monitord.core.heartbeat import Pulse, PulseState
from monitord.core.leave import Leave
from monitord.core.organization import ComponentState, Priority
from monitord.core.policy import DeadlineKind
from monitord.core.quiet import is_held
from monitord.core.report import heartbeat_source
from monitord.core.signal import DOWN, Signal, signal_key
from monitord.core.silence import LONGEST, Silence
from monitord.core.statuspage import Incident
from monitord.core.swap import Swap
from monitord.core.ticket import State, Ticket
from monitord.core.verdict import Action, Reason, Verdict
from monitord.core.world import World

WELL = ComponentState.OPERATIONAL

Rule = Callable[[World, Any, Instant], Iterator[str]]


def violations(world: World, now: Instant) -> list[str]:
    """Every sentence about what is wrong; empty when the world is as promised."""
    return [
        sentence for kind in RULES for record in world.all(kind) for sentence in wrong(world, record, now)
    ]


def wrong(world: World, record: Any, now: Instant) -> Iterator[str]:
    """What is wrong with one record of the world."""
    for rule in RULES[type(record)]:
        yield from rule(world, record, now)


def a_ticket_has_one_deadline(world: World, ticket: Ticket, now: Instant) -> Iterator[str]:
    """Not resolved ⇒ exactly one next deadline, of the kind that its state asks for; resolved ⇒ none."""
    escalation = world.get(Escalation, ticket.number)
    if ticket.ended and escalation is not None:
        yield f"ticket {ticket.number} is resolved but still escalates"
    elif not ticket.ended and escalation is None:
        yield f"ticket {ticket.number} is {ticket.state.value} but has no deadline"
    elif escalation is not None and escalation.deadline.kind not in KINDS[ticket.state]:
        kind = escalation.deadline.kind.value
        yield f"ticket {ticket.number} is {ticket.state.value} but waits for {kind}"


KINDS = {
    State.OPEN: (DeadlineKind.TIER, DeadlineKind.REVIEW, DeadlineKind.HOURS),
    State.ACKNOWLEDGED: (DeadlineKind.ASK, DeadlineKind.LAPSE, DeadlineKind.SNOOZE),
    State.RESOLVED: (),
}


def who_could_be_called_is(world: World, ticket: Ticket, now: Instant) -> Iterator[str]:
    """Nobody is called ⇒ its service has no policy that would call somebody earlier."""
    escalation, known = world.get(Escalation, ticket.number), world.configuration
    if escalation is None or not idle(escalation):
        return
    policy = policy_for(known, ticket, escalation, ())
    if calls_earlier(policy, escalation, now, known.holidays):
        yield f"nobody is called for ticket {ticket.number}, and policy {policy.id} would"


def what_sleeps_says_until_when(world: World, ticket: Ticket, now: Instant) -> Iterator[str]:
    """A ticket sleeps if, and as long as, its escalation does."""
    escalation = world.get(Escalation, ticket.number)
    sleeps = escalation is not None and escalation.deadline.kind is DeadlineKind.SNOOZE
    if ticket.snoozed_until != (escalation.deadline.at if escalation and sleeps else None):
        yield f"ticket {ticket.number} sleeps until {ticket.snoozed_until}, its escalation does not"


def a_deadline_is_not_too_far_away(world: World, escalation: Escalation, now: Instant) -> Iterator[str]:
    """Never further away than its kind allows."""
    if escalation.deadline.at > now + escalation.deadline.span:
        yield f"the deadline of ticket {escalation.ticket} is further away than its span"


def a_deadline_is_not_forgotten(
    world: World,
    record: Escalation | Verdict | Incident | Signal | Pulse | Silence | Amendment | Swap | Leave,
    now: Instant,
) -> Iterator[str]:
    """Everything that is due later is armed for exactly that instant."""
    waits = record.due is not None and record.due > now
    if waits and world.armed.get((type(record), record.key)) != record.due:
        yield f"{type(record).__name__} {record.key} is due at {record.due} but not armed"


def a_raised_signal_is_told_or_held(world: World, signal: Signal, now: Instant) -> Iterator[str]:
    """Raised and not held ⇒ it is on a ticket; held ⇒ there is a reason and an end that is not over."""
    verdict = world.get(Verdict, signal.key)
    if verdict is None:
        yield f"{signal.key} is raised but was never judged"
    elif verdict.action is Action.RAISE and not list(world.keys("tickets by signal", signal.key)):
        yield f"{signal.key} is raised, and nobody has a ticket for it"
    elif verdict.action is Action.HOLD and verdict.until is None:
        yield f"{signal.key} is held without an end"


def what_is_silenced_has_a_silence(world: World, verdict: Verdict, now: Instant) -> Iterator[str]:
    """Held for a silence ⇒ there is one that is about it."""
    signal = world.get(Signal, verdict.signal)
    if verdict.reason is not Reason.SILENCED or signal is None:
        return
    if not any(silence.covers(signal, world.configuration.fits) for silence in world.all(Silence)):
        yield f"{signal.key} is silenced by nobody"


def a_silence_is_short(world: World, silence: Silence, now: Instant) -> Iterator[str]:
    """By somebody, for a reason, and never for longer than a day."""
    if not silence.by or not silence.reason:
        yield f"nobody says why silence {silence.id} is"
    if silence.end > now + LONGEST:
        yield f"silence {silence.id} goes on until {silence.end}"


def a_leave_is_a_while(world: World, leave: Leave, now: Instant) -> Iterator[str]:
    """By somebody, from one instant to a later one, and never for longer than anybody is away."""
    if not leave.by:
        yield f"nobody has entered leave {leave.id}"
    if not timedelta(0) < leave.end - leave.start <= LASTS_MAX:
        yield f"leave {leave.id} is from {leave.start} to {leave.end}"


def what_cannot_be_read_has_a_reason(world: World, standing: AlmanacStanding, now: Instant) -> Iterator[str]:
    """Failing ⇔ somebody can say why."""
    if (standing.failing is not None) != bool(standing.why):
        yield f"calendar {standing.calendar} fails without a reason, or has one and does not fail"


def a_heartbeat_is_awaited(world: World, pulse: Pulse, now: Instant) -> Iterator[str]:
    """Down ⇔ that is raised; and anything else that was heard of has the one deadline that it should have."""
    heartbeat = world.configuration.heartbeats.get(pulse.heartbeat)
    if heartbeat is None:
        return
    down = pulse.state is PulseState.DOWN
    if (world.get(Signal, signal_key(heartbeat_source(pulse.heartbeat), DOWN)) is not None) != down:
        yield f"heartbeat {pulse.heartbeat} is {pulse.state.value}, and its signal says otherwise"
    if pulse.due != armed(pulse, heartbeat).due:
        yield f"heartbeat {pulse.heartbeat} waits for another instant than it should"
    if pulse.due is None and not down and (pulse.last is not None or pulse.runs):
        yield f"heartbeat {pulse.heartbeat} is awaited by nobody"


def a_ticket_does_not_outlive_its_signals(world: World, ticket: Ticket, now: Instant) -> Iterator[str]:
    """One that signals opened has at least one that is raised, unless a person says that it is not over."""
    if ticket.ended:
        return
    for key in ticket.signals:
        if world.get(Signal, key) is None:
            yield f"ticket {ticket.number} holds {key}, which is not raised"
    if not ticket.signals and not ticket.cause.startswith("ticket/") and ticket.reopened_by is None:
        yield f"ticket {ticket.number} is open without a signal"


def nobody_is_paged_for_what_is_answered(world: World, delivery: Delivery, now: Instant) -> Iterator[str]:
    """A page waits only while its ticket is open, or for somebody who was called by name."""
    if delivery.purpose is not Purpose.PAGE or delivery.state is not DeliveryState.PENDING:
        return
    ticket = world.get(Ticket, delivery.ticket)
    if ticket is not None and delivery.person in ticket.asked:
        return
    if ticket is None or ticket.state is not State.OPEN:
        yield f"{delivery.id} waits, but ticket {delivery.ticket} is not open"
    climbing = world.get(Escalation, delivery.ticket)
    if climbing is not None and delivery.person in climbing.acknowledged:
        yield f"{delivery.id} waits, but {delivery.person} has acknowledged"


def an_answer_counts_once(world: World, escalation: Escalation, now: Instant) -> Iterator[str]:
    """Who has acknowledged is of this round, and each counts once."""
    if len(set(escalation.acknowledged)) != len(escalation.acknowledged):
        yield f"ticket {escalation.ticket}: somebody is counted twice"
    if set(escalation.acknowledged) & set(escalation.declined):
        yield f"ticket {escalation.ticket}: somebody has acknowledged and declined"


def what_is_urgent_is_not_held(world: World, delivery: Delivery, now: Instant) -> Iterator[str]:
    """An urgent page waits for nobody's quiet hours."""
    ticket = world.get(Ticket, delivery.ticket)
    urgent = ticket is not None and ticket.priority is Priority.URGENT
    if urgent and delivery.purpose is Purpose.PAGE and is_held(delivery):
        yield f"{delivery.id} is urgent, and waits for the end of quiet hours"


def the_circle_is_asked(world: World, escalation: Escalation, now: Instant) -> Iterator[str]:
    """Who was paged in this round is in its circle, and the circle in those who hear the end."""
    ticket = world.get(Ticket, escalation.ticket)
    if ticket is not None and not set(escalation.circle) <= set(ticket.paged):
        yield f"ticket {escalation.ticket}: somebody in the circle will not hear that it is over"
    if len(set(escalation.circle)) != len(escalation.circle):
        yield f"ticket {escalation.ticket}: somebody is in the circle twice"


def the_public_is_told_the_truth(world: World, signal: Signal, now: Instant) -> Iterator[str]:
    """No component is operational while a signal that customers feel is raised."""
    service = world.configuration.services.get(signal.service)
    if service is None or service.public.effect is WELL or not is_felt(world, signal):
        return
    own = shown(world.find("incidents by service", signal.service))
    missing = [component for component in service.components if component not in own]
    others = shown(world.all(Incident)) if missing else own
    for component in missing:
        if component not in others:
            yield f"{component} is shown operational although {signal.key} is raised"


def shown(stories: list[Incident]) -> set[str]:
    """The components that these stories say are not well."""
    return {name for story in stories for name, state in story.affects if state is not WELL}


def a_story_has_a_reason(world: World, story: Incident, now: Instant) -> Iterator[str]:
    """A story that monitord alone has told lives only while a signal keeps it alive."""
    if story.written_by_people:
        return
    if not any(is_felt(world, signal) for signal in world.find("signals by service", story.service)):
        yield f"incident {story.id} goes on although nothing is wrong"


def is_felt(world: World, signal: Signal) -> bool:
    verdict = world.get(Verdict, signal.key)
    return verdict is not None and verdict.felt


RULES: Mapping[type[Any], tuple[Rule, ...]] = {
    Ticket: (
        a_ticket_has_one_deadline,
        who_could_be_called_is,
        what_sleeps_says_until_when,
        a_ticket_does_not_outlive_its_signals,
    ),
    Escalation: (
        a_deadline_is_not_too_far_away,
        a_deadline_is_not_forgotten,
        the_circle_is_asked,
        an_answer_counts_once,
    ),
    Verdict: (a_deadline_is_not_forgotten, what_is_silenced_has_a_silence),
    Pulse: (a_deadline_is_not_forgotten, a_heartbeat_is_awaited),
    Silence: (a_deadline_is_not_forgotten, a_silence_is_short),
    Amendment: (a_deadline_is_not_forgotten,),
    Swap: (a_deadline_is_not_forgotten,),
    AlmanacStanding: (what_cannot_be_read_has_a_reason,),
    Leave: (a_deadline_is_not_forgotten, a_leave_is_a_while),
    Signal: (a_deadline_is_not_forgotten, a_raised_signal_is_told_or_held, the_public_is_told_the_truth),
    Delivery: (nobody_is_paged_for_what_is_answered, what_is_urgent_is_not_held),
    Incident: (a_deadline_is_not_forgotten, a_story_has_a_reason),
}
