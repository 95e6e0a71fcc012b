"""The client: one method a question or an act; answers are values, and whatever goes wrong is a sentence.

Theory of operation. An act carries a key of its own, so that the same act sent twice is done once; that is
why an act whose answer was lost is sent once more. What the daemon says in its `error` becomes the exception
whose exit code the command line ends with.
"""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from monitord.client.access import TokenMade, TokenRow, Whoever
from monitord.client.faults import ClientFault, DaemonUnreachable, Refused, WrongUse
from monitord.client.place import Place
from monitord.client.reading import read
from monitord.client.shapes import (
    BackupRow,
    DeliveryRow,
    Done,
    IncidentRow,
    IncidentStory,
    OnCallNow,
    ProbeNow,
    ProbeStory,
    StatusNow,
    TicketRow,
    TicketStory,
)

if TYPE_CHECKING:
    from monitord.client.wire import Reply

BACKUP_WITHIN = 3600.0  # seconds
ANSWER_WITHIN = 15.0  # seconds; a little longer than the daemon waits for its own commit
FAULTS: Mapping[int, type[ClientFault]] = {
    400: WrongUse,
    405: WrongUse,
    413: WrongUse,
    422: WrongUse,
    503: DaemonUnreachable,
}

T = TypeVar("T")
NOTHING: Mapping[str, Any] = {}


class Client:
    """Speaks to one daemon; `by` is the id of the person who acts (None: whoever runs this process).

    Every method raises a ClientFault.
    """

    def __init__(self, place: Place, by: str | None = None, within: float = ANSWER_WITHIN) -> None:
        self.place, self.by, self.within = place, by, within

    # Questions.

    def status(self) -> StatusNow:
        return self.get(StatusNow, "status")

    def tickets(
        self,
        state: str | None = None,
        service: str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> tuple[TicketRow, ...]:
        """Newest first; `before` is a number, to turn the page."""
        return self.get(
            tuple[TicketRow, ...], "tickets", state=state, service=service, before=before, limit=limit
        )

    def ticket(self, number: int) -> TicketStory:
        return self.get(TicketStory, f"tickets/{number}")

    def probes(self) -> tuple[ProbeNow, ...]:
        return self.get(tuple[ProbeNow, ...], "probes")

    def probe(self, probe: str) -> ProbeStory:
        return self.get(ProbeStory, f"probes/{spelled(probe)}")

    def oncall(self, at: datetime | None = None) -> tuple[OnCallNow, ...]:
        return self.get(tuple[OnCallNow, ...], "oncall", at=at.isoformat() if at else None)

    def incidents(self) -> tuple[IncidentRow, ...]:
        return self.get(tuple[IncidentRow, ...], "incidents")

    def incident(self, incident: str) -> IncidentStory:
        return self.get(IncidentStory, f"incidents/{spelled(incident)}")

    def deliveries(self, ticket: int) -> tuple[DeliveryRow, ...]:
        return self.get(tuple[DeliveryRow, ...], "deliveries", ticket=ticket)

    def whoami(self) -> Whoever:
        return self.get(Whoever, "whoami")

    def tokens(self) -> tuple[TokenRow, ...]:
        """The newest first; never what they open with."""
        return self.get(tuple[TokenRow, ...], "tokens")

    # Acts.

    def open_ticket(self, title: str, service: str, priority: str = "urgent", text: str = "") -> Done:
        return self.act("tickets", title=title, service=service, priority=priority, text=text)

    def acknowledge(self, ticket: int) -> Done:
        return self.act(f"tickets/{ticket}/acknowledge")

    def decline(self, ticket: int) -> Done:
        return self.act(f"tickets/{ticket}/decline")

    def hand_over(self, ticket: int, to: str) -> Done:
        return self.act(f"tickets/{ticket}/hand_over", to=to)

    def resolve(self, ticket: int, note: str = "", hold_until_clear: bool = False) -> Done:
        return self.act(f"tickets/{ticket}/resolve", note=note, hold_until_clear=hold_until_clear)

    def comment(self, ticket: int, text: str) -> Done:
        return self.act(f"tickets/{ticket}/comment", text=text)

    def snooze(self, ticket: int, until: datetime) -> Done:
        """`until` is an instant, a day from now at most."""
        return self.act(f"tickets/{ticket}/snooze", until=until.isoformat())

    def set_priority(self, ticket: int, priority: str) -> Done:
        return self.act(f"tickets/{ticket}/priority", priority=priority)

    def page_for(self, ticket: int, whom: Sequence[str], text: str = "") -> Done:
        """These people, rotations or teams, too, now."""
        return self.act(f"tickets/{ticket}/page", whom=list(whom), text=text)

    def page(self, whom: Sequence[str], text: str) -> Done:
        """A ticket for these people, rotations or teams alone."""
        return self.act("pages", whom=list(whom), text=text)

    def begin_incident(
        self,
        title: str,
        body: str,
        affects: Mapping[str, str],
        phase: str = "investigating",
    ) -> Done:
        """A new public story; `affects` is component to state."""
        return self.act("incidents", title=title, body=body, phase=phase, affects=dict(affects))

    def post(
        self, incident: str, body: str, phase: str = "investigating", affects: Mapping[str, str] | None = None
    ) -> Done:
        """The next entry of a public story."""
        where = f"incidents/{spelled(incident)}/posts"
        return self.act(where, body=body, phase=phase, affects=dict(affects or {}))

    def create_token(
        self,
        owner: str,
        scopes: Sequence[str],
        expires: datetime | None = None,
        *,
        machine: bool = False,
        note: str = "",
    ) -> TokenMade:
        """The only time that the token is shown."""
        until = {"expires": expires.isoformat()} if expires else {}
        body = {"owner": owner, "machine": machine, "scopes": list(scopes), "note": note, **until}
        return self.done(TokenMade, "tokens", body)

    def revoke_token(self, token: str) -> TokenRow:
        """From now on it opens nothing; `token` is its id."""
        return self.done(TokenRow, f"tokens/{spelled(token)}/revoke", {})

    def back_up(self, to: str = "") -> BackupRow:
        """Copy the store; takes as long as it takes. `to` is a whole path, "" the configured folder."""
        patient = Client(self.place, self.by, BACKUP_WITHIN)
        headers = {"idempotency-key": os.urandom(18).hex()}
        return understood(BackupRow, patient.ask("backups", body={"to": to}, headers=headers), self.place)

    def backups(self) -> tuple[BackupRow, ...]:
        """Those in the configured folder, newest first."""
        return self.get(tuple[BackupRow, ...], "backups")

    # How.

    @property
    def named(self) -> Mapping[str, str]:
        """In whose name we ask."""
        return {"monitord-by": self.by} if self.by else NOTHING

    def get(self, kind: type[T], path: str, **query: Any) -> T:
        told = {name: value for name, value in query.items() if value is not None}
        return understood(kind, self.ask(path, query=told, headers=self.named), self.place)

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
    """An id as a part of a path; what is no text has no id."""
    return quote(id, safe="", errors="replace")


def fault(status: int, said: Any) -> ClientFault:
    """What the daemon said in its `error`."""
    error = said.get("error") if isinstance(said, dict) else None
    told = error if isinstance(error, dict) else {}
    what = str(told.get("what") or f"the daemon answered {status}")
    where = str(told.get("where") or "")
    kind = FAULTS.get(status, Refused)
    sentence = f"{where}: {what}" if where and kind is WrongUse else what
    return kind(sentence, str(told.get("remedy") or ""))
