"""The writing side of `live.sqlite3`: terms, commits, revisions, quarantine, and what may be forgotten.

Theory of operation. Every commit first moves the ledger's row on: `seq` by the number of facts, but only if
the ledger still has the batch's term and the `seq` this process knows of. So one statement fences a stale
writer, numbers the journal, and notices a commit that was reported as failed and has reached the disk all the
same.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import sqlite

from monitord.core.check import Instant
from monitord.core.facts import Fact, Installation
from monitord.store import tables
from monitord.store.batch import Batch, record_row, rows
from monitord.store.codec import encode
from monitord.store.database import Database
from monitord.store.faults import StaleTerm, StoreAhead
from monitord.store.inbox import DECIDED, inbox
from monitord.store.tables import Moment
from monitord.store.tokens import asked, forget_marks, remember_mark

SECRET_BYTES = 32
EPOCH_BYTES = 5
REVISIONS_KEPT = 100  # a large tree has more than a megabyte
FACT_LENGTH_MAX = 64 * 1024
TRACE_LENGTH_MAX = 16 * 1024


@dataclass(frozen=True, slots=True)
class Revision:
    """An accepted configuration: its hash, its text, when and by whom it was accepted, under which tzdata."""

    hash: str
    content: str
    at: Instant
    tzdata: str
    who: str = ""


def upsert(table: Table) -> Insert:
    """Put a row in the place of the one with its key."""
    statement = sqlite.insert(table)
    others = {column.name: statement.excluded[column.name] for column in table.c if column.name != "key"}
    return statement.on_conflict_do_update(index_elements=["key"], set_=others)


STATEMENTS: dict[Table, Insert | Update] = {
    inbox: DECIDED,
    tables.journal: insert(tables.journal),
    tables.event: insert(tables.event),
    asked: remember_mark(),
    **{shelf.table: upsert(shelf.table) for shelf in tables.SHELVES.values()},
}
MOVE_ON = (
    update(tables.ledger)
    .where(tables.ledger.c.term == bindparam("our_term"), tables.ledger.c.seq == bindparam("our_seq"))
    .values(seq=bindparam("last"), alive=func.coalesce(bindparam("at", type_=Moment), tables.ledger.c.alive))
)


class Decisions:
    """The only writer of decisions."""

    def __init__(self, database: Database, now: Instant) -> None:
        self.database = database
        with database.transaction() as connection:
            begin_ledger(connection, now)
            found = connection.execute(select(tables.ledger)).one()
        self.term: int = found.term
        self.seq: int = found.seq
        self.secret: bytes = found.secret
        self.alive: Instant | None = found.alive

    def begin_term(self) -> int:
        """The next term: from its commit on, commits of earlier terms are refused."""
        ledger = tables.ledger
        with self.database.transaction() as connection:
            found = connection.execute(
                update(ledger).values(term=ledger.c.term + 1).returning(ledger.c.term, ledger.c.seq)
            ).one()
        self.term, self.seq = found.term, found.seq
        return self.term

    def commit(self, batch: Batch) -> int:
        """Store the batch, whole and durable, and return the journal's number of its last fact. An empty one
        writes nothing but the ledger's row: it tells whether the store can be written.

        Raises StaleTerm, StoreAhead, or another StoreError; then nothing of it was stored.
        """
        written = rows(batch, self.seq)
        with self.database.transaction() as connection:
            self.fence(connection, batch)
            for table, several in written.items():
                if several:
                    connection.execute(STATEMENTS[table], several)
            if asked in written:
                forget_marks(connection, batch.entries[-1].at)
        self.seq += len(batch.entries)
        return self.seq

    def fence(self, connection: Connection, batch: Batch) -> None:
        """Move the ledger on, or refuse."""
        ledger, last = tables.ledger, self.seq + len(batch.entries)
        known = {"our_term": batch.term, "our_seq": self.seq, "last": last, "at": batch.at}
        moved = connection.execute(MOVE_ON, known)
        if moved.rowcount == 1:
            return
        found = connection.execute(select(ledger.c.term, ledger.c.seq)).one()
        if found.term != batch.term:
            raise StaleTerm(
                f"{self.database.path} is in term {found.term}, this commit is of term {batch.term}: "
                "another monitord decides now; stop this one"
            )
        raise StoreAhead(
            f"{self.database.path} holds {found.seq} facts, this process knows of {self.seq}: "
            "a commit reported as failed was stored after all; restart monitord"
        )

    def quarantine(self, fact: Fact, at: Instant, error: str, trace: str) -> None:
        """Keep a fact that could not be decided, with the reason, for whoever mends the bug."""
        self.put_aside(type(fact).__name__, readable(fact), at, error, trace)

    def put_aside(self, kind: str, text: str, at: Instant, error: str, trace: str = "") -> None:
        """The same for text: a stored row that cannot be read any more."""
        row = {
            "at": at,
            "fact_kind": kind,
            "fact": text[:FACT_LENGTH_MAX],
            "error": error[:FACT_LENGTH_MAX],
            "trace": trace[-TRACE_LENGTH_MAX:],
        }
        with self.database.transaction() as connection:
            connection.execute(insert(tables.quarantine), row)

    def accept_revision(self, revision: Revision) -> None:
        """Make it the newest; accepting the newest again, from the same files, changes nothing."""
        table = tables.revision
        with self.database.transaction() as connection:
            newest = select(table.c.hash, table.c.content).order_by(table.c.id.desc()).limit(1)
            if connection.execute(newest).first() == (revision.hash, revision.content):
                return
            connection.execute(insert(table), fields_of(revision))
            older = select(table.c.id).order_by(table.c.id.desc()).offset(REVISIONS_KEPT)
            connection.execute(delete(table).where(table.c.id.in_(older)))

    def forget_before(self, *, journal: Instant, deliveries: Instant, most: int) -> int:
        """Delete at most `most` rows of each kind that ended earlier; how many there were.

        Tickets, incidents, posts, and the events of tickets stay. `journal` counts for everything that is
        over, and what a calendar said goes as soon as nobody asks for it.
        """
        with self.database.transaction() as connection:
            return sum(
                connection.execute(delete(column.table).where(column.in_(old.limit(most)))).rowcount
                for column, old in forgettable(journal, deliveries)
            )


# Where an ended record of what was said about who is on call, and what is quiet, has its last instant. What a
# calendar said has none, and is asked for by nobody once the calendar is configured no longer.
ENDS = {
    tables.leave: "$.end",
    tables.amendment: "$.override.end",
    tables.swap: "$.given.end",
    tables.silence: "$.end",
    tables.employment: "$.changed_at",
}
WITHOUT_END = (tables.almanac, tables.almanac_standing)


def forgettable(journal: Instant, deliveries: Instant) -> tuple[tuple[Any, Select[Any]], ...]:
    """Each key column with the query for its old rows, oldest first where there are many."""
    facts, event, delivery, failed = tables.journal, tables.event, tables.delivery, tables.quarantine
    passing = event.c.ticket.is_(None) & (event.c.at < journal)
    settled = delivery.c.live.is_(False) & (delivery.c.date < deliveries)
    return (
        (facts.c.seq, select(facts.c.seq).where(facts.c.at < journal).order_by(facts.c.at)),
        (event.c.id, select(event.c.id).where(passing).order_by(event.c.at)),
        (delivery.c.key, select(delivery.c.key).where(settled).order_by(delivery.c.date)),
        (failed.c.id, select(failed.c.id).where(failed.c.at < journal).order_by(failed.c.id)),
        *(
            (table.c.key, ended(table).where(end_in(table, path) < text_of(journal)))
            for table, path in ENDS.items()
        ),
        *((table.c.key, ended(table)) for table in WITHOUT_END),
    )


def ended(table: Table) -> Select[Any]:
    """The keys of its ended rows."""
    return select(table.c.key).where(table.c.live.is_(False))


def end_in(table: Table, path: str) -> Any:
    """What stands there in the body; nothing if that is damaged, which must not keep others."""
    return case((func.json_valid(table.c.body) == 1, func.json_extract(table.c.body, path)))


def text_of(at: Instant) -> str:
    """As it stands in bodies, down to the second: so both can be compared as text."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def begin_ledger(connection: Connection, now: Instant) -> None:
    """What a new store is: its epoch and its secret are drawn here, once, together."""
    if connection.execute(select(tables.ledger.c.id)).scalar() is not None:
        return
    installation = Installation(epoch=secrets.token_hex(EPOCH_BYTES))
    connection.execute(STATEMENTS[tables.installation], record_row(installation, encode(installation)))
    begun = {"id": 1, "term": 0, "seq": 0, "secret": secrets.token_bytes(SECRET_BYTES), "created": now}
    connection.execute(insert(tables.ledger), begun)


def fields_of(revision: Revision) -> dict[str, Any]:
    names = ("hash", "content", "at", "tzdata", "who")
    return {name: getattr(revision, name) for name in names}


def readable(fact: Fact) -> str:
    """A fact that broke the decision may be broken itself; its repr is better than nothing."""
    try:
        return encode(fact)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with it, it must be kept
        return f"{fact!r} (cannot be encoded: {error})"
