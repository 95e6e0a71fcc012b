"""Calendar feeds at the edge door: whoever holds the address reads; a dead address says that it is dead."""

from typing import Protocol

from monitord.store.faults import StoreError
from monitord.web.answers import NO_SCRIPTS, NOT_KEPT, Answer, Headers, secured
from monitord.web.feeds.feeds import Feeds, Subject, TooBusy
from monitord.web.limits import READS_PER_FEED, TOKEN_CHARS_MAX, Buckets
from monitord.web.requests import Request
from monitord.web.shelf import Rendered, chosen, unchanged

FEEDS, ENDING = "/calendar/", ".ics"
TEXT: Headers = ((b"content-type", b"text/plain; charset=utf-8"), *NOT_KEPT, *secured(NO_SCRIPTS))
UNKNOWN = Answer(404, b"There is no calendar at this address.\n", TEXT)
DEAD = Answer(
    410, b"This calendar address is no longer in use. The console of monitord shows the new one.\n", TEXT
)


class Ticking(Protocol):
    def monotonic(self) -> float: ...


class FeedDesk:
    """Answers what is asked below FEEDS."""

    def __init__(self, feeds: Feeds, clock: Ticking) -> None:
        self.feeds, self.clock = feeds, clock
        self.reads = Buckets(READS_PER_FEED)

    async def answer(self, request: Request) -> Answer:
        token = request.path.removeprefix(FEEDS)
        if not token.endswith(ENDING) or len(token) > TOKEN_CHARS_MAX:
            return UNKNOWN
        try:
            subject = await self.feeds.opened(token.removesuffix(ENDING))
            return DEAD if subject is None else await self.read(subject, request)
        except KeyError:
            return UNKNOWN
        except (StoreError, TooBusy):
            return later(503, "monitord has more important things to do just now.", 60)

    async def read(self, subject: Subject, request: Request) -> Answer:
        monotonic = self.clock.monotonic()
        wait = self.reads.wait(subject, monotonic)
        if wait:
            return later(429, "This calendar is asked for too often.", int(wait) + 1)
        self.reads.take(subject, monotonic)
        return handed(await self.feeds.content(subject), request)


def handed(found: Rendered, request: Request) -> Answer:
    """The bytes, unless the reader has them already."""
    face = chosen(found, request.headers.get(b"accept-encoding", b""))
    if unchanged(found, face, request.headers):
        return Answer(304, b"", face.unchanged)
    return Answer(200, face.body, tuple(each for each in face.headers if each[0] != b"content-length"))


def later(status: int, words: str, seconds: int) -> Answer:
    again = f" Please come again in {seconds} s.\n"
    return Answer(status, (words + again).encode(), (*TEXT, (b"retry-after", str(seconds).encode())))
