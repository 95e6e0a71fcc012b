"""Through the daemon if there is one, for only it writes then; else a command opens the store itself."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from monitord.cli.daemon import daemon
from monitord.cli.faults import NO, Stopped
from monitord.cli.options import chosen
from monitord.client import Client, DaemonUnreachable
from monitord.client.asking import fault

if TYPE_CHECKING:
    from monitord.config.loading import Loaded
    from monitord.store import Store

A = TypeVar("A")
B = TypeVar("B")


def through(
    ctx: click.Context, path: Path | None, asking: Callable[[Client], A], opening: Callable[["Loaded"], B]
) -> A | B:
    """Who asks the daemon, or, where none answers on this machine, who opens the store."""
    client = daemon(ctx, path)
    try:
        client.whoami()
    except DaemonUnreachable:
        if client.place.socket is None:
            raise
        from monitord.config.loading import load  # noqa: PLC0415 - only where there is no daemon

        return opening(load(chosen(ctx, path)))
    return asking(client)


@contextmanager
def opened(loaded: "Loaded") -> Iterator["Store"]:
    """The store of a tree whose daemon does not run."""
    from monitord.store import Store  # noqa: PLC0415 - heavier than most commands

    folder = Path(loaded.settings.store)
    refuse_to_begin_for_another(folder)
    store = Store.open(folder, now=now())
    try:
        yield store
    finally:
        store.close()


@contextmanager
def as_answered() -> Iterator[None]:
    """A no is said as it is when the daemon says it."""
    from monitord.web.refusal import No  # noqa: PLC0415 - heavier than most commands

    try:
        yield
    except No as no:
        said = {"what": no.what, "where": no.where, "remedy": no.remedy}
        raise fault(no.status, {"error": said}) from no


def acting() -> str:
    """For whom the daemon would take us."""
    from monitord.web.access.roles import account_of  # noqa: PLC0415 - heavier than most commands

    return account_of(os.geteuid())


def refuse_to_begin_for_another(store: Path) -> None:
    """A new store belongs to whoever makes it, and the daemon could not open it."""
    if (store / "live.sqlite3").exists():
        return
    there = next(folder for folder in (store, *store.absolute().parents) if folder.exists())
    owner = there.stat().st_uid
    if os.geteuid() == 0 and owner != 0:
        what = f"there is no store at {store} yet, and {there} belongs to another account (uid {owner})"
        raise Stopped(f"{what}; start the daemon first, or do this as that account", NO)


def now() -> datetime:
    from monitord.engine.clock import RealClock  # noqa: PLC0415 - heavier than most commands

    return RealClock().now()
