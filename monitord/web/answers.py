"""An answer: status, headers and body, ready to be sent; and the headers that every answer carries."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from monitord.web.text import clean

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

HTML = b"text/html; charset=utf-8"

NO_SCRIPTS = b"script-src 'none'"
OWN_SCRIPTS = b"script-src 'self'; connect-src 'self'"


def secured(scripts: bytes) -> Headers:
    """What keeps a page to itself: nothing from elsewhere, nowhere else, in nobody's frame."""
    policy = (
        b"default-src 'none'; " + scripts + b"; style-src 'self'; img-src 'self' data:; manifest-src 'self'; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return (
        (b"content-security-policy", policy),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    )


NOT_KEPT: Headers = ((b"cache-control", b"no-store"), (b"x-robots-tag", b"noindex, nofollow"))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Headers = ()

    @property
    def whole(self) -> Headers:
        if self.status == 304:  # whose length is that of what the reader has
            return self.headers
        return (*self.headers, (b"content-length", str(len(self.body)).encode()))


def page(status: int, html: str, headers: Headers) -> Answer:
    """A page that is made for whoever asked."""
    return Answer(status, clean(html).encode(), ((b"content-type", HTML), *headers))


async def send_answer(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.whole})
    await send({"type": "http.response.body", "body": answer.body})


# Answers that need no page.

PLAIN: Headers = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    *secured(NO_SCRIPTS),
)
BROKEN = Answer(500, b"Something went wrong here, and it has been noted. Please try again.\n", PLAIN)
NOT_YET = Answer(
    503, b"The page is being prepared; try again in a moment.\n", (*PLAIN, (b"retry-after", b"1"))
)


def not_allowed(*methods: str) -> Answer:
    allowed = ", ".join(methods)
    body = f"This address takes {allowed}, and nothing else.\n".encode()
    return Answer(405, body, (*PLAIN, (b"allow", allowed.encode()), (b"connection", b"close")))


def says(answer: Answer) -> Callable[..., Awaitable[Answer]]:
    """Whatever is asked, this is the answer."""

    async def say(*asked: object) -> Answer:
        return answer

    return say
