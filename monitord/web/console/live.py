"""Live updates: a stream of "something has changed" to every screen that is being looked at.

Theory of operation. A stream carries no content: a screen that hears that it changed fetches itself again,
with everything that a page is subject to (session, role, limits). So a stream cannot leak what a page would
not show, and a page is the same with and without scripts. However much happens, a screen is told once a
second at most, more rarely the more there are; and now and then anyway, because times go on. Streams end when
the door closes, and there are few enough of them that others find a place.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from monitord.core.almanac import Almanac, AlmanacStanding
from monitord.core.amendment import Amendment
from monitord.core.delivery import Delivery
from monitord.core.employment import Employment
from monitord.core.escalation import Escalation
from monitord.core.health import Health
from monitord.core.heartbeat import Pulse
from monitord.core.leave import Leave
from monitord.core.signal import Signal
from monitord.core.silence import Silence
from monitord.core.statuspage import Incident, Post
from monitord.core.swap import Swap
from monitord.core.ticket import Ticket
from monitord.core.verdict import Verdict
from monitord.web.answers import NO_SCRIPTS, Message, Receive, Send, secured
from monitord.web.console.limits import (
    BREATH,
    PAUSE,
    PAUSE_PER_STREAM,
    STREAMS_MAX,
    STREAMS_PER_SESSION,
    TICK,
)

CHANGED = b"event: changed\ndata: \n\n"
ALIVE = b": still here\n\n"
BEGINNING = b"retry: 3000\n\n"
ABOUT_CHARS_MAX = 300

TOPICS: dict[type[Any], Callable[[Any], tuple[str, ...]]] = {
    Ticket: lambda record: ("tickets", f"ticket/{record.number}"),
    Escalation: lambda record: ("tickets", f"ticket/{record.ticket}"),
    Delivery: lambda record: ("messages", f"ticket/{record.ticket}"),
    Signal: lambda record: ("tickets", "probes", f"probe/{record.probe}"),
    Verdict: lambda record: ("tickets", "probes"),
    Health: lambda record: ("probes", f"probe/{record.probe}"),
    Incident: lambda record: ("public",),
    Post: lambda record: ("public",),
    Pulse: lambda record: ("heartbeats",),
    Silence: lambda record: ("silences",),
    Amendment: lambda record: ("oncall",),
    Swap: lambda record: ("oncall",),
    Leave: lambda record: ("oncall",),
    Almanac: lambda record: ("oncall",),
    AlmanacStanding: lambda record: ("oncall",),
    Employment: lambda record: ("oncall",),
}
NOTHING: Callable[[Any], tuple[str, ...]] = lambda record: ()  # noqa: E731 - a value of the table


def topics(records: Iterable[Any]) -> frozenset[str]:
    """What a commit is about."""
    return frozenset(topic for record in records for topic in TOPICS.get(type(record), NOTHING)(record))


class Stream:
    """One screen that is being looked at; `topics` are those it shows."""

    def __init__(self, session: str, topics: frozenset[str]) -> None:
        self.session, self.topics = session, topics
        self.changed, self.ended = asyncio.Event(), asyncio.Event()

    def hear(self, topics: frozenset[str]) -> None:
        if not self.topics.isdisjoint(topics):
            self.changed.set()

    def end(self) -> None:
        self.ended.set()
        self.changed.set()


class Live:
    """Every stream; `hear` listens to the engine."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.closed = False

    def hear(self, records: Sequence[Any], events: Sequence[Any]) -> None:
        if self.streams:
            told = topics(records)
            for stream in self.streams:
                stream.hear(told)

    def close(self) -> None:
        """The door closes."""
        self.closed = True
        for stream in self.streams:
            stream.end()

    def end_of(self, sessions: Iterable[str]) -> None:
        """These have been signed out."""
        for stream in self.streams:
            if stream.session in sessions:
                stream.end()

    @property
    def full(self) -> bool:
        return self.closed or len(self.streams) >= STREAMS_MAX

    @property
    def pause(self) -> float:
        """Seconds between two updates of one screen."""
        return PAUSE + PAUSE_PER_STREAM * len(self.streams)

    async def serve(self, session: str, about: str, receive: Receive, send: Send) -> None:
        """Until the browser or the door has had enough; 204 tells a browser not to come again."""
        mine = sum(stream.session == session for stream in self.streams)
        if self.full or mine >= STREAMS_PER_SESSION:
            await send({"type": "http.response.start", "status": 204, "headers": HEADERS})
            await send({"type": "http.response.body", "body": b""})
            return
        stream = Stream(session, frozenset(about[:ABOUT_CHARS_MAX].split()))
        self.streams.append(stream)
        try:
            await self.tell(stream, receive, send)
        finally:
            self.streams.remove(stream)

    async def tell(self, stream: Stream, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": (KIND, *HEADERS)})
        await send(piece(BEGINNING))
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(until_hung_up(receive, stream))
            await self.updates(stream, send)
            listening.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def updates(self, stream: Stream, send: Send) -> None:
        """A word when something has changed, or nothing has for long; a sign of life otherwise."""
        quiet = 0.0
        while True:
            heard = await waited(stream.changed, BREATH)
            if stream.ended.is_set():
                return
            quiet = 0.0 if heard else quiet + BREATH
            if not heard and quiet < TICK:
                await send(piece(ALIVE))
                continue
            quiet = 0.0
            stream.changed.clear()
            await send(piece(CHANGED))
            await waited(stream.ended, self.pause)


KIND = (b"content-type", b"text/event-stream")
HEADERS = ((b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"), *secured(NO_SCRIPTS))


def piece(said: bytes) -> Message:
    return {"type": "http.response.body", "body": said, "more_body": True}


async def waited(event: asyncio.Event, seconds: float) -> bool:
    """Did it happen within that time?"""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def until_hung_up(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()
