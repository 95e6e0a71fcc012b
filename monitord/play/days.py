"""The time of a transcript: `00:12` on its first day, `1d 00:12:30` on its second, in its time zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitord.config.problem import Wrong, quoted
from monitord.config.scalars import parse_instant
from monitord.core.check import Instant

TIME = re.compile(r"(?:([0-9]{1,4})d )?([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?")
FORM = "write it as 00:12, 00:12:30 or 1d 00:12 (of the next day)"


@dataclass(frozen=True, slots=True)
class Days:
    """The first day, and the zone whose clock is meant."""

    first: date
    zone: ZoneInfo

    def instant(self, text: str) -> Instant:
        """What is meant; also by an RFC 3339 instant. Raises Wrong for what does not exist, or twice."""
        found = TIME.fullmatch(text)
        if found is None:
            if "T" in text:
                return parse_instant(text, self.zone)
            raise Wrong(f"{quoted(text)} is not a time", FORM)
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        if hours > 23:
            raise Wrong(f"{quoted(text)} is not a time", FORM)
        wall = datetime.combine(self.first + timedelta(days=days), time(hours, minutes, seconds))
        return parse_instant(f"{wall:%Y-%m-%d %H:%M:%S}", self.zone)

    def wall(self, at: Instant) -> datetime:
        return at.astimezone(self.zone)

    def text(self, at: Instant) -> str:
        """The time of an instant, as `instant` reads it; a repeated hour is written as an instant."""
        wall = self.wall(at)
        days = (wall.date() - self.first).days
        clock = f"{wall:%H:%M:%S}" if wall.second else f"{wall:%H:%M}"
        written = f"{days}d {clock}" if days else clock
        try:
            self.instant(written)
        except Wrong:
            return wall.isoformat(timespec="seconds")
        return written
