"""A URL as a value: where to connect, and what to ask for there (RFC 3986, RFC 9110)."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from monitord.net.limits import HOST_CHARS_MAX, URL_CHARS_MAX

PORTS = {"http": 80, "https": 443}
SAFE = "/%:@!$&'()*+,;=~-._?[]"


@dataclass(frozen=True)  # without slots: it keeps its authority, as `target` keeps it
class Target:
    """`host` is a name in ASCII or an address without brackets; `path` begins with / and holds the query."""

    scheme: str
    host: str
    port: int
    path: str

    @cached_property
    def authority(self) -> str:
        """Host and port as in a Host header: the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Who may see what was meant for this target."""
        return self.scheme, self.host, self.port


@lru_cache(maxsize=16384)
def target(url: str) -> Target:
    """A target from its text; ValueError says what is wrong with it and what would be right."""
    if len(url) > URL_CHARS_MAX:
        raise ValueError(f"a URL has at most {URL_CHARS_MAX} characters; this one has {len(url)}")
    if any(char.isspace() or not char.isprintable() for char in url):
        raise ValueError("a URL holds no spaces or control characters; write them as %20")
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError("a URL begins with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL holds no name and password; say username: and password: instead")
    if not parts.hostname:
        raise ValueError("a URL names a host, as https://shop.example.org/health")
    path = quote(parts.path or "/", safe=SAFE) + (f"?{quote(parts.query, safe=SAFE)}" if parts.query else "")
    return Target(parts.scheme, host_name(parts.hostname), port(parts), path)


def port(parts: SplitResult) -> int:
    """The port that is written, or the scheme's own."""
    try:
        written = parts.port
    except ValueError:
        written = 0
    if written == 0:
        raise ValueError("a port is a number from 1 to 65535")
    return written or PORTS[parts.scheme]


def host_name(text: str) -> str:
    """A host name in ASCII (RFC 5891 names are encoded) or an address; ValueError if it can be neither."""
    if not text or len(text) > HOST_CHARS_MAX:
        raise ValueError(f"a host name has 1 to {HOST_CHARS_MAX} characters")
    if any(char.isspace() or not char.isprintable() or char in "/@?#" for char in text):
        raise ValueError(f"{text!r} is not a host name; write only the name, as db1.example.org")
    try:
        return text if text.isascii() and ":" in text else text.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise ValueError(f"{text!r} is not a host name: {error}") from error


def onward(here: Target, location: str) -> Target:
    """Where a redirect leads, seen from the target that sent it; ValueError as in `target`."""
    base = f"{here.scheme}://{here.authority}{here.path}"
    return target(urljoin(base, location).partition("#")[0])
