"""A calendar as bytes comes in, what it says of the days ahead goes out; a program of its own.

    python -I unfold.py FIRST LAST ZONE < calendar.ics > what-it-says.json

Theory of operation. A calendar is a stranger's program: one rule can stand for a million years of seconds. So
it is read in a process that nothing else depends on, with little memory, seconds of processor time and
nothing to write to; whoever started it kills it when its time is over. It imports nothing of monitord.

What is no leave is left out, counted by its reason: what is cancelled, or not certain; what comes more than
once a day; what is in a zone that nobody knows; what has no length, or too much. The rest goes out as whole
days (the last one does not count), which are days on the wall of whoever they are about, or as spans of
instants. A time without a zone is one of ZONE.
"""

import json
import os
import resource
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

BYTES_MAX = 1 << 20
EVENTS_MAX = 5000
TOLD_MAX = 2000  # entries that go out
PROCESSOR_MAX = 10  # seconds
MEMORY_MAX = 768 << 20
LOOK_EVERY = 0.1  # seconds
LASTS_MAX = timedelta(days=1100)
LENGTHLESS = "without a length, or too long"
RULE_DATES_MAX = 1000
WHY_CHARS_MAX = 200
BEGINNING = b"BEGIN:VCALENDAR"
TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
WITHIN_A_DAY = ("BYSECOND", "BYMINUTE", "BYHOUR")
PUBLIC = "PUBLIC"  # any other class is private (RFC 5545, 3.8.1.3)
DAY = timedelta(days=1)


class Unreadable(Exception):
    """The sentence says why."""


def main(first: str, last: str, zone: str) -> None:
    """Reads from stdin, writes one JSON object to stdout."""
    limit()
    json.dump(answer(sys.stdin.buffer.read(BYTES_MAX + 1), first, last, zone), sys.stdout)


def limit() -> None:
    """Little of everything, and after everybody else."""
    with suppress(OSError):  # where the unit does not let us, whoever has started this watches alone
        os.nice(10)
    Thread(target=watch_memory, daemon=True).start()
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_MAX),
        (resource.RLIMIT_CPU, PROCESSOR_MAX),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def watch_memory() -> None:
    """The same limit, where the kernel does not keep it for us."""
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MEMORY_MAX >> 10:
        time.sleep(LOOK_EVERY)
    os._exit(1)


def answer(content: bytes, first: str, last: str, zone: str) -> dict[str, Any]:
    """`days`, `spans` and what was `left_out`; or the `fault`."""
    try:
        return unfolded(content, date.fromisoformat(first), date.fromisoformat(last), ZoneInfo(zone))
    except Unreadable as error:
        return {"fault": str(error)}
    except MemoryError:
        return {"fault": "it takes too much memory to read"}
    except RecursionError:
        return {"fault": "it contains itself, or too many levels"}
    except Exception as error:  # noqa: BLE001 - whatever a stranger's calendar does to the library that reads it
        return {"fault": f"it cannot be read ({type(error).__name__})"}


def unfolded(content: bytes, first: date, last: date, zone: ZoneInfo) -> dict[str, Any]:
    """What it says of the days from `first` to before `last`."""
    import recurring_ical_events  # type: ignore[import-untyped]  # noqa: PLC0415 - 0.3 s, and rarely wanted

    counted: Counter[str] = Counter()
    calendar = kept(parsed(content), counted)
    days: list[tuple[str, str, str]] = []
    spans: list[tuple[str, str, str]] = []
    for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(first, last):
        found = entry(event, zone, counted)
        if found is not None:
            (days if len(found[0]) == len("2026-01-05") else spans).append(found)
        if len(days) + len(spans) > TOLD_MAX:
            raise Unreadable(f"it has more than {TOLD_MAX} entries in the days ahead")
    return {"days": once(days), "spans": once(spans), "left_out": dict(sorted(counted.items()))}


def once(found: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return sorted(set(found))


def parsed(content: bytes) -> Any:
    """The calendar, if it is one of a size that anybody has."""
    from icalendar import Calendar  # noqa: PLC0415 - likewise

    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not content[: len(BEGINNING)].upper().startswith(BEGINNING):
        raise Unreadable("it is no calendar: it does not begin with BEGIN:VCALENDAR")
    if len(content) > BYTES_MAX:
        raise Unreadable(f"it is longer than {BYTES_MAX >> 20} MiB")
    if content.upper().count(b"BEGIN:VEVENT") > EVENTS_MAX:
        raise Unreadable(f"it has more than {EVENTS_MAX} events")
    try:
        return Calendar.from_ical(content)
    except ValueError as error:
        raise Unreadable("it is broken, or ends too early") from error


def kept(calendar: Any, counted: Counter[str]) -> Any:
    """The calendar without the events that nobody should unfold."""
    made = type(calendar)()
    made.subcomponents = [each for each in calendar.subcomponents if each.name == "VTIMEZONE"]
    for event in calendar.walk("VEVENT"):
        why = wrong(event)
        if why:
            counted[why] += 1
        else:
            made.add_component(event)
    return made


def wrong(event: Any) -> str:
    """Why the event is left out as a whole; empty if it is not."""
    if event.errors or "DTSTART" not in event:
        return "broken"
    said = [*listed(event.get("DTSTART")), *listed(event.get("DTEND"))]
    if not is_a_span(event, said):
        return "broken"
    if any(isinstance(each.dt, datetime) and nowhere(each) for each in said):
        return "in an unknown time zone"
    lasts = longest(event)
    if lasts < timedelta(0):
        return "ending before it begins"
    if lasts > LASTS_MAX:
        return LENGTHLESS
    return (
        "more than once a day" if any(map(comes_too_often, listed(event.get("RRULE")))) or many(event) else ""
    )


def is_a_span(event: Any, said: list[Any]) -> bool:
    """Begins and ends once, at days or instants, or lasts so long; and comes again later, if it does."""
    lasts = [each.dt for each in listed(event.get("DURATION"))]
    again = [int(each) for rule in listed(event.get("RRULE")) for each in listed(rule.get("INTERVAL"))]
    return (
        all(len(listed(event.get(name))) < 2 for name in ("DTSTART", "DTEND", "DURATION"))
        and all(isinstance(getattr(each, "dt", None), date) for each in said)
        and all(abs(each) <= LASTS_MAX for each in lasts)
        and all(each > 0 for each in again)
    )


def longest(event: Any) -> timedelta:
    """How long it says that it lasts; nothing, if only the unfolding tells."""
    start, ends = event["DTSTART"].dt, [each.dt for each in listed(event.get("DTEND"))]
    spans = [end - start for end in ends if kind_of(end) == kind_of(start)]
    return next(iter((*spans, *(each.dt for each in listed(event.get("DURATION"))))), timedelta(0))


def kind_of(at: date) -> tuple[bool, bool]:
    """A day, an instant, or a time on some wall."""
    return isinstance(at, datetime), isinstance(at, datetime) and at.tzinfo is not None


def nowhere(said: Any) -> bool:
    """A zone is named, and it is none that anybody knows."""
    return said.dt.tzinfo is None and "TZID" in said.params


def comes_too_often(rule: Any) -> bool:
    if any(str(each).upper() in TOO_OFTEN for each in listed(rule.get("FREQ"))):
        return True
    return any(len(listed(rule.get(part))) > 1 for part in WITHIN_A_DAY)


def many(event: Any) -> bool:
    """As many dates, each for itself."""
    return sum(len(each.dts) for each in listed(event.get("RDATE"))) > RULE_DATES_MAX


def listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def entry(event: Any, zone: ZoneInfo, counted: Counter[str]) -> tuple[str, str, str] | None:
    """First, last and why; None for what does not count, which is counted."""
    status = str(event.get("STATUS", "")).upper()
    if status in ("CANCELLED", "TENTATIVE"):
        counted[status.lower()] += 1
        return None
    start, end = event.start, event.end
    if not isinstance(start, datetime):
        end = max(end, start + DAY)
    else:
        start, end = at(start, zone), at(end, zone)
    if not timedelta(0) < end - start <= LASTS_MAX:
        counted[LENGTHLESS] += 1
        return None
    return written(start), written(end), why(event)


def at(wall: datetime, zone: ZoneInfo) -> datetime:
    return (wall if wall.tzinfo is not None else wall.replace(tzinfo=zone)).astimezone(UTC)


def written(at: date) -> str:
    return at.isoformat() if not isinstance(at, datetime) else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def why(event: Any) -> str:
    """What stands over it, in one line; what is private says nothing."""
    if any(str(each).upper() != PUBLIC for each in listed(event.get("CLASS"))):
        return ""
    text = "".join(each if each.isprintable() else " " for each in str(event.get("SUMMARY", "")))
    return " ".join(text.split())[:WHY_CHARS_MAX]


if __name__ == "__main__":
    main(*sys.argv[1:4])
