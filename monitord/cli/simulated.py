"""How a simulation is told: a table for people, facts for programs."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from monitord.cli.options import count
from monitord.core.wallclock import zone_of
from monitord.core.wording import names, spell
from monitord.core.world import Configuration
from monitord.play.simulation import REFUSED, Call, Foreseen, Remark, Widening

NAMES_MAX = 12


def as_facts(subject: str, found: Foreseen) -> dict[str, Any]:
    """The shape that programs may rely on; the manual has it."""
    return {
        "subject": subject,
        "at": found.at,
        "until": found.until,
        "ends": found.ends,
        "priority": found.priority,
        "policy": found.policy,
        "people": list(found.people),
        "pages": [asdict(call) for call in found.calls],
        "widenings": [asdict(each) for each in found.widenings],
        "remarks": [asdict(each) for each in found.remarks],
        "not_called": [asdict(each) for each in found.not_called],
    }


def show(configuration: Configuration, subject: str, found: Foreseen) -> None:
    zone = zone_of(configuration.time_zone)
    by = f": {found.priority.value}, policy {found.policy or 'none'}" if found.priority else ""
    click.secho(f"{subject} on {found.at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}{by}", bold=True)
    said = None
    for each in found.story:
        when = "" if each.at == said else clock(each.at.astimezone(zone), found.at.astimezone(zone))
        said = each.at
        click.echo(f"{when:<13}{LINES[type(each)](each, widths(found))}".rstrip())
    click.echo()
    reached = [f"{person} {how_soon(found, person)}" for person in found.people]
    who = f"{count(len(reached), 'person', 'people')} reached: {', '.join(reached)}."
    click.echo(who if reached else click.style("NOBODY would be reached.", fg="red", bold=True))
    for why, people in grouped(found):
        click.echo(click.style(f"Not called: {people} ({why}).", dim=True))
    click.echo(f"Shown until {clock(found.until.astimezone(zone), found.at.astimezone(zone))}: {found.ends}.")


def grouped(found: Foreseen) -> list[tuple[str, str]]:
    """Each reason with those of whom it is true; of many the first."""
    reasons: dict[str, list[str]] = {}
    for each in found.not_called:
        reasons.setdefault(each.why, []).append(each.person)
    return [(why, few(people)) for why, people in reasons.items()]


def few(people: list[str]) -> str:
    more = len(people) - NAMES_MAX
    return ", ".join(people[:NAMES_MAX]) + (f" and {more} more" if more > 0 else "")


def clock(wall: datetime, first: datetime) -> str:
    """The day where it is another one, the seconds where there are any."""
    day = "" if wall.date() == first.date() else f"{wall:%a %d} "
    return day + (f"{wall:%H:%M:%S}" if wall.second else f"{wall:%H:%M}")


def widths(found: Foreseen) -> tuple[int, int, int]:
    """Of the columns person, channel, address."""
    calls = found.calls
    return (
        max((len(call.person) for call in calls), default=0),
        max((len(call.channel) for call in calls), default=0),
        max((len(call.address) for call in calls), default=0),
    )


def call_line(call: Call, columns: tuple[int, int, int]) -> str:
    person, channel, address = columns
    refused = click.style("  refused", fg="red") if call.outcome == REFUSED else ""
    who = f"{call.person:<{person}}  {call.channel:<{channel}}  {call.address:<{address}}"
    return f"  {who}  {call.why}{refused}"


def step_line(step: Widening, columns: tuple[int, int, int]) -> str:
    """`tier 2: bo joins, 2 people`."""
    joins = (
        f"{names(step.joins)} {'joins' if len(step.joins) == 1 else 'join'}" if step.joins else "told again"
    )
    round = f"round {step.round}, " if step.round > 1 else ""
    where = f"tier {step.tier}" if step.tier else "alone"
    return click.style(
        f"{round}{where}: {joins}, {count(step.circle, 'person', 'people')} in the circle", bold=True
    )


def remark_line(remark: Remark, columns: tuple[int, int, int]) -> str:
    return click.style(remark.says, dim=True)


LINES: dict[type[Any], Callable[[Any, tuple[int, int, int]], str]] = {
    Call: call_line,
    Widening: step_line,
    Remark: remark_line,
}


def how_soon(found: Foreseen, person: str) -> str:
    """`at once`, `after 5 min`."""
    first = next(call.at for call in found.calls if call.person == person and call.outcome != REFUSED)
    return f"after {spell(first - found.at)}" if first > found.at else "at once"
