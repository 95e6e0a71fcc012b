"""generic: any program that can send JSON or a form.

    kind: generic
    service: shop
    title: event.name
    summary: event.text
    key: event.id
    state: event.status
    cleared: [recovered, "0"]

`curl -d '{"title": "disk full on web1", "status": "firing"}' http://edge.example.org:8081/in/NAME/SECRET`
raises, and the same with `"status": "ok"` clears. A path names a value in the JSON, as `event.name`, or
`alerts.0.name` for the first of a list. Where none is given, the usual names are looked for, as `title`,
`summary`, `message`, `subject`, `name` or `event`; `status`, `state`, `action`, `event_action` or
`event_type`; `key`, `dedup_key`, `dedup`, `alias`, `fingerprint` or `incident_key`; `severity`, `priority`,
`level` or `urgency`; and for the summary `details`, `description`, `text` or `body`. `each` names a list
whose entries are one report each. What has no key is known by its title: the report that clears must have the
same.

Everything raises but the words in `cleared`; with `raised` only those words raise, and others change nothing.
Who says no state at all says a thing when it happens, and will not say that it is over.
Rules see every single value under its path, as in `where: {event.region: eu}`. A form or a query with the
same names will do, as GoAlert's `/api/v2/generic/incoming?token=SECRET&summary=…&action=close`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitord.core.check import Instant
from monitord.kinds import Inbound, Reply, Request, Route, Said
from monitord.net.documents import (
    Document,
    Unreadable,
    as_text,
    fields_twice,
    limited,
    named,
    read_document,
    read_fields,
    read_text,
)
from monitord.net.instants import read_instant, sane
from monitord.net.json_text import Twice

LABELS_MAX = 64
WORDS_SHOWN = 3
FORM = "application/x-www-form-urlencoded"
GOALERT = "/api/v2/generic/incoming"
KEY_OF_SECRET = ("token", "integrationKey")  # in a query; never a label
JSON = (("content-type", "application/json"),)

USUAL: dict[str, tuple[str, ...]] = {
    "title": ("title", "summary", "message", "subject", "name", "event"),
    "summary": ("details", "description", "text", "body", "summary", "message"),
    "key": ("key", "dedup_key", "dedup", "alias", "fingerprint", "incident_key"),
    "state": ("status", "state", "action", "event_action", "event_type"),
    "severity": ("severity", "priority", "level", "urgency"),
    "since": ("since", "startsAt", "started", "timestamp", "time"),
    "link": ("url", "link"),
    "group": ("group",),
}
CLEARED = (
    *("resolved", "resolve", "ok", "okay", "closed", "close", "cleared", "clear", "up", "success", "normal"),
    *("recovered", "recovery", "inactive", "healthy", "fixed", "false"),
)


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand beside `kind: generic`: paths into what is sent, and what its words mean."""

    each: str = ""
    title: str = ""
    summary: str = ""
    key: str = ""
    state: str = ""
    severity: str = ""
    since: str = ""
    group: str = ""
    link: str = ""
    cleared: tuple[str, ...] = CLEARED
    raised: tuple[str, ...] = ()


def read(options: Options, request: Request, now: Instant) -> Reply:
    """Every report in the body; what a GoAlert client asks for gets that answer."""
    document = document_of(request)
    entries = entries_of(options, document.value)
    found = [report(options, entry, index, now) for index, entry in enumerate(entries)]
    heard = tuple(each for each in found if each is not None)
    silent = [entry for entry, each in zip(entries, found, strict=True) if each is None]
    nothing = neither(options, silent, len(entries)) if silent else ""
    note = ". ".join(filter(None, (nothing, said_twice(document.twice))))
    if request.path == GOALERT:
        return Reply(204, heard=heard, note=note)
    body = {"status": "accepted", "keys": [each.key for each in heard[:100]]}
    return Reply(202, json.dumps(body).encode(), heard, JSON, note)


def neither(options: Options, silent: list[Any], of: int) -> str:
    """Why these entries change nothing, in a sentence."""
    words = list(dict.fromkeys(word[:40] for each in silent if (word := found(options, each, "state"))))
    it, says = ("it changes", "it says") if of == 1 else (f"{len(silent)} of {of} reports change", "they say")
    if not words:
        is_said = "it does not say how it is" if of == 1 else "they do not say how it is"
        return f"{it} nothing: {is_said}, and `raised` wants a word for that"
    few = ", ".join((*words[:WORDS_SHOWN], *("…" for _ in words[WORDS_SHOWN : WORDS_SHOWN + 1])))
    return f"{it} nothing: what {says} ({few}) stands neither in `raised` nor in `cleared`"


def document_of(request: Request) -> Document:
    """What was sent: JSON, a form, or nothing but a query. A query's words count, the body's count more. Of
    what stands there twice the last counts: somebody must be paged, even if a word of it is wrong.
    """
    asked = {name: value for name, value in request.query if name not in KEY_OF_SECRET}
    twice = fields_twice(request.query)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM and not request.body.lstrip().startswith((b"{", b"[")):
        fields = read_fields(read_text(request.body))
        return Document({**asked, **dict(fields)}, (*twice, *fields_twice(fields)))
    if not request.body.strip() and asked:
        return Document(asked, twice)
    found = read_document(request.body)
    value = {**asked, **found.value} if isinstance(found.value, dict) else found.value
    return Document(value, (*twice, *found.twice))


def said_twice(several: tuple[Twice, ...]) -> str:
    """In a sentence; nothing if nothing was."""
    return f"{', '.join(map(str, several))}; the last one counts: send each once" if several else ""


def entries_of(options: Options, document: Any) -> list[Any]:
    """The reports in it. Raises Unreadable."""
    entries = at(document, options.each) if options.each else document
    if isinstance(entries, dict):
        return [entries]
    if isinstance(entries, list):
        return limited(entries)
    where = f"`{options.each}`" if options.each else "the body"
    raise Unreadable(f"{where} is {named(entries)}; an object or a list of objects is expected")


def report(options: Options, entry: Any, index: int, now: Instant) -> Said | None:
    """One entry; None if it says neither that something is so nor that it is over. Raises Unreadable."""
    title = found(options, entry, "title")
    key = found(options, entry, "key") or title
    if not key:
        words = f"`{options.title}`" if options.title else ", ".join(USUAL["title"])
        raise Unreadable(f"entry {index} has no title; looked for {words}")
    state = found(options, entry, "state")
    raised = is_raised(options, state)
    if raised is None:
        return None
    summary, link = found(options, entry, "summary"), found(options, entry, "link")
    return Said(
        key=key,
        raised=raised,
        title=title or key,
        summary=summary if summary != title else "",
        severity=found(options, entry, "severity"),
        labels=tuple(labels(entry)),
        since=sane(read_instant(found(options, entry, "since")), now),
        group=found(options, entry, "group"),
        links=(("source", link),) if link.startswith(("http://", "https://")) else (),
        once=not state,
    )


def is_raised(options: Options, word: str) -> bool | None:
    """What a state's word means; None if it means nothing here."""
    folded = word.strip().casefold()
    if folded in map(str.casefold, options.raised):
        return True
    if folded in map(str.casefold, options.cleared):
        return False
    return None if options.raised else True


def found(options: Options, entry: Any, what: str) -> str:
    """The text at the path that was given, or under the first of the usual names."""
    path: str = getattr(options, what)
    if path:
        return as_text(at(entry, path))
    return next((text for name in USUAL[what] if (text := as_text(at(entry, name)))), "")


def at(value: Any, path: str) -> Any:
    """What a path leads to; None if it leads nowhere. A name with dots in it is tried whole first."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for part in path.split("."):
        match value:
            case dict():
                value = value.get(part)
            case list() if part.isascii() and part.isdecimal() and len(part) < 6 and int(part) < len(value):
                value = value[int(part)]
            case _:
                return None
    return value


def labels(entry: Any) -> Iterator[tuple[str, str]]:
    """Every single value under its path, the nearest first, up to a limit."""
    level = [("", entry)]
    given = 0
    while level and given < LABELS_MAX:
        deeper: list[tuple[str, Any]] = []
        for path, value in level:
            for name, child in named_children(value):
                where = f"{path}.{name}" if path else name
                if isinstance(child, dict | list):
                    deeper.append((where, child))
                elif (text := as_text(child)) and given < LABELS_MAX:
                    given += 1
                    yield where, text
        level = deeper


def named_children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from ((str(name), child) for name, child in value.items())
    else:
        yield from ((str(index), child) for index, child in enumerate(value))


ROUTES = (
    Route("POST", tells=True),
    Route("PUT", tells=True),
    Route("POST", GOALERT, tells=True, at_root=True),
)
KIND = Inbound(Options, read, ROUTES)
