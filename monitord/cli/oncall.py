"""`monitord oncall`: who is on call, now or at any instant; the shifts of a span; the gaps of the days ahead.

All three ask the function that the escalation asks. They read the configuration, and what was changed at run
time (duty.py); they create nothing.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from monitord.cli.duty import on_duty
from monitord.cli.faults import NO, WRONG, Stopped
from monitord.cli.feed import feed
from monitord.cli.options import (
    Whole,
    chosen,
    config_option,
    count,
    json_option,
    named,
    plain,
    print_json,
    remember,
)
from monitord.config.loading import load
from monitord.config.scalars import parse_instant
from monitord.core.check import Instant
from monitord.core.organization import Person
from monitord.core.rotation import Rotation, Shift, next_change, shift_at, shifts
from monitord.core.world import Configuration
from monitord.engine.clock import RealClock

DAYS_MAX = 3660


class Rotations(click.Group):
    """`oncall primary` means `oncall now primary`: a word that is no verb is a rotation."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands:
            args = ["now", *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """An option that is not the group's own belongs to `now`."""
        own = after_config(args)
        if own == len(args) or (args[own].startswith("-") and args[own] not in ctx.help_option_names):
            args = [*args[:own], "now", *args[own:]]
        return super().parse_args(ctx, args)


def after_config(args: list[str]) -> int:
    """Where the words behind `--config FILE` begin."""
    if args[:1] == ["--config"] and len(args) > 1:
        return 2
    return 1 if args and args[0].startswith("--config=") else 0


@click.group(cls=Rotations)
@config_option
@click.pass_context
def oncall(ctx: click.Context, path: Path | None) -> None:
    """Who is on call: `oncall [ROTATION]... [--at T]`, now or at any instant. Exit code 1 if nobody is."""
    remember(ctx, path)


@oncall.command("now", short_help="Who is on call now, or at an instant; the default.")
@click.argument("names", metavar="[ROTATION]...", nargs=-1)
@click.option(
    "--at", "at", metavar="T", help="an instant: RFC 3339, or `2026-01-05 09:00` in the rotation's zone"
)
@config_option
@json_option
@click.pass_context
def now(ctx: click.Context, names: tuple[str, ...], at: str | None, path: Path | None, as_json: bool) -> None:
    """Who is on call now, or at another instant; the default verb."""
    configuration = on_duty(load(chosen(ctx, path)))
    refuse_verbs(names, configuration.rotations)
    rotations = named("rotation", names, configuration.rotations)
    rows = [answer(rotation, at) for rotation in rotations]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("There are no rotations in the configuration.")
    else:
        for rotation, row in zip(rotations, rows, strict=True):
            show(configuration, rotation, row)
    if not rows or any(not row["people"] for row in rows):
        ctx.exit(NO)


def refuse_verbs(names: tuple[str, ...], known: Mapping[str, Rotation]) -> None:
    """Stopped where a verb was meant: `oncall gap` asks for a rotation of that name."""
    strangers = [name for name in names if name not in known]
    if not strangers:
        return
    from monitord.config.suggest import Guesses  # noqa: PLC0415 - only when something was wrong

    near = Guesses().nearest(strangers[0], [*known, *oncall.commands])
    if near is not None and near not in known:
        remedy = f"did you mean `monitord oncall {near}`?"
        raise Stopped(f"there is no rotation {strangers[0]}; {remedy}", WRONG)


def answer(rotation: Rotation, at: str | None) -> dict[str, object]:
    """One rotation at one instant: who, in which shift, until when."""
    instant = read_instant(at, rotation) if at is not None else RealClock().now()
    shift, following = shift_at(rotation, instant), next_change(rotation, instant)
    return {
        "rotation": rotation.id,
        "at": instant,
        "people": list(shift.people),
        "layer": shift.layer,
        "override": shift.override,
        "until": following,
    }


def show(configuration: Configuration, rotation: Rotation, row: Mapping[str, object]) -> None:
    people = row["people"]
    who = ", ".join(name_of(configuration.people, id) for id in people) if isinstance(people, list) else ""
    until = row["until"]
    when = f"  until {wall(until, rotation)}" if isinstance(until, datetime) else ""
    click.secho(rotation.id, bold=True, nl=False)
    click.echo(f"  {who or click.style('NOBODY', fg='red', bold=True)}{when}")


def name_of(people: Mapping[str, Person], id: str) -> str:
    person = people.get(id)
    return f"{person.name} ({id})" if person and person.name != id else id


def wall(at: Instant, rotation: Rotation) -> str:
    return at.astimezone(ZoneInfo(rotation.time_zone)).strftime("%a %Y-%m-%d %H:%M %Z")


def read_instant(text: str, rotation: Rotation) -> Instant:
    """An instant as people type it, in the rotation's zone; one that does not exist, or twice, is refused."""
    try:
        return parse_instant(text, ZoneInfo(rotation.time_zone)).astimezone(UTC)
    except ValueError as error:
        raise Stopped(str(error), WRONG) from None


@oncall.command("shifts", short_help="The shifts between two instants; a gap is one with nobody.")
@click.argument("name", metavar="ROTATION")
@click.option("--from", "start", metavar="T", required=True, help="an instant, as for --at")
@click.option("--to", "end", metavar="T", required=True, help="an instant, as for --at")
@config_option
@json_option
@click.pass_context
def list_shifts(
    ctx: click.Context, name: str, start: str, end: str, path: Path | None, as_json: bool
) -> None:
    """The shifts of ROTATION between two instants, without a hole: a gap is a row with nobody."""
    rotation = named("rotation", (name,), on_duty(load(chosen(ctx, path))).rotations)[0]
    first, last = read_instant(start, rotation), read_instant(end, rotation)
    if not first < last <= first + timedelta(days=DAYS_MAX):
        raise Stopped(f"--to must be after --from, and at most {DAYS_MAX} days later", WRONG)
    rows = shifts(rotation, first, last)
    if as_json:
        print_json([shift_row(shift) for shift in rows])
        return
    for shift in rows:
        click.echo(line(shift, rotation))


def shift_row(shift: Shift) -> dict[str, object]:
    return {
        "start": plain(shift.start),
        "end": plain(shift.end),
        "people": list(shift.people),
        "layer": shift.layer,
        "override": shift.override,
        **({"away": list(shift.away)} if shift.away else {}),
    }


def line(shift: Shift, rotation: Rotation) -> str:
    people = ", ".join(shift.people) or click.style("nobody", fg="red")
    note = "  (override)" if shift.override else ""
    note += f"  ({', '.join(shift.away)} away)" if shift.away else ""
    return f"{wall(shift.start, rotation)} – {wall(shift.end, rotation)}  {people}{note}"


@oncall.command("gaps", short_help="When nobody, or somebody who cannot be reached, is on call.")
@click.option("--days", type=Whole(1, DAYS_MAX), default=90, show_default=True)
@config_option
@json_option
@click.pass_context
def gaps(ctx: click.Context, days: int, path: Path | None, as_json: bool) -> None:
    """When nobody is on call in the days ahead, or somebody who cannot be reached. Exit code 1 if there are
    any.
    """
    configuration = on_duty(load(chosen(ctx, path)))
    begin, span = RealClock().now(), timedelta(days=days)
    found = [
        (rotation, shift, why)
        for rotation in named("rotation", (), configuration.rotations)
        for shift, why in lacking(shifts(rotation, begin, begin + span), configuration.people)
    ]
    if as_json:
        print_json(
            [shift_row(shift) | {"rotation": rotation.id, "why": why} for rotation, shift, why in found]
        )
    elif not found:
        many = count(days, "day")
        click.echo(f"Somebody who can be reached is on call in every rotation for {many}.")
    else:
        for rotation, shift, why in found:
            click.echo(f"{rotation.id}: {lasting(shift, rotation, begin, span)}  {why}")
    if found:
        ctx.exit(NO)


def lacking(found: list[Shift], people: Mapping[str, Person]) -> list[tuple[Shift, str]]:
    """The shifts that lack somebody, and what; those that follow each other and lack the same as one."""
    gaps: list[tuple[Shift, str]] = []
    for shift in found:
        why = lack(shift, people)
        if gaps and gaps[-1][1] == why and gaps[-1][0].end == shift.start:
            gaps[-1] = (shift._replace(start=gaps[-1][0].start), why)
        elif why:
            gaps.append((shift, why))
    return gaps


def gaps_by_absence(configuration: Configuration, begin: Instant, span: timedelta) -> list[str]:
    """When nobody is on call because those whose turn it is are away, as people read it."""
    found = [
        (rotation, shift, why)
        for rotation in configuration.rotations.values()
        if rotation.absences
        for shift, why in lacking(shifts(rotation, begin, begin + span), configuration.people)
        if shift.away and not shift.people
    ]
    return [
        f"{rotation.id}: {why}, {lasting(shift, rotation, begin, span)}" for rotation, shift, why in found
    ]


def lasting(gap: Shift, rotation: Rotation, begin: Instant, span: timedelta) -> str:
    """From when to when; without an end where it goes on beyond the span that was looked at."""
    if gap.end < begin + span:
        return f"{wall(gap.start, rotation)} – {wall(gap.end, rotation)}"
    return f"from {wall(gap.start, rotation)} on, with no end within {count(span.days, 'day')}"


def lack(shift: Shift, people: Mapping[str, Person]) -> str:
    """What is missing in a shift; empty when somebody can be reached."""
    if not shift.people:
        return f"nobody is on call: {', '.join(shift.away)} away" if shift.away else "nobody is on call"
    mute = [id for id in shift.people if id not in people or not people[id].reach]
    return f"{', '.join(mute)} cannot be reached" if mute else ""


oncall.add_command(feed)
