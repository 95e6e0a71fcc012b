"""The courier: what is due leaves, pages first, and what became of it is said.

Theory of operation. Store, act, store: an attempt is submitted, and only the decision that makes the delivery
SENDING allows the send; its outcome is submitted in turn. So a crash can send once more, never lose, and
nobody else can send the same delivery meanwhile. The courier learns of deliveries from the commits and keeps
them in heaps of its own; it never looks through the world. A page that would find a free place need not wait
for two commits: its attempt is decided, and stored, together with what asks for it (`begin`).

Each channel has two bulkheads: one for pages alone, and a smaller one for everything else, so that a page
finds a free place whatever a broadcast or a flood of confirmations is doing. A broadcast's next chunk is
asked for when fewer than `POSTS_WAITING_MIN` mails of it are waiting.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from monitord.config.settings import Settings
from monitord.core.check import Instant
from monitord.core.delivery import (
    AttemptStarted,
    Delivery,
    DeliveryInterrupted,
    DeliveryRefused,
    DeliverySent,
    DeliveryState,
    Purpose,
    start,
)
from monitord.core.facts import Fact, Record
from monitord.core.flow import Decision
from monitord.core.stages.settle import wanted
from monitord.core.subscription import Broadcast, ExpandBroadcast
from monitord.core.world import Draft
from monitord.engine.bulkhead import Bulkhead, Waiting
from monitord.engine.clock import Clock
from monitord.engine.dispatch import Dispatch, Way
from monitord.engine.engine import Asked, Engine, EngineBusy, FactRefused, Lane

POSTS_WAITING_MIN = 200
LOOK_EVERY = 1.0  # seconds; the clock may be set
AGAIN = timedelta(seconds=60)  # after a fact that could not be decided
OTHERS = 2  # everything but pages may use one place in so many
PLACES_WITHOUT_WAY = 8  # for a channel that is not configured; nothing is sent, only refused
AT_ONCE = timedelta(0)
LANES = {Purpose.POST: Lane.BULK, Purpose.WEBHOOK: Lane.BULK}


class Courier:
    """Sends what is due, each attempt through `dispatch`."""

    def __init__(self, engine: Engine, dispatch: Dispatch, clock: Clock) -> None:
        self.engine, self.dispatch, self.clock = engine, dispatch, clock
        self.waiting = Waiting()
        self.bulkheads: dict[tuple[str, bool], Bulkhead] = {}
        self.posts: set[str] = set()
        self.broadcasts: dict[str, Broadcast] = {}
        self.expanding = False
        self.tasks: set[asyncio.Task[None]] = set()
        self.group: asyncio.TaskGroup | None = None
        self.wake = asyncio.Event()
        self.stopping = asyncio.Event()
        engine.listen(self.hear)
        engine.begin = self.begin

    # What is there to do.

    def hear(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        """After a commit: note every delivery and broadcast in it."""
        for record in records:
            match record:
                case Delivery():
                    self.note(record)
                case Broadcast():
                    self.note_broadcast(record)
        self.wake.set()

    def note(self, delivery: Delivery) -> None:
        if delivery.purpose is Purpose.POST:
            (self.posts.add if delivery.live else self.posts.discard)(delivery.id)
        if delivery.state is DeliveryState.PENDING and delivery.due is not None:
            self.waiting.add(delivery.due, delivery.id)

    def note_broadcast(self, broadcast: Broadcast) -> None:
        if broadcast.live:
            self.broadcasts[broadcast.key] = broadcast
        else:
            self.broadcasts.pop(broadcast.key, None)

    # The one loop.

    async def run(self) -> None:
        """Send until `stop`; then no new send begins, and those on their way may end."""
        await self.adopt()
        async with asyncio.TaskGroup() as group:
            self.group = group
            while not self.stopping.is_set():
                self.wake.clear()
                self.sort()
                self.begin_sends(group)
                self.expand(group)
                await self.clock.wait(self.wake, self.pause())

    async def stop(self, within: float) -> None:
        """Begin nothing new, and give what is on its way so many seconds; the rest is cancelled, and sent
        again after the next start.
        """
        self.stopping.set()
        self.wake.set()
        with suppress(TimeoutError):
            async with self.clock.deadline(within):
                await asyncio.gather(*self.tasks, return_exceptions=True)

    async def adopt(self) -> None:
        """What the last process left behind; what it was sending may have left, or not."""
        for broadcast in self.engine.world.all(Broadcast):
            self.note_broadcast(broadcast)
        for delivery in self.engine.world.all(Delivery):
            if delivery.state is DeliveryState.SENDING:
                await self.say(DeliveryInterrupted(delivery.id), Lane.URGENT)
            else:
                self.note(delivery)

    def pause(self) -> float:
        following = self.waiting.next()
        if following is None:
            return LOOK_EVERY
        return min(max((following - self.clock.now()).total_seconds(), 0.0), LOOK_EVERY)

    def sort(self) -> None:
        """Whatever is due now goes to its bulkhead."""
        now = self.clock.now()
        for key in self.waiting.take(now):
            delivery = self.pending(key)
            if delivery is not None and delivery.due is not None and delivery.due <= now:
                self.bulkhead(delivery).queue(delivery)

    def pending(self, key: str) -> Delivery | None:
        delivery = self.engine.world.get(Delivery, key)
        return delivery if delivery is not None and delivery.state is DeliveryState.PENDING else None

    def bulkhead(self, delivery: Delivery) -> Bulkhead:
        """The places for this channel and purpose."""
        pages = delivery.purpose is Purpose.PAGE
        found = self.bulkheads.get((delivery.channel, pages))
        if found is None:
            found = self.bulkheads[delivery.channel, pages] = Bulkhead(self.places(delivery.channel, pages))
        return found

    def places(self, channel: str, pages: bool) -> int:
        way = self.dispatch.ways.get(channel)
        places = way.channel.bulkhead if way else PLACES_WITHOUT_WAY
        return places if pages else max(1, places // OTHERS)

    def accept(self, settings: Settings, ways: Mapping[str, Way]) -> None:
        """The channels are others now; who has a place keeps it."""
        self.dispatch.accept(settings, ways)
        for (channel, pages), bulkhead in self.bulkheads.items():
            bulkhead.places = self.places(channel, pages)
        self.wake.set()

    def begin_sends(self, group: asyncio.TaskGroup) -> None:
        for bulkhead in self.bulkheads.values():
            while (key := bulkhead.next()) is not None:
                delivery = self.pending(key)
                if delivery is None:
                    bulkhead.leave(key)
                else:
                    self.watch(group.create_task(self.deliver(delivery, bulkhead)))

    def watch(self, task: asyncio.Task[None]) -> None:
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def begin(self, draft: Draft) -> list[Asked]:
        """The attempts at pages that a batch asks for, as far as there are free places; they are taken."""
        if self.group is None or self.stopping.is_set():
            return []
        pages = [
            each for each in draft.records if isinstance(each, Delivery) and is_page_now(each, draft.now)
        ]
        return [self.begun(page, self.group) for page in pages if self.bulkhead(page).welcomes(page.id)]

    def begun(self, page: Delivery, group: asyncio.TaskGroup) -> Asked:
        """It has its place, and leaves when its attempt is stored."""
        bulkhead, stored = self.bulkhead(page), asyncio.get_running_loop().create_future()
        bulkhead.enter(page.id)
        self.watch(group.create_task(self.deliver(page, bulkhead, stored)))
        return AttemptStarted(page.id), stored

    # One delivery.

    async def deliver(
        self, delivery: Delivery, bulkhead: Bulkhead, stored: Awaitable[Decision] | None = None
    ) -> None:
        """An attempt: stored (by others, if they say so), made, and stored again."""
        lane = LANES.get(delivery.purpose, Lane.URGENT)
        settled: Decision | None = None
        try:
            decision = await said(stored or self.engine.submit(AttemptStarted(delivery.id), lane))
            attempt = sending(decision, delivery.id) if decision else None
            if attempt is not None:
                settled = await self.say(await self.outcome(attempt), lane)
        finally:
            bulkhead.leave(delivery.id)
            self.wake.set()
        self.remember(delivery.id, AT_ONCE if settled else AGAIN)

    async def outcome(self, attempt: Delivery) -> DeliverySent | DeliveryRefused:
        """What came of it; an answer that was committed together with the attempt comes before it."""
        if not wanted(self.engine.world, attempt):
            return DeliveryRefused(attempt.id, "no longer needed")
        return await self.dispatch.outcome(attempt, self.engine.world)

    def remember(self, key: str, pause: timedelta) -> None:
        """What is pending still has its next turn when it is due, but not before `pause` from now."""
        delivery = self.pending(key)
        if delivery is not None and delivery.due is not None:
            now = self.clock.now()
            self.waiting.add(delivery.due if delivery.due > now else now + pause, key)

    async def say(self, fact: Fact, lane: Lane) -> Decision | None:
        """Submit a fact; None if it could not be decided."""
        return await said(self.engine.submit(fact, lane))

    # Broadcasts.

    def expand(self, group: asyncio.TaskGroup) -> None:
        """Ask for the next chunk, when there is room and no page wants to leave."""
        room = len(self.posts) < POSTS_WAITING_MIN
        if room and self.broadcasts and not self.expanding and not self.pages_due():
            self.expanding = True
            self.watch(group.create_task(self.expand_next(min(self.broadcasts))))

    def pages_due(self) -> bool:
        return any(bulkhead.ready for (_, pages), bulkhead in self.bulkheads.items() if pages)

    async def expand_next(self, post: str) -> None:
        try:
            if await self.say(ExpandBroadcast(post), Lane.BULK) is None:
                await self.clock.wait(self.stopping, AGAIN.total_seconds())
        finally:
            self.expanding = False
            self.wake.set()


def is_page_now(delivery: Delivery, now: Instant) -> bool:
    """Would an attempt at this page begin now?"""
    return delivery.purpose is Purpose.PAGE and start(delivery, now) is not delivery


async def said(answer: Awaitable[Decision]) -> Decision | None:
    """What was decided; None if it could not be."""
    try:
        return await answer
    except (FactRefused, EngineBusy):
        return None


def sending(decision: Decision, key: str) -> Delivery | None:
    """The delivery, if this very decision made it SENDING."""
    for record in decision.records:
        if isinstance(record, Delivery) and record.id == key and record.state is DeliveryState.SENDING:
            return record
    return None
