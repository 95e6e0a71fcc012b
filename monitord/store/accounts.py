"""Who may sign in, and who is: accounts, sessions, one-time links, the log of access; no core record.

Theory of operation. Nothing here opens a door by itself: a session and a link are stored under the digest of
what the browser holds, a password as Argon2 says it. A link is taken out by whoever uses it, in the same
transaction in which it is found, so that it works once. The log only grows.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import sqlite

from monitord.core.check import Instant
from monitord.store import tables
from monitord.store.database import Database

SESSIONS_MAX = 10_000
LINKS_MAX = 1_000
LOG_PAGE = 100


@dataclass(frozen=True, slots=True)
class Account:
    """A name with a password (an Argon2 hash; "" for none) of its own, a person's or nobody's."""

    name: str
    password: str
    administrator: bool
    created: Instant


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in; `id` is a digest, `how` the way they came in, `ends` at the latest;
    `passkey` is the one that opened it, if one did.
    """

    id: str
    account: str
    how: str
    created: Instant
    seen: Instant
    ends: Instant
    client: str
    agent: str
    passkey: str = ""


@dataclass(frozen=True, slots=True)
class SignInLink:
    """A way in that works once, until `ends`; `id` is a digest."""

    id: str
    account: str
    ends: Instant


@dataclass(frozen=True, slots=True)
class LogLine:
    """Who did what about access, from where."""

    at: Instant
    who: str
    did: str
    client: str = ""


class Accounts:
    """The writing side, over the connection that writes decisions."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # Accounts.

    def accounts(self) -> list[Account]:
        with self.database.transaction() as connection:
            found = connection.execute(select(tables.account).order_by(tables.account.c.name))
            return [Account(**row._mapping) for row in found]

    def keep_account(self, account: Account) -> None:
        """A new one, or another password for one that there is."""
        values = asdict(account)
        statement = sqlite.insert(tables.account).values(values)
        changed = {"password": account.password, "administrator": account.administrator}
        with self.database.transaction() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))

    def drop_account(self, name: str) -> bool:
        """The account with its passkeys, sessions and links; was there anything?"""
        gone = 0
        with self.database.transaction() as connection:
            gone += connection.execute(delete(tables.account).where(tables.account.c.name == name)).rowcount
            for table in (tables.session, tables.sign_in_link, tables.passkey):
                gone += connection.execute(delete(table).where(table.c.account == name)).rowcount
        return gone > 0

    def sign_out(self, name: str) -> None:
        """Its sessions and links end; the account stays."""
        with self.database.transaction() as connection:
            for table in (tables.session, tables.sign_in_link):
                connection.execute(delete(table).where(table.c.account == name))

    # Sessions.

    def sessions(self, now: Instant) -> list[Session]:
        """Those that have not ended; the others are forgotten."""
        table = tables.session
        with self.database.transaction() as connection:
            connection.execute(delete(table).where(table.c.ends <= now))
            found = connection.execute(select(table).order_by(table.c.seen.desc()).limit(SESSIONS_MAX))
            return [Session(**row._mapping) for row in found]

    def keep_session(self, session: Session) -> None:
        self.add(tables.session, session)

    def see_session(self, id: str, seen: Instant) -> None:
        """It was used."""
        table = tables.session
        with self.database.transaction() as connection:
            connection.execute(update(table).where(table.c.id == id).values(seen=seen))

    def drop_sessions(self, ids: list[str]) -> None:
        with self.database.transaction() as connection:
            connection.execute(delete(tables.session).where(tables.session.c.id.in_(ids)))

    # Links.

    def keep_link(self, link: SignInLink, now: Instant) -> None:
        """Besides, what has ended is forgotten."""
        with self.database.transaction() as connection:
            connection.execute(delete(tables.sign_in_link).where(tables.sign_in_link.c.ends <= now))
        self.add(tables.sign_in_link, link)

    def link(self, id: str) -> SignInLink | None:
        """Look at it without using it."""
        with self.database.transaction() as connection:
            row = connection.execute(
                select(tables.sign_in_link).where(tables.sign_in_link.c.id == id)
            ).first()
        return SignInLink(**row._mapping) if row else None

    def take_link(self, id: str) -> SignInLink | None:
        """Use it: from now on there is none."""
        table = tables.sign_in_link
        with self.database.transaction() as connection:
            row = connection.execute(delete(table).where(table.c.id == id).returning(table)).first()
        return SignInLink(**row._mapping) if row else None

    # The log.

    def note(self, line: LogLine) -> None:
        self.add(tables.access_log, line)

    def add(self, table: Any, value: Any) -> None:
        with self.database.transaction() as connection:
            connection.execute(insert(table).values(asdict(value)))
