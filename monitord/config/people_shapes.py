"""What people write about people and teams: how somebody is reached, and when that waits."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from monitord.config import limits
from monitord.config.calendar_address import CalendarAddress
from monitord.config.days_off import DaysOffShape
from monitord.config.problem import Wrong, listed, quoted
from monitord.config.shapes import Day, Identified, Shape
from monitord.config.words import Address, HoursOfDay, Ids, Instantly, Lasting, Name, Truth, Zone, named

ContactAfter = Annotated[timedelta, Lasting(*limits.CONTACT_AFTER)]
PagePriority = Literal["urgent", "high", "medium", "low"]


ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,100}")
BESIDE_A_CHANNEL = ("after", "for")  # the keys of a contact method that name no channel


def contact(value: object) -> object:
    """`{email: ann@example.org, after: 2m}` as channel, address and delay."""
    if not isinstance(value, dict):
        raise Wrong(
            f"{named(value)} is not a contact method", "write it as {email: ann@example.org, after: 2m}"
        )
    channels = [key for key in value if key not in BESIDE_A_CHANNEL]
    if len(channels) != 1:
        said = (
            f"{listed(map(quoted, channels), 'and')} are {len(channels)} channels"
            if channels
            else "there is no channel"
        )
        raise Wrong(said, "one entry names one channel, as {email: ann@example.org, after: 2m}")
    beside = {key: value[key] for key in BESIDE_A_CHANNEL if key in value}
    return {"channel": channels[0], "address": value[channels[0]], **beside}


def contacts(value: object) -> object:
    """A list of them; somebody wrote only the address."""
    if isinstance(value, str):
        address = value if ADDRESS.fullmatch(value) else "ann@example.org"
        raise Wrong(f"{named(value)} is not a list of contact methods", f"write it as [{{email: {address}}}]")
    return value


class ContactShape(Shape):
    """A channel with the person's address there, when it is tried `after` the page began, and `for` which
    priorities.
    """

    channel: str
    address: Address
    after: ContactAfter = timedelta(0)
    priorities: Annotated[tuple[PagePriority, ...], Field(min_length=1, max_length=4)] | None = Field(
        None, alias="for"
    )


Contact = Annotated[ContactShape, BeforeValidator(contact)]


class QuietShape(Shape):
    """When only what is urgent reaches a person: hours of the day, on these days, in their own zone."""

    hours: Annotated[tuple[HoursOfDay, ...], Field(min_length=1, max_length=limits.HOURS_MAX)] | None = None
    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)] | None = None

    @model_validator(mode="after")
    def says_when(self) -> "QuietShape":
        if self.hours is None and self.days is None:
            raise Wrong("these quiet hours are at no time", 'write it as {hours: ["22:00-07:00"]}')
        return self


class AwayShape(Shape):
    """Somebody is away: whole days in their zone, the last one included, or from one instant to another."""

    since: Instantly = Field(alias="from")
    to: Annotated[Instantly, Field(examples=["2026-12-27 09:00"])]
    why: Name | None = None


class PersonShape(Identified):
    """Somebody who can be paged; `reach` in the order in which it is tried, `quiet` when that waits."""

    name: Name | None = None
    time_zone: Zone | None = None
    reach: Annotated[tuple[Contact, ...], Field(max_length=limits.REACH_MAX), BeforeValidator(contacts)] = ()
    quiet: QuietShape | None = None
    handoff_news: Truth = True
    away: Annotated[tuple[AwayShape, ...], Field(max_length=limits.ABSENCES_MAX)] = ()
    away_calendar: CalendarAddress | None = None
    public_holidays: DaysOffShape | None = None


class TeamShape(Identified):
    """Members and managers."""

    members: Ids = ()
    managers: Ids = ()
