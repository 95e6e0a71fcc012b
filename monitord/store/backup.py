"""Backups: a consistent copy of a store that may be in use, and which ones there are.

Theory of operation. Each file is copied by SQLite's own backup, within one read transaction that lasts from
its first page to its last: what is committed meanwhile is not in the copy, and the copy never begins anew. It
is read through a connection of its own, some pages at a time with a breath in between, so that neither a
page nor a question waits for it. Then the copies are packed into one archive. Measurements may be lost; a
backup without them is still a backup, and says so.
"""

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from pathlib import Path
from urllib.parse import quote

from monitord import __version__
from monitord.core.check import Instant
from monitord.core.facts import Installation
from monitord.store import archive, measurements, schema
from monitord.store.archive import Filed, Manifest
from monitord.store.codec import decode_as
from monitord.store.database import BUSY, LIVE, READER
from monitord.store.faults import BackupFailed, BackupRefused, StoreError, spoken
from monitord.store.folder import emptied, room
from monitord.store.lock import FolderLock

STEP_PAGES = 256  # copied at once: a megabyte
BREATH = timedelta(milliseconds=2)  # between two steps
NAMED = re.compile(r"monitord-\d{8}T\d{6}Z\.tar\.gz")
LEFT_BEHIND = ".monitord-*.partial"
SCHEMAS = {LIVE: schema.LIVE, measurements.NAME: schema.MEASUREMENTS}


@dataclass(frozen=True, slots=True)
class Backup:
    """An archive as it lies there; one without a manifest cannot be used, and `why` says so."""

    path: Path
    bytes: int
    manifest: Manifest | None = None
    why: str = ""


# Making one.


def back_up(store: Path, to: Path, now: Instant) -> Backup:
    """Copy the store in that folder, in use or not, into a new archive.

    `to` is a folder (then the archive is called after the time) or a file that does not exist yet. Raises
    BackupFailed.
    """
    target = place(to, now)
    work = target.with_name(f".{target.name}.files.partial")
    try:
        emptied(work)
        manifest = copied(store, work, now)
        archive.write(manifest, work, target)
    except OSError as error:
        raise BackupFailed(f"{to} cannot be written: {error.strerror}; name a place that has room") from error
    finally:
        remove(work)
    return Backup(target, target.stat().st_size, manifest)


def back_up_closed(store: Path, to: Path, now: Instant) -> Backup:
    """The same of a store that nobody has open, nor opens meanwhile. Raises StoreInUse, BackupFailed."""
    if not (store / LIVE).exists():
        raise BackupFailed(f"there is no store in {store}; name the tree it belongs to with --config")
    lock = FolderLock(store)
    try:
        return back_up(store, to, now)
    finally:
        lock.release()


def place(to: Path, now: Instant) -> Path:
    """Where the archive will lie."""
    if to.is_dir():
        to = to / f"monitord-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    if not to.parent.is_dir():
        raise BackupFailed(f"there is no folder {to.parent}; make it, for monitord's account")
    if to.exists():
        raise BackupFailed(f"{to} exists already, and is left as it is; name another file")
    for leftover in to.parent.glob(LEFT_BEHIND):
        remove(leftover)
    return to


def remove(work: Path) -> None:
    """What an archive was made of, or a half one: a file, or a folder with files."""
    if work.is_dir():
        for each in work.iterdir():
            each.unlink(missing_ok=True)
        work.rmdir()
    else:
        work.unlink(missing_ok=True)


def copied(store: Path, work: Path, now: Instant) -> Manifest:
    """The copies, side by side, and what can be said about them."""
    needed = sum((store / name).stat().st_size for name in SCHEMAS if (store / name).exists())
    if room(work) < needed:
        what = f"{work.parent} has room for {room(work)} bytes, and {needed} are needed"
        raise BackupFailed(f"{what}; make room, or name another place")
    copy(store / LIVE, work / LIVE)
    manifest = described(work / LIVE, now)
    files = [filed(work / LIVE)]
    try:
        copy(store / measurements.NAME, work / measurements.NAME)
        files.append(filed(work / measurements.NAME))
    except StoreError as error:
        manifest = replace(manifest, lacking=f"without measurements: {error}")
    return replace(manifest, files=tuple(files))


def copy(source: Path, to: Path) -> None:
    """Every page as of one instant; raises a StoreError."""
    with spoken(source), reading(source) as original, closing(new(to)) as duplicate:
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_master").fetchone()
        original.backup(duplicate, pages=STEP_PAGES, progress=breathe)


def new(to: Path) -> sqlite3.Connection:
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, archive.ONLY_OURS))
    made = sqlite3.connect(to, isolation_level=None)
    made.execute("PRAGMA synchronous=OFF")  # the archive is what is made durable
    return made


@contextmanager
def reading(path: Path, *, a_look: bool = False) -> Iterator[sqlite3.Connection]:
    """For `a_look` at a file that nobody has open, nothing is put beside it; what is copied needs its log."""
    still = a_look and not path.with_name(f"{path.name}-wal").exists()
    where = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if still else ''}"
    opened = sqlite3.connect(where, uri=True, isolation_level=None, timeout=BUSY.total_seconds())
    with closing(opened):
        for pragma in READER:
            opened.execute(pragma)
        yield opened


def asked(live: Path, question: str) -> object:
    """One value; None where there is no file, or none that can be read."""
    if not live.exists():
        return None
    try:
        with reading(live, a_look=True) as connection:
            found = connection.execute(question).fetchone()
    except sqlite3.Error:
        return None
    return found[0] if found else None


def damage(live: Path) -> str:
    """What SQLite finds damaged in a file, or why it cannot look; empty if it is sound."""
    try:
        with spoken(live), reading(live, a_look=True) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except StoreError as error:
        return str(error)
    return "" if found == "ok" else found


def breathe(status: int, remaining: int, total: int) -> None:
    if remaining:
        time.sleep(BREATH.total_seconds())


def filed(path: Path) -> Filed:
    with spoken(path), reading(path) as connection:
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return Filed(path.name, path.stat().st_size, archive.digest_of(path), str(version[0]) if version else "")


def described(live: Path, now: Instant) -> Manifest:
    """What the copy of the decisions says about itself."""
    with spoken(live), reading(live) as connection:
        installation = connection.execute("SELECT body FROM installation").fetchone()
        facts = connection.execute("SELECT seq FROM ledger").fetchone()
        revision = connection.execute("SELECT hash FROM revision ORDER BY id DESC LIMIT 1").fetchone()
    epoch = decode_as(Installation, installation[0]).epoch
    return Manifest(archive.FORMAT, __version__, now, epoch, facts[0], revision[0] if revision else "")


# Those that there are.


def kept(folder: Path) -> list[Backup]:
    """The backups in a folder that are called after their time, newest first; raises BackupRefused."""
    try:
        paths = [path for path in folder.iterdir() if NAMED.fullmatch(path.name)]
        return [looked_at(path) for path in sorted(paths, reverse=True)]
    except OSError as error:
        raise BackupRefused(f"{folder} cannot be read: {error.strerror}; name a folder") from error


def looked_at(path: Path) -> Backup:
    try:
        return Backup(path, path.stat().st_size, archive.read_manifest(path))
    except BackupRefused as refused:
        return Backup(path, path.stat().st_size, None, str(refused))


def forget(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` that can be used, and those that cannot and are older; which went."""
    usable = [each.path for each in kept(folder) if each.manifest]
    if len(usable) < keep:
        return []
    oldest = usable[keep - 1].name
    gone = [each.path for each in kept(folder) if each.path.name < oldest]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone
