"""Every page of the public door, from one view to the sheets of a shelf.

Theory of operation. Most of what is shown was shown before: a story stays as it is until something is added
to it. So the pages, fresh and stale, are put together from parts that lie with their stories (`once`), and
only what is around those is written anew.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from markupsafe import Markup

from monitord.core.check import Instant
from monitord.core.organization import ComponentState
from monitord.web.public import api, feed
from monitord.web.public.stories import Told, once
from monitord.web.public.view import PublicView
from monitord.web.shelf import Rendered, Sheet, asset_sheets, document, page, rendered
from monitord.web.templates import environment, render
from monitord.web.text import at_zone

NOTHING_HERE = (
    "This address leads to no page of ours. It may have been mistyped, or what it led to is long over."
)
JSON = b"application/json; charset=utf-8"
ATOM = b"application/atom+xml; charset=utf-8"
RSS = b"application/rss+xml; charset=utf-8"
PLAIN = b"text/plain; charset=utf-8"
ROBOTS = "User-agent: *\nDisallow: /subscribe/\nDisallow: /unsubscribe/\n"
FEEDS: tuple[tuple[str, Callable[[PublicView], str], bytes], ...] = (
    ("/history.atom", feed.atom, ATOM),
    ("/history.rss", feed.rss, RSS),
)

STATE_WORDS = {
    ComponentState.OPERATIONAL: "Operational",
    ComponentState.MAINTENANCE: "Under maintenance",
    ComponentState.DEGRADED: "Degraded performance",
    ComponentState.PARTIAL_OUTAGE: "Partial outage",
    ComponentState.MAJOR_OUTAGE: "Major outage",
}
STAGE_WORDS = {"scheduled": "Scheduled", "in_progress": "In progress", "completed": "Completed"}


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages around a form or an error need to know; no claim about now is in it."""

    name: str
    zone: str
    offers_mail: bool


@dataclass(frozen=True, slots=True)
class Month:
    name: str
    stories: tuple[Told, ...]


def part(macro: str) -> Callable[..., str]:
    """A macro of `public/parts.html` that is about one story, kept with the story."""

    def made(told: Told, *around: object) -> str:
        said: Markup = getattr(environment().get_template("public/parts.html").module, macro)(told, *around)
        return said

    return once(made)


PARTS = {macro: part(macro) for macro in ("article", "card", "row")}


def site_of(view: PublicView) -> Site:
    return Site(view.name, view.zone, view.offers_mail)


def html(template: str, view: PublicView, *, stale: bool = False, **values: Any) -> str:
    return render(
        f"public/{template}.html",
        site=site_of(view),
        view=view,
        stale=stale,
        state_words=STATE_WORDS,
        stage_words=STAGE_WORDS,
        names=lambda ids: names(view, ids),
        **PARTS,
        **values,
    )


def names(view: PublicView, ids: Iterable[str]) -> str:
    """Components as the public knows them; those that are gone by the name they had."""
    return ", ".join(view.component_names.get(each, each) for each in ids)


def small_page(template: str, site: Site, **values: Any) -> str:
    """A page around a form, its answer, or an error."""
    return render(f"public/{template}.html", site=site, view=None, stale=False, **values)


def sheets(view: PublicView, made: Instant, before: Mapping[str, Sheet]) -> dict[str, Sheet]:
    """Everything that is to be read; what has not changed keeps the bytes, time and tag it had."""
    return {path: kept(sheet, before.get(path)) for path, sheet in all_sheets(view, made, before)}


def kept(sheet: Sheet, before: Sheet | None) -> Sheet:
    if before is None or sheet is before:
        return sheet
    stale = same(sheet.stale, before.stale) if sheet.stale and before.stale else sheet.stale
    return replace(sheet, fresh=same(sheet.fresh, before.fresh), stale=stale)


def same(now: Rendered, before: Rendered) -> Rendered:
    return before if before.plain.etag == now.plain.etag else now


def all_sheets(view: PublicView, made: Instant, before: Mapping[str, Sheet]) -> Iterator[tuple[str, Sheet]]:
    yield "/", twofold("status", view, made)
    for told in view.current:
        yield f"/incidents/{told.incident.id}", twofold("incident", view, made, told=told)
    yield from documents(view, made)
    for path, made_of, write in lasting(view, made):
        lying = before.get(path)
        yield path, lying if lying and lying.made_of == made_of else replace(write(), made_of=made_of)
    assets = {path: sheet for path, sheet in before.items() if path.startswith("/assets/")}
    yield from (assets or asset_sheets(made)).items()


def twofold(template: str, view: PublicView, made: Instant, **values: Any) -> Sheet:
    """A page that says something about now, and what it says when that is too long ago."""
    fresh = page(html(template, view, **values), made)
    return Sheet(fresh, page(html(template, view, stale=True, **values), made))


def documents(view: PublicView, made: Instant) -> Iterator[tuple[str, Sheet]]:
    for name in api.DOCUMENTS:
        fresh = document(api.document(name, view, stale=False), JSON, made)
        late = name in api.SAY_WHEN_STALE
        stale = document(api.document(name, view, stale=True), JSON, made) if late else None
        yield f"/api/v2/{name}.json", Sheet(fresh, stale)


def lasting(view: PublicView, made: Instant) -> Iterator[tuple[str, object, Callable[[], Sheet]]]:
    """What claims nothing about now: its path, what it is made of, and how it is made."""
    site, known = site_of(view), (site_of(view), view.stories, view.component_names)
    yield "/history", known, lambda: Sheet(page(html("history", view, months=months(view)), made))
    for path, write, kind in FEEDS:
        yield path, (known, view.url), partial(feed_sheet, write, kind, view, made)
    for told in view.past:
        names = tuple(view.component_names.get(each) for each in told.touched)
        yield f"/incidents/{told.incident.id}", (site, told, names), partial(past_sheet, view, made, told)
    yield "/subscribe", site, lambda: Sheet(page(subscribe(view), made))
    yield "/robots.txt", ROBOTS, lambda: Sheet(rendered(ROBOTS, PLAIN, made, ()))


def feed_sheet(write: Callable[[PublicView], str], kind: bytes, view: PublicView, made: Instant) -> Sheet:
    return Sheet(document(write(view), kind, made))


def past_sheet(view: PublicView, made: Instant, told: Told) -> Sheet:
    return Sheet(page(html("incident", view, told=told), made))


def subscribe(view: PublicView) -> str:
    return small_page("subscribe", site_of(view), error="", email="")


def missing(view: PublicView, made: Instant) -> Sheet:
    """What lies where nothing lies."""
    html = small_page("message", site_of(view), heading="There is nothing here", words=NOTHING_HERE)
    return Sheet(page(html, made), status=404)


def months(view: PublicView) -> tuple[Month, ...]:
    """The past by month, newest first."""
    by_month: dict[str, list[Told]] = {}
    for told in view.past:
        name = f"{at_zone(told.incident.started, view.zone):%B %Y}"
        by_month.setdefault(name, []).append(told)
    return tuple(Month(name, tuple(each)) for name, each in by_month.items())
