"""The publisher: renders the public pages when something changed, and often enough that "as of" is true.

Theory of operation. A commit only marks the pages as out of date. Rendering happens later, off the commit's
path and in a thread, at most once a PAUSE however much happens, and at least every CADENCE. What is shown is
made from one state of the world, so it is never half of a change. A rendering that fails leaves the old bytes
on the shelf; they say by themselves when they have become too old.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.config.settings import Settings
from monitord.core.facts import Record
from monitord.core.statuspage import Incident, Post
from monitord.engine.clock import Clock
from monitord.store.reads import Archive
from monitord.web.public.pages import Site, missing, sheets
from monitord.web.public.stories import Stories
from monitord.web.public.view import PublicView, public_page, view
from monitord.web.seams import Deciding
from monitord.web.shelf import Sheet, Shelf

CADENCE = 20.0  # seconds
PAUSE = 0.25  # seconds
FOR_A_CYCLE = 0.05  # seconds for the engine to go round once


class Publisher:
    """Give it `run()` a task; call `start()` before the door opens."""

    def __init__(
        self,
        engine: Deciding,
        archive: Archive,
        clock: Clock,
        shelf: Shelf,
        url: str,
        log: FilteringBoundLogger,
        *,
        offers_mail: bool,
    ) -> None:
        self.engine, self.archive, self.clock, self.shelf, self.log = engine, archive, clock, shelf, log
        self.url, self.offers_mail = url, offers_mail
        self.stories = Stories()
        self.changed = asyncio.Event()
        self.shown_configuration: object = None

    def accept(self, settings: Settings) -> None:
        """From now on, this is where the pages are, and whether mail can be subscribed to."""
        self.url, self.offers_mail = settings.doors.public.url, "email" in settings.channels
        self.changed.set()

    async def start(self) -> None:
        """Read the history, listen, and have the first bytes on the shelf."""
        self.engine.listen(self.notice)
        await self.stories.load(self.archive, self.clock.now())
        await self.publish()

    def notice(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        """After each commit; only what the public can see makes work."""
        told = [record for record in records if isinstance(record, Incident | Post)]
        self.stories.take(told)
        if told or self.engine.world.configuration is not self.shown_configuration:
            self.changed.set()

    async def run(self) -> None:
        """Render until cancelled."""
        while True:
            await self.clock.wait(self.changed, self.until_next())
            self.changed.clear()
            self.engine.beat()
            await self.clock.sleep(FOR_A_CYCLE)
            try:
                await self.publish()
            except Exception:  # the old bytes stay, and say when they are too old
                self.log.exception("public pages not rendered")
            await self.clock.sleep(PAUSE)

    def until_next(self) -> float:
        """The cadence, or less if a maintenance window begins or ends before."""
        now = self.clock.now()
        edges = (
            edge for window in self.engine.world.configuration.windows for edge in (window.start, window.end)
        )
        seconds = ((edge - now).total_seconds() for edge in edges if edge > now)
        return min(CADENCE, *seconds, CADENCE)

    async def publish(self) -> None:
        """One state of the world, rendered in a thread, onto the shelf."""
        seen, now = self.engine.last_cycle_at, self.clock.now()
        self.shown_configuration = self.engine.world.configuration
        shown = self.view(seen)
        made, nothing = await asyncio.to_thread(everything, shown, now, self.shelf.sheets)
        self.shelf.put(made, nothing, seen)

    def view(self, seen: float) -> PublicView:
        now = self.clock.now()
        as_of = now - timedelta(seconds=max(0.0, self.clock.monotonic() - seen))
        return view(self.engine.world, self.stories.told(now), now, as_of, self.url, self.offers_mail)

    def site(self) -> Site:
        """What the pages are called now."""
        configuration = self.engine.world.configuration
        return Site(public_page(configuration).name, configuration.time_zone, self.offers_mail)


def everything(shown: PublicView, now: Any, before: Any) -> tuple[dict[str, Sheet], Sheet]:
    return sheets(shown, now, before), missing(shown, now)
