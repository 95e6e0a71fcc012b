"""The ring of tokens: all of them in memory, so that somebody is let in whatever the store does.

The daemon is the only one that writes them, so what is here is what is stored. A token is looked up by its
SHA-256, which takes as long for a wrong one as for a right one.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from monitord.core.check import Instant
from monitord.store.tokens import KEPT_FOR, Mark, Token, Tokens, digest_of
from monitord.web.access.limits import TOKENS_KEPT_MAX, TOKENS_MAX
from monitord.web.refusal import No

USED_EVERY = timedelta(minutes=1)

P = ParamSpec("P")
T = TypeVar("T")


class TokenStore(Protocol):
    """The store, as far as tokens and keys go."""

    async def tokens(
        self, work: Callable[Concatenate[Tokens, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T: ...
    def token_used(self, id: str, at: Instant) -> None: ...


class Ring:
    """Loaded when somebody first asks."""

    def __init__(self) -> None:
        self.tokens: dict[bytes, Token] | None = None
        self.loading, self.one_at_a_time = asyncio.Lock(), asyncio.Lock()

    async def loaded(self, store: TokenStore) -> dict[bytes, Token]:
        """Every token by its digest; raises StoreError while it cannot be read."""
        async with self.loading:
            if self.tokens is None:
                self.tokens = {token.digest: token for token in await store.tokens(Tokens.all)}
        return self.tokens

    async def found(self, store: TokenStore, secret: str) -> Token | None:
        return (await self.loaded(store)).get(digest_of(secret))

    async def listed(self, store: TokenStore) -> list[Token]:
        """The newest first."""
        tokens = (await self.loaded(store)).values()
        return sorted(tokens, key=lambda token: (token.created, token.id), reverse=True)

    async def add(self, store: TokenStore, made: Token, mark: Mark | None = None) -> None:
        tokens = await self.loaded(store)
        async with self.one_at_a_time:
            make_room(tokens, made.created)
            await store.tokens(Tokens.keep, made, mark)
            tokens[made.digest] = made

    async def revoke(
        self, store: TokenStore, token: Token, by: str, at: Instant, mark: Mark | None = None
    ) -> Token:
        """Closed here first: whatever the store says, it opens nothing any more. Nor was it made under the
        key of `mark` then.
        """
        tokens = await self.loaded(store)
        gone = tokens[token.digest] = replace(token, revoked=token.revoked or at)
        await store.tokens(Tokens.revoke, token.id, by, at, mark)
        return gone

    async def clean(self, store: TokenStore, people: Collection[str], by: str, at: Instant) -> None:
        """Who is none of these people any more has no token either, also if the name comes back."""
        tokens = await self.loaded(store)
        async with self.one_at_a_time:
            for token in list(tokens.values()):
                if not token.machine and token.owner not in people and token.dead_since(at) is None:
                    tokens[token.digest] = replace(token, revoked=at)
            await store.tokens(Tokens.revoke_of_strangers, people, by, at)

    def use(self, store: TokenStore, token: Token, at: Instant) -> None:
        """Remember when it was used last, to the minute."""
        if self.tokens is None or (token.used is not None and at - token.used < USED_EVERY):
            return
        self.tokens[token.digest] = replace(token, used=at)
        store.token_used(token.id, at)


def make_room(tokens: dict[bytes, Token], now: Instant) -> None:
    """For one more. Raises No if there is none."""
    forget_dead(tokens, now)
    alive = sum(token.dead_since(now) is None for token in tokens.values())
    if alive >= TOKENS_MAX or len(tokens) >= TOKENS_KEPT_MAX:
        raise No(409, f"there are {alive} tokens already", "revoke those that nobody uses")


def forget_dead(tokens: dict[bytes, Token], now: Instant) -> None:
    """As the store does when it keeps a new one."""
    for token in list(tokens.values()):
        dead_since = token.dead_since(now)
        if dead_since is not None and dead_since < now - KEPT_FOR:
            del tokens[token.digest]
