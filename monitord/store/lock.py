"""The lock on a store's folder: one monitord at a time, for as long as it lives."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from monitord.store.faults import StoreInUse, StoreUnwritable

NAME = "lock"
LOCKS = Path("/proc/locks")  # proc_locks(5): number, FLOCK, ADVISORY, WRITE, process, device:inode, …


class FolderLock:
    """Held until released; the kernel releases it when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self.descriptor = acquired(folder)

    def release(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def acquired(folder: Path) -> int:
    """A descriptor that holds the lock; raises StoreInUse or StoreUnwritable."""
    descriptor = opened(folder / NAME)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        os.close(descriptor)
        raise refusal(folder, holder, error) from error
    if not lies_at(folder / NAME, descriptor):
        os.close(descriptor)
        return acquired(folder)
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def holder(folder: Path) -> int | None:
    """The process that holds the lock, if one does and we may know; to ask keeps nobody from it."""
    try:
        process, file = int((folder / NAME).read_text(encoding="ascii")), (folder / NAME).stat()
        locks = LOCKS.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    held = (line.split() for line in locks)
    ours = (str(process), str(file.st_ino))
    return (
        process
        if any(ours == (line[4], line[5].rpartition(":")[2]) for line in held if len(line) > 5)
        else None
    )


def lies_at(path: Path, descriptor: int) -> bool:
    """Whoever made the folder may have taken it away again meanwhile, with the file that is locked now."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False


def opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnwritable(
            f"{path} cannot be written: {error.strerror}; "
            "give the account that runs monitord the right to write to this folder"
        ) from error


def refusal(folder: Path, holder: str, error: OSError) -> StoreInUse | StoreUnwritable:
    if isinstance(error, BlockingIOError):
        return StoreInUse(
            f"{folder} is in use by another monitord (process {holder or 'unknown'}); "
            "stop that one, or name another folder as `store`"
        )
    return StoreUnwritable(f"{folder} cannot be locked: {error.strerror}; a store belongs on a local disk")
