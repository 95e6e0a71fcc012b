"""`monitord override …`: somebody else on call than whose turn it is, for a while and for a reason."""

from pathlib import Path

import click

from monitord.cli.daemon import daemon
from monitord.cli.faults import WRONG, Stopped
from monitord.cli.options import config_option, json_option, print_json, remember
from monitord.cli.spans import INSTANT, read_span, rotation_of
from monitord.cli.swap import swap
from monitord.cli.ticket import act_options, said, stamp
from monitord.client.arranging import OverrideRow


@click.group()
@config_option
@click.pass_context
def override(ctx: click.Context, path: Path | None) -> None:
    """List overrides made at run time, add one, remove one; ask for a swap."""
    remember(ctx, path)


@override.command("list", short_help="Those that run, and those that will.")
@config_option
@json_option
@click.pass_context
def list_overrides(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """Who stands in for whom now or later, who has arranged it, and why."""
    rows = daemon(ctx, path).overrides()
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("No overrides were made at run time.")
    for row in rows:
        click.echo(one_line(row))


def one_line(row: OverrideRow) -> str:
    """`o1  primary  from … until …  bo instead of ann  cem: ann is ill`."""
    begin = "" if row.running else f"from {stamp(row.start, row.time_zone)} "
    where = f"{row.rotation}/{row.layer}" if row.layer else row.rotation
    who = click.style(row.id, bold=True)
    return f"{who}  {where}  {begin}until {stamp(row.end, row.time_zone)}  {row.says}  {row.by}: {row.why}"


@override.command(short_help="Have somebody else on call in ROTATION for a while.")
@click.argument("rotation")
@click.option("--from", "start", metavar="T", help=f"{INSTANT}; now, if it is left out")
@click.option("--to", "end", metavar="T", help=INSTANT)
@click.option("--for", "span", metavar="SPAN", help="instead of --to: for so long: 30m, 12h, 2d")
@click.option("--replace", "replaced", metavar="PERSON", help="who is replaced; --with says by whom")
@click.option("--with", "people", metavar="PERSON", multiple=True, help="who comes for them; several times")
@click.option("--all", "alone", metavar="PERSON", multiple=True, help="who is on call instead of everybody")
@click.option("--add", "added", metavar="PERSON", multiple=True, help="who comes as well")
@click.option("--remove", "removed", metavar="PERSON", help="who goes, and nobody comes for them")
@click.option("--layer", metavar="NAME", help="in this layer only, not in the whole rotation")
@click.option("--overrule", metavar="ID", multiple=True, help="an override that this one may contradict")
@click.option("--why", required=True, help="the reason; whoever is woken will ask")
@act_options
@click.pass_context
def add(
    ctx: click.Context,
    rotation: str,
    start: str | None,
    end: str | None,
    span: str | None,
    replaced: str | None,
    people: tuple[str, ...],
    alone: tuple[str, ...],
    added: tuple[str, ...],
    removed: str | None,
    layer: str | None,
    overrule: tuple[str, ...],
    why: str,
    by: str | None,
    path: Path | None,
    as_json: bool,
) -> None:
    """Have somebody else on call in ROTATION, from --from to --to.

    Say what changes in one of four ways: --replace ann --with bo, --all bo, --add bo, --remove ann. One that
    says the same as another is refused, and so is one that contradicts another: remove that one first, or
    --overrule it; then the newer counts where they overlap.
    """
    kind, who, comes = change(replaced, people, alone, added, removed)
    client = daemon(ctx, path, by)
    first, last = read_span(client, rotation_of(client, rotation), start, end, span)
    done = client.add_override(rotation, first, last, kind, why, who, comes, layer, overrule)
    said(done, as_json)


def change(
    replaced: str | None,
    people: tuple[str, ...],
    alone: tuple[str, ...],
    added: tuple[str, ...],
    removed: str | None,
) -> tuple[str, str | None, tuple[str, ...]]:
    """The kind, who goes and who comes. Stopped if nothing or several things were said."""
    wishes = (("replace", replaced, people), ("all", None, alone), ("add", None, added))
    said = [wish for wish in wishes if wish[1] or wish[2]]
    if removed is not None:
        said.append(("remove", removed, ()))
    if len(said) != 1:
        raise Stopped("say one of --replace PERSON --with PERSON, --all, --add, --remove", WRONG)
    kind, who, comes = said[0]
    if kind == "replace" and not (who and comes):
        raise Stopped("--replace says who is replaced, --with by whom; say both", WRONG)
    return kind, who, comes


@override.command(short_help="Whose turn it is counts again.")
@click.argument("which")
@act_options
@click.pass_context
def remove(ctx: click.Context, which: str, by: str | None, path: Path | None, as_json: bool) -> None:
    """Remove the override WHICH; one that has begun ends now."""
    said(daemon(ctx, path, by).remove_override(which), as_json)


override.add_command(swap)
