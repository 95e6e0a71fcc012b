"""Work that would hold up the loop, in threads of our own and a few at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

AT_ONCE = 2  # what waits, waits here and not in the threads that others need

P = ParamSpec("P")
T = TypeVar("T")

pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ops")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns or raises."""
    return await asyncio.get_running_loop().run_in_executor(pool, partial(work, *args, **kwargs))
