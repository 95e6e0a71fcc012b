"""The API's acts: each becomes a command, and is answered after its commit with what it did."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field

from monitord.client.shapes import Done
from monitord.core.command import Acknowledge, Comment, Decline, HandOver, OpenTicket, Resolve
from monitord.core.flow import Decision
from monitord.core.organization import ComponentState, Priority
from monitord.core.statuspage import Incident, Phase, Post, PostRefused, WritePost
from monitord.core.ticket import CommandIgnored, Ticket
from monitord.core.timeline import sentence, ticket_of
from monitord.core.world import Fact
from monitord.engine.engine import EngineBusy, FactRefused
from monitord.kinds import one_line
from monitord.store.tokens import Mark
from monitord.web.limits import COMMIT_WITHIN
from monitord.web.ops.access import Actor, Of, Role, needs
from monitord.web.ops.errors import No, did_you_mean
from monitord.web.ops.guard import actor_of, routes
from monitord.web.ops.keys import Asked
from monitord.web.ops.limits import (
    COMPONENTS_MAX,
    DID_MAX,
    ID_CHARS_MAX,
    POST_CHARS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
)
from monitord.web.ops.reads import Id, Number, no_ticket
from monitord.web.ops.sources import Sources
from monitord.web.seams import NotTaken
from monitord.web.text import clean

OF_A_STORY = (Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING, Phase.RESOLVED)
PHASES = "|".join(phase.value for phase in OF_A_STORY)

Text = Annotated[str, Field(max_length=TEXT_CHARS_MAX)]
Said = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX, pattern=r"\S")]
PostBody = Annotated[str, Field(min_length=1, max_length=POST_CHARS_MAX, pattern=r"\S")]
Title = Annotated[str, Field(min_length=1, max_length=TITLE_CHARS_MAX, pattern=r"\S")]
Name = Annotated[str, Field(min_length=1, max_length=ID_CHARS_MAX)]
Affected = Annotated[dict[Name, ComponentState], Field(max_length=COMPONENTS_MAX)]
PhaseWord = Annotated[str, Field(pattern=f"^({PHASES})$")]


class Body(BaseModel):
    """A key that we do not know is a mistake that somebody wants to hear of."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Body):
    """The act needs no words."""


class Opening(Body):
    title: Title
    service: Name
    priority: Priority = Priority.URGENT
    text: Text = ""


class Handing(Body):
    to: Name


class Resolving(Body):
    note: Text = ""
    hold_until_clear: bool = False


class Commenting(Body):
    text: Said


class Beginning(Body):
    title: Title
    body: PostBody
    affects: Affected = Field(min_length=1)
    phase: PhaseWord = Phase.INVESTIGATING.value


class Continuing(Body):
    body: PostBody
    phase: PhaseWord = Phase.INVESTIGATING.value
    affects: Affected = Field(default_factory=dict)


By = Annotated[Actor, Depends(actor_of)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", description="The same key is done once")]


class Desk:
    """Takes acts: submits each once, waits for the commit, says what came of it."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    async def act(self, actor: Actor, key: str | None, fact: Fact) -> Done:
        """Once, however often it is asked for under one key. Raises No, NotTaken, StoreError."""
        asked = await self.asked(actor, key, fact)
        decision = await (self.recorded(asked) if isinstance(asked, int) else committed(asked))
        await self.raise_if_refused(decision)
        return done(actor, decision)

    async def asked(self, actor: Actor, key: str | None, fact: Fact) -> Asked | int:
        sources, keys = self.sources, self.sources.keys
        now = sources.clock.monotonic()
        if key is not None:
            await keys.load(sources.store, sources.now, now)
        return keys.decision(actor.by, key, repr(fact), now, partial(self.post, fact))

    def post(self, fact: Fact, mark: Mark | None) -> Asked:
        try:
            return self.sources.engine.post(fact, mark=mark)
        except EngineBusy as busy:
            raise NotTaken(str(busy)) from busy

    async def recorded(self, number: int) -> Decision:
        """What was decided before this process began."""
        found = await self.sources.store.journal(number - 1, 1)
        if not found or found[0].seq != number:
            raise No(409, "this was done, and its record has been removed since", "look at how things stand")
        return Decision(found[0].entry.records, found[0].entry.events)

    async def raise_if_refused(self, decision: Decision) -> None:
        """What the core did not do, and why."""
        for event in decision.events:
            if isinstance(event, PostRefused):
                raise No(409, event.why, "GET /api/v1/incidents shows how they stand")
            if isinstance(event, CommandIgnored):
                await self.raise_if_over(event)
                raise No(409, sentence(event), f"GET /api/v1/tickets/{event.ticket} shows how it stands")

    async def raise_if_over(self, event: CommandIgnored) -> None:
        """A ticket that the live world does not know has ended long ago, or never was."""
        if self.sources.world.get(Ticket, event.ticket) is not None:
            return
        if await self.sources.store.ticket(event.ticket) is None:
            raise no_ticket(event.ticket)
        raise No(409, f"ticket {event.ticket} has ended over a day ago", "open a new one")

    def asked_later(self, done: Done) -> Done:
        """Whoever has a ticket is asked whether they still do; that takes somebody whom we can reach."""
        if done.by in self.sources.configuration.people:
            return done
        warning = f"{done.by} is no person of the configuration and cannot be asked later; say --by PERSON"
        return replace(done, did=(*done.did, warning))

    # What must be known.

    def person(self, name: str, where: str) -> str:
        return known(name, list(self.sources.configuration.people), "person", where)

    def service(self, name: str) -> str:
        return known(name, list(self.sources.configuration.services), "service", "body.service")

    def affected(self, affects: dict[str, ComponentState]) -> tuple[tuple[str, ComponentState], ...]:
        components = [c.id for page in self.sources.configuration.status_pages for c in page.components]
        return tuple(
            (known(name, components, "component", "body.affects"), state) for name, state in affects.items()
        )


def known(name: str, names: list[str], what: str, where: str) -> str:
    if name not in names:
        raise No(422, f"there is no {what} {name}", did_you_mean(name, names), where)
    return name


async def committed(asked: Asked) -> Decision:
    """The decision, after its commit. Whoever waits may give up; the decision does not."""
    try:
        async with asyncio.timeout(COMMIT_WITHIN):
            return await asyncio.shield(asked)
    except TimeoutError:
        raise NotTaken("the store takes too long") from None
    except FactRefused as refused:
        raise No(500, str(refused), "this is a bug; the daemon's log has it") from refused
    except asyncio.CancelledError:
        if asked.cancelled():
            raise NotTaken("monitord is stopping") from None
        raise


def done(actor: Actor, decision: Decision) -> Done:
    """Made of the decision alone, so that it is the same whenever somebody asks again."""
    tickets = [number for event in decision.events if (number := ticket_of(event)) is not None]
    incidents = [record.id for record in decision.records if isinstance(record, Incident)]
    posts = [record.incident for record in decision.records if isinstance(record, Post)]
    return Done(
        by=actor.by,
        ticket=tickets[0] if tickets else None,
        incident=next(iter(posts or incidents), None),
        did=tuple(sentence(event) for event in decision.events[:DID_MAX]),
    )


def acting(sources: Sources) -> APIRouter:
    """The acts, over these sources."""
    router, desk = routes(), Desk(sources)
    add_ticket_acts(router, desk)
    add_story_acts(router, desk)
    return router


def add_ticket_acts(router: APIRouter, desk: Desk) -> None:
    @router.post("/tickets")
    @needs(Role.RESPONDER, Of.ANY_TEAM)
    async def open_ticket(body: Opening, actor: By, key: Key = None) -> Done:
        """Open a ticket by hand; its service's policy is paged at once."""
        fact = OpenTicket(
            title=one_line(clean(body.title)),
            service=desk.service(body.service),
            priority=body.priority,
            by=actor.by,
            text=clean(body.text),
            via=actor.via,
        )
        return await desk.act(actor, key, fact)

    @router.post("/tickets/{number}/acknowledge")
    @needs(Role.RESPONDER, Of.TICKET)
    async def acknowledge_ticket(
        number: Number, actor: By, body: Nothing | None = None, key: Key = None
    ) -> Done:
        """Say that you have it: nobody else is paged."""
        return desk.asked_later(await desk.act(actor, key, Acknowledge(number, actor.by, actor.via)))

    @router.post("/tickets/{number}/decline")
    @needs(Role.RESPONDER, Of.TICKET)
    async def decline_ticket(number: Number, actor: By, body: Nothing | None = None, key: Key = None) -> Done:
        """Say that you cannot: the others go on being asked."""
        return await desk.act(actor, key, Decline(number, actor.by, actor.via))

    @router.post("/tickets/{number}/hand_over")
    @needs(Role.RESPONDER, Of.TICKET)
    async def hand_over_ticket(number: Number, body: Handing, actor: By, key: Key = None) -> Done:
        """Ask somebody else first; the tiers follow if they do not answer."""
        to = desk.person(body.to, "body.to")
        return await desk.act(actor, key, HandOver(number, actor.by, to, actor.via))

    @router.post("/tickets/{number}/resolve")
    @needs(Role.RESPONDER, Of.TICKET)
    async def resolve_ticket(
        number: Number, actor: By, body: Annotated[Resolving, Depends(resolving)], key: Key = None
    ) -> Done:
        """End it; if it is still broken, it comes back in 10 minutes, or never before it has cleared."""
        fact = Resolve(number, actor.by, clean(body.note), body.hold_until_clear, actor.via)
        return await desk.act(actor, key, fact)

    @router.post("/tickets/{number}/comment")
    @needs(Role.RESPONDER, Of.TICKET)
    async def comment_on_ticket(number: Number, body: Commenting, actor: By, key: Key = None) -> Done:
        """Add a word to the timeline; from its holder it renews the acknowledgement."""
        return await desk.act(actor, key, Comment(number, actor.by, clean(body.text), actor.via))


def resolving(body: Resolving | None = None) -> Resolving:
    """Nothing needs to be said."""
    return body or Resolving()


def add_story_acts(router: APIRouter, desk: Desk) -> None:
    @router.post("/incidents")
    @needs(Role.OPERATOR, Of.ANY_TEAM)
    async def begin_incident(body: Beginning, actor: By, key: Key = None) -> Done:
        """Begin a public story; subscribers are told."""
        fact = written(actor, body, desk.affected(body.affects))
        return await desk.act(actor, key, replace(fact, title=one_line(clean(body.title))))

    @router.post("/incidents/{incident}/posts")
    @needs(Role.OPERATOR, Of.ANY_TEAM)
    async def write_post(incident: Id, body: Continuing, actor: By, key: Key = None) -> Done:
        """Write the next entry of a public story; subscribers are told."""
        fact = written(actor, body, desk.affected(body.affects))
        return await desk.act(actor, key, replace(fact, incident=incident))


def written(actor: Actor, body: Beginning | Continuing, affects: Any) -> WritePost:
    return WritePost(by=actor.by, body=clean(body.body), phase=Phase(body.phase), affects=affects)
