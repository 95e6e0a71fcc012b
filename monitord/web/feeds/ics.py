"""A feed as iCalendar (RFC 5545, with the names of RFC 7986 beside those that programs knew before).

Everything is in UTC: no program has to know our time zones, and none can get a change of the clocks wrong.
It takes a third of a second to import what writes it, so it is imported when somebody first asks.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from icalendar import Calendar, Event

from monitord.core.check import Instant
from monitord.web.feeds.entries import Entry
from monitord.web.text import clean

PRODUCT = "-//monitord//on call//EN"
REFRESH = timedelta(hours=1)
UID_CHARS = 32


@dataclass(frozen=True, slots=True)
class Page:
    """What a calendar says around its entries: `names` of people by id, the console's URL, the key of ids.

    `whose` is the person whose own shifts they are, "" in a rotation's feed; `stamp` is the same as long as
    the span is.
    """

    title: str
    whose: str
    names: Mapping[str, str]
    console: str
    stamp: Instant
    secret: bytes = field(repr=False)


def written(page: Page, entries: Sequence[Entry]) -> bytes:
    """The whole calendar, with CRLF and folded lines."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, clean(page.title))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        calendar.add_component(event(page, entry))
    return bytes(calendar.to_ical(sorted=False))


def event(page: Page, entry: Entry) -> Event:
    made = Event()
    made.add("uid", uid(page.secret, entry.key))
    made.add("dtstamp", page.stamp)
    made.add("dtstart", entry.start)
    made.add("dtend", entry.end)
    made.add("summary", clean(summary(page, entry)))
    made.add("description", clean(description(page, entry)))
    made.add("url", place(page, entry))
    made.add("categories", ["On call"] if entry.people else ["Gap"])
    made.add("transp", "TRANSPARENT")
    return made


def uid(secret: bytes, key: str) -> str:
    """The same for as long as the entry begins when it does; another in every installation."""
    digest = hmac.digest(secret, f"monitord.calendar\n{key}".encode("utf-8", "surrogatepass"), "sha256")
    return f"{digest.hex()[:UID_CHARS]}@monitord"


def summary(page: Page, entry: Entry) -> str:
    if page.whose:
        return f"On call: {entry.rotation}"
    if not entry.people:
        return f"NOBODY is on call: {entry.rotation}"
    return f"{named(page, entry)} ({entry.rotation})"


def named(page: Page, entry: Entry) -> str:
    return ", ".join(page.names.get(person) or person for person in entry.people)


def description(page: Page, entry: Entry) -> str:
    who = f"On call in {entry.rotation}: {named(page, entry)}." if entry.people else "Nobody is on call."
    why = "An override says so." if entry.override else f"Layer: {entry.layer}." if entry.layer else ""
    change = f"See or change it: {place(page, entry)}"
    return "\n".join(line for line in (who, why, change) if line)


def place(page: Page, entry: Entry) -> str:
    """Where the console shows this shift."""
    asked = {"rotation": entry.rotation, "at": f"{entry.start:%Y-%m-%dT%H:%M:%SZ}"}
    return f"{page.console}/oncall/shift?{urlencode(asked)}"
