"""The entrance of the ops door's API: who shows a bearer token, or has a session, is let in as an actor.

Theory of operation. A token is 256 random bits: nobody guesses one, so wrong ones are counted per network
only to keep the noise down, and a right one is let in whatever else its network does: nobody can lock out
anybody. What is counted per token is its own use, reading apart from acting. A token that is shown decides;
only without one the session counts (whoever holds the sessions has put its actor into the request's state).

A body may come slowly, and is read only after that: so whoever sent one is looked at once more when it is
there, before anything is done (ops_door.py), and what was revoked meanwhile does nothing.

A token is sent on purpose, so it matters neither which site sent the request nor under which name the door
was asked; what a browser sends by itself, a session's cookie, is judged where sessions are.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from monitord.core.wording import spell
from monitord.store.faults import StoreError
from monitord.store.tokens import PREFIX, Token
from monitord.web.access.roles import STATE, Actor, Role, limited, person
from monitord.web.answers import Answer, Headers, Receive, Scope, Send, send_answer
from monitord.web.limits import Buckets, network_of
from monitord.web.ops.envelope import App
from monitord.web.ops.errors import no_such_person
from monitord.web.ops.guard import ASK, SIGN_IN
from monitord.web.ops.limits import (
    ACTS_PER_TOKEN,
    BEARER_CHARS_MAX,
    READS_PER_TOKEN,
    WRONG_TOKENS_PER_NETWORK,
)
from monitord.web.ops.sources import Sources

READS = ("GET", "HEAD")
VIA = "api"
BY = b"monitord-by"
CHALLENGE = (b"www-authenticate", b'Bearer realm="monitord"')
REFUSED = (b"www-authenticate", b'Bearer realm="monitord", error="invalid_token"')
MAKE_ONE = "`monitord token create` makes one"


Shown = Callable[[list[bytes], Scope], Awaitable[Actor]]


class Refused(Exception):
    """Not let in."""

    def __init__(self, status: int, what: str, remedy: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(what)
        self.status, self.what, self.remedy, self.headers = status, what, remedy, headers

    def answer(self) -> Answer:
        said = {"error": {"what": self.what, "where": "header.authorization", "remedy": self.remedy}}
        headers: Headers = ((b"content-type", b"application/json"), (b"connection", b"close"), *self.headers)
        return Answer(self.status, json.dumps(said).encode() + b"\n", headers)


NOBODY = Refused(401, "nobody is signed in", SIGN_IN, CHALLENGE)
TWICE = Refused(400, "there are two Authorization headers", "send one")
NO_BEARER = Refused(401, "that is no bearer token", "write `Authorization: Bearer mon_…`", REFUSED)
UNKNOWN = Refused(401, "there is no such token", MAKE_ONE, REFUSED)


class Entrance:
    """An ASGI application in front of `desk`, which reads the body."""

    def __init__(self, sources: Sources, desk: App) -> None:
        self.sources, self.desk = sources, desk
        self.reads, self.acts = Buckets(READS_PER_TOKEN), Buckets(ACTS_PER_TOKEN)
        self.wrong = Buckets(WRONG_TOKENS_PER_NETWORK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.let_in(scope, receive, send, self.of_token, self.desk)

    async def again(self, scope: Scope, receive: Receive, send: Send, api: App) -> None:
        """Whether they would be let in now; it counts as one request."""
        await self.let_in(scope, receive, send, self.still, api)

    async def let_in(self, scope: Scope, receive: Receive, send: Send, shown: Shown, to: App) -> None:
        try:
            actor = await self.actor(scope, shown)
        except Refused as refused:
            await send_answer(refused.answer(), send)
        except StoreError as error:
            why = Refused(503, f"tokens cannot be read now: {error}", "look into the daemon's log")
            await send_answer(why.answer(), send)
        else:
            state = {**scope.get("state", {}), STATE: actor}
            await to({**scope, "state": state}, receive, send)

    async def actor(self, scope: Scope, whose: Shown) -> Actor:
        """Who asks. Raises Refused, StoreError."""
        shown = [value for name, value in scope["headers"] if name == b"authorization"]
        if shown:
            return self.on_behalf(scope, await whose(shown, scope))
        actor = scope.get("state", {}).get(STATE)
        if not isinstance(actor, Actor):
            raise NOBODY
        return actor

    async def of_token(self, shown: list[bytes], scope: Scope) -> Actor:
        try:
            token = await self.token(shown)
        except Refused as refused:
            raise self.counted(refused, scope) from None
        self.count_use(token, scope["method"])
        self.sources.tokens.use(self.sources.store, token, self.sources.now)
        return self.owner(token)

    async def still(self, shown: list[bytes], scope: Scope) -> Actor:
        """As `of_token`, of a token that has been counted."""
        return self.owner(await self.token(shown))

    async def token(self, shown: list[bytes]) -> Token:
        """The token, if it opens anything."""
        if len(shown) > 1:
            raise TWICE
        found = await self.sources.tokens.found(self.sources.store, bearer(shown[0]))
        if found is None:
            raise UNKNOWN
        dead_since = found.dead_since(self.sources.now)
        if dead_since is not None:
            what = "was revoked" if found.revoked else "has expired"
            ago = spell(self.sources.now - dead_since)
            raise Refused(401, f"the token {found.id} {what} {ago} ago", MAKE_ONE, REFUSED)
        return found

    def counted(self, refused: Refused, scope: Scope) -> Refused:
        """Whoever shows many wrong ones is told to wait; right ones are let in all the same."""
        client: Any = scope.get("client")
        network, now = network_of(client[0] if client else ""), self.sources.clock.monotonic()
        wait = self.wrong.wait(network, now)
        if wait:
            return too_many("wrong tokens from your network", wait)
        self.wrong.take(network, now)
        return refused

    def count_use(self, token: Token, method: str) -> None:
        """Raises Refused when a token is used too often."""
        buckets, now = self.reads if method in READS else self.acts, self.sources.clock.monotonic()
        wait = buckets.wait(token.id, now)
        if wait:
            raise too_many(f"requests with the token {token.id}", wait)
        buckets.take(token.id, now)

    def owner(self, token: Token) -> Actor:
        """Its owner as they are now, within its scopes."""
        configuration = self.sources.configuration
        if token.machine:
            return limited(Actor(token.owner, VIA, Role.ADMINISTRATOR), token.scopes, token.id)
        if token.owner not in configuration.people:
            what = f"the owner of the token {token.id}, {token.owner}, is gone from the configuration"
            raise Refused(403, what, "revoke it; make one for somebody who is there")
        return limited(person(token.owner, VIA, configuration), token.scopes, token.id)

    def on_behalf(self, scope: Scope, actor: Actor) -> Actor:
        """An administrator may act for a person whom they name, as at the control socket."""
        named = headers_of(scope).get(BY, b"").decode("utf-8", "replace")
        if named in ("", actor.by):
            return actor
        if not actor.may(Role.ADMINISTRATOR):
            raise Refused(403, f"{actor.by} may not act for {named:.100}", ASK)
        here = self.sources.configuration
        if named not in here.people:
            raise Refused(422, *no_such_person(named, here))
        return replace(actor, by=named)


def headers_of(scope: Scope) -> Mapping[bytes, bytes]:
    return dict(scope["headers"])


def bearer(header: bytes) -> str:
    """The token of an Authorization header (RFC 6750). Raises Refused."""
    scheme, _, secret = header.decode("latin-1").strip().partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret.startswith(PREFIX) or len(secret) > BEARER_CHARS_MAX:
        raise NO_BEARER
    return secret


def too_many(what: str, wait: float) -> Refused:
    seconds = int(wait) + 1
    again = (b"retry-after", str(seconds).encode())
    return Refused(429, f"too many {what}", f"try again in {seconds} s", again)
