"""The reading side of `live.sqlite3`: what the engine loads, and what people ask of history.

Everything goes through a connection of its own, which sees what is committed and is never in the way.
Every answer is bounded by `limit`, or by LIMIT.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, column, func, select
from sqlalchemy import table as sqltable
from sqlalchemy import text as sqltext

from monitord.core.check import Instant
from monitord.core.delivery import Delivery, DeliveryState
from monitord.core.facts import Installation
from monitord.core.organization import Priority
from monitord.core.statuspage import Incident, Post
from monitord.core.subscription import SubscriberState
from monitord.core.ticket import State, Ticket
from monitord.core.world import Configuration, World
from monitord.store import tables
from monitord.store.accounts import LogLine
from monitord.store.batch import Entry
from monitord.store.codec import decode, decode_as, decode_records
from monitord.store.database import Database
from monitord.store.decisions import Revision
from monitord.store.faults import Undecodable

LIMIT = 10_000
PAGE = 500

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line of the journal: a fact and what was decided, under which term and revision."""

    seq: int
    term: int
    revision: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A fact that could not be decided, or a row that could not be read: its class, its text, and why."""

    at: Instant
    kind: str
    text: str
    error: str
    trace: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets somebody looks for; `text` is words, of which each has to begin one of the ticket's."""

    state: State | None = None
    unfinished: bool = False
    priority: Priority | None = None
    service: str = ""
    text: str = ""
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did; `event` says it."""

    id: int
    at: Instant
    actor: str
    ticket: int | None
    event: Any


WORDS_MAX = 8
ticket_search = sqltable("ticket_search")
MATCHES = sqltext("ticket_search MATCH :words")


def searched(written: str) -> str:
    """Words as FTS5 takes them: each quoted, so that none is an operator, and begun with."""
    words = re.findall(r"\w+", written)[:WORDS_MAX]
    return " ".join(f'"{word}"*' for word in words)


class Reads:
    """Questions to the store; each is answered from one snapshot."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.seen: Connection | None = None

    @contextmanager
    def moment(self) -> Iterator[Connection]:
        """What is asked within is answered from one snapshot, also by several queries."""
        if self.seen is not None:
            yield self.seen
            return
        with self.database.transaction() as self.seen:
            try:
                yield self.seen
            finally:
                self.seen = None

    def rows(self, query: Select[Any]) -> list[Row[Any]]:
        with self.moment() as connection:
            return list(connection.execute(query))

    def records(self, kind: type[R], query: Select[Any]) -> list[R]:
        """The records whose bodies the query selects."""
        return [decode_as(kind, row.body) for row in self.rows(query)]

    def record(self, kind: type[R], key: int | str) -> R | None:
        """The newest value of one record, live or not."""
        table = tables.SHELVES[kind].table
        found = self.records(kind, select(table.c.body).where(table.c.key == key))
        return found[0] if found else None

    def installation(self) -> Installation:
        found = self.record(Installation, "")
        assert found is not None, "a store is created with its installation"
        return found

    def live(self, kind: type[Any]) -> list[str]:
        """The encoded bodies of every live record of a kind, in order of key."""
        table = tables.SHELVES[kind].table
        query = select(table.c.body).where(table.c.live.is_(True)).order_by(table.c.key)
        return [row.body for row in self.rows(query)]

    def journal(self, after_seq: int = 0, limit: int = PAGE) -> list[Recorded]:
        """The decided facts after that number, in order, with what was decided."""
        journal, event = tables.journal, tables.event
        query = select(journal).where(journal.c.seq > after_seq).order_by(journal.c.seq).limit(limit)
        with self.moment() as connection:
            lines = list(connection.execute(query))
            last = lines[-1].seq if lines else after_seq
            window = event.c.seq.between(after_seq + 1, last)
            told = list(connection.execute(select(event).where(window).order_by(event.c.id)))
        events: dict[int, list[Any]] = {}
        for row in told:
            events.setdefault(row.seq, []).append(decode(row.kind, row.body))
        return [recorded(line, tuple(events.get(line.seq, ()))) for line in lines]

    def replay(self, configuration: Configuration) -> World:
        """The world that the journal's records make: the loaded one, while nothing was forgotten."""
        world = World(configuration, Installation(self.installation().epoch))
        for line in self.whole_journal():
            world.apply(line.entry.records)
        return world

    def whole_journal(self) -> Iterator[Recorded]:
        lines = self.journal()
        while lines:
            yield from lines
            lines = self.journal(lines[-1].seq)

    def story(self, ticket: int) -> tuple[list[tuple[Instant, Any]], list[Delivery]]:
        """What happened to a ticket and every message about it, both as of one moment."""
        with self.moment():
            return self.timeline(ticket), self.deliveries(ticket)

    def timeline(self, ticket: int) -> list[tuple[Instant, Any]]:
        """The events of a ticket, in the order they came; the last ones, if there are too many."""
        event = tables.event
        return self.events(event.c.ticket == ticket)

    def events_about(self, about: str, since: Instant) -> list[tuple[Instant, Any]]:
        """The events about a signal's key, a probe, an incident, a subscriber … (see core.timeline.about)."""
        event = tables.event
        return self.events((event.c.about == about) & (event.c.at >= since))

    def events(self, which: ColumnElement[bool]) -> list[tuple[Instant, Any]]:
        event = tables.event
        newest = self.rows(select(event).where(which).order_by(event.c.id.desc()).limit(LIMIT))
        return [(row.at, decode(row.kind, row.body)) for row in reversed(newest)]

    def ticket(self, number: int) -> Ticket | None:
        return self.record(Ticket, number)

    def tickets(
        self,
        state: State | None = None,
        service: str | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Ticket]:
        """Newest first; `before` is a number, to turn the page."""
        table = tables.ticket
        query = select(table.c.body).order_by(table.c.key.desc()).limit(limit)
        if state is not None:
            query = query.where(table.c.state == state.value)
        if service is not None:
            query = query.where(table.c.service == service)
        if before is not None:
            query = query.where(table.c.key < before)
        return self.records(Ticket, query)

    def search(self, wanted: Wanted, before: int | None, limit: int) -> list[Ticket]:
        """Newest first unless they say so: what a person asks for; each filter has an index, words are
        looked up. `before` is the last one of the page before.
        """
        table = tables.ticket
        oldest_first = wanted.oldest_first
        order = table.c.key.asc() if oldest_first else table.c.key.desc()
        query = select(table.c.body).order_by(order).limit(limit)
        if wanted.state is not None:
            query = query.where(table.c.state == wanted.state.value)
        elif wanted.unfinished:
            query = query.where(table.c.resolved.is_(None))
        if wanted.service:
            query = query.where(table.c.service == wanted.service)
        if wanted.priority is not None:
            query = query.where(table.c.priority == wanted.priority.value)
        if before is not None:
            query = query.where(table.c.key > before if oldest_first else table.c.key < before)
        if words := searched(wanted.text):
            found: Select[Any] = (
                select(column("rowid")).select_from(ticket_search).where(MATCHES.bindparams(words=words))
            )
            query = query.where(table.c.key.in_(found))
        return self.records(Ticket, query)

    def messages(
        self, state: DeliveryState | None, before: tuple[Instant, str] | None, limit: int
    ) -> list[Delivery]:
        """Newest first; `before` is the date and id of the last one of the page before."""
        table = tables.delivery
        query = select(table.c.body).order_by(table.c.date.desc(), table.c.key.desc()).limit(limit)
        if state is not None:
            query = query.where(table.c.state == state.value)
        if before is not None:
            at, key = before
            query = query.where((table.c.date < at) | ((table.c.date == at) & (table.c.key < key)))
        return self.records(Delivery, query)

    def acts(self, actor: str | None, before: int | None, limit: int) -> list[Act]:
        """What people did, newest first; `before` is the id of the last one of the page before."""
        event = tables.event
        query = select(event).where(event.c.actor.is_not(None)).order_by(event.c.id.desc()).limit(limit)
        if actor is not None:
            query = query.where(event.c.actor == actor)
        if before is not None:
            query = query.where(event.c.id < before)
        return [
            Act(row.id, row.at, row.actor, row.ticket, decode(row.kind, row.body)) for row in self.rows(query)
        ]

    def access_log(self, before: int | None, limit: int) -> list[tuple[int, LogLine]]:
        """Who signed in, and what was done about access, newest first."""
        table = tables.access_log
        query = select(table).order_by(table.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(table.c.id < before)
        return [(row.id, LogLine(row.at, row.who, row.did, row.client)) for row in self.rows(query)]

    def deliveries(self, ticket: int) -> list[Delivery]:
        """Every message about a ticket, oldest first; the last ones, if there are too many."""
        table = tables.delivery
        query = select(table.c.body).where(table.c.ticket == ticket)
        newest = self.records(Delivery, query.order_by(table.c.date.desc(), table.c.key.desc()).limit(LIMIT))
        return newest[::-1]

    def incidents(self, since: Instant, limit: int = 100) -> list[Incident]:
        """Those that began at or after `since`, newest first; the unsaid ones (WAITING, DROPPED) too."""
        table = tables.incident
        query = select(table.c.body).where(table.c.started >= since)
        return self.records(Incident, query.order_by(table.c.started.desc(), table.c.key).limit(limit))

    def incident(self, key: str) -> Incident | None:
        return self.record(Incident, key)

    def posts(self, incident: str) -> list[Post]:
        """The entries of a public story, oldest first."""
        table = tables.post
        query = select(table.c.body).where(table.c.incident == incident)
        return self.records(Post, query.order_by(table.c.number).limit(LIMIT))

    def subscribers_count(self) -> int:
        """How many have confirmed."""
        table = tables.subscriber
        confirmed = table.c.live.is_(True) & (table.c.state == SubscriberState.CONFIRMED.value)
        return int(self.rows(select(func.count()).select_from(table).where(confirmed))[0][0])

    def newest_revision(self) -> Revision | None:
        """The configuration accepted last."""
        table = tables.revision
        rows = self.rows(select(table).order_by(table.c.id.desc()).limit(1))
        return next((Revision(row.hash, row.content, row.at, row.tzdata, row.who) for row in rows), None)

    def held(self, kind: type[Any], keys: Sequence[Any]) -> dict[Any, Any]:
        """The newest values of these records by key; one that cannot be read is not among them."""
        table, found = tables.SHELVES[kind].table, {}
        for row in self.rows(select(table.c.body).where(table.c.key.in_(keys))):
            with suppress(Undecodable):
                record = decode_as(kind, row.body)
                found[record.key] = record
        return found

    def check(self) -> str:
        """What SQLite finds damaged in the whole file, or nothing; takes seconds where history is long."""
        with self.moment() as connection:
            found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        return "" if found == "ok" else found

    def quarantined(self, limit: int = 100) -> list[Quarantined]:
        """What was put aside, newest first."""
        table = tables.quarantine
        rows = self.rows(select(table).order_by(table.c.id.desc()).limit(limit))
        return [Quarantined(row.at, row.fact_kind, row.fact, row.error, row.trace) for row in rows]


class Archive(Protocol):
    """The store, as far as it is asked about what was decided; a question is one of `Reads`."""

    async def ask(
        self, question: Callable[Concatenate[Reads, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T: ...


def recorded(row: Row[Any], events: tuple[Any, ...]) -> Recorded:
    entry = Entry(decode(row.fact_kind, row.fact), row.at, decode_records(row.records), events)
    return Recorded(row.seq, row.term, row.revision, entry)
