"""`monitord config check|schema|show`: is the configuration right, and what does it mean?"""

from pathlib import Path

import click

from monitord.cli.options import chosen, config_option, json_option, print_json
from monitord.config import Loaded, load


@click.group()
def config() -> None:
    """Validate the configuration, or show what it means."""


@config.command()
@config_option
@json_option
@click.pass_context
def check(ctx: click.Context, path: Path | None, as_json: bool) -> None:
    """Read everything; say all that is wrong, with its place and what would be right."""
    loaded = load(chosen(ctx, path))
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        print_json(counted(loaded) | {"warnings": [str(warning) for warning in loaded.warnings]})
        return
    count = len(loaded.warnings)
    facts = ", ".join(f"{number} {name}" for name, number in counted(loaded).items() if name != "revision")
    click.echo(f"The configuration is valid ({count} warning{'s'[: count != 1]}): {facts}.")


def counted(loaded: Loaded) -> dict[str, object]:
    known = loaded.configuration
    return {
        "probes": len(known.probes),
        "services": len(known.services),
        "people": len(known.people),
        "rotations": len(known.rotations),
        "policies": len(known.policies),
        "revision": loaded.revision[:12],
    }


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
