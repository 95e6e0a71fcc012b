"""/metrics, /healthz and /readyz: what other programs ask of this process."""

import asyncio
import json

from prometheus_client import CONTENT_TYPE_LATEST

from monitord.engine.alarms import standing
from monitord.web.answers import NO_SCRIPTS, Answer, Headers, secured
from monitord.web.ops.sources import Sources
from monitord.web.threads import in_thread

KEPT_BY_NOBODY: Headers = ((b"cache-control", b"no-store"), *secured(NO_SCRIPTS))


class Wellbeing:
    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.one_at_a_time = asyncio.Lock()

    async def healthz(self) -> Answer:
        """The process is alive: it has just said so."""
        return told(200, b"ok\n", b"text/plain; charset=utf-8")

    async def readyz(self) -> Answer:
        """200 when a full engine cycle happened lately and the store is writable; else what is missing. What
        else is wrong with monitord itself, though it pages, stands in `alarms`.
        """
        missing = list(self.sources.lacking)
        alarms = {name: signal.title for name, signal in standing(self.sources.world).items()}
        body = json.dumps({"ready": not missing, "missing": missing, "alarms": alarms}) + "\n"
        return told(503 if missing else 200, body.encode(), b"application/json")

    async def metrics(self) -> Answer:
        """In a thread, and one at a time: with ten thousand probes it takes a while."""
        async with self.one_at_a_time:
            text = await in_thread(self.sources.engine.metrics.text)
        return told(200, text, CONTENT_TYPE_LATEST.encode())


def told(status: int, body: bytes, kind: bytes) -> Answer:
    return Answer(status, body, ((b"content-type", kind), *KEPT_BY_NOBODY))
