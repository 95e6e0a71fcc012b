"""The API's question who would be called: what `monitord simulate` answers, asked of the running daemon."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from monitord.client.simulation import CallRow, NotCalledRow, RemarkRow, Simulated, WideningRow
from monitord.core.organization import Priority
from monitord.play.simulation import Call, Foreseen, Question
from monitord.web.access.roles import Actor, Role, needs
from monitord.web.ops.asked import By
from monitord.web.ops.discretion import address_for
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import instant
from monitord.web.ops.limits import (
    ID_CHARS_MAX,
    NUMBER_MAX,
    SIMULATED_AHEAD_MAX,
    SIMULATED_PAGES_MAX,
    UNREACHABLE_CHARS_MAX,
)
from monitord.web.ops.simulator import PROBE, SERVICE, TICKET, Asked, TooMuch, Unknown
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No

BETWEEN = "/"
Name = Annotated[str | None, Query(max_length=ID_CHARS_MAX)]
Number = Annotated[int | None, Query(ge=1, le=NUMBER_MAX, description="An open ticket")]
At = Annotated[datetime | None, Query(description="RFC 3339; now, if it is left out")]
Span = Annotated[float | None, Query(ge=0, le=SIMULATED_AHEAD_MAX.total_seconds(), description="Seconds")]
Unreachable = Annotated[
    str,
    Query(max_length=UNREACHABLE_CHARS_MAX, description="Ids with / between them: whom no message reaches"),
]


def simulating(sources: Sources) -> APIRouter:
    """Over these sources; nothing is sent, nothing is changed."""
    router = routes()

    @router.get("/simulation")
    @needs(Role.VIEWER)
    async def simulate(
        actor: By,
        probe: Name = None,
        service: Name = None,
        ticket: Number = None,
        priority: Annotated[Priority, Query(description="Of a service's trouble")] = Priority.URGENT,
        at: At = None,
        lasts: Annotated[Span, Query(alias="for")] = None,
        acknowledged_by: Name = None,
        after: Span = None,
        unreachable: Unreachable = "",
    ) -> Simulated:
        """Who would be called for a probe, service or open ticket, when, by what; to a viewer masked."""
        if after is not None and acknowledged_by is None:
            raise No(422, "`after` says when somebody answers", "say who: `acknowledged_by`", "query.after")
        question = Question(
            at=instant(at, "query.at") or sources.now.replace(microsecond=0),
            lasts=span(lasts),
            acknowledged_by=acknowledged_by,
            after=span(after),
            unreachable=people_in(unreachable),
        )
        about, name = one_of(((PROBE, probe), (SERVICE, service), (TICKET, str(ticket) if ticket else None)))
        asked = Asked(about, name, question, priority)
        return simulated(asked, await foreseen(sources, asked), actor)

    return router


def people_in(text: str) -> tuple[str, ...]:
    """No id has a slash in it."""
    return tuple(dict.fromkeys(each for each in text.split(BETWEEN) if each))


def span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def one_of(named: tuple[tuple[str, str | None], ...]) -> tuple[str, str]:
    """What it is about. Raises No."""
    said = [(about, name) for about, name in named if name]
    if len(said) != 1:
        raise No(422, "it must be about one thing", "name one `probe`, one `service` or one `ticket`")
    return said[0]


async def foreseen(sources: Sources, asked: Asked) -> Foreseen:
    """Who would be called. Raises No."""
    try:
        return await sources.simulator.foresee(asked)
    except Unknown as unknown:
        raise No(404, str(unknown), did_you_mean(unknown.name, unknown.known)) from unknown
    except TooMuch as much:
        raise No(422, str(much), much.remedy) from much


def simulated(asked: Asked, found: Foreseen, actor: Actor | None) -> Simulated:
    """The answer as this actor may read it."""
    calls = found.calls
    return Simulated(
        subject=asked.subject,
        at=found.at,
        until=found.until,
        ends=found.ends,
        priority=found.priority.value if found.priority else None,
        policy=found.policy,
        people=found.people,
        pages=tuple(call_row(each, actor) for each in calls[:SIMULATED_PAGES_MAX]),
        widenings=tuple(
            WideningRow(each.at, each.tier, each.round, each.joins, each.circle) for each in found.widenings
        ),
        remarks=tuple(RemarkRow(each.at, each.says) for each in found.remarks),
        not_called=tuple(NotCalledRow(each.person, each.why) for each in found.not_called),
        left_out=max(0, len(calls) - SIMULATED_PAGES_MAX),
    )


def call_row(call: Call, actor: Actor | None) -> CallRow:
    return CallRow(
        at=call.at,
        tier=call.tier,
        round=call.round,
        person=call.person,
        channel=call.channel,
        address=address_for(actor, call.person, call.address),
        why=call.why,
        outcome=call.outcome,
    )
