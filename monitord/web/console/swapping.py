"""Swaps in the console: those that wait for an answer, the two buttons to answer with, and how to ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitord.core.swap import Swap
from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons, Form, Refused
from monitord.web.console.room import Room
from monitord.web.console.standing_in import WHY_CHARS_MAX, moment, written
from monitord.web.console.visit import Visit

PLACE = "/oncall"
ASK, ACCEPT, DECLINE = "/swaps", "/swaps/{swap}/accept", "/swaps/{swap}/decline"
ANSWERS: Mapping[str, str] = {"accept": ACCEPT, "decline": DECLINE}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A swap that waits, and what this visitor can do about it."""

    swap: Swap
    may_accept: bool
    may_decline: bool


class Swapping:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons

    async def ask(self, visit: Visit, form: Form) -> Answer:
        return self.buttons.back(visit, PLACE, await self.buttons.call(visit, ASK, asking, form))

    async def answer(self, visit: Visit, id: str, word: str, form: Form) -> Answer:
        told = await self.buttons.call(visit, ANSWERS[word].format(swap=id), lambda form, visit: {}, form)
        return self.buttons.back(visit, PLACE, told)


def waiting(room: Room, visit: Visit) -> list[Waiting]:
    """Those that concern this visitor first, and of these the first to lapse."""
    found = [
        Waiting(
            swap,
            visit.me == swap.taker and room.may(visit, ACCEPT),
            visit.me in (swap.taker, swap.giver, swap.by) and room.may(visit, DECLINE),
        )
        for swap in room.sources.world.all(Swap)
    ]
    return sorted(found, key=lambda each: (not each.may_decline, each.swap.given.start))


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
