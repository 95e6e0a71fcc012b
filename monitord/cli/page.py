"""`monitord page WHO "text"`: somebody is wanted, now, whatever the policies say."""

from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.ticket import NUMBER, act_options, said


@click.command()
@click.argument("who")
@click.argument("text")
@click.option("--ticket", "number", type=NUMBER, help="for this ticket, besides whoever is asked already")
@act_options
@click.pass_context
def page(
    ctx: click.Context,
    who: str,
    text: str,
    number: int | None,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Page WHO now: a person, a rotation, a team, or several (`bo,primary`).

    They alone are paged, again and again until somebody answers; from the second time on the last resort,
    too. With --ticket they join those who are asked for that ticket.
    """
    client, whom = daemon(ctx, path, by), tuple(filter(None, (name.strip() for name in who.split(","))))
    done = client.page(whom, text) if number is None else client.page_for(number, whom, text)
    said(done, as_json)
