"""web.public.view: what the public sees is what is true, and only what concerns it."""

from dataclasses import replace
from datetime import timedelta

from monitord.core.organization import Component, ComponentState, StatusPage
from monitord.core.statuspage import Incident, Phase, WritePost
from monitord.web.public.view import PublicView
from tests.fakes.front import PAGE, Front, configuration, window

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def seen(front: Front) -> PublicView:
    return front.publisher.view(front.last_cycle_at)


def opened(front: Front) -> Front:
    front.publisher.engine.listen(front.publisher.notice)
    return front


def states(view: PublicView) -> dict[str, ComponentState]:
    return {each.component.id: each.state for each in view.components}


def test_a_component_changes_at_once_and_the_story_follows_in_its_time() -> None:
    front = opened(Front())
    front.fails()

    assert ComponentState.MAJOR_OUTAGE is states(seen(front))["shop"]
    assert () == seen(front).current

    front.passes(6 * MINUTE)

    assert ["Shop: major outage"] == [told.incident.title for told in seen(front).current]


def test_what_is_over_is_past() -> None:
    front = opened(Front())
    front.fails("cards")
    front.passes(10 * MINUTE)
    front.heals("cards")
    view = seen(front)

    assert ((), 1) == (view.current, len(view.past))
    assert ComponentState.DEGRADED is view.past[0].worst
    assert "All Systems Operational" == view.headline.words
    assert [view.past[0]] == [told for day in view.days for told in day.stories]


def test_entries_are_newest_first_and_say_what_they_changed() -> None:
    front = opened(Front())
    front.fails("cards")
    incident = front.world.all(Incident)[0]
    worse = (("pay", ComponentState.MAJOR_OUTAGE),)
    front.do(WritePost("cem", "It is worse.", Phase.IDENTIFIED, incident.id, affects=worse))
    front.heals("cards")
    entries = seen(front).current[0].entries

    assert ["monitoring", "identified", "investigating"] == [entry.post.phase.value for entry in entries]
    assert [
        (ComponentState.MAJOR_OUTAGE, ComponentState.OPERATIONAL),
        (ComponentState.DEGRADED, ComponentState.MAJOR_OUTAGE),
        (ComponentState.OPERATIONAL, ComponentState.DEGRADED),
    ] == [(entry.changes[0].before, entry.changes[0].after) for entry in entries]


def test_an_announced_window_is_a_state_while_it_runs() -> None:
    front = opened(Front(configuration(windows=(window(HOUR, 2 * HOUR),))))
    assert ["scheduled"] == [each.stage for each in seen(front).maintenances]
    assert ComponentState.OPERATIONAL is states(seen(front))["search"]

    front.passes(HOUR)
    assert ["in_progress"] == [each.stage for each in seen(front).maintenances]
    assert ComponentState.MAINTENANCE is states(seen(front))["search"]

    front.passes(HOUR)
    assert ["completed"] == [each.stage for each in seen(front).maintenances]
    assert ComponentState.OPERATIONAL is states(seen(front))["search"]


def test_a_window_that_nobody_announced_is_not_shown() -> None:
    front = opened(Front(configuration(windows=(window(timedelta(0), HOUR, announce=None),))))

    assert () == seen(front).maintenances
    assert ComponentState.OPERATIONAL is states(seen(front))["search"]


def test_a_window_over_a_service_is_about_its_components() -> None:
    planned = window(timedelta(0), HOUR, components=(), services=("shop",), probes=("cards",))
    front = opened(Front(configuration(windows=(planned,))))

    assert [("shop", "pay")] == [each.components for each in seen(front).maintenances]


def test_an_outage_outranks_maintenance() -> None:
    planned = window(timedelta(0), HOUR, components=("shop",))
    front = opened(Front(configuration(windows=(planned,))))
    front.fails()

    assert ComponentState.MAJOR_OUTAGE is states(seen(front))["shop"]


def test_another_pages_stories_stay_there() -> None:
    inside = StatusPage("inside", "Staff", (Component("pay", "Payments"),), audience="staff")
    without = replace(PAGE, components=PAGE.components[:2])
    front = opened(Front(configuration(status_pages=(inside, without))))
    front.fails("cards")
    view = seen(front)

    assert ((), ["shop", "search"]) == (view.stories, list(states(view)))


def test_the_page_is_as_old_as_the_engines_last_look() -> None:
    front = opened(Front())
    front.standing_still = True
    front.clock.passed += 45

    assert timedelta(seconds=45) == front.clock.now() - seen(front).as_of


def test_a_restart_forgets_no_story() -> None:
    before = opened(Front())
    before.fails("cards")
    before.heals("cards")
    after = opened(Front())
    after.publisher.stories.take([*before.kept.values(), *before.kept_posts])

    assert [2] == [len(told.entries) for told in seen(after).past]


def test_a_tree_without_a_page_shows_an_empty_one() -> None:
    view = seen(opened(Front(configuration(status_pages=()))))

    assert ("Example Shop status", (), ()) == (view.name, view.components, view.groups)
