"""Away in the console: who is, and "I am away": today with one press, other days with a form of two dates."""

import secrets
from typing import Any
from zoneinfo import ZoneInfo

from monitord.config.away_build import begin_of, end_of
from monitord.config.problem import Wrong
from monitord.core.leave import Leave
from monitord.core.organization import Person
from monitord.core.wallclock import known_zone, zone_of
from monitord.web.access.roles import Role, may_about
from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons, Form, Refused
from monitord.web.console.room import Room
from monitord.web.console.standing_in import WHY_CHARS_MAX, written
from monitord.web.console.visit import Visit
from monitord.web.ops.absences import entered, told_elsewhere
from monitord.web.ops.calendar_rows import calendar_rows

PLACE = "/oncall/away"
ADD, REMOVE = "/leave", "/leave/{leave}/remove"
SHOWN_MAX = 200


class Leaving:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons
        self.sources = room.sources

    async def show(self, visit: Visit) -> Answer:
        """Who is away now and will be, and the forms for whoever may say so."""
        now, people = visit.now, self.sources.configuration.people
        rows = [*entered(self.sources, now, now), *told_elsewhere(self.sources, now, now)]
        rows.sort(key=lambda row: (row.start, row.end, row.person))
        theirs = self.those(visit)
        return await self.room.show(
            visit,
            "away",
            about="oncall",
            rows=rows[:SHOWN_MAX],
            left_out=len(rows[SHOWN_MAX:]),
            may_remove={row.id for row in rows[:SHOWN_MAX] if row.id and self.may_remove(visit, row.person)},
            names={id: person.name or id for id, person in people.items()},
            people=sorted(people.values(), key=by_name),
            those=theirs,
            calendars=calendar_rows(self.sources.world),
            me=people.get(visit.me) if any(each.id == visit.me for each in theirs) else None,
            today=visit.now.astimezone(clock_of(people.get(visit.me), visit)).date(),
            why_max=WHY_CHARS_MAX,
            key=secrets.token_urlsafe(16),
        )

    def those(self, visit: Visit) -> list[Person]:
        """Those of whom this visitor may say that they are away."""
        if not self.room.may(visit, ADD):
            return []
        people = self.sources.configuration.people.values()
        return sorted((each for each in people if self.answers_for(visit, each.id)), key=by_name)

    def answers_for(self, visit: Visit, person: str) -> bool:
        assert visit.actor is not None
        here = self.sources.configuration
        return person == visit.me or may_about(visit.actor, Role.OPERATOR, person, here)

    def may_remove(self, visit: Visit, person: str) -> bool:
        return self.room.may(visit, REMOVE) and self.answers_for(visit, person)

    async def add(self, visit: Visit, form: Form) -> Answer:
        return self.buttons.back(visit, PLACE, await self.buttons.call(visit, ADD, self.wanted, form))

    async def remove(self, visit: Visit, id: str, form: Form) -> Answer:
        known = self.sources.world.get(Leave, id)
        path = REMOVE.format(leave=known.id if known is not None else "gone")
        return self.buttons.back(
            visit, PLACE, await self.buttons.call(visit, path, lambda form, visit: {}, form)
        )

    def wanted(self, form: Form, visit: Visit) -> dict[str, Any]:
        """Whole days in the zone of whoever is away, the last one included."""
        person = form.get("person", "").strip() or visit.me
        clock = clock_of(self.sources.configuration.people.get(person), visit)
        first, last = (form.get(field, "").strip() for field in ("from", "to"))
        if not first or not last:
            raise Refused("Please say from which day, and until which.")
        try:
            start, end = begin_of(first, clock), end_of(last, clock)
        except Wrong as wrong:
            raise Refused(f"{wrong.what}; {wrong.remedy}") from wrong
        wanted = {"person": person, "end": written(end), "why": form.get("why", "").strip()[:WHY_CHARS_MAX]}
        cover = form.get("cover", "").strip()
        return (
            wanted
            | ({"start": written(start)} if start > visit.now else {})
            | ({"cover": cover} if cover else {})
        )


def clock_of(person: Person | None, visit: Visit) -> ZoneInfo:
    """Their wall clock; of who is nobody's, that of the reader."""
    zone = person.time_zone if person is not None and known_zone(person.time_zone) else visit.zone
    return zone_of(zone)


def by_name(person: Person) -> str:
    return (person.name or person.id).casefold()
