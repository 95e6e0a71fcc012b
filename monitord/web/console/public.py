"""What the public is told: the stories of the status page, and a post, which is shown before it is sent."""

import secrets
from collections.abc import Mapping
from typing import Any

from monitord.core.organization import ComponentState
from monitord.core.statuspage import Incident
from monitord.store.reads import Reads
from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons, Refused
from monitord.web.console.room import Room
from monitord.web.console.visit import Visit
from monitord.web.ops.asked import OF_A_STORY
from monitord.web.ops.limits import LIST_MAX, POST_CHARS_MAX, STORIES_SINCE, TITLE_CHARS_MAX
from monitord.web.ops.status import incident_row, post_row

Form = Mapping[str, str]
PLACE = "/public"
BEGIN, GO_ON = "/incidents", "/incidents/{incident}/posts"
AFFECTS = "affects."
SHOWN = 50


class Public:
    def __init__(self, room: Room, buttons: Buttons) -> None:
        self.room, self.buttons = room, buttons
        self.sources = room.sources

    async def index(self, visit: Visit, said: Form | None = None) -> Answer:
        """Those of the last 90 days, and those that are not over."""
        since = self.sources.now - STORIES_SINCE
        recent = await self.sources.store.ask(Reads.incidents, since, LIST_MAX)
        live = {incident.id: incident for incident in self.sources.world.all(Incident)}
        found = {**{each.id: each for each in recent}, **live}
        newest = sorted(found.values(), key=lambda each: (each.started, each.id), reverse=True)
        return await self.room.show(
            visit,
            "public",
            about="public",
            stories=[incident_row(each) for each in newest[:SHOWN]],
            may_begin=self.room.may(visit, BEGIN),
            **await self.form(said, None),
        )

    async def one(self, visit: Visit, id: str, said: Form | None = None) -> Answer:
        found = self.sources.world.get(Incident, id) or await self.sources.store.ask(Reads.incident, id)
        if found is None:
            return await self.room.nothing(visit, "There is no such story.")
        posts = await self.sources.store.ask(Reads.posts, id)
        return await self.room.show(
            visit,
            "story",
            about="public",
            story=incident_row(found),
            posts=[post_row(post) for post in posts][::-1],
            may_post=self.room.may(visit, GO_ON) and not found.resolved,
            **await self.form(said, found),
        )

    async def form(self, said: Form | None, story: Incident | None) -> dict[str, Any]:
        """The form as it was filled in, and, before it is sent, how many will hear it."""
        configuration = self.sources.configuration
        return {
            "filled": said or {},
            "hearers": await self.sources.store.ask(Reads.subscribers_count) if said else 0,
            "names": {each.id: each.name for page in configuration.status_pages for each in page.components},
            "components": [each for page in configuration.status_pages for each in page.components],
            "affected": dict(story.affects) if story else {},
            "effects": list(ComponentState),
            "phases": [phase.value for phase in OF_A_STORY],
            "key": secrets.token_urlsafe(16),
            "body_max": POST_CHARS_MAX,
            "title_max": TITLE_CHARS_MAX,
        }

    async def begin(self, visit: Visit, form: Form) -> Answer:
        if not confirmed(form):
            return await self.index(visit, form)
        told = await self.buttons.call(visit, BEGIN, beginning, form)
        return self.buttons.back(visit, PLACE, told)

    async def go_on(self, visit: Visit, id: str, form: Form) -> Answer:
        if not confirmed(form):
            return await self.one(visit, id, form)
        told = await self.buttons.call(visit, GO_ON.format(incident=id), continuing, form)
        return self.buttons.back(visit, f"{PLACE}/{id}", told)


def confirmed(form: Form) -> bool:
    """Is it sent for the second time, with its text before one's eyes?"""
    return form.get("sure") == "yes" and bool(form.get("body", "").strip())


def continuing(form: Form, visit: Visit) -> dict[str, Any]:
    if not form.get("body", "").strip():
        raise Refused("Please write what the public is to read.")
    affects = {name.removeprefix(AFFECTS): state for name, state in form.items() if name.startswith(AFFECTS)}
    return {
        "body": form["body"].strip(),
        "phase": form.get("phase", ""),
        "affects": {name: state for name, state in affects.items() if state},
    }


def beginning(form: Form, visit: Visit) -> dict[str, Any]:
    if not form.get("title", "").strip():
        raise Refused("Please give the story a title.")
    return {"title": form["title"].strip(), **continuing(form, visit)}
