"""What people ask for. `by` is a person's id (or `api` names), `via` how they said it."""

from dataclasses import dataclass

from monitord.core.check import PersonId
from monitord.core.organization import Priority


@dataclass(frozen=True, slots=True)
class Acknowledge:
    ticket: int
    by: PersonId
    via: str = "link"


@dataclass(frozen=True, slots=True)
class Decline:
    ticket: int
    by: PersonId
    via: str = "link"


@dataclass(frozen=True, slots=True)
class HandOver:
    ticket: int
    by: PersonId
    to: PersonId
    via: str = "link"


@dataclass(frozen=True, slots=True)
class Resolve:
    """`hold_until_clear` answers "its signal is still raised": wait for it (24 h at most), or reopen in 10
    minutes.
    """

    ticket: int
    by: PersonId
    note: str = ""
    hold_until_clear: bool = False
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class Comment:
    ticket: int
    by: PersonId
    text: str
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Somebody opens a ticket by hand for a service."""

    title: str
    service: str
    priority: Priority
    by: PersonId
    text: str = ""
    via: str = "cli"


Command = Acknowledge | Decline | HandOver | Resolve | Comment
