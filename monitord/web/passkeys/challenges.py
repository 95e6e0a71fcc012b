"""Challenges: what an authenticator has to sign, so that no answer can be used a second time.

Theory of operation. A challenge carries its own end and a keyed digest over what it is for and which browser
asked: nothing is remembered of those that were drawn, so nobody can fill the memory by asking. What is
remembered until its end is which were used; each is taken back before its answer is looked at. The key is
drawn at the start of the process, so that a restart makes every challenge of before worthless.
"""

import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from monitord.web.console.limits import CHALLENGE_LASTS, CHALLENGES_SPENT_MAX

NONCE_BYTES, END_BYTES, MAC_BYTES = 16, 8, 32
PLAIN_BYTES = NONCE_BYTES + END_BYTES


class ChallengeStale(Exception):
    """Not drawn for this, not for this browser, over, or used already."""


@dataclass(slots=True)
class Challenges:
    """`purpose` says what one is for (and for whom), `held` is what the browser holds."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(MAC_BYTES), repr=False)
    spent: OrderedDict[bytes, float] = field(default_factory=OrderedDict)

    def draw(self, purpose: str, held: str, monotonic: float) -> bytes:
        ends = int((monotonic + CHALLENGE_LASTS) * 1000)
        plain = secrets.token_bytes(NONCE_BYTES) + ends.to_bytes(END_BYTES)
        return plain + self.mac(plain, purpose, held)

    def spend(self, challenge: bytes, purpose: str, held: str, monotonic: float) -> None:
        """Use it up. Raises ChallengeStale."""
        plain, mac = challenge[:PLAIN_BYTES], challenge[PLAIN_BYTES:]
        if not held or not hmac.compare_digest(mac, self.mac(plain, purpose, held)):
            raise ChallengeStale
        ends = int.from_bytes(plain[NONCE_BYTES:]) / 1000
        self.forget(monotonic)
        if monotonic >= ends or plain in self.spent or len(self.spent) >= CHALLENGES_SPENT_MAX:
            raise ChallengeStale
        self.spent[plain] = ends

    def forget(self, monotonic: float) -> None:
        """Those whose time is over: they are refused for that."""
        while self.spent and next(iter(self.spent.values())) <= monotonic:
            self.spent.popitem(last=False)

    def mac(self, plain: bytes, purpose: str, held: str) -> bytes:
        said = b"monitord.passkey\n" + plain + f"\n{purpose}\n{held}".encode("utf-8", "replace")
        return hmac.digest(self.key, said, "sha256")
