"""What people ask for. `by` is a person's id (or `api` names), `via` how they said it."""

from dataclasses import dataclass

from monitord.core.check import Instant, PersonId
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
class Snooze:
    """It sleeps until then, a day at most; whoever has it, or else `by`, is asked again when it wakes."""

    ticket: int
    by: PersonId
    until: Instant
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class SetPriority:
    """Raised, it begins anew by the policy of that priority; lowered, it pages nobody."""

    ticket: int
    by: PersonId
    priority: Priority
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class Escalate:
    """To the next tier, now; whoever has it gives it up."""

    ticket: int
    by: PersonId
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class Reopen:
    """It is not over after all."""

    ticket: int
    by: PersonId
    note: str = ""
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class SetSeverity:
    """How bad it is, from now on; of a catastrophe it says that it is none any more."""

    ticket: int
    by: PersonId
    severity: int
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class CallEverybody:
    """It is a catastrophe: the whole staff is called in for it."""

    ticket: int
    by: PersonId
    text: str = ""
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class PageAlso:
    """These are wanted, too, now: people, rotations, teams."""

    ticket: int
    by: PersonId
    whom: tuple[str, ...]
    text: str = ""
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """Somebody opens a ticket by hand for a service; if `page` names people, rotations or teams, then for
    them alone, whatever the service's policy. With a `severity`, that sets the priority. What is catastrophic
    calls in everybody.
    """

    title: str
    service: str
    priority: Priority
    by: PersonId
    text: str = ""
    via: str = "cli"
    page: tuple[str, ...] = ()
    severity: int | None = None
    catastrophic: bool = False


Rating = SetSeverity | CallEverybody
Command = (
    Acknowledge
    | Decline
    | HandOver
    | Resolve
    | Comment
    | Snooze
    | SetPriority
    | PageAlso
    | Escalate
    | Reopen
    | Rating
)
