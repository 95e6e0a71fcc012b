"""The API's questions about what was: who did what, which configurations were accepted, every message."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from monitord.client.access import AuditRow
from monitord.client.directory import RevisionRow
from monitord.core.spoken import event_spoken
from monitord.core.timeline import sentence
from monitord.core.world import World
from monitord.store.accounts import LogLine
from monitord.store.listings import access_log, revisions
from monitord.store.reads import Act, Reads
from monitord.web.access.roles import Role, needs
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import Leaf, Turning
from monitord.web.ops.limits import ID_CHARS_MAX
from monitord.web.ops.sources import Sources
from monitord.web.ops.tickets import kind_of

BEGINNING = 2**62
Who = Annotated[str | None, Query(max_length=ID_CHARS_MAX)]


def history(sources: Sources) -> APIRouter:
    """Over these sources."""
    router = routes()

    @router.get("/audit")
    @needs(Role.OPERATOR)
    async def list_audit(leaf: Turning, by: Who = None) -> list[AuditRow]:
        """Who did what, newest first: to tickets and to the public story, and about access."""
        return list(await audited(sources, leaf, by))

    @router.get("/revisions")
    @needs(Role.VIEWER)
    async def list_revisions(leaf: Turning) -> list[RevisionRow]:
        """The configurations that were accepted, newest first."""
        found = await sources.store.ask(revisions, leaf.number(), leaf.more)
        current = sources.configuration.revision
        return [
            RevisionRow(row.hash, row.at, row.who, row.tzdata, row.hash == current)
            for row in leaf.cut(found, lambda row: (row.id,))
        ]

    return router


async def audited(sources: Sources, leaf: Leaf, by: str | None) -> Sequence[AuditRow]:
    """Two logs as one; the cursor says how far each was read."""
    acts_before, log_before = leaf.numbers(None, None)
    acts = await sources.store.ask(Reads.acts, by, acts_before, leaf.more)
    log = await sources.store.ask(access_log, by, log_before, leaf.more)
    rows = sorted(
        [*(act_row(act, sources.world) for act in acts), *(log_row(*line) for line in log)],
        key=lambda row: row.at,
        reverse=True,
    )
    page = rows[: leaf.limit]
    if len(rows) > leaf.limit:
        leaf.lead_on((lowest(page, "a", acts_before), lowest(page, "l", log_before)))
    return page


def lowest(page: Sequence[AuditRow], which: str, before: int | None) -> int:
    """How far that log was read, on this page or the one before."""
    numbers = [int(row.id[1:]) for row in page if row.id[0] == which]
    return min(numbers, default=BEGINNING if before is None else before)


def act_row(act: Act, world: World) -> AuditRow:
    says = sentence(event_spoken(act.event, world))
    return AuditRow(f"a{act.id}", act.at, act.actor, kind_of(act.event), says, act.ticket, "")


def log_row(id: int, line: LogLine) -> AuditRow:
    return AuditRow(f"l{id}", line.at, line.who, "access", line.did, None, line.client)
