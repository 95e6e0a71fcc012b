"""Employment: what the company's directory says of who works here; whoever has left is away for good.

Theory of operation. People, rotations and roles are the tree's, which people review; who still works here is
known sooner elsewhere (SCIM). So an employment never adds anybody: it can only say of somebody in the tree
that they have left. It is theirs by id or mail address, judged anew whenever either side changes; an address
that two people share is nobody's. Whose it was is kept with it, as long as the tree knows them: directories
rename and strip the entry of somebody who has left, and that brings nobody back. Of whom nothing is said,
they are there; and as long as one employment of theirs is active, they are.

Whoever has left is no person for anything that is decided (world.py takes them out), and away in every
rotation from that instant on. A rule for leave is a promise for weeks, and nobody has agreed to carry
somebody's turns for ever: so turns of theirs are gaps, whatever the rule, until somebody mends the rotation.
What was so stays so: who comes back was away in between.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from monitord.core.absence import LASTS_MAX, Absence, Origin, in_order
from monitord.core.check import Instant, PersonId
from monitord.core.organization import Person, folded
from monitord.core.rotation import with_absences

EMPLOYMENTS_MAX = 20_000
SPELLS_MAX = 10  # of having been away, that are remembered
FOR_GOOD = 20  # times as long as anybody else is away: sixty years
WHY = "has left"
STAFF = "employments"  # the index in which they are found by id and address

People = Mapping[PersonId, Person]
Accepted = TypeVar("Accepted", bound=Any)  # world.py's Configuration, which is above this file


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address as the directory has it; `primary` None where it does not say."""

    value: str
    kind: str = ""
    primary: bool | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the directory says; `name` is what somebody signs in there with, mostly a mail address."""

    name: str
    active: bool = True
    external: str = ""
    display: str = ""
    formatted: str = ""
    given: str = ""
    family: str = ""
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Employment:
    """`left_at` while it is not active; `spells` are those times that are over. A removed one is not shown
    any more, and counts as long as it is about somebody in the tree. `person` is who it was about when it
    was last looked at.
    """

    id: str
    said: Said
    made_at: Instant
    changed_at: Instant
    version: int = 1
    left_at: Instant | None = None
    spells: tuple[tuple[Instant, Instant], ...] = ()
    removed: bool = False
    over: bool = False
    person: PersonId = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def live(self) -> bool:
        return not self.over

    @property
    def active(self) -> bool:
        return self.left_at is None


@dataclass(frozen=True, slots=True)
class Employ:
    """The directory says so: of somebody new, or of employment `id` as it stood in that version."""

    said: Said
    by: str
    id: str = ""
    version: int = 0
    via: str = "scim"


@dataclass(frozen=True, slots=True)
class RemoveEmployment:
    """The directory does not know them any more."""

    id: str
    by: str
    via: str = "scim"


@dataclass(frozen=True, slots=True)
class StaffEvent:
    """`person` is who they are in the tree, "" for nobody there."""

    employment: Employment
    person: PersonId
    by: str
    via: str

    @property
    def whose(self) -> str:
        return f"person/{self.person}" if self.person else f"employment/{self.employment.id}"


class Employed(StaffEvent):
    """Somebody is new in the directory."""

    __slots__ = ()


class EmploymentChanged(StaffEvent):
    """Something else is said of them, and they work here or do not as before."""

    __slots__ = ()


class StaffLeft(StaffEvent):
    """They work here no more."""

    __slots__ = ()


class StaffReturned(StaffEvent):
    """They work here again."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class EmploymentRefused:
    """`reason` is a word for programs: uniqueness, missing, stale, full or last."""

    by: str
    why: str
    reason: str


def employed(command: Employ, number: int, now: Instant) -> Employment:
    """Somebody new, who may have left already."""
    left_at = None if command.said.active else now
    return Employment(f"e{number}", command.said, now, now, left_at=left_at)


def changed(known: Employment, said: Said, now: Instant) -> Employment:
    """What is said of them from now on."""
    after = replace(known, said=said, changed_at=now, version=known.version + 1)
    if said.active and known.left_at is not None:
        spell = ((known.left_at, now),) if known.left_at < now else ()
        return replace(after, left_at=None, spells=(*known.spells, *spell)[-SPELLS_MAX:])
    return replace(after, left_at=known.left_at or now) if not said.active else after


def taken_out(known: Employment, now: Instant) -> Employment:
    """As if they had left, and nobody looks at it any more."""
    return replace(changed(known, replace(known.said, active=False), now), removed=True)


# Who is who.


def owners(people: People) -> Mapping[str, PersonId]:
    """Whose each address is; one that several share is nobody's."""
    found: dict[str, PersonId] = {}
    shared: set[str] = set()
    for person in people.values():
        for address in {folded(method.address) for method in person.reach}:
            if found.setdefault(address, person.id) != person.id:
                shared.add(address)
    return {address: id for address, id in found.items() if address not in shared}


def person_of(employment: Employment, people: People, owners: Mapping[str, PersonId]) -> PersonId:
    """Who they are in the tree; "" for nobody. Somebody active is whom the directory names now; whoever has
    left stays who they were.
    """
    named, kept = person_named(employment.said, people, owners), employment.person
    kept = kept if kept in people else ""
    return (named or kept) if employment.active else (kept or named)


def person_named(said: Said, people: People, owners: Mapping[str, PersonId]) -> PersonId:
    """Whom an id or an address means; "" for nobody."""
    if said.name in people:
        return said.name
    addresses = (folded(each) for each in (said.name, *(known.value for known in said.addresses)))
    return next((owners[each] for each in addresses if each in owners), "")


def words_of(employment: Employment) -> tuple[str, ...]:
    """Under which one is found: as who it may mean, and who it meant."""
    said, kept = employment.said, (employment.person,) if employment.person else ()
    return (said.name, folded(said.name), *(folded(each.value) for each in said.addresses), *kept)


def staff_of(around: Any) -> list[Employment]:
    """Those that may be about somebody in the tree, of a world or draft: a directory may know many more."""
    people: People = around.accepted.people
    addresses = (folded(method.address) for person in people.values() for method in person.reach)
    keys = {key for word in {*people, *addresses} for key in around.keys(STAFF, word)}
    return [around.get(Employment, key) for key in sorted(keys)]


def by_person(employments: Iterable[Employment], people: People) -> dict[PersonId, list[Employment]]:
    """Whatever is said of each of these people."""
    whose, found = owners(people), dict[PersonId, list[Employment]]()
    for each in employments:
        person = person_of(each, people, whose)
        if person:
            found.setdefault(person, []).append(each)
    return found


def gone(employments: Iterable[Employment], people: People) -> dict[PersonId, Instant]:
    """Who has left, and since when."""
    return since_when(by_person(employments, people))


def since_when(found: Mapping[PersonId, list[Employment]]) -> dict[PersonId, Instant]:
    return {
        person: max(each.left_at for each in theirs if each.left_at is not None)
        for person, theirs in found.items()
        if not any(each.active for each in theirs)
    }


def absences(found: Mapping[PersonId, list[Employment]]) -> Iterator[Absence]:
    """That somebody has left, as an absence; and that they had, before they came back."""
    for person, theirs in found.items():
        for start, end in without_any(theirs):
            if end is None:
                for step in range(FOR_GOOD):
                    yield away(person, start + step * LASTS_MAX, start + (step + 1) * LASTS_MAX)
            else:
                yield away(person, start, min(end, start + LASTS_MAX))


def without_any(theirs: Iterable[Employment]) -> Iterator[tuple[Instant, Instant | None]]:
    """When somebody had employments and none was active, one after the other; None for an end to come."""
    steps: dict[Instant, int] = {}
    for at, step in (each for employment in theirs for each in changes_of(employment)):
        steps[at] = steps.get(at, 0) + step
    active, start = 0, None
    for at in sorted(steps):
        active += steps[at]
        if active <= 0:
            start = start or at
        elif start is not None:
            yield start, at
            start = None
    if start is not None:
        yield start, None


def changes_of(employment: Employment) -> Iterator[tuple[Instant, int]]:
    """By how much more or less of it is active from when on."""
    yield employment.made_at, 1
    for start, end in employment.spells:
        yield start, -1
        yield end, 1
    if employment.left_at is not None:
        yield employment.left_at, -1


def away(person: PersonId, start: Instant, end: Instant) -> Absence:
    return Absence(person, start, end, WHY, Origin.GONE)


def without_leavers(accepted: Accepted, employments: Iterable[Employment]) -> Accepted:
    """The configuration as it counts: whoever has left is no person of it, and away in its rotations."""
    found = by_person(employments, accepted.people)
    away = tuple(absences(found))
    if not away:
        return accepted
    left = since_when(found)
    return replace(
        accepted,
        people={id: person for id, person in accepted.people.items() if id not in left},
        left={id: person for id, person in accepted.people.items() if id in left},
        rotations={id: with_absences(each, away) for id, each in accepted.rotations.items()},
        absences=in_order((*accepted.absences, *away)),
    )
