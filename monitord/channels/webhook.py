"""webhook: a message, posted as signed JSON to another system.

    webhook:
      url: https://gateway.example.org/pages
      secrets: ["${credential:gateway-webhook}"]

As a channel it carries pages: a person's address there is whatever that system knows them by, as
`reach: [{webhook: ann}]`. What other systems hear of tickets is written under `webhooks:`, with the same
keys for each (see the manual's page on webhooks).

A body is `{"event": {...}}` in the shape of PagerDuty's webhooks V3, of at most 55 KB; details are left out
first. `X-PagerDuty-Signature` holds `v1=` and the HMAC-SHA256 of the raw body in hexadecimal, once for each
of the `secrets`: two while they are changed. `X-Webhook-Id` is the same however often one message is sent.
Redirects are not followed. `verify: false` accepts any certificate. `timeout` (5s unless said, at most 10s)
is for the whole of one attempt.

Theory of operation. Any 2xx is taken. 408, 425, 429 and 5xx, a connection that fails, and no answer in time
are tried again: because of its id the other side may get a message twice. Any other answer is permanent.
"""

import asyncio
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from monitord.core.check import Instant
from monitord.core.organization import Priority
from monitord.core.webhook import ANNOTATED, RESPONDER_ADDED, RESPONDER_REPLIED, Named, Notice
from monitord.kinds import Channel, Letter, Refused, Sent, one_line
from monitord.net import Net
from monitord.net.exchange import Answer, Rules
from monitord.net.faults import Fault
from monitord.net.limits import KIB
from monitord.net.redirects import travel
from monitord.net.request import Request
from monitord.net.target import target
from monitord.net.written import Url

BODY_BYTES_MAX = 55_000
ANSWER_BYTES_MAX = 16 * KIB
TEXT_CHARS_MAX = 4000  # of a summary or a note
DETAIL_CHARS = (100_000, 1000, 100, 0)  # of each detail; the first that makes the body fit
SECRET_CHARS_MIN = 16
SECRETS_MAX = 2
TIMEOUT_MAX = timedelta(seconds=10)
NOT_NOW = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
STATES = {"open": "triggered"}
URGENT = (Priority.URGENT, Priority.HIGH)


def together(written: object) -> object:
    """One secret is a list of one."""
    return [written] if isinstance(written, str | SecretStr) else written


def long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SECRET_CHARS_MIN:
        raise ValueError(f"a secret that signs has at least {SECRET_CHARS_MIN} characters")
    return secret


Secret = Annotated[SecretStr, AfterValidator(long_enough)]


@dataclass(frozen=True, slots=True)
class Options:
    """Where to, and what signs it."""

    url: Url
    secrets: Annotated[
        tuple[Secret, ...], BeforeValidator(together), Field(min_length=1, max_length=SECRETS_MAX)
    ]
    verify: bool = True
    timeout: Annotated[timedelta, Field(ge=timedelta(milliseconds=100), le=TIMEOUT_MAX)] = timedelta(
        seconds=5
    )


# --- The body.


def body(letter: Letter) -> bytes:
    """What is posted; the same letter always gives the same bytes."""
    if letter.notice is None:
        return written(message(letter))
    *longer, bare = (shortened(letter.notice, longest) for longest in DETAIL_CHARS)
    tries = (written(event(each, letter)) for each in longer)
    fitting = next((raw for raw in tries if len(raw) <= BODY_BYTES_MAX), None)
    return written(event(bare, letter)) if fitting is None else fitting


def written(said: Mapping[str, Any]) -> bytes:
    """Half characters that no UTF-8 has come out as `?`: that is better than no message."""
    text = json.dumps({"event": said}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def shortened(notice: Notice, longest: int) -> Notice:
    """With details of at most so many characters; 0: without any, and without links."""
    details = tuple((name[:200], value[:longest]) for name, value in notice.details) if longest else ()
    return replace(
        notice,
        details=details,
        links=notice.links if longest else (),
        summary=notice.summary[:TEXT_CHARS_MAX],
        note=notice.note[:TEXT_CHARS_MAX],
    )


def message(letter: Letter) -> dict[str, Any]:
    """A page, or news, for a person."""
    return {
        "id": webhook_id(letter.id),
        "event_type": "monitord.message",
        "resource_type": "message",
        "occurred_at": moment(letter.date),
        "agent": None,
        "client": {"name": "monitord"},
        "data": {
            "type": "message",
            "to": letter.address,
            "subject": letter.subject,
            "text": letter.text[:TEXT_CHARS_MAX],
            "headers": dict(letter.headers),
        },
    }


def event(notice: Notice, letter: Letter) -> dict[str, Any]:
    """What happened to a ticket, in PagerDuty's words (webhooks V3)."""
    return {
        "id": webhook_id(notice.id),
        "event_type": notice.event,
        "resource_type": "incident",
        "occurred_at": moment(notice.at),
        "agent": reference("user", notice.agent),
        "client": {"name": "monitord"},
        "data": {**incident(notice, letter.ops), **MORE.get(notice.event, nothing)(notice, letter.ops)},
    }


def incident(notice: Notice, ops: str) -> dict[str, Any]:
    policy, team = notice.policy, notice.team
    word = notice.priority.value
    return {
        **incident_reference(notice, ops),
        "type": "incident",
        "number": notice.number,
        "status": STATES.get(notice.state, notice.state),
        "incident_key": notice.key,
        "created_at": moment(notice.created),
        "title": notice.title,
        "service": reference("service", notice.service if notice.service[0] else None),
        "assignees": [reference("user", each) for each in notice.assignees],
        "escalation_policy": reference("escalation_policy", (policy, policy) if policy else None),
        "teams": [reference("team", (team, team))] if team else [],
        "priority": reference("priority", (word, word)),
        "urgency": "high" if notice.priority in URGENT else "low",
        "conference_bridge": None,
        "resolve_reason": notice.resolution or None,
        "summary": notice.summary,
        "note": notice.note,
        "details": dict(notice.details),
        "links": [{"text": words, "href": url} for words, url in notice.links],
    }


def incident_reference(notice: Notice, ops: str) -> dict[str, Any]:
    return {
        "id": str(notice.number),
        "type": "incident_reference",
        "self": f"{ops}/api/v1/tickets/{notice.number}",
        "html_url": f"{ops}/tickets/{notice.number}",
        "summary": notice.title,
    }


def reference(kind: str, named: Named | None) -> dict[str, Any] | None:
    if named is None:
        return None
    id, name = named
    return {"id": id, "type": f"{kind}_reference", "summary": name, "self": None, "html_url": None}


def a_note(notice: Notice, ops: str) -> dict[str, Any]:
    """Where those look who expect a note by itself."""
    return {"incident": incident_reference(notice, ops), "content": notice.note, "trimmed": False}


def a_responder(notice: Notice, ops: str) -> dict[str, Any]:
    called = notice.called or ((notice.agent,) if notice.agent else ())
    state = "pending" if notice.event == RESPONDER_ADDED else "accepted"
    return {
        "incident": incident_reference(notice, ops),
        "user": reference("user", called[0]) if called else None,
        "responders": [reference("user", each) for each in called],
        "message": notice.note,
        "state": state,
    }


def nothing(notice: Notice, ops: str) -> dict[str, Any]:
    return {}


MORE: Mapping[str, Callable[[Notice, str], dict[str, Any]]] = {
    ANNOTATED: a_note,
    RESPONDER_ADDED: a_responder,
    RESPONDER_REPLIED: a_responder,
}


def moment(at: Instant) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def webhook_id(id: str) -> str:
    """Derived, so that a message that comes again is recognised."""
    return sha256(id.encode()).hexdigest()[:32]


def signature(options: Options, raw: bytes) -> str:
    """One for each secret that may be in use."""
    keys = (secret.get_secret_value().encode() for secret in options.secrets)
    return ",".join(f"v1={hmac.new(key, raw, sha256).hexdigest()}" for key in keys)


# --- One attempt.


async def send(options: Options, letter: Letter, net: Net) -> Sent | Refused:
    """Post it; whatever goes wrong is said in one sentence."""
    where, raw = target(options.url), body(letter)
    headers = {
        "Content-Type": "application/json",
        "X-PagerDuty-Signature": signature(options, raw),
        "X-Webhook-Id": webhook_id(letter.id),
    }
    rules = Rules(0, options.verify, ANSWER_BYTES_MAX, keep_body=False)
    seconds = options.timeout.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            journey = await travel(net, Request("POST", where, headers, raw), rules)
    except TimeoutError:
        return Refused(f"{where.authority} did not answer within {seconds:g} s", permanent=False)
    match journey.answer:
        case Fault(words=words, ours=True):
            return Refused(one_line(f"nothing left for {where.authority}: {words}"), permanent=False)
        case Fault(words=words):
            return Refused(one_line(f"{where.authority} {words}"), permanent=False)
        case Answer(status=status):
            return judged(where.authority, status)


def judged(who: str, status: int) -> Sent | Refused:
    if 200 <= status <= 299:
        return Sent(str(status))
    if 300 <= status <= 399:
        return Refused(f"{who} answered {status}: a redirect, which is not followed", permanent=True)
    return Refused(f"{who} answered {status}", permanent=status < 500 and status not in NOT_NOW)


KIND = Channel(Options, send, bulkhead=4, deadline=timedelta(seconds=15))
