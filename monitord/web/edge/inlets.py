"""What others post to the edge door: integrations and heartbeats. The body is read within its limits here.

A report that we cannot read is refused, so that its sender notices. A ping counts by its address alone: what
it brings along is for people, is kept as well as it can be, and is never a reason to refuse it.
"""

from typing import Protocol

from monitord.engine.addresses import INTEGRATIONS, Place, is_ping
from monitord.engine.keyring import Keyring
from monitord.kinds import Reply, error_object
from monitord.kinds import Request as Told
from monitord.net.documents import Unreadable, read_fields
from monitord.net.faults import GarbledError
from monitord.net.unpack import unpacker
from monitord.web.answers import Answer, Receive
from monitord.web.limits import INBOUND_BYTES_MAX
from monitord.web.requests import BodyRefused, Request, read_beginning, read_body

CLOSE = ("connection", "close")
ALWAYS = (("cache-control", "no-store"), ("x-content-type-options", "nosniff"))
NO_PING = Reply(404, b"not found", headers=(("content-type", "text/plain; charset=utf-8"),))
ELSEWHERE = (
    "there is no such integration, or no such path behind it; "
    "`monitord integration list --secrets` shows the addresses"
)
NOBODY = error_object(404, ELSEWHERE)


class Taking(Protocol):
    """The intake, as far as the door sees it."""

    keyring: Keyring

    def find(self, path: str) -> Place | None: ...
    async def take(self, place: Place, request: Told, client: str = "") -> Reply: ...


class Inlets:
    """Hands what is addressed to an integration or a heartbeat to the intake."""

    def __init__(self, intake: Taking) -> None:
        self.intake = intake

    def find(self, request: Request) -> Place | None:
        return self.intake.find(request.path)

    def is_meant(self, request: Request) -> bool:
        """Did somebody mean an integration or a heartbeat that is not there?"""
        return is_ping(request.path, self.intake.keyring) or request.path.startswith(f"/{INTEGRATIONS}/")

    def missing(self, request: Request) -> Answer:
        return answered(NO_PING if is_ping(request.path, self.intake.keyring) else NOBODY)

    async def answer(self, place: Place, request: Request, receive: Receive) -> Answer:
        """What the intake says to it, or why it was not read."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.items()}
        coding = headers.get("content-encoding", "identity").strip().lower()
        route = place.route(request.method)
        keeps = route.keeps if route else 0
        if not keeps and coding not in ("", "identity"):
            return refused(415, f"the body is packed ({coding[:20]}); send it as it is")
        if not keeps and too_long(headers):
            return refused(413, f"a body has at most {INBOUND_BYTES_MAX} bytes here")
        try:
            body, left = (b"", False) if request.reads else await taken_in(receive, keeps)
            query = read_fields(request.query.decode("latin-1"))
        except BodyRefused as error:
            return refused(error.status, BODY.get(error.status, str(error)))
        except Unreadable as error:
            return refused(error.status, str(error))
        body = unpacked(body, coding, keeps) if keeps else body
        told = Told(request.method, place.path, query, headers, body)
        return answered(await self.intake.take(place, told, request.client), left)


BODY = {
    400: "the body was cut off",
    408: "the rest of the body did not come in time",
    413: f"a body has at most {INBOUND_BYTES_MAX} bytes here",
}


async def taken_in(receive: Receive, keeps: int) -> tuple[bytes, bool]:
    """The body, or as much of it as counts, and whether something is left to be read. Raises BodyRefused."""
    if not keeps:
        return await read_body(receive, INBOUND_BYTES_MAX), False
    beginning = await read_beginning(receive, keeps)
    return bytes(beginning.kept), not beginning.whole


def unpacked(body: bytes, coding: str, most: int) -> bytes:
    """At most so many bytes of it, as they were before they were packed; as they came if they are not."""
    try:
        return unpacker(coding).feed(body, most) if body else body
    except GarbledError:
        return body


def too_long(headers: dict[str, str]) -> bool:
    said = headers.get("content-length", "0")
    return not said.isdecimal() or int(said) > INBOUND_BYTES_MAX


def refused(status: int, why: str) -> Answer:
    """Whatever else comes on this connection is not read."""
    reply = error_object(status, why)
    return answered(Reply(status, reply.body, headers=(*reply.headers, CLOSE)))


def answered(reply: Reply, left: bool = False) -> Answer:
    """`left`: something of the request is left on the connection."""
    said = (*reply.headers, *ALWAYS, *((CLOSE,) if left else ()))
    headers = tuple((name.encode(), value.encode()) for name, value in said)
    return Answer(reply.status, reply.body, headers)
