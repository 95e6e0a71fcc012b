"""staff: the directory says who works here; whoever has left is gone from the next line on."""

from dataclasses import replace

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
        wanted = placed(draft, employed(command, number, draft.now))
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
        wanted = placed(draft, changed(placed(draft, known), command.said, draft.now))
        if allowed(draft, wanted, command.by):
            say(draft, known, wanted, command)


def remove(draft: Draft, command: RemoveEmployment) -> None:
    known = shown(draft, command.id)
    if known is None:
        draft.tell(EmploymentRefused(command.by, f"there is no employment {command.id}", "missing"))
        return
    wanted = placed(draft, taken_out(placed(draft, known), draft.now))
    if allowed(draft, wanted, command.by):
        say(draft, known, replace(wanted, over=not wanted.person), command)


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
    """Store it, and tell what is another matter now: mostly, whether somebody is there."""
    people = draft.accepted.people
    before = gone(draft.all(Employment), people).keys()
    draft.put(wanted)
    after = gone(draft.all(Employment), people).keys()
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


def placed(draft: Draft, employment: Employment) -> Employment:
    """With whom it is about, as things stand."""
    people = draft.accepted.people
    return replace(employment, person=person_of(employment, people, owners(people)))


def look_again(draft: Draft, fact: ConfigurationAccepted) -> None:
    """Another tree may know others; whom neither it nor the directory knows any more is forgotten."""
    people = draft.accepted.people
    whose, known = owners(people), draft.all(Employment)
    found = [replace(each, person=person_of(each, people, whose)) for each in known]
    now = [replace(each, over=each.removed and not each.person) for each in found]
    draft.put(*(each for before, each in zip(known, now, strict=True) if each != before))


STAFF: Stage = {
    Employ: employ,
    RemoveEmployment: remove,
    ConfigurationAccepted: look_again,
}
