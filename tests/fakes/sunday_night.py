"""A Sunday night at the console: who takes turns, and what its pages about shifts say."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

from monitord.core.organization import Access
from monitord.core.rotation import on_call
from monitord.web.ops.sources import Sources
from tests.fakes.night import night


@asynccontextmanager
async def sunday_night(folder: Path) -> AsyncIterator[Sources]:
    """bo is on call until Monday morning, then ann, then bo again."""
    async with night(folder) as made:
        access = Access(responders=("ann", "bo", "cem"), viewers=("eve",))
        made.engine.world.accept(replace(made.configuration, access=access))
        yield made


def words(html: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", html).split()))


def shift(sources: Sources, after: timedelta) -> str:
    """The address of primary's shift then."""
    return f"/oncall/shift?rotation=primary&at={sources.now + after:%Y-%m-%dT%H:%M:%SZ}"


def people(sources: Sources, after: timedelta) -> tuple[str, ...]:
    return on_call(sources.roster.rotations["primary"], sources.now + after)
