"""http: about real servers, good and bad, it says what engineers on call understand; nothing hurts it."""

import asyncio
import re
import resource
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from monitord.core.check import Outcome
from monitord.kinds import Finding
from monitord.net import Guard, Net
from monitord.net.egress import networks
from monitord.probers.http import Options, check, lasted
from tests.fakes import zoo
from tests.fakes.patience import WITHIN
from tests.fakes.zoo import Behaviour, Certificates, Target, answer, cage, redirects, says

EVERY_LOOP = True
NOW = datetime(2020, 2, 4, 12, tzinfo=UTC)


async def found(behaviour: Behaviour, net: Net | None = None, **options: Any) -> Finding:
    """What the prober finds about a behaviour."""
    async with cage(behaviour) as it, asyncio.timeout(WITHIN):
        return await check(Options(it.url, **options), net or Net())


def said(finding: Finding) -> str:
    """The summary without what differs from run to run."""
    return re.sub(r"\d+\.\d\d s|\d+ ms", "N s", re.sub(r"127\.0\.0\.\d:\d+", "HOST", finding.summary))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "1 ms"), (0.0034, "3 ms"), (0.95, "950 ms"), (1.0, "1.00 s"), (12.345, "12.35 s")],
)
def test_how_long_it_took_is_never_nothing(seconds: float, words: str) -> None:
    assert words == lasted(seconds)


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


# What is right.


async def test_an_answer_in_order_is_ok_with_the_time_of_each_phase() -> None:
    finding = await found(zoo.fine)

    assert (Outcome.OK, "HOST answered 200 OK in N s") == (finding.outcome, said(finding))
    assert finding.phases is not None
    assert finding.phases.tls is None
    assert all(
        timedelta(0) <= phase < timedelta(seconds=5)
        for phase in (
            finding.phases.resolve,
            finding.phases.connect,
            finding.phases.first_byte,
            finding.phases.transfer,
        )
        if phase is not None
    )


@pytest.mark.parametrize("name", zoo.ODD)
async def test_an_unusual_answer_is_understood(name: str) -> None:
    finding = await found(zoo.ODD[name], contains="fine", matches="^f.ne$")

    assert (Outcome.OK, "HOST answered 200 OK in N s") == (finding.outcome, said(finding))


async def test_tls_is_spoken_verified_and_timed(certificates: Certificates) -> None:
    async with cage(zoo.fine, certificates.good()) as it:
        finding = await check(Options(it.url), Net(authorities=certificates.pem))

    assert (Outcome.OK, "HOST answered 200 OK in N s") == (finding.outcome, said(finding))
    assert finding.phases is not None
    assert finding.phases.tls is not None


async def test_a_name_is_resolved_and_every_address_tried() -> None:
    async with cage(zoo.fine) as it:
        finding = await check(Options(f"http://localhost:{it.port}/"), Net())

    assert Outcome.OK is finding.outcome


async def test_head_needs_no_body() -> None:
    finding = await found(says(answer()[:-4]), method="HEAD")

    assert Outcome.OK is finding.outcome


async def test_the_request_says_what_the_options_say() -> None:
    async with Target() as target:
        options = Options(
            f"{target.url}a b?q=ü".replace(" ", "%20"),
            method="POST",
            headers={"X-Key": SecretStr("k"), "host": SecretStr("shop.example.org")},
            body=SecretStr("{}"),
            username="ann",
            password=SecretStr("p"),
        )
        await check(options, Net())

    head = target.requests[0].decode().split("\r\n")
    assert "POST /a%20b?q=%C3%BC HTTP/1.1" == head[0]
    wanted = {"X-Key: k", "host: shop.example.org", "Content-Length: 2", "Authorization: Basic YW5uOnA="}
    assert wanted <= set(head)
    assert 1 == sum(line.lower().startswith("host:") for line in head)


async def test_a_slow_answer_is_a_warning_when_that_was_asked_for() -> None:
    finding = await found(zoo.fine, warn_after=timedelta(microseconds=1))

    assert (Outcome.WARNING, "HOST answered 200 OK, but only after N s") == (finding.outcome, said(finding))


# What the target may get wrong.


@pytest.mark.parametrize(
    ("status", "summary"),
    [
        (503, "HOST answered 503 Service Unavailable after N s"),
        (404, "HOST answered 404 Not Found after N s"),
        (599, "HOST answered 599 after N s"),
        (302, "HOST answered 302 Found after N s, a redirect, and follow_redirects is 0"),
    ],
)
async def test_a_wrong_status_is_critical(status: int, summary: str) -> None:
    finding = await found(says(answer(b"", f"{status} Evil\u202e")))

    assert (Outcome.CRITICAL, summary) == (finding.outcome, said(finding))


async def test_another_status_may_be_what_is_wanted() -> None:
    options = TypeAdapter(Options).validate_python(
        {"url": "http://shop.example.org/", "status": [401, "500-504"]}
    )

    assert Outcome.OK is (await found(says(answer(b"", "401 No")), status=options.status)).outcome
    assert Outcome.OK is (await found(says(answer(b"", "503 No")), status=options.status)).outcome
    assert "HOST answered 200 OK after N s, but 401, 500-504 is expected" == said(
        await found(zoo.fine, status=options.status)
    )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"contains": "grand"}, "but its body does not contain “grand”"),
        ({"not_contains": "fin"}, "but its body contains “fin”"),
        ({"matches": "^(a+)+$"}, "but its body does not match “^(a+)+$”"),
    ],
)
async def test_a_wrong_text_is_critical(options: dict[str, str], complaint: str) -> None:
    finding = await found(zoo.fine, **options)

    assert (Outcome.CRITICAL, f"HOST answered 200 OK after N s, {complaint}") == (
        finding.outcome,
        said(finding),
    )


async def test_the_text_is_read_in_the_characters_it_is_written_in() -> None:
    latin = answer("grün".encode("latin-1"), content_type="text/html; charset=ISO-8859-1")

    assert Outcome.OK is (await found(says(latin), contains="grün")).outcome
    assert Outcome.OK is (await found(says(answer("grün".encode())), contains="grün")).outcome


@pytest.mark.parametrize("name", zoo.GARBLED)
async def test_a_malformed_answer_is_critical(name: str) -> None:
    finding = await found(zoo.GARBLED[name])

    assert Outcome.CRITICAL is finding.outcome
    assert re.match(r"HOST (sent|closed) ", said(finding))


async def test_a_reset_is_critical() -> None:
    finding = await found(zoo.reset)

    assert (Outcome.CRITICAL, "HOST reset the connection") == (finding.outcome, said(finding))


async def test_a_refused_connection_is_critical() -> None:
    finding = await check(Options(f"http://127.0.0.1:{zoo.dead_port()}/"), Net())

    assert (Outcome.CRITICAL, "HOST refused the connection") == (finding.outcome, said(finding))


async def test_a_name_that_does_not_exist_is_critical() -> None:
    finding = await check(Options("http://nobody.invalid/"), Net())

    assert Outcome.CRITICAL is finding.outcome
    assert re.match(r"nobody\.invalid (does not exist in DNS|could not be looked up)", finding.summary)


@pytest.mark.parametrize(
    ("wrong", "summary"),
    [
        ("expired", "HOST has a certificate that expired 3 days ago, on 2020-02-01 00:00 UTC"),
        (
            "not_yet_valid",
            "HOST has a certificate that is only valid from 2037-01-01 00:00 UTC, unless the clock",
        ),
        ("stranger", "HOST has a certificate of an unknown authority"),
        ("other_name", "HOST has a certificate that is not for the name 127.0.0.1"),
    ],
)
async def test_a_wrong_certificate_is_critical(certificates: Certificates, wrong: str, summary: str) -> None:
    net = Net(authorities=certificates.pem, now=lambda: NOW)
    async with cage(zoo.fine, getattr(certificates, wrong)()) as it:
        finding = await check(Options(it.url), net)
        trusted = await check(Options(it.url, verify=False), net)

    assert Outcome.CRITICAL is finding.outcome
    assert said(finding).startswith(summary)
    assert Outcome.OK is trusted.outcome


async def test_without_a_clock_an_expired_certificate_is_named_all_the_same(
    certificates: Certificates,
) -> None:
    async with cage(zoo.fine, certificates.expired()) as it:
        finding = await check(Options(it.url), Net(authorities=certificates.pem))

    assert "HOST has a certificate that has expired, or one in its chain has" == said(finding)


async def test_a_port_without_tls_is_named() -> None:
    async with cage(zoo.greet) as it, asyncio.timeout(WITHIN):
        finding = await check(Options(it.url.replace("http:", "https:")), Net())

    assert (Outcome.CRITICAL, "HOST does not speak TLS on this port") == (finding.outcome, said(finding))


# Redirects.


async def test_redirects_are_followed_only_when_told_to() -> None:
    async with Target() as target:
        assert Outcome.CRITICAL is (await found(redirects(target.url))).outcome
        assert [] == target.hits

        finding = await found(redirects(target.url), follow_redirects=1)

    assert (Outcome.OK, "HOST (redirected from HOST) answered 200 OK in N s") == (
        finding.outcome,
        said(finding),
    )
    assert 1 == len(target.hits)


async def test_a_redirect_loop_ends() -> None:
    finding = await found(redirects("/again"), follow_redirects=5)

    summary = "HOST answered 302 Found after N s, still a redirect after 5 of them"
    assert (Outcome.CRITICAL, summary) == (finding.outcome, said(finding))


async def test_another_site_gets_no_secrets() -> None:
    secrets = {"headers": {"X-Key": SecretStr("k3y")}, "username": "ann", "password": SecretStr("pa55")}
    async with Target() as target:
        await found(redirects(target.url), follow_redirects=1, **secrets)

    assert not re.search(b"(?i)k3y|authorization", target.requests[0])


async def test_another_site_gets_no_body() -> None:
    async with Target() as target:
        elsewhere = redirects(target.url, "307 Temporary Redirect")
        finding = await found(elsewhere, follow_redirects=1, method="POST", body=SecretStr("pa55"))

    assert (Outcome.CRITICAL, []) == (finding.outcome, target.hits)
    assert "HOST redirects a POST to HOST, which must not get what it holds" == said(finding)


def only_the_first_is_public(address: str) -> bool:
    return address == "127.0.0.1"


async def test_a_public_site_cannot_send_us_to_a_private_address() -> None:
    closed = Net(Guard(public=only_the_first_is_public))
    allowed = Net(Guard(networks(("127.0.0.2/32",)), public=only_the_first_is_public))
    async with cage(zoo.fine, host="127.0.0.2") as inside:
        refused = await found(redirects(inside.url), closed, follow_redirects=1)
        admitted = await found(redirects(inside.url), allowed, follow_redirects=1)
        by_a_file = await check(Options(inside.url), closed)

    words = "leads to the private address 127.0.0.2, which strangers may not send us to"
    assert (Outcome.CRITICAL, f"HOST (redirected from HOST) {words}") == (
        refused.outcome,
        re.sub("address HOST", "address 127.0.0.2", said(refused)),
    )
    assert Outcome.OK is admitted.outcome
    assert Outcome.OK is by_a_file.outcome


async def test_nobody_can_send_us_to_the_metadata_of_a_cloud() -> None:
    finding = await found(redirects("http://169.254.169.254/latest/meta-data/"), follow_redirects=1)

    assert Outcome.CRITICAL is finding.outcome
    assert "leads to the private address 169.254.169.254" in finding.summary


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://a b/", "http://:80/"]
)
async def test_a_redirect_to_what_is_no_web_address_is_critical(location: str) -> None:
    finding = await found(redirects(location), follow_redirects=1)

    assert Outcome.CRITICAL is finding.outcome
    assert said(finding).startswith("HOST redirects to an address that cannot be")


# Hostile targets.


@pytest.mark.parametrize("name", ["endless", "endless_unframed", "bomb"])
async def test_a_body_without_an_end_is_read_to_the_limit_and_no_further(name: str) -> None:
    finding = await found(getattr(zoo, name))

    assert Outcome.CRITICAL is finding.outcome
    assert "HOST answered 200 OK after N s, but its body did not end within 1 MiB" in said(finding)


async def test_what_is_enough_can_be_said() -> None:
    finding = await found(zoo.endless, max_bytes=2048, contains="xxx")

    assert (Outcome.OK, "HOST answered 200 OK in N s; 2 KiB of its body were read") == (
        finding.outcome,
        said(finding),
    )


async def test_a_long_body_that_was_announced_is_read_to_the_limit() -> None:
    finding = await found(says(answer(b"x" * (2 * zoo.MIB))))

    assert (Outcome.OK, "HOST answered 200 OK in N s; 1 MiB of its body were read") == (
        finding.outcome,
        said(finding),
    )


async def test_a_body_of_exactly_the_limit_has_an_end() -> None:
    finding = await found(says(zoo.CHUNKED + zoo.chunked(b"x" * zoo.MIB)))

    assert (Outcome.OK, "HOST answered 200 OK in N s") == (finding.outcome, said(finding))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("endless_headers", "sent more than 64 KiB of headers"),
        ("endless_header", "sent more than 64 KiB of headers"),
        ("interim_flood", "sent more than 10 interim answers (1xx) and no final one"),
    ],
)
async def test_a_head_without_an_end_is_critical(name: str, words: str) -> None:
    finding = await found(getattr(zoo, name))

    assert (Outcome.CRITICAL, f"HOST {words}") == (finding.outcome, said(finding))


@pytest.mark.parametrize("name", ["hang", "drip", "drip_head"])
async def test_who_keeps_us_waiting_is_left_to_the_deadline(name: str) -> None:
    async with cage(getattr(zoo, name)) as it:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await check(Options(it.url), Net())


async def test_an_answer_in_the_clear_does_not_pass_for_one_over_tls(certificates: Certificates) -> None:
    async def speaks_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer())
        await zoo.hang(reader, writer)

    async with cage(speaks_first) as it, asyncio.timeout(WITHIN):
        finding = await check(Options(it.url.replace("http:", "https:")), Net(authorities=certificates.pem))

    assert Outcome.CRITICAL is finding.outcome


# What is our own fault.


async def test_without_descriptors_nothing_is_said_about_the_target() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with cage(zoo.fine) as it:
        net = Net()
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            finding = await check(Options(it.url), net)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    summary = "HOST was not checked: this process has no file descriptor left"
    assert (Outcome.UNKNOWN, summary) == (finding.outcome, said(finding))


# What is refused at the door.


@pytest.mark.parametrize(
    "options",
    [
        {"url": "ftp://shop.example.org/"},
        {"url": "https://"},
        {"url": "https://ann:secret@shop.example.org/"},
        {"url": "https://shop.example.org:99999/"},
        {"url": "https://shop.example.org/ a"},
        {"url": "https://" + "a" * 64 + ".org/"},
        {"url": "https://shop.example.org/", "status": ["2xx"]},
        {"url": "https://shop.example.org/", "status": [99]},
        {"url": "https://shop.example.org/", "status": []},
        {"url": "https://shop.example.org/", "matches": "("},
        {"url": "https://shop.example.org/", "headers": {"a b": "c"}},
        {"url": "https://shop.example.org/", "headers": {"a": "b\r\nc: d"}},
        {"url": "https://shop.example.org/", "headers": {"Content-Length": "7"}},
        {"url": "https://shop.example.org/", "follow_redirects": 6},
        {"url": "https://shop.example.org/", "max_bytes": 0},
        {"url": "https://shop.example.org/", "method": "BREW"},
    ],
    ids=str,
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Options).validate_python(options)
