"""What a restore does about access: what was taken from somebody since the backup is not handed out again.

Theory of operation. A backup knows nothing of what came after it. An account that was removed since would let
its owner in again, a password that was changed because somebody else knew it would open the door again, a
token that was revoked would, too, and so would a passkey that was removed, or a calendar address that was
renewed. So where the store that is replaced is of the same installation and can be read, these stay as they
are in it; what happened to each account and passkey is returned, to be said loudly, and is noted in the log
of access. Otherwise nobody knows, and every one of the backup is named. Whoever was seen as a person in one
of the two stays a person's, and ends with them.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, delete, insert, inspect, select, update

from monitord.core.check import Instant
from monitord.store import tables
from monitord.store.accounts import LogLine
from monitord.store.backup import asked
from monitord.store.passkeys import Passkey, called
from monitord.store.tokens import KEPT_FOR, token

BY = "monitord restore"
FOR_ONE_LIFE = (tables.session, tables.sign_in_link)  # rows that do not outlive a restore
TOKENS = "SELECT json_group_array(json_array(id, revoked)) FROM token WHERE revoked NOT NULL"
KNOWN = "SELECT json_group_array(id) FROM token"
ACCOUNTS = "SELECT json_group_array(json_array(name, password, administrator)) FROM account"
PERSONS = "SELECT json_group_array(name) FROM account WHERE person"  # a store may be older than that
BELONG = "UPDATE account SET person = 1 WHERE name IN (SELECT value FROM json_each(?))"
REVOKE = (
    "UPDATE token SET revoked = json_extract(said.value, '$[1]') FROM json_each(?) AS said "
    "WHERE token.id = json_extract(said.value, '$[0]') AND token.revoked IS NULL"
)
FEEDS = "SELECT json_group_array(json_array(subject, number, renewed, renewed_by)) FROM feed"
RENEW = (
    "INSERT INTO feed SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), "
    "json_extract(value, '$[2]'), json_extract(value, '$[3]') FROM json_each(?) WHERE true "
    "ON CONFLICT (subject) DO UPDATE SET number = excluded.number, renewed = excluded.renewed, "
    "renewed_by = excluded.renewed_by WHERE excluded.number > feed.number"
)
PASSKEYS = "SELECT json_group_array(json_array(id, counter, suspected)) FROM passkey"
COUNT_ON = (
    "UPDATE passkey SET counter = max(counter, json_extract(said.value, '$[1]')), "
    "suspected = coalesce(suspected, json_extract(said.value, '$[2]')) FROM json_each(?) AS said "
    "WHERE passkey.id = json_extract(said.value, '$[0]')"
)


@dataclass(frozen=True, slots=True)
class Access:
    """What the store from before says: revoked tokens, renewed feeds, and the accounts that are people's as
    JSON; which tokens it knows, the accounts' passwords and ranks, and passkeys as JSON, if known.
    """

    revoked: str = "[]"
    tokens: tuple[str, ...] | None = None
    feeds: str = "[]"
    accounts: Mapping[str, tuple[str, bool]] | None = None
    passkeys: str | None = None
    persons: str = "[]"


@dataclass(frozen=True, slots=True)
class Carried:
    """The names of accounts: removed since the backup, and so again; changed since, and so as they were
    changed; of the backup, where nobody knows what happened to them since. The same of passkeys. And the
    tokens of the backup that are revoked now.
    """

    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    passkeys_removed: tuple[str, ...] = ()
    passkeys_unknown: tuple[str, ...] = ()
    tokens_revoked: tuple[str, ...] = ()


NOTHING = Carried()


def access_of(live: Path, *, same: bool) -> Access:
    """Of the store that is replaced; only one of the `same` installation knows whose accounts these are."""
    revoked, accounts = asked(live, TOKENS), asked(live, ACCOUNTS) if same else None
    tokens = asked(live, KNOWN) if same else None
    feeds = asked(live, FEEDS) if same else None
    passkeys = asked(live, PASSKEYS) if same else None
    persons = asked(live, PERSONS) if same else None
    return Access(
        revoked if isinstance(revoked, str) else "[]",
        tuple(json.loads(tokens)) if isinstance(tokens, str) else None,
        feeds if isinstance(feeds, str) else "[]",
        {name: (password, bool(rank)) for name, password, rank in json.loads(accounts)}
        if isinstance(accounts, str)
        else None,
        passkeys if isinstance(passkeys, str) else None,
        persons if isinstance(persons, str) else "[]",
    )


def carry(connection: Connection, access: Access, now: Instant) -> Carried:
    """Into the restored store, in the transaction that begins its epoch."""
    sign_out(connection)
    connection.exec_driver_sql(REVOKE, (access.revoked,))
    connection.exec_driver_sql(BELONG, (access.persons,))
    gone = () if access.tokens is None else revoke_forgotten(connection, access.tokens, now)
    if inspect(connection).has_table("feed"):  # a backup may be older than that
        connection.exec_driver_sql(RENEW, (access.feeds,))
    carried = replace(compared(connection, access.accounts), tokens_revoked=gone)
    for name in carried.removed:
        connection.execute(delete(tables.account).where(tables.account.c.name == name))
        note(connection, now, f"kept the account of {name} removed: it was removed after the backup was made")
    for name in carried.changed:
        password, rank = (access.accounts or {})[name]
        values = {"password": password, "administrator": rank}
        connection.execute(update(tables.account).where(tables.account.c.name == name).values(values))
        note(connection, now, f"kept the password of {name} that was set after the backup was made")
    for name in carried.unknown:
        note(connection, now, f"brought back the account of {name}: what became of it since is not known")
    return carry_passkeys(connection, access.passkeys, carried, now)


def revoke_forgotten(connection: Connection, known: Collection[str], now: Instant) -> tuple[str, ...]:
    """What was of no use for so long that it is forgotten is of none again; what is too young for that was
    made after the replaced store, which is itself an older one. Those that are revoked, as people call them.
    """
    forgotten = (
        token.c.revoked.is_(None)
        & (token.c.expires > now)
        & (token.c.created < now - KEPT_FOR)
        & token.c.id.not_in(known)
    )
    statement = update(token).where(forgotten).values(revoked=now).returning(token.c.id, token.c.owner)
    gone = connection.execute(statement).all()
    for id, owner in gone:
        note(connection, now, f"revoked the token {id} of {owner}: the store from before knows it no more")
    return tuple(f"{id} of {owner}" for id, owner in gone)


def carry_passkeys(connection: Connection, known: str | None, carried: Carried, now: Instant) -> Carried:
    """What was removed since stays so, and no authenticator counts from further back than it did."""
    table = tables.passkey
    then = [Passkey(**row._mapping) for row in connection.execute(select(table).order_by(table.c.id))]
    if known is None:
        for each in then:
            did = f"brought back the passkey {called(each)}: what became of it since is not known"
            note(connection, now, did)
        return replace(carried, passkeys_unknown=tuple(map(called, then)))
    kept = {id for id, *_ in json.loads(known)}
    gone = [each for each in then if each.id not in kept]
    for each in gone:
        connection.execute(delete(table).where(table.c.id == each.id))
        did = f"kept the passkey {called(each)} removed: it was removed after the backup was made"
        note(connection, now, did)
    connection.exec_driver_sql(COUNT_ON, (known,))
    return replace(carried, passkeys_removed=tuple(map(called, gone)))


def compared(connection: Connection, now_there: Mapping[str, tuple[str, bool]] | None) -> Carried:
    table = tables.account
    rows = connection.execute(
        select(table.c.name, table.c.password, table.c.administrator).order_by(table.c.name)
    )
    then = {name: (password, rank) for name, password, rank in rows}
    if now_there is None:
        return Carried(unknown=tuple(then))
    stayed = [name for name in then if name in now_there]
    return Carried(
        removed=tuple(name for name in then if name not in now_there),
        changed=tuple(name for name in stayed if then[name] != now_there[name]),
    )


def note(connection: Connection, now: Instant, did: str) -> None:
    connection.execute(insert(tables.access_log).values(asdict(LogLine(now, BY, did))))


def sign_out(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    for table in FOR_ONE_LIFE:
        if table.name in there:
            connection.execute(delete(table))
