"""Swaps in the console: the two buttons to answer with, and how to ask."""

from collections.abc import Mapping
from typing import Any

from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons, Form, Refused
from monitord.web.console.calendar_swaps import ACCEPT, DECLINE
from monitord.web.console.room import Room
from monitord.web.console.standing_in import WHY_CHARS_MAX, moment, written
from monitord.web.console.visit import Visit

PLACE = "/oncall"
ASK = "/swaps"
ANSWERS: Mapping[str, str] = {"accept": ACCEPT, "decline": DECLINE}


class Swapping:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons

    async def ask(self, visit: Visit, form: Form) -> Answer:
        return self.buttons.back(visit, PLACE, await self.buttons.call(visit, ASK, asking, form))

    async def answer(self, visit: Visit, id: str, word: str, form: Form) -> Answer:
        told = await self.buttons.call(visit, ANSWERS[word].format(swap=id), lambda form, visit: {}, form)
        return self.buttons.back(visit, PLACE, told)


def asking(form: Form, visit: Visit) -> dict[str, Any]:
    """Who shall take the whole shift of this visitor, why, and which of theirs is taken in exchange."""
    person, why = form.get("person", "").strip(), form.get("why", "").strip()
    if not person:
        raise Refused("Please choose whom to ask.")
    if not why:
        raise Refused("Please say why.")
    back = written(moment(form, "back", visit)) if form.get("back", "").strip() else None
    return {
        "rotation": form.get("rotation", ""),
        "start": written(moment(form, "from", visit)),
        "end": written(moment(form, "to", visit)),
        "taker": person,
        "why": why[:WHY_CHARS_MAX],
        "back": back,
    }
