"""`monitord silence`: how a condition is written, and how a silence is shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitord.cli.faults import Stopped
from monitord.cli.silence import condition, one_line
from monitord.cli.ticket import stamp
from monitord.client.directory import MatcherRow, SilenceRow
from tests.unit.cli import run

AT = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
ROW = SilenceRow(
    id="s7",
    matchers=(MatcherRow("service", "shop", False, True), MatcherRow("instance", "web.*", True, False)),
    by="cem",
    reason="work on it",
    start=AT,
    end=AT + timedelta(hours=1),
    running=True,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("service=shop", ("service", "shop", False, True)),
        ("service!=shop", ("service", "shop", False, False)),
        ("instance=~web[0-9]+", ("instance", "web[0-9]+", True, True)),
        ("instance!~web.*", ("instance", "web.*", True, False)),
        ("a=b=c", ("a", "b=c", False, True)),
        ("a=", ("a", "", False, True)),
    ],
)
def test_a_condition_is_written_as_in_alertmanager(text: str, expected: tuple[Any, ...]) -> None:
    found = condition(text)

    assert expected == (found["name"], found["value"], found["is_regex"], found["is_equal"])


@pytest.mark.parametrize("text", ["shop", "=shop", "", "~x"])
def test_what_is_no_condition_says_what_would_be(text: str) -> None:
    with pytest.raises(Stopped, match="write NAME=VALUE"):
        condition(text)


def test_a_silence_says_who_why_and_until_when() -> None:
    until = stamp(AT + timedelta(hours=1))

    assert one_line(ROW).endswith(f'  until {until}  service="shop", instance!~"web.*"  cem: work on it')


def test_a_silence_needs_a_reason() -> None:
    result = run("silence", "add", "service=shop", "--for", "1h")

    assert (2, True) == (result.exit_code, "--reason" in result.stderr)
