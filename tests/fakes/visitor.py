"""A visitor: asks a door as a browser would, without a network between them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

Body = bytes | Iterator[dict[str, Any]]


@dataclass
class Reply:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Visitor:
    """At one door, from one address."""

    door: Any
    client: str = "198.51.100.7"

    async def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        return await self.ask(method, path, b"", headers)

    async def post(self, path: str, form: dict[str, str] | bytes = b"", **headers: str) -> Reply:
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        kind = {"content_type": "application/x-www-form-urlencoded"}
        return await self.ask("POST", path, body, {**kind, **headers})

    async def ask(self, method: str, path: str, body: Body, headers: dict[str, str]) -> Reply:
        """`body` is all of it, or what the door receives, one after the other."""
        scope = {
            "type": "http",
            "method": method,
            "path": path.partition("?")[0],
            "query_string": path.partition("?")[2].encode(),
            "scheme": "http",
            "client": (self.client, 40000),
            "headers": [(name.replace("_", "-").encode(), told.encode()) for name, told in headers.items()],
        }
        reply = Reply()

        async def receive() -> dict[str, Any]:
            if isinstance(body, bytes):
                return {"type": "http.request", "body": body, "more_body": False}
            return next(body)

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                reply.status = message["status"]
                reply.headers = {name.decode(): told.decode() for name, told in message["headers"]}
            elif method != "HEAD":
                reply.body += message["body"]

        await self.door(scope, receive, send)
        return reply
