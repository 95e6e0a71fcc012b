"""Our own HTTP client for checks: one request, one answer, one new connection, and the time of each phase.

Theory of operation. A check wants to know how the target treats a newcomer, so there is no pool; it wants
to know where the time goes, so we resolve, connect, speak TLS, send and read in steps of our own; and it
trusts nobody, so all that arrives is counted while it arrives and reading stops at a limit. The parser is
httptools. Nothing here watches the clock: whoever asks puts a deadline around it, and cancelling leaves no
socket open.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from monitord.core.check import Phases
from monitord.net.connector import Connection, Net
from monitord.net.conversation import Conversation
from monitord.net.egress import Reach
from monitord.net.faults import Fault, GarbledError, fault
from monitord.net.target import Target
from monitord.net.tls import about_time


@dataclass(frozen=True, slots=True)
class Question:
    """One request (its bytes), how much of the answer's body is read, and whether it is wanted afterwards.

    TLS is spoken if there is a `context`.
    """

    target: Target
    request: bytes
    bodiless: bool
    keep_body: bool
    bytes_max: int
    context: ssl.SSLContext | None
    reach: Reach = Reach.ANYWHERE


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


async def ask(net: Net, question: Question) -> Answer | Fault:
    """Ask; whatever goes wrong on the way is a Fault."""
    here = question.target
    peer = ""
    try:
        connection = await net.open(lambda: conversation(net, question), here.host, here.port, question.reach)
        peer = connection.peer
        if question.context is not None:
            connection = await net.secure(connection, question.context, here.host)
        return await converse(connection, question)
    except (OSError, GarbledError) as error:
        words = await net.validity(here.host, here.port, peer) if about_time(error) else None
        return Fault(words) if words else fault(error, here.host)


def conversation(net: Net, question: Question) -> Conversation:
    return Conversation(
        net.stopwatch,
        bodiless=question.bodiless,
        keep_body=question.keep_body,
        bytes_max=question.bytes_max,
    )


async def converse(connection: Connection[Conversation], question: Question) -> Answer:
    """Send the request, wait for the whole answer, and close the connection whatever happens."""
    said = connection.protocol
    try:
        said.ask(connection.transport, question.request)
        await said.over
    finally:
        connection.transport.abort()
    if said.failure is not None:
        raise said.failure
    phases = replace(
        connection.phases,
        first_byte=timedelta(seconds=said.first_byte_at - said.asked_at),
        transfer=timedelta(seconds=said.ended_at - said.first_byte_at),
    )
    return Answer(said.status, said.headers, bytes(said.body), said.size, said.cut, connection.peer, phases)
