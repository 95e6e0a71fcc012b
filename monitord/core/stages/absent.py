"""absent: people say that they are away; whoever is concerned hears of it."""

from collections.abc import Callable
from dataclasses import replace

from monitord.core.check import PersonId
from monitord.core.leave import (
    AddLeave,
    Leave,
    LeaveAdded,
    LeaveDue,
    LeaveRefused,
    LeaveRemoved,
    RemoveLeave,
    asked_for,
    crowded,
    cut,
    entered,
    objection,
    who_hears,
    withdrawn,
)
from monitord.core.letter import post_letter
from monitord.core.organization import Person
from monitord.core.spoken import spoken, wall_of_person
from monitord.core.wording import NameOf, Text
from monitord.core.world import Configuration, Draft, Stage


def add_leave(draft: Draft, command: AddLeave) -> None:
    number = draft.installation.next_leave
    zone = wall_of_person(draft.configuration, command.person)
    wanted = asked_for(command, number, draft.now, zone)
    why_not = (
        objection(command, draft.now, zone)
        or unknown(command, draft.configuration)
        or crowded(wanted, [spoken(each, draft) for each in draft.all(Leave)], draft.now)
    )
    if why_not:
        draft.tell(LeaveRefused(command.by, why_not))
        return
    draft.put(replace(draft.installation, next_leave=number + 1), wanted)
    draft.tell(LeaveAdded(wanted))
    tell(draft, wanted, "entered", command.by, entered)


def unknown(command: AddLeave, configuration: Configuration) -> str:
    """Whom it names and nobody knows; empty if all are known."""
    named = [each for each in (command.person, command.cover) if each is not None]
    strangers = [person for person in named if person not in configuration.people]
    return f"there is no person {strangers[0]}" if strangers else ""


def remove_leave(draft: Draft, command: RemoveLeave) -> None:
    known = draft.get(Leave, command.leave)
    if known is None or known.ended(draft.now):
        draft.tell(LeaveRefused(command.by, f"there is no leave {command.leave}, or it is over"))
        return
    after = cut(spoken(known, draft), draft.now)
    draft.put(after)
    draft.tell(LeaveRemoved(after, command.by, command.via))
    tell(draft, known, "withdrawn", command.by, withdrawn)


def forget_leave(draft: Draft, fact: LeaveDue) -> None:
    """Long over; the store keeps it."""
    known = draft.get(Leave, fact.leave)
    if known is not None and known.due is not None and known.due <= draft.now:
        draft.put(replace(known, over=True))


def tell(
    draft: Draft, leave: Leave, word: str, by: PersonId, words: Callable[[Leave, Person, NameOf], Text]
) -> None:
    for id in who_hears(leave, by):
        person = draft.configuration.people.get(id)
        if person is not None:
            post_letter(
                draft, f"leave/{leave.id}/{word}", person, words(leave, person, draft.configuration.name_of)
            )


ABSENT: Stage = {
    AddLeave: add_leave,
    RemoveLeave: remove_leave,
    LeaveDue: forget_leave,
}
