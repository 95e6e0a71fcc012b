"""`monitord status …`: what the public is told; every text is shown first, and needs `--yes`."""

from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.faults import WRONG, Stopped
from monitord.cli.options import config_option, count, json_option, named, print_json, remember
from monitord.cli.ticket import act_options, said
from monitord.client import Client

PHASES = click.Choice(["investigating", "identified", "monitoring"])
STATES = ("degraded", "partial_outage", "major_outage", "maintenance")


@click.group()
@config_option
@click.pass_context
def status(ctx: click.Context, path: Path | None) -> None:
    """What the public is told: list, post, update, resolve."""
    remember(ctx, path)


@status.command("list")
@config_option
@json_option
@click.pass_context
def list_incidents(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """The public incidents, newest first."""
    rows = daemon(ctx, path).incidents()
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("No public incidents.")
    for row in rows:
        affects = ", ".join(f"{each.component} {each.state}" for each in row.affects)
        click.echo(f"{row.id}  {row.phase:<13}  {row.title}" + (f"  ({affects})" if affects else ""))


@status.command()
@click.argument("title")
@click.argument("body")
@click.option("--affects", "pairs", metavar="COMPONENT=STATE", multiple=True, required=True)
@click.option("--phase", type=PHASES, default="investigating", show_default=True)
@click.option("--yes", is_flag=True, help="publish it")
@act_options
@click.pass_context
def post(
    ctx: click.Context,
    title: str,
    body: str,
    pairs: tuple[str, ...],
    phase: str,
    yes: bool,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Begin a public incident: TITLE, and what customers should know."""
    client, affects = daemon(ctx, path, by), dict(map(affected, pairs))
    named("component", tuple(affects), {row.id: row for row in client.components()})
    confirm(client, f"{title} ({phase})", body, yes)
    said(client.begin_incident(title, body, affects, phase), as_json)


def affected(pair: str) -> tuple[str, str]:
    component, _, state = pair.rpartition("=")
    if not component or state not in STATES:
        raise Stopped(f"`{pair}`: write COMPONENT=STATE, with a state out of {', '.join(STATES)}", WRONG)
    return component, state


@status.command()
@click.argument("incident")
@click.argument("body")
@click.option("--phase", type=PHASES, default="identified", show_default=True)
@click.option("--yes", is_flag=True, help="publish it")
@act_options
@click.pass_context
def update(
    ctx: click.Context,
    incident: str,
    body: str,
    phase: str,
    yes: bool,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """The next entry of a public incident."""
    client = daemon(ctx, path, by)
    confirm(client, f"{client.incident(incident).incident.title} ({phase})", body, yes)
    said(client.post(incident, body, phase), as_json)


@status.command()
@click.argument("incident")
@click.argument("body")
@click.option("--yes", is_flag=True, help="publish it")
@act_options
@click.pass_context
def resolve(
    ctx: click.Context, incident: str, body: str, yes: bool, by: str | None, path: Path | None, as_json: bool
) -> None:
    """The last entry: it is over. Refused while our own monitoring still sees it."""
    client = daemon(ctx, path, by)
    confirm(client, f"{client.incident(incident).incident.title} (resolved)", body, yes)
    said(client.post(incident, body, "resolved"), as_json)


def confirm(client: Client, heading: str, body: str, yes: bool) -> None:
    """Show the text and how many will hear it; go on only with `--yes`."""
    hear = client.status().counts.subscribers
    click.secho(heading, bold=True, err=True)
    click.echo(body, err=True)
    click.echo(f"{count(hear, 'subscriber')} will be told.", err=True)
    if not yes:
        raise Stopped("nothing was published; add --yes to publish it", WRONG)
