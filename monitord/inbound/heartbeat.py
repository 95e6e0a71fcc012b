"""heartbeat: a job says that it has run, in the words of healthchecks.io's ping API.

    kind: heartbeat
    secret: ${credential:ping-key}

`curl -fsS -m 10 --retry 5 http://edge.example.org:8081/ping/KEY` says that all is well. What is expected when
stands under `heartbeats`, and each of them has a key of its own. Behind the key may stand `/start`, `/fail`,
`/log`, or an exit status from 0 to 255. `?rid=UUID` keeps runs apart that overlap. The body of a POST (its
first 10000 bytes) is kept with the ping. An integration of this kind is needed only for addresses with names
in them, `/ping/PING-KEY/NAME`: its secret is the ping key, and NAME the id of the heartbeat.
"""

from dataclasses import dataclass
from uuid import UUID

from monitord.core.check import Instant
from monitord.kinds import Beat, Inbound, Reply, Request, Route
from monitord.net.documents import Unreadable

BODY_BYTES_MAX = 10_000
EXIT_STATUS_MAX = 255
WORDS = {"": "success", "start": "start", "fail": "fail", "log": "log"}
METHODS = ("GET", "HEAD", "POST")
HEADERS = (
    ("content-type", "text/plain; charset=utf-8"),
    ("access-control-allow-origin", "*"),
    ("ping-body-limit", str(BODY_BYTES_MAX)),
)


@dataclass(frozen=True, slots=True)
class Options:
    """Nothing of its own."""


def read(options: Options, request: Request, now: Instant) -> Reply:
    """One ping; the path is what stands behind the heartbeat's key."""
    word = request.path.removeprefix("/")
    what, code = WORDS.get(word), None
    if what is None:
        what, code = "exit", exit_status(word)
    text = request.body[:BODY_BYTES_MAX].decode("utf-8", "replace")
    return Reply(200, b"OK", (Beat(what, code, run_id(request), text),), HEADERS)


def exit_status(word: str) -> int:
    """A number from 0 to 255. Raises Unreadable."""
    if word.isascii() and word.isdecimal() and len(word) <= 3 and int(word) <= EXIT_STATUS_MAX:
        return int(word)
    raise Unreadable("invalid url format")


def run_id(request: Request) -> str:
    """The run that it belongs to. Raises Unreadable."""
    word = request.asked("rid")
    try:
        return str(UUID(word)) if word else ""
    except ValueError:
        raise Unreadable("invalid uuid format") from None


def refused(status: int, why: str) -> Reply:
    """In plain words."""
    return Reply(status, why.encode(), headers=HEADERS, note=why)


ROUTES = tuple(
    Route(method, path, tells=True, keeps=BODY_BYTES_MAX) for method in METHODS for path in ("", "/{}")
)
KIND = Inbound(Options, read, ROUTES, refuse=refused)
