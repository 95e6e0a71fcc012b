"""A post office: a real SMTP server on loopback, in the test's own loop, that speaks like people do.

async with mail_server() as post:
    await post["ann@example.org"].expects("shop is down")   # the mail; each is found once
    post.silence()                          # nobody has mail that was not expected
    post.mails                              # everything that was taken, in order

    post.refuse(451, at="RCPT", times=2)    # then as usual again; without `times` until post.heal()
    post.reject("ann@example.org", 550)     # this one address
    post.hang(at="EHLO")                    # says nothing more
    post.cut(at="DATA")                     # hangs up there
    post.cut_after_data()                   # hangs up when it has the mail; it is in `post.swallowed`
    post.tarpit(0.2)                        # takes that long for every answer
    await post.go_away()                    # refuses connections
    await post.come_back()                  # on the same port

mail_server(starttls=context), mail_server(tls=context), mail_server(login=("monitord", "secret"))
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.fakes.patience import WITHIN

LOCALHOST = "127.0.0.1"
# Where something can go wrong, in the order of a conversation; MESSAGE is after the final dot.
STAGES = ("GREETING", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "MESSAGE")
CUT = "cut"
HANG = "hang"

Status = str | None


@dataclass(frozen=True)
class Mail:
    """One mail as it came; `at` is the time of the loop."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    at: float
    encrypted: bool
    login: str | None

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return part.get_content() if part else ""

    def says(self, words: str) -> bool:
        return words in self.subject or words in self.text


@dataclass
class Trouble:
    """What goes wrong at a stage, and how many times more."""

    what: str
    times: Iterator[int] | None

    def strikes(self) -> bool:
        return self.times is None or next(self.times, None) is not None


@dataclass
class Post:
    """The server, its mails, and what shall go wrong."""

    port: int = 0
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    utf8: bool = True
    mails: list[Mail] = field(default_factory=list)
    swallowed: list[Mail] = field(default_factory=list)
    connections: int = 0
    open: set["Clerk"] = field(default_factory=set)
    _read: set[int] = field(default_factory=set)
    _troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    _rejected: dict[str, int] = field(default_factory=dict)
    _delay: float = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"{'smtps' if self.tls else 'smtp'}://{LOCALHOST}:{self.port}"

    # What people say.

    def __getitem__(self, address: str) -> "Mailbox":
        return Mailbox(self, address)

    def silence(self) -> None:
        """Nobody has a mail that nobody expected."""
        unread = [mail for number, mail in enumerate(self.mails) if number not in self._read]
        assert not unread, f"unexpected mail: {described(unread)}"

    # What goes wrong.

    def refuse(self, code: int = 451, *, at: str = "RCPT", times: int | None = None, text: str = "") -> None:
        """Answer with this code."""
        self._trouble(at, f"{code} {text or ('not now' if code < 500 else 'not ever')}", times)

    def reject(self, address: str, code: int = 550) -> None:
        """Refuse this recipient."""
        self._rejected[address] = code

    def hang(self, *, at: str = "GREETING", times: int | None = None) -> None:
        """Say nothing more."""
        self._trouble(at, HANG, times)

    def cut(self, *, at: str = "GREETING", times: int | None = None) -> None:
        """Hang up."""
        self._trouble(at, CUT, times)

    def cut_after_data(self, times: int | None = None) -> None:
        """Take the mail, and hang up instead of saying so."""
        self.cut(at="MESSAGE", times=times)

    def tarpit(self, seconds: float) -> None:
        """Take that long for every answer."""
        self._delay = seconds

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self._troubles.clear()
        self._rejected.clear()
        self._delay = 0

    async def go_away(self) -> None:
        """Refuse connections, and end those that are open."""
        if self._server is None:
            return
        self._server.close()
        at_work = [clerk.slam() for clerk in list(self.open)]
        await asyncio.gather(*at_work, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def come_back(self) -> None:
        """Listen; on the same port as before, if there was one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Clerk(self, loop), LOCALHOST, self.port, ssl=self.tls, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def empty(self, within: float = WITHIN) -> None:
        """Nobody is connected any more."""
        async with asyncio.timeout(within):
            while self.open:
                await self._changed()

    async def visited(self, connections: int = 1, within: float = WITHIN) -> None:
        """Somebody has connected, so many times."""
        async with asyncio.timeout(within):
            while self.connections < connections:
                await self._changed()

    # What the clerks use.

    async def trouble(self, stage: str, clerk: "Clerk") -> Status:
        """What goes wrong at this stage, if anything does."""
        if self._delay:
            await asyncio.sleep(self._delay)
        trouble = next((each for each in self._troubles.get(stage, ()) if each.strikes()), None)
        if trouble is None:
            return None
        if trouble.what == HANG:
            await asyncio.Event().wait()
        if trouble.what == CUT:
            clerk.slam()
            raise asyncio.CancelledError  # as when the other side hangs up
        return trouble.what

    def rejection(self, address: str) -> Status:
        code = self._rejected.get(address)
        return f"{code} 5.1.1 nobody of that name here" if code else None

    def tell(self) -> None:
        """Something has changed; wake who waits for it."""
        self._news.set()
        self._news = asyncio.Event()

    async def _changed(self) -> None:
        await self._news.wait()

    def _trouble(self, stage: str, what: str, times: int | None) -> None:
        assert stage in STAGES, f"at one of {STAGES}"
        self._troubles.setdefault(stage, []).append(
            Trouble(what, None if times is None else iter(range(times)))
        )


@dataclass(frozen=True)
class Mailbox:
    """The mails of one address."""

    post: Post
    address: str

    @property
    def mails(self) -> list[Mail]:
        return [mail for mail in self.post.mails if self.address in mail.recipients]

    async def expects(self, words: str = "", within: float = WITHIN) -> Mail:
        """The first mail with these words in its subject or text that was not expected before."""
        try:
            async with asyncio.timeout(within):
                while (number := self._found(words)) is None:
                    await self.post._changed()
        except TimeoutError:
            instead = described(self.mails)
            raise AssertionError(
                f"no {words!r} for {self.address} within {within} s, but {instead}"
            ) from None
        self.post._read.add(number)
        return self.post.mails[number]

    def _found(self, words: str) -> int | None:
        for number, mail in enumerate(self.post.mails):
            if number not in self.post._read and self.address in mail.recipients and mail.says(words):
                return number
        return None


def described(mails: list[Mail]) -> str:
    return "; ".join(f"{', '.join(mail.recipients)}: {mail.subject}" for mail in mails) or "nothing"


class Clerk(SMTP):
    """Serves one connection, as the post wants it."""

    def __init__(self, post: Post, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            Desk(post),
            loop=loop,
            hostname="mail.example.org",
            ident="ESMTP",
            enable_SMTPUTF8=post.utf8,
            tls_context=post.starttls,
            auth_require_tls=False,
            auth_exclude_mechanism=() if post.login else ("PLAIN", "LOGIN"),
            authenticator=self._admits,
        )
        self.post = post

    @property
    def encrypted(self) -> bool:
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None

    def slam(self) -> asyncio.Task[None]:
        """Hang up at once, also in the middle of a TLS handshake; return what then comes to its end."""
        for transport in (self.transport, self._original_transport):
            if transport is not None:
                transport.abort()
        self.post.open.discard(self)
        assert self._handler_coroutine is not None
        self._handler_coroutine.cancel()
        return self._handler_coroutine

    def connection_made(self, transport: Any) -> None:
        if self not in self.post.open:
            self.post.connections += 1
            self.post.open.add(self)
        super().connection_made(transport)
        self.post.tell()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.post.open.discard(self)
        self.post.tell()

    async def _handle_client(self) -> None:
        try:
            status = await self._stage("GREETING")
        except asyncio.CancelledError:
            self._writer.close()
            raise
        if status:
            await self.push(status)
            self.slam()
            return
        await super()._handle_client()

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - the library's name
        if status := await self._stage("STARTTLS"):
            await self.push(status)
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the library's name
        if status := await self._stage("DATA"):
            await self.push(status)
            return
        await super().smtp_DATA(arg)

    async def handle_exception(self, error: Exception) -> str:
        return f"451 {type(error).__name__}"

    async def _stage(self, stage: str) -> Status:
        return await self.post.trouble(stage, self)

    def _admits(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        assert self.post.login is not None
        name, password = self.post.login
        right = (data.login, data.password) == (name.encode(), password.encode())
        return AuthResult(success=right, handled=False, auth_data=data)


class Desk:
    """The hooks of the library: each asks first whether something shall go wrong."""

    def __init__(self, post: Post) -> None:
        self.post = post

    async def handle_EHLO(  # noqa: N802 - the library's name
        self, clerk: Clerk, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        status = await self.post.trouble("EHLO", clerk)
        if not status:
            return responses if self.post.login else [line for line in responses if "AUTH" not in line]
        session.host_name = None
        return [status]

    async def handle_HELO(  # noqa: N802 - the library's name
        self, clerk: Clerk, session: Session, envelope: Envelope, hostname: str
    ) -> str:
        if status := await self.post.trouble("EHLO", clerk):
            return status
        session.host_name = hostname
        return "250 mail.example.org"

    async def handle_AUTH(self, clerk: Clerk, *_: Any) -> Any:  # noqa: N802 - the library's name
        return await self.post.trouble("AUTH", clerk) or MISSING

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, clerk: Clerk, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if status := await self.post.trouble("MAIL", clerk):
            return status
        if self.post.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, clerk: Clerk, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if status := await self.post.trouble("RCPT", clerk) or self.post.rejection(address):
            return status
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, clerk: Clerk, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mail = self.received(clerk, session, envelope)
        self.post.swallowed.append(mail)
        if status := await self.post.trouble("MESSAGE", clerk):
            self.post.swallowed.remove(mail)
            return status
        self.post.swallowed.remove(mail)
        self.post.mails.append(mail)
        self.post.tell()
        return f"250 2.0.0 Ok: queued as {len(self.post.mails)}"

    def received(self, clerk: Clerk, session: Session, envelope: Envelope) -> Mail:
        name = session.auth_data.login.decode() if session.auth_data else None
        return Mail(
            sender=str(envelope.mail_from),
            recipients=tuple(map(str, envelope.rcpt_tos)),
            content=bytes(envelope.original_content or b""),
            at=asyncio.get_running_loop().time(),
            encrypted=clerk.encrypted,
            login=name,
        )


@asynccontextmanager
async def mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    utf8: bool = True,
) -> AsyncIterator[Post]:
    """Serve mail on a free port; in the end every connection is closed."""
    post = Post(tls=tls, starttls=starttls, login=login, utf8=utf8)
    await post.come_back()
    try:
        yield post
    finally:
        await post.go_away()
