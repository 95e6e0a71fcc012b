"""Folders on a disk: making what is in them last, and how much room there is."""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def synced(folder: Path) -> None:
    """Make the names in a folder as durable as what is in the files."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_synced(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def room(folder: Path) -> int:
    """How many bytes an ordinary account may still write there."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def emptied(folder: Path) -> Path:
    """A new, empty folder of that name, for its owner only."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def missing(folder: Path) -> list[Path]:
    """What has to be made so that it is there, the innermost first."""
    return [each for each in (folder, *folder.parents) if not each.exists()]


def removed(folders: Iterable[Path]) -> None:
    """Those that are empty, up to the first that is not."""
    with suppress(OSError):
        for each in folders:
            each.rmdir()


Owner = tuple[int, int]  # uid and gid


def owner_of(folder: Path) -> Owner:
    """Whose it is, or will be if it is not there yet."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    found = there.stat()
    return found.st_uid, found.st_gid


def give_to(owner: Owner, paths: Iterable[Path]) -> None:
    """What root has made belongs to the account that works with it; others can give nothing away."""
    if os.geteuid() == 0:
        for path in paths:
            os.chown(path, *owner, follow_symlinks=False)
