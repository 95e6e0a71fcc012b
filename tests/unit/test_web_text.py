"""web.text: what people read is clean, and in words."""

from datetime import UTC, datetime, timedelta

import pytest

from monitord.web.text import clean, lasted, machine, moment, paragraphs, span

AT = datetime(2026, 11, 22, 9, 5, 30, tzinfo=UTC)
ZONE = "America/Chicago"


def test_nothing_can_turn_a_text_around() -> None:
    assert "all gnp.exe is well" == clean("all \u202egnp.exe\u202c is\u2066 \u200fwell\u2069\u061c")


def test_control_characters_go_and_lines_stay() -> None:
    assert "one\n\ttwo" == clean("o\x00ne\n\ttw\x1bo\x9b")


def test_empty_lines_part_paragraphs() -> None:
    assert ("one\ntwo", "three") == paragraphs("one\ntwo\r\n \r\n\nthree\n")


def test_times_are_told_in_the_zone_of_the_page() -> None:
    assert "22 Nov, 03:05 CST" == moment(AT, ZONE)
    assert "2026-11-22T09:05:30Z" == machine(AT)


def test_a_span_names_its_day_once() -> None:
    assert "22 Nov, 03:05 – 05:05 CST" == span(AT, AT + timedelta(hours=2), ZONE)
    assert "22 Nov, 03:05 – 23 Nov, 03:05 CST" == span(AT, AT + timedelta(days=1), ZONE)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=14, seconds=9), "14 minutes"),
        (timedelta(hours=2, minutes=5), "2 hours 5 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(days=3, hours=2, minutes=9), "3 days 2 hours"),
    ],
)
def test_a_duration_is_told_as_people_say_it(span: timedelta, words: str) -> None:
    assert words == lasted(span)
