"""Instants as strangers write them: RFC 3339, its usual misspellings, and seconds since 1970."""

from datetime import UTC, datetime, timedelta
from typing import Any

from monitord.core.check import Instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
YEARS_AHEAD_MAX = timedelta(days=3660)
MILLISECONDS = 100_000_000_000  # a number from here on cannot be seconds: it would be after the year 5000
FRACTION_DIGITS = 6


def read_instant(value: Any) -> Instant | None:
    """The instant that is written there; None if it is none.

    The year 1, which Go writes for "no time", is none; an instant without a zone is taken for UTC.
    """
    if isinstance(value, bool) or value is None:
        return None
    found = from_number(value) if isinstance(value, int | float) else from_text(str(value).strip())
    return found if found is not None and EPOCH <= found else None


def from_number(number: float) -> Instant | None:
    try:
        seconds = number / 1000 if number >= MILLISECONDS else number
        return EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return None


def from_text(text: str) -> Instant | None:
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return from_number(float(text))
    try:
        found = datetime.fromisoformat(shorter_fraction(text))
    except ValueError:
        return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def shorter_fraction(text: str) -> str:
    """Nanoseconds, as Go writes them, cut to what a datetime holds."""
    head, dot, tail = text.partition(".")
    digits = len(tail) - len(tail.lstrip("0123456789"))
    return f"{head}{dot}{tail[: min(digits, FRACTION_DIGITS)]}{tail[digits:]}" if dot else text


def sane(at: Instant | None, now: Instant) -> Instant | None:
    """Not an instant that no clock of ours will see."""
    return at if at is not None and at <= now + YEARS_AHEAD_MAX else None


def rfc3339(at: Instant) -> str:
    """As Go's programs read it back."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
