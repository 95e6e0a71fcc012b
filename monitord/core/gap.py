"""Gaps ahead: in a few days nobody is on call, because those whose turn it is are away.

They are announced every morning until somebody has filled them. Where nobody was ever meant to be on call,
as at night with office hours, nothing is announced.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.organization import Person, Team
from monitord.core.rotation import Rotation, people_of, shifts
from monitord.core.wording import NameOf, Text, listed, shown, subject

AHEAD = timedelta(days=7)
SHOWN_MAX = 10


@dataclass(frozen=True, slots=True)
class LookForGaps:
    """A fact: it is morning, or somebody has `left`; does the rotation have gaps ahead?"""

    rotation: str
    left: PersonId = ""


@dataclass(frozen=True, slots=True)
class GapAhead:
    """Nobody is on call in [start, end), because these are `away`; longer if it `goes_on`."""

    rotation: str
    start: Instant
    end: Instant
    away: tuple[PersonId, ...]
    goes_on: bool = False


def gaps_ahead(rotation: Rotation, now: Instant) -> list[GapAhead]:
    """Those that absences make; one that goes on beyond AHEAD is cut there."""
    if not rotation.absences:
        return []
    found: list[GapAhead] = []
    for shift in shifts(rotation, now, now + AHEAD):
        if shift.people or not shift.away:
            continue
        start = shift.start
        if found and (found[-1].end, found[-1].away) == (shift.start, shift.away):
            start = found.pop().start
        found.append(GapAhead(rotation.id, start, shift.end, shift.away, shift.end == now + AHEAD))
    return found


def who_hears(rotation: Rotation, teams: list[Team]) -> tuple[PersonId, ...]:
    """The managers of the teams that take turns in it; without any, those who take turns."""
    turns = people_of(rotation)
    theirs = [team for team in teams if not turns.isdisjoint((*team.members, *team.managers))]
    managers = tuple(dict.fromkeys(person for team in theirs for person in team.managers))
    return managers or tuple(sorted(turns))


def words(person: Person, gaps: list[GapAhead], name_of: NameOf, left: Container[PersonId] = ()) -> Text:
    """When, and who is away then, on their own wall."""
    rotation, more = gaps[0].rotation, len(gaps) - SHOWN_MAX
    lines = [
        f"NOBODY is on call in {rotation} from {shown(gap.start, person)} to "
        f"{'at least ' if gap.goes_on else ''}{shown(gap.end, person)}: "
        f"{missing(gap, name_of, left)}."
        for gap in gaps[:SHOWN_MAX]
    ]
    return Text(
        subject(f"Nobody will be on call: {rotation}"),
        (
            *lines,
            *([f"… and {more} more."] if more > 0 else []),
            "Take it in the console, under on call, or put somebody there:",
            f"monitord override add {rotation} --all PERSON --from … --to … --why …",
        ),
    )


def missing(gap: GapAhead, name_of: NameOf, left: Container[PersonId]) -> str:
    """`Ann has left, and Bo and Cem are away`."""
    gone = tuple(name_of(each) for each in gap.away if each in left)
    away = tuple(name_of(each) for each in gap.away if each not in left)
    said = (
        *([f"{listed(gone)} {'has' if len(gone) == 1 else 'have'} left"] if gone else []),
        *([f"{listed(away)} {'is' if len(away) == 1 else 'are'} away"] if away else []),
    )
    return ", and ".join(said)
