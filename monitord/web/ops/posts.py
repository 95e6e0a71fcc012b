"""The API's acts on public stories: what is written there, subscribers are told."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from monitord.client.shapes import Done
from monitord.core.statuspage import Phase, WritePost
from monitord.kinds import one_line
from monitord.web.ops.access import Actor, Of, Role, needs
from monitord.web.ops.asked import Beginning, By, Continuing, Key
from monitord.web.ops.desk import Desk
from monitord.web.ops.reads import Id
from monitord.web.text import clean


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
