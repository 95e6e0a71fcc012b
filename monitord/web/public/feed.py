"""The history as Atom and RSS: one entry an incident, one paragraph a post, newest first.

Improved on Statuspage's: the feed is as new as its newest entry, so it stays the same until something
happens.
"""

from datetime import UTC
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import escape

from monitord.core.check import Instant
from monitord.web.public.api import LONG_AGO, NEWEST_MAX
from monitord.web.public.stories import Told
from monitord.web.public.view import PublicView
from monitord.web.text import SHOWN, at_zone, clean

ATOM = "http://www.w3.org/2005/Atom"
BEGINNING = '<?xml version="1.0" encoding="UTF-8"?>\n'


def title(view: PublicView) -> str:
    return f"{view.name} - Incident History"


def newest(view: PublicView) -> tuple[Told, ...]:
    return view.stories[:NEWEST_MAX]


def content(view: PublicView, told: Told) -> str:
    """The posts as HTML."""
    return "".join(
        f"<p><small>{dated(entry.post.at, view.zone)}</small><br>"
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


def rfc3339(at: Instant) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc822(at: Instant) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def leaf(parent: Element, name: str, text: str = "", **attributes: str) -> None:
    SubElement(parent, name, attributes).text = clean(text) or None


def written(root: Element) -> str:
    return BEGINNING + tostring(root, encoding="unicode")


def atom(view: PublicView) -> str:
    """RFC 4287."""
    host = urlsplit(view.url).hostname or "localhost"
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    leaf(feed, "id", f"tag:{host},2005:/history")
    leaf(feed, "link", rel="alternate", type="text/html", href=view.url)
    leaf(feed, "link", rel="self", type="application/atom+xml", href=f"{view.url}/history.atom")
    leaf(feed, "title", title(view))
    leaf(feed, "updated", max((rfc3339(told.changed) for told in newest(view)), default=LONG_AGO))
    leaf(SubElement(feed, "author"), "name", view.name)
    for told in newest(view):
        atom_entry(SubElement(feed, "entry"), view, told, host)
    return written(feed)


def atom_entry(entry: Element, view: PublicView, told: Told, host: str) -> None:
    leaf(entry, "id", f"tag:{host},2005:Incident/{told.incident.id}")
    leaf(entry, "published", rfc3339(told.entries[-1].post.at if told.entries else told.incident.started))
    leaf(entry, "updated", rfc3339(told.changed))
    leaf(entry, "link", rel="alternate", type="text/html", href=f"{view.url}/incidents/{told.incident.id}")
    leaf(entry, "title", told.incident.title)
    leaf(entry, "content", content(view, told), type="html")


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
    for told in newest(view):
        rss_item(SubElement(channel, "item"), view, told)
    return written(root)


def rss_item(item: Element, view: PublicView, told: Told) -> None:
    address = f"{view.url}/incidents/{told.incident.id}"
    leaf(item, "title", told.incident.title)
    leaf(item, "description", content(view, told))
    leaf(item, "pubDate", rfc822(told.entries[-1].post.at if told.entries else told.incident.started))
    leaf(item, "link", address)
    leaf(item, "guid", address, isPermaLink="true")
