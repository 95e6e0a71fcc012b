"""Handing mails in: the conversation with a mail server (RFC 5321), and connections kept for a moment.

A connection stays open for a moment, because a post to subscribers is thousands of mails. What was said over
it before is over: a transaction that succeeded leaves nothing behind, and one that did not ends it.
"""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol
from pydantic import BeforeValidator, PlainSerializer, SecretStr, WithJsonSchema

from monitord.net.connector import Net
from monitord.net.limits import URL_CHARS_MAX
from monitord.net.target import host_name

PORTS = {"smtp": 25, "smtps": 465}
SPARE_FOR = timedelta(seconds=2)  # that a connection without work stays open
MAILS_MAX = 100  # over one connection: servers close it after some number
NOTHING = SecretStr("")


@dataclass(frozen=True, slots=True)
class Mail:
    """An envelope and what is in it."""

    sender: str
    recipient: str
    content: bytes


class StartTls(Enum):
    OFFERED = "offered"
    REQUIRE = "require"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed in."""

    host: str
    port: int
    tls: bool = False
    starttls: StartTls = StartTls.OFFERED
    username: str = ""
    password: SecretStr = NOTHING

    def __str__(self) -> str:
        login = f"{self.username}:**********@" if self.username else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        asked = "" if self.starttls is StartTls.OFFERED else f"?starttls={self.starttls.value}"
        return f"{'smtps' if self.tls else 'smtp'}://{login}{host}:{self.port}{asked}"


def server(written: object) -> Server:
    """A server from its URL; ValueError says what is wrong, without repeating a password."""
    if isinstance(written, Server):
        return written
    text = str(written)
    if len(text) > URL_CHARS_MAX or any(char.isspace() or not char.isprintable() for char in text):
        raise ValueError(f"a server's URL has at most {URL_CHARS_MAX} characters and no spaces")
    url = urlsplit(text)
    if url.scheme not in PORTS:
        raise ValueError("a mail server's URL begins with smtp:// (STARTTLS if offered) or smtps:// (TLS)")
    if not url.hostname or url.path.strip("/") or url.fragment:
        raise ValueError("write the mail server as smtp://mail.example.org:25")
    return Server(
        host_name(url.hostname),
        url.port or PORTS[url.scheme],
        url.scheme == "smtps",
        starttls(url.scheme, url.query),
        unquote(url.username or ""),
        SecretStr(unquote(url.password or "")),
    )


def starttls(scheme: str, query: str) -> StartTls:
    """What the URL says after its question mark."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if set(asked) - {"starttls"} or (asked and scheme == "smtps"):
        raise ValueError("only ?starttls=require or ?starttls=never may follow, and only smtp://")
    try:
        return StartTls(asked.get("starttls", StartTls.OFFERED.value))
    except ValueError as error:
        raise ValueError("starttls is `require`, `never` or `offered`") from error


MailServer = Annotated[
    Server,
    BeforeValidator(server),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^smtps?://"}),
]


@dataclass(frozen=True, slots=True)
class Account:
    """A mail server, and as whom we are there; no name, no login."""

    server: Server
    username: str = ""
    password: SecretStr = NOTHING
    verify: bool = True


# --- The conversation.


class Step(Enum):
    """How far a conversation came, in words that continue “did not answer …”."""

    CONNECTION = "the connection"
    HELLO = "EHLO"
    STARTTLS = "STARTTLS"
    LOGIN = "AUTH"
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    CONTENT = "DATA"


class Unwilling(Exception):
    """We do not go on; the text continues a sentence about the server."""

    def __init__(self, why: str, *, permanent: bool = False) -> None:
        super().__init__(why)
        self.permanent = permanent


class Client(aiosmtplib.SMTP):
    """The library's client, but it dials as all kinds do, knows how far it came, and hangs up at once."""

    def __init__(self, account: Account, net: Net) -> None:
        super().__init__(
            hostname=account.server.host,
            port=account.server.port,
            local_hostname="localhost",  # until we know with which address we speak
            timeout=None,  # whoever sends has one deadline for all
            use_tls=account.server.tls,
            start_tls=False,
        )
        self.account = account
        self.step = Step.CONNECTION
        self.mails = 0
        self.spare_until: asyncio.TimerHandle | None = None
        self._net = net

    async def _create_connection(
        self,
        timeout: float | None,  # noqa: ASYNC109 - the library's signature
    ) -> aiosmtplib.SMTPResponse:
        """Race the addresses of the server (the library would wait for each in turn), hear the greeting."""
        loop = asyncio.get_running_loop()
        host, port = self.account.server.host, self.account.server.port
        opened = await self._net.open(lambda: SMTPProtocol(loop, self._on_connection_lost), host, port)
        if self.use_tls:
            opened = await self._net.secure(opened, self.trust, host)
            opened.protocol.connection_made(opened.transport)
        self.protocol, self.transport = opened.protocol, opened.transport
        self.local_hostname = own_name(opened.transport)
        greeting = await opened.protocol.read_response()
        if greeting.code != aiosmtplib.SMTPStatus.ready:
            raise aiosmtplib.SMTPConnectResponseError(greeting.code, greeting.message)
        return greeting

    def close(self) -> None:
        """Close at once: a server that hangs must not keep the socket."""
        transport = self.transport
        super().close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    def hang_up(self) -> None:
        """Say goodbye and go; nobody waits for the answer."""
        if self.protocol is None or self.loop is None or not self.is_connected or self.loop.is_closed():
            return
        self.protocol.write(b"QUIT\r\n")
        self.loop.call_soon(self.close)

    @property
    def trust(self) -> ssl.SSLContext:
        """Whose certificates we accept; built when it is first wanted.

        Encryption that we would do without (STARTTLS if offered, and no password to lose) accepts any: who
        can forge the certificate can as well remove the offer (opportunistic security, RFC 7435).
        """
        optional = not self.use_tls and self.account.server.starttls is StartTls.OFFERED
        verify = self.account.verify and not (optional and not self.account.username)
        return self._net.mail_context(verify=verify)

    @property
    def encrypted(self) -> bool:
        return self.get_transport_info("sslcontext") is not None


def own_name(transport: asyncio.Transport) -> str:
    """What we call ourselves: this machine's full name, else its address (RFC 5321 §4.1.3)."""
    name = socket.gethostname()
    if "." in name and name.isascii():
        return name
    address = str(transport.get_extra_info("sockname")[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


async def introduce(client: Client) -> None:
    """Connect, say hello, encrypt, log in."""
    await client.connect()
    await hello(client)
    if not client.use_tls and client.account.server.starttls is not StartTls.NEVER:
        await encrypt(client)
    if client.account.username:
        await log_in(client)


async def hello(client: Client) -> None:
    client.step = Step.HELLO
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()  # a server from before 1995


async def encrypt(client: Client) -> None:
    """STARTTLS, if it is offered."""
    if client.supports_extension("starttls"):
        client.step = Step.STARTTLS
        await client.starttls(tls_context=client.trust)
        await hello(client)
    elif client.account.server.starttls is StartTls.REQUIRE:
        raise Unwilling("does not offer STARTTLS, which ?starttls=require asks for")


async def log_in(client: Client) -> None:
    client.step = Step.LOGIN
    if not may_log_in(client.get_transport_info("peername")[0], encrypted=client.encrypted):
        raise Unwilling("offers no TLS, and a password is never sent in clear text; use smtps:// or STARTTLS")
    await client.login(client.account.username, client.account.password.get_secret_value())


def may_log_in(peer: str, *, encrypted: bool) -> bool:
    """A password leaves this machine encrypted only."""
    return encrypted or ip_address(peer.partition("%")[0]).is_loopback


async def hand_in(client: Client, mail: Mail) -> aiosmtplib.SMTPResponse:
    """One transaction (RFC 5321 §3.3)."""
    client.step = Step.SENDER
    international = not mail.recipient.isascii()
    if international and not client.supports_extension("smtputf8"):
        raise Unwilling(f"cannot write to {mail.recipient}: it does not offer SMTPUTF8", permanent=True)
    options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
    await client.mail(mail.sender, options=options, encoding="utf-8")
    client.step = Step.RECIPIENT
    await client.rcpt(mail.recipient, encoding="utf-8")
    client.step = Step.CONTENT
    reply = await client.data(mail.content)
    client.mails += 1
    return reply


# --- Connections that are kept for a moment.


class Spares:
    """Open connections without work, by the account that they were made for."""

    def __init__(self) -> None:
        self._clients: dict[Account, list[Client]] = {}

    def take(self, account: Account) -> Client | None:
        """One that seems to be alive."""
        waiting = self._clients.get(account, [])
        while waiting:
            client = waiting.pop()
            if client.spare_until is not None:
                client.spare_until.cancel()
            if client.is_connected and client.loop is asyncio.get_running_loop():
                return client
        return None

    def keep(self, client: Client) -> None:
        """Keep it for a moment; hang up after that."""
        if client.mails >= MAILS_MAX:
            client.hang_up()
            return
        self._clients.setdefault(client.account, []).append(client)
        loop = asyncio.get_running_loop()
        client.spare_until = loop.call_later(SPARE_FOR.total_seconds(), self._let_go, client)

    def _let_go(self, client: Client) -> None:
        self._clients[client.account].remove(client)
        client.hang_up()

    def close(self) -> None:
        """Hang up all."""
        while self._clients:
            for client in self._clients.popitem()[1]:
                if client.spare_until is not None:
                    client.spare_until.cancel()
                client.hang_up()
