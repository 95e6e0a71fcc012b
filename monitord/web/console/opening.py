"""A ticket that a person opens: for a service, or for certain people alone."""

import secrets
from collections.abc import Mapping
from typing import Any

from monitord.core.organization import Priority
from monitord.core.wording import spell
from monitord.web.answers import Answer
from monitord.web.console.acts import SEVERITIES, Buttons, Refused
from monitord.web.console.room import Room, Told
from monitord.web.console.tickets import staff
from monitord.web.console.visit import Visit
from monitord.web.console.words import BAD
from monitord.web.ops.limits import TEXT_CHARS_MAX, TITLE_CHARS_MAX

Form = Mapping[str, str]
OPEN, EVERYBODY = "/tickets", "/catastrophes"


class Opening:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons

    async def form(self, visit: Visit, kept: Form | None = None, told: Told | None = None) -> Answer:
        if not self.room.may(visit, OPEN):
            return await self.room.nothing(visit, "You may not open tickets.", 403)
        return await self.room.show(
            visit,
            "opening",
            422 if told else 200,
            kept=kept or {},
            told=told,
            services=[each for _, each in sorted(self.room.sources.configuration.services.items())],
            priorities=[each.value for each in Priority],
            severities=list(self.room.sources.configuration.severities.values()),
            staff=staff(self.room.sources.configuration),
            may_call_everybody=self.room.may(visit, EVERYBODY),
            spell=spell,
            title_max=TITLE_CHARS_MAX,
            text_max=TEXT_CHARS_MAX,
            key=secrets.token_urlsafe(16),
        )

    async def open(self, visit: Visit, form: Form) -> Answer:
        """Open it and show it; what does not fit is said with the form as it was filled in."""
        try:
            body = opened(form, visit)
        except Refused as refused:
            return await self.form(visit, form, Told(BAD, str(refused)))
        return await self.ask(visit, OPEN, body, form)

    async def call_everybody(self, visit: Visit, form: Form) -> Answer:
        """A catastrophe: whoever presses it has said twice that everybody is meant."""
        text = form.get("happened", "").strip()
        if not text or form.get("everybody") != "everybody":
            wrong = "Please say what has happened, and that everybody is meant."
            return await self.form(visit, form, Told(BAD, wrong))
        return await self.ask(visit, EVERYBODY, {"text": text, "confirm": "everybody"}, form)

    async def ask(self, visit: Visit, path: str, body: dict[str, Any], form: Form) -> Answer:
        told = await self.buttons.ask(visit, path, body, form.get("key", ""))
        if told.ticket is None:
            return await self.form(visit, form, told)
        return self.buttons.back(visit, f"/tickets/{told.ticket}", told)


def opened(form: Form, visit: Visit) -> dict[str, Any]:
    if not form.get("title", "").strip():
        raise Refused("Please say in a few words what is wrong.")
    if not form.get("service", ""):
        raise Refused("Please choose what it is about.")
    body = {name: form[name].strip() for name in ("title", "service", "text") if form.get(name, "").strip()}
    if form.get("severity", "") in SEVERITIES:
        return {**body, "severity": int(form["severity"])}
    return {**body, "priority": form.get("priority") or Priority.URGENT.value}
