"""staff: the directory says who works here; whoever has left is gone from the next line on."""

from dataclasses import replace

from monitord.core.check import PersonId
from monitord.core.employment import (
    Employ,
    Employed,
    Employment,
    EmploymentChanged,
    EmploymentRefused,
    RemoveEmployment,
    StaffEvent,
    StaffLeft,
    StaffReturned,
    changed,
    employed,
    gone,
    objection,
    owners,
    person_of,
    taken_out,
)
from monitord.core.world import ConfigurationAccepted, Draft, Stage


def employ(draft: Draft, command: Employ) -> None:
    if not command.id:
        number = draft.installation.next_employment
        wanted = employed(command, number, draft.now)
        if allowed(draft, wanted, command.by):
            draft.put(replace(draft.installation, next_employment=number + 1))
            say(draft, None, wanted, command)
        return
    known = shown(draft, command.id)
    if known is None:
        draft.tell(EmploymentRefused(command.by, f"there is no employment {command.id}", "missing"))
    elif known.version != command.version:
        why = f"employment {command.id} has changed meanwhile"
        draft.tell(EmploymentRefused(command.by, why, "stale"))
    elif known.said != command.said:
        wanted = changed(known, command.said, draft.now)
        if allowed(draft, wanted, command.by):
            say(draft, known, wanted, command)


def remove(draft: Draft, command: RemoveEmployment) -> None:
    known = shown(draft, command.id)
    if known is None:
        draft.tell(EmploymentRefused(command.by, f"there is no employment {command.id}", "missing"))
        return
    wanted = taken_out(known, draft.now)
    if allowed(draft, wanted, command.by):
        say(draft, known, replace(wanted, over=not whose(draft, wanted)), command)


def shown(draft: Draft, id: str) -> Employment | None:
    known = draft.get(Employment, id)
    return known if known is not None and not known.removed else None


def allowed(draft: Draft, wanted: Employment, by: str) -> bool:
    """Says why not, if not."""
    reason, why = objection(wanted, draft.all(Employment), draft.accepted.people)
    if why:
        draft.tell(EmploymentRefused(by, why, reason))
    return not why


def say(
    draft: Draft, known: Employment | None, wanted: Employment, command: Employ | RemoveEmployment
) -> None:
    """Store it, and tell what is another matter now: mostly, whether they are there."""
    people = draft.accepted.people
    before = gone(draft.all(Employment), people)
    draft.put(wanted)
    after = gone(draft.all(Employment), people)
    person = whose(draft, wanted)
    told: tuple[str, ...] = (*(after.keys() - before.keys()), *(before.keys() - after.keys()))
    kind: type[StaffEvent] = Employed if known is None else EmploymentChanged
    if wanted.active is not (known is None or known.active):
        kind = StaffReturned if wanted.active else StaffLeft
    draft.tell(kind(wanted, person, command.by, command.via))
    for each in sorted({*told} - {person}):
        also = StaffLeft if each in after else StaffReturned
        draft.tell(also(wanted, each, command.by, command.via))


def whose(draft: Draft, employment: Employment) -> PersonId:
    people = draft.accepted.people
    return person_of(employment.said, people, owners(people))


def forget_removed(draft: Draft, fact: ConfigurationAccepted) -> None:
    """Whom neither the directory nor the tree knows any more."""
    for each in draft.all(Employment):
        if each.removed and not whose(draft, each):
            draft.put(replace(each, over=True))


STAFF: Stage = {
    Employ: employ,
    RemoveEmployment: remove,
    ConfigurationAccepted: forget_removed,
}
