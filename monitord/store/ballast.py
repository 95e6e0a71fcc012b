"""Ballast: room on the disk that is kept for the day when there is none, so that pages go on.

Theory of operation. On a full disk nothing can be written, not even what would make room. So a file of zeros
lies beside the store. When a decision cannot be stored for want of room, the file is deleted and the decision
is stored; from then on, until the ballast is back, only decisions are: what comes in is refused (its sender
comes again) and measurements are left out. The log is checkpointed early meanwhile, because a log that is
used again from its beginning takes no new room. Measured: an outage from its first failure to its end takes
about 20 KB, so that a ballast of 2 MB is good for a hundred of them.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from monitord.store.database import Database
from monitord.store.faults import SPACE, StoreError, StoreFull
from monitord.store.folder import room, synced

T = TypeVar("T")

NAME = "ballast"
BALLAST_BYTES = 2 * 1024 * 1024
MARGIN_BYTES = 1024 * 1024  # that must be free beside it, before it is taken on again
EARLY, USUAL = 32, 1000  # pages in the log before it is checkpointed (1000 is SQLite's own)


class Ballast:
    """The file, and what its absence means; use it from the thread that writes decisions."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.path = database.path.with_name(NAME)
        self.given_up = False
        self.given_up = not self.take_on() and room(self.path.parent) < MARGIN_BYTES

    def take_on(self) -> bool:
        """Put it there, if there is room for it and for something else. Is it there?"""
        if not self.lies_there() and not self.found_room():
            return False
        if self.given_up:
            self.checkpoint_every(USUAL)
        self.given_up = False
        return True

    def lies_there(self) -> bool:
        with suppress(OSError):
            return self.path.stat().st_size >= BALLAST_BYTES
        return False

    def found_room(self) -> bool:
        """Did it come to lie there?"""
        try:
            if room(self.path.parent) < BALLAST_BYTES + MARGIN_BYTES:
                return False
            self.fill()
        except OSError:
            self.path.unlink(missing_ok=True)
            return False
        return True

    def fill(self) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, BALLAST_BYTES)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def for_decisions(self, write: Callable[[], T]) -> T:
        """Write, on a full disk once more without the ballast."""
        try:
            return write()
        except StoreFull:
            if not self.give_up():
                raise
            return write()

    def give_up(self) -> bool:
        """Make room. Is there any more than before?"""
        self.given_up = True
        begun_anew = self.checkpoint_every(EARLY)
        try:
            self.path.unlink()
            synced(self.path.parent)
        except OSError:
            return begun_anew
        self.checkpoint_every(EARLY)
        return True

    def checkpoint_every(self, pages: int) -> bool:
        """Let the log begin anew as soon as it has so many pages. May it, now?"""
        try:
            connection = self.database.opened().connection.driver_connection
            assert connection is not None, "an open connection has its driver's"
            connection.execute(f"PRAGMA wal_autocheckpoint={pages}")
            busy, logged, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except (StoreError, sqlite3.Error, DBAPIError):
            return False
        return bool(not busy and logged == copied)

    def refuse(self, what: str) -> None:
        """Raises StoreFull while only decisions are stored."""
        if self.given_up:
            raise StoreFull(
                f"{self.path.parent} is full, and the room that is left belongs to pages: {what}; {SPACE}"
            )


def room_to_open(folder: Path) -> None:
    """On a full disk not even SQLite's shared memory can be made: then the ballast goes first."""
    if room(folder) < MARGIN_BYTES:
        (folder / NAME).unlink(missing_ok=True)
