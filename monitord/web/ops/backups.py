"""Backups through the API: one more, and those that there are.

Theory of operation. Where a backup goes is the tree's word (`backup: {to: …}`). Another place may be named at
the control socket only, by those who could copy the store's files anyway; whoever has a token somewhere else
must not be able to write files here.
"""

from collections import OrderedDict
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field

from monitord.client.shapes import BackupRow
from monitord.engine.backups import Backups
from monitord.store.backup import Backup
from monitord.store.faults import BackupFailed, BackupRefused
from monitord.web.access.roles import Actor, Role, needs
from monitord.web.ops.guard import actor_of, routes
from monitord.web.ops.limits import KEY_CHARS_MAX
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No

PATH_CHARS_MAX = 4000
KEYS_KEPT = 100
AT_THE_SOCKET = "cli"
SAY_WHERE = "name a file or a folder, or say `backup: {to: FOLDER}` in the configuration"

By = Annotated[Actor, Depends(actor_of)]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="The same key is done once", max_length=KEY_CHARS_MAX),
]


class Copy(BaseModel):
    """`to` is a folder, or a file that does not exist yet; both whole paths."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[str, Field(max_length=PATH_CHARS_MAX, pattern=r"^(/[^\x00]*)?$")] = ""


def backing_up(sources: Sources) -> APIRouter:
    """The routes, over these sources."""
    router, made = routes(), OrderedDict[tuple[str, str], BackupRow]()

    @router.get("/backups")
    @needs(Role.ADMINISTRATOR)
    async def list_backups() -> tuple[BackupRow, ...]:
        """The backups of the configured folder, newest first."""
        plan = backups_of(sources).plan
        if plan is None:
            return ()
        try:
            return tuple(map(backup_row, await sources.store.backups(plan.to)))
        except BackupRefused as refused:
            raise No(409, str(refused), "look into the folder") from refused

    @router.post("/backups")
    @needs(Role.ADMINISTRATOR)
    async def make_backup(actor: By, body: Copy | None = None, key: Key = None) -> BackupRow:
        """Copy the store, while it is used; answered when the copy is whole and on the disk."""
        if (known := made.get((actor.by, key or ""))) is not None:
            return known
        try:
            done = backup_row(await backups_of(sources).make(place(sources, actor, body or Copy())))
        except BackupFailed as failed:
            raise No(409, str(failed)) from failed
        if key:
            made[actor.by, key] = done
            while len(made) > KEYS_KEPT:
                made.popitem(last=False)
        return done

    return router


def backups_of(sources: Sources) -> Backups:
    if sources.backups is None:
        raise No(409, "this daemon makes no backups")
    return sources.backups


def place(sources: Sources, actor: Actor, asked: Copy) -> Path:
    """Where it goes. Raises No."""
    plan = backups_of(sources).plan
    if asked.to and actor.via != AT_THE_SOCKET:
        raise No(403, "another place can only be named at the control socket", SAY_WHERE, "body.to")
    if asked.to:
        return Path(asked.to)
    if plan is None:
        raise No(409, "the configuration does not say where backups go", SAY_WHERE, "body.to")
    plan.to.mkdir(mode=0o700, parents=True, exist_ok=True)
    return plan.to


def backup_row(found: Backup) -> BackupRow:
    """The archive as the API says it."""
    manifest = found.manifest
    return BackupRow(
        path=str(found.path),
        bytes=found.bytes,
        usable=manifest is not None,
        why=manifest.lacking if manifest else found.why,
        created=manifest.created if manifest else None,
        version=manifest.monitord if manifest else "",
        epoch=manifest.epoch if manifest else "",
        facts=manifest.facts if manifest else 0,
        revision=manifest.revision if manifest else "",
    )
