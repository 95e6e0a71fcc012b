"""A way in: a password or a passkey of somebody's account; its owner hears of every new one.

Theory of operation. Passwords and passkeys are no records of the core, but it is the core that writes to
people: so it is told when one was stored. The letter goes by mail alone, because by mail they sign in again.
It has no link: nobody should learn to follow one in a letter of this kind. Whoever came in as somebody else
has chosen what the passkey is called, so nothing of it that could lead anywhere is repeated.
"""

from dataclasses import dataclass
from enum import Enum

from monitord.core.check import Instant, PersonId
from monitord.core.organization import Person
from monitord.core.wallclock import day_and_time
from monitord.core.wording import Text

MAIL = "email"
SHELL = "cli"


class WayIn(Enum):
    """What is new."""

    PASSKEY_ADDED = "passkey added"
    PASSWORD_SET = "password set"  # noqa: S105 - a word for it
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - a word for it


SAID = {
    WayIn.PASSKEY_ADDED: "A passkey was added to your account",
    WayIn.PASSWORD_SET: "Your password was set",
    WayIn.PASSWORD_CHANGED: "Your password was changed",
}


@dataclass(frozen=True, slots=True)
class WarnOwner:
    """There is a new way in to the person's account; `name` is how a passkey is called, `client` and
    `browser` are where it was made, if that is known.
    """

    person: PersonId
    way: WayIn
    by: str
    via: str
    name: str = ""
    client: str = ""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class OwnerWarned:
    person: PersonId
    way: WayIn

    @property
    def whose(self) -> str:
        return f"person/{self.person}"


def warning(person: Person, told: WarnOwner, by: str, organization: str, now: Instant) -> Text:
    """What, when, from where, and what to do; `by` is how people call whoever did it."""
    said, name = SAID[told.way], harmless(told.name)
    when = day_and_time(now, person.time_zone)
    return Text(
        said,
        (
            f"{said}: {name}" if name else said,
            f"That was at monitord of {organization}, on {when}, by {who(told, by)}.",
            "If it was you, there is nothing to do.",
            remedy(person, told.way),
        ),
    )


def who(told: WarnOwner, by: str) -> str:
    if told.via == SHELL:
        return f"{by}, in a shell on its machine"
    if told.by != told.person:
        return f"{by}, who looks after accounts"
    browser = f", with {harmless(told.browser)}" if told.browser else ""
    client = f", from {told.client}" if told.client else ""
    return f"somebody who was signed in as you{browser}{client}"


def remedy(person: Person, way: WayIn) -> str:
    oneself = "remove it at your account in the console, and " if way is WayIn.PASSKEY_ADDED else ""
    return (
        f"If it was not, {oneself}ask whoever looks after monitord to run at once "
        f"`monitord account revoke {person.id}`: it ends every session, passkey and password of yours. "
        "You sign in again by a mailed link."
    )


def harmless(text: str) -> str:
    """Letters and digits: nothing that a mail program makes a link of."""
    return " ".join("".join(each if each.isalnum() else " " for each in text).split())
