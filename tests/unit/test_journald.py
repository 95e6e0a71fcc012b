"""Lines for systemd's journal: fields by name, whatever is in them, and never a wait."""

import io
import logging
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitord.cli import logs
from monitord.cli.journald import Journal, entry, field_name, fields, is_journal

CANARY = "canary-secret-0815"


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    """The journal's end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "socket"))
        sock.setblocking(False)
        yield sock


@pytest.fixture
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers, root.level
    yield
    root.handlers, root.level = before


def read(datagram: bytes) -> dict[str, str]:
    """The fields of an entry, as journald reads them."""
    found: dict[str, str] = {}
    while datagram:
        head, _, rest = datagram.partition(b"\n")
        name, equals, value = head.partition(b"=")
        if not equals:
            (length,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8 : 8 + length], rest[8 + length + 1 :]
        found[name.decode()] = value.decode()
        datagram = rest
    return found


def test_a_ticket_can_be_looked_for_by_its_number() -> None:
    said = {
        "event": "ticket opened",
        "level": "info",
        "timestamp": "2026-01-05T09:00:00Z",
        "ticket": 1042,
        "priority": "urgent",
        "says": "web is down",
    }

    assert {
        "MESSAGE": "ticket 1042: ticket opened: web is down",
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "monitord",
        "MONITORD_EVENT": "ticket opened",
        "MONITORD_TICKET": "1042",
        "MONITORD_PRIORITY": "urgent",
    } == read(entry(fields(said)))


@pytest.mark.parametrize(
    ("level", "priority"), [("debug", "7"), ("warning", "4"), ("error", "3"), ("critical", "2"), ("odd", "6")]
)
def test_levels_are_syslogs(level: str, priority: str) -> None:
    assert priority == fields({"event": "x", "level": level})["PRIORITY"]


def test_a_line_without_a_sentence_shows_its_fields() -> None:
    assert (
        "door open: door=ops at=127.0.0.1:8082"
        == fields({"event": "door open", "door": "ops", "at": "127.0.0.1:8082"})["MESSAGE"]
    )


def test_several_lines_stay_one_entry() -> None:
    found = read(entry(fields({"event": "part failed", "part": "x", "exception": "Traceback\n  a=b\nError"})))

    assert "part failed: part=x\nTraceback\n  a=b\nError" == found["MESSAGE"]
    assert "MONITORD_EXCEPTION" not in found


@pytest.mark.parametrize(
    ("key", "name"),
    [("ticket", "MONITORD_TICKET"), ("über-alles", "MONITORD__BER_ALLES"), ("a=b\n", "MONITORD_A_B_")],
)
def test_names_are_the_journals(key: str, name: str) -> None:
    assert name == field_name(key)


def test_nobodys_field_takes_the_place_of_ours() -> None:
    assert "web" == fields({"event": "web", "EVENT": "forged"})["MONITORD_EVENT"]


def test_everything_has_its_limit() -> None:
    long = fields({"event": "x", "k" * 200: "v" * 100_000, "says": "s" * 100_000})

    assert len(entry(long)) < 65536


def test_a_journal_that_stands_still_holds_nobody(tmp_path: Path, listening: socket.socket) -> None:
    journal = Journal(str(tmp_path / "socket"))
    journal.setFormatter(logging.Formatter('{"event": "%(message)s"}'))
    record = logging.LogRecord("x", logging.INFO, "", 0, "line", None, None)
    for _ in range(100):
        journal.emit(record)
    while waiting(listening):
        pass
    lost = journal.lost
    journal.emit(record)

    assert lost > 0
    assert str(lost) == read(waiting(listening))["MONITORD_LINES_LOST"]
    journal.close()


def waiting(sock: socket.socket) -> bytes:
    try:
        return sock.recv(65536)
    except BlockingIOError:
        return b""


def test_only_the_journals_own_stream_is_the_journal(tmp_path: Path) -> None:
    with (tmp_path / "stderr").open("w") as file:
        found = os.fstat(file.fileno())
        ours = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}

        assert is_journal(ours, file.fileno())
        assert not is_journal({"JOURNAL_STREAM": f"{found.st_dev}:1"}, file.fileno())
        assert not is_journal({}, file.fileno())
    assert not is_journal(ours, 9999)


@pytest.mark.usefixtures("as_before")
def test_lines_of_everybody_reach_the_journal(
    tmp_path: Path, listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(str(tmp_path / "socket"))
    monkeypatch.setattr(logs, "outlet", lambda: journal)
    log: Any = logs.configured(people=False)
    log.info("ticket opened", ticket=7)
    logging.getLogger("library").warning("beware")
    try:
        raise ValueError("broken")
    except ValueError:
        log.exception("part failed")

    first, second, third = (read(waiting(listening)) for _ in range(3))
    assert ("ticket opened: ticket=7", "7") == (first["MESSAGE"], first["MONITORD_TICKET"])
    assert ("beware", "4") == (second["MESSAGE"], second["PRIORITY"])
    assert third["MESSAGE"].startswith("part failed\nTraceback")
    assert third["MESSAGE"].endswith("ValueError: broken")
    journal.close()


@pytest.mark.usefixtures("as_before")
def test_no_line_shows_what_variables_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(logs, "outlet", lambda: logging.StreamHandler(written))
    log: Any = logs.configured(people=True)
    try:
        fail(CANARY)
    except ValueError:
        log.exception("part failed")

    assert "ValueError: broken" in written.getvalue()
    assert CANARY not in written.getvalue()


def fail(password: str) -> None:
    raise ValueError("broken")


@pytest.mark.usefixtures("as_before")
def test_without_a_journal_lines_go_to_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)

    assert isinstance(logs.outlet(), logging.StreamHandler)
    assert sys.stderr is logs.outlet().stream  # type: ignore[attr-defined]
