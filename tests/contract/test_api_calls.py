"""The API's acts about who is paged when: snoozes, priorities, pages by name; and two people at once."""

import asyncio
from datetime import timedelta

import pytest

from monitord.client import Refused, WrongUse
from monitord.core.ticket import State, Ticket
from monitord.web.ops.sources import Sources
from tests.fakes.terminal import Terminal, typed

HOUR = timedelta(hours=1)


def ticket(sources: Sources, number: int) -> Ticket:
    found = sources.world.get(Ticket, number)
    assert found is not None
    return found


async def test_a_ticket_sleeps_and_says_when_it_wakes(sources: Sources, beside: Terminal) -> None:
    cem, until = beside.client("cem"), sources.now + 2 * HOUR

    done = await typed(cem.snooze, 3, until)
    row = (await typed(cem.ticket, 3)).ticket

    assert f"snoozed by cem until {until:%Y-%m-%d %H:%M:%S} UTC (cli)" == done.did[0]
    assert ("acknowledged", "cem", until) == (row.state, row.holder, row.snoozed_until)
    assert row.next is not None and ("snooze", until) == (row.next.kind, row.next.at)
    assert "it wakes in 2 h, and cem, bo are paged" == row.next.says


@pytest.mark.parametrize(("after", "why"), [(25 * HOUR, "at most 24 hours"), (-HOUR, "is over already")])
async def test_nothing_sleeps_too_long_or_into_the_past(
    sources: Sources, beside: Terminal, after: timedelta, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        await typed(beside.client("cem").snooze, 3, sources.now + after)
    assert State.OPEN is ticket(sources, 3).state


async def test_a_sleeping_ticket_wants_somebody_who_can_be_asked(sources: Sources, beside: Terminal) -> None:
    done = await typed(beside.client().snooze, 3, sources.now + HOUR)

    assert "cannot be asked later" in done.did[-1]


async def test_a_raised_priority_begins_anew(sources: Sources, beside: Terminal) -> None:
    ann = beside.client("ann")
    await typed(ann.set_priority, 3, "low")
    await typed(ann.acknowledge, 3)

    done = await typed(beside.client("bo").set_priority, 3, "urgent")

    assert "priority raised from low to urgent: raised by bo" == done.did[0]
    assert (State.OPEN, 2) == (ticket(sources, 3).state, ticket(sources, 3).rounds)


async def test_a_lowered_priority_pages_nobody(sources: Sources, beside: Terminal) -> None:
    done = await typed(beside.client("ann").set_priority, 3, "low")

    assert ("priority lowered from urgent to low by ann; nobody is paged for that",) == done.did


async def test_somebody_is_paged_for_a_ticket(sources: Sources, beside: Terminal) -> None:
    ann = beside.client("ann")
    await typed(ann.acknowledge, 3)

    done = await typed(ann.page_for, 3, ["dee", "secondary"], "please decide")
    story = await typed(ann.ticket, 3)

    assert "ann pages dee, ann (cli) (ann not for the first time): please decide" == done.did[0]
    assert ("dee", "ann") == story.ticket.asked
    asked = {each.person for each in story.deliveries if each.subject.startswith("Ann Example asks for you:")}
    assert {"dee", "ann"} == asked
    coming = await typed(beside.client("dee").acknowledge, 3)
    assert "dee comes, as asked (cli); ann has it" == coming.did[0]
    assert "ann" == ticket(sources, 3).holder


async def test_people_are_paged_without_a_ticket(sources: Sources, beside: Terminal) -> None:
    done = await typed(beside.client("ann").page, ["primary"], "come to the war room")

    assert 4 == done.ticket
    assert ("ann: come to the war room", "", "urgent", ("bo",)) == (
        ticket(sources, 4).title,
        ticket(sources, 4).service,
        ticket(sources, 4).priority.value,
        ticket(sources, 4).paged,
    )


@pytest.mark.parametrize(
    ("whom", "why"),
    [(["database"], "nobody is on call in database now"), (["eve"], "eve has no contact method")],
)
async def test_who_cannot_be_paged_is_said_and_nothing_is_opened(
    sources: Sources, beside: Terminal, whom: list[str], why: str
) -> None:
    ann = beside.client("ann")

    with pytest.raises(Refused, match=why):
        await typed(ann.page, whom, "are you there")
    with pytest.raises(Refused, match=why):
        await typed(ann.page_for, 3, whom, "are you there")
    assert sources.world.get(Ticket, 4) is None


async def test_a_name_that_nobody_has_is_said(beside: Terminal) -> None:
    with pytest.raises(WrongUse, match="there is no person, rotation or team primry; did you mean `primary`"):
        await typed(beside.client("ann").page, ["primry"], "hello")


async def test_of_two_at_once_the_second_hears_what_the_first_did(sources: Sources, beside: Terminal) -> None:
    ann, bo = beside.client("ann"), beside.client("bo")

    first, second = await asyncio.gather(typed(ann.acknowledge, 3), typed(bo.acknowledge, 3))
    said = {first.did[0], second.did[0]}
    await typed(ann.resolve, 3)

    assert said in (
        {"acknowledged by ann (cli)", "taken over by bo from ann (cli)"},
        {"acknowledged by bo (cli)", "taken over by ann from bo (cli)"},
    )
    with pytest.raises(Refused, match=r"it is over since .*: resolved by hand by ann"):
        await typed(bo.set_priority, 3, "low")
    with pytest.raises(Refused, match=r"it is over since .*: resolved by hand by ann"):
        await typed(bo.snooze, 3, sources.now + HOUR)
