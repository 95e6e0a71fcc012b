"""One answer as it arrives: an asyncio protocol around httptools that counts everything (RFC 9112).

Reading stops where the answer ends, breaks a rule, or reaches a limit; what comes after that is not looked
at. Nothing is raised from here: `over` is done then, and `failure` says what was wrong.
"""

import asyncio
from collections.abc import Callable

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from monitord.net.faults import GarbledError
from monitord.net.limits import HEADERS_BYTES_MAX, INTERIM_ANSWERS_MAX, WIRE_BYTES_MAX
from monitord.net.unpack import Plain, Unpacker, unpacker

SWITCHING_PROTOCOLS = 101
TOO_LONG_A_HEAD = f"sent more than {HEADERS_BYTES_MAX // 1024} KiB of headers"
NO_FINAL_ANSWER = f"sent more than {INTERIM_ANSWERS_MAX} interim answers (1xx) and no final one"


class Conversation(asyncio.Protocol):
    """Reads one answer; `bodiless` if it has no body whatever its headers say, as to HEAD.

    The body is kept only if somebody looks at it (`keep_body`): two hundred endless ones cost no memory.

    The times are readings of the stopwatch. Header names are in lower case; of several of one name the last
    counts.
    """

    # It knows us as we know it, so it lives from the first byte to the end of the connection and no longer:
    # what is left of a check must not wait until Python looks for circles.
    _parser: HttpResponseParser

    def __init__(
        self, stopwatch: Callable[[], float], *, bodiless: bool, keep_body: bool, bytes_max: int
    ) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.failure: OSError | GarbledError | None = None
        self.status = 0
        self.headers: dict[str, str] = {}
        self.size = 0
        self.body = bytearray()
        self.cut = False
        self.asked_at = 0.0
        self.first_byte_at = 0.0
        self.ended_at = 0.0
        self._stopwatch = stopwatch
        self._bodiless = bodiless
        self._keep_body = keep_body
        self._bytes_max = bytes_max
        self._unpacker: Unpacker = Plain()
        self._received = 0
        self._head_bytes = 0
        self._interim = 0

    def ask(self, transport: asyncio.Transport, request: bytes) -> None:
        """Send the request; the answer is what comes from now on."""
        self.asked_at = self._stopwatch()
        transport.write(request)

    # What asyncio tells us.

    def data_received(self, data: bytes) -> None:
        if self.over.done():
            return
        if not self.asked_at:
            # Accepted, this would let anybody on the way answer in the clear before TLS begins.
            self._fail(GarbledError("spoke before it was asked"))
            return
        if not self._received:
            self.first_byte_at = self._stopwatch()
            self._parser = HttpResponseParser(self)
        self._received += len(data)
        self._parse(data)
        self._count()

    def connection_lost(self, error: Exception | None) -> None:
        """The end of a body without a length; before that, the end of everything."""
        if not self.over.done():
            self._broken_off(error)
        if self._received:
            del self._parser

    # What the parser tells us.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes <= HEADERS_BYTES_MAX:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 and status != SWITCHING_PROTOCOLS:
            self._interim += 1
            self.headers.clear()
            return
        self.status = status
        if self._head_bytes > HEADERS_BYTES_MAX:
            self._fail(GarbledError(TOO_LONG_A_HEAD))
        self._unpacker = unpacker(self.headers.get("content-encoding", ""))
        if self._bodiless or status == SWITCHING_PROTOCOLS:
            self._end()

    def on_body(self, chunk: bytes) -> None:
        if self.over.done():
            return
        room = self._bytes_max - self.size
        try:
            # One byte more than there is room for tells a body that fits exactly from one that does not.
            unpacked = self._unpacker.feed(chunk, room + 1)
        except GarbledError as error:
            self._fail(error)
            return
        if self._keep_body:
            self.body += unpacked[:room]
        self.size = min(self.size + len(unpacked), self._bytes_max)
        if len(unpacked) > room:
            self._cut()

    def on_message_complete(self) -> None:
        if not self.status or self.over.done():
            return
        try:
            self._unpacker.close()
        except GarbledError as error:
            self._fail(error)
            return
        self._end()

    # How it ends.

    @property
    def _framed(self) -> bool:
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    def _broken_off(self, error: Exception | None) -> None:
        if isinstance(error, OSError):
            self._fail(error)
        elif not self.status:
            self._fail(GarbledError("closed the connection without an answer"))
        elif self._framed:
            self._fail(GarbledError("closed the connection in the middle of its answer"))
        else:
            self.on_message_complete()

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self._end()
        except HttpParserError as error:
            self._fail(GarbledError(f"sent something that is not HTTP: {error}"))

    def _count(self) -> None:
        """Stop at a limit; what was not parsed yet may be a header that never ends."""
        head_bytes = self._head_bytes if self.status else max(self._head_bytes, self._received)
        if head_bytes > HEADERS_BYTES_MAX:
            self._fail(GarbledError(TOO_LONG_A_HEAD))
        elif self._interim > INTERIM_ANSWERS_MAX:
            self._fail(GarbledError(NO_FINAL_ANSWER))
        elif self._received > WIRE_BYTES_MAX:
            self._cut()

    def _end(self) -> None:
        if not self.over.done():
            self.ended_at = self._stopwatch()
            self.over.set_result(None)

    def _cut(self) -> None:
        """Enough was read."""
        if not self.over.done():
            self.cut = True
            self._end()

    def _fail(self, failure: OSError | GarbledError) -> None:
        if not self.over.done():
            self.failure = failure
            self._end()
