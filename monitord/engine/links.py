"""Links that may be clicked by whoever holds them: signed, and never acting by themselves.

Theory of operation. A token is a signed list (purpose, ticket, round, who); the key comes from the store's
secret, so a foreign store's links are dead. It says who was asked about what and nothing else: whether it may
still act is the world's business (the ticket must still be known), so no expiry is in it. One that acts (an
answer's, a swap's) has the epoch too: after a restore a number may mean another ticket, so links from before
are read as FORMER and do nothing; people can still unsubscribe by an old mail. To act takes the token *and*
its number, two digits that stand in the mail beside the link: machines that follow every link they see do not
read. The number is a keyed digest of the token's content, so that it can be checked without being stored.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from urllib.parse import quote

from itsdangerous import BadData, URLSafeSerializer

from monitord.config.settings import Doors
from monitord.core.wording import Link

TOKEN_CHARS_MAX = 1024
SALT = b"monitord.links"
FIRST_NUMBER, NUMBERS = 10, 90
ANSWER, CONFIRM, UNSUBSCRIBE, INCIDENT, PAGE = "answer", "confirm", "unsubscribe", "incident", "page"
SWAP = "swap"  # its ticket is the number of the swap
CALENDAR = "calendar"  # the number of its round is the one that the store has for its feed
FORMER = "former"  # what a link that acts is after a restore
ACTING = (ANSWER, SWAP)  # an open link and its number do something


@dataclass(frozen=True, slots=True)
class Path:
    """A signed link: which door, and what stands before and behind its token."""

    door: str
    path: str
    ending: str = ""


SIGNED = {
    ANSWER: Path("edge", "a"),
    SWAP: Path("edge", "s"),
    CONFIRM: Path("public", "subscribe/confirm"),
    UNSUBSCRIBE: Path("public", "unsubscribe"),
    CALENDAR: Path("edge", "calendar", ".ics"),
}


class Links:
    """Makes and reads links; `secret` (at least 16 bytes) and `epoch` are the store's."""

    def __init__(self, secret: bytes, doors: Doors, epoch: str = "") -> None:
        assert len(secret) >= 16, "a short secret can be guessed"
        self.accept(doors)
        self.secret, self.epoch = secret, epoch
        self.signer = URLSafeSerializer(
            secret,
            salt=SALT,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def accept(self, doors: Doors) -> None:
        """From now on, links lead to these URLs."""
        self.urls = {"edge": doors.edge.url.rstrip("/"), "public": doors.public.url.rstrip("/")}

    def url(self, link: Link) -> str:
        """Where the link leads, whole; an incident and the page itself need no token."""
        if link.purpose == INCIDENT:
            return f"{self.urls['public']}/incidents/{quote(link.who, safe='')}"
        if link.purpose == PAGE:
            return f"{self.urls['public']}/"
        path = SIGNED[link.purpose]
        return f"{self.urls[path.door]}/{path.path}/{self.token(link)}{path.ending}"

    def token(self, link: Link) -> str:
        return self.signed(link, self.epoch)

    def signed(self, link: Link, epoch: str) -> str:
        content = [link.purpose, link.ticket, link.round, link.who]
        return str(self.signer.dumps([*content, epoch] if link.purpose in ACTING else content))

    def read(self, token: str) -> Link | None:
        """What a token says; None for one that we have not made, to the letter, in constant time."""
        if len(token) > TOKEN_CHARS_MAX:
            return None
        try:
            purpose, ticket, round, who, *epochs = self.signer.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        link, epoch = Link(purpose, "", ticket, round, who), epochs[0] if epochs else ""
        # base64 spells one signature in several ways; only ours is let in
        if not hmac.compare_digest(self.signed(link, epoch).encode(), token.encode()):
            return None
        return link if purpose not in ACTING or epoch == self.epoch else replace(link, purpose=FORMER)

    def number(self, link: Link) -> str:
        """The two digits (10 to 99) that are shown beside a link that acts, and asked for on its page."""
        content = f"number\n{link.purpose}\n{link.ticket}\n{link.round}\n{link.who}".encode()
        digest = hmac.digest(self.secret, content, "sha256")
        return str(FIRST_NUMBER + int.from_bytes(digest[:8], "big") % NUMBERS)

    def matches(self, link: Link, number: str) -> bool:
        """Is this the link's number? Spaces around it are forgiven."""
        return hmac.compare_digest(self.number(link).encode(), number.strip().encode())
