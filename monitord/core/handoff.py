"""Handoffs: who was on call in a rotation when it was last looked at, and what people hear when that changes.

Theory of operation. A `Duty` is stored with the news of it, in one commit: after a restart it says whom the
rotation named before, so that a handoff is told once, and one that happened while nobody was looking is told
late. It is compared with the rotation itself, not with a plan of handoffs: so overrides, leave and edits are
told like any turn. The first look at a rotation tells nobody anything. Whoever comes on call within a day and
has one way only to be reached hears that, once a shift.
"""

from dataclasses import dataclass
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.organization import Person
from monitord.core.ticket import State, Ticket
from monitord.core.wording import NameOf, Text, listed, shown, subject

AHEAD = timedelta(days=1)
TICKETS_MAX = 10
YOU = {"has": "you have", "is": "you are", "cannot": "you cannot"}


@dataclass(frozen=True, slots=True)
class Duty:
    """Whom a rotation named, since when we know it, and who has been warned of the shift that comes."""

    rotation: str
    people: tuple[PersonId, ...]
    since: Instant
    warned: tuple[PersonId, ...] = ()
    over: bool = False

    @property
    def key(self) -> str:
        return self.rotation

    @property
    def live(self) -> bool:
        return not self.over


@dataclass(frozen=True, slots=True)
class LookAtDuty:
    """A fact: whom the rotation names now, or soon, may be somebody else than before."""

    rotation: str


@dataclass(frozen=True, slots=True)
class LookAtContacts:
    """A fact: a day has passed, and whoever looks after monitord hears who on call may not be reached."""


@dataclass(frozen=True, slots=True)
class ContactsDoubted:
    """These people are on call, and two verified channels do not lead to them; `told` have heard it."""

    doubts: tuple[tuple[PersonId, str], ...]
    told: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class HandoffHappened:
    """`people` are on call in the rotation now, and `before` were."""

    rotation: str
    before: tuple[PersonId, ...]
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class ShiftAtRisk:
    """Somebody comes on call soon who can be reached in one way only, or in none."""

    rotation: str
    person: PersonId
    at: Instant
    why: str


def moved(duty: Duty, people: tuple[PersonId, ...]) -> tuple[tuple[PersonId, ...], tuple[PersonId, ...]]:
    """Who comes and who goes."""
    coming = tuple(person for person in people if person not in duty.people)
    going = tuple(person for person in duty.people if person not in people)
    return coming, going


# Words.


def on_call_now(
    person: Person,
    duty: Duty,
    before: tuple[PersonId, ...],
    until: Instant | None,
    open: list[Ticket],
    name_of: NameOf,
) -> Text:
    """To whoever comes: until when, who had it, who else has it, and what is open."""
    others = tuple(name_of(each) for each in duty.people if each != person.id)
    earlier = tuple(map(name_of, before))
    until_when = f" until {shown(until, person)}" if until else ""
    lines = [
        f"You are on call in {duty.rotation} now{until_when}.",
        f"Before you: {listed(earlier)}." if earlier else "Nobody was on call before you.",
        *([f"With you: {listed(others)}."] if others else []),
    ]
    return Text(subject(f"You are on call: {duty.rotation}"), (*lines, *of_tickets(open, name_of)))


def off_call_now(
    person: Person, duty: Duty, until: Instant | None, open: list[Ticket], name_of: NameOf
) -> Text:
    """To whoever goes: who has it now."""
    until_when = f" until {shown(until, person)}" if until else ""
    people = tuple(map(name_of, duty.people))
    who = (
        f"{listed(people)} {'is' if len(people) == 1 else 'are'} on call in {duty.rotation}"
        if people
        else f"NOBODY is on call in {duty.rotation}"
    )
    lines = (f"You are no longer on call in {duty.rotation}.", f"{who} now{until_when}.")
    return Text(subject(f"You are off call: {duty.rotation}"), (*lines, *of_tickets(open, name_of)))


def of_tickets(open: list[Ticket], name_of: NameOf) -> tuple[str, ...]:
    if not open:
        return ("No ticket of its services is open.",)
    more = len(open) - TICKETS_MAX
    lines = [f"Open: {of_ticket(each, name_of)}" for each in open[:TICKETS_MAX]]
    return (*lines, f"… and {more} more.") if more > 0 else tuple(lines)


def of_ticket(ticket: Ticket, name_of: NameOf) -> str:
    has = f", {name_of(ticket.holder)} has it" if ticket.state is State.ACKNOWLEDGED and ticket.holder else ""
    return f"ticket {ticket.number}, {ticket.priority.value}: {ticket.title}{has}"


def at_risk(person: Person, rotation: str, at: Instant, why: str) -> Text:
    """To whoever comes on call soon."""
    you = to_you(why)
    return Text(
        subject(f"Before your shift: {you}"),
        (
            f"You come on call in {rotation} on {shown(at, person)}, and {you}.",
            "A page should reach you in two ways, because one may fail.",
            "Verify your addresses in the console, under your name, or have one of another channel added.",
        ),
    )


def to_you(why: str) -> str:
    """`has not verified sms`, as one says it to them."""
    verb, _, rest = why.partition(" ")
    return f"{YOU.get(verb, verb)} {rest}"


def doubted(doubts: tuple[tuple[PersonId, str], ...], name_of: NameOf) -> Text:
    """To whoever looks after monitord, once a day."""
    lines = [f"{name_of(person)} is on call, and {why}." for person, why in doubts[:TICKETS_MAX]]
    more = len(doubts) - TICKETS_MAX
    return Text(
        subject(f"{len(doubts)} {'person' if len(doubts) == 1 else 'people'} on call may not be reached"),
        (
            "Nobody should depend on one way, but to these people no two verified channels lead:",
            *lines,
            *([f"… and {more} more."] if more > 0 else []),
            "Each verifies their addresses in the console, or by `monitord contact verify PERSON ADDRESS`.",
        ),
    )
