"""A turnstile: a web server that lets one check through at a time, so that a test can look in between.

async with Turnstile() as it:
    await it.let_through(daemon, "web", 200, 503)  # what the next checks of TURNSTILE/web find
    await it.arrived("web", 3)                     # the third one stands there, and gets no answer yet
    assert [200, 503] == it.found("web")
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

from monitord.client.shapes import CheckRow
from tests.fakes.daemon import Daemon, until
from tests.fakes.zoo import Target, answer, heard, say


@dataclass
class Turnstile(Target):
    """Each path has its own queue of answers; who comes when it is empty waits, however long."""

    came: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    given: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    coming: "dict[str, asyncio.Queue[int]]" = field(default_factory=lambda: defaultdict(asyncio.Queue))

    async def let_through(self, daemon: Daemon, probe: str, *statuses: int) -> None:
        """What the next checks of this probe find, one after the other; its name is the path.

        A failure that is found while the daemon stood still says nothing, and is found again.
        """
        for status in statuses:
            while not await self._counts(daemon, probe, status):
                self.given[probe].pop()

    async def _counts(self, daemon: Daemon, probe: str, status: int) -> bool:
        def news() -> CheckRow | None:
            last = daemon.client.probe(probe).probe.last
            return None if last == before else last

        before = daemon.client.probe(probe).probe.last
        self.coming[probe].put_nowait(status)
        return (await until(news)).outcome != "unknown"

    def found(self, path: str) -> list[int]:
        """What everybody who came there has found, in order."""
        return self.given[path]

    def forget(self, path: str) -> None:
        """Whoever stands there belongs to a daemon that is gone, and takes no answer from others."""
        self.coming[path] = asyncio.Queue()

    async def arrived(self, path: str, number: int) -> None:
        """So many have come."""
        await until(lambda: self.came[path] >= number, why=f"waiting for visitor {number} of {path}")

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await heard(reader)).split()[1].decode().strip("/")
        self.came[path] += 1
        status = await self.coming[path].get()
        self.given[path].append(status)
        await say(writer, answer(b"said so", f"{status} It Is"))
