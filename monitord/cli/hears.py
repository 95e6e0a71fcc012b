"""`monitord integration …` and `monitord heartbeat …`: who else may report, and where they are spoken to."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.options import config_option, json_option, print_json, remember
from monitord.cli.ticket import stamp
from monitord.client import Client
from monitord.client.directory import AddressRow

COLORS = {"up": "green", "started": "green", "late": "yellow", "down": "red"}


@click.group()
@config_option
@click.pass_context
def integration(ctx: click.Context, path: Path | None) -> None:
    """List integrations, with the addresses and secrets for those who report."""
    remember(ctx, path)


@click.group()
@config_option
@click.pass_context
def heartbeat(ctx: click.Context, path: Path | None) -> None:
    """List heartbeats: how they are, and which address to ping."""
    remember(ctx, path)


def where(client: Client, *, heartbeats: bool) -> Mapping[str, AddressRow]:
    """The addresses by id; a heartbeat may be called like an integration."""
    return {row.id: row for row in client.addresses() if row.of_heartbeat == heartbeats}


@integration.command("list", short_help="Who may report, where, and with which secret.")
@click.option("--secrets", is_flag=True, help="show them; whoever has one may report")
@config_option
@json_option
@click.pass_context
def list_integrations(ctx: click.Context, secrets: bool, path: Path | None, as_json: bool) -> None:
    """Who may report, where, and with `--secrets` the secret to show there."""
    client = daemon(ctx, path)
    rows = client.integrations()
    if as_json:
        print_json(rows)
        return
    found = where(client, heartbeats=False) if secrets else {}
    if not rows:
        click.echo("No integrations; add some under `integrations` in the configuration.")
    for row in rows:
        click.secho(row.id, bold=True, nl=False)
        click.echo(f"  {row.kind}, service {row.service}, {row.priority}")
        if row.id in found:
            click.echo(f"  {found[row.id].url}\n  secret {found[row.id].secret}")


@heartbeat.command("list", short_help="How they are, and which address to ping.")
@click.option("--secrets", is_flag=True, help="show the addresses; whoever has one may ping it")
@config_option
@json_option
@click.pass_context
def list_heartbeats(ctx: click.Context, secrets: bool, path: Path | None, as_json: bool) -> None:
    """How they are, when they are expected, and with `--secrets` the address to ping."""
    client = daemon(ctx, path)
    rows = client.heartbeats()
    if as_json:
        print_json(rows)
        return
    found = where(client, heartbeats=True) if secrets else {}
    if not rows:
        click.echo("No heartbeats; add some under `heartbeats` in the configuration.")
    for row in rows:
        state = click.style(f"{row.state:<8}", fg=COLORS.get(row.state))
        click.echo(f"{state}  {row.id}  {heard(row.last, row.expected)}")
        if row.id in found:
            click.echo(f"          {found[row.id].url}")


def heard(last: datetime | None, expected: datetime | None) -> str:
    if last is None:
        return "never heard of"
    return f"last {stamp(last)}" + (f", expected {stamp(expected)}" if expected else "")
