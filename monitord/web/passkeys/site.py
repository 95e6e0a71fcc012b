"""Whom a passkey is made for: the ops door's address, as far as browsers make passkeys for one.

Theory of operation. A browser ties a passkey to the name of a host (the relying party's id) and says under
which origin it was used. Both come from the door's public URL, never from what a request says. Browsers make
none for an IP address, and none over plain http but on the machine itself (localhost).
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

USUAL_PORTS = {"https": 443, "http": 80}
LOCAL = "localhost"
LIBRARY = "webauthn"


@dataclass(frozen=True, slots=True)
class Site:
    """`name` is the relying party's id, `origin` what browsers call the place."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """No passkey can be made here; `why` is a sentence with a remedy."""

    why: str


NOT_INSTALLED = Unfit(
    "This monitord is installed without passkeys: whoever runs it can install `monitord[passkeys]`."
)


def site_of(url: str) -> Site | Unfit:
    """Of the door's public URL."""
    if not installed():
        return NOT_INSTALLED
    parts = urlsplit(url)
    host = spelled(parts.hostname or "")
    if is_address(host):
        return Unfit(f"Passkeys need a name, and {url} is an IP address: {remedy(parts)}.")
    if parts.scheme != "https" and not is_local(host):
        return Unfit(f"Passkeys need TLS, and {url} has none: {remedy(parts)}.")
    port = parts.port if parts.port != USUAL_PORTS.get(parts.scheme) else None
    return Site(host, f"{parts.scheme}://{host}{f':{port}' if port else ''}")


@cache
def installed() -> bool:
    return find_spec(LIBRARY) is not None


def remedy(parts: SplitResult) -> str:
    """For whoever runs monitord."""
    local = f"http://{LOCAL}{f':{parts.port}' if parts.port else ''}"
    return (
        f"whoever runs monitord can say `doors: {{ops: {{url: https://…}}}}` (on the machine itself {local})"
    )


def spelled(host: str) -> str:
    """As browsers spell it: ASCII."""
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_local(host: str) -> bool:
    return host == LOCAL or host.endswith(f".{LOCAL}")
