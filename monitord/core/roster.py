"""The roster: the configuration with what people have changed at run time merged into its rotations.

Every view asks it, and so does the escalation: engine, command line, API, console and calendar cannot
disagree about who is on call.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from monitord.core.amendment import Amendment
from monitord.core.check import Instant
from monitord.core.rotation import Override, Rotation, on_call, shifts
from monitord.core.world import Configuration, Draft, World


def in_force(around: World | Draft) -> Configuration:
    """The accepted configuration with run-time overrides in its rotations; with nothing changed it is the
    configuration itself."""
    return merged(around.configuration, around.all(Amendment))


def merged(configuration: Configuration, amendments: Iterable[Amendment]) -> Configuration:
    """The configuration with these; one for a rotation that is not configured any more changes nothing."""
    amendments = [each for each in amendments if each.rotation in configuration.rotations]
    if not amendments:
        return configuration
    return replace(configuration, rotations=amended(configuration.rotations, amendments))


def amended(rotations: Mapping[str, Rotation], amendments: Iterable[Amendment]) -> Mapping[str, Rotation]:
    made: dict[str, list[Override]] = {}
    for each in amendments:
        made.setdefault(each.rotation, []).append(each.override)
    changed = {
        id: replace(rotations[id], overrides=(*rotations[id].overrides, *overrides))
        for id, overrides in made.items()
    }
    return {**rotations, **changed}


def idle(rotation: Rotation, override: Override) -> bool:
    """Does this one of the rotation's overrides change nothing about who is on call, as things stand?"""
    others = replace(rotation, overrides=tuple(each for each in rotation.overrides if each != override))
    found = (*shifts(rotation, *span(override)), *shifts(others, *span(override)))
    starts = {shift.start for shift in found}
    return all(on_call(rotation, at) == on_call(others, at) for at in starts)


def span(override: Override) -> tuple[Instant, Instant]:
    return override.start, override.end
