"""The store for coroutines: four threads, each with a connection of its own.

Theory of operation. A lane is a thread with a queue; whoever awaits gets what the work returned or raised.
Writing decisions, reading them, copying their log and measurements are lanes of their own, so that nobody's
question and no batch of check results stands before a page. Work that was put into a lane is done, also when
nobody waits for it any more, and also when the lane is being stopped.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Concatenate, ParamSpec, TypeVar

from monitord.core.check import Instant
from monitord.core.facts import Fact
from monitord.core.world import Configuration, World
from monitord.store.accounts import Accounts
from monitord.store.backup import Backup, back_up, forget, kept
from monitord.store.batch import Batch
from monitord.store.database import BUSY
from monitord.store.faults import StoreError
from monitord.store.feeds import FeedNumbers
from monitord.store.inbox import Inbox
from monitord.store.log import Pauses
from monitord.store.measurements import Measurement, Measurements
from monitord.store.reads import Reads
from monitord.store.store import FORGET_AT_ONCE, Store
from monitord.store.tokens import Tokens

P = ParamSpec("P")
T = TypeVar("T")


class Lane:
    """One thread that does one thing after the other."""

    def __init__(self, name: str) -> None:
        self.queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self.stopping = False
        self.thread = Thread(target=self.work, name=name, daemon=True)
        self.thread.start()

    def work(self) -> None:
        while (job := self.queue.get()) is not None:
            job()

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` returns or raises, done in the thread after everything before it."""
        if self.stopping:
            raise StoreError("the store is closed")
        return await self.submit(partial(work, *args, **kwargs))

    def submit(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Put work into the queue; the future belongs to the running loop."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def job() -> None:
            settle = done(answer, work)
            with suppress(RuntimeError):  # a loop that has ended has nobody waiting
                loop.call_soon_threadsafe(settle)

        self.queue.put(job)
        return answer

    async def stop(self) -> None:
        """Finish what is queued, then end the thread."""
        if not self.stopping:
            self.stopping = True
            last = self.submit(lambda: None)
            self.queue.put(None)
            await last


def done(answer: "asyncio.Future[T]", work: Callable[[], T]) -> Callable[[], None]:
    """Do the work, and say how its outcome reaches whoever waits (nobody, if they were cancelled)."""
    try:
        outcome = work()
    except BaseException as error:  # noqa: BLE001  # it is raised where it is awaited
        return partial(failed, answer, error)
    return partial(answered, answer, outcome)


def answered(answer: "asyncio.Future[T]", outcome: T) -> None:
    if not answer.done():
        answer.set_result(outcome)


def unheard(answer: "asyncio.Future[Any]") -> None:
    """What went wrong is no matter."""
    if not answer.cancelled():
        answer.exception()


def failed(answer: "asyncio.Future[T]", error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)


async def in_a_lane(name: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns or raises, done in a thread of its own, which is left to itself at the end."""
    lane = Lane(name)
    try:
        return await lane.run(work, *args, **kwargs)
    finally:
        lane.queue.put(None)


class StoreThread:
    """A Store whose methods are awaited; what each does stands there."""

    def __init__(self, store: Store, writing: Lane) -> None:
        self.store = store
        self.writing = writing
        self.reading = Lane("store-reads")
        self.measuring = Lane("store-measurements")
        self.copying = Lane("store-log")
        self.pauses = Pauses(self.copy_log)

    @classmethod
    async def start(cls, folder: Path, *, now: Instant, busy: timedelta = BUSY) -> "StoreThread":
        """Open the store in the thread that will write; raises StoreRefused."""
        writing = Lane("store-decisions")
        try:
            store = await writing.run(Store.open, folder, now=now, busy=busy)
            await writing.run(store.log.lengthen)
            return cls(store, writing)
        except BaseException:
            writing.queue.put(None)
            raise

    async def stop(self) -> None:
        """Finish everything that was asked for, and close the store."""
        self.pauses.end()
        for lane in (self.reading, self.measuring, self.writing, self.copying):
            await lane.stop()
        self.store.close()

    @property
    def epoch(self) -> str:
        return self.store.epoch

    @property
    def secret(self) -> bytes:
        return self.store.secret

    @property
    def alive(self) -> Instant | None:
        return self.store.alive

    @property
    def term(self) -> int:
        return self.store.term

    @property
    def notes(self) -> list[str]:
        return self.store.notes

    async def load(self, configuration: Configuration) -> World:
        return await self.writing.run(self.store.load, configuration)

    async def begin_term(self) -> int:
        return await self.writing.run(self.store.begin_term)

    async def commit(self, batch: Batch) -> int:
        last = await self.writing.run(self.store.commit, batch)
        self.pauses.committed(len(batch.entries))
        return last

    def copy_log(self) -> None:
        """Nobody waits for it; if it fails, so will a commit, and that is told."""
        self.copying.submit(self.store.log.copy).add_done_callback(unheard)

    async def quarantine(self, fact: Fact, at: Instant, error: str, trace: str) -> None:
        await self.writing.run(self.store.quarantine, fact, at, error, trace)

    async def accept_revision(self, hash: str, content: str, at: Instant, tzdata: str, who: str = "") -> None:
        await self.writing.run(self.store.accept_revision, hash, content, at, tzdata, who)

    async def forget_before(
        self, *, measurements: Instant, journal: Instant, deliveries: Instant, most: int = FORGET_AT_ONCE
    ) -> int:
        decisions, checks = self.store.decisions, self.store.measurements
        decided = await self.writing.run(
            decisions.forget_before, journal=journal, deliveries=deliveries, most=most
        )
        return decided + await self.measuring.run(checks.forget_before, measurements, most)

    @property
    def full(self) -> bool:
        """Is there only room for decisions?"""
        return self.store.ballast.given_up

    async def keep_room(self) -> None:
        """Look after the ballast and the reserve. Raises a StoreError."""
        await self.writing.run(self.store.ballast.keep)

    async def back_up(self, to: Path, now: Instant) -> Backup:
        """A copy, through connections of its own; a stop does not wait for it."""
        return await in_a_lane("store-backup", back_up, self.store.folder, to, now)

    async def backups(self, folder: Path) -> list[Backup]:
        return await in_a_lane("store-backups", kept, folder)

    async def forget_backups(self, folder: Path, keep: int) -> list[Path]:
        return await in_a_lane("store-backups", forget, folder, keep)

    async def measure(self, rows: list[Measurement]) -> None:
        await self.measuring.run(self.store.measure, rows)

    async def rename_measured(self, before: str, now: str, most: int) -> int:
        return await self.measuring.run(self.store.rename_measured, before, now, most)

    async def ask(self, question: Callable[Concatenate[Reads, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A question to what was decided, as `Reads.search`."""
        return await self.reading.run(question, self.store.reads, *args, **kwargs)

    async def measured(
        self, question: Callable[Concatenate[Measurements, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """A question to what was measured, as `Measurements.checks`."""
        return await self.measuring.run(question, self.store.measurements, *args, **kwargs)

    async def access(
        self, work: Callable[Concatenate[Accounts, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Something about who may sign in, as `Accounts.keep_session`."""
        return await self.writing.run(work, self.store.accounts, *args, **kwargs)

    async def inbox(self, work: Callable[Concatenate[Inbox, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Something about what came in, as `Inbox.receive`."""
        return await self.writing.run(work, self.store.inbox, *args, **kwargs)

    async def inbox_asked(
        self, question: Callable[Concatenate[Inbox, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """A question to it, as `Inbox.events`; beside the writing."""
        return await self.reading.run(question, self.store.inbox, *args, **kwargs)

    async def tokens(self, work: Callable[Concatenate[Tokens, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Something about tokens and keys, as `Tokens.keep`."""
        return await self.writing.run(work, self.store.tokens, *args, **kwargs)

    async def feeds(
        self, work: Callable[Concatenate[FeedNumbers, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Something about calendar feeds, as `FeedNumbers.keep`."""
        return await self.writing.run(work, self.store.feeds, *args, **kwargs)

    def token_used(self, id: str, at: Instant) -> None:
        """Written when there is time; nobody waits for it, and nobody misses it."""
        self.writing.submit(partial(self.store.tokens.used, id, at)).add_done_callback(unheard)
