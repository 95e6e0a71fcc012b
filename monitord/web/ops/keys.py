"""Idempotency keys: the same act sent twice is done once, and answered twice alike, for a day.

Theory of operation. What is remembered is the future of the engine's decision, not an answer: so somebody
who asks again while the first is still being stored waits for that very decision, and the answer, which is
made of nothing but the decision, is the same. The key is stored in the transaction of the decision, with its
number in the journal: after a restart the answer is made of what the journal has. A key belongs to whoever
used it first; the same key with another body is refused, because one of the two was not meant. Only what is
known to have come to nothing is forgotten early.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from monitord.core.check import Instant
from monitord.core.flow import Decision
from monitord.store.tokens import NO_FACT, Mark, Tokens
from monitord.web.access.ring import TokenStore
from monitord.web.ops.limits import KEY_CHARS_MAX, KEYS_FOR, KEYS_MAX
from monitord.web.refusal import No

Asked = asyncio.Future[Decision]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was asked under a key, and what is or will be decided; or its number in the journal."""

    asked: bytes
    decision: Asked | int
    at: float


class Keys:
    """`monotonic` is seconds on the running clock."""

    def __init__(self) -> None:
        self.remembered: OrderedDict[tuple[str, str], Remembered] = OrderedDict()
        self.loading = asyncio.Lock()
        self.complete = False

    async def load(self, store: TokenStore, now: Instant, monotonic: float) -> None:
        """What was asked before this process began; once."""
        if self.complete:
            return
        async with self.loading:
            if not self.complete:
                since = now - timedelta(seconds=KEYS_FOR)
                for each in await store.tokens(Tokens.marks, since, KEYS_MAX):
                    at = monotonic - (now - each.at).total_seconds()
                    place = (each.mark.by, each.mark.key)
                    self.remembered[place] = Remembered(each.mark.digest, each.seq, at)
                self.complete = True

    def decision(
        self, by: str, key: str | None, asked: str, monotonic: float, post: Callable[[Mark | None], Asked]
    ) -> Asked | int:
        """The decision on what was asked under this key before, else on what `post` submits now."""
        if key is None:
            return post(None)
        mark = Mark(by, valid(key), hashlib.sha256(asked.encode("utf-8", "surrogatepass")).digest())
        self.forget(monotonic)
        found = self.remembered.get((by, key))
        if found is None or came_to_nothing(found.decision):
            found = Remembered(mark.digest, post(mark), monotonic)
            self.remembered[by, key] = found
            self.remembered.move_to_end((by, key))
        elif found.asked != mark.digest:
            raise No(422, "this Idempotency-Key was used for something else", "draw a new one for a new act")
        return found.decision

    def once(self, by: str, key: str | None, asked: str, monotonic: float) -> Mark | None:
        """For what is done but once, and answered but once. Raises No when it was asked for already."""
        if key is None:
            return None
        found = self.decision(by, key, asked, monotonic, nothing_decided)
        if isinstance(found, int):
            raise No(409, "this was done already under this key", "a token is shown only once")
        self.remembered[by, key] = replace(self.remembered[by, key], decision=NO_FACT)
        return Mark(by, key, self.remembered[by, key].asked)

    def release(self, mark: Mark | None) -> None:
        """Nothing came of it."""
        if mark is not None:
            self.remembered.pop((mark.by, mark.key), None)

    def forget(self, monotonic: float) -> None:
        """What is old, and the oldest when there are too many."""
        while self.remembered:
            oldest = next(iter(self.remembered.values()))
            if len(self.remembered) < KEYS_MAX and monotonic - oldest.at < KEYS_FOR:
                return
            self.remembered.popitem(last=False)


def nothing_decided(mark: Mark | None) -> Asked:
    return asyncio.get_running_loop().create_future()


def valid(key: str) -> str:
    """Raises No for what cannot be a key."""
    if not (0 < len(key) <= KEY_CHARS_MAX and key.isascii() and key.isprintable()):
        raise No(422, f"an Idempotency-Key is 1 to {KEY_CHARS_MAX} visible characters", "draw a UUID")
    return key


def came_to_nothing(decision: Asked | int) -> bool:
    """It was put aside, or the engine has ended: nothing was done under this key."""
    if isinstance(decision, int):
        return False
    return decision.done() and (decision.cancelled() or decision.exception() is not None)
