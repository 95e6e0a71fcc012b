"""How a command reaches the daemon: by its control socket, or where MONITORD_URL says."""

import os
from pathlib import Path

import click

from monitord.cli.options import chosen
from monitord.client import Client, Place, place_of
from monitord.config import load


def daemon(ctx: click.Context, path: Path | None, by: str | None = None) -> Client:
    """The client; the configuration is only read to know where the socket is."""
    if os.environ.get("MONITORD_URL"):
        return Client(Place(url=os.environ["MONITORD_URL"], token=os.environ.get("MONITORD_TOKEN", "")), by)
    store = Path(load(chosen(ctx, path)).settings.store)
    return Client(place_of(os.environ, store), by)
