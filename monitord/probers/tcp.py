"""tcp: the port accepts a connection, and says what is expected of it.

    name: shop-database
    kind: tcp
    host: db1.example.org
    port: 5432
    service: shop

With `tls: true` it must speak TLS too, with a certificate that is valid for `host` (`verify: false` accepts
any). With `expect` it must say this text first, in its first 4 KiB; nothing is sent to it.
"""

import asyncio
from dataclasses import dataclass

from monitord.core.check import Outcome
from monitord.kinds import Finding, Prober
from monitord.net import Net, Stream
from monitord.net.faults import fault
from monitord.net.limits import BANNER_BYTES_MAX
from monitord.net.written import HostName, Port, Text


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand beside `kind: tcp`."""

    host: HostName
    port: Port
    expect: Text = ""
    tls: bool = False
    verify: bool = True


async def check(options: Options, net: Net) -> Finding:
    """Connect, and listen if there is something to wait for."""
    where = f"{options.host}:{options.port}"
    try:
        context = net.mail_context(verify=options.verify) if options.tls else None
        stream = await net.stream(options.host, options.port, tls=context)
        try:
            heard = await banner(stream.reader, options.expect.encode())
        finally:
            stream.abort()
    except OSError as error:
        found = fault(error, options.host)
        outcome = Outcome.UNKNOWN if found.ours else Outcome.CRITICAL
        return Finding(outcome, f"{where} {'was not checked: ' if found.ours else ''}{found.words}")
    return judged(options, where, heard, stream)


async def banner(reader: asyncio.StreamReader, expected: bytes) -> bytes:
    """What is said until the expected text was there, the limit is reached, or the other side hangs up."""
    heard = b""
    while expected not in heard and len(heard) < BANNER_BYTES_MAX:
        said = await reader.read(BANNER_BYTES_MAX - len(heard))
        if not said:
            break
        heard += said
    return heard


def judged(options: Options, where: str, heard: bytes, stream: Stream) -> Finding:
    if options.expect.encode() in heard:
        says = f" and says “{options.expect}”" if options.expect else ""
        return Finding(Outcome.OK, f"{where} accepts connections{says}", stream.phases)
    said = f"said “{heard[:60].decode(errors='replace')}”" if heard else "said nothing"
    return Finding(Outcome.CRITICAL, f"{where} {said}, not “{options.expect}”", stream.phases)


KIND = Prober(Options, check)
