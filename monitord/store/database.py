"""One SQLite file through one connection: how it is opened, what a transaction is, when it is opened anew.

Theory of operation. The driver begins no transaction by itself; a writer begins with BEGIN IMMEDIATE, so that
it waits for its lock once, at the start, and not in the middle of what it has decided. A file that is no
longer the one we opened (deleted, replaced) is noticed before each transaction: what is written into a
deleted file is lost. After an error of the disk the connection is closed and opened again, because nobody
knows what it still believes.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from monitord.store.faults import StoreFailing, StoreGone, StoreUnwritable, spoken

LIVE = "live.sqlite3"
BUSY = timedelta(seconds=5)
WAL_BYTES_KEPT = 16 * 1024 * 1024
COMPANIONS = ("", "-wal", "-shm")

WRITER = ("PRAGMA journal_mode=WAL", f"PRAGMA journal_size_limit={WAL_BYTES_KEPT}", "PRAGMA foreign_keys=ON")
DURABLE = (*WRITER, "PRAGMA synchronous=FULL")
QUICK = (*WRITER, "PRAGMA synchronous=NORMAL")
READER = ("PRAGMA query_only=ON", "PRAGMA wal_autocheckpoint=0")


class Database:
    """A file and the one connection to it; use it from one thread at a time."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self.engine = engine
        self.connection: Connection | None = None
        self.identity: tuple[int, int] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Everything inside, or nothing; a StoreError says what went wrong with the file."""
        try:
            with spoken(self.path):
                connection = self.opened()
                with connection.begin():
                    yield connection
        except StoreFailing:
            self.close()
            raise

    def opened(self) -> Connection:
        """The connection, to the file that bears the name; raises StoreGone."""
        found = identified(self.path)
        self.identity = self.identity or found
        if found != self.identity:
            raise StoreGone(f"{self.path} was replaced by another file; restart monitord to use that one")
        if self.connection is None:
            self.connection = self.engine.connect()
        return self.connection

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def identified(path: Path) -> tuple[int, int]:
    """Which file bears this name."""
    try:
        found = path.stat()
    except FileNotFoundError:
        raise StoreGone(
            f"{path} was deleted; stop monitord, put the file or a backup back, and start it again"
        ) from None
    return found.st_dev, found.st_ino


def writer(path: Path, pragmas: tuple[str, ...], busy: timedelta = BUSY) -> Database:
    """The file, created (readable by its owner only) if there is none."""
    create(path)
    return Database(path, engine(path, "rw", pragmas, "BEGIN IMMEDIATE", busy))


def reader(path: Path, busy: timedelta = BUSY) -> Database:
    """The same file, to read; never in a writer's way."""
    return Database(path, engine(path, "ro", READER, "BEGIN", busy))


def onlooker(path: Path, busy: timedelta = BUSY) -> Database:
    """The same file, to look at once from another process. Beside a store that nobody uses nothing is made:
    SQLite would leave a log of its own there, and it would belong to whoever looked.
    """
    used = path.with_name(f"{path.name}-wal").exists()
    return Database(path, engine(path, "ro" if used else "ro&immutable=1", READER, "BEGIN", busy))


def create(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreUnwritable(
            f"{path} cannot be written: {error.strerror}; check the rights of the account that runs monitord"
        ) from error


def engine(path: Path, mode: str, pragmas: tuple[str, ...], begin: str, busy: timedelta) -> Engine:
    """SQLAlchemy's engine for the file; the two hooks are the only dialect trick there is."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            timeout=busy.total_seconds(),
            isolation_level=None,
            check_same_thread=False,
        )

    made = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(made, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        with spoken(path):
            for pragma in pragmas:
                connection.execute(pragma)

    @event.listens_for(made, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return made
