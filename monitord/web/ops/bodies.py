"""A limit and a deadline for the body of an API call, before anything reads it."""

import asyncio
import json

from monitord.web.answers import Answer, Message, Receive, Scope, Send, send_answer
from monitord.web.ops.envelope import API_HEADERS, App
from monitord.web.ops.limits import BODY_BYTES_MAX, BODY_WITHIN


class BodyRefused(Exception):
    """`status` says to programs why."""

    def __init__(self, status: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.status, self.what, self.remedy = status, what, remedy


TOO_LONG = BodyRefused(413, f"a body has at most {BODY_BYTES_MAX} bytes here", "say it shorter")
TOO_SLOW = BodyRefused(408, f"the body did not come within {BODY_WITHIN:g} s", "send it at once")
CUT_OFF = BodyRefused(400, "the body was cut off", "send it again")


def bounded(app: App) -> App:
    """The application, given whole bodies only."""

    async def bound(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = await collected(receive)
        except TimeoutError:
            await send_answer(refusal(TOO_SLOW), send)
        except BodyRefused as refused:
            await send_answer(refusal(refused), send)
        else:
            await app(scope, replayed(body, receive), send)

    return bound


async def collected(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CUT_OFF
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            raise TOO_LONG
        if not message.get("more_body", False):
            return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """The body in one piece; after it whatever else there is to hear, such as a hang-up."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def refusal(refused: BodyRefused) -> Answer:
    said = {"error": {"what": refused.what, "where": "body", "remedy": refused.remedy}}
    headers = ((b"content-type", b"application/json"), (b"connection", b"close"), *API_HEADERS)
    return Answer(refused.status, json.dumps(said).encode() + b"\n", headers)
