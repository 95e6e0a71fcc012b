"""Text as people see it on a page: cleaned, and instants in words."""

import re
from datetime import UTC, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitord.core.check import Instant

# Controls that turn the direction of text around can make a sentence say its opposite.
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = "".join(map(chr, (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0))))
SHOWN = 4096  # instants are kept in the words they were shown in; a page shows the same ones again and again
UNWANTED = re.compile(f"[{re.escape(BIDI + CONTROLS)}]")  # a tenth of what str.translate takes


def clean(text: str) -> str:
    """The text without controls of direction and without control characters (lines and tabs stay)."""
    return UNWANTED.sub("", text)


def paragraphs(text: str) -> tuple[str, ...]:
    """What stands between empty lines."""
    return tuple(part for each in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if (part := each.strip()))


def at_zone(at: Instant, zone: str) -> Instant:
    return at.astimezone(ZoneInfo(zone))


@lru_cache(SHOWN)
def machine(at: Instant) -> str:
    """For `<time datetime>`: seconds, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(SHOWN)
def clock(at: Instant, zone: str) -> str:
    """`14:05 CST`."""
    return at_zone(at, zone).strftime("%H:%M %Z")


def clock_with_seconds(at: Instant, zone: str) -> str:
    """`14:05:30 CST`."""
    return at_zone(at, zone).strftime("%H:%M:%S %Z")


@lru_cache(SHOWN)
def day(at: Instant, zone: str) -> str:
    """`22 November 2026`."""
    local = at_zone(at, zone)
    return f"{local.day} {local:%B %Y}"


@lru_cache(SHOWN)
def moment(at: Instant, zone: str) -> str:
    """`22 Nov, 14:05 CST`."""
    local = at_zone(at, zone)
    return f"{local.day} {local:%b}, {local:%H:%M %Z}"


@lru_cache(SHOWN)
def moment_with_year(at: Instant, zone: str) -> str:
    """`22 Nov 2026, 14:05 CST`."""
    local = at_zone(at, zone)
    return f"{local.day} {local:%b %Y}, {local:%H:%M %Z}"


def span(start: Instant, end: Instant, zone: str) -> str:
    """`22 Nov, 14:05 – 16:00 CST`; both days when there are two."""
    first, last = at_zone(start, zone), at_zone(end, zone)
    begins = f"{first.day} {first:%b}, {first:%H:%M}"
    ends = f"{last:%H:%M %Z}" if first.date() == last.date() else f"{last.day} {last:%b}, {last:%H:%M %Z}"
    return f"{begins} – {ends}"


def lasted(span: timedelta) -> str:
    """`45 seconds`, `14 minutes`, `2 hours 5 minutes`, `3 days 2 hours`."""
    minutes, seconds = divmod(max(0, round(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second")]
    first = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    said = parts[first : first + 1] if first >= 2 else parts[first : first + 2]
    return " ".join(counted(count, word) for count, word in said if count or len(said) == 1)


def counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
