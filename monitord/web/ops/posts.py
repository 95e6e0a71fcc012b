"""The API's acts on public stories: what is written there, subscribers are told."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from monitord.client.shapes import Done
from monitord.core.statuspage import Incident, Phase, WritePost
from monitord.core.world import Configuration
from monitord.kinds import one_line
from monitord.web.access.roles import Actor, Of, Role, needs
from monitord.web.ops.asked import Beginning, By, Continuing, Key
from monitord.web.ops.desk import Desk
from monitord.web.ops.guard import ASK
from monitord.web.ops.reads import Id
from monitord.web.refusal import No
from monitord.web.text import clean


def add_story_acts(router: APIRouter, desk: Desk) -> None:
    @router.post("/incidents")
    @needs(Role.OPERATOR, Of.ANY_TEAM)
    async def begin_incident(body: Beginning, actor: By, key: Key = None) -> Done:
        """Begin a public story; subscribers are told."""
        fact = written(actor, body, desk.affected(body.affects))
        speaks_for(actor, body.affects, desk.sources.configuration)
        return await desk.act(actor, key, replace(fact, title=one_line(clean(body.title))))

    @router.post("/incidents/{incident}/posts")
    @needs(Role.OPERATOR, Of.ANY_TEAM)
    async def write_post(incident: Id, body: Continuing, actor: By, key: Key = None) -> Done:
        """Write the next entry of a public story; subscribers are told."""
        fact = written(actor, body, desk.affected(body.affects))
        story = desk.sources.world.get(Incident, incident)
        told = [component for component, _ in story.affects] if story else []
        speaks_for(actor, (*told, *body.affects), desk.sources.configuration)
        return await desk.act(actor, key, replace(fact, incident=incident))


def speaks_for(actor: Actor, components: Iterable[str], configuration: Configuration) -> None:
    """A team's managers speak about what its services show, and about nothing else. Raises No."""
    if actor.may(Role.OPERATOR):
        return
    for component in components:
        teams = {each.team for each in configuration.services.values() if component in each.components}
        if not any(actor.may(Role.OPERATOR, team) for team in teams):
            raise No(403, f"{actor.by} does not speak for {component}", ASK, "body.affects")


def written(actor: Actor, body: Beginning | Continuing, affects: Any) -> WritePost:
    return WritePost(by=actor.by, body=clean(body.body), phase=Phase(body.phase), affects=affects)
