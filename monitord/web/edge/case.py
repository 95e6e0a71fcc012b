"""What the answer page is about: one ticket, as one person sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitord.core.check import Instant, PersonId
from monitord.core.escalation import Escalation
from monitord.core.organization import Person
from monitord.core.policy import DeadlineKind
from monitord.core.quorum import nearest
from monitord.core.ticket import State, Ticket
from monitord.core.wording import Link, counted
from monitord.core.world import World

NOT_PAGED = "link, not paged"


@dataclass(frozen=True, slots=True)
class Case:
    """`by` is whose link it is; `others` are those it could be handed over to."""

    link: Link
    ticket: Ticket
    by: Person
    escalation: Escalation | None
    service: str
    links: tuple[tuple[str, str], ...]
    others: tuple[Person, ...]
    now: Instant

    @property
    def zone(self) -> str:
        return self.by.time_zone

    @property
    def was_paged(self) -> bool:
        return self.by.id in self.ticket.paged

    @property
    def via(self) -> str:
        """How the timeline says that it was answered."""
        return "link" if self.was_paged else NOT_PAGED

    @property
    def standing(self) -> str:
        """`open`, `mine`, `called` (somebody has it and asks for them), `theirs` or `ended`: which page it
        is.
        """
        if self.ticket.ended:
            return "ended"
        if self.ticket.state is State.OPEN:
            return "open"
        if self.ticket.holder == self.by.id:
            return "mine"
        return "called" if self.by.id in self.ticket.asked else "theirs"

    @property
    def asked_again(self) -> bool:
        """Was the holder asked "still on it?" and has not answered?"""
        return self.escalation is not None and self.escalation.deadline.kind is DeadlineKind.LAPSE

    @property
    def acknowledged(self) -> tuple[PersonId, ...]:
        """Who has it while more are needed."""
        return self.escalation.acknowledged if self.escalation and self.standing == "open" else ()

    @property
    def counted(self) -> str:
        """`ann has it; 1 of 2 needed`."""
        return counted(self.escalation) if self.escalation and self.acknowledged else ""

    @property
    def needed(self) -> int:
        """How many must acknowledge."""
        return nearest(self.escalation.quorums, self.acknowledged).needed if self.escalation else 1

    @property
    def declined(self) -> tuple[PersonId, ...]:
        return self.escalation.declined if self.escalation else ()

    @property
    def reached(self) -> int:
        """How many steps have been taken."""
        return self.escalation.step if self.escalation else 0

    @property
    def climbs(self) -> bool:
        """Is there anybody to send it on to?"""
        tiers = self.escalation.policy.tiers if self.escalation else ()
        return bool(tiers) and not self.ticket.catastrophic

    @property
    def stamp(self) -> str:
        """Another one as soon as somebody else has acted: a form sent twice acts once."""
        have = f"/{','.join(self.acknowledged)}" if self.acknowledged else ""
        return f"{self.ticket.state.value}/{self.ticket.rounds}/{self.ticket.holder or ''}{have}"


def case_of(world: World, link: Link, now: Instant) -> Case | None:
    """None when ticket or person are no longer there."""
    ticket = world.get(Ticket, link.ticket)
    people: Mapping[PersonId, Person] = world.configuration.people
    if ticket is None or link.who not in people:
        return None
    service = world.configuration.services.get(ticket.service)
    return Case(
        link=link,
        ticket=ticket,
        by=people[link.who],
        escalation=world.get(Escalation, ticket.number),
        service=(service.name or service.id) if service else ticket.service,
        links=service.links if service else (),
        others=tuple(person for key, person in sorted(people.items()) if key != link.who),
        now=now,
    )
