"""Bearer tokens, and what was asked under which Idempotency-Key, in `live.sqlite3`.

Theory of operation. Of a token only its SHA-256 is stored: with 256 random bits there is nothing to guess, so
nothing slower is needed, and whoever reads the store cannot use one. Its id is the beginning of that hash. A
revoked or expired token stays for a while, so that it can be said why it is refused. A key is stored in the
very transaction of the decision that was made under it, with the number under which the journal has it: the
answer is made of the decision again.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Insert,
    Integer,
    LargeBinary,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import sqlite

from monitord.core.check import Instant
from monitord.store.database import Database
from monitord.store.tables import LIVE, Moment, access_log

PREFIX = "mon_"
SECRET_BYTES = 32
ID_DIGITS = 12
KEPT_FOR = timedelta(days=30)  # a token that is of no use any more
KEYS_KEPT_FOR = timedelta(days=1)
NO_FACT = 0  # what was done under a key, and is in no journal

token = Table(
    "token",
    LIVE,
    Column("id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("machine", Boolean, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("used", Moment),
    Column("revoked", Moment),
)
asked = Table(
    "asked",
    LIVE,
    Column("by", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("seq", Integer, nullable=False),
)
Index("asked_at", asked.c.at)


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token. A `machine` is no person: its token may what its scopes say, and no more."""

    id: str
    digest: bytes
    owner: str
    machine: bool
    scopes: tuple[str, ...]
    note: str
    created: Instant
    created_by: str
    expires: Instant
    used: Instant | None = None
    revoked: Instant | None = None

    def dead_since(self, now: Instant) -> Instant | None:
        """Since when it opens nothing any more; None while it does."""
        ends = [self.revoked] if self.revoked else []
        return min([*ends, *([self.expires] if self.expires <= now else [])], default=None)


@dataclass(frozen=True, slots=True)
class Mark:
    """Somebody asked for this under a key of theirs; `digest` of what was asked."""

    by: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Marked:
    """What was asked when; `seq` is the journal's number of the decision."""

    mark: Mark
    at: Instant
    seq: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A token that somebody would like to have."""

    owner: str
    machine: bool
    scopes: tuple[str, ...]
    expires: Instant
    note: str = ""


def drawn() -> str:
    """A new token, as only its owner will ever see it."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def granted(wish: Wish, by: str, now: Instant) -> tuple[str, Token]:
    """The new token's secret, and what is kept of it."""
    secret = drawn()
    digest = digest_of(secret)
    made = Token(
        id=id_of(digest),
        digest=digest,
        owner=wish.owner,
        machine=wish.machine,
        scopes=tuple(dict.fromkeys(wish.scopes)),
        note=wish.note,
        created=now,
        created_by=by,
        expires=wish.expires,
    )
    return secret, made


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def id_of(digest: bytes) -> str:
    return digest.hex()[:ID_DIGITS]


class Tokens:
    """What is kept of tokens and keys; done where decisions are written."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, made: Token, mark: Mark | None = None) -> None:
        """Store a new token, with who made it, and forget those that have been of no use for long."""
        old = made.created - KEPT_FOR
        did = f"made the token {made.id} of {made.owner} ({', '.join(made.scopes)})"
        with self.database.transaction() as connection:
            connection.execute(delete(token).where((token.c.expires < old) | (token.c.revoked < old)))
            connection.execute(insert(token), row_of(made))
            if mark is not None:
                connection.execute(remember_mark(), mark_row(mark, made.created, NO_FACT))
            log_act(connection, made.created, made.created_by, did)

    def revoke(self, id: str, by: str, at: Instant, mark: Mark | None = None) -> None:
        """From now on it opens nothing; the first time counts. Nothing was done under the key of `mark`."""
        with self.database.transaction() as connection:
            if mark is not None:
                its = (asked.c.by == mark.by) & (asked.c.key == mark.key)
                connection.execute(delete(asked).where(its))
            living = (token.c.id == id) & token.c.revoked.is_(None)
            if connection.execute(update(token).where(living).values(revoked=at)).rowcount:
                log_act(connection, at, by, f"revoked the token {id}")

    def revoke_of_strangers(self, people: Collection[str], by: str, at: Instant) -> list[str]:
        """Those of people who are none any more: who gets the name one day is somebody else."""
        alive = token.c.revoked.is_(None) & (token.c.expires > at)
        strange = alive & token.c.machine.is_(False) & token.c.owner.not_in(list(people))
        with self.database.transaction() as connection:
            statement = update(token).where(strange).values(revoked=at).returning(token.c.id, token.c.owner)
            gone = connection.execute(statement).all()
            for id, owner in gone:
                log_act(connection, at, by, f"revoked the token {id} of {owner}, who is gone")
        return [id for id, _ in gone]

    def used(self, id: str, at: Instant) -> None:
        with self.database.transaction() as connection:
            connection.execute(update(token).where(token.c.id == id).values(used=at))

    def all(self) -> list[Token]:
        """Every token that is kept, the newest first."""
        query = select(token).order_by(token.c.created.desc(), token.c.id.desc())
        with self.database.transaction() as connection:
            rows = connection.execute(query).all()
        return [Token(**{**row._mapping, "scopes": tuple(row.scopes.split())}) for row in rows]

    def marks(self, since: Instant, most: int) -> list[Marked]:
        """What was asked under a key since then, the oldest first; of more than `most`, the newest."""
        query = select(asked).where(asked.c.at >= since).order_by(asked.c.at.desc()).limit(most)
        with self.database.transaction() as connection:
            rows = connection.execute(query).all()
        return [Marked(Mark(row.by, row.key, row.digest), row.at, row.seq) for row in reversed(rows)]


def row_of(made: Token) -> dict[str, Any]:
    fields = {column.name: getattr(made, column.name) for column in token.c}
    return {**fields, "scopes": " ".join(made.scopes)}


def log_act(connection: Connection, at: Instant, who: str, did: str) -> None:
    connection.execute(insert(access_log), {"at": at, "who": who, "did": did, "client": ""})


def remember_mark() -> Insert:
    """A key that was used for something that came to nothing may be used again."""
    statement = sqlite.insert(asked)
    fresh = {name: statement.excluded[name] for name in ("digest", "at", "seq")}
    return statement.on_conflict_do_update(index_elements=["by", "key"], set_=fresh)


def mark_row(mark: Mark, at: Instant, seq: int) -> dict[str, Any]:
    return {"by": mark.by, "key": mark.key, "digest": mark.digest, "at": at, "seq": seq}


def forget_marks(connection: Connection, now: Instant) -> None:
    connection.execute(delete(asked).where(asked.c.at < now - KEYS_KEPT_FOR))
