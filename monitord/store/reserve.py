"""The reserve: room inside the store's own file, so that on a full disk decisions need no block of anybody.

Theory of operation. What is merely free on the disk belongs to whoever writes first: a log that runs away
takes it before the next page does. So the file of decisions is made longer than it has to be, by a table of
zeros that is dropped again: its pages stay in the file, free, and are used before the file grows. It is
filled up in small transactions, so that the log of the store has room for them.

Bounds: this holds where a file is written in place (ext4, xfs). A file system that copies on write (btrfs,
zfs) needs new blocks all the same, and has the ballast only.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from monitord.store.database import Database
from monitord.store.folder import room
from monitord.store.log import lengthened

PAGE_BYTES = 4096
PORTION = 64  # pages in one transaction
RESERVE = 1024  # pages
LOW = RESERVE // 2  # filled up again below that
OTHERS = 8 * 1024 * 1024  # bytes that are left to others while it is filled up
OF_THE_TABLE = 8  # pages that it changes beside them, or needs itself
OVERFLOW = PAGE_BYTES - 4  # bytes of a long value on a page


class Reserve:
    """The free pages of one file; use it from the thread that writes decisions."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.taken = True  # a crash may have left something
        self.release()

    @property
    def pages(self) -> int:
        """How many there are. Raises a StoreError."""
        with self.database.transaction() as connection:
            return int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one())

    @property
    def still_in_the_log(self) -> int:
        """How many pages the file will be longer when the log is copied. Raises a StoreError, OSError."""
        with self.database.transaction() as connection:
            needed = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
        return needed - self.database.path.stat().st_size // PAGE_BYTES

    def fill_up(self) -> None:
        """Up to RESERVE, if there is too little and the disk has enough. Raises a StoreError."""
        self.release()
        if self.pages >= LOW:
            return
        for _ in range(RESERVE // PORTION):
            if room(self.database.path.parent) < OTHERS:
                break
            self.take()
        self.release()

    def lengthen(self, size: int) -> None:
        """So many bytes more, of room that has just been made: at once, before anybody else takes it. The log
        has room for as much; nothing may be copied from it in between, because with that SQLite gives back
        what the file does not need yet. Raises a StoreError, OSError.
        """
        lengthened(self.database.path, size)
        self.take(min(-self.still_in_the_log, size // PAGE_BYTES) - OF_THE_TABLE)

    def take(self, pages: int = PORTION) -> None:
        """So many, kept until `release`."""
        if pages <= 0:
            return
        self.taken = True
        with self.database.transaction() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS filler (zeros BLOB)")
            connection.exec_driver_sql("INSERT INTO filler VALUES (zeroblob(?))", (pages * OVERFLOW,))

    def release(self) -> None:
        """What was taken is free, in the file; also what a crash has left. Raises a StoreError."""
        if self.taken:
            with self.database.transaction() as connection, not_wiped(connection):
                connection.exec_driver_sql("DROP TABLE IF EXISTS filler")
            self.taken = False


@contextmanager
def not_wiped(connection: Connection) -> Iterator[None]:
    """Zeros need not be written again when they are freed, as some builds of SQLite do with everything."""
    before = connection.exec_driver_sql("PRAGMA secure_delete").scalar_one()
    connection.exec_driver_sql("PRAGMA secure_delete=OFF").close()
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA secure_delete={int(before)}").close()
