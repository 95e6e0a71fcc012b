"""Nothing that comes from outside steers the terminal of whoever reads it."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout

import click
import pytest

from monitord.cli.options import print_json
from monitord.cli.terminal import Harmless, harmless, harmless_streams
from tests.unit.cli import run


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("disk\x1b[2J is full", "disk�[2J is full"),
        ("\x1b]0;title\x07", "�]0;title�"),
        ("\x9b31m", "�31m"),
        ("99 % \rfull", "99 % �full"),
        ("\x1b[8mhidden", "�[8mhidden"),
        ("a\u202eb", "a�b"),
        ("in\nlines\tand columns", "in\nlines\tand columns"),
        ("ä – 👩‍🚒", "ä – 👩‍🚒"),
        (click.style("open", fg="red", bold=True), "\x1b[31m\x1b[1mopen\x1b[0m"),
    ],
)
def test_what_would_steer_is_marked_and_our_colors_stay(said: str, shown: str) -> None:
    assert shown == harmless(said)


def test_every_way_to_print_passes_there() -> None:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), harmless_streams():
        click.echo("a\x07")
        print("b\x1b[H")
        sys.stdout.writelines(["c\x00\n"])
        click.echo("d\x9b", err=True)

    assert ("a�\nb�[H\nc�\n", "d�\n") == (out.getvalue(), err.getvalue())


def test_where_there_is_no_stream_nothing_is_printed() -> None:
    with redirect_stdout(None), harmless_streams():
        click.echo("a")


def test_a_command_prints_nothing_that_steers() -> None:
    assert "monitord: there is no command `a�b`; `monitord --help` says more\n" == run("a\x07b").stderr


def test_programs_get_every_character(capsys: pytest.CaptureFixture[str]) -> None:
    said = "ä\x1b\x9b\u202e"

    print_json({"title": said})

    printed = capsys.readouterr().out
    assert ({"title": said}, '"ä\\u001b\\u009b\\u202e"') == (json.loads(printed), printed[13:-3])


def test_a_stream_is_otherwise_as_it_was() -> None:
    assert not Harmless(io.StringIO()).isatty()
