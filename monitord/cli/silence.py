"""`monitord silence …`: keep what fits from paging anybody, for a while and for a reason."""

import re
from pathlib import Path
from typing import Any

import click

from monitord.cli.daemon import daemon
from monitord.cli.faults import WRONG, Stopped
from monitord.cli.options import config_option, json_option, print_json, remember, shown
from monitord.cli.ticket import act_options, instant, said, stamp
from monitord.client.directory import SilenceRow
from monitord.core.legible import printable_line

CONDITION = re.compile(r"(?P<name>[^=!~]+)(?P<sign>=~|!~|!=|=)(?P<value>.*)", re.DOTALL)
SIGNS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}


@click.group()
@config_option
@click.pass_context
def silence(ctx: click.Context, path: Path | None) -> None:
    """List silences, add one, end one early."""
    remember(ctx, path)


@silence.command("list", short_help="Those that run, and those that will.")
@config_option
@json_option
@click.pass_context
def list_silences(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """What is kept quiet now or later, by whom, why, and until when."""
    rows = daemon(ctx, path).silences()
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("Nothing is silent.")
    for row in rows:
        click.echo(one_line(row))


def one_line(row: SilenceRow) -> str:
    """`s1  until 2026-01-05 09:00:00 UTC  service="shop"  cem: work on it`."""
    when = f"until {stamp(row.end)}" if row.running else f"from {stamp(row.start)} until {stamp(row.end)}"
    what = ", ".join(
        f'{each.name}{SIGNS[each.is_equal, each.is_regex]}"{each.value}"' for each in row.matchers
    )
    return f"{click.style(row.id, bold=True)}  {when}  {what}  {printable_line(f'{row.by}: {row.reason}')}"


@silence.command(short_help="Keep quiet what fits all of WHAT, 24 hours at most.")
@click.argument("what", nargs=-1, required=True)
@click.option("--reason", required=True, help="why; who is paged too late will ask")
@click.option("--for", "span", metavar="SPAN", help="for so long: 30m, 2h, 1h30m")
@click.option("--until", metavar="T", help="RFC 3339, or `2026-01-05 09:00` in the organization's zone")
@act_options
@click.pass_context
def add(
    ctx: click.Context,
    what: tuple[str, ...],
    reason: str,
    span: str | None,
    until: str | None,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Keep what fits all of WHAT from paging anybody, 24 hours at most.

    WHAT is `service=shop`, `probe=web`, `integration=prometheus`, `heartbeat=backup`, or any label that an
    integration reports: `instance=web1`, `instance!=web1`, `instance=~web[0-9]+`, `instance!~web.*`. What is
    paged for already goes on; to acknowledge it is the way to end that.
    """
    matchers = [condition(each) for each in what]
    client = daemon(ctx, path, by)
    said(client.add_silence(matchers, reason, instant(client, span, until)), as_json)


def condition(text: str) -> dict[str, Any]:
    """`instance=~web.*` as the API takes it. Stopped for what is none."""
    found = CONDITION.fullmatch(text)
    if found is None:
        remedy = "write NAME=VALUE, NAME!=VALUE, NAME=~PATTERN or NAME!~PATTERN, as in service=shop"
        raise Stopped(f"`{shown(text)}` is no condition; {remedy}", WRONG)
    sign = found["sign"]
    return {
        "name": found["name"],
        "value": found["value"],
        "is_regex": "~" in sign,
        "is_equal": "!" not in sign,
    }


@silence.command(short_help="Enough: what it held is judged again at once.")
@click.argument("which")
@act_options
@click.pass_context
def end(ctx: click.Context, which: str, by: str | None, path: Path | None, as_json: bool) -> None:
    """End the silence WHICH early; what it held, and is still raised, pages now."""
    said(daemon(ctx, path, by).end_silence(which), as_json)
