"""Who is on call, as the API and the screens say it: now, after the next handoff, and where nobody is."""

from datetime import timedelta

from monitord.client.shapes import OnCallNow, ShiftRow
from monitord.core.check import Instant
from monitord.core.rotation import Rotation, Shift, shift_at, shifts
from monitord.core.world import Configuration

AHEAD = timedelta(days=14)
GAPS_MAX = 10
SHIFTS_MAX = 12


def everybody_on_call(configuration: Configuration, at: Instant) -> tuple[OnCallNow, ...]:
    """Every rotation at that instant; takes a while with many, so call it in a thread."""
    return tuple(
        on_call_now(rotation, configuration, at) for _, rotation in sorted(configuration.rotations.items())
    )


def on_call_now(rotation: Rotation, configuration: Configuration, at: Instant) -> OnCallNow:
    ahead = upcoming(rotation, at)
    now = shift_at(rotation, at)
    gaps = [each for each in (now, *ahead[1:]) if not each.people]
    return OnCallNow(
        rotation=rotation.id,
        time_zone=rotation.time_zone,
        at=at,
        now=shift_row(now),
        next=shift_row(ahead[1]) if len(ahead) > 1 else None,
        gaps=tuple(map(shift_row, gaps[:GAPS_MAX])),
        unreachable=unreachable(configuration, ahead),
    )


def upcoming(rotation: Rotation, at: Instant) -> list[Shift]:
    """The shift at that instant (cut at it) and those that begin within AHEAD."""
    try:
        return shifts(rotation, at, at + AHEAD)
    except OverflowError:  # the calendar ends with the year 9999
        return []


def unreachable(configuration: Configuration, ahead: list[Shift]) -> tuple[str, ...]:
    """Those who are on call now or soon, and whom no message can reach."""
    people = dict.fromkeys(person for shift in ahead for person in shift.people)
    return tuple(
        person for person in people if (found := configuration.people.get(person)) is None or not found.reach
    )


def shift_row(shift: Shift) -> ShiftRow:
    return ShiftRow(shift.start, shift.end, shift.people, shift.layer, shift.override)
