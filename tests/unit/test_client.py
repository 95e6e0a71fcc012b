"""client: where the daemon is found, how its answers are read, and what each failure means to a command."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from monitord.client import Client, ClientFault, DaemonUnreachable, Place, Refused, WrongUse, place_of
from monitord.client.place import SOCKET_PATH_BYTES_MAX, control_socket, reachable
from monitord.client.reading import read
from monitord.client.shapes import Done, NextStep
from tests.fakes.patience import WITHIN

DONE = {"by": "ann", "ticket": 3, "incident": None, "did": ["acknowledged by ann (cli)"]}


def answer(status: int, body: Any) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (
        status,
        len(content),
        content,
    )


@dataclass
class Daemon:
    """Says the same to everybody and remembers what it was asked."""

    place: Place
    heard: list[bytes]

    def client(self, **more: Any) -> Client:
        return Client(self.place, **more)


@contextmanager
def daemon(folder: Path, *answers: bytes) -> Iterator[Daemon]:
    """Gives these answers in turn; an empty one is a connection that is cut."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "control.sock"))
        listening.listen()
        listening.settimeout(10)
        made = Daemon(Place(folder / "control.sock"), [])
        thread = Thread(target=serve, args=(listening, list(answers), made.heard))
        thread.start()
        try:
            yield made
        finally:
            thread.join(timeout=WITHIN)


def serve(listening: socket.socket, answers: list[bytes], heard: list[bytes]) -> None:
    while answers:
        connection, _ = listening.accept()
        with connection:
            asked = whole_request(connection)
            if not asked:
                continue  # somebody only knocked
            heard.append(asked)
            connection.sendall(answers.pop(0))


def whole_request(connection: socket.socket) -> bytes:
    """Head and body, however many pieces they come in; nothing, if nobody says anything."""
    asked = b""
    while True:
        head, end, body = asked.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if end and len(body) >= (int(length[1]) if length else 0):
            return asked
        piece = connection.recv(65536)
        if not piece:
            return asked
        asked += piece


# Where.


def test_the_socket_lies_in_the_store(tmp_path: Path) -> None:
    assert Place(tmp_path / "control.sock") == place_of({}, tmp_path)


def test_the_runtime_directory_comes_first(tmp_path: Path) -> None:
    environ = {"RUNTIME_DIRECTORY": "/run/monitord:/run/other"}

    assert Path("/run/monitord/control.sock") == control_socket(environ, tmp_path)
    assert Place(Path("/run/monitord/control.sock")) == place_of(environ, tmp_path)


def test_a_store_that_is_not_here_is_the_packaged_daemons(tmp_path: Path) -> None:
    assert Place(Path("/run/monitord/control.sock")) == place_of({}, tmp_path / "none")


def test_a_url_names_another_daemon_and_its_token_is_not_shown(tmp_path: Path) -> None:
    place = place_of({"MONITORD_URL": "https://ops.example.org/", "MONITORD_TOKEN": "s3cret"}, tmp_path)

    assert ("https://ops.example.org", "s3cret") == (place.url, place.token)
    assert "s3cret" not in f"{place!r} {place}"


def test_a_long_path_is_reached_by_a_short_name(tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 120)
    folder.mkdir()
    with reachable(folder / "control.sock") as name, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)
        assert len(name) <= SOCKET_PATH_BYTES_MAX

    assert (folder / "control.sock").is_socket()


# What it says.


def test_an_answer_becomes_a_value(tmp_path: Path) -> None:
    with daemon(tmp_path, answer(200, DONE)) as there:
        assert Done("ann", 3, None, ("acknowledged by ann (cli)",)) == there.client().acknowledge(3)


def test_an_act_says_who_and_carries_a_key(tmp_path: Path) -> None:
    with daemon(tmp_path, answer(200, DONE), answer(200, DONE)) as there:
        there.client(by="ann").comment(3, "looking")
        there.client().comment(3, "looking")
    first, second = there.heard

    assert b"POST /api/v1/tickets/3/comment HTTP/1.1" in first
    assert b"monitord-by: ann" in first.lower() and b"monitord-by" not in second.lower()
    assert first.endswith(b'{"text": "looking"}')
    assert len({key_of(first), key_of(second)}) == 2


def key_of(asked: bytes) -> bytes:
    return next(line for line in asked.lower().split(b"\r\n") if line.startswith(b"idempotency-key"))


def test_what_was_lost_on_the_way_is_sent_once_more_under_its_key(tmp_path: Path) -> None:
    with daemon(tmp_path, b"", answer(200, DONE)) as there:
        assert 3 == there.client().acknowledge(3).ticket

    assert 1 == len(set(map(key_of, there.heard)))


def test_a_daemon_that_only_hangs_up_is_unreachable(tmp_path: Path) -> None:
    with daemon(tmp_path, b"", b"") as there, pytest.raises(DaemonUnreachable, match="hung up"):
        there.client().acknowledge(3)


def test_parameters_that_are_not_given_are_not_sent(tmp_path: Path) -> None:
    with daemon(tmp_path, answer(200, [])) as there:
        assert () == there.client().tickets(state="open", limit=5)

    assert there.heard[0].startswith(b"GET /api/v1/tickets?state=open&limit=5 HTTP/1.1")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (404, Refused, 1),
        (409, Refused, 1),
        (403, Refused, 1),
        (422, WrongUse, 2),
        (413, WrongUse, 2),
        (503, DaemonUnreachable, 3),
    ],
)
def test_each_no_ends_a_command_in_its_way(
    tmp_path: Path, status: int, kind: type[ClientFault], code: int
) -> None:
    error = {"what": "it is so", "where": "", "remedy": "make it otherwise"}
    with daemon(tmp_path, answer(status, {"error": error})) as there, pytest.raises(ClientFault) as raised:
        there.client().acknowledge(3)

    assert (kind, code) == (type(raised.value), raised.value.exit_code)
    assert ("it is so", "make it otherwise") == (raised.value.sentence, raised.value.remedy)
    assert "it is so; make it otherwise" == str(raised.value)


@pytest.mark.parametrize("body", [b"<html>", b"[", b"{}", b"[1]", b"\xff", b"[" * 100_000, b'{"by": 1}'])
def test_what_does_not_speak_like_monitord_is_not_it(tmp_path: Path, body: bytes) -> None:
    with (
        daemon(tmp_path, answer(200, body)) as there,
        pytest.raises(DaemonUnreachable, match="does not speak like monitord"),
    ):
        there.client().acknowledge(3)


def test_a_refusal_without_a_reason_is_still_one(tmp_path: Path) -> None:
    with (
        daemon(tmp_path, answer(409, ["no"])) as there,
        pytest.raises(Refused, match="the daemon answered 409"),
    ):
        there.client().acknowledge(3)


def test_nobody_there_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DaemonUnreachable) as raised:
        Client(Place(tmp_path / "control.sock")).status()

    assert (
        f"no daemon answers at {tmp_path}/control.sock (no such file or directory)" == raised.value.sentence
    )
    assert "monitord run" in raised.value.remedy


def test_a_dead_socket_is_said_too(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "control.sock"))

    with pytest.raises(DaemonUnreachable, match="connection refused"):
        Client(Place(tmp_path / "control.sock")).status()


def test_a_daemon_that_never_answers_has_a_deadline(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "control.sock"))
        silent.listen()

        with pytest.raises(DaemonUnreachable, match=r"did not answer within 0.05 s"):
            Client(Place(tmp_path / "control.sock"), within=0.05).status()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1", "nonsense"])
def test_a_url_that_leads_nowhere_is_said(url: str) -> None:
    with pytest.raises(DaemonUnreachable, match="no daemon answers at"):
        Client(Place(url=url)).status()


def test_what_is_not_text_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse), daemon(tmp_path) as there:
        there.client().tickets(service="\udcff")


# Reading.


def test_values_are_read_by_their_types() -> None:
    step = {"at": "2026-01-05T09:00:00Z", "kind": "tier", "says": "bo is paged", "pages": ["bo"], "new": 1}

    assert NextStep(datetime(2026, 1, 5, 9, tzinfo=UTC), "tier", "bo is paged", ("bo",)) == read(
        NextStep, step
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": "ann"},
        {**DONE, "ticket": "3"},
        {**DONE, "did": "acknowledged"},
        {**DONE, "did": [3]},
        [DONE],
        None,
    ],
)
def test_what_does_not_fit_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are for nobody
        read(Done, wrong)


def test_the_client_is_light_to_import() -> None:
    heavy = {"httpx2", "fastapi", "pydantic", "uvicorn", "sqlalchemy", "jinja2", "asyncio"}
    code = "import sys, monitord.client; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert set() == heavy & set(loaded.split()), "what a command does not need it does not load"
