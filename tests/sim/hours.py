"""What is right about working hours, said a second time: looked up quarter by quarter on the wall."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitord.core.command import Escalate
from monitord.core.escalation import Escalation, PageRequested, RoundReason
from monitord.core.facts import Fact
from monitord.core.workhours import Workhours
from monitord.core.world import World

QUARTER = timedelta(minutes=15)


def are_now(only: Workhours, at: datetime, closed: frozenset[date]) -> bool:
    """By the clock on the wall; hours over midnight belong to the day on which they begin."""
    wall = at.astimezone(ZoneInfo(only.time_zone))
    today, yesterday = (
        day.weekday() in only.days and day not in closed
        for day in (wall.date(), wall.date() - timedelta(days=1))
    )
    for begin, end in only.hours:
        if begin < end and today and begin <= wall.time() < end:
            return True
        if end <= begin and ((today and wall.time() >= begin) or (yesterday and wall.time() < end)):
            return True
    return False


def waits_for_hours(world: World, waiting: Escalation, now: datetime) -> None:
    """Until they begin, and no longer."""
    only, at = waiting.policy.only, waiting.deadline.at
    assert only is not None, f"ticket {waiting.ticket} waits for hours that there are not"
    closed = world.configuration.holidays.get(only.holidays_of, frozenset())
    assert are_now(only, at, closed), f"ticket {waiting.ticket} waits for no working hours"
    quarter = now
    while quarter < at:
        assert not are_now(only, quarter, closed), f"ticket {waiting.ticket} waits in working hours"
        quarter += QUARTER


def pages_in_hours(world: World, now: datetime, fact: Fact, event: PageRequested) -> None:
    """Nobody is paged outside of them, but by a person's word."""
    found = world.get(Escalation, event.ticket)
    if found is None or found.policy.only is None or event.by is not None:
        return
    if isinstance(fact, Escalate):
        return
    named = found.reason is RoundReason.HANDED_OVER and event.step == 1
    closed = world.configuration.holidays.get(found.policy.only.holidays_of, frozenset())
    assert named or are_now(found.policy.only, now, closed), (
        f"{event.person} is paged outside of working hours"
    )
