"""What the API answers about who may sign in at the console; see shapes.py for the rules."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A name that has a password, or is signed in; `person` if the configuration knows it as one."""

    name: str
    person: bool
    administrator: bool
    password: bool
    sessions: int
    used: datetime | None


@dataclass(frozen=True, slots=True)
class LinkMade:
    """A way in that works once, until `ends`; this is the only time that it is said."""

    name: str
    url: str
    ends: datetime
