"""An attempt to sign in at a provider: what goes there with a browser and must come back with the same.

Theory of operation. Nothing is kept of an attempt, so that nobody can fill us with theirs: `state` says until
when it counts and where to go afterwards, and is signed together with what this very browser holds; nonce and
PKCE verifier (RFC 7636) are derived from both. Whoever carries a state to another browser has nothing there;
whoever signs in gets another cookie, and with it every state of the old one is worth nothing.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass, field
from datetime import UTC, datetime

from monitord.core.check import Instant
from monitord.web.ops.oidc_limits import ATTEMPT_LASTS

RANDOM_BYTES = 16
STATE_CHARS_MAX = 4000
LABEL = "monitord.oidc"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`back` is where to go afterwards; `verifier` is only ever told to the provider itself."""

    state: str
    back: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


def begun(secret: bytes, held: str, back: str, now: Instant) -> Attempt:
    """A new attempt of the browser that holds `held`."""
    until = int((now + ATTEMPT_LASTS).timestamp())
    place = urlsafe_b64encode(back.encode()).decode()
    said = f"{secrets.token_urlsafe(RANDOM_BYTES)}.{until}.{place}"
    return of_state(secret, held, f"{said}.{derived(secret, 'state', held, said)}", back)


def returned(secret: bytes, held: str, state: str, now: Instant) -> Attempt | None:
    """The attempt that a browser comes back from; None unless we began it with this one, and lately."""
    said, _, mark = state.rpartition(".")
    ours = derived(secret, "state", held, said)
    if not held or len(state) > STATE_CHARS_MAX or not hmac.compare_digest(ours.encode(), mark.encode()):
        return None
    try:
        _, until, place = said.split(".")
        back = urlsafe_b64decode(place).decode()
        ends = datetime.fromtimestamp(int(until), UTC)
    except (ValueError, Error):
        return None
    return of_state(secret, held, state, back) if now < ends else None


def of_state(secret: bytes, held: str, state: str, back: str) -> Attempt:
    nonce, verifier = (derived(secret, word, held, state) for word in ("nonce", "verifier"))
    return Attempt(state, back, nonce, verifier)


def derived(secret: bytes, word: str, held: str, state: str) -> str:
    """64 characters that only we can make of it."""
    return hmac.digest(secret, f"{LABEL}.{word}\n{held}\n{state}".encode(), "sha256").hex()
