"""arrange: people change at run time who is on call."""

from dataclasses import replace

from monitord.core.amendment import (
    AMENDMENTS_MAX,
    REMEMBERED_MAX,
    AddOverride,
    Amendment,
    OverrideAdded,
    OverrideDue,
    OverrideRefused,
    OverrideRemoved,
    RemoveOverride,
    amended,
    conflict,
    cut,
    objection,
)
from monitord.core.spoken import spoken, wall_of_rotation
from monitord.core.world import Configuration, Draft, Stage


def add_override(draft: Draft, command: AddOverride) -> None:
    """One at a time, in the order in which they came: so exactly one of two that contradict is made."""
    known = draft.all(Amendment)
    lasting = [spoken(each, draft) for each in known if not each.ended(draft.now)]
    number = draft.installation.next_override
    zone = wall_of_rotation(draft.configuration, command.rotation)
    wanted = amended(command, number, draft.now, known, zone)
    why_not = (
        objection(command, draft.now, zone)
        or unknown(command, draft.configuration)
        or conflict(wanted, lasting, command.overruled)
    )
    if not why_not and len(lasting) >= AMENDMENTS_MAX:
        why_not = f"{AMENDMENTS_MAX} overrides are made already; remove some of them"
    if not why_not and len(known) >= REMEMBERED_MAX:
        why_not = f"{REMEMBERED_MAX} overrides of the last weeks are remembered already"
    if why_not:
        draft.tell(OverrideRefused(command.by, why_not))
        return
    draft.put(replace(draft.installation, next_override=number + 1), wanted)
    draft.tell(OverrideAdded(wanted))


def unknown(command: AddOverride, configuration: Configuration) -> str:
    """What it names and is not in the configuration; empty if all is."""
    rotation = configuration.rotations.get(command.rotation)
    if rotation is None:
        return f"there is no rotation {command.rotation}"
    if command.layer is not None and command.layer not in {layer.name for layer in rotation.layers}:
        return f"rotation {rotation.id} has no layer {command.layer}"
    named = [command.who, *command.people] if command.who is not None else list(command.people)
    strangers = [person for person in named if person not in configuration.people]
    return f"there is no person {strangers[0]}" if strangers else ""


def remove_override(draft: Draft, command: RemoveOverride) -> None:
    known = draft.get(Amendment, command.override)
    if known is None or known.ended(draft.now):
        why = f"there is no override {command.override}, or it is over"
        draft.tell(OverrideRefused(command.by, why))
        return
    after = cut(spoken(known, draft), draft.now)
    draft.put(after)
    draft.tell(OverrideRemoved(after, command.by, command.via))


def forget_override(draft: Draft, fact: OverrideDue) -> None:
    """Long over; the store keeps it."""
    known = draft.get(Amendment, fact.override)
    if known is not None and known.due is not None and known.due <= draft.now:
        draft.put(replace(known, over=True))


ARRANGE: Stage = {
    AddOverride: add_override,
    RemoveOverride: remove_override,
    OverrideDue: forget_override,
}
