"""What the public sees, as values: made from the world and the stories, rendered elsewhere.

Theory of operation. Everything that shows something to the public (pages, API, feeds) reads a `PublicView`
and nothing else, so that no two of them can disagree. It is made in the loop, from one state of the world;
rendering it needs neither, and may happen in a thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from monitord.core.check import Instant
from monitord.core.organization import Component, ComponentState, StatusPage
from monitord.core.statuspage import Incident, incident_id, state_of
from monitord.core.verdict import Window
from monitord.core.world import Configuration, World
from monitord.web.public.rollup import Headline, headline
from monitord.web.public.stories import Told
from monitord.web.text import at_zone

RECENT_DAYS = 7

Stage = Literal["scheduled", "in_progress", "completed"]


@dataclass(frozen=True, slots=True)
class ShownComponent:
    component: Component
    code: str
    state: ComponentState


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    code: str
    components: tuple[ShownComponent, ...]


@dataclass(frozen=True, slots=True)
class Maintenance:
    window: Window
    code: str
    stage: Stage
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    stories: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class PublicView:
    """One status page at one instant; `as_of` is the engine's last cycle, `zone` the page's time zone."""

    name: str
    code: str
    url: str
    zone: str
    as_of: Instant
    offers_mail: bool
    headline: Headline
    groups: tuple[Group, ...]
    components: tuple[ShownComponent, ...]
    current: tuple[Told, ...]
    past: tuple[Told, ...]
    maintenances: tuple[Maintenance, ...]
    days: tuple[Day, ...]
    component_names: dict[str, str]
    changed: dict[str, Instant]

    @property
    def stories(self) -> tuple[Told, ...]:
        return (*self.current, *self.past)

    @property
    def upcoming(self) -> tuple[Maintenance, ...]:
        return tuple(each for each in self.maintenances if each.stage == "scheduled")

    @property
    def active(self) -> tuple[Maintenance, ...]:
        return tuple(each for each in self.maintenances if each.stage == "in_progress")


def view(
    world: World, stories: Sequence[Told], now: Instant, as_of: Instant, url: str, offers_mail: bool
) -> PublicView:
    """Everything the first public status page shows."""
    configuration = world.configuration
    page = public_page(configuration)
    shown = components(page, configuration, world.all(Incident), now)
    elsewhere = only_elsewhere(page, configuration)
    ours = tuple(told for told in stories if not told.touched or not elsewhere.issuperset(told.touched))
    past = tuple(each for each in ours if not each.live)
    return PublicView(
        name=page.name,
        code=code(page, "page"),
        url=url.rstrip("/"),
        zone=configuration.time_zone,
        as_of=as_of,
        offers_mail=offers_mail,
        headline=headline([each.state for each in shown]),
        groups=groups(page, shown),
        components=shown,
        current=tuple(each for each in ours if each.live),
        past=past,
        maintenances=maintenances(page, configuration, now),
        days=recent_days(past, now, configuration.time_zone),
        component_names={each.component.id: each.component.name for each in shown},
        changed=last_changes(ours),
    )


def last_changes(stories: Sequence[Told]) -> dict[str, Instant]:
    """When a component was last spoken of; an old story may go on for long."""
    changed: dict[str, Instant] = {}
    for told in stories:
        for component in told.touched:
            changed[component] = max(told.changed, changed.get(component, told.changed))
    return changed


def public_page(configuration: Configuration) -> StatusPage:
    """The page at `/`: the first for everybody, or an empty one."""
    public = (page for page in configuration.status_pages if page.audience == "public")
    return next(public, StatusPage(id="status", name=f"{configuration.organization} status".strip()))


def code(page: StatusPage, what: str) -> str:
    """Twelve lower-case base-36 characters, as Statuspage's ids, derived from what they name."""
    return incident_id(page.id, what)


def components(
    page: StatusPage, configuration: Configuration, live: Sequence[Incident], now: Instant
) -> tuple[ShownComponent, ...]:
    """Each component with the worst that is known of it, whether the public was told in a post or not."""
    under_way = {
        name
        for window in configuration.windows
        if announced(window, page) and window.running(now)
        for name in covered(window, configuration)
    }
    return tuple(
        ShownComponent(
            each, code(page, f"component/{each.id}"), state_of(each.id, live, each.id in under_way)
        )
        for each in page.components
    )


def groups(page: StatusPage, shown: Sequence[ShownComponent]) -> tuple[Group, ...]:
    """The components by group, in the order in which a group is first named."""
    names = dict.fromkeys(each.component.group for each in shown)
    made = (
        Group(name, code(page, f"group/{name}"), tuple(c for c in shown if c.component.group == name))
        for name in names
    )
    return tuple(made)


def announced(window: Window, page: StatusPage) -> bool:
    return window.announce is not None and window.announce in (page.id, page.name)


def covered(window: Window, configuration: Configuration) -> tuple[str, ...]:
    """The components that a window is about: its own, or those of what it covers."""
    services = [*window.services]
    services += [
        configuration.probes[probe].service for probe in window.probes if probe in configuration.probes
    ]
    of_services = (
        component
        for service in services
        if service in configuration.services
        for component in configuration.services[service].components
    )
    return tuple(dict.fromkeys((*window.components, *(() if window.components else of_services))))


def maintenances(page: StatusPage, configuration: Configuration, now: Instant) -> tuple[Maintenance, ...]:
    """What is announced, soonest first."""
    ours = {component.id for component in page.components}
    return tuple(
        Maintenance(
            window,
            code(page, f"window/{window.id}"),
            stage_of(window, now),
            tuple(name for name in covered(window, configuration) if name in ours),
        )
        for window in sorted(configuration.windows, key=lambda window: (window.start, window.id))
        if announced(window, page)
    )


def stage_of(window: Window, now: Instant) -> Stage:
    if now < window.start:
        return "scheduled"
    return "in_progress" if now < window.end else "completed"


def only_elsewhere(page: StatusPage, configuration: Configuration) -> set[str]:
    """Components of other pages; what is only about them stays there (they may not be for everybody)."""
    ours = {component.id for component in page.components}
    return {component.id for each in configuration.status_pages for component in each.components} - ours


def recent_days(past: Iterable[Told], now: Instant, zone: str) -> tuple[Day, ...]:
    """The last days, today first; a day without stories is shown as one."""
    today = at_zone(now, zone).date()
    by_day: dict[date, list[Told]] = {}
    for each in past:
        by_day.setdefault(at_zone(each.incident.started, zone).date(), []).append(each)
    days = (today - timedelta(days=ago) for ago in range(RECENT_DAYS))
    return tuple(Day(day, tuple(by_day.get(day, ()))) for day in days)
