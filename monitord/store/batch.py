"""What one commit writes: a batch of decided facts, and the rows it becomes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from monitord.core.check import Instant
from monitord.core.facts import Fact, Record
from monitord.core.timeline import about, by_of, ticket_of
from monitord.core.world import is_live
from monitord.store import tables
from monitord.store.codec import encode, encode_records
from monitord.store.inbox import decided_row, inbox
from monitord.store.tokens import Mark, asked, mark_row

Row = dict[str, Any]
Rows = dict[Table, list[Row]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact, when it was decided, and what was decided."""

    fact: Fact
    at: Instant
    records: tuple[Record, ...]
    events: tuple[Any, ...] = ()
    mark: Mark | None = None  # under which key of theirs somebody asked for it


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts decided one after the other, under one term and one configuration; stored whole or not at all.
    `at` is when it is handed over: the store remembers it as the last sign of life.
    """

    term: int
    revision: str
    entries: tuple[Entry, ...]
    at: Instant | None = None


def rows(batch: Batch, seq: int) -> Rows:
    """Everything the batch writes, by table; `seq` is the journal's last number before it."""
    written: Rows = {tables.journal: [], tables.event: []}
    newest: dict[tuple[type[Any], Any], tuple[Record, str]] = {}
    for number, entry in enumerate(batch.entries, seq + 1):
        bodies = [encode(record) for record in entry.records]
        written[tables.journal].append(journal_row(batch, entry, number, bodies))
        written[tables.event].extend(event_row(each, entry.at, number) for each in entry.events)
        if (heard := decided_row(getattr(entry.fact, "event", ""))) is not None:
            written.setdefault(inbox, []).append(heard)
        if entry.mark is not None:
            written.setdefault(asked, []).append(mark_row(entry.mark, entry.at, number))
        for record, body in zip(entry.records, bodies, strict=True):
            newest[type(record), record.key] = (record, body)
    for record, body in newest.values():
        written.setdefault(tables.SHELVES[type(record)].table, []).append(record_row(record, body))
    return written


def journal_row(batch: Batch, entry: Entry, seq: int, bodies: Iterable[str]) -> Row:
    kinds = (type(record).__name__ for record in entry.records)
    return {
        "seq": seq,
        "at": entry.at,
        "term": batch.term,
        "revision": batch.revision,
        "fact_kind": type(entry.fact).__name__,
        "fact": encode(entry.fact),
        "records": encode_records(zip(kinds, bodies, strict=True)),
    }


def event_row(event: Any, at: Instant, seq: int) -> Row:
    return {
        "seq": seq,
        "at": at,
        "ticket": ticket_of(event),
        "about": about(event),
        "kind": type(event).__name__,
        "body": encode(event),
        "actor": by_of(event),
    }


def record_row(record: Record, body: str) -> Row:
    own = tables.SHELVES[type(record)].columns(record)
    return {"key": record.key, "live": is_live(record), "body": body, **own}
