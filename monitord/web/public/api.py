"""The status page for programs: Statuspage's public API v2, field by field.

Improved on: `page.updated_at` is the instant of which the answer is true, so that a program can tell when we
have fallen silent (Statuspage shows the last change there). A component's creation is not known: it is as old
as its page.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from monitord.core.check import Instant
from monitord.core.organization import Component, ComponentState
from monitord.core.statuspage import PUBLIC, Phase
from monitord.web.public.rollup import impact
from monitord.web.public.stories import Entry, Told, once
from monitord.web.public.view import Group, Maintenance, PublicView, ShownComponent
from monitord.web.text import SHOWN, at_zone, moment_with_year

NEWEST_MAX = 50
LONG_AGO = "2000-01-01T00:00:00.000Z"

Json = dict[str, Any]

STATES = {
    ComponentState.OPERATIONAL: "operational",
    ComponentState.MAINTENANCE: "under_maintenance",
    ComponentState.DEGRADED: "degraded_performance",
    ComponentState.PARTIAL_OUTAGE: "partial_outage",
    ComponentState.MAJOR_OUTAGE: "major_outage",
}


@lru_cache(SHOWN)
def stamp(at: Instant | None, zone: str) -> str | None:
    """ISO 8601 with three digits of a second, in the page's zone (`Z` for UTC)."""
    if at is None:
        return None
    return at_zone(at, zone).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def page(view: PublicView) -> Json:
    return {
        "id": view.code,
        "name": view.name,
        "url": view.url,
        "time_zone": "Etc/UTC" if view.zone == "UTC" else view.zone,
        "updated_at": stamp(view.as_of, view.zone),
    }


def status(view: PublicView, stale: bool) -> Json:
    late = f" (not updated since {moment_with_year(view.as_of, view.zone)})" if stale else ""
    return {"indicator": view.headline.indicator, "description": view.headline.words + late}


def components(view: PublicView) -> list[Json]:
    """Groups first where their first component stands, as Statuspage lists them."""
    listed: list[Json] = []
    for group in view.groups:
        if group.name:
            listed.append(component_group(view, group, len(listed) + 1))
        for each in group.components:
            listed.append(component(view, each, len(listed) + 1, group.code if group.name else None))
    return listed


def component(view: PublicView, shown: ShownComponent, position: int, group: str | None) -> Json:
    changed = stamp(view.changed.get(shown.component.id), view.zone)
    return {
        "id": shown.code,
        "name": shown.component.name,
        "status": STATES[shown.state],
        "created_at": LONG_AGO,
        "updated_at": changed or LONG_AGO,
        "position": position,
        "description": shown.component.description or None,
        "showcase": False,
        "start_date": None,
        "group_id": group,
        "page_id": view.code,
        "group": False,
        "only_show_if_degraded": False,
    }


def component_group(view: PublicView, group: Group, position: int) -> Json:
    worst = max((each.state for each in group.components), key=lambda state: state.rank)
    return {
        "id": group.code,
        "name": group.name,
        "status": STATES[worst],
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "position": position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": view.code,
        "group": True,
        "only_show_if_degraded": False,
        "components": [each.code for each in group.components],
    }


@dataclass(frozen=True, slots=True)
class Around:
    """What a story says of the page that it is on; `known` are the id, code and name of each component."""

    code: str
    url: str
    zone: str
    known: tuple[tuple[str, str, str], ...]


class Listing:
    """The components of one view, listed once for all that name them."""

    def __init__(self, view: PublicView) -> None:
        self.view = view
        known = tuple((each.component.id, each.code, full_name(each.component)) for each in view.components)
        self.around = Around(view.code, view.url, view.zone, known)
        listed = {each["id"]: each for each in components(view)}
        self.by_id = {name: listed[code] for name, code, _ in known}

    def touched(self, names: Iterable[str]) -> list[Json]:
        """The whole component for each that is still on the page."""
        return [self.by_id[name] for name in names if name in self.by_id]


def incident(listing: Listing, told: Told) -> str:
    """The story, and the components it touches as they are now."""
    return f'{story(told, listing.around)[:-1]},"components":{written(listing.touched(told.touched))}}}'


@once
def story(told: Told, around: Around) -> str:
    """All of an incident that stays as it is until something is added to it."""
    of, zone = told.incident, around.zone
    first = told.entries[-1].post.at if told.entries else of.started
    monitoring = [entry.post.at for entry in told.entries if entry.post.phase is Phase.MONITORING]
    return written(
        {
            "id": of.id,
            "name": of.title,
            "status": of.phase.value,
            "created_at": stamp(first, zone),
            "updated_at": stamp(told.changed, zone),
            "monitoring_at": stamp(monitoring[-1], zone) if monitoring else None,
            "resolved_at": stamp(of.resolved, zone),
            "impact": impact([told.worst]),
            "shortlink": f"{around.url}/incidents/{of.id}",
            "started_at": stamp(of.started, zone),
            "page_id": around.code,
            "incident_updates": [update(around, entry) for entry in told.entries],
        }
    )


def update(around: Around, entry: Entry) -> Json:
    post = entry.post
    at = stamp(post.at, around.zone)
    return {
        "id": entry.code,
        "status": post.phase.value,
        "body": post.body,
        "incident_id": post.incident,
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": affected(around, entry) or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def affected(around: Around, entry: Entry) -> list[Json]:
    shown = {id: (code, name) for id, code, name in around.known}
    return [
        {
            "code": shown[change.component][0],
            "name": shown[change.component][1],
            "old_status": STATES[change.before],
            "new_status": STATES[change.after],
        }
        for change in entry.changes
        if change.component in shown
    ]


def full_name(component: Component) -> str:
    return f"{component.group} - {component.name}" if component.group else component.name


def maintenance(listing: Listing, planned: Maintenance) -> Json:
    view, window, zone = listing.view, planned.window, listing.view.zone
    started = stamp(window.start, zone)
    return {
        "id": planned.code,
        "name": window.title,
        "status": planned.stage,
        "created_at": started,
        "updated_at": started,
        "monitoring_at": None,
        "resolved_at": stamp(window.end, zone) if planned.stage == "completed" else None,
        "impact": "maintenance",
        "shortlink": view.url,
        "started_at": started,
        "page_id": view.code,
        "incident_updates": [notice(planned, started)] if window.text else [],
        "components": listing.touched(planned.components),
        "scheduled_for": started,
        "scheduled_until": stamp(window.end, zone),
    }


def notice(planned: Maintenance, started: str | None) -> Json:
    """What is said of a maintenance, as its one update."""
    return {
        "id": planned.code,
        "status": planned.stage,
        "body": planned.window.text,
        "incident_id": planned.code,
        "created_at": started,
        "updated_at": started,
        "display_at": started,
        "affected_components": None,
        "deliver_notifications": False,
        "custom_tweet": None,
        "tweet_id": None,
    }


def incidents(view: PublicView, stories: Iterable[Told]) -> str:
    listing = Listing(view)
    return f"[{','.join(incident(listing, told) for told in list(stories)[:NEWEST_MAX])}]"


def scheduled(view: PublicView, planned: Iterable[Maintenance]) -> str:
    newest = sorted(planned, key=lambda each: each.window.start, reverse=True)[:NEWEST_MAX]
    listing = Listing(view)
    return written([maintenance(listing, each) for each in newest])


def unresolved(view: PublicView) -> tuple[Told, ...]:
    return tuple(told for told in view.current if told.incident.phase in PUBLIC)


Members = dict[str, str]  # each already written as JSON


def summary(view: PublicView, stale: bool) -> Members:
    return {
        "components": written(components(view)),
        "incidents": incidents(view, unresolved(view)),
        "scheduled_maintenances": scheduled(view, (*view.active, *view.upcoming)),
        "status": written(status(view, stale)),
    }


SAY_WHEN_STALE = ("summary", "status")  # the others have no word for it but `page.updated_at`

DOCUMENTS: dict[str, Callable[[PublicView, bool], Members]] = {
    "summary": summary,
    "status": lambda view, stale: {"status": written(status(view, stale))},
    "components": lambda view, stale: {"components": written(components(view))},
    "incidents": lambda view, stale: {"incidents": incidents(view, view.stories)},
    "incidents/unresolved": lambda view, stale: {"incidents": incidents(view, unresolved(view))},
    "scheduled-maintenances": lambda view, stale: {
        "scheduled_maintenances": scheduled(view, view.maintenances)
    },
    "scheduled-maintenances/upcoming": lambda view, stale: {
        "scheduled_maintenances": scheduled(view, view.upcoming)
    },
    "scheduled-maintenances/active": lambda view, stale: {
        "scheduled_maintenances": scheduled(view, view.active)
    },
}


def document(name: str, view: PublicView, *, stale: bool) -> str:
    """The JSON behind `/api/v2/NAME.json`; the page first, for every document is about it."""
    members = {"page": written(page(view)), **DOCUMENTS[name](view, stale)}
    return "{" + ",".join(f'"{member}":{text}' for member, text in members.items()) + "}"


def written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
