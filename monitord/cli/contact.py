"""`monitord contact …`: which addresses are verified, a code for one, and the code said."""

from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.options import config_option, json_option, print_json, remember
from monitord.cli.ticket import act_options, said, stamp
from monitord.client.contacting import ContactRow


@click.group()
@config_option
@click.pass_context
def contact(ctx: click.Context, path: Path | None) -> None:
    """List people's addresses, send a code to one, confirm it."""
    remember(ctx, path)


@contact.command("list", short_help="Every address, and whether it is verified.")
@click.option("--unverified", is_flag=True, help="only those that are not")
@config_option
@json_option
@click.pass_context
def list_contacts(ctx: click.Context, unverified: bool, path: Path | None, as_json: bool) -> None:
    """Whose addresses are verified, since when, and which wait for their code."""
    rows = [row for row in daemon(ctx, path).contacts() if row.verified is None or not unverified]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("Every address is verified." if unverified else "Nobody has an address.")
    for row in rows:
        click.echo(f"{row.person}  {row.channel}  {row.address}  {standing(row)}")


def standing(row: ContactRow) -> str:
    """`verified 2026-01-05 09:00:00 UTC`."""
    if row.verified is not None:
        return f"verified {stamp(row.verified)}"
    if row.waiting is not None:
        return f"not verified; its code counts until {stamp(row.waiting)}"
    return click.style("not verified", fg="yellow")


CHANNEL = click.option("--channel", metavar="NAME", help="if the address is on several channels")


@contact.command(short_help="Send a code to ADDRESS of PERSON, by its channel.")
@click.argument("person")
@click.argument("address")
@CHANNEL
@act_options
@click.pass_context
def verify(
    ctx: click.Context,
    person: str,
    address: str,
    channel: str | None,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Send a code of six digits to ADDRESS; `monitord contact confirm` takes it.

    It counts for 15 minutes and five tries; five codes an hour are sent to one address.
    """
    said(daemon(ctx, path, by).send_code(address, person, channel), as_json)


@contact.command(short_help="Say the CODE that has arrived at ADDRESS.")
@click.argument("person")
@click.argument("address")
@click.argument("code")
@CHANNEL
@act_options
@click.pass_context
def confirm(
    ctx: click.Context,
    person: str,
    address: str,
    code: str,
    channel: str | None,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Say the CODE that has arrived at ADDRESS of PERSON: from then on the address counts."""
    said(daemon(ctx, path, by).confirm_contact(address, code, person, channel), as_json)
