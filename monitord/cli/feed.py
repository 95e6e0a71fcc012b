"""`monitord oncall feed`: the private address at which calendars read somebody's shifts, or a rotation's."""

from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.options import config_option, json_option, print_json


@click.command(short_help="The private address of a person's or a rotation's shifts, for calendars.")
@click.argument("whose", metavar="PERSON|ROTATION")
@click.option("--renew", is_flag=True, help="make another address; at the old one there is nothing any more")
@config_option
@json_option
@click.pass_context
def feed(ctx: click.Context, whose: str, renew: bool, path: Path | None, as_json: bool) -> None:
    """Print the address at which calendars read the shifts of a PERSON or a ROTATION.

    Whoever has it can read them; it does nothing else. `--renew` when it has come into wrong hands.
    """
    client = daemon(ctx, path)
    row = client.renew_feed(whose) if renew else client.feed(whose)
    if as_json:
        print_json(row)
        return
    click.echo(row.url)
    if renew:
        click.echo(f"The old address of {row.id} is dead; give this one to whoever reads it.", err=True)
