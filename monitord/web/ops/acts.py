"""The API's acts on tickets: each becomes a command, and is answered after its commit with what it did."""

from typing import Annotated

from fastapi import APIRouter, Depends

from monitord.client.shapes import Done
from monitord.core.command import (
    Acknowledge,
    CallEverybody,
    Comment,
    Decline,
    Escalate,
    HandOver,
    OpenTicket,
    PageAlso,
    Reopen,
    Resolve,
    SetPriority,
    SetSeverity,
    Snooze,
)
from monitord.core.organization import Priority
from monitord.core.severity import WORST
from monitord.kinds import one_line
from monitord.web.access.roles import Of, Role, needs
from monitord.web.ops.asked import (
    By,
    Calling,
    CallingAll,
    CallingEverybody,
    Commenting,
    Handing,
    Key,
    Nothing,
    Opening,
    Paging,
    Prioritising,
    Rating,
    Reopening,
    Resolving,
    Sleeping,
)
from monitord.web.ops.desk import Desk
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import in_utc
from monitord.web.ops.limits import TITLE_CHARS_MAX
from monitord.web.ops.posts import add_story_acts
from monitord.web.ops.reads import Number
from monitord.web.ops.sources import Sources
from monitord.web.text import clean


def acting(sources: Sources) -> APIRouter:
    """The acts, over these sources."""
    router, desk = routes(), Desk(sources)
    add_opening(router, desk)
    add_answers(router, desk)
    add_words(router, desk)
    add_calls(router, desk)
    add_story_acts(router, desk)
    return router


def add_opening(router: APIRouter, desk: Desk) -> None:
    """What makes a ticket."""

    @router.post("/tickets")
    @needs(Role.RESPONDER, Of.ANY_TEAM)
    async def open_ticket(body: Opening, actor: By, key: Key = None) -> Done:
        """Open a ticket by hand; its service's policy is paged at once."""
        fact = OpenTicket(
            title=one_line(clean(body.title)),
            service=desk.service(body.service),
            priority=body.priority or Priority.URGENT,
            by=actor.by,
            text=clean(body.text),
            via=actor.via,
            severity=body.severity,
        )
        return await desk.act(actor, key, fact)

    @router.post("/pages")
    @needs(Role.RESPONDER, Of.ANY_TEAM)
    async def page_people(body: Paging, actor: By, key: Key = None) -> Done:
        """Open an urgent ticket for certain people alone, who are paged until somebody answers."""
        text = clean(body.text)
        title = one_line(text)[:TITLE_CHARS_MAX]
        more = text if text != title else ""
        whom = desk.whom(body.whom)
        fact = OpenTicket(
            title, "", Priority.URGENT, actor.by, more, actor.via, page=whom, severity=body.severity
        )
        return await desk.act(actor, key, fact)

    @router.post("/catastrophes")
    @needs(Role.RESPONDER, Of.ANY_TEAM)
    async def call_everybody(body: CallingEverybody, actor: By, key: Key = None) -> Done:
        """Call in the whole staff, at once and again, until everybody has answered or it is remedied."""
        text = clean(body.text)
        title = one_line(text)[:TITLE_CHARS_MAX]
        service = desk.service(body.service) if body.service else ""
        more = text if text != title else ""
        fact = OpenTicket(
            title, service, Priority.URGENT, actor.by, more, actor.via, severity=WORST, catastrophic=True
        )
        return await desk.act(actor, key, fact)


def add_answers(router: APIRouter, desk: Desk) -> None:
    """Who has it."""

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


def add_words(router: APIRouter, desk: Desk) -> None:
    """How it stands."""

    @router.post("/tickets/{number}/resolve")
    @needs(Role.RESPONDER, Of.TICKET)
    async def resolve_ticket(
        number: Number, actor: By, body: Annotated[Resolving, Depends(resolving)], key: Key = None
    ) -> Done:
        """End it; what still fails or is said again comes back: in 10 minutes, or once it has cleared."""
        fact = Resolve(number, actor.by, clean(body.note), body.hold_until_clear, actor.via)
        return await desk.act(actor, key, fact)

    @router.post("/tickets/{number}/reopen")
    @needs(Role.RESPONDER, Of.TICKET)
    async def reopen_ticket(
        number: Number, actor: By, body: Annotated[Reopening, Depends(reopening)], key: Key = None
    ) -> Done:
        """It is not over after all; for a day after its end."""
        return await desk.act(actor, key, Reopen(number, actor.by, clean(body.note), actor.via))

    @router.post("/tickets/{number}/comment")
    @needs(Role.RESPONDER, Of.TICKET)
    async def comment_on_ticket(number: Number, body: Commenting, actor: By, key: Key = None) -> Done:
        """Add a word to the timeline; from its holder it renews the acknowledgement."""
        return await desk.act(actor, key, Comment(number, actor.by, clean(body.text), actor.via))


def add_calls(router: APIRouter, desk: Desk) -> None:
    """Who is paged when, against what the policies say."""

    @router.post("/tickets/{number}/snooze")
    @needs(Role.RESPONDER, Of.TICKET)
    async def snooze_ticket(number: Number, body: Sleeping, actor: By, key: Key = None) -> Done:
        """Let it sleep, a day at most: nobody is paged until then, and then it begins anew."""
        fact = Snooze(number, actor.by, in_utc(body.until, "body.until"), actor.via)
        return desk.asked_later(await desk.act(actor, key, fact))

    @router.post("/tickets/{number}/escalate")
    @needs(Role.RESPONDER, Of.TICKET)
    async def escalate_ticket(
        number: Number, actor: By, body: Nothing | None = None, key: Key = None
    ) -> Done:
        """Send it to the next tier now, whatever the hour; whoever has it gives it up."""
        return await desk.act(actor, key, Escalate(number, actor.by, actor.via))

    @router.post("/tickets/{number}/priority")
    @needs(Role.RESPONDER, Of.TICKET)
    async def set_priority_of_ticket(number: Number, body: Prioritising, actor: By, key: Key = None) -> Done:
        """Raised, it begins anew by the policy of that priority; lowered, it pages nobody."""
        return await desk.act(actor, key, SetPriority(number, actor.by, body.priority, actor.via))

    @router.post("/tickets/{number}/severity")
    @needs(Role.RESPONDER, Of.TICKET)
    async def set_severity_of_ticket(number: Number, body: Rating, actor: By, key: Key = None) -> Done:
        """It sets the priority, and the target from now on; a catastrophe is none any more."""
        return await desk.act(actor, key, SetSeverity(number, actor.by, body.severity, actor.via))

    @router.post("/tickets/{number}/catastrophe")
    @needs(Role.RESPONDER, Of.TICKET)
    async def call_everybody_for_ticket(number: Number, body: CallingAll, actor: By, key: Key = None) -> Done:
        """Call in the whole staff for it, at once and again, until it is remedied or called off."""
        return await desk.act(actor, key, CallEverybody(number, actor.by, clean(body.text), actor.via))

    @router.post("/tickets/{number}/page")
    @needs(Role.RESPONDER, Of.TICKET)
    async def page_for_ticket(number: Number, body: Calling, actor: By, key: Key = None) -> Done:
        """Page somebody, too, now, and until they answer."""
        whom = desk.whom(body.whom)
        return await desk.act(actor, key, PageAlso(number, actor.by, whom, clean(body.text), actor.via))


def reopening(body: Reopening | None = None) -> Reopening:
    """Nothing needs to be said."""
    return body or Reopening()


def resolving(body: Resolving | None = None) -> Resolving:
    """Nothing needs to be said."""
    return body or Resolving()
