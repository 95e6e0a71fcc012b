"""`monitord config check|schema|show|diff`: is it right, what does it say, what would change?"""

import os
from datetime import timedelta
from pathlib import Path

import click

from monitord.cli.coverage import tiers_ahead
from monitord.cli.faults import NO, WRONG, Stopped
from monitord.cli.leavers import with_leavers
from monitord.cli.oncall import gaps_by_absence
from monitord.cli.options import chosen, config_option, count, json_option, print_json, remember
from monitord.cli.reached import unverified
from monitord.config.loading import Loaded, load
from monitord.engine.clock import RealClock

AHEAD = timedelta(days=90)
RUNNING = "running"
PLURALS = {
    "probe": "probes",
    "service": "services",
    "person": "people",
    "rotation": "rotations",
    "policy": "policies",
}


@click.group()
@config_option
@click.pass_context
def config(ctx: click.Context, path: Path | None) -> None:
    """Validate the configuration, or show what it means."""
    remember(ctx, path)


@config.command(short_help="Is it right? All that is wrong, with its place and what would be right.")
@config_option
@json_option
@click.pass_context
def check(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """Read everything; say all that is wrong, with its place and what would be right."""
    loaded = load(chosen(ctx, path))
    counted, left = with_leavers(loaded)
    warnings = [*map(str, loaded.warnings), *left, *unverified(counted), *gaps_ahead(counted)]
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        facts = {plural: number(loaded, plural) for plural in PLURALS.values()}
        print_json(facts | {"revision": loaded.revision[:12], "warnings": warnings})
        return
    said = ", ".join(count(number(loaded, plural), noun, plural) for noun, plural in PLURALS.items())
    click.echo(f"The configuration is valid ({count(len(warnings), 'warning')}): {said}.")
    say_what_is_left(loaded)


def say_what_is_left(loaded: Loaded) -> None:
    """A daemon that runs reads nothing by itself."""
    from monitord.cli.takeover import left_to_do  # noqa: PLC0415 - heavier than the rest

    if sentence := left_to_do(loaded):
        click.echo(sentence)


def gaps_ahead(loaded: Loaded) -> list[str]:
    """When absences leave nobody on call in the days ahead, and which tiers are empty then or anyway."""
    now = RealClock().now()
    return [*gaps_by_absence(loaded.configuration, now, AHEAD), *tiers_ahead(loaded, now, AHEAD)]


def number(loaded: Loaded, plural: str) -> int:
    """How many of them there are."""
    return len(getattr(loaded.configuration, plural))


@config.command()
def schema() -> None:
    """JSON Schema for editors."""
    from monitord.config.schema import schema as json_schema  # noqa: PLC0415 - heavier than the rest

    print_json(json_schema())


@config.command()
@config_option
@json_option
@click.pass_context
def show(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """The effective configuration, with defaults, secrets masked."""
    from monitord.config.show import sections  # noqa: PLC0415 - heavier than the rest
    from monitord.config.show import show as shown  # noqa: PLC0415

    loaded = load(chosen(ctx, path))
    if as_json:
        print_json(sections(loaded.written))
    else:
        click.echo(shown(loaded), nl=False)


@config.command(short_help="What a reload would change: the tree, against what is running.")
@click.option(
    "--against",
    metavar="running|FILE|DIR",
    default=RUNNING,
    show_default=True,
    help="what was accepted last, or another tree: its folder, or its main file",
)
@config_option
@json_option
@click.pass_context
def diff(ctx: click.Context, against: str, path: Path | None, as_json: bool) -> None:
    """What differs between the tree and what is running (or would run, if no daemon does): what a reload
    would change. Exit code 1 if there are differences.
    """
    from monitord.cli.simulated_change import changed  # noqa: PLC0415 - heavier than the rest
    from monitord.config.difference import differences  # noqa: PLC0415 - heavier than the rest

    loaded = load(chosen(ctx, path))
    before = accepted(loaded) if against == RUNNING else changed(Path(against))
    found = differences(before.written, loaded.written)
    if as_json:
        print_json({"against": before.revision[:12], "revision": loaded.revision[:12], "differences": found})
    elif not found:
        click.echo("Nothing differs.")
    for difference in () if as_json else found:
        click.echo(str(difference))
    if found and against == RUNNING and not as_json:
        say_what_is_left(loaded)
    if found:
        ctx.exit(NO)


def accepted(loaded: Loaded) -> Loaded:
    """What was accepted last, from the store that this tree names."""
    from monitord.engine.revisions import reloaded  # noqa: PLC0415 - only here
    from monitord.store.revisions import newest_revision  # noqa: PLC0415

    store = Path(loaded.settings.store)
    revision = newest_revision(store)
    if revision is None:
        raise Stopped(
            f"nothing was accepted yet: there is no store in {store}; name another tree with --against FILE",
            WRONG,
        )
    return reloaded(revision, store, os.environ)
