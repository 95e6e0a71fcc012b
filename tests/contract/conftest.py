"""A night, the door over it and the control socket beside it, for whoever names them; and the event loops.

Contract tests that say `EVERY_LOOP = True` are run under each event loop that monitord runs on.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
import uvloop

from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from tests.fakes.night import night
from tests.fakes.shop import logbook
from tests.fakes.terminal import Terminal, terminal

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
LOOPS: Mapping[str, LoopFactory] = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, LoopFactory]:
    """The loops for one test."""
    module = getattr(item, "module", None)
    return LOOPS if getattr(module, "EVERY_LOOP", False) else {"asyncio": asyncio.new_event_loop}


@pytest_asyncio.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    """The whole night (tests/fakes/night.py), for one test alone."""
    async with night(tmp_path / "var") as made:
        yield made


@pytest_asyncio.fixture
async def beside(sources: Sources, tmp_path: Path) -> AsyncIterator[Terminal]:
    """The control socket of the same daemon."""
    async with terminal(sources, tmp_path / "var") as made:
        yield made


@pytest.fixture
def door(sources: Sources) -> OpsDoor:
    return ops_app(sources, logbook()[0])
