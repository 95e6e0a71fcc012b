"""Troubles to simulate: the facts by which something goes wrong, and the world in which it does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from monitord.core.check import CheckResult, Instant, Outcome, Probe
from monitord.core.command import OpenTicket
from monitord.core.delivery import Delivery, DeliverySent, DeliveryState
from monitord.core.escalation import Escalation
from monitord.core.facts import Fact, Record
from monitord.core.health import Health
from monitord.core.heartbeat import Pulse
from monitord.core.organization import Priority
from monitord.core.report import Integration, Report, inbound_source
from monitord.core.signal import Signal
from monitord.core.statuspage import Incident, Post
from monitord.core.subscription import Broadcast, Subscriber
from monitord.core.ticket import Ticket
from monitord.core.verdict import Verdict
from monitord.core.webhook import WebhookStanding
from monitord.core.world import Configuration
from monitord.play.house import House
from monitord.play.simulation import Foreseen, Question, Simulation

REPORTER = "simulation"
# What is going on now; everything else that a store holds is what people have arranged, and it stays.
GOING_ON = (
    *(Health, Signal, Verdict, Ticket, Escalation, Delivery, Incident, Post, Subscriber, Broadcast),
    *(WebhookStanding, Pulse),
)

Watch = Callable[[], None]  # asked after every decision; it may raise


def patiently() -> None:
    """However long it takes."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong: facts with their times, and who must be known to report them."""

    facts: tuple[tuple[Instant, Fact], ...]
    configuration: Configuration


def probe_down(configuration: Configuration, probe: Probe, at: Instant) -> Trouble:
    """The last of its failures that it takes is at `at`."""
    pace = probe.recheck or probe.every
    times = [at - pace * (probe.failures - number) for number in range(1, probe.failures + 1)]
    facts = tuple((time, CheckResult(probe.id, Outcome.CRITICAL, time, "simulated")) for time in times)
    return Trouble(facts, configuration)


def reported(configuration: Configuration, service: str, priority: Priority, at: Instant) -> Trouble:
    """Something outside reports it for the service."""
    known = {**configuration.integrations, REPORTER: Integration(REPORTER)}
    name = configuration.services[service].name or service
    report = Report(inbound_source(REPORTER), "trouble", True, service, priority, f"{name} has a problem")
    return Trouble(((at, report),), replace(configuration, integrations=known))


def opened_by_hand(configuration: Configuration, ticket: OpenTicket, at: Instant) -> Trouble:
    """A person opens this ticket."""
    return Trouble(((at, ticket),), configuration)


def foresee(
    trouble: Trouble, question: Question, records: Iterable[Record] = (), watch: Watch = patiently
) -> Foreseen:
    """What the trouble would set off, among what people have arranged."""
    begins = min(at for at, _ in trouble.facts)
    house = House(trouble.configuration, begins, records=at_run_time(records))
    return Simulation(house, question, watch=watch).run(trouble.facts)


def at_run_time(records: Iterable[Record]) -> tuple[Record, ...]:
    """What people have arranged, without what is going on."""
    return tuple(record for record in records if not isinstance(record, GOING_ON))


def foresee_ticket(
    configuration: Configuration,
    number: int,
    question: Question,
    records: Iterable[Record],
    watch: Watch = patiently,
) -> Foreseen:
    """What comes next for a ticket that there is; what is being sent right now is taken to arrive."""
    house = House(configuration, question.at, records=tuple(records))
    for delivery in house.world.all(Delivery):
        if delivery.state is DeliveryState.SENDING:
            house.do(DeliverySent(delivery.id))
    return Simulation(house, question, number, watch).run(())
