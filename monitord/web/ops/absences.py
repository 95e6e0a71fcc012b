"""The API about who is away: leave that people enter at run time, beside what files say."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from monitord.client.calendars import CalendarRow
from monitord.client.leaving import LeaveRow
from monitord.client.shapes import Done
from monitord.core.absence import Absence, Origin
from monitord.core.check import Instant
from monitord.core.leave import AddLeave, Leave, RemoveLeave
from monitord.core.rotation import Rotation, people_of, shifts
from monitord.core.spoken import spoken, wall_of_person
from monitord.core.wallclock import span_on_wall
from monitord.core.world import Configuration
from monitord.web.access.roles import Actor, Of, Role, may_about, needs
from monitord.web.ops.asked import Body, By, Key, Name, Nothing, Text
from monitord.web.ops.calendar_rows import calendar_rows, read_of
from monitord.web.ops.desk import Desk
from monitord.web.ops.guard import ASK, routes
from monitord.web.ops.leaves import instant
from monitord.web.ops.limits import ID_CHARS_MAX
from monitord.web.ops.reads import Id
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No
from monitord.web.text import clean
from monitord.web.threads import in_thread

Since = Annotated[datetime | None, Query(description="RFC 3339; now, if it is left out")]
Whose = Annotated[str | None, Query(max_length=ID_CHARS_MAX)]
Whole = Annotated[bool, Query(description="with the days and spans that they name")]
GAPS_TOLD = 3


class Leaving(Body):
    """Who is away (oneself, if it is left out), from when (now) until when, and who stands in."""

    end: AwareDatetime
    person: Name | None = None
    start: AwareDatetime | None = None
    why: Text = ""
    cover: Name | None = None


def absences(sources: Sources) -> APIRouter:
    """Over these sources."""
    router, desk = routes(), Desk(sources)

    @router.get("/leave")
    @needs(Role.VIEWER)
    async def list_leave(person: Whose = None, since: Since = None) -> list[LeaveRow]:
        """Who is away now or later, or was at `since`, and where that is known from; the first to begin
        first. Public holidays are not among it.
        """
        now = sources.now
        at = instant(since, "query.since") or now
        found = [*entered(sources, at, now), *told_elsewhere(sources, at, now)]
        of = [each for each in found if person is None or each.person == person]
        return sorted(of, key=lambda each: (each.start, each.end, each.person))

    @router.get("/calendars")
    @needs(Role.VIEWER)
    async def list_calendars(entries: Whole = False) -> list[CalendarRow]:
        """Calendars elsewhere that say who is away: whose, how old, and why they cannot be read."""
        return calendar_rows(sources.world, whole=entries)

    @router.post("/leave")
    @needs(Role.RESPONDER, Of.PERSON)
    async def add_leave(body: Leaving, actor: By, key: Key = None) -> Done:
        """Somebody is away for a while; their turns fall to whoever covers, or as the rotation says."""
        fact = wanted(desk, body, actor)
        admit(sources, actor, fact.person)
        return await warned(sources, await desk.act(actor, key, fact))

    @router.post("/leave/{leave}/remove")
    @needs(Role.RESPONDER, Of.PERSON)
    async def remove_leave(leave: Id, actor: By, body: Nothing | None = None, key: Key = None) -> Done:
        """Take one back; from now on they are there again."""
        found = sources.world.get(Leave, leave)
        if found is not None:
            admit(sources, actor, found.person)
        return await desk.act(actor, key, RemoveLeave(leave, actor.by, actor.via))

    return router


def wanted(desk: Desk, body: Leaving, actor: Actor) -> AddLeave:
    """What the body asks for; a name that nobody has is refused with the one that was meant."""
    end = instant(body.end, "body.end")
    assert end is not None, "it is required"
    return AddLeave(
        person=desk.person(body.person or actor.by, "body.person"),
        end=end,
        by=actor.by,
        start=instant(body.start, "body.start"),
        why=clean(body.why),
        cover=desk.person(body.cover, "body.cover") if body.cover is not None else None,
        via=actor.via,
    )


def admit(sources: Sources, actor: Actor, person: str) -> None:
    """Raises No, unless it is about themselves or they answer for that person."""
    if actor.by != person and not may_about(actor, Role.OPERATOR, person, sources.configuration):
        what = f"{actor.by} is not {person}, and manages no team that {person} is in"
        raise No(403, what, ASK)


async def warned(sources: Sources, done: Done) -> Done:
    """Where nobody is on call because of it, it is better said now than in the morning."""
    made = sources.world.get(Leave, done.leave) if done.leave else None
    if made is None:
        return done
    left = await in_thread(gaps_of, sources.roster, made)
    told = [f"nobody is on call in {gap}" for gap in left[:GAPS_TOLD]]
    more = [f"and {len(left) - GAPS_TOLD} more gaps: `monitord oncall gaps`"] if len(left) > GAPS_TOLD else []
    return replace(done, did=(*done.did, *told, *more))


def gaps_of(roster: Configuration, leave: Leave) -> list[str]:
    """`primary from … to …`: when it is their turn, and nobody is on call."""
    theirs = [each for _, each in sorted(roster.rotations.items()) if leave.person in people_of(each)]
    return [gap for rotation in theirs for gap in gaps_in(rotation, leave)]


def gaps_in(rotation: Rotation, leave: Leave) -> Iterator[str]:
    """Where there is nobody, and would be somebody without it: whoever's turn it is may be away, too."""
    without = replace(rotation, absences=tuple(each for each in rotation.absences if each != leave.absence))
    for gap in shifts(rotation, leave.start, leave.end):
        if not gap.people and any(shift.people for shift in shifts(without, gap.start, gap.end)):
            yield f"{rotation.id} from {span_on_wall(gap.start, gap.end, rotation.time_zone)}"


def entered(sources: Sources, at: Instant, now: Instant) -> Iterator[LeaveRow]:
    """That which people have entered."""
    for each in sources.world.all(Leave):
        if not each.ended(at):
            yield leave_row(each.absence, now, spoken(each, sources.world).time_zone, each)


def told_elsewhere(sources: Sources, at: Instant, now: Instant) -> Iterator[LeaveRow]:
    """That which files and calendars say; the latter may be old."""
    for each in sources.roster.absences:
        if each.end > at and each.origin in (Origin.FILE, Origin.CALENDAR):
            row = leave_row(each, now, wall_of_person(sources.world.accepted, each.person))
            old = each.origin is Origin.CALENDAR
            yield replace(row, read=read_of(sources.world, each.person)) if old else row


def leave_row(absence: Absence, now: Instant, zone: str, leave: Leave | None = None) -> LeaveRow:
    return LeaveRow(
        id=leave.id if leave else None,
        person=absence.person,
        start=absence.start,
        end=absence.end,
        why=absence.why,
        cover=absence.cover,
        by=leave.by if leave else None,
        via=leave.via if leave else None,
        origin=absence.origin.value,
        running=absence.start <= now < absence.end,
        time_zone=zone,
    )
