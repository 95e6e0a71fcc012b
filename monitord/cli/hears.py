"""`monitord integration …` and `monitord heartbeat …`: who else may report, and where they are spoken to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_bytes, token_hex
from uuid import UUID

import click

from monitord.cli.daemon import daemon
from monitord.cli.options import config_option, json_option, named, print_json, remember
from monitord.cli.ticket import stamp
from monitord.client import Client
from monitord.client.directory import AddressRow

SECRET_BYTES = 16
TO_SHOW = ", and the secret to show there"
COLORS = {"up": "green", "started": "green", "late": "yellow", "down": "red"}


@click.group()
@config_option
@click.pass_context
def integration(ctx: click.Context, path: Path | None) -> None:
    """List integrations, with the addresses and secrets for those who report; draw another secret."""
    remember(ctx, path)


@click.group()
@config_option
@click.pass_context
def heartbeat(ctx: click.Context, path: Path | None) -> None:
    """List heartbeats: how they are, and which address to ping; draw another key."""
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


@integration.command("rotate", short_help="Another secret: what to write, and whom to give it.")
@click.argument("name")
@config_option
@json_option
@click.pass_context
def rotate_integration(ctx: click.Context, name: str, path: Path | None, as_json: bool) -> None:
    """Draw another secret for the integration NAME, and say what to write where. Nothing changes until it is
    written: the tree says what counts.
    """
    (row,) = named("integration", (name,), where(daemon(ctx, path), heartbeats=False))
    show(Fresh(name, "integrations", "secret", token_hex(SECRET_BYTES), row.secret, row.url), as_json)


@heartbeat.command("rotate", short_help="Another key: what to write, and which address to give out.")
@click.argument("name")
@config_option
@json_option
@click.pass_context
def rotate_heartbeat(ctx: click.Context, name: str, path: Path | None, as_json: bool) -> None:
    """Draw another key for the heartbeat NAME, and say what to write where. Nothing changes until it is
    written: the tree says what counts.
    """
    (row,) = named("heartbeat", (name,), where(daemon(ctx, path), heartbeats=True))
    fresh = str(UUID(bytes=token_bytes(16), version=4))
    show(Fresh(name, "heartbeats", "key", fresh, row.secret, row.url.replace(row.secret, fresh)), as_json)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A secret that was just drawn: for which `section` and `word` of the tree, and where it will count."""

    name: str
    section: str
    word: str
    fresh: str
    before: str
    url: str


def show(drawn: Fresh, as_json: bool) -> None:
    if as_json:
        print_json(drawn)
        return
    click.echo(f"Under `{drawn.section}` › `{drawn.name}` write both, and reload the configuration:\n")
    click.echo(f'    {drawn.word}: ["{drawn.fresh}", "{drawn.before}"]\n')  # digits alone would be a number
    click.echo(f"Then give out the new one: {drawn.url}" + (TO_SHOW if drawn.word == "secret" else ""))
    alone = f'{drawn.word}: "{drawn.fresh}"'
    click.echo(f"When everybody has it, and at once if the old one is in wrong hands: {alone}")


def heard(last: datetime | None, expected: datetime | None) -> str:
    if last is None:
        return "never heard of"
    return f"last {stamp(last)}" + (f", expected {stamp(expected)}" if expected else "")
