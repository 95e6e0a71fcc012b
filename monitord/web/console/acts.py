"""Buttons: a form of the console becomes a call of the API, in its sender's name, and a sentence afterwards.

Theory of operation. There is one desk. The console does not act by itself: it writes the body that a program
would write, and asks the API with the actor of the session, so that rights, limits, words and effects are the
same for everybody. What only a person at a screen needs is added here: a form says what its page showed, and
when somebody else was faster nothing is done and the page says what has happened; a form that is sent twice
acts once (its key is the API's Idempotency-Key). Acts on one ticket come one after the other.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from monitord.core.escalation import Escalation
from monitord.core.ticket import State, Ticket
from monitord.store.reads import Reads
from monitord.web.access.roles import STATE
from monitord.web.answers import Answer, Message
from monitord.web.console.room import Room, Told
from monitord.web.console.sent_on import went_on, who_sent_it
from monitord.web.console.visit import Visit
from monitord.web.console.words import BAD, GOOD, WARN

ROOT = "/api/v1"
DID_SHOWN = 6
Form = Mapping[str, str]
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One button: the operation that it asks for, the body that its form makes, and what it must not undo.

    `of` are the standings (see `standing`) in which it means what its page has said.
    """

    path: str
    body: Callable[[Form, Visit], Body]
    of: tuple[str, ...] = ()


class Refused(Exception):
    """The form does not say what is needed; the text says what does."""


class Forbidden(Exception):
    """A button that this visitor was not shown; the text says why."""


def no_words(form: Form, visit: Visit) -> Body:
    return {}


def said(field: str, wrong: str) -> Callable[[Form, Visit], Body]:
    """A field that has to be filled in."""

    def body(form: Form, visit: Visit) -> Body:
        if not form.get(field, "").strip():
            raise Refused(wrong)
        return {field: form[field].strip()}

    return body


def resolving(form: Form, visit: Visit) -> Body:
    return {"note": form.get("note", "").strip(), "hold_until_clear": form.get("hold") == "until_clear"}


SNOOZES = {"30m": "30 minutes", "1h": "1 hour", "4h": "4 hours", "8h": "8 hours", "24h": "24 hours"}
HOURS = {"30m": 0.5, "1h": 1, "4h": 4, "8h": 8, "24h": 24}
MARGIN = timedelta(seconds=5)  # a day at most, when it is decided


def snoozing(form: Form, visit: Visit) -> Body:
    hours = HOURS.get(form.get("for", ""))
    if hours is None:
        raise Refused("Please choose for how long it may sleep.")
    until = visit.now + timedelta(hours=hours) - (MARGIN if hours == 24 else timedelta(0))
    return {"until": until.isoformat().replace("+00:00", "Z")}


def paging(form: Form, visit: Visit) -> Body:
    if not form.get("whom", "").strip():
        raise Refused("Please choose whom to page.")
    return {"whom": [form["whom"]], "text": form.get("text", "").strip()}


def rating(form: Form, visit: Visit) -> Body:
    if form.get("severity", "") not in SEVERITIES:
        raise Refused("Please choose a severity.")
    return {"severity": int(form["severity"])}


def calling_everybody(form: Form, visit: Visit) -> Body:
    if form.get("everybody") != "everybody":
        raise Refused("Please say that everybody is meant.")
    return {"confirm": "everybody", "text": form.get("text", "").strip()}


SEVERITIES = ("1", "2", "3", "4")


def reopening(form: Form, visit: Visit) -> Body:
    return {"note": form.get("note", "").strip()}


UNFINISHED = ("open", "mine", "theirs")
TICKET_ACTS: Mapping[str, Act] = {
    "acknowledge": Act("/tickets/{number}/acknowledge", no_words, ("open", "mine")),
    "take_over": Act("/tickets/{number}/acknowledge", no_words, ("theirs",)),
    "decline": Act("/tickets/{number}/decline", no_words, ("open", "mine")),
    "hand_over": Act("/tickets/{number}/hand_over", said("to", "Please choose to whom."), ("open", "mine")),
    "snooze": Act("/tickets/{number}/snooze", snoozing, UNFINISHED),
    "resolve": Act("/tickets/{number}/resolve", resolving, UNFINISHED),
    "priority": Act("/tickets/{number}/priority", said("priority", "Please choose one."), UNFINISHED),
    "escalate": Act("/tickets/{number}/escalate", no_words, UNFINISHED),
    "reopen": Act("/tickets/{number}/reopen", reopening, ("over",)),
    "severity": Act("/tickets/{number}/severity", rating, UNFINISHED),
    "everybody": Act("/tickets/{number}/catastrophe", calling_everybody, UNFINISHED),
    "page": Act("/tickets/{number}/page", paging, UNFINISHED),
    "comment": Act("/tickets/{number}/comment", said("text", "Please write something first.")),
}  # fmt: skip


def standing(ticket: Ticket, me: str) -> str:
    """`open`, `mine`, `theirs` or `over`: how a ticket looks to somebody."""
    if ticket.ended:
        return "over"
    if ticket.state is State.OPEN:
        return "open"
    return "mine" if ticket.holder == me else "theirs"


def stamp(ticket: Ticket) -> str:
    """Another one as soon as somebody else has acted; a form carries that of its page."""
    return f"{ticket.state.value}/{ticket.rounds}/{ticket.holder or ''}/{ticket.priority.value}"


class Buttons:
    """`api` is the application that the API's callers meet, behind its entrance."""

    def __init__(self, room: Room, api: Any) -> None:
        self.room, self.api = room, api
        self.turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def allowed(self, visit: Visit, ticket: Ticket) -> tuple[str, ...]:
        """The buttons that this visitor may press on this ticket now."""
        how = standing(ticket, visit.me)
        return tuple(
            word
            for word, act in TICKET_ACTS.items()
            if (how in act.of or not act.of)
            and self.room.may(visit, act.path, ticket)
            and (word != "reopen" or self.room.sources.world.get(Ticket, ticket.number) is not None)
        )

    async def press(self, visit: Visit, number: int, word: str, form: Form) -> Answer:
        """Do it, or say why not; then show the ticket as it is."""
        turn = self.turns.setdefault(number, asyncio.Lock())
        async with turn:
            told = await self.pressed(visit, number, TICKET_ACTS[word], form)
        return self.back(visit, f"/tickets/{number}", told)

    async def pressed(self, visit: Visit, number: int, act: Act, form: Form) -> Told:
        ticket = self.room.sources.world.get(Ticket, number)
        if ticket is not None:
            late = await self.sent_on(visit, ticket, form) or self.too_late(visit, ticket, act, form)
            if late is not None:
                return late
        return await self.call(visit, act.path.format(number=number), act.body, form)

    async def sent_on(self, visit: Visit, ticket: Ticket, form: Form) -> Told | None:
        """The step that the form was made for is taken: by somebody, or because it was time."""
        climbing = self.room.sources.world.get(Escalation, ticket.number)
        if ticket.ended or not went_on(form, climbing):
            return None
        timeline = await self.room.sources.store.ask(Reads.timeline, ticket.number)
        return Told(WARN, who_sent_it(visit, ticket, climbing, timeline), ("Nothing was done.",))

    def too_late(self, visit: Visit, ticket: Ticket, act: Act, form: Form) -> Told | None:
        """Somebody else was faster, and it would now mean something else."""
        how = standing(ticket, visit.me)
        if not act.of or (how in act.of and form.get("seen", stamp(ticket)) == stamp(ticket)):
            return None
        row = visit.words.stands(ticket)
        if how == "mine" and act.path.endswith("/acknowledge") and "theirs" not in act.of:
            return Told(GOOD, "You have this already.")
        return Told(WARN, f"Somebody was faster: {row}.", ("Nothing was done; this is how it is now.",))

    async def call(self, visit: Visit, path: str, body: Callable[[Form, Visit], Body], form: Form) -> Told:
        try:
            wanted = body(form, visit)
        except Refused as refused:
            return Told(BAD, str(refused), ("Nothing was done.",))
        return await self.ask(visit, path, wanted, form.get("key", ""))

    async def ask(self, visit: Visit, path: str, body: Body, key: str) -> Told:
        """The API's answer as sentences; raises Forbidden."""
        status, said = await asked(self.api, visit, path, body, key)
        if status < 300:
            first, *rest = said.get("did") or ["nothing has changed"]
            more = tuple(self.sentence(each) for each in rest[:DID_SHOWN])
            return Told(GOOD, self.sentence(first), more, said.get("ticket"))
        error = said.get("error", {})
        what, remedy = self.sentence(error.get("what")), self.sentence(error.get("remedy"))
        if status == 403:
            raise Forbidden(f"{what} {remedy}")
        return Told(BAD, what, (remedy,))

    def sentence(self, words: Any) -> str:
        """With a capital, unless a person begins it, and a full stop."""
        text = str(words or "").strip()
        first = text.partition(" ")[0].rstrip(":,")
        if first not in self.room.sources.configuration.people:
            text = f"{text[:1].upper()}{text[1:]}"
        return text if not text or text.endswith((".", "!", "?")) else f"{text}."

    def back(self, visit: Visit, place: str, told: Told) -> Answer:
        """The page that says it."""
        assert visit.session is not None
        key = self.room.sayings.keep(visit.session.id, told, self.room.sources.clock.monotonic())
        return visit.to(f"{place}?said={key}")


async def asked(api: Any, visit: Visit, path: str, body: Body, key: str) -> tuple[int, Body]:
    """What the API answers this visitor: status and document."""
    sent = json.dumps(body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(sent)).encode())]
    headers += [(b"idempotency-key", key.encode("ascii", "ignore"))] if key else []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"{ROOT}{path}",
        "raw_path": f"{ROOT}{path}".encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": (visit.request.client, 0),
        "server": ("console", 0),
        "state": {STATE: visit.actor},
    }
    answer = Heard()
    waiting: list[Message] = [{"type": "http.request", "body": sent, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    await api(scope, receive, answer.hear)
    return answer.status, answer.document


class Heard:
    """Collects an answer."""

    def __init__(self) -> None:
        self.status, self.body = 500, b""

    async def hear(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message.get("body", b"")

    @property
    def document(self) -> Body:
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
