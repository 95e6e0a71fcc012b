"""The desk: takes an act, submits it once, waits for the commit, says what came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from monitord.client.shapes import Done
from monitord.core.amendment import Amendment, OverrideRefused
from monitord.core.contact import ContactRefused, SayCode
from monitord.core.facts import Fact
from monitord.core.flow import Decision
from monitord.core.leave import Leave, LeaveRefused
from monitord.core.organization import ComponentState
from monitord.core.rotation import Rotation
from monitord.core.silence import Silence, SilenceRefused
from monitord.core.statuspage import Incident, Post, PostRefused
from monitord.core.swap import Swap, SwapRefused
from monitord.core.ticket import CommandIgnored, PageRefused, Ticket
from monitord.core.timeline import sentence, ticket_of
from monitord.core.whom import EVERYBODY
from monitord.engine.engine import EngineBusy, FactRefused
from monitord.store.reads import Reads
from monitord.store.tokens import Mark
from monitord.web.access.roles import Actor
from monitord.web.ops.errors import did_you_mean, no_such_person
from monitord.web.ops.keys import Asked
from monitord.web.ops.limits import DID_MAX
from monitord.web.ops.reads import no_ticket
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No
from monitord.web.seams import NotTaken, committed

REMEDIES: Mapping[type[Any], str] = {
    SilenceRefused: "GET /api/v1/silences lists the silences",
    ContactRefused: "GET /api/v1/contacts lists the addresses",
    OverrideRefused: "GET /api/v1/overrides lists the overrides",
    SwapRefused: "GET /api/v1/swaps lists the swaps that wait for an answer",
    LeaveRefused: "GET /api/v1/leave lists who is away",
    PostRefused: "GET /api/v1/incidents shows how the incidents stand",
}
MADE: Mapping[str, type[Any]] = {"silence": Silence, "override": Amendment, "swap": Swap, "leave": Leave}


class Desk:
    """Over these sources; what it refuses is a No."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    async def act(self, actor: Actor, key: str | None, fact: Fact) -> Done:
        """Once, however often it is asked for under one key. Raises No, NotTaken, StoreError."""
        asked = await self.asked(actor, key, fact)
        decision = await (self.recorded(asked) if isinstance(asked, int) else self.decided(asked))
        await self.raise_if_refused(decision)
        return done(actor, decision)

    async def asked(self, actor: Actor, key: str | None, fact: Fact) -> Asked | int:
        sources, keys = self.sources, self.sources.keys
        now = sources.clock.monotonic()
        if key is not None:
            await keys.load(sources.store, sources.now, now)
        return keys.decision(actor.by, key, asked_for(fact), now, partial(self.post, fact))

    def post(self, fact: Fact, mark: Mark | None) -> Asked:
        try:
            return self.sources.engine.post(fact, mark=mark)
        except EngineBusy as busy:
            raise NotTaken(str(busy)) from busy

    async def decided(self, asked: Asked) -> Decision:
        try:
            return await committed(asked, self.sources.clock)
        except FactRefused as refused:
            raise No(500, str(refused), "this is a bug; the daemon's log has it") from refused

    async def recorded(self, number: int) -> Decision:
        """What was decided before this process began."""
        found = await self.sources.store.ask(Reads.journal, number - 1, 1)
        if not found or found[0].seq != number:
            raise No(409, "this was done, and its record has been removed since", "look at how things stand")
        return Decision(found[0].entry.records, found[0].entry.events)

    async def raise_if_refused(self, decision: Decision) -> None:
        """What the core did not do, and why."""
        for event in decision.events:
            if type(event) in REMEDIES:
                raise No(409, event.why, REMEDIES[type(event)])
            if isinstance(event, PageRefused):
                raise No(409, sentence(event), "`monitord oncall` says who is on call", "body.whom")
            if isinstance(event, CommandIgnored):
                await self.raise_if_over(event)
                raise No(409, sentence(event), f"GET /api/v1/tickets/{event.ticket} shows how it stands")

    async def raise_if_over(self, event: CommandIgnored) -> None:
        """A ticket that the live world does not know has ended long ago, or never was."""
        if self.sources.world.get(Ticket, event.ticket) is not None:
            return
        if await self.sources.store.ask(Reads.ticket, event.ticket) is None:
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
        here = self.sources.configuration
        if name not in here.people:
            raise No(422, *no_such_person(name, here), where)
        return name

    def whom(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """People, rotations, teams."""
        here = self.sources.configuration
        targets = [*here.people, *here.rotations, *here.teams, EVERYBODY]
        return tuple(known(name, targets, "person, rotation or team", "body.whom") for name in names)

    def rotation(self, name: str, where: str) -> Rotation:
        here = self.sources.configuration.rotations
        return here[known(name, list(here), "rotation", where)]

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


def ids(decision: Decision, kind: type[Any]) -> Iterator[str]:
    return (record.id for record in decision.records if isinstance(record, kind))


def done(actor: Actor, decision: Decision) -> Done:
    """Made of the decision alone, so that it is the same whenever somebody asks again."""
    tickets = [number for event in decision.events if (number := ticket_of(event)) is not None]
    posts = [record.incident for record in decision.records if isinstance(record, Post)]
    return Done(
        by=actor.by,
        ticket=tickets[0] if tickets else None,
        incident=next(chain(posts, ids(decision, Incident)), None),
        did=tuple(sentence(event) for event in decision.events[:DID_MAX]),
        **{word: next(ids(decision, kind), None) for word, kind in MADE.items()},
    )


def asked_for(fact: Fact) -> str:
    """All that was asked; of what is never shown, only what the asker has said."""
    return f"{fact!r} {fact.code}" if isinstance(fact, SayCode) else repr(fact)
