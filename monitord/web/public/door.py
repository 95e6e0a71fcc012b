"""The public door: an ASGI application without a framework; reading it is a look into the shelf.

Theory of operation. GET and HEAD of everything but the links in mails are answered by the shelf's bytes,
without asking anything that could be slow. The few requests that change something, and the links that lead to
them, are handed to the desk: for a public side in a process of its own, a desk that passes them on.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from monitord.engine.clock import Clock
from monitord.web.answers import BROKEN, Answer, Receive, Scope, Send, not_allowed, says, send_answer
from monitord.web.requests import Request, request_of
from monitord.web.shelf import Shelf, hand_out

CONFIRM = "/subscribe/confirm/"
SUBSCRIBERS = "/api/v2/subscribers.json"
LEAVE = "/unsubscribe/"
READING = ("GET", "HEAD")
PREFLIGHT = Answer(
    204,
    b"",
    (
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", b"GET, HEAD"),
        (b"access-control-allow-headers", b"*"),
        (b"access-control-max-age", b"86400"),
    ),
)


class Desk(Protocol):
    """Whoever takes what is posted."""

    async def subscribe(self, request: Request, receive: Receive) -> Answer: ...
    async def subscribe_by_program(self, request: Request, receive: Receive) -> Answer: ...
    async def confirm(self, token: str, request: Request, receive: Receive) -> Answer: ...
    async def leave(self, token: str, request: Request, receive: Receive) -> Answer: ...


class PublicDoor:
    def __init__(self, shelf: Shelf, desk: Desk, clock: Clock, log: FilteringBoundLogger) -> None:
        self.shelf, self.desk, self.clock, self.log = shelf, desk, clock, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path.startswith((CONFIRM, LEAVE)) or scope["method"] not in READING:
            await send_answer(await self.answer(request_of(scope), receive), send)
        else:
            await hand_out(self.shelf, path, dict(scope["headers"]), self.clock.monotonic(), send)

    async def answer(self, request: Request, receive: Receive) -> Answer:
        """A bug in one answer is one sorry page; the token in a path is never logged."""
        try:
            return await self.desk_for(request)(request, receive)
        except Exception:  # whatever it was, the door stays open
            self.log.exception("request failed", door="public", method=request.method)
            return BROKEN

    def desk_for(self, request: Request) -> Callable[[Request, Receive], Awaitable[Answer]]:
        path, method = request.path, request.method
        if method == "OPTIONS" and path.startswith("/api/"):
            return says(PREFLIGHT)
        if path.startswith((CONFIRM, LEAVE)):
            if method != "POST" and not request.reads:
                return says(not_allowed(*READING, "POST"))
            return self.with_token(path)
        if path.rstrip("/") == "/subscribe":
            return self.desk.subscribe if method == "POST" else says(not_allowed(*READING, "POST"))
        if path == SUBSCRIBERS and method == "POST":
            return self.desk.subscribe_by_program
        return says(not_allowed(*READING))

    def with_token(self, path: str) -> Callable[[Request, Receive], Awaitable[Answer]]:
        prefix, act = (CONFIRM, self.desk.confirm) if path.startswith(CONFIRM) else (LEAVE, self.desk.leave)
        token = path.removeprefix(prefix)
        return lambda request, receive: act(token, request, receive)
