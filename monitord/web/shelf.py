"""The shelf: rendered bytes by path, and nothing else; what is too old is handed out with a warning on it.

Theory of operation. A reader costs a look into a dictionary: body, compressed body and all headers are made
when a page is put on the shelf. A page that claims something about now has a second, *stale* face, which says
that it could not be updated. Which one is handed out is decided when somebody asks, by how long ago the
engine last looked: neither an engine that stands still nor a renderer that died can leave a page that looks
fresh. Nothing here knows the world, so a process of its own can hold a shelf and be given new bytes.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from math import inf

from monitord.core.check import Instant
from monitord.web.answers import HTML, NOT_YET, OWN_SCRIPTS, Headers, Send, secured, send_answer
from monitord.web.assets import FOR_EVER, assets
from monitord.web.text import clean

STALE_AFTER = 60.0  # seconds on the running clock
WORTH_PACKING = 512  # bytes
PACKING = 3  # of 9: half of what the usual 6 takes, for a tenth more; a page about now is soon replaced
READERS_MAY_KEEP = b"public, max-age=10"
OPEN_TO_ALL: Headers = ((b"access-control-allow-origin", b"*"),)
PAGE_HEADERS = secured(OWN_SCRIPTS)
NOWHERE: dict[str, "Sheet"] = {}


@dataclass(frozen=True, slots=True)
class Face:
    """One encoding of one content, with the headers of its 200 and of its 304."""

    body: bytes
    etag: bytes
    headers: Headers
    unchanged: Headers


@dataclass(frozen=True, slots=True)
class Rendered:
    """A content in both encodings; `made` is when it last changed."""

    made: Instant
    plain: Face
    packed: Face | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What lies at one path: the fresh content, and what it says when it is too old (None: always true).

    `made_of` is all that it was rendered from, where that is known: the same is not rendered again.
    """

    fresh: Rendered
    stale: Rendered | None = None
    status: int = 200
    made_of: object = None


@dataclass(slots=True)
class Shelf:
    """Replaced as a whole, so that nobody reads half of a change."""

    sheets: Mapping[str, Sheet] = field(default_factory=lambda: NOWHERE)
    missing: Sheet | None = None
    seen: float = -inf

    def put(self, sheets: Mapping[str, Sheet], missing: Sheet, seen: float) -> None:
        """`seen` is when the engine last looked, on the running clock."""
        self.sheets, self.missing, self.seen = sheets, missing, seen

    def find(self, path: str, monotonic: float) -> tuple[int, Rendered] | None:
        """What lies there, or the page that says that nothing does; None before anything was rendered."""
        sheet = self.sheets.get(path) or self.sheets.get(path.rstrip("/")) or self.missing
        if sheet is None:
            return None
        if sheet.stale is not None and monotonic - self.seen > STALE_AFTER:
            return sheet.status, sheet.stale
        return sheet.status, sheet.fresh


def rendered(text: str | bytes, kind: bytes, made: Instant, more: Headers) -> Rendered:
    """Both faces of a content; text is cleaned of what can turn it around."""
    body = text if isinstance(text, bytes) else clean(text).encode()
    digest = hashlib.sha256(body).hexdigest()[:20]
    plain = face(body, f'"{digest}"', made, ((b"content-type", kind), *more))
    if len(body) < WORTH_PACKING:
        return Rendered(made, plain, None)
    packing = ((b"content-type", kind), (b"content-encoding", b"gzip"), *more)
    return Rendered(made, plain, face(packed(body), f'"{digest}-gzip"', made, packing))


@lru_cache(maxsize=64)
def packed(body: bytes) -> bytes:
    """Kept, because each door lays out the same style sheets and scripts."""
    return gzip.compress(body, PACKING, mtime=0)


def face(body: bytes, etag: str, made: Instant, headers: Headers) -> Face:
    about: Headers = (
        (b"etag", etag.encode()),
        (b"last-modified", http_date(made)),
        (b"vary", b"accept-encoding"),
        *headers,
    )
    length = (b"content-length", str(len(body)).encode())
    unchanged = tuple(each for each in about if each[0] not in (b"content-type", b"content-encoding"))
    return Face(body, etag.encode(), (*about, length), unchanged)


@lru_cache(maxsize=64)
def http_date(at: Instant) -> bytes:
    """Kept, because everything that changed with one change says it."""
    return format_datetime(at.astimezone(UTC), usegmt=True).encode()


def page(html: str, made: Instant) -> Rendered:
    return rendered(html, HTML, made, ((b"cache-control", READERS_MAY_KEEP), *PAGE_HEADERS))


def document(text: str, kind: bytes, made: Instant) -> Rendered:
    """For programs, from anywhere."""
    return rendered(text, kind, made, ((b"cache-control", READERS_MAY_KEEP), *OPEN_TO_ALL, *PAGE_HEADERS))


def asset_sheets(made: Instant) -> dict[str, Sheet]:
    """Style sheets and scripts, under names that change with their content."""
    more: Headers = ((b"cache-control", FOR_EVER), *PAGE_HEADERS)
    return {each.path: Sheet(rendered(each.content, each.kind, made, more)) for each in assets().values()}


def chosen(found: Rendered, accepts: bytes) -> Face:
    """The encoding this reader takes."""
    return found.packed if found.packed is not None and takes_gzip(accepts) else found.plain


@lru_cache(maxsize=256)
def takes_gzip(accepts: bytes) -> bool:
    """Does an Accept-Encoding header (RFC 9110, 12.5.3) allow gzip?"""
    weights = {}
    for part in accepts.decode("latin-1").lower().split(","):
        coding, _, weight = part.partition(";")
        weights[coding.strip()] = weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return weights.get("gzip", weights.get("*", False))


def unchanged(found: Rendered, chosen: Face, headers: Mapping[bytes, bytes]) -> Face | None:
    """The face a reader has already (RFC 9110, 13.2.2: the tag decides, else the date)."""
    tags = headers.get(b"if-none-match")
    if tags is not None:
        known = {each.strip().removeprefix(b"W/") for each in tags.split(b",")}
        return chosen if chosen.etag in known or b"*" in known else None
    since = headers.get(b"if-modified-since")
    return chosen if since is not None and not_after(found.made, since) else None


def not_after(made: Instant, since: bytes) -> bool:
    try:
        return made.replace(microsecond=0) <= parsedate_to_datetime(since.decode("latin-1"))
    except (ValueError, TypeError):
        return False


async def hand_out(
    shelf: Shelf, path: str, headers: Mapping[bytes, bytes], monotonic: float, send: Send
) -> None:
    """What lies there, in the encoding that the reader takes, unless they have it already."""
    found = shelf.find(path, monotonic)
    if found is None:
        await send_answer(NOT_YET, send)
        return
    status, rendered = found
    face = chosen(rendered, headers.get(b"accept-encoding", b""))
    if status == 200 and unchanged(rendered, face, headers):
        await send({"type": "http.response.start", "status": 304, "headers": face.unchanged})
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.start", "status": status, "headers": face.headers})
        await send({"type": "http.response.body", "body": face.body})
