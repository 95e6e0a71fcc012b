"""Putting a restored store in the place of another, so that at every instant there is exactly one.

Theory of operation. The new files are prepared in a folder of their own, RESTORING, inside the store's. When
they are whole and on the disk, that folder is renamed to RESTORED: from then on the new store is the store.
Whoever holds the folder's lock next completes the move, file by file, and each step may be done again. Killed
before the rename, the old store is untouched; killed after it, the next start finishes.
"""

import shutil
from pathlib import Path

from monitord.store.database import COMPANIONS
from monitord.store.folder import file_synced, synced

RESTORING, RESTORED = "restoring", "restored"
ASIDE = "aside"  # in the prepared folder: the name of the one for what was there before


def prepared(folder: Path, aside: str) -> None:
    """Everything in RESTORING is whole: make it the store, as soon as somebody completes."""
    restoring = folder / RESTORING
    (restoring / ASIDE).write_text(aside, encoding="utf-8")
    for each in restoring.iterdir():
        file_synced(each)
    synced(restoring)
    restoring.rename(folder / RESTORED)
    synced(folder)


def complete(folder: Path) -> Path | None:
    """Finish what was begun; where the files from before lie, if something was finished."""
    shutil.rmtree(folder / RESTORING, ignore_errors=True)
    restored = folder / RESTORED
    if not restored.is_dir():
        return None
    aside = None
    if (restored / ASIDE).exists():
        aside = folder / (restored / ASIDE).read_text(encoding="utf-8")
        for fresh in sorted(restored.glob("*.sqlite3")):
            move(fresh, folder, aside)
    shutil.rmtree(restored)
    synced(folder)
    return aside


def move(fresh: Path, folder: Path, aside: Path) -> None:
    """The old file and its log leave, then the new one comes; the new one is there until it has come."""
    aside.mkdir(mode=0o700, exist_ok=True)
    for companion in reversed(COMPANIONS):
        old = folder / f"{fresh.name}{companion}"
        if old.exists():
            old.rename(aside / old.name)
    synced(aside)
    fresh.rename(folder / fresh.name)
    synced(folder)
