"""A terminal beside the daemon: its control socket on disk, and the real client at it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from monitord.client import Client, Place
from monitord.web.ops.control import control_app
from monitord.web.ops.listening import bound_control, serve_control
from monitord.web.ops.sources import Sources
from tests.fakes.patience import WITHIN
from tests.fakes.shop import logbook

TREE = """\
organization: Example Shop
doors:
  public: {listen: "127.0.0.1:8080"}
  edge: {listen: "127.0.0.1:8081"}
  ops: {listen: "127.0.0.1:8082"}
channels: {email: {server: "smtp://127.0.0.1:25", from: monitord@example.org}}
store: sqlite:///var
"""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Terminal:
    """Where somebody types commands; `client` is that of a person, or of this account."""

    place: Place

    def client(self, by: str | None = None) -> Client:
        return Client(self.place, by, within=WITHIN)


@asynccontextmanager
async def terminal(
    sources: Sources, folder: Path, uids: frozenset[int] = frozenset({os.geteuid()})
) -> AsyncIterator[Terminal]:
    """The control socket in that folder, open until the end of the block."""
    listening, path = bound_control({}, folder)
    app = control_app(sources, logbook()[0], uids)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(serve_control(app, listening, path))
        try:
            yield Terminal(Place(path))
        finally:
            serving.cancel()


def named_tree(folder: Path) -> Path:
    """The main file of a small tree whose store is `var` beside it, for a command to find a daemon by."""
    main = folder / "monitord.yaml"
    main.write_text(TREE, encoding="utf-8")
    return main


async def typed(command: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The client waits; the daemon must go on meanwhile."""
    return await asyncio.to_thread(command, *args, **kwargs)
