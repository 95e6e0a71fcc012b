"""Quiet hours against a slow, obvious definition: look at the wall every quarter of an hour."""

from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.organization import Person, Quiet
from monitord.core.quiet import DAYS_MAX, never_ends, quiet_until
from monitord.core.wallclock import wall_at

QUARTER = timedelta(minutes=15)
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
ZONES = (
    "UTC",
    "America/Chicago",
    "America/St_Johns",
    "Europe/Berlin",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)

times = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
quiets = st.builds(
    Quiet,
    st.lists(st.tuples(times, times), max_size=3).map(tuple),
    st.lists(st.integers(0, 6), max_size=6, unique=True).map(lambda days: tuple(sorted(days))),
)
instants = st.integers(0, 4 * 24 * 3 * 365).map(lambda quarters: BEGIN + quarters * QUARTER)


def is_quiet(quiet: Quiet, wall: datetime) -> bool:
    """Does it lie in a window of today, or in one of yesterday that runs over midnight?"""
    windows = quiet.hours or ((time(), time()),)
    now, today = wall.time(), wall.weekday()
    own = not quiet.days or today in quiet.days
    before = not quiet.days or (today - 1) % 7 in quiet.days
    return any(
        (own and begin <= now and (now < end or end <= begin)) or (before and end <= begin and now < end)
        for begin, end in windows
    )


@given(quiets, st.sampled_from(ZONES), instants)
def test_it_ends_at_the_first_quarter_that_is_not_quiet(quiet: Quiet, zone: str, at: datetime) -> None:
    where = ZoneInfo(zone)
    steps = (at + number * QUARTER for number in range((DAYS_MAX - 1) * 96))
    held = list(takewhile(lambda step: is_quiet(quiet, wall_at(step, where)), steps))
    found = quiet_until(Person("ann", "Ann", zone, quiet=quiet), at)

    if not held:
        assert found is None
    elif len(held) < (DAYS_MAX - 2) * 96:
        assert held[-1] + QUARTER == found


@given(quiets)
def test_what_never_ends_is_quiet_at_every_quarter_of_a_week(quiet: Quiet) -> None:
    week = (BEGIN + number * QUARTER for number in range(7 * 96))

    assert never_ends(quiet) == all(is_quiet(quiet, wall_at(at, ZoneInfo("UTC"))) for at in week)
