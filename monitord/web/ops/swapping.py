"""The API about swaps: somebody asks somebody else to take a shift, who accepts or declines."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from monitord.client.arranging import SpanRow, SwapRow
from monitord.client.shapes import Done
from monitord.core.spoken import spoken
from monitord.core.swap import AcceptSwap, AskSwap, DeclineSwap, Span, Swap, told
from monitord.web.access.roles import Actor, Of, Role, needs
from monitord.web.ops.arranging import admit
from monitord.web.ops.asked import Body, By, Key, Name, Nothing, Said
from monitord.web.ops.desk import Desk
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import instant
from monitord.web.ops.reads import Id
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No
from monitord.web.text import clean

Back = Annotated[AwareDatetime | None, Field(description="an instant of the shift that is given in exchange")]


class Swapping(Body):
    """Who is asked to be on call for whom (for whoever asks, if it is left out), from when until when, and
    why; `back` is any instant of a shift of theirs that is taken in exchange.
    """

    rotation: Name
    start: AwareDatetime
    end: AwareDatetime
    taker: Name
    why: Said
    giver: Name | None = None
    back: Back = None


def swapping(sources: Sources) -> APIRouter:
    """Over these sources."""
    router, desk = routes(), Desk(sources)

    @router.get("/swaps")
    @needs(Role.VIEWER)
    async def list_swaps() -> list[SwapRow]:
        """Those that wait for an answer; the first to lapse first."""
        return [swap_row(spoken(each, sources.world)) for each in sorted(sources.world.all(Swap), key=lapses)]

    @router.post("/swaps")
    @needs(Role.RESPONDER, Of.ROTATION)
    async def ask_swap(body: Swapping, actor: By, key: Key = None) -> Done:
        """Ask somebody to take a shift; until they accept nothing changes."""
        fact = wanted(desk, body, actor)
        admit(sources, actor, fact.rotation, {fact.giver})
        return await desk.act(actor, key, fact)

    @router.post("/swaps/{swap}/accept")
    @needs(Role.RESPONDER, Of.ANY_TEAM)
    async def accept_swap(swap: Id, actor: By, body: Nothing | None = None, key: Key = None) -> Done:
        """Take the shift that you were asked to take."""
        return await desk.act(actor, key, AcceptSwap(swap, actor.by, actor.via))

    @router.post("/swaps/{swap}/decline")
    @needs(Role.RESPONDER, Of.ANY_TEAM)
    async def decline_swap(swap: Id, actor: By, body: Nothing | None = None, key: Key = None) -> Done:
        """Say no to it; or take back what you have asked for."""
        return await desk.act(actor, key, DeclineSwap(swap, actor.by, actor.via))

    return router


def wanted(desk: Desk, body: Swapping, actor: Actor) -> AskSwap:
    """What the body asks for; a name that nobody has is refused with the one that was meant."""
    return AskSwap(
        rotation=desk.rotation(body.rotation, "body.rotation").id,
        giver=giver(desk, body.giver, actor),
        taker=desk.person(body.taker, "body.taker"),
        start=known(body.start, "body.start"),
        end=known(body.end, "body.end"),
        by=actor.by,
        why=clean(body.why),
        back=instant(body.back, "body.back"),
        via=actor.via,
    )


def giver(desk: Desk, named: str | None, actor: Actor) -> str:
    """Whose shift it is: whoever asks, unless it is said. Raises No."""
    if named is None and actor.by not in desk.sources.configuration.people:
        what = f"{actor.by} is no person of the configuration, and has no shift to give"
        raise No(422, what, "say whose it is: `giver`; `--of` on the command line", "body.giver")
    return desk.person(named or actor.by, "body.giver")


def known(said: datetime, where: str) -> datetime:
    """In UTC; raises No for one that the calendar does not have there."""
    at = instant(said, where)
    assert at is not None, "it is required"
    return at


def lapses(swap: Swap) -> datetime:
    assert swap.due is not None, "what has an end is no longer listed"
    return swap.due


def swap_row(swap: Swap) -> SwapRow:
    return SwapRow(
        id=swap.id,
        rotation=swap.rotation,
        giver=swap.giver,
        taker=swap.taker,
        given=span_row(swap.given),
        back=span_row(swap.back) if swap.back is not None else None,
        by=swap.by,
        why=swap.why,
        via=swap.via,
        lapses=lapses(swap),
        says=told(swap),
        time_zone=swap.time_zone,
    )


def span_row(span: Span) -> SpanRow:
    return SpanRow(span.start, span.end)
