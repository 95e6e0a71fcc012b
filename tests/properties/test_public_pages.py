"""Public pages are put together from kept parts; each must read as if it had been written anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.core.organization import ComponentState
from monitord.core.statuspage import WRITABLE, Incident, Phase, Post
from monitord.web.public.pages import sheets
from monitord.web.public.stories import Stories
from monitord.web.public.view import PublicView, view
from monitord.web.shelf import Sheet
from tests.fakes.front import PAGE, PUBLIC, Front, configuration

IDS = ("one", "two", "three")
Step = Callable[["Site"], None]


class Site:
    """A front whose stories are written directly; `written` is all that was ever told."""

    def __init__(self) -> None:
        self.front = Front()
        self.url, self.told = PUBLIC, configuration()
        self.written: list[Incident | Post] = []
        self.kept = self.front.publisher.stories

    def tell(
        self, id: str, phase: Phase, words: str, affects: tuple[tuple[str, ComponentState], ...]
    ) -> None:
        now = self.front.clock.now()
        before = [each for each in self.written if isinstance(each, Incident) and each.id == id]
        first = before[0] if before else Incident(id, words, phase, now, affects)
        number = 1 + sum(isinstance(each, Post) and each.incident == id for each in self.written)
        over = now if phase is Phase.RESOLVED else None
        records = [
            Post(id, number, now, phase, "", words, affects),
            replace(first, phase=phase, affects=affects, posts=number, resolved=over),
        ]
        self.kept.take(records)
        self.written += records

    def rebuild(self, **changes: Any) -> None:
        self.told = replace(self.told, **changes)
        self.front.world.accept(self.told)

    def seen(self, stories: Stories) -> PublicView:
        now = self.front.clock.now()
        return view(self.front.world, stories.told(now), now, now, self.url, offers_mail=True)

    def anew(self) -> PublicView:
        stories = Stories()
        stories.take(self.written)
        return self.seen(stories)


def renamed(name: str) -> Step:
    components = (replace(PAGE.components[0], name=name), *PAGE.components[1:])
    return lambda site: site.rebuild(status_pages=(replace(PAGE, components=components),))


def without(place: int) -> Step:
    components = PAGE.components[:place] + PAGE.components[place + 1 :]
    return lambda site: site.rebuild(status_pages=(replace(PAGE, components=components),))


def moved(url: str) -> Step:
    return lambda site: setattr(site, "url", url)


words = st.sampled_from(
    ("It is slow.", '<b>bold</b> & "quoted"', "one\n\ntwo", "\u202eera\u202c {{ 7 }}", "\x00")
)
affected = st.dictionaries(
    st.sampled_from(("shop", "search", "pay", "mail", "gone")), st.sampled_from(ComponentState), max_size=3
).map(lambda each: tuple(each.items()))
steps = st.one_of(
    st.builds(
        lambda *told: lambda site: site.tell(*told),
        st.sampled_from(IDS),
        st.sampled_from(WRITABLE),
        words,
        affected,
    ),
    st.builds(renamed, words),
    st.builds(without, st.integers(0, 3)),
    st.builds(moved, st.sampled_from((PUBLIC, "https://elsewhere.example.org"))),
    st.sampled_from(("UTC", "America/Chicago")).map(lambda zone: lambda site: site.rebuild(time_zone=zone)),
    st.integers(1, 3000).map(lambda passing: lambda site: site.front.passes(timedelta(minutes=passing))),
)


def bodies(lying: dict[str, Sheet]) -> dict[str, tuple[bytes, bytes]]:
    """What is read at each path, and what when it is too old."""
    return {
        path: (sheet.fresh.plain.body, sheet.stale.plain.body if sheet.stale else b"")
        for path, sheet in lying.items()
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=12))
def test_what_was_kept_reads_as_if_written_anew(happening: list[Step]) -> None:
    site = Site()
    lying: dict[str, Sheet] = {}
    for step in happening:
        step(site)
        now = site.front.clock.now()
        lying = sheets(site.seen(site.kept), now, lying)
        assert bodies(sheets(site.anew(), now, {})) == bodies(lying)
