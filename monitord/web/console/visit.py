"""A visit: one request of a browser to the console, who it is from, and how the answer finds its way back.

Theory of operation. One cookie, drawn at random: before somebody signs in it only says that it is the same
browser, at sign-in another one takes its place. Over https it is bound to this host (`__Host-`). The token in
every form is a keyed digest of the cookie, so that no other site can send a form that counts; besides, a
browser says which site a form came from.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from monitord.core.check import Instant
from monitord.store.accounts import Session
from monitord.web.access.limits import COOKIE_CHARS_MAX, NAME_CHARS_MAX
from monitord.web.access.links import SIGN_IN
from monitord.web.access.roles import Actor
from monitord.web.answers import NOT_KEPT, Answer, Headers, page, secured
from monitord.web.console.words import Words
from monitord.web.requests import Request, comes_from_elsewhere

FIELDS_MAX = 12
NONCE_BYTES = 16
HSTS = (b"strict-transport-security", b"max-age=31536000")
REFRESH_OFF = "off"
VIA = "console"

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the console is, and the key of what it signs."""

    url: str
    secret: bytes = field(repr=False)

    @property
    def encrypted(self) -> bool:
        return self.url.startswith("https://")

    @property
    def cookie(self) -> str:
        """Cookies do not tell ports apart, so their name has to."""
        return "__Host-monitord" if self.encrypted else f"monitord-{urlsplit(self.url).port or 80}"

    def held(self, request: Request) -> str:
        """What the browser holds; "" for one that comes for the first time."""
        sent = request.headers.get(b"cookie", b"").decode("latin-1")
        for pair in sent.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.cookie and value.isascii() and len(value) <= COOKIE_CHARS_MAX:
                return value
        return ""

    def baking(self, held: str) -> tuple[bytes, bytes]:
        """The header that gives a browser its cookie; "" takes it away."""
        parts = [f"{self.cookie}={held}", "Path=/", "HttpOnly", "SameSite=Lax"]
        parts += ["Secure"] if self.encrypted else []
        parts += ["Max-Age=2592000"] if held else ["Max-Age=0"]
        return b"set-cookie", "; ".join(parts).encode()

    def token(self, held: str) -> str:
        """What every form of this browser has to carry."""
        return hmac.digest(self.secret, f"monitord.csrf\n{held}".encode(), "sha256").hex()[:40]

    def forged(self, request: Request, held: str, token: str) -> bool:
        """Did this form come from anywhere but a page that we gave this very browser?"""
        ours = held and hmac.compare_digest(self.token(held).encode(), token.encode())
        return not ours or comes_from_elsewhere(request, self.url)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request; `actor` and `session` are None until somebody has signed in."""

    entry: Entry
    request: Request = field(repr=False)
    query: Query
    held: str = field(repr=False)
    now: Instant
    zone: str
    nonce: str
    session: Session | None = None
    actor: Actor | None = None

    @property
    def path(self) -> str:
        return self.request.path

    @property
    def words(self) -> Words:
        return Words(self.now, self.zone)

    @property
    def token(self) -> str:
        return self.entry.token(self.held)

    @property
    def scripted(self) -> bool:
        """Is it htmx that asks?"""
        return b"hx-request" in self.request.headers

    @property
    def live(self) -> bool:
        return self.query.get("refresh") != REFRESH_OFF

    @property
    def agent(self) -> str:
        """What the browser calls itself."""
        return self.request.headers.get(b"user-agent", b"").decode("latin-1")

    @property
    def me(self) -> str:
        return self.actor.by if self.actor else ""

    def here(self, **changes: object) -> str:
        """This address with other parameters; None takes one away."""
        return address(self.path, {**self.query, **changes})

    # Answers.

    def page(self, status: int, html: str, *more: tuple[bytes, bytes]) -> Answer:
        headers: Headers = (*NOT_KEPT, *secured(scripts(self.nonce)), *self.always, *more)
        return page(status, html, headers)

    def to(self, place: str, *more: tuple[bytes, bytes]) -> Answer:
        """Go there and look."""
        headers = (
            (b"location", place.encode()),
            *NOT_KEPT,
            *secured(scripts(self.nonce)),
            *self.always,
            *more,
        )
        return Answer(303, b"", headers)

    @property
    def always(self) -> Headers:
        return (HSTS,) if self.entry.encrypted else ()

    def to_sign_in(self) -> Answer:
        """For whoever is not signed in; a script is sent there, a reader is led there and back."""
        if self.scripted:
            return self.page(401, "", (b"hx-redirect", address(SIGN_IN, {"next": self.path}).encode()))
        back = {"next": address(self.path, dict(self.query))} if self.path != "/" else {}
        return self.to(address(SIGN_IN, back))


def address(path: str, query: Mapping[str, object]) -> str:
    kept = {name: value for name, value in query.items() if value is not None and value != ""}
    return f"{quote(path)}?{urlencode(kept)}" if kept else quote(path)


def scripts(nonce: str) -> bytes:
    return f"script-src 'nonce-{nonce}'; connect-src 'self'".encode()


def new_nonce() -> str:
    return secrets.token_urlsafe(NONCE_BYTES)


def inside(place: str) -> str:
    """The place, if it is one of our own pages, else the first one: nobody is led elsewhere."""
    ours = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
    return place if ours and len(place) <= 500 and not place.startswith(SIGN_IN) else "/"


def read_query(scope: Mapping[str, Any]) -> Query:
    """The parameters; too many of them are none."""
    try:
        return dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"), max_num_fields=FIELDS_MAX))
    except ValueError:
        return {}


def name_in(form: Mapping[str, str], field: str) -> str:
    return form.get(field, "").strip()[:NAME_CHARS_MAX]
