"""Challenges: what an authenticator has to sign, so that no answer can be used a second time.

Theory of operation. A challenge carries its own end and a keyed digest over what it is for and which browser
asked: nothing is remembered of those that were drawn, so nobody can fill the memory by asking. What is
remembered until its end is which were used; each is taken back before its answer is looked at. A network has
a share of that memory, so that a stranger fills only their own. The key is drawn at the start of the process,
so that a restart makes every challenge of before worthless.
"""

import hmac
import secrets
from collections import Counter, OrderedDict
from dataclasses import dataclass, field

from monitord.web.access.limits import CHALLENGE_LASTS, CHALLENGES_SPENT_MAX, CHALLENGES_SPENT_PER_NETWORK

NONCE_BYTES, END_BYTES, MAC_BYTES = 16, 8, 32
PLAIN_BYTES = NONCE_BYTES + END_BYTES


class ChallengeStale(Exception):
    """Not drawn for this, not for this browser, over, or used already."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Until when one has to be remembered, and who used it."""

    ends: float
    network: str


@dataclass(slots=True)
class Challenges:
    """`purpose` says what one is for (and for whom), `held` is what the browser holds."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(MAC_BYTES), repr=False)
    spent: OrderedDict[bytes, Spent] = field(default_factory=OrderedDict)
    shares: Counter[str] = field(default_factory=Counter)

    def draw(self, purpose: str, held: str, monotonic: float) -> bytes:
        ends = int((monotonic + CHALLENGE_LASTS) * 1000)
        plain = secrets.token_bytes(NONCE_BYTES) + ends.to_bytes(END_BYTES)
        return plain + self.mac(plain, purpose, held)

    def spend(self, challenge: bytes, purpose: str, held: str, network: str, monotonic: float) -> None:
        """Use it up. Raises ChallengeStale."""
        plain, mac = challenge[:PLAIN_BYTES], challenge[PLAIN_BYTES:]
        if not held or not hmac.compare_digest(mac, self.mac(plain, purpose, held)):
            raise ChallengeStale
        ends = int.from_bytes(plain[NONCE_BYTES:]) / 1000
        self.forget(monotonic)
        if monotonic >= ends or plain in self.spent or self.full(network):
            raise ChallengeStale
        self.spent[plain] = Spent(ends, network)
        self.shares[network] += 1

    def full(self, network: str) -> bool:
        """Is there no room to remember another one of theirs?"""
        share = self.shares.get(network, 0)
        return share >= CHALLENGES_SPENT_PER_NETWORK or len(self.spent) >= CHALLENGES_SPENT_MAX

    def forget(self, monotonic: float) -> None:
        """Those whose time is over: they are refused for that."""
        while self.spent and next(iter(self.spent.values())).ends <= monotonic:
            _, over = self.spent.popitem(last=False)
            self.shares[over.network] -= 1
            if self.shares[over.network] <= 0:
                del self.shares[over.network]

    def mac(self, plain: bytes, purpose: str, held: str) -> bytes:
        said = b"monitord.passkey\n" + plain + f"\n{purpose}\n{held}".encode("utf-8", "replace")
        return hmac.digest(self.key, said, "sha256")
