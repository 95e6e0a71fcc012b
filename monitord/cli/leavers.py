"""Who has left, as the directory of staff says, and is named in the tree; as far as a store can be read."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from monitord.config.entries import Written
from monitord.config.loading import Loaded
from monitord.config.problem import Place, at, quoted
from monitord.config.references import people_of
from monitord.core.check import Instant, PersonId
from monitord.core.employment import Employment, gone, without_leavers

GAP = "their turns are gaps; take them out of the rotation"
PASSED = "no page reaches them; name somebody else"


def with_leavers(loaded: Loaded) -> tuple[Loaded, list[str]]:
    """The same tree as it counts, without those who have left; and a warning where one is named."""
    kept = employments(Path(loaded.settings.store))
    left = gone(kept, loaded.configuration.people)
    counted = replace(loaded, configuration=without_leavers(loaded.configuration, kept))
    return counted, list(warnings(loaded.written, left))


def warnings(written: Written, left: Mapping[PersonId, Instant]) -> Iterator[str]:
    """In the order of the tree's sections."""
    for place, what, person, remedy in mentions(written):
        if person in left:
            said = f"{what} names {quoted(person)}, who has left ({left[person]:%Y-%m-%d %H:%M} UTC)"
            yield str(at(place, said, remedy))


def mentions(written: Written) -> Iterator[tuple[Place, str, PersonId, str]]:
    """Whoever is named where somebody is to be called: the place, what names them, and what to do."""
    for id, rotation in written.rotations.items():
        for person in sorted(set(people_of(rotation.shape))):
            yield written.names["rotations"][id], f"the rotation {quoted(id)}", person, GAP
    for id, policy in written.policies.items():
        for number, tier in enumerate(policy.shape.tiers):
            for person in tier.page:
                yield policy.place("tiers", number, "page"), f"the policy {quoted(id)}", person, PASSED
    for id, team in written.teams.items():
        for person in dict.fromkeys((*team.shape.members, *team.shape.managers)):
            yield written.names["teams"][id], f"the team {quoted(id)}", person, PASSED
    if written.head is not None:
        for person in written.head.shape.last_resort:
            yield written.head.place("last_resort"), "`last_resort`", person, PASSED


def employments(folder: Path) -> tuple[Employment, ...]:
    """What the store has heard from the directory; nothing if no store says anything."""
    if not folder.exists():
        return ()
    from monitord.store.amendments import kept_changes  # noqa: PLC0415 - heavy, and only where a store is
    from monitord.store.faults import StoreError  # noqa: PLC0415 - likewise

    try:
        found = kept_changes(folder) or []
    except StoreError:  # `monitord doctor` says what is wrong with it
        return ()
    return tuple(each for each in found if isinstance(each, Employment))
