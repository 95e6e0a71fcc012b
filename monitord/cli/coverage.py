"""What `monitord config check` says of tiers that will have nobody."""

from datetime import timedelta

from monitord.config.loading import Loaded
from monitord.core.check import Instant
from monitord.core.coverage import Holes, Span, holes
from monitord.core.wallclock import zone_of


def tiers_ahead(loaded: Loaded, now: Instant, ahead: timedelta) -> list[str]:
    """A line for each tier that is empty some time in the days ahead, with its place."""
    configuration = loaded.configuration
    return [
        f"{loaded.written.names['policies'][each.policy]}: {said(each, configuration.time_zone, now, ahead)}"
        for each in holes(configuration, now, now + ahead)
    ]


def said(found: Holes, zone: str, now: Instant, ahead: timedelta) -> str:
    """Which tier, when, and what to do about it."""
    when = first(found.spans, zone, now, ahead)
    page = ", ".join(found.page)
    if found.last:
        what = f"the policy `{found.policy}` does not end in people: nobody is on call in {page} {when}"
        return f"{what}; end it with a person, a team or everybody"
    what = f"tier {found.tier} of the policy `{found.policy}` is skipped {when}: nobody is on call in {page}"
    return f"{what}; close the gap, or add a person to the tier"


def first(spans: tuple[Span, ...], zone: str, now: Instant, ahead: timedelta) -> str:
    """`from Tue 6 Jan, 20:00 to Wed 7 Jan, 08:00 CST, and 12 times more within 90 days`."""
    begin, end = (at.astimezone(zone_of(zone)) for at in spans[0])
    if end >= now + ahead:
        return f"from {begin:%a %-d %b, %H:%M %Z} on, with no end within {ahead.days} days"
    more = len(spans) - 1
    times = "once" if more == 1 else "twice" if more == 2 else f"{more} times"
    again = f", and {times} more within {ahead.days} days" if more else ""
    return f"from {begin:%a %-d %b, %H:%M} to {end:%a %-d %b, %H:%M %Z}{again}"
