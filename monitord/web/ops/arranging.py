"""The API about who stands in for whom: overrides that people make at run time."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from monitord.client.arranging import OverrideRow
from monitord.client.shapes import Done
from monitord.core.amendment import AddOverride, Amendment, RemoveOverride, said
from monitord.core.check import Instant
from monitord.core.override import OverrideKind
from monitord.core.roster import idle
from monitord.core.spoken import spoken
from monitord.web.access.roles import Actor, Of, Role, may_in, needs
from monitord.web.ops.asked import Body, By, Key, Name, Nothing, Said
from monitord.web.ops.desk import Desk, known
from monitord.web.ops.guard import ASK, routes
from monitord.web.ops.leaves import instant
from monitord.web.ops.limits import WHOM_MAX
from monitord.web.ops.reads import Id
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No
from monitord.web.text import clean
from monitord.web.threads import in_thread

People = Annotated[tuple[Name, ...], Field(max_length=WHOM_MAX)]
Since = Annotated[datetime | None, Query(description="RFC 3339; now, if it is left out")]

NEEDS_WHO = (OverrideKind.REPLACE, OverrideKind.REMOVE)


class Overriding(Body):
    """Who stands in, from when (now, if it is left out) until when, and why. `kind` `all`, `add`: `people`
    come; `replace`: they come for `who`; `remove`: `who` goes. `overruled` are overrides that it may
    contradict.
    """

    rotation: Name
    end: AwareDatetime
    kind: OverrideKind
    why: Said
    start: AwareDatetime | None = None
    who: Name | None = None
    people: People = ()
    layer: Name | None = None
    overruled: People = ()


def arranging(sources: Sources) -> APIRouter:
    """Over these sources."""
    router, desk = routes(), Desk(sources)

    @router.get("/overrides")
    @needs(Role.VIEWER)
    async def list_overrides(since: Since = None) -> list[OverrideRow]:
        """Those made at run time that are not over yet, or were not at `since`; the first to begin first."""
        now = sources.now
        at = instant(since, "query.since") or now
        found = [each for each in sources.world.all(Amendment) if not each.ended(at)]
        found.sort(key=lambda each: (each.override.start, each.override.age))
        return [override_row(spoken(each, sources.world), now) for each in found]

    @router.post("/overrides")
    @needs(Role.RESPONDER, Of.ROTATION)
    async def add_override(body: Overriding, actor: By, key: Key = None) -> Done:
        """Have somebody else on call than whose turn it is; refused if it contradicts another one."""
        fact = wanted(desk, body, actor)
        admit(sources, actor, fact.rotation, about(fact))
        return await warned(sources, await desk.act(actor, key, fact))

    @router.post("/overrides/{override}/remove")
    @needs(Role.RESPONDER, Of.ROTATION)
    async def remove_override(override: Id, actor: By, body: Nothing | None = None, key: Key = None) -> Done:
        """Take one back; from now on whose turn it is counts again."""
        found = sources.world.get(Amendment, override)
        if found is not None:
            admit(sources, actor, found.rotation, {found.by})
        return await desk.act(actor, key, RemoveOverride(override, actor.by, actor.via))

    return router


def wanted(desk: Desk, body: Overriding, actor: Actor) -> AddOverride:
    """What the body asks for; a name that nobody has is refused with the one that was meant."""
    rotation = desk.rotation(body.rotation, "body.rotation")
    layers = [layer.name for layer in rotation.layers]
    if (body.who is not None) != (body.kind in NEEDS_WHO):
        remedy = "`replace` and `remove` say `who` goes; `all` and `add` do not"
        raise No(422, f"`{body.kind.value}` and `who` do not fit", remedy, "body.who")
    if bool(body.people) != (body.kind is not OverrideKind.REMOVE):
        remedy = "`all`, `add` and `replace` say which `people` come; `remove` does not"
        raise No(422, f"`{body.kind.value}` and `people` do not fit", remedy, "body.people")
    end = instant(body.end, "body.end")
    assert end is not None, "it is required"
    return AddOverride(
        rotation=rotation.id,
        start=instant(body.start, "body.start"),
        end=end,
        kind=body.kind,
        by=actor.by,
        why=clean(body.why),
        who=desk.person(body.who, "body.who") if body.who is not None else None,
        people=tuple(dict.fromkeys(desk.person(each, "body.people") for each in body.people)),
        layer=known(body.layer, layers, "layer", "body.layer") if body.layer is not None else None,
        overruled=body.overruled,
        via=actor.via,
    )


def about(fact: AddOverride) -> set[str]:
    """Whom it concerns: who goes, or else who comes as well; `all` concerns everybody."""
    if fact.who is not None:
        return {fact.who}
    return set(fact.people) if fact.kind is OverrideKind.ADD else set()


def admit(sources: Sources, actor: Actor, rotation: str, named: set[str]) -> None:
    """Raises No, unless they answer for the rotation or it is about nobody but themselves."""
    if named != {actor.by} and not may_in(actor, Role.RESPONDER, rotation, sources.configuration):
        what = f"{actor.by} is in no team that takes turns in {rotation}, and it is not about them alone"
        raise No(403, what, ASK)


async def warned(sources: Sources, done: Done) -> Done:
    """One that changes nothing as things stand was perhaps not meant so."""
    made = sources.world.get(Amendment, done.override) if done.override else None
    rotation = sources.roster.rotations.get(made.rotation) if made is not None else None
    if made is None or rotation is None or not await in_thread(idle, rotation, made.override):
        return done
    warning = "as things stand it changes nothing; `monitord oncall shifts` says who is on call then"
    return replace(done, did=(*done.did, warning))


def override_row(amendment: Amendment, now: Instant) -> OverrideRow:
    override = amendment.override
    return OverrideRow(
        id=amendment.id,
        rotation=amendment.rotation,
        kind=override.kind.value,
        who=override.who,
        people=override.by,
        layer=override.layer,
        start=override.start,
        end=override.end,
        by=amendment.by,
        why=amendment.why,
        via=amendment.via,
        made=override.made_at or override.start,
        running=override.start <= now < override.end,
        says=said(override),
        time_zone=amendment.time_zone,
    )
