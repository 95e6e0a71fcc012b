"""The API about what is heard from outside, and what is kept quiet."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from monitord.client.directory import (
    AddressRow,
    ArrivalRow,
    EventStory,
    HeartbeatRow,
    IntegrationRow,
    MatcherRow,
    SilenceRow,
)
from monitord.client.shapes import Done
from monitord.config.patterns import misunderstood
from monitord.core.check import Instant
from monitord.core.heartbeat import Heartbeat, Pulse
from monitord.core.report import heartbeat_source
from monitord.core.silence import MATCHERS_MAX, AddSilence, EndSilence, Matcher, Silence
from monitord.core.world import Configuration
from monitord.store.inbox import Inbox
from monitord.web.access.roles import Role, needs
from monitord.web.ops.asked import Body, By, Key, Name, Nothing, Said
from monitord.web.ops.desk import Desk
from monitord.web.ops.directory import by_id
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.events import addresses, arrival_row, event_story
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import Turning, instant
from monitord.web.ops.limits import ID_CHARS_MAX, NUMBER_MAX
from monitord.web.ops.reads import Id
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No
from monitord.web.text import clean

Which = Annotated[str | None, Query(max_length=ID_CHARS_MAX)]
EventNumber = Annotated[int, Path(ge=1, le=NUMBER_MAX)]
Value = Annotated[str, Field(max_length=ID_CHARS_MAX)]


class Matching(Body):
    """A label, and what it says; a pattern fits the whole text."""

    name: Name
    value: Value
    is_regex: bool = False
    is_equal: bool = True


class Silencing(Body):
    """What shall be quiet, why, and until when: 24 hours at most."""

    matchers: Annotated[tuple[Matching, ...], Field(min_length=1, max_length=MATCHERS_MAX)]
    reason: Said
    end: datetime
    start: datetime | None = None


def hearing(sources: Sources) -> APIRouter:
    """Over these sources."""
    router, desk = routes(), Desk(sources)
    add_silences(router, sources, desk)
    add_inbound(router, sources)
    return router


def add_silences(router: APIRouter, sources: Sources, desk: Desk) -> None:
    @router.get("/silences")
    @needs(Role.VIEWER)
    async def list_silences() -> list[SilenceRow]:
        """Those that run, and those that will."""
        return [silence_row(each, sources.now) for each in sources.world.all(Silence)]

    @router.post("/silences")
    @needs(Role.OPERATOR)
    async def add_silence(body: Silencing, actor: By, key: Key = None) -> Done:
        """Keep what fits from paging anybody, for a while."""
        end, start = instant(body.end, "body.end"), instant(body.start, "body.start")
        assert end is not None, "it is required"
        matchers = tuple(
            Matcher(each.name, each.value, each.is_regex, each.is_equal) for each in body.matchers
        )
        refuse_misunderstood(matchers)
        refuse_nameless(matchers, sources.configuration)
        fact = AddSilence(matchers, actor.by, clean(body.reason), end, start, actor.via)
        done = await desk.act(actor, key, fact)
        return replace(done, did=(*done.did, *near_misses(matchers)))

    @router.post("/silences/{silence}/end")
    @needs(Role.OPERATOR)
    async def end_silence(silence: Id, actor: By, body: Nothing | None = None, key: Key = None) -> Done:
        """Enough of it: what is raised is judged again."""
        return await desk.act(actor, key, EndSilence(silence, actor.by, actor.via))


def refuse_misunderstood(matchers: tuple[Matcher, ...]) -> None:
    """A pattern that nobody can read would keep nothing quiet, and say nothing."""
    for number, each in enumerate(matchers):
        why = misunderstood(each.value) if each.is_regex else ""
        if why:
            where = f"body.matchers.{number}.value"
            remedy = "its syntax is that of https://github.com/google/re2/wiki/Syntax"
            raise No(422, f"{each.value!r} is not a pattern: {why}", remedy, where)


NAMED: Mapping[str, Callable[[Configuration], Collection[str]]] = {
    "service": lambda here: here.services,
    "probe": lambda here: here.probes,
    "integration": lambda here: here.integrations,
    "heartbeat": lambda here: here.heartbeats,
}
NEARLY = 0.8
LABEL = "for a label of that name that an integration reports, make it a pattern (`is_regex`)"


def refuse_nameless(matchers: tuple[Matcher, ...], here: Configuration) -> None:
    """A name that nobody has would keep nothing quiet, and its writer would rely on it. Raises No."""
    for number, each in enumerate(matchers):
        if each.is_regex or not each.is_equal or each.name not in NAMED:
            continue
        known = NAMED[each.name](here)
        if each.value not in known:
            remedy = f"{did_you_mean(each.value, known)}; {LABEL}"
            where = f"body.matchers.{number}.value"
            raise No(422, f"there is no {each.name} {each.value:.100}", remedy, where)


def near_misses(matchers: tuple[Matcher, ...]) -> Iterator[str]:
    """Any word may be a label of somebody's; one that is nearly ours was probably meant to be ours."""
    for each in matchers:
        near = get_close_matches(each.name, NAMED, n=1, cutoff=NEARLY)
        if near and each.name not in NAMED:
            only = f"`{each.name}` fits only what an integration reports under that name"
            yield f"{only}; did you mean `{near[0]}`?"


def add_inbound(router: APIRouter, sources: Sources) -> None:
    @router.get("/heartbeats")
    @needs(Role.VIEWER)
    async def list_heartbeats() -> list[HeartbeatRow]:
        """What must be heard of in time, and whether it was."""
        return [
            heartbeat_row(each, sources.world.get(Pulse, each.id) or Pulse(each.id))
            for each in by_id(sources.configuration.heartbeats)
        ]

    @router.get("/integrations")
    @needs(Role.VIEWER)
    async def list_integrations() -> list[IntegrationRow]:
        """Who else may report."""
        found = by_id(sources.configuration.integrations)
        return [
            IntegrationRow(each.id, each.kind, each.name, each.service, each.priority.value) for each in found
        ]

    @router.get("/events")
    @needs(Role.VIEWER)
    async def list_events(leaf: Turning, integration: Which = None) -> list[ArrivalRow]:
        """What came in, newest first, and what was made of it; kept for 7 days."""
        found = await sources.store.inbox_asked(Inbox.events, integration, leaf.number(), leaf.more)
        if integration and not found:
            refuse_unheard(integration, sources.configuration)
        return [arrival_row(each) for each in leaf.cut(found, lambda event: (event.id,))]

    @router.get("/events/{event}")
    @needs(Role.VIEWER)
    async def read_event(event: EventNumber) -> EventStory:
        """One thing that came in, what was made of it, and what has happened since to what it is about."""
        found = await sources.store.inbox_asked(Inbox.event, event)
        if found is None:
            raise No(
                404, f"there is no event {event}", "they are kept for 7 days; GET /api/v1/events lists them"
            )
        return await event_story(sources, found)

    @router.get("/addresses")
    @needs(Role.ADMINISTRATOR)
    async def list_addresses() -> list[AddressRow]:
        """Where integrations and heartbeats are spoken to, with their secrets."""
        return addresses(sources)


def refuse_unheard(integration: str, here: Configuration) -> None:
    """Nothing came, and nothing ever will. Raises No."""
    known = [*here.integrations, *map(heartbeat_source, here.heartbeats)]
    if integration not in known:
        what = f"there is no integration {integration}, and nothing came from one of that name"
        raise No(422, what, did_you_mean(integration, known), "query.integration")


def silence_row(silence: Silence, now: Instant) -> SilenceRow:
    matchers = tuple(
        MatcherRow(each.name, each.value, each.is_regex, each.is_equal) for each in silence.matchers
    )
    return SilenceRow(
        id=silence.id,
        matchers=matchers,
        by=silence.by,
        reason=silence.reason,
        start=silence.start,
        end=silence.end,
        running=silence.running(now),
    )


def heartbeat_row(heartbeat: Heartbeat, pulse: Pulse) -> HeartbeatRow:
    return HeartbeatRow(
        id=heartbeat.id,
        name=heartbeat.title,
        service=heartbeat.service,
        priority=heartbeat.priority.value,
        state=pulse.word,
        since=pulse.since,
        last=pulse.last,
        expected=pulse.expected,
        due=pulse.due,
        grace=heartbeat.grace.total_seconds(),
        took=pulse.took.total_seconds() if pulse.took is not None else None,
    )
