"""Passkeys: what is kept of them, next to accounts and sessions; no core record.

Theory of operation. Of a passkey only its public half is stored: a copy of the store lets nobody in. Its
short id, for people and addresses, is the beginning of the digest of its credential id. Whatever takes a
passkey away ends the sessions that it opened in the same transaction. `counter` is what the authenticator has
counted up to; one that counts backwards may have been copied, and `suspected` says since when we know.
"""

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from monitord.core.check import Instant
from monitord.store.accounts import Accounts, LogLine
from monitord.store.tables import access_log, passkey, session

ID_DIGITS = 12
BY = "monitord"


@dataclass(frozen=True, slots=True)
class Passkey:
    """`account` signs in with it at `site`, the host name that it was made for."""

    id: str
    credential: bytes
    public_key: bytes
    account: str
    name: str
    site: str
    counter: int
    created: Instant
    used: Instant | None = None
    suspected: Instant | None = None


class TooManyPasskeys(Exception):
    """The account has as many as it may have."""


class PasskeyKnown(Exception):
    """There is one of that credential id already."""


def id_of(credential: bytes) -> str:
    """How people call a passkey with that credential id."""
    return hashlib.sha256(credential).hexdigest()[:ID_DIGITS]


def kept(accounts: Accounts, account: str | None = None) -> list[Passkey]:
    """Somebody's, or everybody's; the oldest first."""
    query = select(passkey).order_by(passkey.c.account, passkey.c.created, passkey.c.id)
    with accounts.database.transaction() as connection:
        rows = connection.execute(query if account is None else query.where(passkey.c.account == account))
        return [Passkey(**row._mapping) for row in rows]


def find(accounts: Accounts, id: str) -> Passkey | None:
    with accounts.database.transaction() as connection:
        row = connection.execute(select(passkey).where(passkey.c.id == id)).first()
    return Passkey(**row._mapping) if row else None


def keep(accounts: Accounts, made: Passkey, most: int, line: LogLine) -> None:
    """A new one, and who added it. Raises TooManyPasskeys, PasskeyKnown."""
    with accounts.database.transaction() as connection:
        if connection.execute(select(passkey.c.id).where(passkey.c.id == made.id)).first():
            raise PasskeyKnown
        there = select(func.count()).select_from(passkey).where(passkey.c.account == made.account)
        if connection.execute(there).scalar_one() >= most:
            raise TooManyPasskeys
        connection.execute(insert(passkey).values(asdict(made)))
        connection.execute(insert(access_log).values(asdict(line)))


def use(accounts: Accounts, id: str, counter: int, at: Instant) -> bool:
    """Somebody signed in with it; did it count on? Of two at once that say the same number one did."""
    counted_on = (passkey.c.counter < counter) | ((passkey.c.counter == 0) & (counter == 0))
    with accounts.database.transaction() as connection:
        statement = update(passkey).where(passkey.c.id == id, counted_on)
        return connection.execute(statement.values(counter=counter, used=at)).rowcount > 0


def suspect(accounts: Accounts, id: str, line: LogLine) -> None:
    """It counted backwards; the first time stands, each is in the log."""
    with accounts.database.transaction() as connection:
        first = update(passkey).where(passkey.c.id == id, passkey.c.suspected.is_(None))
        connection.execute(first.values(suspected=line.at))
        connection.execute(insert(access_log).values(asdict(line)))


def drop(accounts: Accounts, id: str, account: str, line: LogLine) -> Passkey | None:
    """Take it from the account, with the sessions that it opened; None if it was not there."""
    with accounts.database.transaction() as connection:
        where = (passkey.c.id == id) & (passkey.c.account == account)
        row = connection.execute(delete(passkey).where(where).returning(passkey)).first()
        if row is None:
            return None
        end_sessions(connection, [id])
        connection.execute(insert(access_log).values(asdict(line)))
    return Passkey(**row._mapping)


def drop_of_strangers(accounts: Accounts, known: Collection[str], at: Instant) -> list[Passkey]:
    """Take away those of names that nobody has any more: who gets that name one day is somebody else."""
    with accounts.database.transaction() as connection:
        strange = passkey.c.account.not_in(list(known))
        gone = [
            Passkey(**row._mapping)
            for row in connection.execute(delete(passkey).where(strange).returning(passkey))
        ]
        end_sessions(connection, [each.id for each in gone])
        for each in gone:
            did = f"removed the passkey {called(each)}: nobody here is called {each.account} any more"
            connection.execute(insert(access_log).values(asdict(LogLine(at, BY, did))))
    return gone


def end_sessions(connection: Connection, ids: list[str]) -> None:
    if ids:
        connection.execute(delete(session).where(session.c.passkey.in_(ids)))


def removed(id: str, account: str) -> str:
    """What the log says of it."""
    return f"removed the passkey {id} of {account}"


def called(each: Passkey) -> str:
    """As the log names it."""
    return f"{each.name} ({each.id}) of {each.account}"
