"""How a command reaches the daemon: by its control socket, or where MONITORD_URL says."""

import os
from pathlib import Path

import click

from monitord.cli.options import chosen
from monitord.client import Client, Place, place_of
from monitord.client.place import SOCKET
from monitord.config import ConfigurationRefused, load
from monitord.config.store_place import state_place
from monitord.config.tree import main_file


def daemon(ctx: click.Context, path: Path | None, by: str | None = None) -> Client:
    """The client; the configuration is only read to know where the socket is."""
    if os.environ.get("MONITORD_URL"):
        return Client(Place(url=os.environ["MONITORD_URL"], token=os.environ.get("MONITORD_TOKEN", "")), by)
    return Client(place_of(os.environ, store_of(chosen(ctx, path))), by)


def store_of(path: Path | None) -> Path:
    """Where the store is; while a tree is being edited and does not load, where it is by default."""
    try:
        return Path(load(path).settings.store)
    except ConfigurationRefused:
        usual = usual_store(path)
        if not (usual / SOCKET).exists():
            raise
        return usual


def usual_store(path: Path | None) -> Path:
    """`store: sqlite:///var` beside the tree that was named, as if it said nothing else."""
    main = main_file(path, os.environ)
    root = main.parent.parent if main.parent.name == "config" else main.parent
    return state_place("var", root, os.environ)
