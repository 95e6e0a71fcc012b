"""A request as our doors read it: method, path, headers, and a form that has a limit and a deadline."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from monitord.web.answers import Receive, Scope
from monitord.web.limits import FORM_BYTES_MAX, FORM_FIELDS_MAX, FORM_WITHIN, SKIPPED_BYTES_MAX

FORM = b"application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: Mapping[bytes, bytes]
    client: str
    scheme: str
    query: bytes = b""

    @property
    def reads(self) -> bool:
        """Whoever only reads changes nothing."""
        return self.method in ("GET", "HEAD")


class BodyRefused(Exception):
    """The body is not one that we read; `status` says why, to programs, and the text to people."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def request_of(scope: Scope) -> Request:
    client: Any = scope.get("client")
    return Request(
        method=scope["method"],
        path=scope["path"],
        headers=dict(scope["headers"]),
        client=client[0] if client else "",
        scheme=scope.get("scheme", "http"),
        query=scope.get("query_string", b""),
    )


async def read_form(request: Request, receive: Receive, most: int = FORM_BYTES_MAX) -> dict[str, str]:
    """The fields of a form; of a repeated one, the last. Raises BodyRefused."""
    kind = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind != FORM:
        raise BodyRefused(415, f"This address takes forms ({FORM.decode()}).")
    body = await read_body(receive, most)
    try:
        return dict(
            parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FORM_FIELDS_MAX)
        )
    except ValueError:
        raise BodyRefused(400, f"A form has at most {FORM_FIELDS_MAX} fields here.") from None


async def read_body(receive: Receive, most: int = FORM_BYTES_MAX) -> bytes:
    """All of the body. Raises BodyRefused when it is too long, too slow or cut off."""
    try:
        async with asyncio.timeout(FORM_WITHIN):
            return await collected(receive, most)
    except TimeoutError:
        raise BodyRefused(408, f"The rest of the form did not come within {FORM_WITHIN:.0f} s.") from None


@dataclass(slots=True)
class Beginning:
    """The first `most` bytes of a body as they come; `whole` when nothing is left to be read."""

    most: int
    kept: bytearray
    whole: bool = False

    async def read(self, receive: Receive) -> None:
        """What is too much is read too, so that its sender hears the answer, but not without end."""
        seen = 0
        while not self.whole and seen <= SKIPPED_BYTES_MAX:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            part = message.get("body", b"")
            seen += len(part)
            self.kept += part[: self.most - len(self.kept)]
            self.whole = not message.get("more_body", False)


async def read_beginning(receive: Receive, most: int) -> Beginning:
    """The beginning of the body, whatever becomes of the rest. Raises BodyRefused when not even that came."""
    found, status = Beginning(most, bytearray()), 400
    try:
        async with asyncio.timeout(FORM_WITHIN):
            await found.read(receive)
    except TimeoutError:
        status = 408
    if not found.whole and len(found.kept) < most:
        raise BodyRefused(status, "The body did not come whole.")
    return found


async def collected(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyRefused(400, "The form was cut off.")
        body += message.get("body", b"")
        if len(body) > most:
            raise BodyRefused(413, f"A form has at most {most} bytes here.")
        if not message.get("more_body", False):
            return bytes(body)


def comes_from_elsewhere(request: Request, url: str) -> bool:
    """Did another site's page send this form? Browsers say so; whoever says nothing is no browser."""
    said = request.headers.get(b"sec-fetch-site", b"")
    if said:
        return said not in (b"same-origin", b"none")
    origin = request.headers.get(b"origin", b"").decode("latin-1")
    if origin in ("", "null"):  # our own pages send `null`, because they tell nobody where they are
        return False
    host = request.headers.get(b"host", b"").decode("latin-1")
    return origin not in (url.rstrip("/"), f"{request.scheme}://{host}")
