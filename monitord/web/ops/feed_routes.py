"""The API's routes about calendar feeds: the private address of a person's or a rotation's shifts.

A person's address is theirs and the administrators'; a rotation's every viewer may have. To renew one is for
whoever it belongs to: of a rotation, operators.
"""

from typing import Annotated

from fastapi import APIRouter, Path

from monitord.client.directory import FeedRow
from monitord.config.suggest import groups_of, no_person
from monitord.web.access.roles import Actor, Role, needs
from monitord.web.feeds.feeds import PERSON, Feeds, Subject
from monitord.web.ops.asked import By, Nothing
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.guard import routes
from monitord.web.ops.limits import ID_CHARS_MAX
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No

FeedId = Annotated[str, Path(max_length=ID_CHARS_MAX, description="The id of a person or a rotation")]


def feed_routes(sources: Sources) -> APIRouter:
    """Over these sources."""
    router = routes()

    @router.get("/feeds/{feed}")
    @needs(Role.VIEWER)
    async def read_feed(feed: FeedId, actor: By) -> FeedRow:
        """Where calendars read the shifts of a person or a rotation; a secret of whoever has it."""
        feeds, subject = found(sources, feed)
        if not may_read(actor, subject):
            raise No(403, f"the calendar address of {feed} is private", "ask them, or an administrator")
        return await row(feeds, subject)

    @router.post("/feeds/{feed}/renew")
    @needs(Role.VIEWER)
    async def renew_feed(feed: FeedId, actor: By, body: Nothing | None = None) -> FeedRow:
        """Another address; at the old one there is nothing any more."""
        feeds, subject = found(sources, feed)
        if not may_renew(actor, subject):
            raise No(403, f"{actor.by} may not renew the calendar address of {feed}", "ask who may")
        await feeds.renew(subject, actor.by)
        return await row(feeds, subject)

    return router


def found(sources: Sources, id: str) -> tuple[Feeds, Subject]:
    """Raises No where there is none of that name."""
    subject = sources.feeds.subject(id)
    if subject is None:
        group = no_person(id, team=groups_of(sources.configuration)["team"])
        if group is not None:
            raise No(404, *group)
        known = [*sources.configuration.people, *sources.configuration.rotations]
        raise No(404, f"there is no person or rotation {id}", did_you_mean(id, known))
    return sources.feeds, subject


def may_read(actor: Actor, subject: Subject) -> bool:
    """The address opens the feed for whoever has it."""
    return subject.kind != PERSON or owns(actor, subject)


def may_renew(actor: Actor, subject: Subject) -> bool:
    """Whoever reads the old address has to be given the new one."""
    if subject.kind != PERSON:
        return actor.may(Role.OPERATOR)
    return owns(actor, subject) and actor.covered(Role.RESPONDER, "renew_feed")


def owns(actor: Actor, subject: Subject) -> bool:
    return actor.by == subject.id or actor.may(Role.ADMINISTRATOR)


async def row(feeds: Feeds, subject: Subject) -> FeedRow:
    renewal = await feeds.renewed(subject)
    return FeedRow(
        id=subject.id,
        kind=subject.kind,
        url=await feeds.address(subject),
        renewed=renewal.renewed if renewal else None,
        renewed_by=renewal.renewed_by if renewal else None,
    )
