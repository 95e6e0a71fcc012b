"""What is listened for: heartbeats, integrations, and the silences that hold things back."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from monitord.core.heartbeat import Pulse
from monitord.core.silence import Silence
from monitord.store.inbox import Inbox
from monitord.web.answers import Answer
from monitord.web.console.acts import HOURS, SNOOZES, Buttons, Refused
from monitord.web.console.room import Room
from monitord.web.console.tickets import number_in
from monitord.web.console.visit import Visit
from monitord.web.ops.events import arrival_row, event_story
from monitord.web.ops.limits import ID_CHARS_MAX

Form = Mapping[str, str]
PLACE = "/watching"
EVENTS = 25  # on a page; each comes with its body
ADD, END = "/silences", "/silences/{silence}/end"
LABELS = ("service", "probe", "source", "name")
STATES = ("down", "late", "started", "new", "up")


class Watching:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons
        self.sources = room.sources

    async def show(self, visit: Visit) -> Answer:
        world, configuration = self.sources.world, self.sources.configuration
        pulses = [(beat, world.get(Pulse, id)) for id, beat in configuration.heartbeats.items()]
        return await self.room.show(
            visit,
            "watching",
            about="heartbeats silences",
            heartbeats=sorted(pulses, key=lambda each: (STATES.index(word(each[1])), each[0].id)),
            word=word,
            integrations=[each for _, each in sorted(configuration.integrations.items())],
            silences=sorted(world.all(Silence), key=lambda each: each.end),
            may_silence=self.room.may(visit, ADD),
            may_end=self.room.may(visit, END),
            services=sorted(configuration.services),
            probes=sorted(configuration.probes),
            spans=SNOOZES,
            labels=LABELS,
            key=secrets.token_urlsafe(16),
        )

    async def events(self, visit: Visit) -> Answer:
        """What came in, newest first, and what was made of it."""
        wanted = visit.query.get("integration", "")[:ID_CHARS_MAX]
        before = number_in(visit.query.get("before", ""))
        found = await self.sources.store.inbox_asked(Inbox.events, wanted or None, before, EVENTS + 1)
        return await self.room.show(
            visit,
            "events",
            about="heartbeats tickets",
            events=[arrival_row(each) for each in found[:EVENTS]],
            integration=wanted,
            integrations=sorted(self.sources.configuration.integrations),
            older=found[EVENTS - 1].id if len(found) > EVENTS else None,
        )

    async def event(self, visit: Visit, number: str) -> Answer:
        """One of them: why it did, or did not, open a ticket."""
        found = await self.sources.store.inbox_asked(Inbox.event, int(number))
        if found is None:
            return await self.room.nothing(visit, f"There is no event {int(number)} any more.")
        return await self.room.show(visit, "event", story=await event_story(self.sources, found))

    async def silence(self, visit: Visit, form: Form) -> Answer:
        return self.buttons.back(visit, PLACE, await self.buttons.call(visit, ADD, silencing, form))

    async def end_silence(self, visit: Visit, id: str, form: Form) -> Answer:
        told = await self.buttons.call(visit, END.format(silence=id), lambda form, visit: {}, form)
        return self.buttons.back(visit, PLACE, told)


def word(pulse: Pulse | None) -> str:
    return pulse.word if pulse else "new"


def silencing(form: Form, visit: Visit) -> dict[str, Any]:
    """One matcher; more of them are written on the command line."""
    hours = HOURS.get(form.get("for", ""))
    if form.get("label", "") not in LABELS or not form.get("value", "").strip():
        raise Refused("Please say what it is about.")
    if hours is None:
        raise Refused("Please choose for how long.")
    end = visit.now + timedelta(hours=hours)
    return {
        "matchers": [{"name": form["label"], "value": form["value"].strip()}],
        "reason": form.get("reason", "").strip(),
        "end": end.isoformat().replace("+00:00", "Z"),
    }
