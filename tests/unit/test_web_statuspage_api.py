"""web.public.api and feed: what programs made for Statuspage read, field by field."""

import json
import re
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from monitord.core.organization import ComponentState
from monitord.core.statuspage import Incident, Phase, WritePost
from monitord.web.public import api, feed
from monitord.web.public.pages import sheets
from monitord.web.public.view import PublicView
from tests.fakes.front import PUBLIC, START, Front, configuration, window

HOUR = timedelta(hours=1)
ATOM = "{http://www.w3.org/2005/Atom}"
CODE = re.compile(r"[0-9a-z]{12}")
PAGE_FIELDS = {"id", "name", "url", "time_zone", "updated_at"}
COMPONENT_FIELDS = {
    *("id", "name", "status", "created_at", "updated_at", "position", "description", "showcase"),
    *("start_date", "group_id", "page_id", "group", "only_show_if_degraded"),
}
INCIDENT_FIELDS = {
    *("id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at", "impact"),
    *("shortlink", "started_at", "page_id", "incident_updates", "components"),
}
UPDATE_FIELDS = {
    *("id", "status", "body", "incident_id", "created_at", "updated_at", "display_at"),
    *("affected_components", "deliver_notifications", "custom_tweet", "tweet_id"),
}


def told() -> Front:
    """One story is over, one goes on, a maintenance is under way and one is to come."""
    running = window(-HOUR, 12 * HOUR)
    coming = window(20 * HOUR, 22 * HOUR, id="later")
    front = Front(configuration(windows=(running, coming)), start=START - 2 * HOUR)
    front.publisher.engine.listen(front.publisher.notice)
    front.fails("cards")
    front.passes(timedelta(minutes=10))
    front.heals("cards")
    front.passes(START - front.clock.now())
    front.fails()
    front.passes(timedelta(minutes=6))
    return front


def view(front: Front) -> PublicView:
    return front.publisher.view(front.last_cycle_at)


def read(name: str, *, stale: bool = False) -> Any:
    return json.loads(api.document(name, view(told()), stale=stale))


def test_the_summary_says_everything_that_goes_on() -> None:
    summary = read("summary")

    assert {"page", "components", "incidents", "scheduled_maintenances", "status"} == set(summary)
    assert PAGE_FIELDS == set(summary["page"])
    assert {"indicator": "major", "description": "Partial System Outage"} == summary["status"]
    assert ["Shop: major outage"] == [each["name"] for each in summary["incidents"]]
    assert {"in_progress", "scheduled"} == {each["status"] for each in summary["scheduled_maintenances"]}


def test_groups_are_components_that_list_their_children() -> None:
    listed = read("components")["components"]
    group = next(each for each in listed if each["group"])
    children = [each for each in listed if each["group_id"] == group["id"]]

    assert ["Storefront", "Shop", "Search", "Payments", "Order mails"] == [each["name"] for each in listed]
    assert [1, 2, 3, 4, 5] == [each["position"] for each in listed]
    assert COMPONENT_FIELDS | {"components"} == set(group)
    assert all(COMPONENT_FIELDS == set(each) for each in children)
    assert group["components"] == [each["id"] for each in children]
    assert "major_outage" == group["status"]


def test_states_are_said_in_statuspages_words() -> None:
    states = {each["name"]: each["status"] for each in read("components")["components"]}

    assert "major_outage" == states["Shop"]
    assert "under_maintenance" == states["Search"]
    assert "operational" == states["Payments"]


def test_an_incident_has_all_fields_and_its_updates_newest_first() -> None:
    over = read("incidents")["incidents"][1]
    first = over["incident_updates"][-1]

    assert INCIDENT_FIELDS == set(over)
    assert ["resolved", "investigating"] == [each["status"] for each in over["incident_updates"]]
    assert UPDATE_FIELDS == set(first)
    assert ("minor", "resolved") == (over["impact"], over["status"])
    assert f"{PUBLIC}/incidents/{over['id']}" == over["shortlink"]
    assert [
        {
            "code": over["components"][0]["id"],
            "name": "Payments",
            "old_status": "operational",
            "new_status": "degraded_performance",
        }
    ] == first["affected_components"]


def test_a_child_is_named_with_its_group() -> None:
    update = read("incidents/unresolved")["incidents"][0]["incident_updates"][0]

    assert ["Storefront - Shop"] == [each["name"] for each in update["affected_components"]]


def test_instants_have_three_digits_and_the_zone_of_the_page() -> None:
    over = read("incidents")["incidents"][1]

    assert "2026-11-22T01:12:00.000-06:00" == over["started_at"]
    assert timedelta(minutes=10) == datetime.fromisoformat(over["resolved_at"]) - datetime.fromisoformat(
        over["started_at"]
    )


def test_ids_look_like_statuspages_and_stay() -> None:
    summary, again = read("summary"), read("summary")
    ids = [summary["page"]["id"], *(each["id"] for each in summary["components"] + summary["incidents"])]

    assert [] == [each for each in ids if not CODE.fullmatch(each)]
    assert [each["id"] for each in summary["components"]] == [each["id"] for each in again["components"]]


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("scheduled-maintenances", ["scheduled", "in_progress"]),
        ("scheduled-maintenances/upcoming", ["scheduled"]),
        ("scheduled-maintenances/active", ["in_progress"]),
    ],
)
def test_maintenances_are_listed_by_stage(name: str, stages: list[str]) -> None:
    listed = read(name)["scheduled_maintenances"]

    assert stages == [each["status"] for each in listed]
    assert INCIDENT_FIELDS | {"scheduled_for", "scheduled_until"} == set(listed[0])
    assert "maintenance" == listed[0]["impact"]


def test_only_the_open_are_unresolved() -> None:
    assert ["investigating"] == [each["status"] for each in read("incidents/unresolved")["incidents"]]
    assert 2 == len(read("incidents")["incidents"])


def test_a_stale_status_says_so_without_a_new_indicator() -> None:
    status = read("status", stale=True)["status"]

    assert "major" == status["indicator"]
    assert "Partial System Outage (not updated since 22 Nov 2026, 03:18 CST)" == status["description"]


def test_what_people_wrote_cannot_turn_a_text_around() -> None:
    front = told()
    incident = front.world.all(Incident)[0]
    front.do(WritePost("cem", "we \u202eera kcab\u202c", Phase.IDENTIFIED, incident.id))
    shown = view(front)

    lying = sheets(shown, START, {})

    for path in ("/", f"/incidents/{incident.id}", "/api/v2/summary.json", "/history.atom", "/history.rss"):
        text = lying[path].fresh.plain.body.decode()
        assert "\u202e" not in text
        assert "we era kcab" in text


def test_the_atom_feed_has_an_entry_a_story_and_a_paragraph_a_post() -> None:
    root = fromstring(feed.atom(view(told())))
    entries = root.findall(f"{ATOM}entry")
    content = entries[1].findtext(f"{ATOM}content") or ""

    assert "tag:status.example.org,2005:/history" == root.findtext(f"{ATOM}id")
    assert "Example Shop status - Incident History" == root.findtext(f"{ATOM}title")
    assert ["Shop: major outage", "Payments: degraded"] == [each.findtext(f"{ATOM}title") for each in entries]
    assert content.startswith(
        "<p><small>Nov <var data-var='date'>22</var>, <var data-var='time'>01:22</var> CST</small><br>"
        "<strong>Resolved</strong> - Payments is back to normal."
    )
    assert 2 == content.count("<p>")


def test_the_feed_is_as_new_as_its_newest_entry() -> None:
    front = told()
    before = feed.atom(view(front))
    front.passes(timedelta(minutes=3))

    assert before == feed.atom(view(front))
    assert "2026-11-22T09:17:00Z" == fromstring(before).findtext(f"{ATOM}updated")


def test_the_rss_feed_tells_the_same() -> None:
    items = fromstring(feed.rss(view(told()))).findall("channel/item")

    assert ["Shop: major outage", "Payments: degraded"] == [each.findtext("title") for each in items]
    assert "Sun, 22 Nov 2026 09:17:00 GMT" == items[0].findtext("pubDate")


def test_markup_in_a_post_stays_text() -> None:
    front = told()
    incident = front.world.all(Incident)[0]
    front.do(WritePost("cem", "<b>bold</b> & ]]>", Phase.IDENTIFIED, incident.id))

    content = fromstring(feed.atom(view(front))).find(f"{ATOM}entry/{ATOM}content")
    assert content is not None
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; ]]&gt;" in (content.text or "")


def test_a_page_in_utc_is_said_as_statuspage_says_it() -> None:
    front = Front(configuration(time_zone="UTC"))
    document = json.loads(api.document("status", view(front), stale=False))

    assert ("Etc/UTC", "2026-11-22T09:12:00.000Z") == (
        document["page"]["time_zone"],
        document["page"]["updated_at"],
    )
    assert ComponentState.OPERATIONAL is view(front).headline.state
