"""generic: any JSON or form, by paths or by the usual names."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from monitord.inbound.generic import GOALERT, Options, at, read
from monitord.kinds import Reply, Request, Said
from monitord.net.documents import Unreadable

NOW = datetime(2026, 11, 22, 1, 22, tzinfo=UTC)
FORM = {"content-type": "application/x-www-form-urlencoded"}


def told(body: Any, path: str = "", **options: Any) -> Reply:
    return read(Options(**options), Request("POST", path, body=json.dumps(body).encode()), NOW)


def only(reply: Reply) -> Said:
    (said,) = reply.heard
    assert isinstance(said, Said)
    return said


@pytest.mark.parametrize(
    ("body", "key", "raised"),
    [
        ({"title": "disk full"}, "disk full", True),
        ({"summary": "disk full", "status": "firing"}, "disk full", True),
        ({"message": "disk full", "status": "OK"}, "disk full", False),
        ({"name": "x", "key": "k1", "state": "resolved"}, "k1", False),
        ({"subject": "x", "dedup_key": "k2", "event_action": "resolve"}, "k2", False),
        ({"event": "x", "alias": "k3", "action": "close"}, "k3", False),
        ({"title": "x", "fingerprint": 17, "status": False}, "17", False),
    ],
)
def test_the_usual_names(body: Any, key: str, raised: bool) -> None:
    said = only(told(body))

    assert (key, raised) == (said.key, said.raised)


@pytest.mark.parametrize(
    ("body", "headers", "query"),
    [
        (b'{"title": "disk", "title": "disk full"}', {}, ()),
        (b"title=disk&title=disk+full", FORM, ()),
        (b"", {}, (("title", "disk"), ("title", "disk full"))),
    ],
)
def test_of_what_stands_twice_the_last_counts_and_it_is_said(
    body: bytes, headers: dict[str, str], query: tuple[tuple[str, str], ...]
) -> None:
    """Somebody must be paged, even if a word of it is wrong."""
    reply = read(Options(), Request("POST", "", query, headers, body), NOW)

    assert "disk full" == only(reply).title
    assert "`title` stands there 2 times; the last one counts: send each once" == reply.note


@pytest.mark.parametrize(
    ("body", "options", "once"),
    [
        ({"title": "disk full"}, {}, True),
        ({"title": "disk full", "is": "firing"}, {}, True),
        ({"title": "disk full", "status": "firing"}, {}, False),
        ({"title": "disk full", "status": "firing"}, {"state": "is"}, True),
        ({"title": "disk full", "is": "firing"}, {"state": "is"}, False),
    ],
)
def test_who_says_no_state_will_not_say_that_it_is_over(
    body: Any, options: dict[str, str], once: bool
) -> None:
    assert once is only(told(body, **options)).once


def test_paths_of_ones_own() -> None:
    body = {
        "event": {"name": "disk", "text": "97 %", "id": "d1", "is": "BAD", "bad": 2, "at": 1795310508},
        "links": [{"href": "https://wiki.example.org"}],
    }
    said = only(
        told(
            body,
            title="event.name",
            summary="event.text",
            key="event.id",
            state="event.is",
            severity="event.bad",
            since="event.at",
            link="links.0.href",
            cleared=("good",),
        )
    )

    assert ("d1", True, "disk", "97 %", "2") == (
        said.key,
        said.raised,
        said.title,
        said.summary,
        said.severity,
    )
    assert datetime(2026, 11, 22, 1, 21, 48, tzinfo=UTC) == said.since
    assert (("source", "https://wiki.example.org"),) == said.links


def test_with_raised_other_words_change_nothing() -> None:
    reply = told([{"title": "a", "status": "bad"}, {"title": "b", "status": "meh"}], raised=("bad",))

    assert "a" == only(reply).key
    assert "1 of 2 reports change nothing: what they say (meh) stands neither in `raised` nor" in reply.note


NEITHER = "stands neither in `raised` nor in `cleared`"


@pytest.mark.parametrize(
    ("states", "note"),
    [
        (["bad"], ""),
        (["meh"], f"it changes nothing: what it says (meh) {NEITHER}"),
        ([None], "it changes nothing: it does not say how it is, and `raised` wants a word for that"),
        (
            ["meh", "so-so", "meh", None],
            f"4 of 4 reports change nothing: what they say (meh, so-so) {NEITHER}",
        ),
        (
            ["a", "b", "c", "d" * 50],
            f"4 of 4 reports change nothing: what they say (a, b, c, …) {NEITHER}",
        ),
    ],
)
def test_what_says_neither_is_told_in_a_sentence(states: list[str | None], note: str) -> None:
    many = [{"title": "x", **({"status": state} if state else {})} for state in states]

    assert note == told(many, raised=("bad",)).note


def test_a_list_within() -> None:
    reply = told({"alerts": [{"title": "a"}, {"title": "b"}]}, each="alerts")

    assert ["a", "b"] == [said.key for said in reply.heard if isinstance(said, Said)]


def test_labels_are_all_single_values_by_their_paths() -> None:
    said = only(told({"title": "x", "event": {"region": "eu", "tags": ["a", "b"], "up": True}}))

    assert {
        "title": "x",
        "event.region": "eu",
        "event.tags.0": "a",
        "event.tags.1": "b",
        "event.up": "true",
    } == dict(said.labels)


def test_a_form() -> None:
    said = only(read(Options(), Request("POST", headers=FORM, body=b"title=disk+full&status=ok"), NOW))

    assert ("disk full", False) == (said.key, said.raised)


def test_goalert() -> None:
    query = (("token", "secret-0123456789"), ("summary", "disk"), ("details", "full"), ("action", "close"))
    reply = read(Options(), Request("POST", GOALERT, query), NOW)
    said = only(reply)

    assert (204, b"") == (reply.status, reply.body)
    assert ("disk", False, "full") == (said.key, said.raised, said.summary)
    assert "secret" not in repr(reply)


@pytest.mark.parametrize("body", [{}, [{}], {"status": "ok"}, "text", 7, None, [[1]]])
def test_what_has_no_title_is_refused(body: Any) -> None:
    with pytest.raises(Unreadable):
        told(body)


def test_a_path_that_leads_nowhere_is_nothing() -> None:
    for path in ("a.b.c", "a.1", "a.x", "a.-1", "a.99999999999", ""):
        assert None is at({"a": [1]}, path)
    assert 1 == at({"a.b": 1}, "a.b")
