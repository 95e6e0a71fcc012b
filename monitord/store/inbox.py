"""The inbox: what came in from outside, raw, in `live.sqlite3`; what was made of it, and what is still open.

Theory of operation. A row is committed before its sender hears 2xx. It holds so many `reports`, and `decided`
counts how many of them have been decided: it moves on in the very transaction of the decision, so that after
a crash exactly the others are decided. A report knows its row and its place in it by its event, as `17` or,
for the third of several, `17.3`. What only repeats what was known is kept for a shorter time.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from monitord.core.check import Instant
from monitord.store.ballast import Ballast
from monitord.store.database import Database
from monitord.store.faults import StaleTerm
from monitord.store.tables import LIVE, Moment, ledger

KEPT_FOR = timedelta(days=7)
REPEATS_KEPT_FOR = timedelta(days=1)
FORGET_AT_ONCE = 500  # rows, which hold bodies
OUTCOMES_MAX = 100  # sentences of one row
LIST_MAX = 500
UNDECIDED_AT_ONCE = 50  # rows with their bodies, in memory at the same time

inbox = Table(
    "inbox",
    LIVE,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("integration", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("times", Integer, nullable=False),
    Column("repeats", Boolean, nullable=False),
    Column("reports", Integer, nullable=False),
    Column("decided", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("inbox_undecided", inbox.c.id, sqlite_where=text("decided < reports"))
Index("inbox_at", inbox.c.at)

DECIDED = (
    update(inbox)
    .where(inbox.c.id == bindparam("of"))
    .values(decided=func.max(inbox.c.decided, bindparam("until")))
)


LISTED = (
    *(inbox.c[each] for each in ("id", "at", "integration", "method", "path")),
    func.length(inbox.c.body).label("bytes"),  # SQLite knows it without reading the body
    *(inbox.c[each] for each in ("times", "reports", "decided", "status", "outcome")),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in. `integration` is its id (`heartbeat/ID` for a ping), `reports` how many facts are in it,
    `times` for how many equal ones it stands, `outcome` what can be said of it already.
    """

    at: Instant
    integration: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: bytes
    times: int = 1
    repeats: bool = False
    reports: int = 0
    status: int = 200
    outcome: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """An arrival in a list: of its body, which may have half a megabyte, the length in bytes."""

    id: int
    at: Instant
    integration: str
    method: str
    path: str
    bytes: int
    times: int
    reports: int
    decided: int
    status: int
    outcome: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """An arrival under its number."""

    id: int
    arrival: Arrival
    decided: int

    @property
    def undecided(self) -> bool:
        return self.decided < self.arrival.reports

    @property
    def listed(self) -> Listed:
        said = self.arrival
        return Listed(
            id=self.id,
            at=said.at,
            integration=said.integration,
            method=said.method,
            path=said.path,
            bytes=len(said.body),
            times=said.times,
            reports=said.reports,
            decided=self.decided,
            status=said.status,
            outcome=said.outcome,
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """What was made of an arrival, a sentence a report."""

    id: int
    outcome: tuple[str, ...]


class Inbox:
    """Writes through the writer of decisions, and reads beside it."""

    def __init__(self, writing: Database, reading: Database, ballast: Ballast) -> None:
        self.writing, self.reading, self.ballast = writing, reading, ballast

    def receive(self, term: int, arrivals: Sequence[Arrival]) -> list[int]:
        """Keep them in one transaction, and return their numbers: they are durable. Raises a StoreError."""
        self.ballast.refuse("what comes in is refused")
        with self.writing.transaction() as connection:
            self.fence(connection, term)
            numbered = insert(inbox).returning(inbox.c.id, sort_by_parameter_order=True)
            return list(connection.execute(numbered, [row_of(each) for each in arrivals]).scalars())

    def fence(self, connection: Connection, term: int) -> None:
        found = connection.execute(select(ledger.c.term)).scalar_one()
        if found != term:
            raise StaleTerm(f"{self.writing.path} is in term {found}, this process in {term}; stop this one")

    def settle(self, settled: Sequence[Settled]) -> None:
        """Note what was made of them, now that all is decided. It may be lost: the journal says the same."""
        known = inbox.c.id == bindparam("of")
        said = update(inbox).where(known).values(outcome=bindparam("said"), decided=inbox.c.reports)
        words = [{"of": each.id, "said": json.dumps(each.outcome[:OUTCOMES_MAX])} for each in settled]
        with self.writing.transaction() as connection:
            connection.execute(said, words)

    def undecided(self, after: int = 0, limit: int = UNDECIDED_AT_ONCE) -> list[Event]:
        """What a crash has left undecided, oldest first; `after` is a number, to turn the page."""
        open_ = (inbox.c.decided < inbox.c.reports) & (inbox.c.id > after)
        found = select(inbox).where(open_).order_by(inbox.c.id)
        return self.events_of(found.limit(limit), self.writing)

    def event(self, id: int) -> Event | None:
        found = self.events_of(select(inbox).where(inbox.c.id == id), self.reading)
        return found[0] if found else None

    def events(
        self, integration: str | None = None, before: int | None = None, limit: int = 100
    ) -> list[Listed]:
        """Newest first, without their bodies; `before` is a number, to turn the page."""
        query = select(*LISTED).order_by(inbox.c.id.desc()).limit(min(limit, LIST_MAX))
        if integration is not None:
            query = query.where(inbox.c.integration == integration)
        if before is not None:
            query = query.where(inbox.c.id < before)
        with self.reading.transaction() as connection:
            return [listed_of(row) for row in connection.execute(query)]

    def events_of(self, query: Select[Any], database: Database) -> list[Event]:
        with database.transaction() as connection:
            return [event_of(row) for row in connection.execute(query)]

    def forget_before(self, now: Instant) -> int:
        """Delete some of what is older than it is kept; what is undecided stays."""
        old = or_(inbox.c.at < now - KEPT_FOR, inbox.c.repeats & (inbox.c.at < now - REPEATS_KEPT_FOR))
        some = select(inbox.c.id).where(old, inbox.c.decided >= inbox.c.reports)
        with self.writing.transaction() as connection:
            return connection.execute(
                delete(inbox).where(inbox.c.id.in_(some.order_by(inbox.c.id).limit(FORGET_AT_ONCE)))
            ).rowcount


def row_of(arrival: Arrival) -> dict[str, Any]:
    return {
        "at": arrival.at,
        "integration": arrival.integration,
        "method": arrival.method,
        "path": arrival.path,
        "query": json.dumps(arrival.query),
        "headers": json.dumps(arrival.headers),
        "body": arrival.body,
        "times": arrival.times,
        "repeats": arrival.repeats,
        "reports": arrival.reports,
        "decided": 0,
        "status": arrival.status,
        "outcome": json.dumps(arrival.outcome[:OUTCOMES_MAX]),
    }


def event_of(row: Any) -> Event:
    arrival = Arrival(
        at=row.at,
        integration=row.integration,
        method=row.method,
        path=row.path,
        query=pairs(row.query),
        headers=pairs(row.headers),
        body=row.body,
        times=row.times,
        repeats=row.repeats,
        reports=row.reports,
        status=row.status,
        outcome=tuple(json.loads(row.outcome)),
    )
    return Event(row.id, arrival, row.decided)


def listed_of(row: Any) -> Listed:
    said = row._mapping
    return Listed(**{**said, "outcome": tuple(json.loads(said["outcome"]))})


def pairs(written: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(written))


def decided_row(event: str) -> dict[str, int] | None:
    """How far the inbox is decided with this fact; None for a fact that did not come through it."""
    id, _, place = event.partition(".")
    if not (id.isascii() and id.isdecimal()):
        return None
    return {"of": int(id), "until": int(place) if place.isdecimal() else 1}


def event_id(id: int, place: int, reports: int) -> str:
    """What a report is known by: the number of its row, and its place if there are several."""
    return str(id) if reports == 1 else f"{id}.{place}"
