"""Log lines as entries of systemd's journal, with their fields: `journalctl MONITORD_TICKET=1042`.

Theory of operation. $JOURNAL_STREAM names the device and inode of the journal's stream; only if our stderr is
that very stream are we writing for the journal (systemd.exec(5)). Then each line goes to the journal's own
socket instead, as a datagram of fields (systemd's JOURNAL_NATIVE_PROTOCOL): MESSAGE for people, PRIORITY as
syslog has it, and what the line knows as MONITORD_*. The socket never blocks: a journal that stands still
must not hold a page, so lines that it does not take are counted, and how many is said when it takes again.
"""

import json
import logging
import os
import socket
import struct
from collections.abc import Mapping
from typing import Any

SOCKET = "/run/systemd/journal/socket"
PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
OWN = ("event", "level", "timestamp", "says", "exception", "stack")  # what the message itself is made of
FIELD_CHARS_MAX = 4096
MESSAGE_CHARS_MAX = 32768
NAME_CHARS_MAX = 64  # of a field, with its MONITORD_; see systemd.journal-fields(7)


def is_journal(environ: Mapping[str, str], descriptor: int) -> bool:
    """Whether what is written to the descriptor goes to the journal."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False
    return environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


class Journal(logging.Handler):
    """Sends each record, which its formatter has made JSON, to the journal."""

    def __init__(self, path: str = SOCKET) -> None:
        super().__init__()
        self.path = path
        self.lost = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)

    def emit(self, record: logging.LogRecord) -> None:
        said = json.loads(self.format(record))
        if self.lost:
            said["lines_lost"] = self.lost
        try:
            self.socket.sendto(entry(fields(said)), self.path)
        except OSError:
            self.lost += 1
        else:
            self.lost = 0

    def close(self) -> None:
        self.socket.close()
        super().close()


def fields(said: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an entry, by the names that the journal allows."""
    found = {
        "MESSAGE": message(said)[:MESSAGE_CHARS_MAX],
        "PRIORITY": str(PRIORITIES.get(str(said.get("level")), 6)),
        "SYSLOG_IDENTIFIER": "monitord",
        "MONITORD_EVENT": str(said.get("event", ""))[:FIELD_CHARS_MAX],
    }
    for key, value in said.items():
        if key not in OWN:
            found.setdefault(field_name(key), spelled(value)[:FIELD_CHARS_MAX])
    return found


def message(said: Mapping[str, Any]) -> str:
    """A sentence for people: what an event says of itself, else its fields; then the traceback."""
    event = str(said.get("event", ""))
    if said.get("says") and "ticket" in said:
        event = f"ticket {said['ticket']}: {event}"
    rest = said.get("says") or " ".join(
        f"{key}={spelled(value)}" for key, value in said.items() if key not in OWN
    )
    tail = [str(said[key]) for key in ("exception", "stack") if said.get(key)]
    return "\n".join([f"{event}: {rest}" if rest else event, *tail])


def field_name(key: str) -> str:
    """Capital letters, digits and underscores."""
    plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in key)
    return f"MONITORD_{plain.upper()}"[:NAME_CHARS_MAX]


def spelled(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def entry(said: Mapping[str, str]) -> bytes:
    """NAME=value and a line break; a value of several lines has its length before it instead."""
    parts = []
    for name, value in said.items():
        written = value.encode("utf-8", "replace")
        if b"\n" in written:
            parts += [name.encode(), b"\n", struct.pack("<Q", len(written)), written, b"\n"]
        else:
            parts += [name.encode(), b"=", written, b"\n"]
    return b"".join(parts)
