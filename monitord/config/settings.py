"""What the shell needs to know: doors, store, channels, watchdog. What the core goes by is in core.world."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from monitord.config.inlets import Inlet

EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Door:
    """Where a door listens (port 0: any free one), and its URL without a slash at the end."""

    host: str
    port: int
    url: str


@dataclass(frozen=True, slots=True)
class Doors:
    """The three doors; links are built from their door's URL."""

    public: Door
    edge: Door
    ops: Door


@dataclass(frozen=True, slots=True)
class Watchdog:
    """The URL that is asked every so often while all is well. Whoever knows it can fake that: not shown."""

    url: str = field(repr=False)
    every: timedelta


@dataclass(frozen=True, slots=True)
class Broken:
    """Stands for the options of a channel or probe whose value is behind a reference that leads nowhere now.

    Only an accepted tree that is loaded again has any (see kept.py); a new tree is refused instead.
    """

    why: str


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup every night `at` that time, into the folder; the newest `keep` stay."""

    to: Path
    keep: int
    at: time


@dataclass(frozen=True, slots=True)
class Oidc:
    """An OpenID provider where people sign in; `name` stands on the button, `claim` says who somebody is."""

    name: str
    issuer: str
    client_id: str
    client_secret: SecretStr = field(repr=False)
    claim: str = EMAIL


@dataclass(frozen=True, slots=True)
class Settings:
    """`tree` is the folder that holds `config`; `store` the path of the store's folder; `channels` has the
    options of each configured channel by its kind; `inlets` are the integrations, and `heartbeat_keys` the
    keys of those heartbeats that say theirs; `webhooks` has the options of each, `calendars` the address of
    each calendar elsewhere. What may hold a secret is not in its `repr`."""

    organization: str = field(repr=False)
    time_zone: str = field(repr=False)
    tree: Path
    store: str = field(repr=False)
    doors: Doors = field(repr=False)
    channels: Mapping[str, Any] = field(repr=False)
    watchdog: Watchdog | None
    backup: Backup | None = None
    inlets: Mapping[str, Inlet] = field(default_factory=dict, repr=False)
    heartbeat_keys: Mapping[str, tuple[SecretStr, ...]] = field(default_factory=dict, repr=False)
    webhooks: Mapping[str, Any] = field(default_factory=dict, repr=False)
    oidc: Oidc | None = field(default=None, repr=False)
    calendars: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)
