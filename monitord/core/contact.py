"""Contacts: addresses that are verified by a code before they count, and who is reached in two ways.

Theory of operation. A code is sent to the address itself, by its own channel; whoever can say it reads what
arrives there. A contact is a person, a channel and an address, of which only a digest is kept: a changed
address is another contact, and begins unverified. An address that is not verified gets every page all the
same, because a page is never lost for a formality; it only does not count as a way that has been tried. The
code is drawn by the shell. It is short because a person types it, so tries and codes are few.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.delivery import Delivery, Purpose
from monitord.core.organization import ContactMethod, Person, Priority, folded
from monitord.core.wording import Text, listed

CODE_LASTS = timedelta(minutes=15)
TRIES_MAX = 5
CODES_MAX = 5  # within CODES_WITHIN
CODES_WITHIN = timedelta(hours=1)
CHANNELS_MIN = 2
DIGEST_CHARS = 32


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of a person's address on a channel; `sent` is when the last codes were."""

    person: PersonId
    channel: str
    digest: str
    verified: Instant | None = None
    code: str = field(default="", repr=False)
    until: Instant | None = None
    tries: int = 0
    sent: tuple[Instant, ...] = ()

    @property
    def key(self) -> str:
        return contact_key(self.person, self.channel, self.digest)

    def waits(self, now: Instant) -> bool:
        """Has a code been sent that still counts?"""
        return bool(self.code) and self.until is not None and now < self.until


@dataclass(frozen=True, slots=True)
class AskForCode:
    """Somebody wants this address verified; `code` is what is sent there."""

    person: PersonId
    channel: str
    address: str
    by: PersonId
    code: str = field(repr=False)
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class SayCode:
    """Somebody says the code that has arrived there."""

    person: PersonId
    channel: str
    address: str
    by: PersonId
    code: str = field(repr=False)
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class CodeSent:
    person: PersonId
    channel: str
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class ContactVerified:
    person: PersonId
    channel: str
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class ContactRefused:
    person: PersonId
    by: PersonId
    why: str


def digest(address: str) -> str:
    return hashlib.sha256(folded(address.strip()).encode()).hexdigest()[:DIGEST_CHARS]


def contact_key(person: PersonId, channel: str, digest: str) -> str:
    return f"{person}/{channel}/{digest}"


def key_of(person: PersonId, method: ContactMethod) -> str:
    return contact_key(person, method.channel, digest(method.address))


def asked(contact: Contact, code: str, now: Instant) -> Contact | str:
    """With another code, or why not."""
    recent = tuple(at for at in contact.sent if at > now - CODES_WITHIN)
    if contact.verified is not None:
        return "this address is verified already"
    if len(recent) >= CODES_MAX:
        return f"{CODES_MAX} codes were sent there within an hour; try again later"
    return replace(contact, code=code, until=now + CODE_LASTS, tries=0, sent=(*recent, now))


def tried(contact: Contact, code: str, now: Instant) -> tuple[Contact, str]:
    """What a try makes of it, and what is wrong with it; empty if the code is right."""
    if contact.verified is not None:
        return contact, "this address is verified already"
    if not contact.waits(now):
        return contact, "no code is waiting; ask for one"
    if code == contact.code:
        return replace(contact, verified=now, code="", until=None), ""
    tries = contact.tries + 1
    if tries >= TRIES_MAX:
        return replace(
            contact, code="", until=None, tries=tries
        ), "that was the last try; ask for another code"
    return replace(contact, tries=tries), f"this is not the code; {TRIES_MAX - tries} tries are left"


def message(epoch: str, contact: Contact, command: AskForCode, now: Instant) -> Delivery:
    """The code, on its way to the address; the key is the contact and the instant."""
    whom = "you" if command.by == command.person else command.person
    lines = (
        f"The code for monitord is {command.code}.",
        f"{command.by} asked for it, to see whether this address reaches {whom}.",
        f"It counts for {CODE_LASTS // timedelta(minutes=1)} minutes. If you expected nothing, ignore it.",
    )
    return Delivery(
        id=f"{epoch}/contact/{contact.key}/{now:%Y%m%dT%H%M%S%f}",
        purpose=Purpose.CONFIRM,
        channel=command.channel,
        address=command.address,
        date=now,
        due=now,
        text=Text("Your code for monitord", lines),  # others may see what a message is called
        person=command.person,
    )


# Who is reached in two ways.


def urgent_channels(methods: Iterable[ContactMethod]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.channel for each in methods if each.serves(Priority.URGENT)))


def doubtful(person: Person, verified: frozenset[str]) -> str:
    """Why an urgent page may not reach them; empty if two verified channels lead to them. `verified` has the
    keys of contacts that are.
    """
    channels = urgent_channels(person.reach)
    if not channels:
        return "cannot be reached at all"
    if len(channels) < CHANNELS_MIN:
        return f"is reached by {channels[0]} alone"
    known = urgent_channels(each for each in person.reach if key_of(person.id, each) in verified)
    if len(known) >= CHANNELS_MIN:
        return ""
    missing = tuple(each for each in channels if each not in known)
    return f"has not verified {listed(missing)}"
