"""alertmanager: Prometheus or its Alertmanager tells us what fires, and amtool works with us.

    kind: alertmanager
    service: shop
    rules:
      - {where: {team: db}, service: database}
      - {like: {instance: "test-.*"}, priority: low}
    key: fingerprint

Behind an Alertmanager we are a webhook receiver at `/in/NAME`. In place of an Alertmanager Prometheus is
given `/in/NAME` as its `path_prefix`. Either shows the secret as `credentials` of its `authorization`, or in
the path, as in `/in/NAME/SECRET`.
What Prometheus no longer repeats is over when its time has run out, and the ticket says so.
`amtool --alertmanager.url=http://edge.example.org:8081/in/NAME/SECRET` queries and adds alerts, and adds,
queries, updates and expires silences. A silence lasts at most 24 h and holds only what this integration has
raised.

One alert is one signal under its fingerprint, so several of them that say the same are heard once. With
`key: group` the alerts of a group share one ticket; otherwise each has its own. The label `severity` chooses
the priority. The title is the annotation `summary`, else the alert's name, else its labels; `runbook_url` and
`dashboard_url` become links. How many alerts Alertmanager itself has cut off (`max_alerts`) stands first in
the summary.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from monitord import __version__
from monitord.core.check import Instant
from monitord.core.silence import AddSilence, EndSilence, Matcher, Silence, SilenceAdded, SilenceRefused
from monitord.kinds import Inbound, Reply, Request, Route, Said, Standing, Stood, Wish, one_line
from monitord.net.documents import Unreadable, as_text, limited, named, read_list, read_object
from monitord.net.instants import read_instant, rfc3339, sane
from monitord.net.labels import Labels, fingerprint, fits, in_words, labels_of, matcher, test_of, texts

RESOLVE_TIMEOUT = timedelta(minutes=5)  # an alert without an end is over then, as in Alertmanager
JSON = (("content-type", "application/json"),)
HEALTHY = Reply(200, b"OK", headers=(("content-type", "text/plain; charset=utf-8"),))
OURS = "integration"  # the matcher that keeps a silence to one integration
FLAGS = ("active", "silenced", "inhibited", "unprocessed")
TRUTH = "write true or false"
LINKS = {"runbook_url": "runbook", "dashboard_url": "dashboard"}


@dataclass(frozen=True, slots=True)
class Options:
    """What may stand beside `kind: alertmanager`."""

    key: Literal["fingerprint", "group"] = "fingerprint"


# What it tells us.


def read(options: Options, request: Request, now: Instant) -> Reply:
    """A webhook's groups, or what Prometheus posts to an Alertmanager."""
    if request.path == "":
        return read_webhook(options, read_object(request.body), now)
    return read_alerts(options, read_list(request.body), now)


def read_webhook(options: Options, body: dict[str, Any], now: Instant) -> Reply:
    """A group, which may hold alerts in both states. Keys that we do not know are passed over."""
    alerts = body.get("alerts")
    if not isinstance(alerts, list):
        raise Unreadable(f"`alerts` is {named(alerts)}, not a list; is this a webhook of an Alertmanager?")
    note = cut_off(body.get("truncatedAlerts"))
    group = as_text(body.get("groupKey")) if options.key == "group" else ""
    whole = as_text(body.get("status"))
    said = tuple(
        with_note(told(alert, index, whole, group, now), note) for index, alert in enumerate(limited(alerts))
    )
    return Reply(200, heard=said, note=note)


def cut_off(number: Any) -> str:
    """What `truncatedAlerts` says, in words; nothing for what is not a number of alerts."""
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        return ""
    return f"Alertmanager cut off {number} more alert{'s' if number > 1 else ''} of this group"


def told(alert: Any, index: int, whole: str, group: str, now: Instant) -> Said:
    """One alert of a group; its own state counts, not the group's."""
    where = f"alerts[{index}]"
    labels = labels_of(alert, where)
    status = as_text(alert.get("status")) or whole
    if status not in ("firing", "resolved"):
        raise Unreadable(f"{where}.status is `{status[:40]}`; it is firing or resolved")
    key = as_text(alert.get("fingerprint")) or fingerprint(labels)
    since = sane(read_instant(alert.get("startsAt")), now)
    return replace(said(alert, labels, key, raised=status == "firing", since=since), group=group)


def with_note(found: Said, note: str) -> Said:
    """Whoever is paged must know that there is more; first, because a page cuts a long text at its end."""
    if not note or not found.raised:
        return found
    return replace(found, summary=f"{note}. {found.summary}" if found.summary else note)


def called(labels: Labels) -> str:
    """The alert's name and where it is; without a name what its labels say, for nobody reads a number."""
    name, instance = labels.get("alertname"), labels.get("instance")
    if not name:
        return in_words(labels)
    return f"{name} on {instance}" if instance else name


def read_alerts(options: Options, alerts: list[Any], now: Instant) -> Reply:
    """As `POST /api/v2/alerts`: those that are valid count, also when others are not."""
    found, wrong = [], []
    for index, alert in enumerate(alerts):
        try:
            found.append(posted(options, alert, index, now))
        except Unreadable as error:
            wrong.append(str(error))
    if wrong:
        return replace(refused(400, "; ".join(wrong[:10])), heard=tuple(found))
    return Reply(200, heard=tuple(found))


def posted(options: Options, alert: Any, index: int, now: Instant) -> Said:
    """One alert as Prometheus and amtool post it: it fires until its end, and is repeated until then."""
    labels = labels_of(alert, f"alert {index}")
    since, ends = read_instant(alert.get("startsAt")), read_instant(alert.get("endsAt"))
    if since is not None and ends is not None and ends < since:
        raise Unreadable(f"alert {index}: start time must be before end time")
    group = labels.get("alertname", "") if options.key == "group" else ""
    over = ends is not None and ends <= now
    until = sane(ends, now) or now + RESOLVE_TIMEOUT
    found = said(alert, labels, fingerprint(labels), raised=not over, since=sane(since, now))
    return replace(found, group=group, ends=None if over else until)


def said(alert: Mapping[str, Any], labels: Labels, key: str, *, raised: bool, since: Instant | None) -> Said:
    """An alert's words."""
    notes = texts(alert.get("annotations"))
    title = notes.get("summary", "").strip() or called(labels)
    links = [(word, notes[key]) for key, word in LINKS.items() if notes.get(key)]
    source = as_text(alert.get("generatorURL"))
    return Said(
        key=key,
        raised=raised,
        title=title,
        summary=(notes.get("description") or notes.get("message") or "").strip(),
        severity=labels.get("severity", ""),
        labels=tuple(sorted(labels.items())),
        since=since,
        links=(*links, ("source", source)) if source.startswith(("http://", "https://")) else tuple(links),
    )


# What it asks.


def answer(options: Options, request: Request, standing: Standing) -> Reply:
    """What Alertmanager's API says; `ROUTES` has every path."""
    words = request.path.strip("/").split("/")
    if request.method == "POST":
        return wish_silence(read_object(request.body), standing)
    if words[:3] == ["api", "v2", "silence"]:
        return one_silence(request, words[-1], standing)
    return QUESTIONS[request.path](request, standing)


def status(request: Request, standing: Standing) -> Reply:
    """No cluster of theirs; the version is ours."""
    version = dict.fromkeys(("branch", "buildDate", "buildUser", "goVersion", "revision"), "")
    return as_json(
        {
            "cluster": {"name": "monitord", "status": "disabled", "peers": []},
            "config": {"original": ""},
            "uptime": rfc3339(standing.started),
            "versionInfo": {**version, "version": __version__},
        }
    )


def alerts(request: Request, standing: Standing) -> Reply:
    return as_json([shown(each, standing) for each in asked_for(request, standing)])


def groups(request: Request, standing: Standing) -> Reply:
    """One group a cause."""
    found: dict[str, list[Any]] = {}
    for each in asked_for(request, standing):
        found.setdefault(each.signal.cause, []).append(shown(each, standing))
    receiver = {"name": standing.integration}
    return as_json([{"alerts": several, "labels": {}, "receiver": receiver} for several in found.values()])


def asked_for(request: Request, standing: Standing) -> Iterator[Stood]:
    """The signals that the query's flags and filters let through."""
    keep = filters(request)
    for flag in FLAGS:
        if request.asked(flag) not in ("", "true", "false"):
            raise Unreadable(f"`{flag}` is `{request.asked(flag)[:40]}`", remedy=TRUTH)
    receiver = request.asked("receiver")
    if receiver and not fits(receiver, standing.integration):
        return
    for each in standing.signals:
        flag = "silenced" if each.silenced_by else "active"
        if request.asked(flag) != "false" and all(test(dict(each.signal.details)) for test in keep):
            yield each


def filters(request: Request) -> list[Callable[[Labels], bool]]:
    return [test_of(matcher(value)) for name, value in request.query if name == "filter"]


def shown(each: Stood, standing: Standing) -> dict[str, Any]:
    """A signal as Alertmanager would show the alert."""
    signal = each.signal
    links = {name: url for name, url in signal.links if name != "source"}
    return {
        "labels": dict(signal.details),
        "annotations": {"summary": signal.title, "description": signal.summary, **links},
        "fingerprint": signal.name,
        "startsAt": rfc3339(signal.since),
        "updatedAt": rfc3339(signal.last or signal.at),
        "endsAt": rfc3339(signal.ends or standing.now + RESOLVE_TIMEOUT),
        "generatorURL": dict(signal.links).get("source", ""),
        "receivers": [{"name": standing.integration}],
        "status": {
            "state": "suppressed" if each.silenced_by else "active",
            "silencedBy": list(each.silenced_by),
            "inhibitedBy": [],
        },
    }


# Silences.


def silences(request: Request, standing: Standing) -> Reply:
    """Those that hold what this integration raises; `filter` compares matchers, as Alertmanager does."""
    wanted = [matcher(value) for name, value in request.query if name == "filter"]
    return as_json(
        [
            shown_silence(each, standing.now)
            for each in standing.silences
            if all(any(matches(one, want) for one in each.matchers) for want in wanted)
        ]
    )


def matches(one: Matcher, wanted: Matcher) -> bool:
    same = fits(wanted.value, one.value) if wanted.is_regex else one.value == wanted.value
    return one.name == wanted.name and same == wanted.is_equal


def one_silence(request: Request, id: str, standing: Standing) -> Reply:
    """Show it, or end it."""
    found = next((each for each in standing.silences if each.id == id), None)
    if found is None:
        return refused(404, f"there is no silence {id[:60]}")
    if request.method == "DELETE":
        return Reply(200, wish=Wish((EndSilence(id, found.by, via="amtool"),), lambda events: Reply(200)))
    return as_json(shown_silence(found, standing.now))


def shown_silence(silence: Silence, now: Instant) -> dict[str, Any]:
    state = "active" if silence.running(now) else "expired" if silence.end <= now else "pending"
    return {
        "id": silence.id,
        "status": {"state": state},
        "updatedAt": rfc3339(silence.start),
        "createdBy": silence.by,
        "comment": silence.reason,
        "startsAt": rfc3339(silence.start),
        "endsAt": rfc3339(silence.end),
        "matchers": [
            {"name": each.name, "value": each.value, "isRegex": each.is_regex, "isEqual": each.is_equal}
            for each in silence.matchers
            if each.name != OURS
        ],
    }


def wish_silence(body: dict[str, Any], standing: Standing) -> Reply:
    """A new one, or another in the place of the one whose `id` is given."""
    written = body.get("matchers")
    if not isinstance(written, list) or not written:
        raise Unreadable("`matchers` is missing; at least one matcher required")
    end = read_instant(body.get("endsAt"))
    if end is None:
        raise Unreadable("`endsAt` is no instant; write it as 2026-01-05T09:00:00Z")
    id = as_text(body.get("id"))
    known = next((each for each in standing.silences if each.id == id), None)
    add = AddSilence(
        (*map(read_matcher, written), Matcher(OURS, standing.integration)),
        one_line(as_text(body.get("createdBy"))),
        one_line(as_text(body.get("comment"))),
        end,
        read_instant(body.get("startsAt")),
        via="amtool",
    )
    before = (EndSilence(known.id, add.by, via="amtool"),) if known else ()
    return Reply(200, wish=Wish((add, *before), silenced))


def read_matcher(written: Any) -> Matcher:
    if not isinstance(written, dict) or not as_text(written.get("name")):
        raise Unreadable('a matcher is {"name", "value", "isRegex", "isEqual"}')
    is_regex, is_equal = truth(written, "isRegex", otherwise=False), truth(written, "isEqual", otherwise=True)
    value = as_text(written.get("value"))
    if is_regex:
        fits(value, "")
    return Matcher(as_text(written["name"]), value, is_regex, is_equal)


def truth(written: dict[str, Any], name: str, *, otherwise: bool) -> bool:
    """A word that is taken for no would hold something else than was meant. Raises Unreadable."""
    found = written.get(name)
    if found is None:
        return otherwise
    if not isinstance(found, bool):
        raise Unreadable(f"`{name}` of the matcher `{as_text(written['name'])[:40]}` is no truth", 400, TRUTH)
    return found


def silenced(events: Iterable[Any]) -> Reply:
    """What came of it."""
    for event in events:
        match event:
            case SilenceAdded():
                return as_json({"silenceID": event.silence.id})
            case SilenceRefused():
                return refused(400, event.why)
    return refused(500, "the silence was not made")


def as_json(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode(), headers=JSON)


def refused(status: int, why: str) -> Reply:
    """A JSON text, as Alertmanager answers."""
    return replace(as_json(why, status), note=why)


QUESTIONS: dict[str, Callable[[Request, Standing], Reply]] = {
    "/-/healthy": lambda request, standing: HEALTHY,
    "/-/ready": lambda request, standing: HEALTHY,
    "/api/v2/status": status,
    "/api/v2/receivers": lambda request, standing: as_json([{"name": standing.integration}]),
    "/api/v2/alerts": alerts,
    "/api/v2/alerts/groups": groups,
    "/api/v2/silences": silences,
}
ROUTES = (
    Route("POST", tells=True),
    Route("POST", "/api/v2/alerts", tells=True, at_root=True),
    *(Route("GET", path, at_root=True, open=path.startswith("/-/")) for path in QUESTIONS),
    Route("POST", "/api/v2/silences", at_root=True),
    Route("GET", "/api/v2/silence/{}", at_root=True),
    Route("DELETE", "/api/v2/silence/{}", at_root=True),
)
KIND = Inbound(Options, read, ROUTES, answer, refused)
