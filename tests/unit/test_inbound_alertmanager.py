"""alertmanager: what Prometheus, Alertmanager and amtool say and ask, in their own words."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitord.core.signal import Signal
from monitord.core.silence import AddSilence, EndSilence, Matcher, Silence, SilenceAdded, SilenceRefused
from monitord.inbound.alertmanager import KIND, Options, answer, read
from monitord.kinds import Reply, Request, Said, Standing, Stood
from monitord.net.documents import Unreadable
from monitord.net.labels import fingerprint

CASES = Path(__file__).parents[1] / "cases"
NOW = datetime(2026, 11, 22, 1, 22, tzinfo=UTC)
LABELS = {"alertname": "AlwaysOn", "cluster": "lab", "instance": "web1", "severity": "critical"}


def case(name: str) -> Any:
    return json.loads((CASES / f"{name}.json").read_text())


def posted(body: Any, path: str = "", **options: Any) -> Reply:
    return read(Options(**options), Request("POST", path, body=json.dumps(body).encode()), NOW)


def alerts(*several: dict[str, Any]) -> Reply:
    return posted(list(several), "/api/v2/alerts")


def only(reply: Reply) -> Said:
    (said,) = reply.heard
    assert isinstance(said, Said)
    return said


def test_the_fingerprint_is_prometheus_own() -> None:
    assert "0f77c44d0ca4f313" == fingerprint(LABELS)
    assert "cbf29ce484222325" == fingerprint({})


def test_a_webhook_that_fires() -> None:
    said = only(posted(case("alertmanager_firing")))

    assert ("0f77c44d0ca4f313", True, "Always on", "critical") == (
        said.key,
        said.raised,
        said.title,
        said.severity,
    )
    assert datetime(2026, 11, 22, 1, 21, 49, 882000, tzinfo=UTC) == said.since
    assert None is said.ends
    assert dict(said.labels) == LABELS
    assert ("runbook", "http://rb") == said.links[0]


def test_a_webhook_that_resolves() -> None:
    said = only(posted(case("alertmanager_resolved")))

    assert ("0f77c44d0ca4f313", False) == (said.key, said.raised)


def test_a_group_with_both_states_is_judged_alert_by_alert() -> None:
    group = case("alertmanager_firing")
    group["alerts"].append({**group["alerts"][0], "status": "resolved", "fingerprint": "abc"})

    assert [("0f77c44d0ca4f313", True), ("abc", False)] == [
        (said.key, said.raised) for said in posted(group).heard if isinstance(said, Said)
    ]


def test_what_the_sender_left_out_is_shown() -> None:
    group = {**case("alertmanager_firing"), "truncatedAlerts": 7}
    reply = posted(group)

    assert "Alertmanager cut off 7 more alerts of this group" == reply.note
    assert only(reply).summary.startswith(reply.note)


@pytest.mark.parametrize("left_out", [0, -1, None, "7", True, 1.5])
def test_what_is_no_number_of_alerts_says_nothing(left_out: Any) -> None:
    assert "" == posted({**case("alertmanager_firing"), "truncatedAlerts": left_out}).note


def test_one_alert_less_is_one() -> None:
    reply = posted({**case("alertmanager_firing"), "truncatedAlerts": 1})

    assert "Alertmanager cut off 1 more alert of this group" == reply.note


def test_what_the_sender_left_out_is_read_before_a_long_description() -> None:
    """A page cuts a long text at its end."""
    group = {**case("alertmanager_firing"), "truncatedAlerts": 7}
    group["alerts"][0]["annotations"]["description"] = "x" * 5000

    assert "7 more alerts" in only(posted(group)).summary[:60]


@pytest.mark.parametrize(
    ("labels", "title"),
    [
        ({"severity": "critical", "instance": "web1"}, "severity=critical, instance=web1"),
        ({"a": "1", "instance": "web1", "severity": "low"}, "severity=low, instance=web1, a=1"),
        ({"alertname": "", "team": "db"}, "team=db"),
        ({"job": "x" * 80}, "job=" + "x" * 35 + "…"),
        (
            {"severity": "low", "instance": "web1.example.org", "mountpoint": "/srv/backup"},
            "severity=low, instance=web1.example.org…",
        ),
        ({"alertname": "Full", "instance": "web1"}, "Full on web1"),
    ],
)
def test_what_has_no_name_is_called_after_its_labels(labels: dict[str, str], title: str) -> None:
    assert title == only(alerts({"labels": labels})).title


def test_keys_of_the_future_are_passed_over() -> None:
    group = {**case("alertmanager_firing"), "routeLabels": {"a": "b"}, "version": "5"}

    assert only(posted(group)).raised


def test_with_the_key_group_a_group_shares_its_cause() -> None:
    assert '{}:{alertname="AlwaysOn"}' == only(posted(case("alertmanager_firing"), key="group")).group
    assert "" == only(posted(case("alertmanager_firing"))).group


def test_prometheus_alerts_fire_until_their_end() -> None:
    said = only(posted(case("prometheus_alerts"), "/api/v2/alerts"))

    assert ("0f77c44d0ca4f313", True) == (said.key, said.raised)
    assert datetime(2026, 11, 22, 1, 25, 49, 882000, tzinfo=UTC) == said.ends


@pytest.mark.parametrize(
    ("ends", "raised", "until"),
    [
        (None, True, NOW + timedelta(minutes=5)),
        ("0001-01-01T00:00:00.000Z", True, NOW + timedelta(minutes=5)),
        ("2026-11-22T01:23:00Z", True, datetime(2026, 11, 22, 1, 23, tzinfo=UTC)),
        ("2026-11-22T01:21:59Z", False, None),
        ("9999-12-31T00:00:00Z", True, NOW + timedelta(minutes=5)),
    ],
)
def test_an_end(ends: str | None, raised: bool, until: datetime | None) -> None:
    said = only(alerts({"labels": LABELS, "startsAt": "0001-01-01T00:00:00Z", "endsAt": ends}))

    assert (raised, until, None) == (said.raised, said.ends, said.since)


def test_the_valid_ones_count_when_others_are_not() -> None:
    reply = alerts({"labels": LABELS}, {"labels": {}}, {}, {"labels": {"1bad": "x"}}, "text")  # type: ignore[arg-type]

    assert 400 == reply.status
    assert isinstance(json.loads(reply.body), str)
    assert "alert 1: at least one label pair required" in json.loads(reply.body)
    assert "0f77c44d0ca4f313" == only(reply).key


def test_an_alert_that_ends_before_it_starts_is_invalid() -> None:
    wrong = {"labels": LABELS, "startsAt": "2026-11-22T01:00:00Z", "endsAt": "2026-11-22T00:00:00Z"}

    assert "start time must be before end time" in alerts(wrong).body.decode()


def test_empty_labels_are_none() -> None:
    assert only(alerts({"labels": {"a": "b", "c": ""}})).key == only(alerts({"labels": {"a": "b"}})).key


@pytest.mark.parametrize("body", [{}, {"alerts": {}}, {"alerts": [{"labels": LABELS, "status": "odd"}]}, []])
def test_what_is_no_webhook_is_refused(body: Any) -> None:
    with pytest.raises(Unreadable):
        posted(body)


# Questions.

SIGNAL = Signal(
    "in/prom",
    "0f77c44d0ca4f313",
    "shop",
    True,
    NOW,
    NOW,
    "it is on",
    title="Always on",
    details=tuple(sorted(LABELS.items())),
    links=(("runbook", "http://rb"), ("source", "http://p/graph")),
)
OURS = Matcher("integration", "prom")
SILENCE = Silence("s1", (Matcher("alertname", "Other"), OURS), "ann", "deploy", NOW, NOW + timedelta(hours=1))


def standing(*signals: Stood, silences: tuple[Silence, ...] = (SILENCE,)) -> Standing:
    return Standing("prom", signals or (Stood(SIGNAL),), silences, NOW, NOW)


def ask(path: str, method: str = "GET", body: Any = None, **query: str) -> Reply:
    request = Request(method, path, tuple(query.items()), body=json.dumps(body).encode())
    return answer(Options(), request, standing())


def shown(**query: str) -> list[Any]:
    found: list[Any] = json.loads(ask("/api/v2/alerts", **query).body)
    return found


def test_what_fires_is_listed_with_everything_that_a_client_reads() -> None:
    (alert,) = shown()

    assert LABELS == alert["labels"]
    assert {"state": "active", "silencedBy": [], "inhibitedBy": []} == alert["status"]
    assert [{"name": "prom"}] == alert["receivers"]
    assert {"startsAt", "endsAt", "updatedAt", "fingerprint", "generatorURL"} <= alert.keys()


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ('alertname="AlwaysOn"', 1),
        ("alertname=AlwaysOn", 1),
        ('alertname!="AlwaysOn"', 0),
        ('instance=~"web[0-9]"', 1),
        ('instance!~"web.*"', 0),
        ('instance=~"eb"', 0),
        ('nothing=""', 1),
    ],
)
def test_filters(wanted: str, count: int) -> None:
    assert count == len(shown(filter=wanted))


def test_a_filter_that_is_none_is_refused() -> None:
    for wrong in ("", "{}", 'a=~"("'):
        with pytest.raises(Unreadable):
            shown(filter=wrong)


def test_flags_tell_what_is_silenced_from_what_is_active() -> None:
    quiet = standing(Stood(SIGNAL, ("s1",)))
    request = Request("GET", "/api/v2/alerts", (("silenced", "false"),))

    assert [] == json.loads(answer(Options(), request, quiet).body)
    assert [] == shown(active="false")
    assert [] == shown(receiver="other")


def test_a_flag_that_is_no_truth_is_refused() -> None:
    with pytest.raises(Unreadable, match="`active` is `maybe`; write true or false"):
        shown(active="maybe")


def test_the_status_has_the_six_words_about_the_version() -> None:
    status = json.loads(ask("/api/v2/status").body)

    assert 6 == len(status["versionInfo"])
    assert {"cluster", "config", "uptime"} <= status.keys()


def test_groups_hold_the_alerts_of_one_cause() -> None:
    (group,) = json.loads(ask("/api/v2/alerts/groups").body)

    assert ["0f77c44d0ca4f313"] == [alert["fingerprint"] for alert in group["alerts"]]


# Silences.

WISH = {
    "matchers": [{"name": "alertname", "value": "Always.*", "isRegex": True}],
    "startsAt": "2026-11-22T01:22:00Z",
    "endsAt": "2026-11-22T03:22:00Z",
    "createdBy": "ann",
    "comment": "deploy",
}


def test_a_silence_is_asked_for_and_kept_to_the_integration() -> None:
    wish = ask("/api/v2/silences", "POST", WISH).wish
    assert wish is not None
    (add,) = wish.commands
    assert isinstance(add, AddSilence)
    assert (Matcher("alertname", "Always.*", is_regex=True), OURS) == add.matchers
    assert ("ann", "deploy", NOW + timedelta(hours=2)) == (add.by, add.reason, add.end)

    assert {"silenceID": "s1"} == json.loads(wish.done((SilenceAdded(SILENCE, "amtool"),)).body)
    refused = wish.done((SilenceRefused("ann", "it would last longer than 24 h"),))
    assert (400, "it would last longer than 24 h") == (refused.status, json.loads(refused.body))


def test_who_and_why_stay_in_their_line_and_steer_nothing() -> None:
    wish = ask("/api/v2/silences", "POST", {**WISH, "createdBy": "an\x1b[2Jn", "comment": "a\nb"}).wish

    assert wish is not None
    (add,) = wish.commands
    assert isinstance(add, AddSilence)
    assert ("an [2Jn", "a b") == (add.by, add.reason)


def test_a_silence_with_an_id_takes_the_place_of_that_one() -> None:
    wish = ask("/api/v2/silences", "POST", {**WISH, "id": "s1"}).wish

    assert wish is not None
    assert [AddSilence, EndSilence] == [type(each) for each in wish.commands]


@pytest.mark.parametrize(
    "change",
    [
        {"matchers": []},
        {"endsAt": "soon"},
        {"matchers": [{"name": "a", "value": "(", "isRegex": True}]},
        {"matchers": [{"name": "a", "value": "b.*", "isRegex": "yes"}]},
        {"matchers": [{"name": "a", "value": "b", "isEqual": 0}]},
    ],
)
def test_a_silence_that_says_nothing_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        ask("/api/v2/silences", "POST", {**WISH, **change})


def test_silences_are_listed_without_what_keeps_them_to_us() -> None:
    (silence,) = json.loads(ask("/api/v2/silences").body)

    assert ("s1", {"state": "active"}, "deploy") == (silence["id"], silence["status"], silence["comment"])
    assert ["alertname"] == [each["name"] for each in silence["matchers"]]
    assert [] == json.loads(ask("/api/v2/silences", filter="alertname=AlwaysOn").body)


def test_a_silence_is_shown_and_ended() -> None:
    assert "s1" == json.loads(ask("/api/v2/silence/s1").body)["id"]
    wish = ask("/api/v2/silence/s1", "DELETE").wish
    assert wish is not None and (EndSilence("s1", "ann", "amtool"),) == wish.commands
    assert 404 == ask("/api/v2/silence/s9").status


def test_a_later_silence_is_pending_and_an_old_one_expired() -> None:
    later = replace(SILENCE, start=NOW + timedelta(minutes=5))
    over = replace(SILENCE, end=NOW)
    request = Request("GET", "/api/v2/silences")
    found = json.loads(answer(Options(), request, standing(silences=(later, over))).body)

    assert ["pending", "expired"] == [each["status"]["state"] for each in found]


def test_only_what_says_nothing_is_open() -> None:
    assert {"/-/healthy", "/-/ready"} == {route.path for route in KIND.routes if route.open}
