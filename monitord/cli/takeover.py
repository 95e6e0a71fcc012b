"""How whoever has edited the tree has the running daemon take it over."""

import os
from pathlib import Path

from monitord.client import Client, ClientFault, place_of
from monitord.config.loading import Loaded
from monitord.store.lock import holder

UNIT = "monitord.service"


def how_to_reload(store: Path) -> str:
    """`kill -HUP 4711`, unless systemd has started the daemon of that store, or nobody can see who it is."""
    process = holder(store)
    return f"kill -HUP {process}" if process and not supervised(process) else "systemctl reload monitord"


def supervised(process: int) -> bool:
    """By our unit, says the kernel; also of a process that has gone."""
    try:
        groups = Path(f"/proc/{process}/cgroup").read_text(encoding="utf-8")
    except OSError:
        return True
    return UNIT in groups


def left_to_do(loaded: Loaded) -> str:
    """For a tree that the daemon running on its store does not go by; empty if there is nothing."""
    try:
        running = Client(place_of(os.environ, Path(loaded.settings.store))).status().revision
    except ClientFault:
        return ""
    if loaded.revision.startswith(running) or running.startswith(loaded.revision):
        return ""
    how = how_to_reload(Path(loaded.settings.store))
    return f"The running daemon goes by another tree ({running[:12]}); to have it take this one: {how}"
