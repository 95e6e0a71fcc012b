"""tcp: a port that accepts, refuses, hangs up, or says something else than expected."""

import asyncio
import re
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from monitord.core.check import Outcome
from monitord.kinds import Finding
from monitord.net import Net
from monitord.net.limits import BANNER_BYTES_MAX
from monitord.probers.tcp import Options, check
from tests.fakes import zoo
from tests.fakes.zoo import Behaviour, Certificates, cage

EVERY_LOOP = True


async def found(behaviour: Behaviour, **options: Any) -> tuple[Outcome, str]:
    async with cage(behaviour) as it:
        return told(await check(Options(it.host, it.port, **options), Net()))


def told(finding: Finding) -> tuple[Outcome, str]:
    """Outcome and summary, without what differs from run to run."""
    return finding.outcome, re.sub(r"127\.0\.0\.1:\d+", "HOST", finding.summary)


async def test_a_port_that_accepts_is_ok() -> None:
    assert (Outcome.OK, "HOST accepts connections") == await found(zoo.hang)


async def test_a_port_that_refuses_is_critical() -> None:
    finding = await check(Options("127.0.0.1", zoo.dead_port()), Net())

    assert (Outcome.CRITICAL, "HOST refused the connection") == told(finding)


async def test_a_port_that_says_what_is_expected_is_ok() -> None:
    assert (Outcome.OK, "HOST accepts connections and says “ESMTP”") == await found(zoo.greet, expect="ESMTP")


async def test_a_port_that_hangs_up_without_a_word_is_critical() -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        return

    assert (Outcome.CRITICAL, "HOST said nothing, not “ESMTP”") == await found(hangs_up, expect="ESMTP")


async def test_a_port_that_says_something_else_for_ever_is_critical_at_the_limit() -> None:
    async def chatters(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await zoo.say(writer, b"blah" * BANNER_BYTES_MAX)

    outcome, summary = await found(chatters, expect="ESMTP")

    assert Outcome.CRITICAL is outcome
    assert summary.startswith("HOST said “blahblah")


async def test_tls_is_spoken_and_verified() -> None:
    certificates = Certificates()
    trusting, wary = Net(authorities=certificates.pem), Net()
    async with cage(zoo.greet, certificates.good()) as it:
        spoken = await check(Options(it.host, it.port, tls=True, expect="220 "), trusting)
        unknown = await check(Options(it.host, it.port, tls=True), wary)
        whatever = await check(Options(it.host, it.port, tls=True, verify=False), wary)

    assert (Outcome.OK, "HOST accepts connections and says “220 ”") == told(spoken)
    assert spoken.phases is not None
    assert spoken.phases.tls is not None
    assert Outcome.CRITICAL is unknown.outcome
    assert "has a certificate of an unknown authority" in unknown.summary
    assert Outcome.OK is whatever.outcome


@pytest.mark.parametrize(
    "options", [{"host": "db1"}, {"host": "", "port": 1}, {"host": "db1", "port": 65536}]
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Options).validate_python(options)
