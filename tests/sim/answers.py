"""What is right about acknowledgements, said a second time: who has it is asked no more, and one stops the
pages only where enough have it.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from monitord.core.escalation import Escalation, PageRequested, RoundStarted
from monitord.core.quorum import AcknowledgementCounted
from monitord.core.rating import CALLED_OFF
from monitord.core.ticket import (
    AcknowledgementRenewed,
    PersonDeclined,
    PersonJoined,
    TicketAcknowledged,
    TicketEscalated,
    TicketTakenOver,
)
from monitord.core.world import World

ANSWERS = (
    AcknowledgementCounted,
    AcknowledgementRenewed,
    PersonJoined,
    TicketAcknowledged,
    TicketTakenOver,
)


@dataclass
class Answers:
    """Who has said "I have it" in a round, while more were needed; and who has said so, or comes, at all."""

    have: dict[tuple[int, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    answered: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def hear(self, world: World, event: object) -> None:
        self.remember(event)
        match event:
            case AcknowledgementCounted():
                self.count(world, event)
            case TicketAcknowledged():
                self.enough(world, event)
            case PersonDeclined():
                for key, people in self.have.items():
                    if key[0] == event.ticket:
                        people.discard(event.by)
            case TicketEscalated():
                for key, people in self.have.items():
                    if key[0] == event.ticket:
                        people.clear()
            case PageRequested(by=None):
                self.asked_again(world, event)

    def remember(self, event: object) -> None:
        if isinstance(event, RoundStarted):
            self.answered[event.ticket].clear()
        if isinstance(event, ANSWERS):
            self.answered[event.ticket].add(event.by)

    def count(self, world: World, event: AcknowledgementCounted) -> None:
        found = world.get(Escalation, event.ticket)
        assert found is not None
        have = self.have[event.ticket, found.round]
        assert event.by not in have, f"{event.by} is counted twice for ticket {event.ticket}"
        have.add(event.by)
        assert event.have < event.needed, f"ticket {event.ticket}: {event.have} of {event.needed} is enough"

    def enough(self, world: World, event: TicketAcknowledged) -> None:
        """One of the tiers that were reached has as many as it says, or all of the people whom it had; for
        some policies an earlier round counts, too.
        """
        found = world.get(Escalation, event.ticket)
        if found is None or not found.quorums or event.via == CALLED_OFF:
            return
        self.have[event.ticket, found.round].add(event.by)
        have = self.have[event.ticket, found.round]
        if found.policy.remembers:
            have = {
                who for (ticket, _), people in self.have.items() if ticket == event.ticket for who in people
            }
        resort = len(found.quorums) > found.tier + 1
        reached = zip(found.policy.tiers[: found.tier + 1], found.quorums, strict=False)
        met = [
            len(each.people) <= 1 or len(have & set(each.people)) >= min(tier.acknowledge, len(each.people))
            for tier, each in reached
            if tier.acknowledge > 1
        ]
        one_is_enough = len(met) <= found.tier
        assert resort or one_is_enough or any(met), f"ticket {event.ticket}: {sorted(have)} are not enough"

    def asked_again(self, world: World, event: PageRequested) -> None:
        """Who has it is asked again only when nobody else is left to be."""
        have = self.have[event.ticket, event.round]
        if event.person not in have:
            return
        found = world.get(Escalation, event.ticket)
        assert found is not None and not found.acknowledged, (
            f"{event.person} has ticket {event.ticket} and is paged for it"
        )
        have.clear()
