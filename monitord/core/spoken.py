"""On whose wall an override, a leave or a swap is told: what was made before they said so does not say it.

It is told on the wall that its rotation, or person, has now; on the organization's if that is gone.
"""

from dataclasses import replace
from typing import Any, TypeVar

from monitord.core.amendment import Amendment
from monitord.core.check import PersonId
from monitord.core.leave import Leave
from monitord.core.swap import Swap
from monitord.core.world import Configuration, Draft, World

Dated = TypeVar("Dated", bound=Amendment | Leave | Swap)
FIELDS = ("amendment", "leave", "swap")  # in which events have them


def wall_of_rotation(configuration: Configuration, rotation: str) -> str:
    known = configuration.rotations.get(rotation)
    return known.time_zone if known is not None else configuration.time_zone


def wall_of_person(configuration: Configuration, person: PersonId) -> str:
    known = configuration.people.get(person)
    return known.time_zone if known is not None else configuration.time_zone


def spoken(record: Dated, around: World | Draft) -> Dated:
    """The same, and on whose wall it is told."""
    if record.time_zone:
        return record
    if isinstance(record, Leave):
        return replace(record, time_zone=wall_of_person(around.accepted, record.person))
    return replace(record, time_zone=wall_of_rotation(around.accepted, record.rotation))


def event_spoken(event: Any, around: World | Draft) -> Any:
    """The same of what has happened to one; anything else stays as it is."""
    for name in FIELDS:
        record = getattr(event, name, None)
        if isinstance(record, Amendment | Leave | Swap):
            return replace(event, **{name: spoken(record, around)})
    return event
