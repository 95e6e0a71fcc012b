"""`monitord away …`: somebody is on leave: who, from when to when, and who stands in."""

from datetime import datetime
from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.faults import WRONG, Stopped
from monitord.cli.options import config_option, json_option, print_json, refuse_stranger, remember
from monitord.cli.ticket import act_options, said, stamp
from monitord.client import Client
from monitord.client.calendars import CalendarRow
from monitord.client.leaving import LeaveRow

WHEN = "a date (2026-12-24), a time (`2026-12-24 18:00`), both on the person's wall, or RFC 3339"


@click.group()
@config_option
@click.pass_context
def away(ctx: click.Context, path: Path | None) -> None:
    """List who is away, say that somebody is, or is not after all."""
    remember(ctx, path)


@away.command("list", short_help="Who is away now, and who will be.")
@click.argument("person", required=False)
@config_option
@json_option
@click.pass_context
def list_leave(ctx: click.Context, person: str | None, path: Path | None, as_json: bool) -> None:
    """Who is away now or later, why, who stands in, and where that is known from."""
    client = daemon(ctx, path)
    rows = client.leave(zone_of(client, person)[0] if person is not None else None)
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("Nobody is away." if person is None else f"{person} is not away.")
    for row in rows:
        click.echo(one_line(row))


def one_line(row: LeaveRow) -> str:
    """`l1  ann  from … until …  cem covers  ann: skiing`."""
    begin = "" if row.running else f"from {stamp(row.start, row.time_zone)} "
    who = (
        f"{click.style(row.id or '–', bold=True)}  {row.person}  {begin}until {stamp(row.end, row.time_zone)}"
    )
    cover = f"  {row.cover} covers" if row.cover else ""
    read = f", read {stamp(row.read, row.time_zone)}" if row.read is not None else ""
    source = row.by or f"({row.origin}{read})"
    return f"{who}{cover}  {source}{': ' + row.why if row.why else ''}"


@away.command(short_help="Calendars elsewhere that say who is away.")
@config_option
@json_option
@click.pass_context
def calendars(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """Whose leave and holidays they hold, when they were read last, and why they cannot be read."""
    rows = daemon(ctx, path).calendars()
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("No calendar elsewhere is configured.")
    for row in rows:
        click.echo(about(row))


def about(row: CalendarRow) -> str:
    """`hr.example.org  leave of ann  3 entries, read 2026-01-05 09:00:00 UTC`."""
    leave = f"leave of {', '.join(row.leave_of)}" if row.leave_of else ""
    holidays = f"holidays of {', '.join(row.holidays_of)}" if row.holidays_of else ""
    whose = "; ".join(filter(None, (leave, holidays)))
    held = "1 entry" if row.entries == 1 else f"{row.entries} entries"
    read = f"{held}, read {stamp(row.read)}" if row.read is not None else "not read yet"
    left_out = "".join(f", {each.count} left out ({each.why})" for each in row.left_out)
    line = f"{click.style(row.host, bold=True)}  {whose}  {read}{left_out}"
    if row.failing is None:
        return line
    return f"{line}  {click.style('cannot be read', fg='red')} since {stamp(row.failing)}: {row.why}"


@away.command(short_help="PERSON is away from START to END.")
@click.argument("person")
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--cover", metavar="PERSON", help="who stands in, in all of their turns")
@click.option("--why", default="", help="the reason, if everybody may read it")
@act_options
@click.pass_context
def add(
    ctx: click.Context,
    person: str,
    start: str,
    end: str,
    cover: str | None,
    why: str,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """PERSON is away from FROM to TO.

    Dates are whole days on the person's wall, and the last one counts: `away add ann 2026-12-24 2026-12-27`
    has ann back on the 28th. FROM may be `now`. Without --cover their turns fall to whom the rotation says.
    """
    client = daemon(ctx, path, by)
    whose, zone = zone_of(client, person)
    first, last = (None if start == "now" else read(start, zone, "from")), read(end, zone, "to")
    said(client.add_leave(last, whose, first, why, cover), as_json)


def zone_of(client: Client, person: str) -> tuple[str, str]:
    """The person's id and time zone. Stopped for a name that nobody has."""
    known = {row.id: row for row in client.people()}
    if person not in known:
        teams = {row.id: (*row.members, *row.managers) for row in client.teams()}
        rotations = {row.id: row.people for row in client.rotations()}
        refuse_stranger(person, known, team=teams, rotation=rotations)
    return person, known[person].time_zone


def read(text: str, zone: str, which: str) -> datetime:
    """As files have it; an instant that does not exist, or twice, is refused with both readings."""
    from monitord.config.away_build import begin_of, end_of  # noqa: PLC0415 - only here
    from monitord.core.wallclock import zone_of as clock  # noqa: PLC0415 - only here

    try:
        return (begin_of if which == "from" else end_of)(text, clock(zone))
    except ValueError as wrong:
        raise Stopped(str(wrong), WRONG) from None


@away.command(short_help="Somebody is not away after all.")
@click.argument("which")
@act_options
@click.pass_context
def remove(ctx: click.Context, which: str, by: str | None, path: Path | None, as_json: bool) -> None:
    """Remove the leave WHICH; one that has begun ends now."""
    said(daemon(ctx, path, by).remove_leave(which), as_json)
