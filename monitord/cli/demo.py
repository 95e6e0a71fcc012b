"""`monitord demo`: a whole outage in a minute, on real sockets."""

import json
import sys

import click

from monitord.cli.faults import NO
from monitord.cli.options import plain
from monitord.demo.performance import Ending, perform
from monitord.demo.stage import on

SIGNALLED = 128  # plus its number, as shells say it


@click.command()
@click.option("--auto", is_flag=True, help="nobody is needed; the last line of stdout is JSON")
@click.pass_context
def demo(ctx: click.Context, auto: bool) -> None:
    """A whole outage in a minute, on real sockets: a shop breaks, people are paged, customers are told.

    It needs nothing but loopback and leaves nothing behind. Exit code 1 if not everything happened in the
    right order.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a symbol more or less must not end the play
    ending = perform(on(), alone=auto)
    if ending.why:
        explain(ending)
    if auto:
        click.echo(json.dumps(told(ending), default=plain, separators=(",", ":")))
    ctx.exit(code_of(ending))


def explain(ending: Ending) -> None:
    click.echo(f"monitord: {ending.why}", err=True)
    if ending.log:
        click.echo(f"The daemon said last: {ending.log}", err=True)


def told(ending: Ending) -> dict[str, object]:
    """What happened, for programs."""
    events = [{"at": each.at, "what": each.what} for each in ending.milestones]
    return {"ok": not ending.why, **({"why": ending.why} if ending.why else {}), "events": events}


def code_of(ending: Ending) -> int:
    if ending.signal:
        return SIGNALLED + ending.signal
    return NO if ending.why else 0
