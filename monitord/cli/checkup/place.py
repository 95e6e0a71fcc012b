"""This machine's part: does the daemon run, are the doors open, is there room in the store?"""

import errno
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from monitord.cli.checkup.here import Machine
from monitord.cli.checkup.row import Patient, Row, doubtful, fine, wrong
from monitord.config.settings import Door
from monitord.store import schema
from monitord.store.backup import asked, damage, kept
from monitord.store.database import LIVE
from monitord.store.folder import room

BALLAST = "ballast"  # the file that the store gives up when the disk is full
VERSION = "SELECT version_num FROM alembic_version"
ANSWERS_WITHIN = 2.0  # seconds
DOORS = ("public", "edge", "ops")
BACKUP_OLD_AFTER = timedelta(days=2)  # one night may be missed
MEGABYTE = 1024 * 1024
FREE_BYTES_MIN, FREE_BYTES_ENOUGH = 64 * MEGABYTE, 1024 * MEGABYTE
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


def daemon(patient: Patient) -> Iterator[Row]:
    """What it says of itself."""
    status = patient.status
    if status is None:
        yield doubtful("daemon", f"does not answer: {patient.unreachable}", "systemctl start monitord")
    elif not status.ready:
        yield wrong("daemon", f"runs, and lacks: {', '.join(status.missing)}", "journalctl -u monitord -n 50")
    else:
        yield fine("daemon", f"monitord {status.version} runs, and is ready")


def store(patient: Patient) -> Iterator[Row]:
    """Is there room, does it belong to one account, and can a start read it?"""
    if patient.loaded is None:
        return
    folder = Path(patient.loaded.settings.store)
    if not folder.exists():
        yield to_be_made(folder)
        yield from free_space(nearest(folder), room(nearest(folder)))
        return
    yield from belonging(folder)
    yield from sound(folder / LIVE)
    yield from free_space(folder, room(folder))
    yield from ballast(folder)


def to_be_made(folder: Path) -> Row:
    """Whether the first start can make it; file systems without any room, as /proc, take no folder."""
    above = nearest(folder)
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK) and os.statvfs(above).f_blocks:
        return fine("store", f"{folder} is made by the first start")
    remedy = "write another place in `store:`, or give this one to monitord's account"
    return wrong("store", f"{folder} cannot be made in {above}", remedy)


def sound(live: Path) -> Iterator[Row]:
    """What a start would refuse: decisions that are damaged, or that a newer monitord has written."""
    if not live.exists():
        return
    if found := damage(live):
        remedy = "keep a copy of the folder, and restore a backup: monitord restore FILE"
        yield wrong("store", f"{live} is damaged: {found}", remedy)
        return
    version, known = str(asked(live, VERSION)), schema.versions(schema.LIVE)
    if version not in known:
        found = f"{live} has schema {version}, and this monitord knows {known[0]} to {known[-1]}"
        yield wrong("store", found, "install the monitord that has written it, or a newer one")


def nearest(folder: Path) -> Path:
    """The folder, or the one above it that exists."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def belonging(folder: Path) -> Iterator[Row]:
    """One account owns it all, and nobody else looks in."""
    found = folder.stat()
    try:
        foreign = [path.name for path in folder.iterdir() if path.lstat().st_uid != found.st_uid]
    except OSError as error:
        yield doubtful("store", f"{folder}: {error.strerror}", "run this as root, or as monitord's account")
        return
    if foreign:
        remedy = f"chown -R --reference={folder} {folder}"
        yield wrong("store", f"{', '.join(foreign[:5])} in {folder} belong to another account", remedy)
    elif found.st_mode & 0o077:
        yield doubtful("store", f"{folder} is open to other accounts", f"chmod 0700 {folder}")
    else:
        yield fine("store", f"{folder}")


def free_space(folder: Path, free: int) -> Iterator[Row]:
    """Is it enough for what comes from outside?"""
    found = f"{free // MEGABYTE} MB are free at {folder}"
    remedy = "make room: without any, nothing can be accepted from outside"
    if free < FREE_BYTES_MIN:
        yield wrong("disk", found, remedy)
    elif free < FREE_BYTES_ENOUGH:
        yield doubtful("disk", found, remedy)
    else:
        yield fine("disk", found)


def ballast(folder: Path) -> Iterator[Row]:
    """The room that is kept for a full disk."""
    path = folder / BALLAST
    kept = path.stat().st_size if path.exists() else 0
    if kept:
        yield fine("ballast", f"{kept // MEGABYTE} MB are kept for a full disk")
    else:
        remedy = "make room; the daemon puts it back by itself"
        yield doubtful("ballast", "no room is kept for a full disk", remedy)


def backups(patient: Patient) -> Iterator[Row]:
    """Is there one of this or last night?"""
    if patient.loaded is None:
        return
    plan = patient.loaded.settings.backup
    if plan is None:
        remedy = "add `backup: {to: FOLDER}` to the configuration"
        yield doubtful("backups", "nothing is copied by itself", remedy)
        return
    found = kept(plan.to) if plan.to.exists() else []
    newest = max((each.manifest.created for each in found if each.manifest), default=None)
    if newest is None:
        yield doubtful("backups", f"there is none in {plan.to} yet", f"make one: monitord backup {plan.to}")
    elif patient.now - newest > BACKUP_OLD_AFTER:
        words = f"the newest in {plan.to} is of {newest:%Y-%m-%d %H:%M} UTC"
        yield wrong("backups", words, "journalctl -u monitord | grep backup; then: monitord backup")
    else:
        yield fine("backups", f"the newest is of {newest:%Y-%m-%d %H:%M} UTC")


def doors(patient: Patient) -> Iterator[Row]:
    """Does somebody answer, and do the links lead anywhere?"""
    if patient.loaded is None:
        return
    for name in DOORS:
        door: Door = getattr(patient.loaded.settings.doors, name)
        yield from one_door(name, door, patient)
        host = urlsplit(door.url).hostname or ""
        if name != "ops" and (host == "localhost" or host.startswith("127.") or host == "::1"):
            found = f"links say {door.url}, which leads nobody here but this machine itself"
            yield doubtful(f"{name} door", found, f"write the address that others use in doors.{name}.url")


def one_door(name: str, door: Door, patient: Patient) -> Iterator[Row]:
    """With a daemon somebody answers; without one nobody is asked, because systemd would start it then."""
    what, where = f"{name} door", f"{door.host}:{door.port}"
    if not door.port:
        return
    if patient.status is None:
        yield taken(name, where, patient.machine) if is_taken(door) else fine(what, f"{where} is free")
    elif listens(EVERYWHERE.get(door.host, door.host), door.port):
        yield fine(what, f"{where} accepts")
    else:
        found = f"nobody listens at {where}, where the configuration says"
        remedy = f"compare doors.{name}.listen with: systemctl cat monitord-{name}.socket"
        yield doubtful(what, found, remedy)


def taken(name: str, where: str, machine: Machine) -> Row:
    """By systemd, which keeps it for us, or by somebody else."""
    what = f"{name} door"
    if machine.shown(f"monitord-{name}.socket").get("ActiveState") == "active":
        return fine(what, f"systemd keeps {where} open")
    remedy = "choose another port, or stop that program"
    return wrong(what, f"somebody listens at {where}, and no daemon answers us", remedy)


def is_taken(door: Door) -> bool:
    """Whether somebody listens there, without a visit."""
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((door.host, door.port))
            probe.listen(1)
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=ANSWERS_WITHIN):
            return True
    except OSError:
        return False
