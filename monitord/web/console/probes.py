"""Probes on screens: the worst first, and one probe with a picture of how long its checks took."""

import json
from collections.abc import Sequence

from monitord.client.shapes import CheckRow
from monitord.core.check import Instant
from monitord.store.measurements import Measurements
from monitord.web.answers import Answer
from monitord.web.console.limits import ROWS
from monitord.web.console.room import Room
from monitord.web.console.sparkline import CHECKS_SHOWN, Sparkline, passed, said_of, sparkline
from monitord.web.console.tickets import number_in
from monitord.web.console.visit import Visit
from monitord.web.ops import probes as probing

CHECKS_DRAWN = 500
CHECKS_LISTED = 30
LINES_AT_ONCE = 25  # of a list, so that it never waits long for measurements


class Probes:
    def __init__(self, room: Room) -> None:
        self.room, self.sources = room, room.sources

    async def index(self, visit: Visit) -> Answer:
        """The worst first, a page at a time."""
        engine, word = self.sources.engine, visit.query.get("text", "").strip().lower()[:100]
        every = probing.worst_first(engine, word)
        first = (number_in(visit.query.get("from", "")) or 1) - 1
        shown = [probing.probe_now(probe, engine) for probe in every[first : first + ROWS]]
        return await self.room.show(
            visit,
            "probes",
            about="probes",
            probes=shown,
            lines=await self.lines_of([probe.id for probe in shown[:LINES_AT_ONCE]]),
            text=word,
            total=len(every),
            before=max(1, first + 1 - ROWS) if first else None,
            after=first + 1 + ROWS if first + ROWS < len(every) else None,
        )

    async def lines_of(self, probes: Sequence[str]) -> dict[str, Sparkline | None]:
        found = await self.sources.store.measured(Measurements.recent_checks_of, probes, CHECKS_SHOWN)
        return {probe: sparkline([probing.measured(each) for each in found[probe]]) for probe in probes}

    async def checks_of(self, probe: str, most: int) -> list[CheckRow]:
        checks = await self.sources.store.measured(Measurements.recent_checks, probe, most)
        return [probing.measured(check) for check in checks]

    async def one(self, visit: Visit, name: str) -> Answer:
        configured = self.sources.configuration.probes.get(name)
        if configured is None:
            return await self.room.nothing(visit, f"There is no probe {name}.")
        checks = await self.checks_of(name, CHECKS_DRAWN)
        return await self.room.show(
            visit,
            "probe",
            about=f"probe/{name}",
            probe=probing.probe_now(configured, self.sources.engine),
            checks=checks[:CHECKS_LISTED],
            drawn=drawing(checks),
            line=sparkline(checks),
            says=said_of(checks),
            zone=visit.zone,
        )


def drawing(checks: Sequence[CheckRow]) -> str:
    """What the picture is drawn from, oldest first: seconds, milliseconds of passed checks, and of failed."""
    oldest_first = checks[::-1]
    return json.dumps(
        {
            "at": [round(seconds(check.at), 1) for check in oldest_first],
            "took": [check.took if passed(check) else None for check in oldest_first],
            "failed": [None if passed(check) else check.took for check in oldest_first],
        },
        separators=(",", ":"),
    ).replace("<", "\\u003c")


def seconds(at: Instant) -> float:
    return at.timestamp()
