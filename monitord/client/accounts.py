"""What the API answers about who may sign in at the console; see shapes.py for the rules."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A name that has a password or passkeys, or is signed in; `person` if it is one of the configuration."""

    name: str
    person: bool
    administrator: bool
    password: bool
    sessions: int
    used: datetime | None
    passkeys: int = 0


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey that `account` added at `site`, the console's host name; `suspected` since it may have been
    copied.
    """

    id: str
    account: str
    name: str
    site: str
    created: datetime
    used: datetime | None
    suspected: datetime | None


@dataclass(frozen=True, slots=True)
class LinkMade:
    """A way in that works once, until `ends`; this is the only time that it is said."""

    name: str
    url: str
    ends: datetime
