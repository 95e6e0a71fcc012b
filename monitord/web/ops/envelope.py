"""What lies around the API at both its doors: our headers on every answer, and what is said of a bug."""

from collections.abc import Awaitable, Callable

from structlog.typing import FilteringBoundLogger

from monitord.web.answers import NO_SCRIPTS, Headers, Message, Receive, Scope, Send, secured

API_HEADERS: Headers = ((b"cache-control", b"no-store"), *secured(NO_SCRIPTS))

App = Callable[[Scope, Receive, Send], Awaitable[None]]


def as_get(scope: Scope) -> Scope:
    """HEAD is answered like GET; the connection leaves the body away."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope


def guarded(app: App, log: FilteringBoundLogger) -> App:
    """The API with our headers on every answer, and a bug's answer in the form of all others."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *API_HEADERS]}
            await send(message)

        try:
            await app(scope, receive, with_headers)
        except Exception:  # what it answered has been sent; here it is only said
            log.exception("request failed", door="api", path=scope["path"])

    return guard
