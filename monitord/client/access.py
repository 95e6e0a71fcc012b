"""What the API answers about access: who asks, tokens, and who did what; see shapes.py for the rules."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TeamRole:
    team: str
    role: str


@dataclass(frozen=True, slots=True)
class Whoever:
    """Whom the daemon takes us for: `role` in the whole organisation, `teams` for their services. `scopes` is
    None where no token limits them."""

    by: str
    via: str
    role: str
    teams: tuple[TeamRole, ...]
    scopes: tuple[str, ...] | None
    token: str | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token without its secret; `state` is active, expired or revoked, `used` is right to the minute.
    `capped` is its owner's highest role where that allows less than the scopes, else "".
    """

    id: str
    owner: str
    machine: bool
    scopes: tuple[str, ...]
    note: str
    created: datetime
    created_by: str
    expires: datetime
    used: datetime | None
    revoked: datetime | None
    state: str
    capped: str = ""


@dataclass(frozen=True, slots=True)
class TokenMade:
    """The only time that a token is shown; `capped` as in a row."""

    token: str = field(repr=False)
    id: str
    owner: str
    scopes: tuple[str, ...]
    expires: datetime
    capped: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what; `ticket` is None for what is about none, `client` where it came from, if known."""

    id: str
    at: datetime
    by: str
    kind: str
    says: str
    ticket: int | None
    client: str
