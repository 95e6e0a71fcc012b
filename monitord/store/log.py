"""The log of `live.sqlite3` (SQLite's WAL): it has its length from the start on, and is copied in between.

Theory of operation. A commit is durable when its frames in the log are. Where the file must grow for them,
the filesystem has to store its new length as well: measured on ext4, that makes a commit of 0.4 ms one of
4 ms. So the file is made as long as it will become before anybody waits. Zeros are no frames: SQLite sees the
log's end there, as it does before what an earlier round has left behind.

What is in the log must be copied into the store at some time. SQLite does that within a commit, which then
waits for several more fsyncs. So it is done beside, through a connection of its own, in a pause after so many
facts. A log that is copied whole begins anew with the next commit. Where there is no pause, SQLite does it as
before.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from monitord.store.database import Database
from monitord.store.faults import StoreFailing, spoken
from monitord.store.folder import room

LOG_BYTES = 4_400_000  # after 1000 pages of 4 KiB, SQLite copies by itself
ROOM_BYTES = 10 * LOG_BYTES  # where less is free, it belongs to others
SHORT_BYTES = 1024 * 1024  # there it is only as long as a full disk needs it (store/ballast.py)
COPY_AFTER = 64  # facts
PAUSE = 0.05  # seconds without a commit
ZEROS = bytes(65_536)


class Log:
    """The log of one file, and a connection to copy it; `copy` may be called from any one thread."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.path = log_of(database.path)

    def lengthen(self) -> None:
        """Give it its length, if there is room. Nobody may be writing; an error changes nothing."""
        try:
            filled(self.path, LOG_BYTES if room(self.path.parent) >= ROOM_BYTES else SHORT_BYTES)
        except OSError:
            return  # it grows as it always did

    def copy(self) -> None:
        """Copy into the store what nobody reads in the log any more; raises a StoreError."""
        try:
            with spoken(self.database.path):
                connection = self.database.opened().connection.driver_connection
                assert connection is not None, "an open connection has its driver's"
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except StoreFailing:
            self.database.close()
            raise

    def close(self) -> None:
        self.database.close()


class Pauses:
    """Notices a pause after enough facts, and has the log copied then."""

    def __init__(self, copy: Callable[[], object]) -> None:
        self.copy = copy
        self.facts = 0
        self.ring: asyncio.TimerHandle | None = None

    def committed(self, facts: int) -> None:
        """So many more are in the log."""
        self.facts += facts
        self.end()
        if self.facts >= COPY_AFTER:
            self.ring = asyncio.get_running_loop().call_later(PAUSE, self.begin)

    def begin(self) -> None:
        self.facts = 0
        self.copy()

    def end(self) -> None:
        """No pause is waited for any more."""
        if self.ring is not None:
            self.ring.cancel()


def log_of(path: Path) -> Path:
    """Where SQLite keeps the log of that file."""
    return path.with_name(f"{path.name}-wal")


def lengthened(path: Path, size: int) -> None:
    """Take so many bytes behind its end, at once: on a full disk, before anybody else does."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, size)
    finally:
        os.close(descriptor)


def filled(path: Path, size: int) -> None:
    """Write zeros after its end, up to that size: a hole, or a block that is only allocated, is stored anew
    when it is used.
    """
    descriptor = os.open(path, os.O_WRONLY)
    try:
        end = os.fstat(descriptor).st_size
        while end < size:
            end += os.pwrite(descriptor, ZEROS[: size - end], end)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
