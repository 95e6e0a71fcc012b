"""Owners of accounts are written to when there is a new way in; nobody who makes one waits for that."""

import asyncio

from monitord.core.flow import Decision
from monitord.core.way_in import WarnOwner
from monitord.engine.engine import EngineBusy
from monitord.web.ops.sources import Sources

NOT_WARNED = "owner not warned"


def warn_owner(sources: Sources, told: WarnOwner) -> None:
    """The way in is stored by now, and counts whatever becomes of the letter."""
    log = sources.engine.log

    def heard(answer: asyncio.Future[Decision]) -> None:
        if not answer.cancelled() and (error := answer.exception()) is not None:
            log.error(NOT_WARNED, person=told.person, why=str(error))

    try:
        sources.engine.post(told).add_done_callback(heard)
    except EngineBusy as error:
        log.error(NOT_WARNED, person=told.person, why=str(error))
