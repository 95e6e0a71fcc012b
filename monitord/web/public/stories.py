"""Every public incident of the last year with its posts, in memory: read once, then told by each commit.

Theory of operation. Posts leave the world as soon as they are written, and ended incidents with them, so that
the page would have to ask the store at each rendering. Instead it keeps what it shows; nothing here is
the only copy, and the page goes on when the store cannot be read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from monitord.core.check import Instant
from monitord.core.statuspage import Incident, Phase, Post

KEPT = timedelta(days=366)
STORIES_MAX = 400
READ_MAX = 5000  # with those that were never told
UNSAID = (Phase.WAITING, Phase.DROPPED)


@dataclass(frozen=True, slots=True)
class Story:
    """An incident that the public was told of, with its posts from first to last."""

    incident: Incident
    posts: tuple[Post, ...]

    @property
    def last(self) -> Instant:
        return self.posts[-1].at if self.posts else self.incident.started


class Archive(Protocol):
    """What the store must be able to say, once, at the start."""

    async def incidents(self, since: Instant, limit: int) -> Sequence[Incident]:
        """The newest public incidents, live or ended, told or not."""

    async def posts(self, incident: str) -> Sequence[Post]:
        """All posts of an incident."""


class Stories:
    def __init__(self) -> None:
        self.incidents: dict[str, Incident] = {}
        self.posts: dict[str, dict[int, Post]] = {}

    async def load(self, archive: Archive, now: Instant) -> None:
        """Read what was told before this start; what a commit has told meanwhile is newer."""
        found = await archive.incidents(now - KEPT, READ_MAX)
        for incident in [each for each in found if each.phase not in UNSAID][:STORIES_MAX]:
            posts = await archive.posts(incident.id)
            self.take([post for post in posts if post.number not in self.posts.get(incident.id, ())])
            self.incidents.setdefault(incident.id, incident)

    def take(self, records: Iterable[Any]) -> None:
        """Remember what a commit says about public incidents."""
        for record in records:
            if isinstance(record, Post):
                self.posts.setdefault(record.incident, {})[record.number] = record
            elif isinstance(record, Incident) and record.phase not in UNSAID:
                self.incidents[record.id] = record

    def told(self, now: Instant) -> tuple[Story, ...]:
        """The stories, newest first; what is too old is forgotten, but never a live one."""
        self.forget(now)
        stories = [
            Story(incident, tuple(post for _, post in sorted(self.posts.get(incident.id, {}).items())))
            for incident in self.incidents.values()
        ]
        return tuple(sorted(stories, key=lambda story: (story.incident.started, story.incident.id))[::-1])

    def forget(self, now: Instant) -> None:
        ended = sorted((i for i in self.incidents.values() if not i.live), key=lambda i: (i.started, i.id))
        surplus = max(0, len(ended) - STORIES_MAX)
        for place, incident in enumerate(ended):
            if place < surplus or incident.started < now - KEPT:
                del self.incidents[incident.id]
                self.posts.pop(incident.id, None)
