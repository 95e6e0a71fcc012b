"""Wrong use is said in our words, with the nearest that would have been right."""

from pathlib import Path

import pytest

from tests.unit.cli import run, run_in


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("tiket", "there is no command `tiket`; did you mean `ticket`?"),
        ("ticket lst", "there is no command `lst`; did you mean `list`?"),
        ("conf", "there is no command `conf`; did you mean `config`?"),
        ("ticket acknowledge 1", "there is no command `acknowledge`; did you mean `ack`?"),
        ("nonsense", "there is no command `nonsense`; `monitord --help` says more"),
        ("--confg x", "there is no option `--confg` here; did you mean `--config`?"),
        ("ticket list --sate open", "there is no option `--sate` here; did you mean `--state`?"),
        (
            "oncall feed --person ann",
            "there is no option `--person` here; leave it out: the form is "
            "`monitord oncall feed [OPTIONS] PERSON|ROTATION`",
        ),
        (
            "away add --persn ann",
            "there is no option `--persn` here; leave it out: the form is "
            "`monitord away add [OPTIONS] PERSON FROM TO`",
        ),
        (
            "override add primary --person bo",
            "there is no option `--person` here; `monitord override add --help` says more",
        ),
        ("-x", "there is no option `-x` here; `monitord --help` says more"),
        ("ticket list --state opn", "`opn` is not possible for `--state`; did you mean `open`?"),
        (
            "ticket list --state x",
            "`x` is not possible for `--state`; possible are: open, acknowledged, resolved or all",
        ),
        ("ticket list --limit x", "`x` will not do for `--limit`; write a whole number from 1 to 500"),
        ("ticket list --limit 501", "`501` will not do for `--limit`; write a whole number from 1 to 500"),
        ("ticket ack three", "`three` will not do for NUMBER; write a whole number from 1"),
        ("ticket ack", "NUMBER is missing; the form is `monitord ticket ack [OPTIONS] NUMBER`"),
        ("override add primary --all bo", "`--why` is missing; add `--why TEXT`"),
        ("oncall shifts primary --to x", "`--from` is missing; add `--from T`"),
        ("run now", "got unexpected extra argument (now); the form is `monitord run [OPTIONS]`"),
        ("ticket ack 3 --by", "option '--by' requires an argument; `--help` behind the command says more"),
        ("x" * 100, f"there is no command `{'x' * 60}…`; `monitord --help` says more"),
    ],
)
def test_wrong_use_is_said_with_what_would_be_right(words: str, said: str) -> None:
    ran = run(*words.split())

    assert (2, f"monitord: {said}\n", "") == (ran.exit_code, ran.stderr, ran.stdout)


def test_the_help_says_a_range_in_words() -> None:
    helped = run("page", "--help").output + run("ticket", "list", "--help").output

    assert [False, True, True] == [words in helped for words in ("<=x<=", "[1 to 4]", "1 to 500")]


def test_a_group_without_a_verb_shows_what_there_is() -> None:
    assert "end one early" in run("silence").output


def test_a_group_of_the_tree_knows_its_own_options(tmp_path: Path) -> None:
    assert "did you mean `--unverified`?" in run_in(tmp_path, "", "contact", "list", "--unverifed").stderr
