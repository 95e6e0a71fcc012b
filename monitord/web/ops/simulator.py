"""The simulator of a running daemon: who would be called, as it stands now, asked without being in its way.

Theory of operation. A question takes a copy of the world (values, so that nothing moves under it) into a
thread, one question at a time; a few wait, the others are sent away. A watch looks in after every decision:
it ends what takes too long or what nobody waits for any more, and now and then it rests, because Python runs
one thread at a time and checks and pages come first.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any

from monitord.core.check import Instant
from monitord.core.facts import RECORDS, Installation
from monitord.core.organization import Priority
from monitord.core.ticket import Ticket
from monitord.core.world import Configuration, World
from monitord.engine.clock import Clock
from monitord.play.simulation import Foreseen, Question
from monitord.play.trouble import GOING_ON, Watch, foresee, foresee_ticket, probe_down, reported
from monitord.web.ops.limits import (
    SIMULATED_YEARS,
    SIMULATION_RESTS,
    SIMULATION_WITHIN,
    SIMULATION_WORKS,
    SIMULATIONS_WAITING_MAX,
)
from monitord.web.threads import in_thread

PROBE, SERVICE, TICKET = "probe", "service", "ticket"
KNOWN: dict[str, Callable[[Configuration], Any]] = {
    PROBE: lambda known: known.probes,
    SERVICE: lambda known: known.services,
    "person": lambda known: known.people,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What happens to which probe, service or ticket; the priority is of a service's trouble."""

    about: str
    name: str
    question: Question
    priority: Priority = Priority.URGENT

    @property
    def subject(self) -> str:
        """As `monitord simulate` says it."""
        return SUBJECTS[self.about].format(self.name)


SUBJECTS = {PROBE: "Probe {} goes down", SERVICE: "Service {} has a problem", TICKET: "Ticket {}"}


class Unknown(Exception):
    """There is no such probe, service, person or open ticket; `known` are those that there are."""

    def __init__(self, what: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no {what} {name}")
        self.what, self.name, self.known = what, name, known


class TooMuch(Exception):
    """It cannot be foreseen now, or not at all; the text says why, `remedy` what would help."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


class Simulator:
    """One for all doors."""

    def __init__(self, world: Callable[[], World], clock: Clock) -> None:
        self.world, self.clock = world, clock
        self.turn = asyncio.Lock()
        self.waiting = 0

    async def foresee(self, asked: Asked) -> Foreseen:
        """Who would be called. Raises Unknown, TooMuch."""
        if self.waiting >= SIMULATIONS_WAITING_MAX:
            raise TooMuch("others are simulating just now", "ask again in a few seconds")
        if asked.question.at.year not in SIMULATED_YEARS:
            years = f"{SIMULATED_YEARS[0]} to {SIMULATED_YEARS[-1]}"
            raise TooMuch("that is too far away", f"take a year from {years}")
        self.waiting += 1
        watch = Patience(self.clock)
        try:
            async with self.turn:
                return await in_thread(prepared(self.world(), asked), watch)
        finally:
            watch.left.set()
            self.waiting -= 1


def prepared(world: World, asked: Asked) -> Callable[[Watch], Foreseen]:
    """The question with a copy of what it is asked of, ready for a thread. Raises Unknown."""
    here, question = world.configuration, asked.question
    for person in (*question.unreachable, *filter(None, (question.acknowledged_by,))):
        refuse_unknown("person", person, here)
    if asked.about == TICKET:
        number = open_ticket(world, asked.name)
        everything = tuple(records(world))
        return lambda watch: foresee_ticket(here, number, question, everything, watch)
    refuse_unknown(asked.about, asked.name, here)
    trouble = TROUBLES[asked.about](here, asked, question.at)
    arranged = tuple(records(world, GOING_ON))
    return lambda watch: foresee(trouble, question, arranged, watch)


TROUBLES: dict[str, Callable[[Configuration, Asked, Instant], Any]] = {
    PROBE: lambda here, asked, at: probe_down(here, here.probes[asked.name], at),
    SERVICE: lambda here, asked, at: reported(here, asked.name, asked.priority, at),
}


def records(world: World, but: tuple[type[Any], ...] = ()) -> Iterator[Any]:
    """Everything that is live, but those kinds."""
    kinds = (kind for kind in RECORDS if kind not in but and kind is not Installation)
    yield world.installation
    for kind in kinds:
        yield from world.all(kind)


def refuse_unknown(what: str, name: str, here: Configuration) -> None:
    known = KNOWN[what](here)
    if name not in known:
        raise Unknown(what, name, tuple(known))


def open_ticket(world: World, name: str) -> int:
    """Its number; one that is over has nothing before it. Raises Unknown."""
    live = {str(each.number): each.number for each in world.all(Ticket) if not each.ended}
    if name not in live:
        raise Unknown("open ticket", name, tuple(live))
    return live[name]


class Patience:
    """How long a question may take; whoever leaves sets `left`."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.left = clock, Event()
        self.began: float | None = None  # in the thread: to wait for it is not to work
        self.rested = 0.0

    def __call__(self) -> None:
        now = self.clock.monotonic()
        if self.began is None:
            self.began = self.rested = now
        if self.left.is_set() or now - self.began > SIMULATION_WITHIN:
            raise TooMuch(
                f"this takes more than {SIMULATION_WITHIN:g} s to foresee", "ask for a shorter time ahead"
            )
        if now - self.rested > SIMULATION_WORKS:
            self.left.wait(SIMULATION_RESTS)
            self.rested = self.clock.monotonic()
