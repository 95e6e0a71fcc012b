"""Questions to the store's history that lists are made of: each newest first, and cut."""

from dataclasses import dataclass

from sqlalchemy import select

from monitord.core.check import Instant
from monitord.core.subscription import Subscriber
from monitord.store import tables
from monitord.store.accounts import LogLine
from monitord.store.reads import Reads


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """An accepted configuration without its text."""

    id: int
    hash: str
    at: Instant
    tzdata: str
    who: str


def revisions(reads: Reads, before: int | None, limit: int) -> list[RevisionLine]:
    """What was accepted; `before` is the id of the last one of the page before."""
    table = tables.revision
    query = select(table.c.id, table.c.hash, table.c.at, table.c.tzdata, table.c.who)
    if before is not None:
        query = query.where(table.c.id < before)
    rows = reads.rows(query.order_by(table.c.id.desc()).limit(limit))
    return [RevisionLine(row.id, row.hash, row.at, row.tzdata, row.who) for row in rows]


def access_log(reads: Reads, who: str | None, before: int | None, limit: int) -> list[tuple[int, LogLine]]:
    """What was done about access, with its number."""
    table = tables.access_log
    query = select(table)
    if who is not None:
        query = query.where(table.c.who == who)
    if before is not None:
        query = query.where(table.c.id < before)
    rows = reads.rows(query.order_by(table.c.id.desc()).limit(limit))
    return [(row.id, LogLine(row.at, row.who, row.did, row.client)) for row in rows]


def subscribers(reads: Reads, after: str, limit: int) -> list[Subscriber]:
    """Those who have not gone, in order of id."""
    table = tables.subscriber
    query = select(table.c.body).where(table.c.live.is_(True), table.c.key > after)
    return reads.records(Subscriber, query.order_by(table.c.key).limit(limit))
