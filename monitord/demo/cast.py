"""Who plays: the people on the way up, the subscriber, and the configuration tree that the daemon gets."""

from dataclasses import dataclass
from pathlib import Path

import yaml

SUBSCRIBER = "sub@example.org"
PROBE = "shop"
SERVICE = "shop"
COMPONENT = "Shop"
EVERY = "500ms"
TIMEOUT = "5s"  # a slow machine is no outage
FAILURES = 3
PASSES = 2
TIERS = {"ann": "3s", "bo": "3s", "cem": "3s", "dee": "6s"}  # the last one is told again after its time
CAST = tuple(TIERS)
ANSWERS = CAST[1]  # who acknowledges when nobody is there to do it: the second tier
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens, on loopback."""

    public: int
    edge: int
    ops: int
    shop: int
    inbox: int
    smtp: int

    def url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{getattr(self, name)}"


def person_of(address: str) -> str:
    """`ann` of `ann@example.org`."""
    return address.partition("@")[0]


def write_tree(folder: Path, ports: Ports) -> Path:
    """The three folders of a configuration, as on a server; returns the main file."""
    for name, documents in tree(ports).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(documents, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return folder / "config" / "monitord.yaml"


def tree(ports: Ports) -> dict[str, dict[str, object]]:
    """What stands in the files, by their names."""
    doors = {
        name: {"listen": f"{LOOPBACK}:{getattr(ports, name)}", "url": ports.url(name)}
        for name in ("public", "edge", "ops")
    }
    sender = {"server": f"smtp://{LOOPBACK}:{ports.smtp}", "from": "Example Shop <monitord@example.org>"}
    return {
        "config/monitord.yaml": {
            "version": 1,
            "organization": "Example Shop",
            "time_zone": "UTC",
            "store": "sqlite:///var",
            "doors": doors,
            "channels": {"email": sender},
            "last_resort": list(CAST[-2:]),
            "access": {"operators": ["everybody"]},
        },
        "config/services.yaml": {"services": {SERVICE: service()}},
        "config/escalation.yaml": {"policies": {"urgent": {"tiers": tiers()}}},
        "config/status.yaml": {"status_pages": [status_page()]},
        "rotations/people.yaml": {"people": {name: person(name) for name in CAST}},
        "probes/shop.yaml": {"probes": [probe(ports)]},
    }


def service() -> dict[str, object]:
    return {
        "name": COMPONENT,
        "policies": {"default": "urgent"},
        "components": [COMPONENT],
        "public": {"effect": "major_outage", "publish_after": "0s"},
    }


def tiers() -> list[dict[str, object]]:
    return [{"page": [name], "for": lasts} for name, lasts in TIERS.items()]


def status_page() -> dict[str, object]:
    component = {"name": COMPONENT, "group": "Storefront", "description": "Browsing and checkout"}
    return {"name": "Example Shop status", "components": [component]}


def person(name: str) -> dict[str, object]:
    return {"name": f"{name.title()} Example", "reach": [{"email": f"{name}@example.org"}]}


def probe(ports: Ports) -> dict[str, object]:
    return {
        "name": PROBE,
        "kind": "http",
        "url": f"{ports.url('shop')}/health",
        "every": EVERY,
        "timeout": TIMEOUT,
        "failures": FAILURES,
        "passes": PASSES,
        "service": SERVICE,
    }
