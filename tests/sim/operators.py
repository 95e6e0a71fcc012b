"""What people at a console or a command line do in a simulated week: they let tickets sleep, raise and lower
them, and call somebody by name; and which systems hear of it.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from monitord.core.command import (
    Acknowledge,
    CallEverybody,
    Escalate,
    OpenTicket,
    PageAlso,
    Reopen,
    Resolve,
    SetPriority,
    SetSeverity,
    Snooze,
)
from monitord.core.leave import AddLeave, RemoveLeave
from monitord.core.organization import Priority
from monitord.core.signal import Signal
from monitord.core.ticket import Ticket
from tests.sim.company import PEOPLE

if TYPE_CHECKING:
    from tests.sim.week import Week

WHOM = (*PEOPLE, "primary", "secondary", "team", "gone")


class Operators:
    """Hands on a week's tickets."""

    def __init__(self, week: "Week") -> None:
        self.week, self.dice, self.house = week, week.dice, week.house

    @property
    def doings(self) -> list[Callable[[], None]]:
        return [
            self.snooze,
            self.set_priority,
            self.page_for,
            self.page,
            self.open_rated,
            self.cry_wolf,
            self.rate,
            self.escalate,
            self.reopen,
            self.solve,
            self.go_on_leave,
        ]

    def someone(self) -> str:
        return self.dice.choice(PEOPLE)

    def some_ticket(self) -> int:
        """One that is not over, mostly."""
        unfinished: list[Ticket] = self.house.world.find("open tickets", "open")
        return self.dice.choice(unfinished).number if unfinished else 1

    def go_on_leave(self) -> None:
        """For some hours, soon or at once, perhaps with a cover; some are back before."""
        start = self.house.now + timedelta(hours=self.dice.uniform(-1, 20))
        end = start + timedelta(hours=self.dice.uniform(0, 60))
        cover = self.dice.choice((None, self.someone()))
        self.house.do(AddLeave(self.someone(), end, self.someone(), start, "away", cover))
        if self.dice.random() < 0.4:
            number = self.dice.randint(1, self.house.world.installation.next_leave)
            self.week.soon(partial(self.come_back, number), self.dice.uniform(10, 300))

    def come_back(self, number: int) -> None:
        self.house.do(RemoveLeave(f"l{number}", self.someone()))

    def snooze(self) -> None:
        until = self.house.now + timedelta(hours=self.dice.uniform(-1, 25))
        self.house.do(Snooze(self.some_ticket(), self.someone(), until))

    def set_priority(self) -> None:
        priority = self.dice.choice(list(Priority))
        self.house.do(SetPriority(self.some_ticket(), self.someone(), priority))

    def page_for(self) -> None:
        """Whoever has it, calls somebody; who is called often comes soon."""
        number, holder, called = self.some_ticket(), self.someone(), self.someone()
        if self.dice.random() < 0.7:
            self.house.do(Acknowledge(number, holder, "cli"))
        self.house.do(PageAlso(number, holder, (called, self.dice.choice(WHOM)), "please"))
        if self.dice.random() < 0.7:
            self.week.soon(partial(self.come, number, called), self.dice.uniform(0.1, 3))

    def come(self, number: int, person: str) -> None:
        self.house.do(Acknowledge(number, person))

    def open_rated(self) -> None:
        """With a severity; some of them nobody answers for hours."""
        service = self.dice.choice(sorted(self.house.world.configuration.services))
        severity = self.dice.randint(1, 4)
        self.house.do(OpenTicket("rated", service, Priority.LOW, self.someone(), severity=severity))

    def cry_wolf(self) -> None:
        """A catastrophe, now and then, which somebody remedies after some hours."""
        if self.dice.random() > 0.2 or self.week.calm:
            return
        number = self.house.world.installation.next_ticket
        self.house.do(OpenTicket("all hands", "", Priority.LOW, self.someone(), catastrophic=True))
        self.week.soon(partial(self.remedy, number), self.dice.uniform(10, 300))

    def rate(self) -> None:
        """How bad something is that is open; now and then it is a catastrophe, which may be called off."""
        number = self.some_ticket()
        if self.dice.random() > 0.2 or self.week.calm:
            self.set_severity(number)
            return
        self.house.do(CallEverybody(number, self.someone()))
        if self.dice.random() < 0.6:
            self.week.soon(partial(self.set_severity, number), self.dice.uniform(0.1, 60))

    def set_severity(self, number: int) -> None:
        self.house.do(SetSeverity(number, self.someone(), self.dice.randint(1, 4)))

    def escalate(self) -> None:
        """Somebody does not wait; now and then although somebody has it."""
        number = self.some_ticket()
        if self.dice.random() < 0.5:
            self.house.do(Acknowledge(number, self.someone(), "cli"))
        self.house.do(Escalate(number, self.someone()))

    def reopen(self) -> None:
        """Of what is over, if anything is; somebody resolves it, if nothing else does."""
        over = [found.number for found in self.house.world.all(Ticket) if found.ended]
        if over and not self.week.calm:
            number = self.dice.choice(over)
            self.house.do(Reopen(number, self.someone()))
            self.week.soon(partial(self.remedy, number), self.dice.uniform(1, 300))

    def solve(self) -> None:
        """What was said once and for all is over when somebody says so."""
        once = [signal.key for signal in self.house.world.all(Signal) if signal.once]
        for ticket in self.house.world.find("tickets by signal", self.dice.choice(once)) if once else ():
            self.remedy(ticket.number)

    def remedy(self, number: int) -> None:
        self.house.do(Resolve(number, self.someone()))

    def page(self) -> None:
        whom = tuple(self.dice.sample(WHOM, self.dice.choice((1, 2))))
        self.house.do(OpenTicket("come", "", Priority.URGENT, self.someone(), page=whom))
