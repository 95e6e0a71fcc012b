"""Style sheets, scripts and icons: read once, served for ever under a name that says their content."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

KINDS = {
    "css": b"text/css; charset=utf-8",
    "js": b"text/javascript; charset=utf-8",
    "svg": b"image/svg+xml",
}
FOR_EVER = b"public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    path: str
    content: bytes
    kind: bytes


@cache
def assets() -> dict[str, Asset]:
    """Every file of `static`, by its plain name."""
    found = {}
    for file in files("monitord.web").joinpath("static").iterdir():
        stem, _, ending = file.name.rpartition(".")
        if ending in KINDS:
            content = file.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            found[file.name] = Asset(f"/assets/{stem}-{digest}.{ending}", content, KINDS[ending])
    return found


def asset(name: str) -> str:
    """Where a file of `static` is served."""
    return assets()[name].path
