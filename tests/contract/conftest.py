"""Contract tests that say `EVERY_LOOP = True` are run under each event loop that monitord runs on."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

LoopFactory = Callable[[], asyncio.AbstractEventLoop]
LOOPS: Mapping[str, LoopFactory] = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, LoopFactory]:
    """The loops for one test."""
    module = getattr(item, "module", None)
    return LOOPS if getattr(module, "EVERY_LOOP", False) else {"asyncio": asyncio.new_event_loop}
