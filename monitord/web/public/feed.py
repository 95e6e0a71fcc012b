"""The history as Atom and RSS: one entry an incident, one paragraph a post, newest first.

Improved on Statuspage's: the feed is as new as its newest entry, so it stays the same until something
happens.
"""

from collections.abc import Iterable
from datetime import UTC
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import escape

from monitord.core.check import Instant
from monitord.web.public.api import LONG_AGO, NEWEST_MAX
from monitord.web.public.stories import Told, once
from monitord.web.public.view import PublicView
from monitord.web.text import SHOWN, at_zone, clean

ATOM = "http://www.w3.org/2005/Atom"
BEGINNING = '<?xml version="1.0" encoding="UTF-8"?>\n'


def title(view: PublicView) -> str:
    return f"{view.name} - Incident History"


def newest(view: PublicView) -> tuple[Told, ...]:
    return view.stories[:NEWEST_MAX]


def content(told: Told, zone: str) -> str:
    """The posts as HTML."""
    return "".join(
        f"<p><small>{dated(entry.post.at, zone)}</small><br>"
        f"<strong>{entry.post.phase.value.capitalize()}</strong> - {escape(entry.post.body)}</p>"
        for entry in told.entries
    )


@lru_cache(SHOWN)
def dated(at: Instant, zone: str) -> str:
    local = at_zone(at, zone)
    return (
        f"{local:%b} <var data-var='date'>{local.day}</var>, "
        f"<var data-var='time'>{local:%H:%M}</var> {local:%Z}"
    )


def host_of(url: str) -> str:
    return urlsplit(url).hostname or "localhost"


def rfc3339(at: Instant) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc822(at: Instant) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def leaf(parent: Element, name: str, text: str = "", **attributes: str) -> None:
    SubElement(parent, name, attributes).text = clean(text) or None


def written(root: Element, stories: Iterable[str], end: str) -> str:
    """The document with its stories, which are written already, before its end."""
    return f"{BEGINNING}{tostring(root, encoding='unicode').removesuffix(end)}{''.join(stories)}{end}"


def atom(view: PublicView) -> str:
    """RFC 4287."""
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    leaf(feed, "id", f"tag:{host_of(view.url)},2005:/history")
    leaf(feed, "link", rel="alternate", type="text/html", href=view.url)
    leaf(feed, "link", rel="self", type="application/atom+xml", href=f"{view.url}/history.atom")
    leaf(feed, "title", title(view))
    leaf(feed, "updated", max((rfc3339(told.changed) for told in newest(view)), default=LONG_AGO))
    leaf(SubElement(feed, "author"), "name", view.name)
    return written(feed, (atom_entry(told, view.url, view.zone) for told in newest(view)), "</feed>")


@once
def atom_entry(told: Told, url: str, zone: str) -> str:
    entry = Element("entry")
    leaf(entry, "id", f"tag:{host_of(url)},2005:Incident/{told.incident.id}")
    leaf(entry, "published", rfc3339(told.entries[-1].post.at if told.entries else told.incident.started))
    leaf(entry, "updated", rfc3339(told.changed))
    leaf(entry, "link", rel="alternate", type="text/html", href=f"{url}/incidents/{told.incident.id}")
    leaf(entry, "title", told.incident.title)
    leaf(entry, "content", content(told, zone), type="html")
    return tostring(entry, encoding="unicode")


def rss(view: PublicView) -> str:
    """RSS 2.0."""
    root = Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = SubElement(root, "channel")
    leaf(channel, "title", title(view))
    leaf(channel, "link", view.url)
    leaf(channel, "description", f"Incidents of {view.name}")
    leaf(channel, "atom:link", rel="self", type="application/rss+xml", href=f"{view.url}/history.rss")
    if newest(view):
        leaf(channel, "lastBuildDate", rfc822(max(told.changed for told in newest(view))))
    stories = (rss_item(told, view.url, view.zone) for told in newest(view))
    return written(root, stories, "</channel></rss>")


@once
def rss_item(told: Told, url: str, zone: str) -> str:
    item, address = Element("item"), f"{url}/incidents/{told.incident.id}"
    leaf(item, "title", told.incident.title)
    leaf(item, "description", content(told, zone))
    leaf(item, "pubDate", rfc822(told.entries[-1].post.at if told.entries else told.incident.started))
    leaf(item, "link", address)
    leaf(item, "guid", address, isPermaLink="true")
    return tostring(item, encoding="unicode")
