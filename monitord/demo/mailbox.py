"""The mail of the whole cast: a real SMTP server that keeps what it is given."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from monitord.core.check import Instant

MAIL_BYTES_MAX = 1024 * 1024
MAILS_MAX = 1000  # the oldest go
PAGE = "page"
NEWS = "news"
NUMBER = re.compile(r"^Number: (\d\d)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it came; `event` is page or news for staff, nothing for customers."""

    number: int
    at: Instant
    sender: str
    to: str
    subject: str
    text: str
    html: str
    event: str
    ticket: int | None

    def link(self, beginning: str) -> str | None:
        """The first address in the text that begins like this; it stands alone on its line."""
        return next((line for line in self.text.splitlines() if line.startswith(beginning)), None)

    @property
    def digits(self) -> str | None:
        """The two digits that belong to an answer."""
        found = NUMBER.search(self.text)
        return found[1] if found else None


@dataclass
class Mailbox:
    """Everybody's mails, in the order in which they came."""

    now: Callable[[], Instant]
    mails: list[Mail] = field(default_factory=list)
    taken: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """aiosmtpd's hook for a whole mail; a copy for each recipient."""
        message = message_from_bytes(bytes(envelope.original_content or b""), policy=policy.default)
        for address in envelope.rcpt_tos:
            self.taken += 1
            self.mails.append(read(message, self.taken, self.now(), str(address)))
        del self.mails[:-MAILS_MAX]
        return f"250 2.0.0 Ok: mail {self.taken}"

    def find(self, number: int) -> Mail | None:
        return next((mail for mail in self.mails if mail.number == number), None)


def read(message: EmailMessage, number: int, at: Instant, to: str) -> Mail:
    ticket = str(message["Monitord-Ticket"] or "")
    return Mail(
        number=number,
        at=at,
        sender=str(message["From"] or ""),
        to=to,
        subject=str(message["Subject"] or ""),
        text=part(message, "plain"),
        html=part(message, "html"),
        event=str(message["Monitord-Event"] or ""),
        ticket=int(ticket) if ticket.isdecimal() else None,
    )


def part(message: EmailMessage, kind: str) -> str:
    """The body of that kind; nothing where there is none."""
    found = message.get_body((kind,))
    return str(found.get_content()).replace("\r\n", "\n") if found else ""


@asynccontextmanager
async def receiving(mailbox: Mailbox, listening: socket.socket) -> AsyncIterator[None]:
    """Take mails on the socket as long as the block lasts."""
    loop = asyncio.get_running_loop()

    def clerk() -> SMTP:
        return SMTP(
            mailbox,
            data_size_limit=MAIL_BYTES_MAX,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="monitord demo",
            loop=loop,
        )

    server = await loop.create_server(clerk, sock=listening)
    try:
        yield
    finally:
        server.close()
