"""`monitord event …`: what came in from outside, and what was made of it."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.options import Whole, config_option, json_option, print_json, remember
from monitord.cli.ticket import stamp, told
from monitord.client.directory import ArrivalRow, EventStory, SaidRow
from monitord.core.legible import printable, printable_line, shortened

NUMBER = Whole(1, 2**53)
BODY_SHOWN = 2_000
WIDTH = 160  # where there is no terminal
REFUSED = 400  # and above: an HTTP status


@click.group()
@config_option
@click.pass_context
def event(ctx: click.Context, path: Path | None) -> None:
    """List and explain what integrations and heartbeats have sent; it is kept for a week."""
    remember(ctx, path)


@event.command("list", short_help="What came in, newest first.")
@click.option("--integration", help="an integration's id, or heartbeat/ID")
@click.option("--limit", type=Whole(1, 500), default=50, show_default=True)
@config_option
@json_option
@click.pass_context
def list_events(
    ctx: click.Context, integration: str | None, limit: int, path: Path | None, as_json: bool
) -> None:
    """What came in, newest first, and what was made of it in a line."""
    client = daemon(ctx, path)
    rows = client.events(integration, limit)
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("Nothing has come in.")
    for row in rows:
        click.echo(shortened(one_line(row), shutil.get_terminal_size((WIDTH, 24)).columns))


def one_line(row: ArrivalRow) -> str:
    first = row.outcome[0] if row.outcome else "is being decided" if row.decided < row.reports else ""
    more = f" (+{len(row.outcome) - 1})" if len(row.outcome) > 1 else ""
    times = f" ×{row.times}" if row.times > 1 else ""
    line = f"{row.id:>6}  {stamp(row.at)}  {row.status}  {row.integration}{times}  {first}{more}"
    return printable_line(line)


@event.command(short_help="What came in, what was made of it, and why it opened no ticket.")
@click.argument("number", type=NUMBER)
@config_option
@json_option
@click.pass_context
def explain(ctx: click.Context, number: int, path: Path | None, as_json: bool) -> None:
    """What came in, what was read in it, what became of that, and what has happened to it since."""
    show_event(daemon(ctx, path).event(number), as_json=as_json)


def show_event(story: EventStory, *, as_json: bool) -> None:
    if as_json:
        print_json(story)
        return
    row = story.event
    click.secho(f"Event {row.id}: {row.method} from {row.integration}{row.path}", bold=True)
    click.echo(f"came at {stamp(row.at)}, {row.bytes} bytes, answered {row.status}")
    if row.times > 1:
        click.echo(f"stands for {row.times} equal ones")
    for pair in (*story.headers, *story.query):
        click.echo(printable_line(f"{pair.name}: {pair.value}"))
    if story.body.strip():
        click.echo(f"\n{printable(story.body[:BODY_SHOWN])}")
    part("What it says", [said_line(each) for each in story.said] or [nothing_said(row)])
    part("What became of it", row.outcome or [nothing_became(row)])
    if story.said:
        part("Since then", [told(line) for line in story.since] or ["nothing"])


def nothing_said(row: ArrivalRow) -> str:
    if row.status >= REFUSED or row.reports:
        return "nothing that could be read"
    return "nothing that raises or clears anything"


def nothing_became(row: ArrivalRow) -> str:
    return "it is being decided" if row.decided < row.reports else "nothing: there was no report in it"


def said_line(said: SaidRow) -> str:
    raised = "ping" if said.raised is None else "raised" if said.raised else "over"
    return f"{said.about}: {raised}: {said.title} ({said.service}, {said.priority})"


def part(title: str, several: Iterable[str]) -> None:
    click.secho(f"\n{title}", bold=True)
    for each in several:
        click.echo(printable(each))
