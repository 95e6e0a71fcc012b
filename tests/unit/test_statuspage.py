"""The public story: when it begins, what is posted, when it ends, and what a component shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.check import Instant
from monitord.core.organization import ComponentState, PublicEffect, Service
from monitord.core.statuspage import (
    Incident,
    Phase,
    Post,
    WritePost,
    begun,
    first_post,
    incident_id,
    joined,
    obeyed,
    objection,
    recovered,
    returned,
    showing,
    shows,
    state_of,
    told_from,
)
from monitord.core.verdict import Reason

START = datetime(2026, 1, 5, tzinfo=UTC)
OPERATIONAL, MAINTENANCE, DEGRADED, PARTIAL, MAJOR = ComponentState
SHOP = Service("shop", components=("shop",), public=PublicEffect(MAJOR))


def minute(number: float) -> Instant:
    return START + timedelta(minutes=number)


NOW = minute(10)
WEB = "probe/web:down"
WAITING = begun("e1", SHOP, ("Shop",), WEB, START, minute(1))
TOLD, FIRST = first_post(WAITING, ("Shop",), minute(6))
WRITTEN = replace(TOLD, written_by_people=True)


# How a story begins.


def test_a_story_begins_without_a_time_for_its_first_post() -> None:
    assert (
        Incident(
            id=incident_id("e1", f"{SHOP.id}/{WEB}/{minute(1).isoformat()}"),
            title="Shop: major outage",
            phase=Phase.WAITING,
            started=START,
            affects=(("shop", MAJOR),),
            service="shop",
            changed=minute(1),
        )
        == WAITING
    )
    assert (True, False, None) == (WAITING.live, WAITING.public, WAITING.due)


def test_its_id_is_twelve_characters_derived_from_what_it_names() -> None:
    ids = {incident_id(epoch, seed) for epoch in ("e1", "e2") for seed in ("a", "b")}

    assert 4 == len(ids)
    assert {(12, True, True)} == {(len(each), each.isalnum(), each == each.lower()) for each in ids}
    assert incident_id("e1", "a") == incident_id("e1", "a")


def test_it_began_with_the_earliest_of_its_signals() -> None:
    assert minute(-2) == joined(WAITING, minute(-2)).started
    assert WAITING is joined(WAITING, minute(5))


def test_the_first_post_is_due_after_the_services_time_once_it_is_certain() -> None:
    told = told_from(WAITING, timedelta(minutes=5), minute(1))

    assert (minute(6), minute(6)) == (told.publish_at, told.due)
    assert told is told_from(told, timedelta(minutes=5), minute(3))
    assert TOLD is told_from(TOLD, timedelta(minutes=5), minute(3))


def test_the_first_post_says_what_monitoring_has_found() -> None:
    assert (Phase.INVESTIGATING, 1, None, minute(6), True) == (
        TOLD.phase,
        TOLD.posts,
        TOLD.publish_at,
        TOLD.changed,
        TOLD.public,
    )
    assert (
        Post(
            incident=WAITING.id,
            number=1,
            at=minute(6),
            phase=Phase.INVESTIGATING,
            heading="Shop: major outage",
            body="Our monitoring has found a problem with Shop. We are looking into it.",
            affects=(("shop", MAJOR),),
        )
        == FIRST
    )
    assert (f"{WAITING.id}/1", False) == (FIRST.key, FIRST.live)


# How it ends.


def test_trouble_that_was_over_before_its_post_is_dropped_unsaid() -> None:
    story, post = recovered(
        told_from(WAITING, timedelta(minutes=5), minute(1)), ("Shop",), NOW, Reason.RECOVERED
    )

    assert (Phase.DROPPED, (), None, False, None) == (
        story.phase,
        story.affects,
        story.publish_at,
        story.live,
        post,
    )


@pytest.mark.parametrize(
    ("story", "reason", "phase", "heading", "body"),
    [
        (
            TOLD,
            Reason.RECOVERED,
            Phase.RESOLVED,
            "Shop: major outage",
            "Shop is back to normal. It lasted 10 min.",
        ),
        (
            TOLD,
            Reason.REMOVED,
            Phase.RESOLVED,
            "Shop: no longer watched",
            "Our monitoring no longer watches Shop; these automated updates end here.",
        ),
        (
            TOLD,
            Reason.MAINTENANCE,
            Phase.RESOLVED,
            "Shop: under maintenance",
            "Shop is under planned maintenance now; these automated updates end here.",
        ),
        (
            WRITTEN,
            Reason.RECOVERED,
            Phase.MONITORING,
            "Shop: major outage",
            "Shop answers normally again. We keep watching it.",
        ),
        (
            WRITTEN,
            Reason.REMOVED,
            Phase.MONITORING,
            "Shop: major outage",
            "Our monitoring no longer watches Shop; our team goes on from here.",
        ),
        (
            WRITTEN,
            Reason.MAINTENANCE,
            Phase.MONITORING,
            "Shop: major outage",
            "Shop is under planned maintenance now.",
        ),
    ],
)
def test_what_is_said_when_no_signal_keeps_it_alive(
    story: Incident, reason: Reason, phase: Phase, heading: str, body: str
) -> None:
    after, post = recovered(story, ("Shop",), NOW, reason)

    assert post is not None
    assert (phase, 2, ()) == (after.phase, after.posts, after.affects)
    assert (phase, 2, heading, body, None, ()) == (
        post.phase,
        post.number,
        post.heading,
        post.body,
        post.by,
        post.affects,
    )


def test_a_resolved_story_remembers_when() -> None:
    resolved, _ = recovered(TOLD, ("Shop",), NOW, Reason.RECOVERED)

    assert (NOW, NOW, False, False) == (resolved.resolved, resolved.changed, resolved.live, resolved.public)


def test_trouble_that_comes_back_while_a_person_watches_goes_on_in_the_same_story() -> None:
    monitoring, _ = recovered(WRITTEN, ("Shop",), NOW, Reason.RECOVERED)

    again, post = returned(monitoring, SHOP, ("Shop",), minute(20))

    assert (Phase.INVESTIGATING, (("shop", MAJOR),), 3) == (again.phase, again.affects, again.posts)
    assert "The problem with Shop is back. We are working on it." == post.body


# What people write.


def test_a_person_begins_a_story() -> None:
    command = WritePost("cem", "We are on it.", Phase.IDENTIFIED, None, "Payments fail", (("shop", PARTIAL),))

    story, post = obeyed(None, command, "e1", NOW)

    assert (Phase.IDENTIFIED, "Payments fail", NOW, (("shop", PARTIAL),), True, 1) == (
        story.phase,
        story.title,
        story.started,
        story.affects,
        story.written_by_people,
        story.posts,
    )
    assert ("cem", "We are on it.", "Payments fail", (("shop", PARTIAL),)) == (
        post.by,
        post.body,
        post.heading,
        post.affects,
    )


def test_a_person_goes_on_with_a_story() -> None:
    story, post = obeyed(TOLD, WritePost("cem", "The database.", Phase.IDENTIFIED, TOLD.id), "e1", NOW)

    assert (Phase.IDENTIFIED, True, TOLD.affects, 2) == (
        story.phase,
        story.written_by_people,
        story.affects,
        post.number,
    )


def test_a_post_by_a_person_takes_the_place_of_the_automated_first_one() -> None:
    waiting = told_from(WAITING, timedelta(minutes=5), minute(1))

    story, _ = obeyed(waiting, WritePost("cem", "Hello.", Phase.INVESTIGATING, WAITING.id), "e1", minute(2))

    assert (None, 1) == (story.due, story.posts)


def test_a_person_resolves() -> None:
    story, _ = obeyed(WRITTEN, WritePost("cem", "Done.", Phase.RESOLVED, TOLD.id), "e1", NOW)

    assert (Phase.RESOLVED, NOW, (), False) == (story.phase, story.resolved, story.affects, story.live)


def test_a_person_adds_to_what_we_see_and_says_alone_what_their_own_story_affects() -> None:
    command = WritePost("cem", "Cart too.", Phase.IDENTIFIED, TOLD.id, affects=(("cart", PARTIAL),))

    ours, _ = obeyed(TOLD, command, "e1", NOW)
    theirs, _ = obeyed(replace(TOLD, service=None), command, "e1", NOW)

    assert (("shop", MAJOR), ("cart", PARTIAL)) == ours.affects
    assert (("cart", PARTIAL),) == theirs.affects


@pytest.mark.parametrize(
    ("incident", "command", "felt", "expected"),
    [
        (None, WritePost("cem", "x", title="Fire", affects=(("shop", MAJOR),)), None, ""),
        (TOLD, WritePost("cem", "x", Phase.MONITORING, TOLD.id), WEB, ""),
        (TOLD, WritePost("cem", "x", Phase.RESOLVED, TOLD.id), None, ""),
        (TOLD, WritePost("cem", "x", Phase.IDENTIFIED, TOLD.id, affects=(("shop", DEGRADED),)), WEB, ""),
        (TOLD, WritePost("cem", "x", Phase.IDENTIFIED, TOLD.id, affects=(("shop", OPERATIONAL),)), None, ""),
        (
            None,
            WritePost("cem", "x", Phase.IDENTIFIED, "gone"),
            None,
            "there is no current incident gone",
        ),
        (
            None,
            WritePost("cem", "x", affects=(("shop", MAJOR),)),
            None,
            "a new incident needs a title and at least one component with its state",
        ),
        (
            None,
            WritePost("cem", "x", title="Fire"),
            None,
            "a new incident needs a title and at least one component with its state",
        ),
        (
            TOLD,
            WritePost("cem", "x", Phase.RESOLVED, TOLD.id),
            WEB,
            "our monitoring still sees it (probe/web:down); post `monitoring`, or wait until it clears",
        ),
        (
            TOLD,
            WritePost("cem", "x", Phase.MONITORING, TOLD.id, affects=(("shop", OPERATIONAL),)),
            WEB,
            "our monitoring still sees it (probe/web:down); shop cannot be shown as operational",
        ),
        (
            TOLD,
            WritePost("cem", "x", Phase.DROPPED, TOLD.id),
            None,
            "nothing is posted as dropped; "
            "post it as `investigating`, `identified`, `monitoring` or `resolved`",
        ),
        (
            None,
            WritePost("cem", "x", Phase.WAITING, title="Fire", affects=(("shop", MAJOR),)),
            None,
            "nothing is posted as waiting; "
            "post it as `investigating`, `identified`, `monitoring` or `resolved`",
        ),
        (TOLD, WritePost("cem", " \n", Phase.IDENTIFIED, TOLD.id), None, "a post needs words"),
    ],
)
def test_a_post_that_would_not_be_true_is_refused(
    incident: Incident | None, command: WritePost, felt: str | None, expected: str
) -> None:
    assert expected == objection(incident, command, felt)


@pytest.mark.parametrize(
    ("affects", "expected"),
    [
        ((("shop", MAJOR),), True),
        ((("shop", DEGRADED), ("cart", PARTIAL)), True),  # a person may have said it milder
        ((("cart", PARTIAL),), False),
        ((("shop", OPERATIONAL),), False),
        ((), False),
    ],
)
def test_a_story_shows_a_service_if_it_says_that_something_is_wrong(
    affects: tuple[tuple[str, ComponentState], ...], expected: bool
) -> None:
    story = replace(TOLD, affects=affects)

    assert expected == shows(story, SHOP)
    assert shows(showing(story, SHOP), SHOP)
    assert ("shop", MAJOR) in showing(story, SHOP).affects


# What a component shows.


@pytest.mark.parametrize(
    ("said", "in_maintenance", "expected"),
    [
        ([], False, OPERATIONAL),
        ([], True, MAINTENANCE),
        ([(("shop", DEGRADED),)], False, DEGRADED),
        ([(("shop", DEGRADED),)], True, DEGRADED),
        ([(("shop", DEGRADED),), (("cart", MAJOR), ("shop", PARTIAL))], False, PARTIAL),
        ([(("cart", MAJOR),)], False, OPERATIONAL),
    ],
)
def test_a_component_shows_the_worst_that_is_said_of_it(
    said: list[tuple[tuple[str, ComponentState], ...]], in_maintenance: bool, expected: ComponentState
) -> None:
    stories = [replace(TOLD, affects=affects) for affects in said]

    assert expected == state_of("shop", stories, in_maintenance)
