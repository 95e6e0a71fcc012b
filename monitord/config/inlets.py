"""What the intake needs to know: the integrations with their secrets, rules and quotas."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from monitord.core.organization import Priority

# What a sender's word for how bad it is means, unless an integration says otherwise.
SEVERITIES: Mapping[str, Priority] = {
    **dict.fromkeys(
        ("critical", "fatal", "emergency", "disaster", "page", "urgent", "p1", "1"), Priority.URGENT
    ),
    **dict.fromkeys(("error", "high", "major", "alert", "p2", "2"), Priority.HIGH),
    **dict.fromkeys(("warning", "warn", "medium", "average", "minor", "p3", "3"), Priority.MEDIUM),
    **dict.fromkeys(
        ("info", "information", "informational", "notice", "low", "none", "debug", "p4", "p5", "4", "5"),
        Priority.LOW,
    ),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Labels that equal, and patterns (RE2) that fit the whole of one; then whose it is, and how pressing."""

    where: tuple[tuple[str, str], ...] = ()
    like: tuple[tuple[str, str], ...] = ()
    service: str = ""
    priority: Priority | None = None
    severity: int | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """HMAC-SHA256 over the raw body, in hexadecimal, in a header; with a `time` header over `TIME`, what
    stands `between`, and the body.
    """

    header: str
    prefix: str = ""
    time: str = ""
    between: str = "."


@dataclass(frozen=True, slots=True)
class Inlet:
    """One integration. Without `secrets` the installation makes one up; several are for the time in which one
    is changed. `quota` is how many repeats a minute it may send; `service` is whose it is if no rule says.
    """

    id: str
    kind: str
    options: object = field(repr=False)
    service: str = ""
    priority: Priority = Priority.URGENT
    severities: Mapping[str, Priority] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    secrets: tuple[SecretStr, ...] = field(default=(), repr=False)
    signature: Signature | None = None
    quota: int = 120
