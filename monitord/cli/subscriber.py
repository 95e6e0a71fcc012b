"""`monitord subscriber …`: who hears of the public stories."""

from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.faults import WRONG, Stopped
from monitord.cli.options import config_option, count, json_option, print_json, remember
from monitord.cli.ticket import act_options, said, stamp
from monitord.client.directory import SubscriberRow


@click.group()
@config_option
@click.pass_context
def subscriber(ctx: click.Context, path: Path | None) -> None:
    """List or remove those who hear of the public stories."""
    remember(ctx, path)


@subscriber.command("list", short_help="Those who hear, and those who have been asked.")
@config_option
@json_option
@click.pass_context
def list_subscribers(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """Those who hear, and those who have been asked whether they want to."""
    rows = list(daemon(ctx, path).all_subscribers())
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(one_line(row))
    click.echo(count(len(rows), "subscriber") + "." if rows else "Nobody has subscribed.")


def one_line(row: SubscriberRow) -> str:
    since = f"since {stamp(row.confirmed)}" if row.confirmed else f"asked {stamp(row.asked)}"
    return f"{row.id}  {row.state:<9}  {row.channel}  {row.address}  {since}"


@subscriber.command(short_help="They hear nothing any more; the address is deleted.")
@click.argument("id")
@click.option("--yes", is_flag=True, help="do it")
@act_options
@click.pass_context
def remove(ctx: click.Context, id: str, yes: bool, by: str | None, path: Path | None, as_json: bool) -> None:
    """They hear nothing any more, and nothing of the address is kept."""
    client = daemon(ctx, path, by)
    found = next((row for row in client.all_subscribers() if id in (row.id, row.address)), None)
    if found is None:
        raise Stopped(f"there is no subscriber {id}; `monitord subscriber list` lists them", 1)
    if not yes:
        click.echo(one_line(found))
        raise Stopped("nothing was done; say --yes to remove this one", WRONG)
    said(client.remove_subscriber(found.id), as_json)
