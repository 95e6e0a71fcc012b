"""A small disk: a real file system that can really be full; needs root, and is skipped without.

with small_disk(tmp_path / "disk") as disk:
    filler = fill(disk)         # not one byte is left
    filler.unlink()
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MIB = 1024 * 1024
BLOCK = 4096


@contextmanager
def small_disk(folder: Path, size: int = 16 * MIB) -> Iterator[Path]:
    """A file system of that size, mounted there."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "monitord-test", str(folder)]
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"a small file system takes root and mount(8): {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, leave: int = 0) -> Path:
    """A file that takes all the room there is, but for `leave` bytes."""
    filler = folder / "filler"
    with filler.open("ab") as file:
        for step in (MIB, 16 * BLOCK, BLOCK):
            while left(folder) - leave >= step:
                os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), step)
    return filler


def left(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
