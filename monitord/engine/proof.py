"""How a sender shows who it is: a secret in a header, in the path or in the query, or a signature.

Theory of operation. A signature is over the raw body, so it is judged before anything is read of it. With a
time in it, a request is good for WITHIN; one that was taken already is answered alike and changes nothing,
because a sender whose answer was lost sends it again.
"""

import base64
import binascii
import hmac
from collections import OrderedDict
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from monitord.config.inlets import Signature
from monitord.core.check import Instant
from monitord.kinds import Request
from monitord.net.instants import read_instant

WITHIN = timedelta(minutes=5)
REMEMBERED_MAX = 50_000
IN_QUERY = ("token", "integrationKey")
SCHEMES = ("bearer", "token", "geniekey")
SIGNATURE_CHARS_MAX = 500


class Unproved(Exception):
    """The sender did not show who it is; the text says what is missing, and never what was shown."""


def shown(request: Request, in_path: str) -> Iterator[str]:
    """Every secret that the sender shows."""
    if in_path:
        yield in_path
    scheme, _, value = request.headers.get("authorization", "").strip().partition(" ")
    value = value.strip()
    if scheme.lower() in SCHEMES:
        yield value.removeprefix("token=").strip('"') if scheme.lower() == "token" else value
    elif scheme.lower() == "basic":
        yield from of_basic(value)
    for name in IN_QUERY:
        if asked := request.asked(name):
            yield asked


def of_basic(value: str) -> Iterator[str]:
    """The password; where there is none, the name."""
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return
    yield password or name


def signed_at(
    signature: Signature, request: Request, secrets: tuple[str, ...], now: Instant
) -> Instant | None:
    """Raises Unproved unless the signature is good; when it was made, if it says so."""
    given = request.headers.get(signature.header, "")
    if not given:
        raise Unproved(f"the header {signature.header} with the signature is missing")
    stamp = request.headers.get(signature.time, "") if signature.time else ""
    if signature.time and not stamp:
        raise Unproved(f"the header {signature.time} with the time is missing")
    message = f"{stamp}{signature.between}".encode() + request.body if signature.time else request.body
    digests = [hmac.new(each.encode(), message, sha256).hexdigest() for each in secrets]
    offered = [
        each.strip().removeprefix(signature.prefix).lower().encode("utf-8", "replace")
        for each in given[:SIGNATURE_CHARS_MAX].split(",")
    ]
    if not any(hmac.compare_digest(own.encode(), each) for own in digests for each in offered):
        raise Unproved("the signature is not that of this body")
    return in_time(stamp, now) if signature.time else None


def in_time(stamp: str, now: Instant) -> Instant:
    at = read_instant(stamp)
    if at is None:
        raise Unproved("the time that was signed is no instant; send seconds since 1970 or RFC 3339")
    if abs(at - now) > WITHIN:
        raise Unproved(f"it was signed more than {WITHIN.seconds // 60} min from now; is a clock wrong?")
    return at


class Taken:
    """Signed requests that were taken, for as long as they could come again."""

    def __init__(self) -> None:
        self.known: OrderedDict[bytes, tuple[Instant, int]] = OrderedDict()

    def before(self, digest: bytes, now: Instant) -> int | None:
        """The number of the event as which it was taken already."""
        until, event = self.known.get(digest, (now, 0))
        return event if until > now else None

    def take(self, digest: bytes, at: Instant, event: int) -> None:
        self.known[digest] = at + 2 * WITHIN, event
        while len(self.known) > REMEMBERED_MAX:
            self.known.popitem(last=False)


def fingerprint(integration: str, request: Request, signature: Signature) -> bytes:
    """What makes a signed request this one."""
    stamp = request.headers.get(signature.time, "")
    head = f"{integration}\0{stamp}\0{len(request.body)}\0".encode("utf-8", "replace")
    return sha256(head + request.body).digest()
