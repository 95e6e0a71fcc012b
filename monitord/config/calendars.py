"""Calendars elsewhere that say who is away: from what people write to what the core and the shell need.

Two who name the same address share one calendar, and it is read once. It is known by a digest of its address,
because whoever has that can read it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from pydantic import SecretStr

from monitord.config.entries import Entry, Written
from monitord.config.people_shapes import PersonShape
from monitord.core.almanac import CalendarSource
from monitord.net.target import target

ID_CHARS = 12


@dataclass(slots=True)
class Named:
    """Who has named an address, and what for."""

    leave_of: list[str] = field(default_factory=list)
    holidays_of: list[str] = field(default_factory=list)
    zones: set[str] = field(default_factory=set)


def calendar_sources(written: Written) -> dict[str, CalendarSource]:
    """Each by its id; times without a zone are of the people's, if they have one in common."""
    zone = written.head.shape.time_zone if written.head else "UTC"
    return {
        id_of(address): CalendarSource(
            id=id_of(address),
            host=target(address).host,
            time_zone=next(iter(named.zones)) if len(named.zones) == 1 else zone,
            leave_of=tuple(named.leave_of),
            holidays_of=tuple(named.holidays_of),
        )
        for address, named in addresses(written, zone).items()
    }


def calendar_addresses(written: Written) -> dict[str, SecretStr]:
    """Where each is."""
    return {id_of(address): SecretStr(address) for address in addresses(written, "UTC")}


def addresses(written: Written, zone: str) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for person, entry in written.people.items():
        for address, what in said(written, entry):
            named = found.setdefault(address.get_secret_value(), Named())
            getattr(named, what).append(person)
            named.zones.add(entry.shape.time_zone or zone)
    return found


def said(written: Written, entry: Entry[PersonShape]) -> Iterator[tuple[SecretStr, str]]:
    """The calendars about a person, and for what; what the organization says of holidays is for those who say
    nothing themselves.
    """
    if entry.shape.away_calendar is not None:
        yield entry.shape.away_calendar, "leave_of"
    holidays = entry.shape.public_holidays or (written.head.shape.public_holidays if written.head else None)
    if holidays is not None and holidays.calendar is not None:
        yield holidays.calendar, "holidays_of"


def id_of(address: str) -> str:
    return sha256(address.encode()).hexdigest()[:ID_CHARS]
