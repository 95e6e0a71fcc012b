"""`monitord override swap …`: ask somebody to take a shift, perhaps in exchange; accept, decline, list."""

from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.options import config_option, json_option, print_json, remember
from monitord.cli.spans import INSTANT, read_instant, read_span, rotation_of
from monitord.cli.ticket import act_options, said, stamp
from monitord.client.arranging import SwapRow


@click.group(short_help="Ask somebody to take a shift; answer.")
@config_option
@click.pass_context
def swap(ctx: click.Context, path: Path | None) -> None:
    """Ask somebody to take a shift, perhaps in exchange for one of theirs; accept, decline."""
    remember(ctx, path)


@swap.command("list", short_help="Those that wait for an answer.")
@config_option
@json_option
@click.pass_context
def list_swaps(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """Who asks whom to take which shift, and until when there is time to answer."""
    rows = daemon(ctx, path).swaps()
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("No swap waits for an answer.")
    for row in rows:
        click.echo(one_line(row))


def one_line(row: SwapRow) -> str:
    """`w1  lapses …  primary, bo for ann …  ann: a wedding`."""
    which = click.style(row.id, bold=True)
    return f"{which}  lapses {stamp(row.lapses, row.time_zone)}  {row.says}  {row.by}: {row.why}"


@swap.command(short_help="Ask somebody to take a shift of yours in ROTATION.")
@click.argument("rotation")
@click.option("--from", "start", metavar="T", required=True, help=INSTANT)
@click.option("--to", "end", metavar="T", help=INSTANT)
@click.option("--for", "span", metavar="SPAN", help="instead of --to: for so long: 30m, 12h, 2d")
@click.option("--ask", "taker", metavar="PERSON", required=True, help="who is asked")
@click.option("--of", "giver", metavar="PERSON", help="whose shift it is; by default whoever asks")
@click.option("--for-shift", "back", metavar="T", help="in exchange for their shift with that instant in it")
@click.option("--why", required=True, help="the reason")
@act_options
@click.pass_context
def ask(
    ctx: click.Context,
    rotation: str,
    start: str,
    end: str | None,
    span: str | None,
    taker: str,
    giver: str | None,
    back: str | None,
    why: str,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Ask somebody to be on call in ROTATION from --from to --to instead of you.

    They hear of it at once. Until they accept nothing changes; without an answer it lapses when the first of
    the shifts begins.
    """
    client = daemon(ctx, path, by)
    found = rotation_of(client, rotation)
    first, last = read_span(client, found, start, end, span)
    assert first is not None, "--from is required"
    exchange = read_instant(back, found) if back is not None else None
    said(client.ask_swap(rotation, first, last, taker, why, giver, exchange), as_json)


@swap.command(short_help="Take the shift that you were asked to take.")
@click.argument("which")
@act_options
@click.pass_context
def accept(ctx: click.Context, which: str, by: str | None, path: Path | None, as_json: bool) -> None:
    """Take the shift of the swap WHICH; only whoever was asked can."""
    said(daemon(ctx, path, by).accept_swap(which), as_json)


@swap.command(short_help="Say no; or take back what you have asked for.")
@click.argument("which")
@act_options
@click.pass_context
def decline(ctx: click.Context, which: str, by: str | None, path: Path | None, as_json: bool) -> None:
    """Say no to the swap WHICH, or take back what you have asked for; nothing changes."""
    said(daemon(ctx, path, by).decline_swap(which), as_json)
