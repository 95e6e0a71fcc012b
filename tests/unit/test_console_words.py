"""The words of the console's screens: tickets that a sentence names, zones, and browsers by their names."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.rotation import LOOK_BACK
from monitord.web.console.browsers import browser
from monitord.web.console.words import Words
from tests.unit.test_cli_ticket import TICKET

NOW = datetime(2026, 11, 22, 9, 12, tzinfo=UTC)
WORDS = Words(NOW, "America/Chicago")
HOUR = timedelta(hours=1)
NEVER = LOOK_BACK[-1]


def test_a_ticket_that_a_sentence_names_is_one_press_away() -> None:
    said = WORDS.linked('<b> reported; ticket 42 opened, "urgent"')

    assert (
        '&lt;b&gt; reported; <a href="/tickets/42">ticket 42</a> opened, &#34;urgent&#34;' == said.__html__()
    )


def test_the_zone_is_the_one_of_that_day() -> None:
    assert ("CST", "CDT") == (WORDS.short_zone(NOW), WORDS.short_zone(datetime(2026, 7, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (-HOUR, HOUR, "Sun 22 Nov, 02:12 – Sun 22 Nov, 04:12"),
        (-HOUR, NEVER, "without an end, from Sun 22 Nov, 02:12"),
        (-NEVER, HOUR, "until Sun 22 Nov, 04:12"),
        (-NEVER, NEVER, "without an end"),
        (NEVER, NEVER + HOUR, "Thu 1 Jul, 04:12 – Thu 1 Jul, 05:12"),
    ],
)
def test_a_span_names_no_end_that_is_only_where_the_search_has_ended(
    start: timedelta, end: timedelta, expected: str
) -> None:
    assert expected == WORDS.span(NOW + start, NOW + end).striptags()


@pytest.mark.parametrize(
    ("needed", "have", "expected"),
    [
        (1, (), "Nobody has this yet"),
        (2, (), "Nobody has this yet; 0 of 2 needed"),
        (2, ("ann",), "ann has this; 1 of 2 needed"),
        (3, ("ann", "bo"), "ann, bo have this; 2 of 3 needed"),
    ],
)
def test_who_has_it_and_how_many_are_missing(needed: int, have: tuple[str, ...], expected: str) -> None:
    assert expected == WORDS.holder(replace(TICKET, needed=needed, acknowledged_by=have, counted=len(have)))


@pytest.mark.parametrize(
    ("agent", "called"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.6 Mobile/15E148 Safari/604.1",
            "Safari on an iPhone",
        ),
        ("curl/8.14.1", "curl/8.14.1"),
        ("", ""),
    ],
)
def test_a_browser_has_a_name(agent: str, called: str) -> None:
    assert called == browser(agent)
