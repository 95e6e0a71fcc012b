"""The API's questions: what is now, and what has been. They change nothing."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from monitord.client.shapes import (
    CheckRow,
    ComponentRow,
    IncidentRow,
    IncidentStory,
    OnCallNow,
    ProbeNow,
    ProbeStory,
    StatusNow,
)
from monitord.core.check import Probe
from monitord.core.stages.verify import verified
from monitord.core.statuspage import Incident
from monitord.store.measurements import Measurements
from monitord.store.reads import Reads
from monitord.web.access.roles import Role, needs
from monitord.web.ops import probes as probing
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import Turning, instant, instant_of
from monitord.web.ops.limits import (
    CHECKS,
    CHECKS_MAX,
    ID_CHARS_MAX,
    LIST_MAX,
    NUMBER_MAX,
    STORIES_SINCE,
)
from monitord.web.ops.oncall import everybody_on_call
from monitord.web.ops.sources import Sources
from monitord.web.ops.status import incident_row, post_row, status_now
from monitord.web.refusal import No
from monitord.web.threads import in_thread

Number = Annotated[int, Path(ge=1, le=NUMBER_MAX, description="A ticket's number")]
MOMENT = timedelta(microseconds=1)
RESULTS_SINCE = timedelta(days=1)
Which = Annotated[str, Query(max_length=ID_CHARS_MAX)]
Since = Annotated[datetime | None, Query(description="RFC 3339")]
Id = Annotated[str, Path(max_length=ID_CHARS_MAX)]


def reading(sources: Sources) -> APIRouter:
    """The questions, over these sources."""
    router = routes()
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
        moment = instant(at, "query.at") or sources.now
        try:
            return await in_thread(everybody_on_call, sources.roster, moment, verified(sources.world))
        except OverflowError as error:
            raise No(422, "the calendar ends before", "choose another year", "query.at") from error

    return router


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
        checks = await sources.store.measured(
            Measurements.recent_checks, configured(sources, probe).id, limit
        )
        now = probing.probe_now(configured(sources, probe), sources.engine)
        return ProbeStory(now, tuple(map(probing.measured, checks)))

    @router.get("/results")
    @needs(Role.VIEWER)
    async def list_results(leaf: Turning, probe: Which, since: Since = None) -> list[CheckRow]:
        """The checks of one probe since an instant (a day ago, if it is left out), oldest first."""
        asked = instant(since, "query.since") or sources.now - RESULTS_SINCE
        after = leaf.after(str)
        start = instant_of(after[0]) + MOMENT if after else asked
        found = await sources.store.measured(
            Measurements.checks, configured(sources, probe).id, start, leaf.more
        )
        page = leaf.cut(found, lambda check: (check.at.isoformat(),))
        return [probing.measured(check) for check in page]


def add_stories(router: APIRouter, sources: Sources) -> None:
    @router.get("/components")
    @needs(Role.VIEWER)
    async def list_components() -> list[ComponentRow]:
        """What the public sees of the organization's services, page by page."""
        pages = sources.configuration.status_pages
        return [ComponentRow(c.id, c.name, c.group, page.id) for page in pages for c in page.components]

    @router.get("/incidents")
    @needs(Role.VIEWER)
    async def list_incidents() -> list[IncidentRow]:
        """The public stories of the last 90 days and those that are not over, newest first."""
        recent = await sources.store.ask(Reads.incidents, sources.now - STORIES_SINCE, LIST_MAX)
        live = {incident.id: incident for incident in sources.world.all(Incident)}
        found = {**{each.id: each for each in recent}, **live}
        newest = sorted(found.values(), key=lambda each: (each.started, each.id), reverse=True)
        return [incident_row(each) for each in newest]

    @router.get("/incidents/{incident}")
    @needs(Role.VIEWER)
    async def read_incident(incident: Id) -> IncidentStory:
        """One public story with its entries, oldest first."""
        found = sources.world.get(Incident, incident) or await sources.store.ask(Reads.incident, incident)
        if found is None:
            raise No(404, f"there is no incident {incident}", "GET /api/v1/incidents lists them")
        posts = await sources.store.ask(Reads.posts, incident)
        return IncidentStory(incident_row(found), tuple(map(post_row, posts)))


def configured(sources: Sources, probe: str) -> Probe:
    found = sources.configuration.probes.get(probe)
    if found is None:
        known = list(sources.configuration.probes)
        raise No(404, f"there is no probe {probe}", did_you_mean(probe, known))
    return found


def no_ticket(number: int) -> No:
    return No(404, f"there is no ticket {number}", "GET /api/v1/tickets lists them")
