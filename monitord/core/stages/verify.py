"""verify: a code is sent to an address, and whoever reads it there says it."""

from monitord.core.contact import (
    AskForCode,
    CodeSent,
    Contact,
    ContactRefused,
    ContactVerified,
    SayCode,
    asked,
    contact_key,
    digest,
    message,
    tried,
)
from monitord.core.world import Draft, Stage, World


def verified(around: World | Draft) -> frozenset[str]:
    """The keys of all contacts that are."""
    return frozenset(each.key for each in around.all(Contact) if each.verified is not None)


def send_code(draft: Draft, command: AskForCode) -> None:
    contact = known(draft, command)
    after = asked(contact, command.code, draft.now) if contact else "they have no such address"
    if isinstance(after, str):
        draft.tell(ContactRefused(command.person, command.by, after))
        return
    draft.put(after, message(draft.installation.epoch, after, command, draft.now))
    draft.tell(CodeSent(command.person, command.channel, command.by, command.via))


def hear_code(draft: Draft, command: SayCode) -> None:
    contact = known(draft, command)
    if contact is None:
        draft.tell(ContactRefused(command.person, command.by, "they have no such address"))
        return
    after, wrong = tried(contact, command.code, draft.now)
    if after != contact:
        draft.put(after)
    if wrong:
        draft.tell(ContactRefused(command.person, command.by, wrong))
    else:
        draft.tell(ContactVerified(command.person, command.channel, command.by, command.via))


def known(draft: Draft, command: AskForCode | SayCode) -> Contact | None:
    """What is known of the address; None if the configuration does not know it."""
    person = draft.configuration.people.get(command.person)
    theirs = person is not None and any(
        (each.channel, each.address) == (command.channel, command.address) for each in person.reach
    )
    if not theirs:
        return None
    of = digest(command.address)
    found = draft.get(Contact, contact_key(command.person, command.channel, of))
    return found or Contact(command.person, command.channel, of)


VERIFY: Stage = {AskForCode: send_code, SayCode: hear_code}
