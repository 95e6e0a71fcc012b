"""Leave: people say at run time that they are away, or somebody who may says it for them.

Theory of operation. A leave is an absence (absence.py) with who entered it and by which way. What has been so
stays so: it begins now at the earliest, and removing one that has begun cuts it at now. Who already was on
leave for all of that time is told so; otherwise leaves may overlap, being away twice is being away. It may
name a cover, who hears of it, and so does whoever is away if somebody else said so. A leave stays for KEPT
after its end, so that last week's shifts are shown as they were. The roster (roster.py) puts leaves beside
what files say, so that everything that asks who is on call counts them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from monitord.core.absence import LASTS_MAX, Absence, Origin
from monitord.core.check import Instant, PersonId
from monitord.core.organization import Person
from monitord.core.wallclock import day_and_time, span_on_wall
from monitord.core.wording import NameOf, Text, naming, shown

KEPT = timedelta(days=35)
AHEAD = timedelta(days=2 * 366)
LEAVES_MAX = 5000  # that are not over yet
OF_ONE_MAX = 200  # of one person
REMEMBERED_MAX = 20_000  # with those that are over, and are still shown


@dataclass(frozen=True, slots=True)
class Leave:
    """`person` is away in [start, end), and `cover` stands in if anybody is named; `by` has entered it.
    `removed` when it was taken back before it began.
    """

    id: str
    person: PersonId
    start: Instant
    end: Instant
    by: PersonId
    made_at: Instant
    why: str = ""
    cover: PersonId | None = None
    via: str = "cli"
    removed: bool = False
    over: bool = False
    time_zone: str = ""  # on whose wall it is spoken of: the person's; see spoken.py if it is not said

    @property
    def key(self) -> str:
        return self.id

    @property
    def live(self) -> bool:
        return not self.removed and not self.over

    @property
    def due(self) -> Instant | None:
        """When it is forgotten."""
        return self.end + KEPT if self.live else None

    def ended(self, now: Instant) -> bool:
        return self.removed or self.end <= now

    @property
    def absence(self) -> Absence:
        return Absence(self.person, self.start, self.end, self.why, Origin.RUN_TIME, self.cover)


@dataclass(frozen=True, slots=True)
class AddLeave:
    """Somebody is away in [start, end), or from now on."""

    person: PersonId
    end: Instant
    by: PersonId
    start: Instant | None = None
    why: str = ""
    cover: PersonId | None = None
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class RemoveLeave:
    """They are not away after all; from now on if it has begun."""

    leave: str
    by: PersonId
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class LeaveDue:
    """A fact: a leave is so long over that nobody looks at it any more."""

    leave: str


@dataclass(frozen=True, slots=True)
class LeaveAdded:
    leave: Leave

    @property
    def by(self) -> PersonId:
        return self.leave.by


@dataclass(frozen=True, slots=True)
class LeaveRemoved:
    leave: Leave
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class LeaveRefused:
    by: PersonId
    why: str


def asked_for(command: AddLeave, number: int, now: Instant, zone: str) -> Leave:
    """What the command says."""
    return Leave(
        id=f"l{number}",
        person=command.person,
        start=max(command.start or now, now),
        end=command.end,
        by=command.by,
        made_at=now,
        why=command.why.strip(),
        cover=command.cover,
        via=command.via,
        time_zone=zone,
    )


def cut(leave: Leave, now: Instant) -> Leave:
    """Taken back: what has been so stays so."""
    return replace(leave, removed=True) if leave.start >= now else replace(leave, end=now)


def objection(command: AddLeave, now: Instant, zone: str) -> str:
    """What is wrong with it whatever else there is; empty if nothing is."""
    start = command.start or now
    if not command.by:
        return "leave is entered by a named person; say who"
    if command.start is not None and command.end <= start:
        return "it must end after it begins; give a later end"
    if command.end <= now:
        return f"it is in the past: it would have ended at {day_and_time(command.end, zone)}"
    if command.end - start > LASTS_MAX:
        return f"it would last longer than {LASTS_MAX.days} days; take them out of their rotations instead"
    if command.end > now + AHEAD:
        return f"it would end more than {AHEAD.days} days from now; put it into the configuration"
    if command.cover == command.person:
        return f"{command.person} cannot stand in for themselves, only for somebody else"
    return ""


def crowded(wanted: Leave, known: Iterable[Leave], now: Instant) -> str:
    """Which other leave says so already, or that there are too many; empty if none of it is so."""
    known = tuple(known)
    lasting = [each for each in known if not each.ended(now)]
    theirs = [each for each in lasting if each.person == wanted.person]
    same = next((each for each in theirs if covers(each, wanted)), None)
    if same is not None:
        return f"{same.id} by {same.by} says that already: {told(same)}"
    if len(theirs) >= OF_ONE_MAX:
        return f"{wanted.person} has {OF_ONE_MAX} leaves ahead already; remove some of them"
    if len(lasting) >= LEAVES_MAX:
        return f"{LEAVES_MAX} leaves are entered already; remove some of them"
    if len(known) >= REMEMBERED_MAX:
        return f"{REMEMBERED_MAX} leaves of the last weeks are remembered already"
    return ""


def covers(known: Leave, wanted: Leave) -> bool:
    """Is all that is wanted so already, because of this one?"""
    return known.cover == wanted.cover and known.start <= wanted.start and wanted.end <= known.end


# Words


def told(leave: Leave) -> str:
    """`ann, 2026-01-05 08:00 to 2026-01-06 08:00 CET, bo covers`."""
    cover = f", {leave.cover} covers" if leave.cover is not None else ""
    return f"{leave.person}, {span_on_wall(leave.start, leave.end, leave.time_zone)}{cover}"


def who_hears(leave: Leave, by: PersonId) -> tuple[PersonId, ...]:
    """Whoever it concerns, except who has said it."""
    concerned = [each for each in (leave.person, leave.cover) if each is not None and each != by]
    return tuple(dict.fromkeys(concerned))


def entered(leave: Leave, person: Person, name_of: NameOf) -> Text:
    """To whom it concerns, on their own wall."""
    if person.id == leave.cover:
        name, says = name_of(leave.person), "You cover for {name}"
        then = f"In that time their turns are yours; if you cannot, tell {name_of(leave.by)}."
    else:
        name, says = name_of(leave.by), "{name} says that you are away"
        wrong = f"If that is wrong, say so in the console, or: monitord away remove {leave.id}"
        then = f"In that time others take your turns. {wrong}"
    why = (f"Why: {leave.why}",) if leave.why else ()
    when = f"{says.format(name=name)} {span(leave, person)}."
    return Text(naming(says, name=name), (when, *why, then))


def withdrawn(leave: Leave, person: Person, name_of: NameOf) -> Text:
    name, says = name_of(leave.person), "{name} is not away after all"
    when = f"{says.format(name=name)}: it was to be {span(leave, person)}."
    return Text(naming(says, name=name), (when, "Their turns are theirs again."))


def span(leave: Leave, person: Person) -> str:
    return f"from {shown(leave.start, person)} to {shown(leave.end, person)}"
