"""What is right when it matters most, said a second time: urgent by hand, catastrophes, targets."""

from collections import defaultdict
from dataclasses import dataclass, field

from monitord.core.command import Acknowledge, CallEverybody, Decline, OpenTicket, PageAlso, SetSeverity
from monitord.core.escalation import Escalation, PageRequested, TierReached, TierRepeated
from monitord.core.facts import Fact
from monitord.core.flow import Decision
from monitord.core.organization import Priority
from monitord.core.policy import DeadlineKind
from monitord.core.severity import TargetMissed
from monitord.core.ticket import State, Ticket, TicketOpened
from monitord.core.world import World

PRIORITIES = {1: Priority.URGENT, 2: Priority.HIGH, 3: Priority.MEDIUM, 4: Priority.LOW}


@dataclass
class Emergencies:
    """Who has answered a catastrophe is called no more, unless by name or because they had it last."""

    answered: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def look(self, world: World, fact: Fact, decision: Decision) -> None:
        paged: dict[int, set[str]] = defaultdict(set)
        if isinstance(fact, CallEverybody) and decision.records:
            self.answered[fact.ticket].clear()  # that was for something less
        for event in decision.events:
            if isinstance(event, PageRequested):
                paged[event.ticket].add(event.person)
                self.not_again(world, event)
        if isinstance(fact, CallEverybody | SetSeverity):
            self.rated(world, fact, decision, paged[fact.ticket])
        if isinstance(fact, Acknowledge | Decline):
            self.answered[fact.ticket].add(fact.by)
        if isinstance(fact, PageAlso):
            self.answered[fact.ticket] -= paged[fact.ticket]
        for event in decision.events:
            if isinstance(event, TicketOpened) and isinstance(fact, OpenTicket):
                self.opened(world, fact, event, paged[event.ticket])
            if isinstance(event, TargetMissed):
                self.missed(world, event, decision)

    def not_again(self, world: World, event: PageRequested) -> None:
        found, climbing = world.get(Ticket, event.ticket), world.get(Escalation, event.ticket)
        if found is None or climbing is None or not found.catastrophic or event.by is not None:
            return
        asked_first = event.person in climbing.first
        assert asked_first or event.person not in self.answered[event.ticket], f"{event.person} has answered"
        if asked_first:
            self.answered[event.ticket].discard(event.person)

    def opened(self, world: World, command: OpenTicket, event: TicketOpened, paged: set[str]) -> None:
        """As pressing as its severity; if it is urgent, the team and its managers are paged at once; if it
        is catastrophic, everybody is.
        """
        configuration = world.configuration
        if command.severity is not None:
            assert event.priority is PRIORITIES[command.severity]
        if command.catastrophic:
            assert event.priority is Priority.URGENT and paged == set(configuration.people)
        elif event.priority is Priority.URGENT and not command.page:
            team = configuration.teams.get(configuration.services[command.service].team)
            wanted = {*team.members, *team.managers} if team else set(configuration.last_resort)
            assert wanted & set(configuration.people) <= paged, f"ticket {event.ticket}: not mobilised"

    def rated(
        self, world: World, command: CallEverybody | SetSeverity, decision: Decision, paged: set[str]
    ) -> None:
        """Of what is not over, everybody is called for a catastrophe, whoever has answered for less before; a
        severity says that it is none.
        """
        found = world.get(Ticket, command.ticket)
        if found is None or found.ended or not decision.records:
            return
        assert found.catastrophic is isinstance(command, CallEverybody)
        if isinstance(command, CallEverybody):
            assert paged == set(world.configuration.people) and found.priority is Priority.URGENT
        elif found.severity == command.severity and found.state is State.OPEN:
            assert found.priority is PRIORITIES[command.severity] and found.missed is None

    def missed(self, world: World, event: TargetMissed, decision: Decision) -> None:
        """Nobody had it, and somebody more is told at once."""
        found, climbing = world.get(Ticket, event.ticket), world.get(Escalation, event.ticket)
        assert found is not None and found.holder is None and climbing is not None
        wider = [each for each in decision.events if isinstance(each, TierReached | TierRepeated)]
        assert wider or climbing.deadline.kind is not DeadlineKind.TIER, f"ticket {event.ticket} stays quiet"
