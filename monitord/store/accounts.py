"""Who may sign in, and who is: accounts, sessions, one-time links, the log of access; no core record.

Theory of operation. Nothing here opens a door by itself: a session and a link are stored under the digest of
what the browser holds, a password as Argon2 says it. A link is taken out by whoever uses it, in the same
transaction in which it is found, so that it works once. The log only grows. What the daemon does to an
account a command without one does by the same functions: each is one transaction, with its line in the log.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update
from sqlalchemy.dialects import sqlite

from monitord.core.check import Instant
from monitord.store import tables
from monitord.store.database import Database

SESSIONS_MAX = 10_000
LINKS_MAX = 1_000

BY = "monitord"
WAYS_OPEN = (tables.session, tables.sign_in_link)
OF_A_NAME = (
    (tables.account, tables.account.c.name),
    *((table, table.c.account) for table in WAYS_OPEN),
)


@dataclass(frozen=True, slots=True)
class Account:
    """A name with a password (an Argon2 hash; "" for none) of its own, a `person`'s or nobody's. Only what
    never was a person's is of a local administrator, who needs no tree.
    """

    name: str
    password: str
    administrator: bool
    created: Instant
    person: bool = False

    @property
    def local(self) -> bool:
        return self.administrator and not self.person


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


@dataclass(frozen=True, slots=True)
class Holder:
    """A name that has a password or passkeys, or is signed in: `used` when it was so last."""

    name: str
    administrator: bool
    password: bool
    sessions: int
    used: Instant | None
    passkeys: int


def holders(
    accounts: Iterable[Account], sessions: Collection[Session], passkeys: Collection[str], now: Instant
) -> list[Holder]:
    """Everybody who has any of it, by name; `passkeys` says of each whose it is."""
    by_name = {account.name: account for account in accounts}
    living = [session for session in sessions if now < session.ends]
    names = {*by_name, *(session.account for session in living), *passkeys}
    return [holder(name, by_name.get(name), living, passkeys, now) for name in sorted(names)]


def holder(
    name: str, account: Account | None, sessions: Iterable[Session], passkeys: Collection[str], now: Instant
) -> Holder:
    """What that name has; whatever has not ended is a session."""
    seen = [session.seen for session in sessions if session.account == name and now < session.ends]
    return Holder(
        name=name,
        administrator=account is not None and account.administrator,
        password=account is not None and bool(account.password),
        sessions=len(seen),
        used=max(seen, default=None),
        passkeys=sum(owner == name for owner in passkeys),
    )


class Accounts:
    """The writing side, over the connection that writes decisions."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # Accounts.

    def accounts(self) -> list[Account]:
        with self.database.transaction() as connection:
            found = connection.execute(select(tables.account).order_by(tables.account.c.name))
            return [Account(**row._mapping) for row in found]

    def set_password(self, account: Account, by: str) -> None:
        """A new one, or another password for one that there is; its sessions and links end."""
        values = asdict(account)
        statement = sqlite.insert(tables.account).values(values)
        changed = {name: values[name] for name in ("password", "administrator", "person")}
        with self.database.transaction() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))
            delete_of(connection, account.name, WAYS_OPEN)
            log_line(connection, LogLine(account.created, by, f"set the password of {account.name}"))

    def revoke(self, name: str, by: str, at: Instant) -> bool:
        """The account goes with its passkeys, sessions and links; was there anything?"""
        account = delete(tables.account).where(tables.account.c.name == name)
        with self.database.transaction() as connection:
            gone = connection.execute(account).rowcount
            gone += delete_of(connection, name, (*WAYS_OPEN, tables.passkey))
            if gone:
                did = f"revoked the account of {name}, its passkeys and its sessions"
                log_line(connection, LogLine(at, by, did))
        return gone > 0

    def drop_of_strangers(self, people: Collection[str], at: Instant) -> list[str]:
        """Whoever had a password, a session or a link, and is no person any more and no local administrator:
        theirs are taken away, because who gets the name one day is somebody else.
        """
        account = tables.account.c
        gone: set[str] = set()
        with self.database.transaction() as connection:
            theirs = account.name.in_(list(people))
            connection.execute(update(tables.account).where(theirs).values(person=True))
            nobodys = account.administrator & ~account.person
            local = connection.scalars(select(account.name).where(nobodys)).all()
            stays = {*people, *local}
            for table, name in OF_A_NAME:
                gone.update(connection.scalars(delete(table).where(name.not_in(stays)).returning(name)))
            for each in sorted(gone):
                did = f"ended the password, sessions and links of {each}: nobody here is called that any more"
                log_line(connection, LogLine(at, BY, did))
        return sorted(gone)

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


def delete_of(connection: Connection, name: str, from_tables: Iterable[Table]) -> int:
    """How many rows of that account there were."""
    return sum(
        connection.execute(delete(table).where(table.c.account == name)).rowcount for table in from_tables
    )


def log_line(connection: Connection, line: LogLine) -> None:
    connection.execute(insert(tables.access_log).values(asdict(line)))
