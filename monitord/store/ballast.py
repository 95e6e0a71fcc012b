"""Ballast: room that is kept for the day when the disk has none, so that pages go on.

Theory of operation. On a full disk nothing can be written, not even what would make room. There are two
lines. The first is inside the store's own files: a log that has its length already (log.py), and free pages
(reserve.py); nobody else can take them. The second is a file of zeros beside the store. When a decision
cannot be stored although the first line was there, that file goes, and at the same instant the store's files
are made longer by what it gives, part by part: another writer on the same disk is too late.

From the moment on when the disk is as good as full, until it is not, only decisions are stored: what comes
in is refused (its sender comes again) and measurements are left out. The log is checkpointed early meanwhile,
because a log that is used again from its beginning takes no new room. Measured: an outage from its first
failure to its end takes about 20 KB.
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
from monitord.store.folder import room
from monitord.store.log import lengthened, log_of
from monitord.store.reserve import PAGE_BYTES, PORTION, Reserve

T = TypeVar("T")

NAME = "ballast"
BALLAST_BYTES = 2 * 1024 * 1024
MARGIN_BYTES = 1024 * 1024  # less than that is as good as nothing
ENOUGH_BYTES = 2 * MARGIN_BYTES  # beside the ballast: then it is over
EARLY, USUAL = 32, 1000  # pages in the log before it is checkpointed (1000 is SQLite's own)
NEVER = 0
PART_BYTES = BALLAST_BYTES // 4
PLENTY = 256  # free pages


class Ballast:
    """Both lines, and what it means that they are needed; use it from the thread that writes decisions."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.path = database.path.with_name(NAME)
        self.reserve = Reserve(database)
        self.given_up = False
        self.given_up = not self.take_on() and room(self.path.parent) < MARGIN_BYTES

    def keep(self) -> None:
        """Look how much room there is, and do what is due. Raises a StoreError."""
        if room(self.path.parent) < MARGIN_BYTES:
            self.spare()
            self.reserve.release()
            if self.reserve.pages < PORTION:  # it becomes more of them while the log is short
                self.give_up()
        elif not self.given_up or self.take_on():
            self.reserve.fill_up()
            if self.reserve.still_in_the_log > 0:  # on a full disk it could not be copied any more
                self.checkpoint_every(USUAL)

    def spare(self) -> None:
        """From now on, only decisions."""
        if not self.given_up:
            self.given_up = True
            self.checkpoint_every(EARLY)

    def take_on(self) -> bool:
        """Put it there, if there is room for it and for something else. Is it there?"""
        if not self.lies_there() and not self.found_room():
            return False
        if self.given_up:
            if room(self.path.parent) < ENOUGH_BYTES:
                return False
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
            if room(self.path.parent) < BALLAST_BYTES + ENOUGH_BYTES:
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
        """Write; on a full disk again in a log that begins anew, and again with what the ballast gives."""
        for make_room in (self.begin_anew, self.give_up):
            with suppress(StoreFull):
                return write()
            make_room()
        return write()

    def begin_anew(self) -> None:
        """Use the log from its beginning, if nobody reads in it."""
        self.spare()
        self.checkpoint_every(EARLY)

    def give_up(self) -> None:
        """Hand over what is there, part by part, to the store's files."""
        self.spare()
        while self.handed_over_part():
            pass
        self.checkpoint_every(EARLY)
        with suppress(StoreError):
            self.reserve.release()

    def handed_over_part(self) -> bool:
        """The first to the log, which has to hold the others on their way into the free pages."""
        try:
            left = self.path.stat().st_size
            self.checkpoint_every(NEVER)
            to_the_log = left == BALLAST_BYTES or self.log_is_short_of_room(left)
            self.shorten(left - PART_BYTES)
            if to_the_log:
                lengthened(log_of(self.database.path), PART_BYTES)
            else:
                self.reserve.lengthen(PART_BYTES)
        except (OSError, StoreError):
            return False
        return True

    def log_is_short_of_room(self, left: int) -> bool:
        """It is, if there are free pages, or too few can be made to copy it. Raises a StoreError, OSError."""
        reserve = self.reserve
        return reserve.pages >= PLENTY or reserve.still_in_the_log * PAGE_BYTES > left

    def shorten(self, to: int) -> None:
        """Let go of the rest. Raises OSError."""
        if to > 0:
            os.truncate(self.path, to)
        else:
            self.path.unlink()

    def checkpoint_every(self, pages: int) -> None:
        """Let the log begin anew as soon as it has so many pages, and now if it may."""
        try:
            connection = self.database.opened().connection.driver_connection
            assert connection is not None, "an open connection has its driver's"
            connection.execute(f"PRAGMA wal_autocheckpoint={pages}")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except (StoreError, sqlite3.Error, DBAPIError):
            return

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
