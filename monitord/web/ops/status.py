"""The daemon in one look, and the public stories, as the API says them."""

from collections import Counter

from monitord import __version__
from monitord.client.shapes import Affects, Counts, IncidentRow, PostRow, Queue, StatusNow
from monitord.core.delivery import Delivery
from monitord.core.health import Health
from monitord.core.stages.verify import verified
from monitord.core.statuspage import Incident, Post
from monitord.core.ticket import State, Ticket
from monitord.core.verdict import Action, Verdict
from monitord.core.world import World
from monitord.store.reads import Reads
from monitord.web.ops.calendar_rows import calendar_rows
from monitord.web.ops.oncall import doubts_now
from monitord.web.ops.sources import Sources
from monitord.web.threads import in_thread


async def status_now(sources: Sources) -> StatusNow:
    subscribers = await sources.store.ask(Reads.subscribers_count)
    engine, configuration, now = sources.engine, sources.configuration, sources.now
    missing = tuple(sources.lacking)
    return StatusNow(
        organization=configuration.organization,
        version=__version__,
        revision=configuration.revision,
        time_zone=configuration.time_zone,
        now=now,
        started=sources.started,
        uptime=(now - sources.started).total_seconds(),
        ready=not missing,
        missing=missing,
        last_cycle=max(0.0, sources.clock.monotonic() - engine.last_cycle_at),
        counts=counts(sources.world, subscribers),
        queues=tuple(Queue(lane.value, len(waiting)) for lane, waiting in engine.lanes.items()),
        doubts=await in_thread(doubts_now, sources.roster, now, verified(sources.world)),
        calendars=tuple(each for each in calendar_rows(sources.world) if each.failing is not None),
    )


def counts(world: World, subscribers: int) -> Counts:
    tickets: list[Ticket] = world.find("open tickets", "open")
    states = Counter(ticket.state for ticket in tickets)
    healths = [health for health in world.all(Health) if health.probe in world.configuration.probes]
    return Counts(
        tickets_open=states[State.OPEN],
        tickets_acknowledged=states[State.ACKNOWLEDGED],
        probes=len(world.configuration.probes),
        probes_down=sum(not health.up for health in healths),
        probes_failing=sum(health.failing for health in healths),
        probes_blind=sum(health.blind for health in healths),
        held=sum(verdict.action is Action.HOLD for verdict in world.all(Verdict)),
        incidents=sum(incident.public for incident in world.all(Incident)),
        deliveries=len(world.all(Delivery)),
        subscribers=subscribers,
    )


def incident_row(incident: Incident) -> IncidentRow:
    return IncidentRow(
        id=incident.id,
        title=incident.title,
        phase=incident.phase.value,
        started=incident.started,
        resolved=incident.resolved,
        publish_at=incident.publish_at,
        service=incident.service,
        affects=tuple(Affects(component, state.value) for component, state in incident.affects),
        posts=incident.posts,
    )


def post_row(post: Post) -> PostRow:
    return PostRow(post.number, post.at, post.phase.value, post.heading, post.body, post.by)
