"""Swaps that wait for an answer, as the screens about who is on call show them, and who may answer."""

from dataclasses import dataclass

from monitord.core.rotation import Shift
from monitord.core.swap import Swap
from monitord.web.console.room import Room
from monitord.web.console.visit import Visit

ACCEPT, DECLINE = "/swaps/{swap}/accept", "/swaps/{swap}/decline"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A swap that waits, and what this visitor can do about it."""

    swap: Swap
    may_accept: bool
    may_decline: bool

    def about(self, rotation: str, shift: Shift) -> bool:
        """Would this shift change hands, or a part of it?"""
        return rotation == self.swap.rotation and any(
            person in shift.people and span.start < shift.end and span.end > shift.start
            for person, span in ((self.swap.giver, self.swap.given), (self.swap.taker, self.swap.back))
            if span is not None
        )


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
