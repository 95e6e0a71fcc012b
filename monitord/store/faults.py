"""What can go wrong with the store, and what to do about it; the translation from SQLite's codes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError


class StoreError(Exception):
    """Nothing was stored (or read); the text says why, and what would help."""


class StoreBusy(StoreError):
    """Somebody else has kept the file locked for longer than we wait."""


class StoreFull(StoreError):
    """There is no room on the disk."""


class StoreFailing(StoreError):
    """The disk reports errors; the file is opened anew at the next attempt."""


class StoreDamaged(StoreError):
    """What was read is not what was written."""


class StoreGone(StoreError):
    """The file was deleted, moved or replaced under us; nothing may be acknowledged any more."""


class StaleTerm(StoreError):
    """Somebody has begun a newer term: this process no longer decides, and must stop."""


class StoreAhead(StoreError):
    """The store holds a commit that we took for failed: only a restart can know what is true."""


class Undecodable(StoreError):
    """A row that this version cannot read."""


class StoreRefused(StoreError):
    """This folder cannot be opened as a store; nothing in it was changed."""


class StoreUnwritable(StoreRefused):
    """The folder cannot be created, or not be written to."""


class StoreTooNew(StoreRefused):
    """A newer monitord has written it."""


class StoreInUse(StoreRefused):
    """Another process has it open."""


class StoreUnreadable(StoreRefused):
    """It is damaged, or never was a store."""


class BackupRefused(StoreRefused):
    """This archive cannot be used; nothing was changed."""


class BackupFailed(StoreError):
    """No backup was made; what there was is as it was."""


SPACE = "make room (`df -h` shows how much there is); monitord goes on by itself as soon as a write succeeds"
DISK = "look into the kernel's log (`dmesg`) for the disk, and take a backup as soon as one succeeds"
BACKUP = "stop monitord, keep a copy of the whole folder, and restore the newest backup"
RIGHTS = "give the account that runs monitord the right to write to this folder and the files in it"
HOLDER = "another process holds it locked; `fuser -v` on the file names it"
MISSING = "the file was deleted or moved; restart monitord, after putting the file or a backup back"

REMEDIES: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (StoreBusy, HOLDER),
    sqlite3.SQLITE_LOCKED: (StoreBusy, HOLDER),
    sqlite3.SQLITE_FULL: (StoreFull, SPACE),
    sqlite3.SQLITE_IOERR: (StoreFailing, DISK),
    sqlite3.SQLITE_CORRUPT: (StoreDamaged, BACKUP),
    sqlite3.SQLITE_NOTADB: (StoreDamaged, BACKUP),
    sqlite3.SQLITE_READONLY: (StoreUnwritable, RIGHTS),
    sqlite3.SQLITE_PERM: (StoreUnwritable, RIGHTS),
    sqlite3.SQLITE_CANTOPEN: (StoreGone, MISSING),
}
PRIMARY = 0xFF  # SQLite's extended codes keep the primary one in the low byte


@contextmanager
def spoken(path: Path) -> Iterator[None]:
    """Raise what SQLite says about `path` as a StoreError; what has no remedy is a bug and stays as it is."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        known = REMEDIES.get(getattr(said, "sqlite_errorcode", -1) & PRIMARY)
        if known is None:
            raise
        kind, remedy = known
        raise kind(f"{path}: {said}; {remedy}") from error
