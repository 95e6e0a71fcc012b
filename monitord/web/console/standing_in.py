"""One shift, and somebody else for it: "I take it" is one press, somebody else is a form that is filled in.

A form says which overrides its page has shown: those it may overrule. One that somebody else has made
meanwhile is not among them, so whoever is second is told, and nothing is done.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitord.config.problem import Wrong
from monitord.config.scalars import parse_instant
from monitord.core.amendment import LONGEST, Amendment
from monitord.core.check import Instant
from monitord.core.rotation import Rotation, Shift, shift_at
from monitord.web.access.roles import Role, may_in
from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons, Form, Refused
from monitord.web.console.calendar_notes import said_with
from monitord.web.console.calendar_swaps import waiting
from monitord.web.console.room import Room, Told
from monitord.web.console.visit import Visit, address
from monitord.web.ops.limits import ID_CHARS_MAX
from monitord.web.threads import in_thread

SHIFT, CALENDAR = "/oncall/shift", "/oncall/calendar"
ADD, REMOVE, SWAP = "/overrides", "/overrides/{override}/remove", "/swaps"
EVERYBODY = "*"
WHY_CHARS_MAX = 500
OVERRULED_MAX = 20
A_WHILE = timedelta(days=1)  # proposed where a shift goes on for longer than anybody may stand in


class StandingIn:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons
        self.sources = room.sources

    async def show(self, visit: Visit) -> Answer:
        """Who is on call in it, who made that so, and what can be done."""
        rotation = self.sources.roster.rotations.get(visit.query.get("rotation", ""))
        if rotation is None:
            return await self.room.nothing(visit, "There is no such rotation.")
        at = instant_in(visit.query.get("at", "")) or visit.now
        try:
            shift = await in_thread(shift_at, rotation, at)
        except (OverflowError, ValueError):
            return await self.room.nothing(visit, "The calendar does not reach so far.")
        start = max(shift.start, visit.now)
        endless = shift.end - start > LONGEST
        made = self.made(rotation, shift)
        people = self.sources.configuration.people
        return await self.room.show(
            visit,
            "shift",
            about="oncall",
            rotation=rotation,
            shift=shift,
            made=made,
            said_of=said_with,
            swaps=[each for each in waiting(self.room, visit) if each.about(rotation.id, shift)],
            names={id: person.name or id for id, person in people.items()},
            others=sorted(people.values(), key=lambda person: (person.name or person.id).casefold()),
            over=shift.end <= visit.now,
            may_take=self.may_take(visit, rotation, shift),
            may_add=self.may(visit, rotation),
            may_ask=self.may_ask(visit, shift),
            may_remove=self.room.may(visit, REMOVE),
            start=start,
            until=start + A_WHILE if endless else shift.end,
            endless=endless,
            typed=lambda at: typed(at, visit.zone),
            overruled=",".join(each.id for each in made[-OVERRULED_MAX:]),
            why_max=WHY_CHARS_MAX,
            everybody=EVERYBODY,
            key=secrets.token_urlsafe(16),
            week=start.astimezone(ZoneInfo(visit.zone)).date(),
        )

    def made(self, rotation: Rotation, shift: Shift) -> list[Amendment]:
        """The overrides that people have made for any time of this shift, the oldest first."""
        found = (each for each in self.sources.world.all(Amendment) if each.rotation == rotation.id)
        over = (each for each in found if each.live and overlaps(each, shift))
        return sorted(over, key=lambda each: each.override.age)

    def may(self, visit: Visit, rotation: Rotation) -> bool:
        """May they change whose turn it is there?"""
        assert visit.actor is not None
        here = self.sources.configuration
        return self.room.may(visit, ADD) and may_in(visit.actor, Role.RESPONDER, rotation.id, here)

    def may_take(self, visit: Visit, rotation: Rotation, shift: Shift) -> bool:
        """Somebody who is there and not on call anyway; a gap is for every responder to fill."""
        if visit.me not in self.sources.configuration.people or visit.me in shift.people:
            return False
        return self.room.may(visit, ADD) if not shift.people else self.may(visit, rotation)

    def may_ask(self, visit: Visit, shift: Shift) -> bool:
        """Ask somebody to swap: for one's own shift, before it begins."""
        return visit.me in shift.people and shift.start > visit.now and self.room.may(visit, SWAP)

    async def add(self, visit: Visit, form: Form) -> Answer:
        told = await self.buttons.call(visit, ADD, standing_in, form)
        return self.back(visit, form, told)

    async def remove(self, visit: Visit, id: str, form: Form) -> Answer:
        told = await self.buttons.call(visit, REMOVE.format(override=id), lambda form, visit: {}, form)
        return self.back(visit, form, told)

    def back(self, visit: Visit, form: Form, told: Told) -> Answer:
        """The page that was left, with what has become of it."""
        assert visit.session is not None
        key = self.room.sayings.keep(visit.session.id, told, self.sources.clock.monotonic())
        rotation, at = form.get("rotation", "")[:ID_CHARS_MAX], instant_in(form.get("at", ""))
        if not rotation or at is None:
            return visit.to(address(CALENDAR, {"said": key}))
        return visit.to(place(rotation, at, key))


def place(rotation: str, at: Instant, said: str | None = None) -> str:
    return address(SHIFT, {"rotation": rotation, "at": written(at), "said": said})


def standing_in(form: Form, visit: Visit) -> dict[str, Any]:
    """Who comes, for whom, from when to when, and why."""
    start, end = moment(form, "from", visit), moment(form, "to", visit)
    who, person, why = (form.get(field, "").strip() for field in ("who", "person", "why"))
    if not person:
        raise Refused("Please choose who stands in.")
    if not why:
        raise Refused("Please say why; who is paged will ask.")
    wanted: dict[str, Any] = {
        "rotation": form.get("rotation", ""),
        "end": written(end),
        "people": [person],
        "why": why[:WHY_CHARS_MAX],
        "overruled": [each for each in form.get("overruled", "").split(",") if each][:OVERRULED_MAX],
        **kind_of(who),
    }
    return wanted | ({"start": written(start)} if start > visit.now else {})


def kind_of(who: str) -> Mapping[str, str]:
    """For one of those on call, for all of them, or into a gap."""
    if who == EVERYBODY:
        return {"kind": "all"}
    return {"kind": "replace", "who": who} if who else {"kind": "add"}


def moment(form: Form, field: str, visit: Visit) -> Instant:
    """An instant as a browser's field or an address writes it. Raises Refused."""
    text = form.get(field, "").strip()
    if not text:
        raise Refused("Please say from when, and until when.")
    try:
        return parse_instant(text if text.endswith("Z") else text.replace("T", " "), ZoneInfo(visit.zone))
    except Wrong as wrong:
        raise Refused(f"{wrong.what}; {wrong.remedy}") from wrong


def overlaps(amendment: Amendment, shift: Shift) -> bool:
    return amendment.override.start < shift.end and amendment.override.end > shift.start


def instant_in(text: str) -> Instant | None:
    """An instant out of an address."""
    try:
        return parse_instant(text, ZoneInfo("UTC"))
    except Wrong:
        return None


def written(at: Instant) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def typed(at: Instant, zone: str) -> str:
    """As a browser's field for a time on the wall has it."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
