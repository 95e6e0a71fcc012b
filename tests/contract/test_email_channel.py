"""email: a mail is handed in, or a sentence says why not, if to try again, and if it may have left."""

import asyncio
import re
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from monitord.channels.email import Options, mail, send
from monitord.kinds import Letter, Refused, Sent
from monitord.net import Net
from monitord.net.mailbox import mail_address, sender
from monitord.net.smtp import MAILS_MAX, Spares, StartTls, may_log_in, server
from tests.fakes.mailbox import LOCALHOST, Post, mail_server
from tests.fakes.patience import WITHIN
from tests.fakes.zoo import Certificates, cage, dead_port, says

EVERY_LOOP = True
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SOON = timedelta(seconds=0.3)
READER = TypeAdapter(Options)
UNSUBSCRIBE = "https://status.example.org/unsubscribe/" + "Zm9v-YmFy_" * 30
LETTER = Letter(
    id="e1/7/1/1/ann/email",
    address="ann@example.org",
    subject="shop is down",
    text="shop is down since 12:00 UTC.\n.\n.hidden dots\nhttps://edge.example.org/a/" + "t" * 120 + "\n",
    html="<p>shop is down – since 12:00 UTC.</p>\n",
    headers=(("Monitord-Ticket", "7"), ("Auto-Submitted", "auto-generated")),
    date=NOON,
    message_id="<0123456789abcdef0123456789abcdef@status.example.org>",
)


def options(post: Post | str, **others: Any) -> Options:
    """Options as somebody writes them."""
    url = post if isinstance(post, str) else post.url
    written: dict[str, Any] = {"server": url, "from": "Example Shop <monitord@example.org>", **others}
    soon = written.pop("timeout", None) if others.get("timeout") is SOON else None
    read: Options = READER.validate_python(written)
    return replace(read, timeout=soon) if soon else read  # nobody may write a time that short


async def sent(post: Post, letter: Letter = LETTER, net: Net | None = None, **others: Any) -> Sent | Refused:
    """What becomes of a letter; nothing may take longer than the test can wait."""
    mine = net or Net()
    try:
        async with asyncio.timeout(WITHIN):
            return await send(options(post, **others), letter, mine)
    finally:
        if net is None:
            await mine.close()


def said(outcome: Sent | Refused) -> str:
    """The sentence, without the port."""
    assert isinstance(outcome, Refused), outcome
    return re.sub(r"127\.0\.0\.1:\d+", "SERVER", outcome.why)


def decoded(content: bytes, header: str) -> str:
    """A header by the rules of RFC 2047 (the new parser puts spaces between the words of a name)."""
    return str(make_header(decode_header(message_from_bytes(content)[header])))


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


# What is right.


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with mail_server() as post:
        outcome = await sent(post)
        mail = await post["ann@example.org"].expects("shop is down")

    assert Sent("250 2.0.0 Ok: queued as 1") == outcome
    assert ("monitord@example.org", ("ann@example.org",)) == (mail.sender, mail.recipients)
    assert (LETTER.text, LETTER.html) == (mail.text.replace("\r\n", "\n"), mail.html.replace("\r\n", "\n"))
    assert {
        "From": "Example Shop <monitord@example.org>",
        "To": "ann@example.org",
        "Subject": "shop is down",
        "Message-ID": LETTER.message_id,
        "Auto-Submitted": "auto-generated",
        "Monitord-Ticket": "7",
    }.items() <= dict(mail.message.items()).items()
    assert NOON == parsedate_to_datetime(mail.message["Date"])


async def test_no_header_stands_twice() -> None:
    async with mail_server() as post:
        await sent(
            post,
            replace(LETTER, unsubscribe=UNSUBSCRIBE, headers=(*LETTER.headers, ("From", "eve@example.org"))),
        )
        names = [name.lower() for name in post.mails[0].message.keys()]  # noqa: SIM118 - a message is no dict

    assert len(set(names)) == len(names)


async def test_the_second_sending_is_the_same_mail_byte_by_byte() -> None:
    async with mail_server() as post:
        await sent(post)
        await sent(post)
    first, second = post.mails

    assert first.content == second.content
    assert LETTER.message_id == second.message["Message-ID"]


async def test_what_was_swallowed_is_sent_again_under_the_same_name() -> None:
    async with mail_server() as post:
        post.cut_after_data(times=1)
        first = await sent(post)
        second = await sent(post)

    assert Refused(
        "SERVER closed the connection too early after it was given the mail", False, True
    ) == replace(first, why=said(first))
    assert isinstance(second, Sent)
    assert [mail.content for mail in post.swallowed] == [mail.content for mail in post.mails]


async def test_the_address_to_unsubscribe_is_readable_by_programs() -> None:
    async with mail_server() as post:
        await sent(post, replace(LETTER, unsubscribe=UNSUBSCRIBE))
    content = post.mails[0].content.decode()

    assert f"List-Unsubscribe: <{UNSUBSCRIBE}>\r\n" in content
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in content


async def test_letters_outside_ascii_arrive_and_seven_bits_are_enough() -> None:
    letter = replace(
        LETTER, subject="Магазин не отвечает уже десять минут – wer geht ran?", text="Straße 🔥\n"
    )
    async with mail_server(utf8=False) as post:
        outcome = await sent(
            post, letter, **{"from": "Müllers Lädchen für Büromöbel und Zubehör <m@example.org>"}
        )
        mail = post.mails[0]

    assert isinstance(outcome, Sent)
    assert mail.content.isascii()
    assert (letter.subject, "Straße 🔥") == (mail.subject, mail.text.strip())
    assert "Müllers Lädchen für Büromöbel und Zubehör <m@example.org>" == decoded(mail.content, "From")
    assert all(len(word) <= 75 for word in re.findall(r"=\?utf-8\?.*?\?=", mail.content.decode()))


async def test_links_are_whole_in_plain_text() -> None:
    async with mail_server() as post:
        await sent(post)

    assert b"https://edge.example.org/a/" + b"t" * 120 + b"\r\n" in post.mails[0].content


async def test_a_line_without_an_end_is_broken_only_on_the_wire() -> None:
    letter = replace(LETTER, text="x" * 5000 + "\n", html=None)
    async with mail_server() as post:
        await sent(post, letter)

    assert letter.text == post.mails[0].text.replace("\r\n", "\n")
    assert max(map(len, post.mails[0].content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\n ", "\x0b", "\u2028", "\x00"])
async def test_no_line_break_begins_another_header(break_: str) -> None:
    injected = f"shop{break_}Bcc: eve@example.org"
    letter = replace(
        LETTER, subject=injected, headers=(("Monitord-Probe", injected), (f"X{break_}Bcc", "eve@example.org"))
    )
    async with mail_server() as post:
        outcome = await sent(post, letter)
        mail = post.mails[0]

    assert isinstance(outcome, Sent)
    assert ("ann@example.org",) == mail.recipients
    assert mail.message["Bcc"] is None
    assert "shop Bcc: eve@example.org" == mail.subject


# Addresses.


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "ann@example.org\nRCPT TO:<eve@example.org>",
        "ann@example.org>\r\nDATA",
        "ann@example.org, eve@example.org",
        "Ann <ann@example.org>",
        '"ann b"@example.org',
        "ann@[127.0.0.1]",
        "ann..b@example.org",
        "ann@exam ple.org",
        "ann@-example.org",
        "a" * 65 + "@example.org",
        "ann@" + "a" * 64 + ".org",
        "ann@" + ".".join(["a" * 60] * 5),
    ],
)
async def test_an_impossible_address_is_refused_for_good_before_anybody_is_asked(address: str) -> None:
    async with mail_server() as post:
        outcome = await sent(post, replace(LETTER, address=address))

    assert isinstance(outcome, Refused)
    assert (True, False, 0) == (outcome.permanent, outcome.ambiguous, post.connections)
    assert outcome.why.startswith("the mail cannot be written: ")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ann@example.org", "ann@example.org"),
        (" Ann.B+shop@Example.ORG ", "Ann.B+shop@example.org"),
        ("o'neil/x=y@example.org", "o'neil/x=y@example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("root@localhost", "root@localhost"),
    ],
)
async def test_an_address_is_understood_and_reached(written: str, expected: str) -> None:
    async with mail_server() as post:
        outcome = await sent(post, replace(LETTER, address=written))

    assert isinstance(outcome, Sent)
    assert expected == mail_address(written)
    assert (expected,) == post.mails[0].recipients


async def test_a_name_outside_ascii_is_reached_where_smtputf8_is_offered() -> None:
    async with mail_server() as post:
        outcome = await sent(post, replace(LETTER, address="änn@example.org"))

    assert isinstance(outcome, Sent)
    assert ("änn@example.org",) == post.mails[0].recipients


async def test_a_name_outside_ascii_is_refused_where_it_is_not() -> None:
    async with mail_server(utf8=False) as post:
        outcome = await sent(post, replace(LETTER, address="änn@example.org"))

    assert "SERVER cannot write to änn@example.org: it does not offer SMTPUTF8" == said(outcome)
    assert isinstance(outcome, Refused)
    assert outcome.permanent


# What a server refuses.


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "MESSAGE"])
async def test_not_now_is_tried_again(stage: str) -> None:
    async with mail_server() as post:
        post.refuse(451, at=stage)
        outcome = await sent(post)

    assert isinstance(outcome, Refused)
    assert (False, False) == (outcome.permanent, outcome.ambiguous)
    assert re.fullmatch(r"SERVER answered 4?5?\d\d to [A-Z a-z]+: .*", said(outcome))


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "MESSAGE"])
async def test_not_ever_to_this_mail_is_final(stage: str) -> None:
    async with mail_server() as post:
        post.refuse(554, at=stage)
        outcome = await sent(post)

    assert isinstance(outcome, Refused)
    assert (True, False) == (outcome.permanent, outcome.ambiguous)
    assert said(outcome).endswith(": not ever")


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "MAIL"])
async def test_not_ever_to_us_is_tried_again_because_it_meets_every_mail(stage: str) -> None:
    async with mail_server() as post:
        post.refuse(550, at=stage)
        outcome = await sent(post)

    assert isinstance(outcome, Refused)
    assert not outcome.permanent
    assert "this will meet every mail: check `server`, `from` and the login" in outcome.why


async def test_one_bad_address_is_final_and_the_others_are_not_touched() -> None:
    net = Net()
    async with mail_server() as post:
        post.reject("ann@example.org", 550)
        ann = await sent(post, net=net)
        bo = await sent(post, replace(LETTER, address="bo@example.org"), net=net)
        await net.close()

    assert "SERVER answered 550 to RCPT TO: 5.1.1 nobody of that name here" == said(ann)
    assert isinstance(bo, Sent)
    assert [("bo@example.org",)] == [mail.recipients for mail in post.mails]


async def test_greylisting_ends() -> None:
    async with mail_server() as post:
        post.refuse(451, at="RCPT", times=2)
        outcomes = [await sent(post) for _ in range(3)]

    assert [Refused, Refused, Sent] == [type(outcome) for outcome in outcomes]


async def test_a_server_that_speaks_something_else_is_tried_again() -> None:
    async with cage(says(b"")) as it, mail_server() as post:
        post.refuse(199, at="MAIL", text="?")
        strange = await sent(post)
        outcome = await send(options(f"smtp://{LOCALHOST}:{it.port}", timeout=SOON), LETTER, Net())

    assert isinstance(strange, Refused)
    assert "SERVER does not speak SMTP: ?" == said(strange)
    assert "SERVER did not answer the connection within 0.3 s" == said(outcome)


# What a server does to us.


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "MAIL", "RCPT"])
async def test_hanging_up_before_the_mail_is_not_ambiguous(stage: str) -> None:
    async with mail_server() as post:
        post.cut(at=stage)
        outcome = await sent(post)

    assert Refused("SERVER closed the connection too early", False) == replace(outcome, why=said(outcome))


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "MAIL", "RCPT"])
async def test_saying_nothing_before_the_mail_is_not_ambiguous(stage: str) -> None:
    async with mail_server() as post:
        post.hang(at=stage)
        outcome = await sent(post, timeout=SOON)
        await post.empty()

    assert isinstance(outcome, Refused)
    assert (False, False) == (outcome.permanent, outcome.ambiguous)
    assert re.fullmatch(r"SERVER did not answer [A-Za-z ]+ within 0.3 s", said(outcome))


async def test_saying_nothing_after_the_mail_is_ambiguous() -> None:
    async with mail_server() as post:
        post.hang(at="MESSAGE")
        outcome = await sent(post, timeout=SOON)
        await post.empty()

    assert "SERVER did not answer DATA within 0.3 s after it was given the mail" == said(outcome)
    assert isinstance(outcome, Refused)
    assert (False, True) == (outcome.permanent, outcome.ambiguous)


async def test_a_tarpit_is_left_when_the_time_is_up() -> None:
    async with mail_server() as post:
        post.tarpit(0.4)
        outcome = await sent(post, timeout=SOON)
        await post.empty()

    assert "within 0.3 s" in said(outcome)


async def test_cancellation_closes_the_connection() -> None:
    async with mail_server() as post, asyncio.TaskGroup() as group:
        post.hang(at="RCPT")
        sending = group.create_task(sent(post))
        await post.visited()
        sending.cancel()
        await post.empty()


async def test_a_server_that_went_away_is_found_when_it_is_back() -> None:
    async with mail_server() as post:
        await post.go_away()
        gone = await sent(post)
        await post.come_back()
        back = await sent(post)

    assert "SERVER refused the connection" == said(gone)
    assert isinstance(back, Sent)


async def test_a_name_that_does_not_exist_is_tried_again() -> None:
    outcome = await send(options("smtp://mail.invalid"), LETTER, Net())

    assert isinstance(outcome, Refused)
    assert outcome.why.startswith(("mail.invalid:25 ", "no mail left for mail.invalid:25: "))
    assert not outcome.permanent


# TLS and login.


async def test_starttls_is_used_where_it_is_offered(certificates: Certificates) -> None:
    async with mail_server(starttls=certificates.good()) as post:
        outcome = await sent(post, net=Net(authorities=certificates.pem))

    assert isinstance(outcome, Sent)
    assert post.mails[0].encrypted


async def test_starttls_is_not_used_when_told_so(certificates: Certificates) -> None:
    async with mail_server(starttls=certificates.stranger()) as post:
        outcome = await send(options(f"{post.url}?starttls=never"), LETTER, Net())

    assert isinstance(outcome, Sent)
    assert not post.mails[0].encrypted


async def test_nothing_is_sent_where_starttls_is_required_and_missing() -> None:
    async with mail_server() as post:
        outcome = await send(options(f"{post.url}?starttls=require"), LETTER, Net())

    assert "SERVER does not offer STARTTLS, which ?starttls=require asks for" == said(outcome)
    assert [] == post.mails


@pytest.mark.parametrize(("way", "demand"), [("tls", ""), ("starttls", "?starttls=require")])
async def test_a_certificate_that_nobody_trusts_is_not_trusted(
    certificates: Certificates, way: str, demand: str
) -> None:
    async with mail_server(**{way: certificates.stranger()}) as post:
        net, url = Net(authorities=certificates.pem), f"{post.url}{demand}"
        outcome = await send(options(url), LETTER, net)
        trusting = await send(options(url, verify=False), LETTER, net)

    assert said(outcome).startswith("SERVER has a certificate of an unknown authority")
    assert isinstance(outcome, Refused)
    assert not outcome.permanent
    assert isinstance(trusting, Sent)


async def test_tls_that_nobody_demands_takes_any_certificate(certificates: Certificates) -> None:
    """Debian's postfix has a certificate of its own making; clear text would be no better."""
    async with mail_server(starttls=certificates.stranger()) as post:
        outcome = await sent(post, net=Net(authorities=certificates.pem))

    assert isinstance(outcome, Sent)
    assert post.mails[0].encrypted


async def test_a_password_is_only_given_to_whom_we_know(certificates: Certificates) -> None:
    async with mail_server(login=("monitord", "s3cret"), starttls=certificates.stranger()) as post:
        outcome = await sent(
            post, net=Net(authorities=certificates.pem), username="monitord", password="s3cret"
        )

    assert said(outcome).startswith("SERVER has a certificate of an unknown authority")
    assert [] == post.mails


@pytest.mark.parametrize("way", ["tls", "starttls"])
async def test_we_log_in_over_tls(certificates: Certificates, way: str) -> None:
    async with mail_server(login=("monitord", "s3cret"), **{way: certificates.good()}) as post:
        outcome = await sent(
            post, net=Net(authorities=certificates.pem), username="monitord", password="s3cret"
        )

    assert isinstance(outcome, Sent)
    assert ("monitord", True) == (post.mails[0].login, post.mails[0].encrypted)


async def test_login_and_password_may_stand_in_the_url() -> None:
    async with mail_server(login=("monitord", "s3c/ret@ß")) as post:
        outcome = await send(
            options(f"smtp://monitord:s3c%2Fret%40%C3%9F@{LOCALHOST}:{post.port}"), LETTER, Net()
        )

    assert isinstance(outcome, Sent)
    assert "monitord" == post.mails[0].login


async def test_a_wrong_password_is_a_matter_of_configuration_and_is_not_repeated_to_anybody() -> None:
    async with mail_server(login=("monitord", "right")) as post:
        post.refuse(535, at="AUTH", text="5.7.8 what is wr0ng? AG1vbml0b3JkAHdyMG5n")
        outcome = await sent(post, username="monitord", password="wr0ng")

    assert isinstance(outcome, Refused)
    assert not outcome.permanent
    assert said(outcome).endswith(
        "answered 535 to AUTH: 5.7.8 what is ***? ***; this will meet every mail: check username and password"
    )


@pytest.mark.parametrize(
    ("peer", "encrypted", "expected"),
    [
        ("192.0.2.1", False, False),
        ("192.0.2.1", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("fe80::1%eth0", False, False),
    ],
)
def test_a_password_is_sent_in_clear_text_to_this_machine_only(
    peer: str, encrypted: bool, expected: bool
) -> None:
    assert expected == may_log_in(peer, encrypted=encrypted)


async def test_a_server_without_login_is_told_apart_from_a_wrong_one() -> None:
    async with mail_server() as post:
        outcome = await sent(post, username="monitord", password="s3cret")

    assert "AUTH" in said(outcome)
    assert isinstance(outcome, Refused)
    assert not outcome.permanent


# Connections that are kept.


async def test_one_connection_serves_mails_that_follow_each_other() -> None:
    net = Net()
    async with mail_server() as post:
        for _ in range(MAILS_MAX + 1):
            assert isinstance(await sent(post, net=net), Sent)
        await net.close()
        await post.empty()

    assert (MAILS_MAX + 1, 2) == (len(post.mails), post.connections)


async def test_a_kept_connection_that_died_costs_nothing() -> None:
    net = Net()
    async with mail_server() as post:
        await sent(post, net=net)
        await post.go_away()
        await post.come_back()
        outcome = await sent(post, net=net)
        await net.close()

    assert isinstance(outcome, Sent)


async def test_a_kept_connection_that_is_used_up_costs_nothing() -> None:
    net = Net()
    async with mail_server() as post:
        await sent(post, net=net)
        post.refuse(421, at="MAIL", times=1, text="too many mails over this connection")
        outcome = await sent(post, net=net)
        await net.close()

    assert isinstance(outcome, Sent)
    assert 2 == post.connections


async def test_a_refusal_ends_its_connection() -> None:
    net = Net()
    async with mail_server() as post:
        post.refuse(550, at="RCPT")
        await sent(post, net=net)
        await post.empty()

    assert net.shared(Spares).take(options(post).account) is None


# What people write.


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"server": "mail.example.org"}, "begins with smtp://"),
        ({"server": "smtp://"}, "write the mail server as"),
        ({"server": "smtp://mail.example.org:99999"}, "Port out of range"),
        ({"server": "smtp://mail.example.org?starttls=maybe"}, "starttls is"),
        ({"server": "smtps://mail.example.org?starttls=never"}, "only ?starttls="),
        ({"server": "smtp://mail.example.org?tls=1"}, "only ?starttls="),
        ({"server": "smtp://ann@mail.example.org"}, "username and password come together"),
        ({"username": "ann"}, "username and password come together"),
        ({"server": "smtp://a:b@mail.example.org", "username": "ann", "password": "c"}, "say them once"),
        ({"from": "Example Shop"}, "is not a mail address"),
        ({"from": "Example Shop <monitord@example.org"}, "ends with >"),
        ({"from": "Example\nBcc: eve@example.org <monitord@example.org>"}, "no line breaks"),
        ({"timeout": 0}, "greater than or equal"),
        ({"timeout": 3600}, "less than or equal"),
    ],
)
def test_what_is_wrong_is_said_when_it_is_written(written: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as refused:
        options("smtp://mail.example.org", **written)

    assert expected in str(refused.value)


def test_a_server_is_its_url() -> None:
    it = server("smtp://monitord:s3cret@Mail.Example.org:587?starttls=require")

    assert ("mail.example.org", 587, StartTls.REQUIRE) == (it.host, it.port, it.starttls)
    assert "smtp://monitord:**********@mail.example.org:587?starttls=require" == str(it)
    assert (25, 465) == (server("smtp://a.example").port, server("smtps://a.example").port)
    assert "::1" == server("smtp://[::1]:25").host


def test_a_sender_may_have_a_comma_and_quotes() -> None:
    it = sender('"Example Shop, Inc." <monitord@example.org>')
    content = mail(replace(options("smtp://a.example"), sender=it), LETTER).content

    assert b'From: "Example Shop, Inc." <monitord@example.org>\r\n' in content


async def test_nobody_listens_and_nothing_is_left_open() -> None:
    outcome = await send(options(f"smtp://{socket.gethostbyname('localhost')}:{dead_port()}"), LETTER, Net())

    assert "SERVER refused the connection" == said(outcome)
