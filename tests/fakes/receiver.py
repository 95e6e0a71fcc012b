"""A system that hears of tickets: a real web server that checks signatures, and answers as it is told."""

import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "a-secret-that-signs"


@dataclass
class Heard:
    """One request: its id, its body, and the keys of ours that it is signed with."""

    id: str
    body: Any
    signed: tuple[str, ...]
    size: int
    headers: dict[str, str]

    @property
    def event(self) -> str:
        return str(self.body["event"]["event_type"]).removeprefix("incident.")


@dataclass
class Receiver:
    """`answers` are given in turn, then 202; 0 is no answer at all."""

    keys: tuple[str, ...] = (SECRET,)
    answers: list[int] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    url: str = ""
    leaving: threading.Event = field(default_factory=threading.Event)

    @property
    def events(self) -> list[str]:
        return [each.event for each in self.heard]

    def take(self, headers: dict[str, str], raw: bytes) -> int:
        given = headers["x-pagerduty-signature"].split(",")
        signed = tuple(key for key in self.keys if f"v1={digest(key, raw)}" in given)
        self.heard.append(Heard(headers["x-webhook-id"], json.loads(raw), signed, len(raw), headers))
        return self.answers.pop(0) if self.answers else 202


def digest(key: str, raw: bytes) -> str:
    return hmac.new(key.encode(), raw, sha256).hexdigest()


@contextmanager
def receiving(*answers: int, keys: tuple[str, ...] = (SECRET,)) -> Iterator[Receiver]:
    """The server, until the end of the block."""
    it = Receiver(keys, list(answers))

    class Hearing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            status = it.take({name.lower(): value for name, value in self.headers.items()}, raw)
            if not status:
                it.leaving.wait(30)
                return
            self.send_response(status)
            if 300 <= status <= 399:
                self.send_header("Location", it.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Not on the test's terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hearing)
    server.daemon_threads = True
    it.url = f"http://127.0.0.1:{server.server_port}/hook"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield it
    finally:
        it.leaving.set()
        server.shutdown()
        serving.join()
        server.server_close()
