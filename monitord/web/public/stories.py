"""Every public incident of the last year with its posts, in memory: read once, then told by each commit.

Theory of operation. Posts leave the world as soon as they are written, and ended incidents with them, so that
the page would have to ask the store at each rendering. Instead it keeps what it shows; nothing here is
the only copy, and the page goes on when the store cannot be read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVarTuple

from monitord.core.check import Instant
from monitord.core.organization import ComponentState
from monitord.core.statuspage import Incident, Phase, Post, incident_id
from monitord.store.reads import Archive, Reads

KEPT = timedelta(days=366)
STORIES_MAX = 400
READ_MAX = 5000  # with those that were never told
UNSAID = (Phase.WAITING, Phase.DROPPED)

Around = TypeVarTuple("Around")


@dataclass(frozen=True, slots=True)
class Change:
    """What an entry said of one component."""

    component: str
    before: ComponentState
    after: ComponentState


@dataclass(frozen=True, slots=True)
class Entry:
    post: Post
    code: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A story; `entries` are newest first, `touched` are the components it was ever about.

    `made` is what was made of it, by maker: it lies with the story, and goes when the story is told anew.
    """

    incident: Incident
    entries: tuple[Entry, ...]
    touched: tuple[str, ...]
    worst: ComponentState
    made: dict[object, tuple[object, str]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def live(self) -> bool:
        return self.incident.live

    @property
    def changed(self) -> Instant:
        return self.entries[0].post.at if self.entries else self.incident.started


def once(make: Callable[[Told, *Around], str]) -> Callable[[Told, *Around], str]:
    """Made once of a story, and again only when what is around it has changed."""

    @wraps(make)
    def kept(told: Told, *around: *Around) -> str:
        before, said = told.made.get(make, (None, ""))
        if before != around:
            said = make(told, *around)
            told.made[make] = around, said
        return said

    return kept


class Stories:
    def __init__(self) -> None:
        self.incidents: dict[str, Incident] = {}
        self.posts: dict[str, dict[int, Post]] = {}
        self.known: dict[str, Told] = {}

    async def load(self, archive: Archive, now: Instant) -> None:
        """Read what was told before this start; what a commit has told meanwhile is newer."""
        found = await archive.ask(Reads.incidents, now - KEPT, READ_MAX)
        for incident in [each for each in found if each.phase not in UNSAID][:STORIES_MAX]:
            posts = await archive.ask(Reads.posts, incident.id)
            self.take([post for post in posts if post.number not in self.posts.get(incident.id, ())])
            self.incidents.setdefault(incident.id, incident)
            self.known.pop(incident.id, None)

    def take(self, records: Iterable[Any]) -> None:
        """Remember what a commit says about public incidents."""
        for record in records:
            if isinstance(record, Post):
                self.posts.setdefault(record.incident, {})[record.number] = record
                self.known.pop(record.incident, None)
            elif isinstance(record, Incident) and record.phase not in UNSAID:
                self.incidents[record.id] = record
                self.known.pop(record.id, None)

    def told(self, now: Instant) -> tuple[Told, ...]:
        """The stories, newest first; what is too old is forgotten, but never a live one."""
        self.forget(now)
        stories = [self.story(incident) for incident in self.incidents.values()]
        return tuple(sorted(stories, key=lambda told: (told.incident.started, told.incident.id))[::-1])

    def story(self, incident: Incident) -> Told:
        """Told once, and again when something is added to it."""
        known = self.known.get(incident.id)
        if known is None:
            posts = [post for _, post in sorted(self.posts.get(incident.id, {}).items())]
            known = self.known[incident.id] = tell(incident, posts)
        return known

    def forget(self, now: Instant) -> None:
        ended = sorted((i for i in self.incidents.values() if not i.live), key=lambda i: (i.started, i.id))
        surplus = max(0, len(ended) - STORIES_MAX)
        for place, incident in enumerate(ended):
            if place < surplus or incident.started < now - KEPT:
                del self.incidents[incident.id]
                self.posts.pop(incident.id, None)
                self.known.pop(incident.id, None)


def tell(incident: Incident, posts: Sequence[Post]) -> Told:
    """The story with what each entry changed, from first to last; shown from last to first."""
    entries: list[Entry] = []
    before: dict[str, ComponentState] = {}
    seen = dict(incident.affects)
    for post in posts:
        after = {} if post.phase is Phase.RESOLVED else dict(post.affects)
        entries.append(Entry(post, incident_id(post.incident, str(post.number)), changes(before, after)))
        for name, state in post.affects:
            seen[name] = max(seen.get(name, state), state, key=lambda each: each.rank)
        before = after
    worst = max(seen.values(), key=lambda state: state.rank, default=ComponentState.OPERATIONAL)
    return Told(incident, tuple(entries[::-1]), tuple(seen), worst)


def changes(before: dict[str, ComponentState], after: dict[str, ComponentState]) -> tuple[Change, ...]:
    well = ComponentState.OPERATIONAL
    names = dict.fromkeys((*before, *after))
    return tuple(Change(name, before.get(name, well), after.get(name, well)) for name in names)
