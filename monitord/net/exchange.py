"""Our own HTTP client for checks: one request, one answer, one new connection, and the time of each phase.

Theory of operation. A check wants to know how the target treats a newcomer, so there is no pool; it wants
to know where the time goes, so we resolve, connect, speak TLS, send and read in steps of our own; and it
trusts nobody, so all that arrives is counted while it arrives and reading stops at a limit. The parser is
httptools. Nothing here watches the clock: whoever asks puts a deadline around it, and cancelling leaves no
socket open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitord.core.check import Phases
from monitord.net.connector import Connection, Net
from monitord.net.conversation import Conversation
from monitord.net.egress import Reach
from monitord.net.faults import Fault, GarbledError, fault
from monitord.net.request import Request
from monitord.net.tls import about_time


@dataclass(frozen=True, slots=True)
class Rules:
    """How many redirects are followed, whether certificates are verified, what of a body is read and kept."""

    redirects: int
    verify: bool
    bytes_max: int
    keep_body: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What the target at the address `peer` answered; header names are in lower case.

    `size` bytes of the unpacked body were read, `cut` if it went on; `body` is empty if it was not wanted.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    size: int
    cut: bool
    peer: str
    phases: Phases


async def ask(net: Net, request: Request, rules: Rules, reach: Reach = Reach.ANYWHERE) -> Answer | Fault:
    """One exchange, however many redirects the rules allow; whatever goes wrong on the way is a Fault."""
    here = request.target
    peer = ""
    try:
        connection = await net.open(lambda: conversation(net, request, rules), here.host, here.port, reach)
        peer = connection.peer
        if here.scheme == "https":
            connection = await net.secure(connection, net.context(verify=rules.verify), here.host)
        return await converse(connection, request)
    except (OSError, GarbledError) as error:
        words = await net.validity(here.host, here.port, peer) if about_time(error) else None
        return Fault(words) if words else fault(error, here.host)


def conversation(net: Net, request: Request, rules: Rules) -> Conversation:
    return Conversation(
        net.stopwatch,
        bodiless=request.method == "HEAD",
        keep_body=rules.keep_body,
        bytes_max=rules.bytes_max,
    )


async def converse(connection: Connection[Conversation], request: Request) -> Answer:
    """Send the request, wait for the whole answer, and close the connection whatever happens."""
    said = connection.protocol
    try:
        said.ask(connection.transport, request.encoded)
        await said.over
    finally:
        connection.transport.abort()
    if said.failure is not None:
        raise said.failure
    until_here = connection.phases
    phases = Phases(
        until_here.resolve,
        until_here.connect,
        until_here.tls,
        first_byte=timedelta(seconds=said.first_byte_at - said.asked_at),
        transfer=timedelta(seconds=said.ended_at - said.first_byte_at),
    )
    return Answer(said.status, said.headers, bytes(said.body), said.size, said.cut, connection.peer, phases)
