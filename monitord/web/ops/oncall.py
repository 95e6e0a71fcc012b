"""Who is on call, as the API and the screens say it: now, after the next handoff, and where nobody is."""

from collections.abc import Iterable
from datetime import timedelta

from monitord.client.shapes import Doubt, OnCallNow, ShiftRow
from monitord.core.check import Instant, PersonId
from monitord.core.contact import doubtful
from monitord.core.rotation import Rotation, Shift, on_call, shift_at, shifts
from monitord.core.world import Configuration

AHEAD = timedelta(days=14)
GAPS_MAX = 10
Verified = frozenset[str]  # the keys of contacts that are


def everybody_on_call(
    configuration: Configuration, at: Instant, verified: Verified = frozenset()
) -> tuple[OnCallNow, ...]:
    """Every rotation at that instant; takes a while with many, so call it in a thread."""
    rotations = sorted(configuration.rotations.items())
    return tuple(on_call_now(rotation, configuration, at, verified) for _, rotation in rotations)


def on_call_now(
    rotation: Rotation, configuration: Configuration, at: Instant, verified: Verified
) -> OnCallNow:
    ahead = upcoming(rotation, at)
    gaps = [each for each in ahead if not each.people][:GAPS_MAX]
    return OnCallNow(
        rotation=rotation.id,
        time_zone=rotation.time_zone,
        at=at,
        now=whole(rotation, at),
        next=whole(rotation, ahead[1].start) if len(ahead) > 1 else None,
        gaps=tuple(whole(rotation, gap.start) for gap in gaps),
        unreachable=unreachable(configuration, ahead),
        doubts=doubts(configuration, on_call(rotation, at), verified),
    )


def doubts(configuration: Configuration, people: Iterable[PersonId], verified: Verified) -> tuple[Doubt, ...]:
    """Those of these people whom two verified channels do not reach."""
    known = (configuration.people.get(each) for each in people)
    judged = ((each.id, doubtful(each, verified)) for each in known if each is not None)
    return tuple(Doubt(person, why) for person, why in judged if why)


def doubts_now(configuration: Configuration, at: Instant, verified: Verified) -> tuple[Doubt, ...]:
    """The same of everybody who is on call now, each once."""
    rotations = configuration.rotations.values()
    people = dict.fromkeys(person for rotation in rotations for person in on_call(rotation, at))
    return doubts(configuration, people, verified)


def upcoming(rotation: Rotation, at: Instant) -> list[Shift]:
    """The shift at that instant and those that begin within AHEAD, cut at both ends."""
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


def whole(rotation: Rotation, at: Instant) -> ShiftRow:
    """The shift that has `at` in it, from its beginning to its end."""
    shift = shift_at(rotation, at)
    return ShiftRow(shift.start, shift.end, shift.people, shift.layer, shift.override, shift.away)
