"""What a change would alter, as a comment for its pull request: Markdown, or JSON for programs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from monitord.cli.faults import WRONG, Stopped
from monitord.config.loading import Loaded, load
from monitord.config.scalars import format_duration
from monitord.core.check import Instant
from monitord.core.organization import ContactMethod, Quiet
from monitord.core.wording import names
from monitord.core.workhours import Workhours
from monitord.play.change import Change, Differs, Gap, Ladder, Nights, Times, Way, Written

GAPS_MAX = 3  # of one tier; JSON has them all
ROWS_MAX = 50  # of one table; a comment that nobody reads to its end helps nobody
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAIN_FILES = ("config/monitord.yaml", "monitord.yaml")


def changed(place: Path) -> Loaded:
    """The tree of a folder, or around a main file."""
    if not place.is_dir():
        return load(place)
    found = next((place / name for name in MAIN_FILES if (place / name).is_file()), None)
    if found is None:
        raise Stopped(
            f"{place} has no {' and no '.join(MAIN_FILES)}; name the main file of the changed tree", WRONG
        )
    return load(found)


def markdown(change: Change, zone: ZoneInfo) -> Iterator[str]:
    """The comment, line by line."""
    yield "### What this change does to being on call"
    yield ""
    yield f"From {stamp(change.start, zone)} to {stamp(change.end, zone)} ({zone.key}):"
    yield ""
    yield from (f"- {sentence}" for sentence in sentences(change, zone))
    for way, found in change.ways:
        yield from table(way, found, zone)


def sentences(change: Change, zone: ZoneInfo) -> list[str]:
    """What matters, the worst first."""
    said = [
        *(f"**policy `{policy}` no longer ends in people**" for policy in change.dead_ends),
        *gap_words("**opens {}**", change.opened, change.end, zone),
        *gap_words("closes {}", change.closed, change.end, zone),
        *(wakes(each) for each in change.nights),
        *(
            f"reaches **{r.person}** by {methods(r.after)}, no longer by {methods(r.before)}"
            for r in change.reach
        ),
        *(f"**{r.of}**: {r.what}: {written(r.after)}, no longer {written(r.before)}" for r in change.rules),
    ]
    if not said and not change.ways:
        return ["nobody is called at another time, or in another way"]
    if not said:
        same = all(each.before == each.after for _, found in change.ways for each in found)
        said = [f"the same people are called{', at other times' if same else ' first at night'}"]
    return said


def written(value: Written) -> str:
    """A duration, or days and hours, as people write them."""
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, Workhours | Quiet):
        days = " ".join(WEEKDAYS[day] for day in value.days) or "every day"
        spans = ", ".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in value.hours) or "all day"
        zone = f" {value.time_zone}" if isinstance(value, Workhours) else ""
        return f"{days} {spans}{zone}"
    return value or "none"


def wakes(nights: Nights) -> str:
    """`wakes **cem** on 4 more nights (2 before, 6 after)`."""
    more = nights.after - nights.before
    how = "more" if more > 0 else "fewer"
    number = f"{abs(more)} {how} night{'s'[: abs(more) != 1]}"
    return f"wakes **{nights.person}** on {number} ({nights.before} before, {nights.after} after)"


def gap_words(says: str, gaps: tuple[Gap, ...], horizon: Instant, zone: ZoneInfo) -> Iterator[str]:
    """`**opens a gap**: policy `up`, tier 1 (primary): Thu 24 Dec 08:00 – 12:00`; a line a tier."""
    for (policy, tier, page), found in groupby(gaps, key=lambda gap: (gap.policy, gap.tier, gap.page)):
        times = [lasting(gap, horizon, zone) for gap in found]
        more = f", and {len(times) - GAPS_MAX} more" if len(times) > GAPS_MAX else ""
        what = says.format("a gap" if len(times) == 1 else f"{len(times)} gaps")
        where = f"policy `{policy}`, tier {tier} ({', '.join(page)})"
        yield f"{what}: {where}: {', '.join(times[:GAPS_MAX])}{more}"


def lasting(gap: Gap, horizon: Instant, zone: ZoneInfo) -> str:
    """`Thu 24 Dec 08:00 – 12:00`; without an end where it goes on beyond what was looked at."""
    if gap.end < horizon:
        return between(gap.start, gap.end, zone)
    return f"from {day(gap.start.astimezone(zone))} on"


def methods(reach: tuple[ContactMethod, ...]) -> str:
    if not reach:
        return "nothing"
    return names(
        tuple(
            f"{m.channel} {m.address}{f' after {format_duration(m.after)}' if m.after else ''}" for m in reach
        )
    )


def table(way: Way, found: tuple[Differs, ...], zone: ZoneInfo) -> Iterator[str]:
    """Who is called when, along one way."""
    yield ""
    yield f"#### {heading(way)}"
    yield ""
    yield "| when | before | after |"
    yield "| --- | --- | --- |"
    for each in found[:ROWS_MAX]:
        yield f"| {between(each.start, each.end, zone)} | {' | '.join(ladders(each))} |"
    if len(found) > ROWS_MAX:
        yield ""
        yield f"… and {len(found) - ROWS_MAX} more times."


def heading(way: Way) -> str:
    """`shop: urgent, high; by policy up instead of down`."""
    services: dict[str, list[str]] = {}
    for service, priority in way.troubles:
        services.setdefault(service, []).append(priority)
    troubles = "; ".join(f"{service}: {', '.join(levels)}" for service, levels in services.items())
    policies = f"policy `{way.after}`" if way.after else "no policy"
    instead = f" instead of `{way.before or 'none'}`" if way.before != way.after else ""
    return f"{troubles} ({policies}{instead})"


def ladders(found: Differs) -> tuple[str, str]:
    """Before and after; with the times, where those differ."""
    was, will = found.times_before, found.times_after
    if any(before != after for before, after in zip(was, will, strict=False)):
        return ladder(found.before, was), ladder(found.after, will)
    return ladder(found.before), ladder(found.after)


def ladder(tiers: Ladder, times: Times = ()) -> str:
    """`ann → bo + cem → nobody`, or `ann → bo + cem after 5m`."""
    called = [" + ".join(people) or "**nobody**" for people in tiers]
    turns = [f" after {format_duration(turn)}" if turn else "" for turn in times] or [""] * len(called)
    return " → ".join(map("".join, zip(called, turns, strict=True))) or "**nobody**"


def between(start: Instant, end: Instant, zone: ZoneInfo) -> str:
    """`Thu 24 Dec 08:00 – 12:00`; the day of the end only where it is another one."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    until = f"{last:%H:%M}" if first.date() == last.date() else day(last)
    return f"{day(first)} – {until}"


def day(wall: datetime) -> str:
    return f"{wall:%a} {wall.day} {wall:%b %H:%M}"


def stamp(at: Instant, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"


def as_facts(change: Change) -> dict[str, Any]:
    """The shape that programs may rely on; the manual has it."""
    return {
        "start": change.start,
        "end": change.end,
        "harms": change.harms,
        "dead_ends": change.dead_ends,
        "opened": change.opened,
        "closed": change.closed,
        "nights": change.nights,
        "reach": change.reach,
        "rules": change.rules,
        "ways": [
            {
                "policy_before": way.before,
                "policy_after": way.after,
                "troubles": [
                    {"service": service, "priority": priority} for service, priority in way.troubles
                ],
                "differences": found,
            }
            for way, found in change.ways
        ],
    }
