"""One connection to a door: uvicorn's, with a deadline for everything that a client could draw out.

Theory of operation. uvicorn has no limit for the time or size of a request's headers, and counts silent
connections against its limit of requests, so that two thousand slow clients would turn everybody away. Here a
request must have come whole REQUEST_WITHIN seconds after its first byte (or after the connection), its head
has a size, an answer must be taken ANSWER_WITHIN, and when a door holds as many connections as it may, the
one that has kept us waiting for longest gives way to the new one.

When the door closes, a request may be on its way to us over a connection that looks idle; to close that one
would lose it. So everybody may say one more thing for LAST_REQUEST_WITHIN, and the answer says that it was
the last (Connection: close).
"""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from monitord.web.limits import ANSWER_WITHIN, HEADER_BYTES_MAX, LAST_REQUEST_WITHIN, REQUEST_WITHIN


class Guests:
    """Who is in: all connections of one door, and those that we wait for, longest first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.present: set[Connection] = set()
        self.waited_for: dict[Connection, None] = {}

    def arrive(self, guest: "Connection") -> None:
        """Let somebody in; without room, whoever keeps us waiting for longest leaves, else the new one."""
        if len(self.present) >= self.most:
            leaving = next(iter(self.waited_for), guest)
            self.waited_for.pop(leaving, None)
            leaving.transport.abort()
        self.present.add(guest)

    def leave(self, guest: "Connection") -> None:
        self.present.discard(guest)
        self.waited_for.pop(guest, None)


class Connection(HttpToolsProtocol):
    """`guests` is the door's."""

    def __init__(self, *args: Any, guests: Guests, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guests = guests
        self.deadline: asyncio.TimerHandle | None = None
        self.head = 0  # bytes of a head that is not whole yet
        self.closing = False  # the door is; the next answer is the last

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.guests.arrive(self)
        self.expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self.received()
        self.guests.leave(self)
        super().connection_lost(exc)

    def expect(self) -> None:
        """From now on we wait for a request."""
        if self.deadline is None:
            self.guests.waited_for[self] = None
            self.deadline = self.loop.call_later(REQUEST_WITHIN, self.transport.abort)

    def received(self) -> None:
        """The request is whole, or nobody is there any more."""
        self.guests.waited_for.pop(self, None)
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    @property
    def between_requests(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def data_received(self, data: bytes) -> None:
        if self.between_requests:
            self.expect()
            self.head += len(data)
        super().data_received(data)
        if self.head > HEADER_BYTES_MAX and not self.transport.is_closing():
            self.send_400_response(f"The head of a request has at most {HEADER_BYTES_MAX} bytes here.")
        if self.transport.is_closing():
            self.take_your_time()

    def on_headers_complete(self) -> None:
        self.head = 0
        super().on_headers_complete()
        if self.closing:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        self.received()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self.take_your_time()
        elif not self.pipeline:
            self.guests.waited_for[self] = None

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self.take_your_time()

    def shutdown(self) -> None:
        """The door closes."""
        self.closing = True
        if not self.between_requests:
            self.cycle.keep_alive = False
        self.loop.call_later(LAST_REQUEST_WITHIN, self.leave_if_idle)

    def leave_if_idle(self) -> None:
        if self.between_requests and not self.transport.is_closing():
            self.transport.close()

    def take_your_time(self) -> None:
        """The connection closes when the client has taken everything, but does not wait for ever."""
        self.received()
        self.deadline = self.loop.call_later(ANSWER_WITHIN, self.transport.abort)


def connections(guests: Guests) -> Callable[..., Connection]:
    """What uvicorn calls for each connection of a door."""

    def made(*args: Any, **kwargs: Any) -> Connection:
        return Connection(*args, guests=guests, **kwargs)

    return made
