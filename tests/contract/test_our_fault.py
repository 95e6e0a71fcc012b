"""doors: what may be asked again, and what is a bug of ours, are told apart, at each door alike."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from monitord.core.facts import Fact
from monitord.core.flow import Decision
from monitord.core.statuspage import IncidentDue
from monitord.engine.clock import VirtualClock
from monitord.engine.engine import COMMIT_WITHIN, EngineBusy, FactRefused
from monitord.web.seams import NotTaken, committed, submitted
from tests.fakes.front import START, Front
from tests.fakes.visitor import Reply, Visitor

BUG = FactRefused("Acknowledge could not be decided: KeyError")
AGAIN, HOPELESS = "lease", "not help"


class Troubled(Front):
    """Whoever asks its engine comes to nothing."""

    trouble: Exception | None = None

    def post(self, fact: Fact) -> asyncio.Future[Decision]:
        if self.trouble is None:
            return super().post(fact)
        if isinstance(self.trouble, EngineBusy):
            raise self.trouble
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        answer.set_exception(self.trouble)
        return answer


def paged(trouble: Exception) -> Troubled:
    """ann was asked, and every answer is in vain."""
    front = Troubled()
    front.fails()
    front.passes(timedelta(minutes=1))
    front.trouble = trouble
    return front


async def acknowledged(front: Front) -> Reply:
    form = {"number": front.number("ann"), "action": "acknowledge"}
    return await Visitor(front.edge).post(f"/a/{front.token('ann')}", form)


async def subscribed(front: Front) -> Reply:
    await front.publisher.start()
    return await Visitor(front.public).post("/subscribe", {"email": "sub@example.org"})


@pytest.mark.parametrize("ask", [acknowledged, subscribed])
@pytest.mark.parametrize(
    ("trouble", "status", "words"), [(EngineBusy("too many wait"), 503, AGAIN), (BUG, 500, HOPELESS)]
)
async def test_only_what_may_come_to_something_is_to_be_sent_again(
    ask: Callable[[Front], Awaitable[Reply]], trouble: Exception, status: int, words: str
) -> None:
    front = paged(trouble)
    reply = await ask(front)

    assert status == reply.status
    assert words in reply.text
    assert [str(trouble)] == [line["why"] for line in front.lines if "why" in line]


async def test_whoever_waits_gives_up_and_the_decision_does_not() -> None:
    clock = VirtualClock(START)
    asked: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        group.create_task(clock.advance(timedelta(seconds=COMMIT_WITHIN)))
        with pytest.raises(NotTaken, match="the store takes too long"):
            await committed(asked, clock)

    assert not asked.done()


async def test_a_stop_is_no_reason_to_believe_that_it_was_not_stored() -> None:
    asked: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
    asked.cancel()

    with pytest.raises(NotTaken, match="monitord is stopping"):
        await committed(asked, VirtualClock(START))


async def test_a_bug_is_passed_on_to_whoever_asked() -> None:
    with pytest.raises(FactRefused, match="KeyError"):
        await submitted(paged(BUG), IncidentDue("i1"), VirtualClock(START))
