"""The archive of a backup: one .tar.gz with a manifest and the store's files, and what may be believed of it.

Theory of operation. The manifest stands first, so that a list of backups reads a few kilobytes of each; it
names every file with its length and its SHA-256. Nothing in an archive is believed: its members must be the
manifest's, in its order and with its lengths, and every byte is counted and hashed on its way out. An archive
appears under its name whole or not at all, and only its owner can read it: it holds the key of all signed
links.
"""

import gzip
import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from monitord.core.check import Instant
from monitord.store.faults import BackupFailed, BackupRefused
from monitord.store.folder import synced

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_BYTES_MAX = 64 * 1024
CHUNK = 1024 * 1024
ONLY_OURS = 0o600
COMPRESSION = 1  # a store shrinks to a tenth; more of it would cost more than it saves
BROKEN = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValidationError, UnicodeError)


@dataclass(frozen=True, slots=True)
class Filed:
    """A file of the store in the archive, and the version of its schema."""

    name: str
    bytes: int
    sha256: str
    schema: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: `facts` is the number of the journal's last one, `revision` the hash of the
    configuration in force, `lacking` a sentence about what could not be copied.
    """

    format: int
    monitord: str
    created: Instant
    epoch: str
    facts: int
    revision: str
    files: tuple[Filed, ...] = field(default=())
    lacking: str = ""

    @property
    def bytes(self) -> int:
        """What it takes when it is unpacked."""
        return sum(file.bytes for file in self.files)


CODER, HEAD = TypeAdapter(Manifest), TypeAdapter(dict[str, object])


class NewerFormat(Exception):
    """Whole, perhaps, and not for us: its format, and the version of monitord that made it."""


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Writing.


def write(manifest: Manifest, folder: Path, to: Path) -> None:
    """Pack the manifest and its files out of `folder`; raises BackupFailed, and then there is nothing."""
    partial = to.with_name(f".{to.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_OURS), "wb") as file:
            pack(manifest, folder, file)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(to)
        synced(to.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BackupFailed(f"{to} cannot be written: {error.strerror}; name a place that has room") from error


def pack(manifest: Manifest, folder: Path, file: IO[bytes]) -> None:
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=COMPRESSION) as tar:
        text = CODER.dump_json(manifest, indent=1)
        tar.addfile(entry(MANIFEST, len(text), manifest), io.BytesIO(text))
        for each in manifest.files:
            with (folder / each.name).open("rb") as source:
                tar.addfile(entry(each.name, each.bytes, manifest), source)


def entry(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, ONLY_OURS, int(manifest.created.timestamp())
    return info


# Reading.


def read_manifest(path: Path) -> Manifest:
    """What an archive says of itself; raises BackupRefused."""
    with opened(path) as tar:
        return manifest_of(tar)


def unpack(path: Path, into: Path | None, only: frozenset[str] | None = None) -> Manifest:
    """Look at every byte, and write the files (all, or `only` these) into a folder, if there is one.

    Raises BackupRefused, BackupFailed.
    """
    with opened(path) as tar:
        manifest = manifest_of(tar)
        for each in manifest.files:
            wanted = into is not None and (only is None or each.name in only)
            copy_out(tar, each, into / each.name if into is not None and wanted else None)
        if tar.next() is not None:
            raise tarfile.ReadError("there is more in it than it says")
        read_to_the_end(tar)
        return manifest


@contextmanager
def opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:gz") as tar:
            yield tar
    except NewerFormat as newer:
        of, version = newer.args
        raise BackupRefused(
            f"{path} was made by a newer monitord ({version}, {of}; this one reads format {FORMAT}); "
            "install that version and restore with it; nothing was changed"
        ) from newer
    except BROKEN as error:
        raise BackupRefused(
            f"{path} is not a whole backup of monitord ({reason(error)}); "
            "take another one: `monitord backup --list FOLDER` shows them"
        ) from error
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read: {error.strerror or error}") from error


def reason(error: BaseException) -> str:
    """A few words; a manifest's mistakes are for programs."""
    if isinstance(error, EOFError):
        return "it breaks off"
    return "its manifest cannot be read" if isinstance(error, ValueError) else str(error) or "it is damaged"


def manifest_of(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > MANIFEST_BYTES_MAX:
        raise tarfile.ReadError("it has no manifest")
    file = tar.extractfile(first)
    assert file is not None, "a regular file can be read"
    text = file.read()
    refuse_newer(text)
    manifest = CODER.validate_json(text)
    if manifest.format != FORMAT:
        raise tarfile.ReadError(f"its format is {manifest.format}, and this monitord knows {FORMAT}")
    return manifest


def refuse_newer(manifest: bytes) -> None:
    """Asked before anything else is read of it: what a newer one says may look quite different."""
    said = HEAD.validate_json(manifest)
    number = said.get("format")
    if isinstance(number, int) and number > FORMAT:
        raise NewerFormat(f"format {number}", f"{said.get('monitord', '?')!s:.40}")


def copy_out(tar: tarfile.TarFile, said: Filed, to: Path | None) -> None:
    """The next member, which must be what the manifest says."""
    member = tar.next()
    if member is None:
        raise EOFError
    if member.name != said.name or member.type != tarfile.REGTYPE or member.size != said.bytes:
        raise tarfile.ReadError(f"{member.name:.100} is not what its manifest says")
    source = tar.extractfile(member)
    assert source is not None, "a regular file can be read"
    if copied(source, to) != said.sha256:
        raise tarfile.ReadError(f"{said.name} is damaged: its checksum differs")


def read_to_the_end(tar: tarfile.TarFile) -> None:
    """Only there is the checksum over all of it, which also covers the manifest."""
    assert tar.fileobj is not None, "it is open"
    while chunk := tar.fileobj.read(CHUNK):
        if any(chunk):
            raise tarfile.ReadError("there is more in it than it says")


def copied(source: IO[bytes], to: Path | None) -> str:
    """Copy to the end; the digest of what came."""
    digest = hashlib.sha256()
    with open_new(to) if to else io.BytesIO() as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            if to:
                written(target, chunk, to)
    return digest.hexdigest()


def open_new(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_OURS), "wb")


def written(target: IO[bytes], chunk: bytes, path: Path) -> None:
    try:
        target.write(chunk)
    except OSError as error:
        raise BackupFailed(f"{path} cannot be written: {error.strerror}; make room and try again") from error
