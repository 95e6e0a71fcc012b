"""staff: the directory says who works here; whoever has left is gone from the next line on."""

from collections.abc import Callable
from dataclasses import replace

from monitord.core.employment import (
    EMPLOYMENTS_MAX,
    STAFF,
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
    owners,
    person_of,
    staff_of,
    taken_out,
)
from monitord.core.facts import ConfigurationAccepted
from monitord.core.organization import folded
from monitord.core.world import Draft, Stage


def employ(draft: Draft, command: Employ) -> None:
    if not command.id:
        number = draft.installation.next_employment
        wanted = placer(draft)(employed(command, number, draft.now))
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
        placed = placer(draft)
        wanted = placed(changed(placed(known), command.said, draft.now))
        if allowed(draft, wanted, command.by):
            say(draft, known, wanted, command)


def remove(draft: Draft, command: RemoveEmployment) -> None:
    known = shown(draft, command.id)
    if known is None:
        draft.tell(EmploymentRefused(command.by, f"there is no employment {command.id}", "missing"))
        return
    placed = placer(draft)
    wanted = placed(taken_out(placed(known), draft.now))
    if allowed(draft, wanted, command.by):
        say(draft, known, replace(wanted, over=not wanted.person), command)


def shown(draft: Draft, id: str) -> Employment | None:
    known = draft.get(Employment, id)
    return known if known is not None and not known.removed else None


def allowed(draft: Draft, wanted: Employment, by: str) -> bool:
    """Says why not, if not."""
    refused = objection(draft, wanted, by)
    if refused is not None:
        draft.tell(refused)
    return refused is None


def objection(draft: Draft, wanted: Employment, by: str) -> EmploymentRefused | None:
    """Why it cannot be so; None if it can."""
    if not wanted.removed and namesakes(draft, wanted):
        return EmploymentRefused(by, f"there is somebody called {wanted.said.name} already", "uniqueness")
    new = draft.get(Employment, wanted.id) is None
    if new and draft.how_many(Employment) >= EMPLOYMENTS_MAX:
        return EmploymentRefused(by, f"{EMPLOYMENTS_MAX} employments are known already", "full")
    if not wanted.active and last(draft, wanted):
        why = "nobody would be left whom a page could reach; take them out of the tree instead"
        return EmploymentRefused(by, why, "last")
    return None


def namesakes(draft: Draft, wanted: Employment) -> bool:
    name = folded(wanted.said.name)
    others = (each for each in draft.find(STAFF, name) if each.id != wanted.id and not each.removed)
    return any(folded(each.said.name) == name for each in others)


def last(draft: Draft, wanted: Employment) -> bool:
    """Would nobody be left? Mostly somebody else is there, and nothing need be looked at."""
    people = draft.accepted.people
    if not people or draft.configuration.people.keys() - {wanted.person}:
        return False
    then = {each.id: each for each in staff_of(draft)} | {wanted.id: wanted}
    return len(gone(then.values(), people)) == len(people)


def say(
    draft: Draft, known: Employment | None, wanted: Employment, command: Employ | RemoveEmployment
) -> None:
    """Store it, and tell what is another matter now: mostly, whether somebody is there."""
    people = draft.accepted.people.keys()
    before = people - draft.configuration.people.keys()
    draft.put(wanted)
    after = people - draft.configuration.people.keys()
    told = (
        turned(wanted.person in before, wanted.person in after) if wanted.person else by_itself(known, wanted)
    )
    kind = told or (Employed if known is None and wanted.active else EmploymentChanged)
    draft.tell(kind(wanted, wanted.person, command.by, command.via))
    for each in sorted((before ^ after) - {wanted.person}):
        also = StaffLeft if each in after else StaffReturned
        draft.tell(also(wanted, each, command.by, command.via))


def by_itself(known: Employment | None, wanted: Employment) -> type[StaffEvent] | None:
    """Of somebody who is not in the tree there is nothing but this."""
    return turned(known is not None and not known.active, not wanted.active)


def turned(gone_before: bool, gone_after: bool) -> type[StaffEvent] | None:
    """As long as anything of theirs is active, somebody is there; None if it is as it was."""
    if gone_before is gone_after:
        return None
    return StaffLeft if gone_after else StaffReturned


def placer(draft: Draft) -> Callable[[Employment], Employment]:
    """Says with an employment whom it is about, as things stand."""
    people = draft.accepted.people
    whose = owners(people)
    return lambda employment: replace(employment, person=person_of(employment, people, whose))


def look_again(draft: Draft, fact: ConfigurationAccepted) -> None:
    """Another tree may know others; whom neither it nor the directory knows any more is forgotten."""
    near = {each.id for each in staff_of(draft)}
    known = [each for each in draft.all(Employment) if each.removed or each.person or each.id in near]
    now = [replace(each, over=each.removed and not each.person) for each in map(placer(draft), known)]
    draft.put(*(each for before, each in zip(known, now, strict=True) if each != before))


EMPLOY: Stage = {
    Employ: employ,
    RemoveEmployment: remove,
    ConfigurationAccepted: look_again,
}
