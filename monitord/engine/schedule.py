"""When each probe's turn is: slots that never drift, spread by the probes' ids.

Theory of operation. The first check of a probe comes within ten seconds. After that its slots are `every`
apart for ever, at a place in the period that follows from its id: ten thousand probes spread themselves, the
same way after every restart. A slot that has passed by is left out, never made up for, so nothing bunches.
Times are seconds of the running clock.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from monitord.core.check import Probe, ProbeId

FIRST_WITHIN = 10.0
ABANDONED_MAX = 3  # checks of one probe that did not stop; while there are as many, it is not checked


@dataclass(slots=True)
class Turns:
    """One probe's schedule: its next slot, where its rhythm began, and what is going on with it."""

    probe: Probe
    slot: float
    since: float
    regular: bool = False
    running: bool = False
    abandoned: int = 0
    passed: bool = True

    @property
    def busy(self) -> bool:
        """No two checks of one probe at once."""
        return self.running or self.abandoned >= ABANDONED_MAX

    def move_on(self, now: float) -> int:
        """Go to the first slot after `now`; how many slots have passed by unused."""
        every = self.probe.every.total_seconds()
        following = self.slot + every if self.regular else rhythm(self.probe, self.since, self.slot)
        missed = int((now - following) // every) + 1 if following <= now else 0
        self.slot, self.regular = following + missed * every, True
        return missed


def share(probe: ProbeId) -> float:
    """A place between 0 and 1 that follows from the id: always the same, and not its neighbour's."""
    digest = hashlib.sha256(probe.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def begun(probe: Probe, now: float) -> Turns:
    """A probe that is checked from now on: the first time soon, but not all of them at once."""
    soon = min(probe.every.total_seconds(), FIRST_WITHIN)
    return Turns(probe, now + share(probe.id) * soon, now)


def rhythm(probe: Probe, since: float, first: float) -> float:
    """The first slot in the probe's own rhythm after its first check: never more than a period later."""
    every = probe.every.total_seconds()
    slot = since + share(probe.id) * every
    return slot if slot > first else slot + every


class Schedule:
    """Whose turn is next, in a heap of (when, order, whose); what is outdated in it is passed over."""

    def __init__(self) -> None:
        self.turns: dict[ProbeId, Turns] = {}
        self.heap: list[tuple[float, int, Turns]] = []
        self.order = count()

    def update(self, probes: Mapping[ProbeId, Probe], now: float) -> None:
        """New probes begin, missing ones end; a changed one keeps its slots unless its period is another."""
        before, self.turns = self.turns, {}
        for name, probe in probes.items():
            known = before.get(name)
            if known is None or known.probe.every != probe.every:
                known = begun(probe, now)
                self.add(known.slot, known)
            known.probe = probe
            self.turns[name] = known

    def knows(self, turns: Turns) -> bool:
        """Is this still how the probe is checked?"""
        return self.turns.get(turns.probe.id) is turns

    def add(self, at: float, turns: Turns) -> None:
        heappush(self.heap, (at, next(self.order), turns))

    def next(self) -> float | None:
        return self.heap[0][0] if self.heap else None

    def due(self, now: float) -> Iterator[tuple[float, Turns]]:
        """Everybody whose time has come, with the slot they were to have."""
        while self.heap and self.heap[0][0] <= now:
            at, _, turns = heappop(self.heap)
            if self.knows(turns):
                yield at, turns
