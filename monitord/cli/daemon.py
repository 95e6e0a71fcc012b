"""How a command reaches the daemon: by its control socket, or where MONITORD_URL says."""

import os
from pathlib import Path

import click

from monitord.cli.faults import WRONG, Stopped
from monitord.cli.options import chosen
from monitord.client import Client, Place, place_of
from monitord.config.problem import ConfigurationRefused
from monitord.config.whereabouts import places, stated


def daemon(ctx: click.Context, path: Path | None, by: str | None = None) -> Client:
    """The client; of the configuration only the line is read that says where the store is, if it can be."""
    if by == "":
        raise Stopped("`--by` is empty; say who acts, or leave it out", WRONG)
    if os.environ.get("MONITORD_URL"):
        return Client(Place(url=os.environ["MONITORD_URL"], token=os.environ.get("MONITORD_TOKEN", "")), by)
    main = chosen(ctx, path)
    store = stated(main, os.environ)
    if store is None or not place_of(os.environ, store).listens:
        store = store_of(main)
    return Client(place_of(os.environ, store), by)


def store_of(path: Path | None) -> Path:
    """Where the store is; of a tree that does not load, or is gone, where a daemon of it listens."""
    from monitord.config.loading import load  # noqa: PLC0415 - heavy, and hardly ever needed

    try:
        return Path(load(path).settings.store)
    except ConfigurationRefused as refused:
        found = listened_at(path)
        if found is None:
            raise
        problem = f"{refused.problems[0]}" if refused.problems else "the configuration cannot be read"
        click.echo(f"monitord: {problem}", err=True)
        click.echo(f"monitord: the daemon that is running at {found} is asked all the same", err=True)
        return found


def listened_at(path: Path | None) -> Path | None:
    """The store of a tree that cannot be read, if a daemon's socket is there."""
    return next((each for each in places(path, os.environ) if place_of(os.environ, each).listens), None)
