"""Amendments: overrides that people make at run time, with who made them and why.

Theory of operation. An amendment is an override (override.py) with its rotation, its maker and their reason.
What has been so stays so: it begins now at the earliest, and removing one that has begun cuts it at now. Of
two that cannot both be meant (`contradicts`) the second is refused, naming the first, unless whoever makes it
says that it is to overrule that one: so of two people who decide the same at the same time exactly one wins,
and the other hears why. An amendment stays for KEPT after its end, so that last week's shifts are shown as
they were.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.override import Override, OverrideKind, People
from monitord.core.wallclock import day_and_time, span_on_wall

LONGEST = timedelta(days=366)
AHEAD = timedelta(days=2 * 366)
KEPT = timedelta(days=35)
AMENDMENTS_MAX = 500  # that are not over yet
REMEMBERED_MAX = 5000  # with those that are over, and are still shown
TOLD_MAX = 3  # of those that stand in the way


@dataclass(frozen=True, slots=True)
class Amendment:
    """An override of `rotation`, made by `by`; `removed` when somebody took it back before it began."""

    id: str
    rotation: str
    override: Override
    by: PersonId
    why: str
    via: str = "cli"
    removed: bool = False
    over: bool = False
    time_zone: str = ""  # on whose wall it is spoken of: the rotation's; see spoken.py if it is not said

    @property
    def key(self) -> str:
        return self.id

    @property
    def live(self) -> bool:
        return not self.removed and not self.over

    @property
    def due(self) -> Instant | None:
        """When it is forgotten."""
        return self.override.end + KEPT if self.live else None

    def ended(self, now: Instant) -> bool:
        return self.removed or self.override.end <= now


@dataclass(frozen=True, slots=True)
class AddOverride:
    """Somebody else than whose turn it is, in [start, end), or from now on; `overruled` are the ids of
    amendments that this one may contradict."""

    rotation: str
    end: Instant
    kind: OverrideKind
    by: PersonId
    why: str
    start: Instant | None = None
    who: PersonId | None = None
    people: People = ()
    layer: str | None = None
    overruled: tuple[str, ...] = ()
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class RemoveOverride:
    """Whose turn it is counts again; from now on if it has begun."""

    override: str
    by: PersonId
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class OverrideDue:
    """A fact: an override is so long over that nobody looks at it any more."""

    override: str


@dataclass(frozen=True, slots=True)
class OverrideAdded:
    amendment: Amendment

    @property
    def by(self) -> PersonId:
        return self.amendment.by


@dataclass(frozen=True, slots=True)
class OverrideRemoved:
    amendment: Amendment
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class OverrideRefused:
    by: PersonId
    why: str


def amended(
    command: AddOverride, number: int, now: Instant, known: Iterable[Amendment], zone: str
) -> Amendment:
    """What the command asks for; made after all others, whatever the clock says."""
    made_at = max([now, *(each.override.made_at for each in known if each.override.made_at)])
    override = Override(
        id=f"o{number}",
        start=max(command.start or now, now),
        end=command.end,
        kind=command.kind,
        who=command.who,
        by=command.people,
        layer=command.layer,
        made_at=made_at,
        order=number,
    )
    return Amendment(
        override.id, command.rotation, override, command.by, command.why, command.via, time_zone=zone
    )


def cut(amendment: Amendment, now: Instant) -> Amendment:
    """Taken back: what has been so stays so."""
    if amendment.override.start >= now:
        return replace(amendment, removed=True)
    return replace(amendment, override=replace(amendment.override, end=now))


# What stands in the way of one.


def objection(command: AddOverride, now: Instant, zone: str) -> str:
    """What is wrong with it whatever else there is; empty if nothing is."""
    if not command.by or not command.why.strip():
        return "an override is by a named person and has a reason; say who and why"
    start = command.start or now
    if command.start is not None and command.end <= start:
        return "it must end after it begins; give a later end"
    if command.end <= now:
        return f"it is in the past: it would have ended at {day_and_time(command.end, zone)}"
    if command.end - start > LONGEST:
        return f"it would last longer than {LONGEST.days} days; put it into the configuration"
    if command.end > now + AHEAD:
        return f"it would end more than {AHEAD.days} days from now; put it into the configuration"
    if command.who is not None and command.who in command.people:
        return f"{command.who} cannot stand in for themselves, only for somebody else"
    return ""


def conflict(wanted: Amendment, known: Iterable[Amendment], overruled: Iterable[str]) -> str:
    """Which others it cannot be beside, and what to do about that; empty if none is in the way."""
    beside = [each for each in known if each.rotation == wanted.rotation and overlap(wanted, each)]
    made = next((each for each in beside if covers(each, wanted)), None)
    if made is not None and not any(contradicts(each, made) for each in beside if newer(each, made)):
        return f"{made.id} by {made.by} says that already: {told(made)}"
    against = [each for each in beside if contradicts(wanted, each) and each.id not in overruled]
    if not against:
        return ""
    others = "; ".join(f"{each.id} by {each.by}: {told(each)}" for each in against[:TOLD_MAX])
    more = f"; and {len(against) - TOLD_MAX} more" if len(against) > TOLD_MAX else ""
    how = f"`--overrule {against[0].id}`; `overruled` in the API"
    return f"it contradicts {others}{more}; remove that one, or overrule it ({how})"


def newer(one: Amendment, other: Amendment) -> bool:
    return one.override.age > other.override.age


def overlap(one: Amendment, other: Amendment) -> bool:
    return one.override.start < other.override.end and other.override.start < one.override.end


def covers(known: Amendment, wanted: Amendment) -> bool:
    """Is all that is wanted so already, because of this one?"""
    has, wants = known.override, wanted.override
    same = (has.kind, has.who, has.by, has.layer) == (wants.kind, wants.who, wants.by, wants.layer)
    return same and has.start <= wants.start and wants.end <= has.end


def contradicts(newer: Amendment, older: Amendment) -> bool:
    """Can not both be meant: they are about the same person, or the newer makes the older void."""
    new, old = newer.override, older.override
    if new.clears or (new.kind is OverrideKind.REPLACE_ALL and new.layer == old.layer):
        return True
    if new.layer != old.layer or (new.kind is OverrideKind.ADD and old.kind is OverrideKind.ADD):
        return False
    return bool(about(new) & about(old))


def about(override: Override) -> set[PersonId]:
    """Whose turn it decides."""
    return {override.who} if override.who is not None else set(override.by)


def told(amendment: Amendment) -> str:
    """`primary, cem instead of bo, 2026-01-05 08:00 to 2026-01-06 08:00 CET`."""
    override = amendment.override
    where = f"{amendment.rotation}/{override.layer}" if override.layer else amendment.rotation
    return f"{where}, {said(override)}, {span_on_wall(override.start, override.end, amendment.time_zone)}"


def said(override: Override) -> str:
    """`cem instead of bo`."""
    return WORDS[override.kind].format(who=override.who, by=" and ".join(override.by) or "nobody")


WORDS = {
    OverrideKind.REPLACE_ALL: "{by} alone",
    OverrideKind.REPLACE: "{by} instead of {who}",
    OverrideKind.ADD: "{by} as well",
    OverrideKind.REMOVE: "without {who}",
}
