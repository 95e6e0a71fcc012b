"""A request as bytes: what we say to a web server (RFC 9112 §3)."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from monitord.net.target import Target

DEFAULTS = {"User-Agent": "monitord", "Accept": "*/*"}


@dataclass(frozen=True)  # without slots: it keeps its bytes, for the next thousand times
class Request:
    """`headers` and `body` are meant for this target and nobody else."""

    method: str
    target: Target
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @cached_property
    def encoded(self) -> bytes:
        """The bytes on the wire; the connection is for this one request."""
        head = {"Host": self.target.authority, **DEFAULTS}
        given = {name.lower() for name in self.headers}
        lines = [f"{self.method} {self.target.path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in head.items() if name.lower() not in given]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(self.body)}")
        lines.append("Accept-Encoding: gzip, deflate\r\nConnection: close\r\n\r\n")
        return "\r\n".join(lines).encode() + self.body


def basic(username: str, password: str) -> str:
    """The value of an Authorization header (RFC 7617)."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode("ascii")
