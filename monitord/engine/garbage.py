"""Garbage: when Python looks for it, so that a page never waits for a look through all of the world.

Theory of operation. What goes out of use here is freed at once by its reference count; only cycles need
looking for, and nearly all of those are young. Checks leave none behind, but begin and end so many things
that by Python's own thresholds it would look thirty times a second, a tenth of what a check costs; so there
must be more to look through, though never more than takes some milliseconds. A look through everything stops
the whole process, with ten thousand subscribers for a tenth of a second, and comes when most is allocated: in
a storm. So what lives long is set aside (`gc.freeze`) and the full look never comes by itself; the world's
growth is set aside every ten minutes, and once a night, between two checks, everything is looked through.
What is imported stays for good, and is set aside before anything else begins.
"""

import gc
from datetime import timedelta

from monitord.engine.clock import Clock

SET_ASIDE_EVERY = timedelta(minutes=10)
YOUNG = 5_000  # things begun and not ended, before Python looks at those
MIDDLE = 1  # looks at the young, after which those that have outlived one are looked at with them
NEVER = 1_000_000  # looks at the middle generation before Python would look at the old one


def begin() -> None:
    """Look by these rules from now on, and not among what there is already."""
    gc.set_threshold(YOUNG, MIDDLE, NEVER)
    gc.freeze()


def set_aside() -> None:
    """Look through what is not yet set aside, and set aside what is left of it."""
    gc.set_threshold(YOUNG, MIDDLE, NEVER)
    gc.collect()
    gc.freeze()


def look_through() -> None:
    """Look through everything."""
    gc.unfreeze()
    set_aside()


async def look_through_at_night() -> None:
    """The same, for a calendar."""
    look_through()


async def keep_aside(clock: Clock) -> None:
    """Set aside now, and whatever comes to live long, until cancelled."""
    while True:
        set_aside()
        await clock.sleep(SET_ASIDE_EVERY.total_seconds())
