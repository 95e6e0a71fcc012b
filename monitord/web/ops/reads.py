"""The API's questions: what is now, and what has been. They change nothing."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from monitord.client.shapes import (
    DeliveryRow,
    IncidentRow,
    IncidentStory,
    OnCallNow,
    ProbeNow,
    ProbeStory,
    StatusNow,
    TicketRow,
    TicketStory,
)
from monitord.core.check import Probe
from monitord.core.statuspage import Incident
from monitord.core.ticket import State
from monitord.web.ops import probes as probing
from monitord.web.ops import tickets as ticketing
from monitord.web.ops.access import Role, needs
from monitord.web.ops.errors import No, did_you_mean
from monitord.web.ops.guard import routes
from monitord.web.ops.limits import (
    CHECKS,
    CHECKS_MAX,
    ID_CHARS_MAX,
    LIST,
    LIST_MAX,
    NUMBER_MAX,
    STORIES_SINCE,
)
from monitord.web.ops.oncall import everybody_on_call
from monitord.web.ops.sources import Sources
from monitord.web.ops.status import incident_row, post_row, status_now
from monitord.web.ops.threads import in_thread

Number = Annotated[int, Path(ge=1, le=NUMBER_MAX, description="A ticket's number")]
Id = Annotated[str, Path(max_length=ID_CHARS_MAX)]
Limit = Annotated[int, Query(ge=1, le=LIST_MAX)]


def reading(sources: Sources) -> APIRouter:
    """The questions, over these sources."""
    router = routes()
    add_tickets(router, sources)
    add_probes(router, sources)
    add_stories(router, sources)

    @router.get("/status")
    @needs(Role.VIEWER)
    async def read_status() -> StatusNow:
        """The daemon in one look."""
        return await status_now(sources)

    @router.get("/oncall")
    @needs(Role.VIEWER)
    async def list_on_call(
        at: Annotated[datetime | None, Query(description="RFC 3339; now, if it is left out")] = None,
    ) -> tuple[OnCallNow, ...]:
        """Who is on call in each rotation, at an instant and after the next handoff."""
        if at is not None and at.tzinfo is None:
            raise No(422, "an instant without a time zone", "write 2026-01-05T09:00:00Z", "query.at")
        instant = (at or sources.now).astimezone(UTC)
        return await in_thread(everybody_on_call, sources.configuration, instant)

    return router


def add_tickets(router: APIRouter, sources: Sources) -> None:
    @router.get("/tickets")
    @needs(Role.VIEWER)
    async def list_tickets(
        state: State | None = None,
        service: Annotated[str | None, Query(max_length=ID_CHARS_MAX)] = None,
        limit: Limit = LIST,
        before: Annotated[int | None, Query(ge=1, le=NUMBER_MAX)] = None,
    ) -> list[TicketRow]:
        """Newest first; `before` is a ticket's number, to turn the page."""
        found = await sources.store.tickets(state, service, before, limit)
        return [ticketing.row(ticket, sources.world, sources.now) for ticket in found]

    @router.get("/tickets/{number}")
    @needs(Role.VIEWER)
    async def read_ticket(number: Number) -> TicketStory:
        """One ticket: its timeline, its messages, and what comes next."""
        story = await ticketing.story(sources, number)
        if story is None:
            raise no_ticket(number)
        return story

    @router.get("/deliveries")
    @needs(Role.VIEWER)
    async def list_deliveries(ticket: Annotated[int, Query(ge=1, le=NUMBER_MAX)]) -> list[DeliveryRow]:
        """Every message about one ticket, oldest first."""
        return [ticketing.delivery_row(each) for each in await sources.store.deliveries(ticket)]


def add_probes(router: APIRouter, sources: Sources) -> None:
    @router.get("/probes")
    @needs(Role.VIEWER)
    async def list_probes() -> list[ProbeNow]:
        """Every probe, the worst first."""
        return probing.all_probes(sources.engine)

    @router.get("/probes/{probe:path}")
    @needs(Role.VIEWER)
    async def read_probe(probe: Id, limit: Annotated[int, Query(ge=1, le=CHECKS_MAX)] = CHECKS) -> ProbeStory:
        """One probe and its recent checks, newest first."""
        checks = await sources.store.recent_checks(configured(sources, probe).id, limit)
        now = probing.probe_now(configured(sources, probe), sources.engine)
        return ProbeStory(now, tuple(map(probing.measured, checks)))


def add_stories(router: APIRouter, sources: Sources) -> None:
    @router.get("/incidents")
    @needs(Role.VIEWER)
    async def list_incidents() -> list[IncidentRow]:
        """The public stories of the last 90 days and those that are not over, newest first."""
        recent = await sources.store.incidents(sources.now - STORIES_SINCE, LIST_MAX)
        live = {incident.id: incident for incident in sources.world.all(Incident)}
        found = {**{each.id: each for each in recent}, **live}
        newest = sorted(found.values(), key=lambda each: (each.started, each.id), reverse=True)
        return [incident_row(each) for each in newest]

    @router.get("/incidents/{incident}")
    @needs(Role.VIEWER)
    async def read_incident(incident: Id) -> IncidentStory:
        """One public story with its entries, oldest first."""
        found = sources.world.get(Incident, incident) or await sources.store.incident(incident)
        if found is None:
            raise No(404, f"there is no incident {incident}", "GET /api/v1/incidents lists them")
        posts = await sources.store.posts(incident)
        return IncidentStory(incident_row(found), tuple(map(post_row, posts)))


def configured(sources: Sources, probe: str) -> Probe:
    found = sources.configuration.probes.get(probe)
    if found is None:
        known = list(sources.configuration.probes)
        raise No(404, f"there is no probe {probe}", did_you_mean(probe, known))
    return found


def no_ticket(number: int) -> No:
    return No(404, f"there is no ticket {number}", "GET /api/v1/tickets lists them")
