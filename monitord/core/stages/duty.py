"""duty: whoever comes on call and goes hears so, and in time if no second way leads to them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from monitord.core.check import Instant, PersonId
from monitord.core.contact import doubtful
from monitord.core.escalation import Escalation
from monitord.core.handoff import (
    AHEAD,
    ContactsDoubted,
    Duty,
    HandoffHappened,
    LookAtContacts,
    LookAtDuty,
    ShiftAtRisk,
    at_risk,
    doubted,
    moved,
    off_call_now,
    on_call_now,
)
from monitord.core.letter import post_letter
from monitord.core.organization import Person
from monitord.core.roster import in_force
from monitord.core.rotation import Rotation, next_change, on_call, people_of, shifts
from monitord.core.stages.verify import verified
from monitord.core.ticket import Ticket
from monitord.core.wallclock import MOMENT
from monitord.core.whom import meant
from monitord.core.wording import Text
from monitord.core.world import Configuration, Draft, Stage, World

TOLD_MAX = 20  # administrators who hear it


def look(draft: Draft, fact: LookAtDuty) -> None:
    """Compare whom it names with whom it named before; what has not changed is not stored again."""
    rotation, duty = in_force(draft).rotations.get(fact.rotation), draft.get(Duty, fact.rotation)
    if rotation is None:
        if duty is not None:
            draft.put(replace(duty, over=True))
        return
    people = on_call(rotation, draft.now)
    if duty is None:
        duty = Duty(rotation.id, people, draft.now)
    elif people != duty.people:
        duty = hand_over(draft, rotation, duty, people)
    soon = newly_at_risk(draft, rotation, duty)
    for person, at, why in soon:
        draft.tell(ShiftAtRisk(rotation.id, person.id, at, why))
        send(draft, duty, "soon", person, at_risk(person, rotation.id, at, why))
    after = replace(duty, warned=(*duty.warned, *(person.id for person, _, _ in soon)))
    if after != draft.get(Duty, fact.rotation):
        draft.put(after)


def hand_over(draft: Draft, rotation: Rotation, duty: Duty, people: tuple[PersonId, ...]) -> Duty:
    """Tell whoever comes, and whoever goes."""
    coming, going = moved(duty, people)
    warned = tuple(person for person in duty.warned if person not in people)
    after = Duty(rotation.id, people, draft.now, warned)
    if not coming and not going:
        return after
    draft.tell(HandoffHappened(rotation.id, duty.people, people))
    until, open = next_change(rotation, draft.now), open_tickets(draft, rotation.id)
    name_of = draft.configuration.name_of
    for person in wanting(draft, coming):
        send(draft, after, "on", person, on_call_now(person, after, duty.people, until, open, name_of))
    for person in wanting(draft, going):
        send(draft, after, "off", person, off_call_now(person, after, until, open, name_of))
    return after


def wanting(draft: Draft, people: tuple[PersonId, ...]) -> Iterator[Person]:
    """Those who are still there and want to hear of handoffs."""
    known = (draft.configuration.people.get(each) for each in people)
    return (person for person in known if person is not None and person.handoff_news)


def send(draft: Draft, duty: Duty, word: str, person: Person, text: Text) -> None:
    post_letter(draft, f"handoff/{duty.rotation}/{draft.now:%Y%m%dT%H%M%S}/{word}", person, text)


def open_tickets(draft: Draft, rotation: str) -> list[Ticket]:
    """Those whose way up leads through this rotation."""
    return [ticket for ticket in draft.find("open tickets", "open") if leads_through(draft, ticket, rotation)]


def leads_through(draft: Draft, ticket: Ticket, rotation: str) -> bool:
    escalation = draft.get(Escalation, ticket.number)
    return escalation is not None and any(rotation in tier.page for tier in escalation.policy.tiers)


def newly_at_risk(draft: Draft, rotation: Rotation, duty: Duty) -> list[tuple[Person, Instant, str]]:
    """Who comes on call within a day, may not be reached, and has not been told so. The day is walked only
    where somebody cannot."""
    known = verified(draft)
    doubted = at_risk_among(draft.configuration, duty, sorted(may_be_on_call(rotation)), known)
    starts = first_shifts(rotation, draft.now) if doubted else {}
    people = {person.id: person for person in doubted}
    return [
        (people[person], at, doubtful(people[person], known))
        for person, at in starts.items()
        if person in people
    ]


def may_be_on_call(rotation: Rotation) -> frozenset[PersonId]:
    """Its people, and whoever stands in for one who is away."""
    return people_of(rotation) | {each.cover for each in rotation.absences if each.cover}


def first_shifts(rotation: Rotation, now: Instant) -> dict[PersonId, Instant]:
    """Who is on call within a day, and from when on."""
    starts: dict[PersonId, Instant] = {}
    for shift in shifts(rotation, now, now + AHEAD + MOMENT):
        for person in shift.people:
            starts.setdefault(person, shift.start)
    return starts


def at_risk_among(
    configuration: Configuration, duty: Duty, people: Iterable[PersonId], verified: frozenset[str]
) -> list[Person]:
    """Those who are not on call yet, and of whom we have not said it."""
    new = (each for each in people if each not in duty.people and each not in duty.warned)
    known = (configuration.people.get(each) for each in new)
    return [person for person in known if person is not None and doubtful(person, verified)]


def is_news(
    world: World, roster: Configuration, rotation: Rotation, known: frozenset[str], now: Instant
) -> bool:
    """Would a look at this rotation of the roster find anything new? Cheaper than looking; `known` are the
    keys of verified contacts.
    """
    duty = world.get(Duty, rotation.id)
    if duty is None or on_call(rotation, now) != duty.people:
        return True
    return bool(at_risk_among(roster, duty, on_call(rotation, now + AHEAD), known))


def warn(draft: Draft, fact: LookAtContacts) -> None:
    """Administrators hear who on call may not be reached; where there are none, the last resort does."""
    here, known = in_force(draft), verified(draft)
    on_duty = meant(here, sorted(here.rotations), draft.now)
    people = (here.people[each] for each in on_duty if each in here.people)
    doubts = tuple((each.id, why) for each in people if (why := doubtful(each, known)))
    if not doubts:
        return
    whom = meant(here, here.access.administrators or here.last_resort, draft.now)[:TOLD_MAX]
    for person in whom:
        if person in here.people:
            post_letter(
                draft,
                f"contacts/{draft.now:%Y%m%dT%H%M%S}",
                here.people[person],
                doubted(doubts, here.name_of),
            )
    draft.tell(ContactsDoubted(doubts, whom))


DUTY: Stage = {LookAtDuty: look, LookAtContacts: warn}
