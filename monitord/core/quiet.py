"""Quiet hours: when a person wants to be left alone, and which messages wait for the end of that.

Theory of operation. Quiet hours are read like the hours of a rotation's layer (turns.py), on the wall clock
of the person's own zone, so that a night over a clock change is as long as it is on the wall. Urgent pages
never wait. Others are asked for at once, with a later `due`, so that the escalation goes on by its own clock
and everybody sees them waiting; they are looked at once more when they are about to leave. A question never
waits: whoever is asked has just answered, and others are woken if they stay silent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitord.core.check import Instant, PersonId
from monitord.core.delivery import Delivery, DeliveryState, Purpose
from monitord.core.organization import Person, Priority, Quiet
from monitord.core.turns import MIDNIGHT, Layer, Turn, Unit, turn_at
from monitord.core.wallclock import instant_of, wall_at, zone_of

DAYS_MAX = 9  # what is quiet for longer never ends, and is no reason to lose a page
WAITS = "waits for the end of quiet hours"
ALWAYS = datetime(2001, 1, 1)  # noqa: DTZ001 - the wall clock: a Monday long ago
NEVER_ALONE = ("everybody",)


@dataclass(frozen=True, slots=True)
class PageWaits:
    """It is not urgent, and its person wants quiet until then; `zone` is theirs."""

    ticket: int
    person: PersonId
    channel: str
    until: Instant
    zone: str


def quiet_until(person: Person, at: Instant) -> Instant | None:
    """When the quiet that `at` lies in ends; None if it lies in none, or that never ends."""
    if person.quiet is None:
        return None
    return end_of(person.quiet, zone_of(person.time_zone), at)


def end_of(quiet: Quiet, zone: ZoneInfo, at: Instant) -> Instant | None:
    """The same for a time zone."""
    layer = hours_of(quiet)
    if turn_at(layer, zone, at) is None:
        return None
    ends = (instant_of(wall, zone) for wall in edges(layer, wall_at(at, zone)))
    return next((end for end in ends if turn_at(layer, zone, end) is None), None)


def edges(layer: Layer, after: datetime) -> Iterator[datetime]:
    """When windows may end on the wall, up to DAYS_MAX from then on."""
    times = sorted({MIDNIGHT, *(end for _, end in layer.windows)})
    for days in range(DAYS_MAX):
        day = (after + timedelta(days=days)).date()
        yield from (edge for edge in (datetime.combine(day, at) for at in times) if edge > after)


def never_ends(quiet: Quiet) -> bool:
    """Does it leave no time of the week?"""
    layer, zone, begin = hours_of(quiet), zone_of("UTC"), ALWAYS.replace(tzinfo=UTC)
    return turn_at(layer, zone, begin) is not None and end_of(quiet, zone, begin) is None


def hours_of(quiet: Quiet) -> Layer:
    """Quiet hours as the hours of a layer."""
    return Layer(
        "quiet hours", (NEVER_ALONE,), ALWAYS, Turn(1, Unit.WEEKS), days=quiet.days, hours=quiet.hours
    )


def respects(purpose: Purpose, priority: Priority) -> bool:
    """Does such a message wait for the end of quiet hours? What is urgent never does."""
    if purpose is Purpose.PAGE:
        return priority is not Priority.URGENT
    return purpose is Purpose.NEWS


def postponed(delivery: Delivery, person: Person, begin: Instant) -> Delivery:
    """The same delivery, with its delay counted from `begin` or from the end of the quiet it lies in."""
    after = (delivery.due or delivery.date) - delivery.date
    planned = (quiet_until(person, begin) or begin) + after
    due = quiet_until(person, planned) or planned
    return delivery if due == begin + after else held(delivery, due)


def held(delivery: Delivery, until: Instant) -> Delivery:
    return replace(delivery, due=until, why=WAITS)


def is_held(delivery: Delivery) -> bool:
    """It waits for the end of quiet hours."""
    return delivery.state is DeliveryState.PENDING and delivery.why == WAITS


def released(delivery: Delivery, due: Instant) -> Delivery:
    """It waits no longer for that."""
    return replace(delivery, due=due, why="")
