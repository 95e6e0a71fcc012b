"""What the client asks about addresses: which are verified, and codes."""

from dataclasses import dataclass
from datetime import datetime

from monitord.client.asking import Asking
from monitord.client.shapes import Done


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A person's address on a channel; it counts since `verified`, a code that was sent until `waiting`."""

    person: str
    channel: str
    address: str
    verified: datetime | None
    waiting: datetime | None


class Contacting(Asking):
    """Addresses: questions and acts. Without a `person` it is oneself."""

    def contacts(self) -> tuple[ContactRow, ...]:
        return self.get(tuple[ContactRow, ...], "contacts")

    def send_code(self, address: str, person: str | None = None, channel: str | None = None) -> Done:
        """To the address, by its channel; the first that it is on and not verified by, unless one is said."""
        return self.act("contacts/verify", person=person, address=address, channel=channel)

    def confirm_contact(
        self, address: str, code: str, person: str | None = None, channel: str | None = None
    ) -> Done:
        return self.act("contacts/confirm", person=person, address=address, code=code, channel=channel)
