"""`monitord config check|schema|show`: is the configuration right, and what does it mean?"""

from pathlib import Path

import click

from monitord.cli.options import chosen, config_option, count, json_option, print_json, remember
from monitord.config import Loaded, load

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
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        facts = {plural: number(loaded, plural) for plural in PLURALS.values()}
        warnings = [str(warning) for warning in loaded.warnings]
        print_json(facts | {"revision": loaded.revision[:12], "warnings": warnings})
        return
    said = ", ".join(count(number(loaded, plural), noun, plural) for noun, plural in PLURALS.items())
    click.echo(f"The configuration is valid ({count(len(loaded.warnings), 'warning')}): {said}.")


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
