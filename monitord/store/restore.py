"""Restoring a backup: looked at whole, made ready beside the store, and then swapped in.

Theory of operation. Nothing of the store is touched before every byte of the archive was seen, SQLite has
found its files sound, they are at our schema, and the fact that they were restored is in their journal. A
restore begins a new epoch (see core/restored.py). The key of signed links stays, so that people can still
unsubscribe by an old mail; links that answer carry their epoch, and those of an earlier one do not act. Who
was signed in is not any more, and what was taken from somebody since stays so (restore_access.py).
"""

import secrets
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from monitord.core.check import Instant
from monitord.core.facts import Installation
from monitord.core.flow import react
from monitord.core.restored import EpochBegun
from monitord.core.world import Configuration, World
from monitord.store import archive, schema, swap
from monitord.store.archive import Manifest
from monitord.store.backup import SCHEMAS, asked, damage
from monitord.store.batch import Batch, Entry
from monitord.store.codec import decode_as
from monitord.store.database import COMPANIONS, DURABLE, LIVE, Database, writer
from monitord.store.decisions import EPOCH_BYTES, Decisions
from monitord.store.faults import BackupFailed, BackupRefused, StoreTooNew
from monitord.store.folder import emptied, give_to, missing, owner_of, removed, room
from monitord.store.lock import NAME as LOCK
from monitord.store.lock import FolderLock
from monitord.store.restore_access import NOTHING, Access, Carried, access_of, carry
from monitord.store.store import check, prepare

OURS = ("*.sqlite3*", "before-restore-*", LOCK)
SPARE_BYTES = 1024 * 1024  # for what is written while it is made ready


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: from which archive, as which epoch, where the store from before lies, and what became of
    the backup's accounts.
    """

    manifest: Manifest
    epoch: str
    aside: Path | None
    accounts: Carried = NOTHING


def verify(path: Path, work: Path) -> Manifest:
    """Would it restore? Every byte is read, and the decisions are opened in `work`, an empty folder.

    Raises BackupRefused, BackupFailed, StoreTooNew.
    """
    manifest = archive.unpack(path, work, only=frozenset({LIVE}))
    look_through(path, manifest, work)
    return manifest


def restore(path: Path, folder: Path, now: Instant, *, foreign: bool = False) -> Outcome:
    """Make the archive the store in that folder. `foreign`: also if the one there is not its own.

    Raises StoreInUse, BackupRefused, BackupFailed, StoreTooNew; then the store is what it was.
    """
    archive.read_manifest(path)
    owner, fresh = owner_of(folder), missing(folder)
    prepare(folder)
    lock = FolderLock(folder)
    try:
        swap.complete(folder)
        return restored(path, folder, now, foreign)
    except BaseException:
        if fresh:
            (folder / LOCK).unlink(missing_ok=True)
            removed(fresh)
        raise
    finally:
        give_to(
            owner, [*filter(Path.exists, [folder]), *(each for name in OURS for each in folder.glob(name))]
        )
        lock.release()


def restored(path: Path, folder: Path, now: Instant, foreign: bool) -> Outcome:
    manifest = archive.read_manifest(path)
    look_for_room(folder, manifest)
    work = emptied(folder / swap.RESTORING)
    try:
        archive.unpack(path, work)
        look_through(path, manifest, work)
        epoch, carried = readied(path, folder, now, foreign)
        give_to(owner_of(folder), [work, *work.iterdir()])
        swap.prepared(folder, f"before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    finally:
        shutil.rmtree(work, ignore_errors=True)  # only what was refused still has that name
    aside = swap.complete(folder)
    return Outcome(manifest, epoch, aside if aside and aside.exists() else None, carried)


def readied(path: Path, folder: Path, now: Instant, foreign: bool) -> tuple[str, Carried]:
    """What was unpacked, as the next epoch of the store in the folder."""
    live, work = folder / LIVE, folder / swap.RESTORING
    known, its = secret_of(live), secret_of(work / LIVE)
    if not foreign and known not in (None, its):
        raise BackupRefused(
            f"{path} is a backup of another installation than the store in {folder}; "
            "nothing was changed; --foreign puts it in its place all the same, and keeps the old one aside"
        )
    epoch = secrets.token_hex(EPOCH_BYTES)
    access = access_of(live, same=known == its)
    return epoch, make_ready(work, EpochBegun(epoch, next_ticket(live)), access, now)


def look_for_room(folder: Path, manifest: Manifest) -> None:
    needed = manifest.bytes + SPARE_BYTES
    if room(folder) < needed:
        what = f"{folder} has room for {room(folder)} bytes, and {needed} are needed to restore"
        raise BackupFailed(f"{what}; make room and try again; nothing was changed")


def look_through(path: Path, manifest: Manifest, work: Path) -> None:
    """Is it one of ours, of a schema that we know, and sound?"""
    for each in manifest.files:
        known = schema.versions(SCHEMAS[each.name]) if each.name in SCHEMAS else []
        if not known:
            raise BackupRefused(f"{path} holds {each.name:.100}, which no store of monitord has")
        if each.schema not in known:
            raise StoreTooNew(
                f"{path} was written by a newer monitord ({manifest.monitord}, schema {each.schema}; "
                f"this one knows {known[-1]}); install that version and restore with it; nothing was changed"
            )
    if LIVE not in {each.name for each in manifest.files}:
        raise BackupRefused(f"{path} holds no decisions; take another backup")
    if found := damage(work / LIVE):
        raise BackupRefused(f"{path} holds a damaged store ({found}); take another backup")


def make_ready(work: Path, fact: EpochBegun, access: Access, now: Instant) -> Carried:
    """Bring the decisions to our schema, and write down that they were restored; then one file holds all."""
    database = writer(work / LIVE, DURABLE)
    try:
        schema.bring_up_to_date(database, schema.LIVE)
        check(database)
        carried = begin_anew(database, fact, access, now)
    finally:
        database.close()
    with closing(sqlite3.connect(work / LIVE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for name in (
        *(f"{LIVE}{each}" for each in COMPANIONS if each),
        *(p.name for p in work.glob("*.before-*")),
    ):
        (work / name).unlink(missing_ok=True)
    return carried


def begin_anew(database: Database, fact: EpochBegun, access: Access, now: Instant) -> Carried:
    decisions = Decisions(database, now)
    term = decisions.begin_term()
    with database.transaction() as connection:
        found = connection.exec_driver_sql("SELECT body FROM installation").scalar_one()
        carried = carry(connection, access, now)
    decision = react(World(Configuration(), decode_as(Installation, found)), fact, now)
    decisions.commit(Batch(term, "", (Entry(fact, now, decision.records, decision.events),)))
    return carried


# What the store from before can still tell.


def secret_of(live: Path) -> bytes | None:
    found = asked(live, "SELECT secret FROM ledger")
    return bytes(found) if isinstance(found, bytes) else None


def next_ticket(live: Path) -> int:
    """Behind the highest number that anybody was told, as far as that is known."""
    found = asked(live, "SELECT body FROM installation")
    return decode_as(Installation, found).next_ticket if isinstance(found, str) else 1
