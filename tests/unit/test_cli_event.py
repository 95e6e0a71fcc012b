"""`monitord event …`, `integration …`, `heartbeat …`: in words for people."""

from dataclasses import replace
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from monitord.cli import cli
from monitord.cli.event import one_line, show_event
from monitord.cli.hears import heard
from monitord.client.directory import ArrivalRow, EventStory, Pair, SaidRow
from monitord.client.shapes import Line

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ROW = ArrivalRow(
    17, AT, "prom", "POST", "", 20, 3, 2, 2, 200, ("disk: ticket 1 opened, urgent: reported", "b: held")
)
STORY = EventStory(
    ROW,
    (Pair("user-agent", "curl"),),
    (),
    '{"title": "disk"}',
    (SaidRow("in/prom:disk", True, "disk full", "", "shop", "urgent"),),
    (Line(AT, "judged", "in/prom:disk acted upon"),),
)


def test_an_event_is_one_line() -> None:
    line = one_line(ROW)

    assert line.startswith("    17  ")
    assert line.endswith("200  prom ×3  disk: ticket 1 opened, urgent: reported (+1)")


def test_nothing_from_outside_steers_a_terminal() -> None:
    row = replace(ROW, outcome=("nightly said log: \x1b[2Jgone\r\n\x1b]0;owned\x07",))

    assert one_line(row).isprintable()


def test_an_event_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    show_event(STORY, as_json=False)

    told = click.unstyle(capsys.readouterr().out)
    for part in (
        "Event 17: POST from prom",
        "stands for 3 equal ones",
        "user-agent: curl",
        '{"title": "disk"}',
        "in/prom:disk: raised: disk full (shop, urgent)",
        "b: held",
        "in/prom:disk acted upon",
    ):
        assert part in told


NEITHER = "it changes nothing: what it says (meh) stands neither in `raised` nor in `cleared`"


@pytest.mark.parametrize(
    ("row", "says", "became"),
    [
        (
            replace(ROW, reports=0, decided=0, outcome=(NEITHER,)),
            "nothing that raises or clears anything",
            NEITHER,
        ),
        (
            replace(ROW, reports=0, decided=0, outcome=()),
            "nothing that raises or clears anything",
            "nothing: there was no report in it",
        ),
        (
            replace(ROW, reports=0, decided=0, status=400, outcome=("refused: no JSON",)),
            "nothing that could be read",
            "refused: no JSON",
        ),
        (replace(ROW, decided=0, outcome=()), "nothing that could be read", "it is being decided"),
    ],
    ids=["neither", "empty", "refused", "of an integration that is gone"],
)
def test_an_event_without_a_report_reads_well(
    capsys: pytest.CaptureFixture[str], row: ArrivalRow, says: str, became: str
) -> None:
    show_event(replace(STORY, event=row, said=(), since=()), as_json=False)

    told = click.unstyle(capsys.readouterr().out)
    assert told.endswith(f"\nWhat it says\n{says}\n\nWhat became of it\n{became}\n")


def test_a_heartbeat_was_heard_or_never() -> None:
    assert "never heard of" == heard(None, None)
    assert ", expected " in heard(AT, AT)


@pytest.mark.parametrize("words", [["ticket", "explain"], ["ticket", "explain", "1", "--event", "2"]])
def test_explain_wants_a_ticket_or_an_event(words: list[str]) -> None:
    ran = CliRunner().invoke(cli, words)

    assert 2 == ran.exit_code
    assert "name a ticket, or an event" in ran.output


@pytest.mark.parametrize("group", ["event", "integration", "heartbeat"])
def test_each_group_has_help(group: str) -> None:
    ran = CliRunner().invoke(cli, [group, "--help"])

    assert 0 == ran.exit_code
    assert "list" in ran.output
