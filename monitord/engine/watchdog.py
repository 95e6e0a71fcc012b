"""The outbound watchdog: somebody outside is told that all is well, and notices when that stops.

Only a full engine cycle within the last period counts as well: a process that merely exists says nothing.
"""

import asyncio
from datetime import timedelta

from structlog.typing import FilteringBoundLogger

from monitord.config.settings import Watchdog
from monitord.engine.clock import Clock, DeadlinePassed, within
from monitord.engine.engine import Engine
from monitord.net import Net
from monitord.net.http import HttpError

ANSWER_WITHIN = 10.0  # seconds
CYCLE_WITHIN = 5.0  # seconds; the engine goes round every second
NOBODY_TO_ASK = timedelta(hours=1)


class WatchdogPing:
    """Asks `watchdog.url` every period, as long as the engine goes round and the store can be written.

    Without a watchdog it waits until there is one.
    """

    def __init__(
        self, watchdog: Watchdog | None, engine: Engine, net: Net, clock: Clock, log: FilteringBoundLogger
    ) -> None:
        self.watchdog, self.engine, self.net, self.clock, self.log = watchdog, engine, net, clock, log
        self.unheard = False
        self.changed = asyncio.Event()

    def accept(self, watchdog: Watchdog | None) -> None:
        """From now on, this one."""
        self.watchdog = watchdog
        self.changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            watchdog = self.watchdog
            if watchdog is not None and self.well():
                await self.ping(watchdog)
            self.changed.clear()
            pause = watchdog.every if watchdog is not None else NOBODY_TO_ASK
            if self.watchdog is watchdog:
                await self.clock.wait(self.changed, pause.total_seconds())

    def well(self) -> bool:
        age = self.clock.monotonic() - self.engine.last_cycle_at
        return self.engine.healthy and self.engine.cycles > 0 and age < CYCLE_WITHIN

    async def ping(self, watchdog: Watchdog) -> None:
        """Said once when it begins to fail: the other side has the alarm."""
        why = await self.failure(watchdog)
        if why and not self.unheard:
            self.log.warning("watchdog does not hear us", why=why)
        self.unheard = bool(why)

    async def failure(self, watchdog: Watchdog) -> str:
        """Why the ping did not arrive; empty if it did."""
        try:
            reply = await within(self.clock, ANSWER_WITHIN, self.net.http.get(watchdog.url))
        except DeadlinePassed:
            return f"no answer within {ANSWER_WITHIN:g} s"
        except (HttpError, OSError) as error:
            return type(error).__name__
        return "" if reply.is_success else f"answered {reply.status_code}"
