"""Feeds over a plain configuration: a test says who is on call, and asks what calendars would read."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from monitord.core.world import Configuration
from monitord.engine.clock import Clock
from monitord.engine.links import Links
from monitord.store.feeds import FeedNumbers, Renewal
from monitord.web.feeds.feeds import Feeds

P = ParamSpec("P")
T = TypeVar("T")
CONSOLE = "https://ops.example.org"


class FeedShelf:
    """Stands in for the store's table: `FeedNumbers` in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, Renewal] = {}

    async def feeds(
        self, work: Callable[Concatenate[FeedNumbers, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        found: T = getattr(self, work.__name__)(*args, **kwargs)
        return found

    # What FeedNumbers does.

    def all(self) -> list[Renewal]:
        return list(self.rows.values())

    def keep(self, renewal: Renewal) -> None:
        self.rows[renewal.subject] = renewal


def feeds_of(roster: Callable[[], Configuration], links: Links, clock: Clock) -> Feeds:
    return Feeds(FeedShelf(), links, clock, roster, lambda: CONSOLE)
