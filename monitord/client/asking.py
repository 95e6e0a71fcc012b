"""How the client asks: an act once, a list page by page; and how it understands what it is told."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from monitord.client.faults import ClientFault, DaemonUnreachable, Refused, WrongUse
from monitord.client.place import Place
from monitord.client.reading import read
from monitord.client.shapes import Done

if TYPE_CHECKING:
    from monitord.client.wire import Reply

ANSWER_WITHIN = 15.0  # seconds; a little longer than the daemon waits for its own commit
FAULTS: Mapping[int, type[ClientFault]] = {
    400: WrongUse,
    405: WrongUse,
    413: WrongUse,
    422: WrongUse,
    503: DaemonUnreachable,
}

T = TypeVar("T")
DOTS = {".": "%2E", "..": "%2E%2E"}  # which would lead elsewhere
NOTHING: Mapping[str, Any] = {}


class Asking:
    """Speaks to one daemon; `by` is the id of the person who acts (None: whoever runs this process).

    Every method raises a ClientFault.
    """

    def __init__(self, place: Place, by: str | None = None, within: float = ANSWER_WITHIN) -> None:
        self.place, self.by, self.within = place, by, within

    @property
    def named(self) -> Mapping[str, str]:
        """In whose name we ask."""
        return {"monitord-by": self.by} if self.by else NOTHING

    def get(self, kind: type[T], path: str, **query: Any) -> T:
        told = {name: value for name, value in query.items() if value is not None}
        return understood(kind, self.ask(path, query=told, headers=self.named), self.place)

    def pages(self, kind: type[T], path: str, **query: Any) -> Iterator[T]:
        """A list as long as it is, page by page."""
        told = {name: value for name, value in query.items() if value is not None}
        while True:
            reply = self.ask(path, query=told, headers=self.named)
            yield from understood(tuple[kind, ...], reply, self.place)  # type: ignore[valid-type]
            if not reply.following:
                return
            told = dict(parse_qsl(urlsplit(reply.following).query, keep_blank_values=True))

    def act(self, path: str, **body: Any) -> Done:
        return self.done(Done, path, body)

    def done(self, kind: type[T], path: str, body: Mapping[str, Any]) -> T:
        """Once, however often it has to be sent."""
        headers = {"idempotency-key": os.urandom(18).hex(), **self.named}
        return understood(kind, self.ask(path, body=body, headers=headers), self.place)

    def ask(
        self,
        path: str,
        query: Mapping[str, Any] = NOTHING,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] = NOTHING,
    ) -> "Reply":
        """The daemon's answer; asked once more if the connection broke before there was one."""
        from monitord.client.wire import HungUp, Question, ask  # noqa: PLC0415 - heavier than most commands

        question = Question(path, query, body, headers)
        try:
            return ask(self.place, question, self.within)
        except HungUp:
            return ask(self.place, question, self.within)


def understood(kind: type[T], reply: "Reply", place: Place) -> T:
    """The answer's value; raises what the daemon said instead."""
    try:
        said = json.loads(reply.body)
        if reply.status == 200:
            return read(kind, said)
    except (ValueError, RecursionError) as error:
        strange = f"what answers at {place} does not speak like monitord ({reply.status})"
        raise DaemonUnreachable(strange, "is it another version, or another program?") from error
    raise fault(reply.status, said)


def spelled(id: str) -> str:
    """An id as a part of a path; what is no text has no id. WrongUse for an empty one: it leads elsewhere."""
    return DOTS.get(id) or quote(named(id), safe="", errors="replace")


def named(id: str) -> str:
    """The same; raises WrongUse if it is none."""
    if not id:
        raise WrongUse("the name is empty", "say which it is")
    return id


def fault(status: int, said: Any) -> ClientFault:
    """What the daemon said in its `error`."""
    error = said.get("error") if isinstance(said, dict) else None
    told = error if isinstance(error, dict) else {}
    what = str(told.get("what") or f"the daemon answered {status}")
    where = str(told.get("where") or "")
    kind = FAULTS.get(status, Refused)
    sentence = f"{where}: {what}" if where and kind is WrongUse else what
    return kind(sentence, str(told.get("remedy") or ""))
