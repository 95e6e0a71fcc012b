"""The store: a folder with `live.sqlite3` (decisions) and `measurements.sqlite3`, and what it can do.

Theory of operation. Decisions are few, small, and must survive a power cut: WAL, synchronous=FULL, one writer
connection, one transaction a commit. Measurements are many and may be lost. Three connections, one for each
of writing decisions, reading them, and measurements, so that each may live in a thread of its own (see
thread.py). An exclusive lock on the folder holds for as long as the store is open.
"""

from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import inspect

from monitord.core.check import Instant
from monitord.core.facts import RECORDS, Fact, Installation
from monitord.core.world import Configuration, World
from monitord.store import schema, tables
from monitord.store.accounts import Accounts
from monitord.store.ballast import Ballast, room_to_open
from monitord.store.batch import Batch
from monitord.store.codec import decode_as
from monitord.store.database import BUSY, DURABLE, LIVE, Database, reader, writer
from monitord.store.decisions import Decisions, Revision
from monitord.store.faults import (
    StoreBusy,
    StoreDamaged,
    StoreInUse,
    StoreUnreadable,
    StoreUnwritable,
    Undecodable,
)
from monitord.store.feeds import FeedNumbers
from monitord.store.folder import synced
from monitord.store.inbox import Inbox
from monitord.store.lock import FolderLock
from monitord.store.log import Log
from monitord.store.measurements import NAME as MEASUREMENTS
from monitord.store.measurements import Measurement, Measurements
from monitord.store.reads import Reads
from monitord.store.swap import complete
from monitord.store.tokens import Tokens

FORGET_AT_ONCE = 2000
HISTORY = {"journal", "event", "delivery", "post", "quarantine", "revision", "inbox"}
NEEDED = frozenset(tables.LIVE.tables) - HISTORY


class Store:
    """An open store; `notes` are sentences about what was not as it should be when it was opened."""

    def __init__(self, folder: Path, now: Instant, busy: timedelta) -> None:
        with ExitStack() as undo:
            prepare(folder)
            lock = FolderLock(folder)
            undo.callback(lock.release)
            self.notes = [*completed(folder), *remarks(folder)]
            room_to_open(folder)
            database = checked(folder / LIVE, busy)
            undo.callback(database.close)
            self.decisions = Decisions(database, now)
            self.ballast = Ballast(database)
            self.log = Log(writer(folder / LIVE, DURABLE, busy))
            undo.callback(self.log.close)
            self.accounts = Accounts(database)
            self.tokens = Tokens(database)
            self.feeds = FeedNumbers(database)
            self.reads = Reads(reader(folder / LIVE, busy))
            undo.callback(self.reads.database.close)
            self.inbox = Inbox(database, self.reads.database, self.ballast)
            self.epoch = self.reads.installation().epoch
            self.measurements = Measurements(folder, now, busy)
            undo.callback(self.measurements.close)
            synced(folder)
            self.closing = undo.pop_all()
        self.folder = folder
        self.opened_at = now
        self.notes += self.measurements.notes

    @classmethod
    def open(cls, folder: Path, *, now: Instant, busy: timedelta = BUSY) -> "Store":
        """Create, migrate or just open; raises StoreRefused. `busy` is how long a lock is waited for."""
        try:
            return cls(folder, now, busy)
        except StoreDamaged as error:
            raise StoreUnreadable(str(error)) from error
        except StoreBusy as error:
            raise StoreInUse(str(error)) from error

    def close(self) -> None:
        """Let go of everything; closing twice is closing once."""
        self.closing.close()

    @property
    def secret(self) -> bytes:
        """The key of all signed links; drawn when the store was created."""
        return self.decisions.secret

    @property
    def alive(self) -> Instant | None:
        """When the process before this one wrote last: since then nobody has listened."""
        return self.decisions.alive

    @property
    def term(self) -> int:
        """The term begun last."""
        return self.decisions.term

    def load(self, configuration: Configuration) -> World:
        """The world as it was committed; a row that cannot be read is put aside, and noted."""
        world = World(configuration, self.reads.installation())
        for kind in RECORDS:
            if kind is not Installation:
                world.apply(
                    record for text in self.reads.live(kind) for record in self.understood(kind, text)
                )
        return world

    def understood(self, kind: type[Any], text: str) -> list[Any]:
        try:
            return [decode_as(kind, text)]
        except Undecodable as error:
            self.notes.append(f"{error}; it is in quarantine")
            self.decisions.put_aside(kind.__name__, text, self.opened_at, str(error))
            return []

    # Writing decisions.

    def begin_term(self) -> int:
        """Begin the next term: commits of earlier ones are refused from now on."""
        return self.ballast.for_decisions(self.decisions.begin_term)

    def commit(self, batch: Batch) -> int:
        """Store a batch in one transaction; when this returns (the journal's last number) it is durable.

        Raises StaleTerm, StoreAhead (both: stop), or another StoreError (nothing was stored; try again).
        """
        return self.ballast.for_decisions(partial(self.decisions.commit, batch))

    def quarantine(self, fact: Fact, at: Instant, error: str, trace: str) -> None:
        """Keep a fact that could not be decided."""
        self.ballast.for_decisions(partial(self.decisions.quarantine, fact, at, error, trace))

    def accept_revision(self, hash: str, content: str, at: Instant, tzdata: str, who: str = "") -> None:
        """Make this configuration the newest accepted one."""
        self.ballast.for_decisions(
            partial(self.decisions.accept_revision, Revision(hash, content, at, tzdata, who))
        )

    def forget_before(
        self, *, measurements: Instant, journal: Instant, deliveries: Instant, most: int = FORGET_AT_ONCE
    ) -> int:
        """Delete up to `most` rows of each kind older than that; 0 when there is nothing left to forget."""
        decided = self.decisions.forget_before(journal=journal, deliveries=deliveries, most=most)
        return decided + self.measurements.forget_before(measurements, most)

    # Measurements.

    def measure(self, rows: list[Measurement]) -> None:
        """Store check results in one transaction of their own file."""
        self.ballast.refuse("measurements are left out")
        self.measurements.measure(rows)

    def rename_measured(self, before: str, now: str, most: int) -> int:
        """Up to `most` checks of one probe belong to the other; how many that were."""
        self.ballast.refuse("measurements stay under the old id")
        return self.measurements.rename(before, now, most)


def replay(store: Store, configuration: Configuration) -> World:
    """The world that the journal's records make."""
    return store.reads.replay(configuration)


def prepare(folder: Path) -> None:
    """Make the folder, for its owner only."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnwritable(
            f"the store's folder {folder} cannot be created: {error.strerror}; "
            "create it for the account that runs monitord, or name another one as `store`"
        ) from error


def completed(folder: Path) -> list[str]:
    """A restore that was cut short after its last decision is finished now."""
    aside = complete(folder)
    return [f"a restore was completed; what was there before lies in {aside}"] if aside else []


def remarks(folder: Path) -> list[str]:
    """A folder that has been a store and has no decisions any more has lost them."""
    if (folder / MEASUREMENTS).exists() and not (folder / LIVE).exists():
        return [f"{folder / LIVE} was gone: a new store was begun, and what was open before is not known"]
    return []


def checked(path: Path, busy: timedelta) -> Database:
    """The file, sound and at the newest schema; raises a StoreError."""
    database = writer(path, DURABLE, busy)
    try:
        check(database)
        schema.bring_up_to_date(database, schema.LIVE)
    except BaseException:
        database.close()
        raise
    return database


def check(database: Database) -> None:
    """SQLite's check of what is needed to go on; raises StoreDamaged. For history see Reads.check."""
    with database.transaction() as connection:
        needed = NEEDED.intersection(inspect(connection).get_table_names())
        findings = (
            connection.exec_driver_sql(f"PRAGMA quick_check({name})").scalar() for name in sorted(needed)
        )
        found = next((str(finding) for finding in findings if finding != "ok"), None)
    if found:
        raise StoreDamaged(
            f"{database.path} is damaged ({found}); "
            "keep a copy of the whole folder and restore the newest backup"
        )
