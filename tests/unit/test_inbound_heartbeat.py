"""heartbeat: healthchecks.io's ping API, as its documentation says."""

from datetime import UTC, datetime

import pytest

from monitord.inbound.heartbeat import KIND, Options, read
from monitord.kinds import Beat, Request
from monitord.net.documents import Unreadable

NOW = datetime(2026, 11, 22, 1, 22, tzinfo=UTC)
RUN = "123e4567-e89b-12d3-a456-426614174000"


def heard(path: str, body: bytes = b"", **query: str) -> Beat:
    reply = read(Options(), Request("POST", path, tuple(query.items()), body=body), NOW)
    assert (200, b"OK") == (reply.status, reply.body)
    (beat,) = reply.heard
    assert isinstance(beat, Beat)
    return beat


@pytest.mark.parametrize(
    ("path", "beat"),
    [
        ("", Beat("success")),
        ("/start", Beat("start")),
        ("/fail", Beat("fail")),
        ("/log", Beat("log")),
        ("/0", Beat("exit", 0)),
        ("/1", Beat("exit", 1)),
        ("/255", Beat("exit", 255)),
    ],
)
def test_what_stands_behind_the_key(path: str, beat: Beat) -> None:
    assert beat == heard(path)


def test_a_run_has_an_id() -> None:
    assert Beat("start", run=RUN) == heard("/start", rid=RUN)


def test_the_body_is_kept_up_to_its_limit() -> None:
    assert "Hello World" == heard("/log", b"Hello World").text
    assert 10_000 == len(heard("/log", b"x" * 20_000).text)
    assert "\N{REPLACEMENT CHARACTER}" == heard("/log", b"\xff").text
    assert " [2Jgone\n ]0;owned  done" == heard("/log", b"\x1b[2Jgone\r\n\x1b]0;owned\x07\x1bdone").text


@pytest.mark.parametrize(
    ("path", "run"), [("/256", ""), ("/-1", ""), ("/1.5", ""), ("/stop", ""), ("", "no uuid")]
)
def test_what_has_another_form_is_refused(path: str, run: str) -> None:
    with pytest.raises(Unreadable, match="invalid"):
        heard(path, rid=run)


def test_every_method_of_theirs_will_do() -> None:
    assert {"GET", "HEAD", "POST"} == {route.method for route in KIND.routes}


def test_a_refusal_is_plain_text() -> None:
    reply = KIND.refuse(400, "invalid url format")

    assert (400, b"invalid url format") == (reply.status, reply.body)
    assert ("content-type", "text/plain; charset=utf-8") in reply.headers
