"""Which address of the edge door belongs to whom: integrations, vendors' own paths, heartbeats.

/in/NAME[/SECRET][/path of the kind]      an integration
/api/v2/alerts …                          a vendor's own path at the root: whose it is, the secret says
/ping/KEY[/start …], /KEY[/start …]       a heartbeat
/ping/PING-KEY/NAME[/start …]             the same by its name
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitord.core.world import Configuration
from monitord.engine.keyring import HEARTBEAT, Keyring
from monitord.kinds import Inbound, Kind, Route

INTEGRATIONS = "in"
PINGS = ("ping",)
HEARTBEATS_OF_OTHERS = ("api", "v2", "heartbeat")  # GoAlert's
PARTS_MAX = 12
UUID_SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

Kinds = Mapping[str, Kind[Inbound[Any]]]


@dataclass(frozen=True, slots=True)
class Place:
    """What an address leads to: an integration (None: its secret says which of those `kinds`), or a
    heartbeat; `path` is what stands behind it, `secret` what stood in it, `routes` what may be done there.
    """

    kind: str
    path: str
    routes: tuple[Route, ...]
    integration: str | None = None
    heartbeat: str | None = None
    secret: str = ""

    def route(self, method: str) -> Route | None:
        """What the method does there; who may GET may HEAD."""
        wanted = {method, "GET"} if method == "HEAD" else {method}
        return next((each for each in self.routes if each.method in wanted), None)


def find(path: str, keyring: Keyring, kinds: Kinds, configuration: Configuration) -> Place | None:
    """None for an address that is nobody's. `path` is decoded."""
    parts = [part for part in path.split("/") if part]
    if not parts or len(parts) > PARTS_MAX:
        return None
    if parts[0] == INTEGRATIONS:
        return of_integration(parts[1:], keyring, kinds)
    found = of_heartbeat(parts, keyring, kinds, configuration)
    return found or at_root(parts, keyring, kinds)


def of_integration(parts: list[str], keyring: Keyring, kinds: Kinds) -> Place | None:
    """With or without the secret in it; a path that the kind has not is taken for a secret."""
    inlet = keyring.inlets.get(parts[0]) if parts else None
    kind = kinds.get(inlet.kind) if inlet else None
    if inlet is None or kind is None:
        return None
    for skipped in (1, 2):
        path = joined(parts[skipped:])
        routes = tuple(leading_to(path, kind.spec.routes))
        if routes and len(parts) >= skipped:
            return Place(inlet.kind, path, routes, inlet.id, secret=parts[1] if skipped > 1 else "")
    return None


def at_root(parts: list[str], keyring: Keyring, kinds: Kinds) -> Place | None:
    """A vendor's own path, as far as there is an integration of that kind."""
    path = joined(parts)
    used = {inlet.kind for inlet in keyring.inlets.values()}
    for name, kind in kinds.items():
        routes = tuple(each for each in leading_to(path, kind.spec.routes) if each.at_root)
        if routes and name in used:
            return Place(name, path, routes)
    return None


def of_heartbeat(
    parts: list[str], keyring: Keyring, kinds: Kinds, configuration: Configuration
) -> Place | None:
    if HEARTBEAT not in kinds:
        return None
    for prefix in (PINGS, HEARTBEATS_OF_OTHERS, ()):
        if tuple(parts[: len(prefix)]) == prefix and len(parts) > len(prefix):
            heartbeat, rest = pinged(parts[len(prefix) :], keyring, configuration)
            if heartbeat is not None:
                path = joined(rest)
                routes = tuple(leading_to(path, kinds[HEARTBEAT].spec.routes))
                return Place(HEARTBEAT, path, routes, heartbeat=heartbeat) if routes else None
    return None


def pinged(parts: list[str], keyring: Keyring, configuration: Configuration) -> tuple[str | None, list[str]]:
    """The heartbeat, and what stands behind its key."""
    found = keyring.heartbeat(parts[0])
    if found is not None:
        return found, parts[1:]
    if len(parts) > 1 and parts[1] in configuration.heartbeats and keyring.is_ping_key(parts[0]):
        return parts[1], parts[2:]
    return None, parts


def is_ping(path: str, keyring: Keyring) -> bool:
    """Does somebody mean a heartbeat, whether there is one or not?"""
    first = next((part for part in path.split("/") if part), "")
    return path.startswith("/ping/") or is_uuid(first) or keyring.is_ping_key(first)


def is_uuid(text: str) -> bool:
    return UUID_SHAPE.fullmatch(text) is not None


def joined(parts: list[str]) -> str:
    return "".join(f"/{part}" for part in parts)


def leading_to(path: str, routes: tuple[Route, ...]) -> Iterator[Route]:
    """The routes whose path that is; `{}` stands for one part."""
    parts = path.split("/")
    for route in routes:
        wanted = route.path.split("/")
        if len(wanted) == len(parts) and all(
            want in (part, "{}") for want, part in zip(wanted, parts, strict=True)
        ):
            yield route
