"""Spans of time as people type them, on the wall of a rotation."""

from datetime import datetime

from monitord.cli.faults import WRONG, Stopped
from monitord.cli.options import stranger
from monitord.client import Client
from monitord.client.directory import RotationRow
from monitord.core.check import Instant

INSTANT = "RFC 3339, or `2026-01-05 09:00` in the rotation's zone"


def rotation_of(client: Client, name: str) -> RotationRow:
    """Stopped for a name that no rotation has."""
    known = {row.id: row for row in client.rotations()}
    if name not in known:
        raise stranger("rotation", name, known)
    return known[name]


def read_span(
    client: Client, rotation: RotationRow, start: str | None, end: str | None, span: str | None
) -> tuple[datetime | None, datetime]:
    """From when (None: now) until when, or for how long."""
    if (span is None) == (end is None):
        raise Stopped("say either --to T or --for SPAN", WRONG)
    first = read_instant(start, rotation) if start is not None else None
    if end is not None:
        return first, read_instant(end, rotation)
    return first, later(first or client.status().now, span or "")


def read_instant(text: str, rotation: RotationRow) -> Instant:
    """On the rotation's wall; one that does not exist, or twice, is refused with both readings."""
    from monitord.config.scalars import parse_instant  # noqa: PLC0415 - only here
    from monitord.core.wallclock import zone_of  # noqa: PLC0415 - only here

    try:
        return parse_instant(text, zone_of(rotation.time_zone))
    except ValueError as wrong:
        raise Stopped(str(wrong), WRONG) from None


def later(at: Instant, span: str) -> Instant:
    from monitord.config.scalars import parse_span  # noqa: PLC0415 - only here

    try:
        return at + parse_span(span)
    except OverflowError:
        raise Stopped("the calendar ends before", WRONG) from None
    except ValueError as wrong:
        raise Stopped(str(wrong), WRONG) from None
