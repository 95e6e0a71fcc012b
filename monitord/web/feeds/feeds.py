"""Who has which feed, at which address, and what is in it: rendered when somebody asks, kept while it holds.

Theory of operation. An address is a signed link (engine/links.py) with the number of store/feeds.py: nobody
guesses one, and a renewed one leaves the old address dead. What was rendered is kept together with all that
it was made of; when that is the same the bytes are, so a program that asks every few minutes costs a
comparison. One feed is rendered at a time, in a thread, and only so many wait for that.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from monitord.core.check import Instant
from monitord.core.wording import Link
from monitord.core.world import Configuration
from monitord.engine.clock import Clock
from monitord.engine.links import CALENDAR, Links
from monitord.store.feeds import FeedNumbers, Renewal
from monitord.web.answers import NO_SCRIPTS, Headers, secured
from monitord.web.feeds.entries import Span, of_person, of_rotation, span_around
from monitord.web.shelf import Rendered, rendered
from monitord.web.threads import in_thread

KIND = b"text/calendar; charset=utf-8"
PERSON, ROTATION = "person", "rotation"
KEPT_MAX = 200
WAITING_MAX = 16
HEADERS: Headers = (
    (b"cache-control", b"private, max-age=300"),
    (b"x-robots-tag", b"noindex, nofollow"),
    *secured(NO_SCRIPTS),
)

P = ParamSpec("P")
T = TypeVar("T")


class FeedStore(Protocol):
    """The store, as far as feeds go."""

    async def feeds(
        self, work: Callable[Concatenate[FeedNumbers, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T: ...


class TooBusy(Exception):
    """Others are waited for already."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose shifts they are: those of a person, or of a rotation."""

    kind: str
    id: str

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.id}"


@dataclass(frozen=True, slots=True)
class Kept:
    made_of: tuple[Any, ...]
    rendered: Rendered


class Feeds:
    """`roster` is who is on call as everybody sees it, `console` where people sign in."""

    def __init__(
        self,
        store: FeedStore,
        links: Links,
        clock: Clock,
        roster: Callable[[], Configuration],
        console: Callable[[], str],
    ) -> None:
        self.store, self.links, self.clock = store, links, clock
        self.roster, self.console = roster, console
        self.renewals: dict[str, Renewal] | None = None
        self.loading, self.rendering = asyncio.Lock(), asyncio.Lock()
        self.kept: OrderedDict[Subject, Kept] = OrderedDict()
        self.waiting = 0

    # Addresses.

    async def loaded(self) -> dict[str, Renewal]:
        """Every renewal; raises StoreError while they cannot be read."""
        async with self.loading:
            if self.renewals is None:
                rows = await self.store.feeds(FeedNumbers.all)
                self.renewals = {each.subject: each for each in rows}
        return self.renewals

    def subject(self, id: str) -> Subject | None:
        """People and rotations have their ids from one namespace."""
        here = self.roster()
        if id in here.rotations:
            return Subject(ROTATION, id)
        return Subject(PERSON, id) if id in here.people else None

    async def renewed(self, subject: Subject) -> Renewal | None:
        return (await self.loaded()).get(subject.key)

    async def address(self, subject: Subject) -> str:
        """The URL, whole; whoever has it needs nothing else."""
        return self.links.url(await self.link(subject))

    async def link(self, subject: Subject) -> Link:
        found = await self.renewed(subject)
        return Link(CALENDAR, "", round=found.number if found else 0, who=subject.key)

    async def renew(self, subject: Subject, by: str) -> None:
        """The old address is dead at once, whatever the store says; raises StoreError."""
        numbers, now = await self.loaded(), self.clock.now()
        before = numbers.get(subject.key)
        number = max(int(now.timestamp()), before.number + 1 if before else 0)
        made = numbers[subject.key] = Renewal(subject.key, number, now, by)
        await self.store.feeds(FeedNumbers.keep, made)

    async def opened(self, token: str) -> Subject | None:
        """Whose feed a token opens; None for one that is no longer in use, or of somebody who has left.

        Raises KeyError for a token that we never made.
        """
        link = self.links.read(token)
        if link is None or link.purpose != CALENDAR:
            raise KeyError(token)
        found = self.subject(link.who.partition("/")[2])
        return found if found is not None and link == await self.link(found) else None

    # What is in them.

    async def content(self, subject: Subject) -> Rendered:
        """The feed as bytes with its headers. Raises TooBusy."""
        found = self.current(subject, self.made_of(subject))
        if found is not None:
            return found
        if self.waiting >= WAITING_MAX:
            raise TooBusy
        self.waiting += 1
        try:
            async with self.rendering:
                return await self.made(subject)
        finally:
            self.waiting -= 1

    def made_of(self, subject: Subject) -> tuple[Any, ...]:
        """All that the feed says comes from this."""
        here = self.roster()
        rotations: Mapping[str, Any] = here.rotations
        if subject.kind == ROTATION:
            rotations = {id: each for id, each in rotations.items() if id == subject.id}
        names = {id: person.name for id, person in here.people.items()}
        return here.organization, rotations, names, self.console(), span_around(self.clock.now())

    def current(self, subject: Subject, made_of: tuple[Any, ...]) -> Rendered | None:
        kept = self.kept.get(subject)
        if kept is None or kept.made_of != made_of:
            return None
        self.kept.move_to_end(subject)
        return kept.rendered

    async def made(self, subject: Subject) -> Rendered:
        made_of = self.made_of(subject)
        found = self.current(subject, made_of)
        if found is not None:
            return found
        body, before = await in_thread(written, subject, made_of, self.links.secret), self.kept.get(subject)
        if before is not None and before.rendered.plain.body == body:
            result = before.rendered
        else:
            result = rendered(body, KIND, self.clock.now(), HEADERS)
        self.kept[subject] = Kept(made_of, result)
        while len(self.kept) > KEPT_MAX:
            self.kept.popitem(last=False)
        return result


def written(subject: Subject, made_of: tuple[Any, ...], secret: bytes) -> bytes:
    """The bytes of a feed; takes a while."""
    from monitord.web.feeds.ics import Page  # noqa: PLC0415 - a third of a second, which most starts save
    from monitord.web.feeds.ics import written as as_calendar  # noqa: PLC0415

    organization, rotations, names, console, span = made_of
    mine = subject.id if subject.kind == PERSON else ""
    about = names.get(subject.id) or subject.id
    page = Page(f"On call: {about} ({organization})", mine, names, console, span.start, secret)
    return as_calendar(page, entries_of(subject, rotations, span))


def entries_of(subject: Subject, rotations: Mapping[str, Any], span: Span) -> list[Any]:
    if subject.kind == ROTATION:
        return of_rotation(rotations[subject.id], span)
    return of_person(rotations.values(), subject.id, span)


def since(found: Renewal | None) -> Instant | None:
    """When the address was renewed last, if it was."""
    return found.renewed if found else None
