"""email: a mail, handed to a mail server.

    email:
      server: "smtp://mail.example.org:587?starttls=require"
      from: Example Shop <monitord@example.org>
      username: monitord
      password: ${credential:smtp-password}

`smtp://` begins in clear text and turns to TLS with STARTTLS if the server offers it; `?starttls=require`
sends nothing to a server that does not, `?starttls=never` does not ask. `smtps://` is TLS from the beginning.
The ports are 25 and 465 unless the URL says another. The certificate is verified wherever TLS is demanded or
a password is sent; `verify: false` accepts any. `username` and `password` may stand in the URL instead; they
are never sent in clear text, except to this machine itself. `timeout` (25s unless said, at most 28s) is for
the whole of one attempt.

Theory of operation. The same letter always gives the same bytes: Date and Message-ID are the letter's, the
MIME boundary is derived from them, and everything is 7-bit, whatever the server offers. So a second copy,
which nobody can rule out when a connection breaks between the final dot and the answer, is recognised.
A mail is Sent when the server has answered 2xx to its content. A 5xx about the recipient or the content is
permanent. A 5xx about us (greeting, login, sender) is not: the fault is in a configuration, here or
there, and mails must not be lost while somebody corrects it. A connection stays open for a moment, because a
post to subscribers is thousands of mails; when a kept connection turns out to be dead, or cannot be opened,
there is one more try at once.
"""

import asyncio
import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from email.header import Header as EncodedHeader
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.policy import Policy
from email.utils import format_datetime, formataddr
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any

import aiosmtplib
from pydantic import Field, SecretStr
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

from monitord.kinds import Channel, Letter, Refused, Sent, one_line
from monitord.net import Net
from monitord.net.faults import fault
from monitord.net.mailbox import MailSender, Sender, mail_address
from monitord.net.smtp import (
    NOTHING,
    Account,
    Client,
    Mail,
    MailServer,
    Spares,
    Step,
    Unwilling,
    hand_in,
    introduce,
)
from monitord.net.written import TOKEN, Text

LINE_CHARS_MAX = 998  # RFC 5322 §2.1.1
HEADER_CHARS_MAX = 900
WORD_CHARS_MAX = 75  # of an encoded word (RFC 2047 §2)
TRIES = 2
PAUSE = timedelta(milliseconds=200)
TIMEOUT = timedelta(seconds=25)
TIMEOUT_MAX = timedelta(seconds=28)  # below the deadline of a send, so that it is we who say how far it came


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand below `email:`."""

    server: MailServer
    sender: Annotated[MailSender, Field(alias="from")]
    username: Text = ""
    password: SecretStr = NOTHING
    verify: bool = True
    timeout: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=TIMEOUT_MAX)] = TIMEOUT

    def __post_init__(self) -> None:
        if self.server.username and (self.username or self.password):
            raise ValueError("username and password stand in the server's URL already; say them once")
        username, password = self.account.username, self.account.password.get_secret_value()
        if bool(username) != bool(password):
            raise ValueError("username and password come together")
        if not (username + password).isprintable():
            raise ValueError("username and password hold no line breaks or control characters")

    @property
    def account(self) -> Account:
        """Whom we speak to, and as whom."""
        login = self.server if self.server.username else self
        return Account(self.server, login.username, login.password, self.verify)

    @property
    def where(self) -> str:
        return f"{self.server.host}:{self.server.port}"


# --- The mail.


class Plain(UnstructuredHeader, BaseHeader):
    """A header that is written as it stands, if it is ASCII.

    The library would encode a URL that is longer than a line, which no program reads; and it would parse
    each header into a tree, which is most of what a mail costs.
    """

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        if not value.isascii():
            super().parse(value, kwds)
            return
        kwds["decoded"] = value
        kwds["parse_tree"] = None

    def fold(self, *, policy: Policy) -> str:
        if self.isascii():
            return f"{self.name}: {self}{policy.linesep}"
        return super().fold(policy=policy)


class Headers(HeaderRegistry):
    """All headers are alike."""

    def __getitem__(self, name: str) -> type[Plain]:
        return Plain


POLICY = MAIL_POLICY.clone(cte_type="7bit", header_factory=Headers())
UTF8_POLICY = POLICY.clone(utf8=True)  # for recipients with letters outside ASCII before their @


def mail(options: Options, letter: Letter) -> Mail:
    """The letter, ready to go; ValueError if its address cannot be written."""
    recipient = mail_address(letter.address)
    message = EmailMessage(POLICY if recipient.isascii() else UTF8_POLICY)
    message["From"] = written(options.sender)
    message["To"] = recipient
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(letter.date)
    message["Message-ID"] = flat(letter.message_id)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{flat(letter.unsubscribe)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    for name, value in letter.headers:
        if TOKEN.fullmatch(name) and name not in message:
            message[name] = flat(value)[:HEADER_CHARS_MAX]
    write_text(message, letter)
    return Mail(options.sender.address, recipient, message.as_bytes())


@lru_cache
def written(sender: Sender) -> str:
    """The sender as a header in ASCII (RFC 2047)."""
    if sender.name.isascii():
        return formataddr((sender.name, sender.address))
    return f"{EncodedHeader(sender.name, 'utf-8', WORD_CHARS_MAX).encode(linesep='')} <{sender.address}>"


def write_text(message: EmailMessage, letter: Letter) -> None:
    """The text, and the same as HTML beside it."""
    message.set_content(letter.text, cte=encoding(letter.text))
    if letter.html is None:
        return
    message.add_alternative(letter.html, subtype="html", cte=encoding(letter.html))
    message.set_boundary(f"=_{sha256(letter.message_id.encode()).hexdigest()[:32]}")


def flat(value: str) -> str:
    """A header's value on one line: whatever a name holds, it begins no other header."""
    return " ".join("".join(char if char.isprintable() else " " for char in value).split())


def encoding(text: str) -> str:
    """As it stands if that is allowed: then a link is whole even for those who do not decode."""
    plain = text.isascii() and all(len(line) <= LINE_CHARS_MAX for line in text.split("\n"))
    return "7bit" if plain else "quoted-printable"


# --- One attempt, and what became of it.


@dataclass(slots=True)
class Attempt:
    """One mail on its way; `client` is the connection that was tried last, `spare` if it was a kept one."""

    options: Options
    net: Net
    mail: Mail
    client: Client = field(init=False)
    spare: bool = False

    def __post_init__(self) -> None:
        self.client = Client(self.options.account, self.net)

    async def run(self) -> aiosmtplib.SMTPResponse:
        """Hand it in; once more if that was over before the server took notice."""
        again = AsyncRetrying(
            stop=stop_after_attempt(TRIES),
            wait=lambda _: 0.0 if self.spare else PAUSE.total_seconds(),
            retry=retry_if_exception(self._unnoticed),
            reraise=True,
        )
        return await again(self._once)

    async def _once(self) -> aiosmtplib.SMTPResponse:
        spares = self.net.shared(Spares)
        kept = None if self.spare else spares.take(self.client.account)
        self.spare = kept is not None
        self.client = kept or Client(self.client.account, self.net)
        try:
            if kept is None:
                await introduce(self.client)
            reply = await hand_in(self.client, self.mail)
        except BaseException:
            self.client.close()
            raise
        spares.keep(self.client)
        return reply

    def _unnoticed(self, error: BaseException) -> bool:
        """A kept connection that is dead or used up, or one that could not be opened."""
        answered = isinstance(error, aiosmtplib.SMTPResponseException)
        if self.spare:
            return self.client.step is Step.SENDER and (answered or isinstance(error, OSError))
        return self.client.step is Step.CONNECTION and isinstance(error, ConnectionError) and not answered


async def send(options: Options, letter: Letter, net: Net) -> Sent | Refused:
    """Hand the letter in; whatever goes wrong is said in one sentence."""
    try:
        envelope = mail(options, letter)
    except ValueError as error:
        return Refused(one_line(f"the mail cannot be written: {error}"), permanent=True)
    attempt = Attempt(options, net, envelope)
    try:
        async with asyncio.timeout(options.timeout.total_seconds()):
            reply = await attempt.run()
    except aiosmtplib.SMTPResponseException as error:
        return answered(options, attempt.client.step, error.code, error.message)
    except (OSError, Unwilling, aiosmtplib.SMTPException) as error:
        return failed(options, attempt.client.step, error)
    return Sent(one_line(f"{reply.code} {reply.message}"))


def answered(options: Options, step: Step, code: int, said: str) -> Sent | Refused:
    """What an answer means that the library takes for a refusal."""
    said = masked(options.account, said)
    if step is Step.CONTENT and 200 <= code <= 299:
        return Sent(one_line(f"{code} {said}"))
    if not 200 <= code <= 599:
        why = one_line(f"{options.where} does not speak SMTP: {said[:100]}")
        return Refused(why, permanent=False, ambiguous=step is Step.CONTENT)
    why = one_line(f"{options.where} answered {code} to {step.value}: {said}")
    if code < 500 or step in (Step.RECIPIENT, Step.CONTENT):
        return Refused(why, permanent=code >= 500)
    remedy = "username and password" if step is Step.LOGIN else "`server`, `from` and the login"
    return Refused(f"{why}; this will meet every mail: check {remedy}", permanent=False)


def masked(account: Account, said: str) -> str:
    """What a server said, without our password: some repeat what they refuse."""
    password = account.password.get_secret_value()
    if not password:
        return said
    for secret in (password, f"\0{account.username}\0{password}"):
        said = said.replace(secret, "***").replace(b64encode(secret.encode()).decode(), "***")
    return said


def failed(options: Options, step: Step, error: Exception) -> Refused:
    """What it means that there was no answer; after the content nobody knows whether it was taken."""
    ambiguous = step is Step.CONTENT
    why = reason(options, step, error) + (" after it was given the mail" if ambiguous else "")
    return Refused(one_line(why), isinstance(error, Unwilling) and error.permanent, ambiguous)


def reason(options: Options, step: Step, error: Exception) -> str:
    host, where = options.server.host, options.where
    match error:
        case TimeoutError(errno=None):
            return f"{where} did not answer {step.value} within {options.timeout.total_seconds():g} s"
        case ssl.SSLCertVerificationError():
            return f"{where} {fault(error, host).words}; see `verify` and `starttls` in the manual of email"
        case OSError():
            found = fault(error, host)
            return f"no mail left for {where}: {found.words}" if found.ours else f"{where} {found.words}"
        case _:
            return f"{where} {error}"


KIND = Channel(Options, send)
