"""A silence: what it is about, what it may not be, and how long it lasts."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.organization import Priority
from monitord.core.signal import Signal
from monitord.core.silence import (
    MATCHERS_MAX,
    AddSilence,
    Matcher,
    Silence,
    begun,
    labels,
    nearer,
    objection,
    shifted,
)

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DISK = Signal(
    "in/prom",
    "disk",
    "shop",
    True,
    NOW,
    NOW,
    priority=Priority.HIGH,
    details=(("instance", "web1"), ("service", "kubelet")),
)
WEB = Signal("probe/web", "down", "shop", True, NOW, NOW, probe="web")
WISH = AddSilence((Matcher("service", "shop"),), "cem", "work on it", NOW + HOUR)


def fits(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize(
    ("signal", "name", "expected"),
    [
        (DISK, "service", ("shop", "kubelet")),
        (DISK, "integration", ("prom",)),
        (replace(DISK, details=(("integration", "other"),)), "integration", ("prom",)),
        (replace(WEB, details=(("integration", "prom"),)), "integration", ("",)),
        (DISK, "heartbeat", ("",)),
        (DISK, "source", ("in/prom",)),
        (DISK, "signal", ("disk",)),
        (DISK, "priority", ("high",)),
        (DISK, "instance", ("web1",)),
        (DISK, "nothing", ("",)),
        (WEB, "probe", ("web",)),
        (WEB, "priority", ("",)),
        (replace(WEB, source="heartbeat/backup", probe=None), "heartbeat", ("backup",)),
    ],
)
def test_what_a_signal_says_under_a_name(signal: Signal, name: str, expected: tuple[str, ...]) -> None:
    assert expected == labels(signal, name)


@pytest.mark.parametrize(
    ("matchers", "expected"),
    [
        ([Matcher("instance", "web1")], True),
        ([Matcher("instance", "web2")], False),
        ([Matcher("instance", "web2", is_equal=False)], True),
        ([Matcher("instance", "web", is_regex=True)], False),
        ([Matcher("instance", "web[0-9]", is_regex=True)], True),
        ([Matcher("instance", "web[0-9]", is_regex=True, is_equal=False)], False),
        ([Matcher("service", "kubelet")], True),
        ([Matcher("service", "shop", is_equal=False)], False),
        ([Matcher("nothing", "")], True),
        ([Matcher("nothing", "x", is_equal=False)], True),
        ([Matcher("service", "shop"), Matcher("instance", "web2")], False),
    ],
)
def test_all_matchers_must_fit(matchers: list[Matcher], expected: bool) -> None:
    silence = Silence("s1", tuple(matchers), "cem", "why", NOW, NOW + HOUR)

    assert expected is silence.covers(DISK, fits)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (WISH, ""),
        (replace(WISH, end=NOW + 24 * HOUR), ""),
        (replace(WISH, end=NOW + 24 * HOUR + timedelta(seconds=1)), "longer than 24 h"),
        (replace(WISH, end=NOW), "over before it began"),
        (replace(WISH, start=NOW + 2 * HOUR), "over before it began"),
        (replace(WISH, by=""), "by a named person"),
        (replace(WISH, reason=" "), "by a named person"),
        (replace(WISH, matchers=()), "silence everything"),
        (replace(WISH, matchers=(Matcher("service", ".*", is_regex=True),)), "silence everything"),
        (replace(WISH, matchers=(Matcher("service", ".+", is_regex=True),)), "silence everything"),
        (replace(WISH, matchers=(Matcher("service", "x", is_equal=False),)), "silence everything"),
        (replace(WISH, matchers=(Matcher("nothing", ""),)), "silence everything"),
        (replace(WISH, matchers=(Matcher("a", ".*", is_regex=True), Matcher("b", "c"))), ""),
        (replace(WISH, matchers=(Matcher("a", "b"),) * (MATCHERS_MAX + 1)), "at most 20"),
    ],
)
def test_what_a_silence_may_not_be(wish: AddSilence, expected: str) -> None:
    why = objection(wish, fits, NOW)

    assert expected in why
    assert bool(expected) == bool(why)


def test_it_begins_at_once_or_at_its_start() -> None:
    at_once, later = begun(WISH, "s1", NOW), begun(replace(WISH, start=NOW + HOUR / 2), "s2", NOW)
    past = begun(replace(WISH, start=NOW - HOUR), "s3", NOW)

    assert (True, NOW, NOW + HOUR) == (at_once.begun, at_once.start, at_once.due)
    assert (False, NOW + HOUR / 2, NOW + HOUR / 2) == (later.begun, later.start, later.due)
    assert (True, NOW) == (past.begun, past.start)


@pytest.mark.parametrize(("after", "expected"), [(-1, False), (0, True), (59, True), (60, False)])
def test_it_runs_from_its_start_to_before_its_end(after: int, expected: bool) -> None:
    assert expected is begun(WISH, "s1", NOW).running(NOW + timedelta(minutes=after))


def test_the_clock_cannot_stretch_it() -> None:
    silence = begun(WISH, "s1", NOW)

    assert NOW + 3 * HOUR == shifted(silence, 2 * HOUR).end
    assert NOW - 2 * HOUR == nearer(silence, NOW - 3 * HOUR).end
    assert silence == nearer(silence, NOW + HOUR / 2)


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        (Matcher("a", "b"), 'a="b"'),
        (Matcher("a", "b", is_equal=False), 'a!="b"'),
        (Matcher("a", "b", is_regex=True), 'a=~"b"'),
        (Matcher("a", "b", is_regex=True, is_equal=False), 'a!~"b"'),
    ],
)
def test_a_matcher_is_written_as_in_alertmanager(matcher: Matcher, expected: str) -> None:
    assert expected == str(matcher)
