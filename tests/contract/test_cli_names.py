"""A name that nobody has is refused on the command line, with the nearest one that somebody has."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitord.cli import cli
from tests.fakes.night import night
from tests.fakes.terminal import named_tree, terminal, typed

HOUR = ("--for", "1h", "--reason", "work on it")
TOMORROW = ("--from", "2030-01-05T09:00:00Z", "--for", "1h")
UNKNOWN = [
    (("ticket", "list", "--service", "shp"), 2, "there is no service shp; did you mean `shop`?"),
    (("ticket", "open", "stuck", "--service", "shp"), 2, "there is no service shp; did you mean `shop`?"),
    (("ticket", "hand-over", "3", "bob"), 2, "there is no person bob; did you mean `bo`?"),
    (("ticket", "hand-over", "3", "support"), 2, "there is no person support, it is a team; name its people"),
    (("away", "list", "primary"), 2, "there is no person primary, it is a rotation; name its people: "),
    (
        ("ticket", "snooze", "3", "--for", "0s"),
        2,
        "`0s` is no span of time; it must be longer than nothing, as",
    ),
    (("silence", "add", "service=shop", "--for", "0h", "--reason", "x"), 2, "longer than nothing, as 30m"),
    (
        ("override", "add", "primary", "--all", "bo", "--for", "0s", "--why", "x"),
        2,
        "`0s` is no span of time",
    ),
    (("override", "add", "primary", "--all", "bo", "--for", "1h", "--why", ""), 2, "`--why` is empty; at"),
    (("override", "remove", ""), 2, "the name is empty; say which it is"),
    (("override", "remove", "o1", "--by", ""), 2, "`--by` is empty; say who acts, or leave it out"),
    (("contact", "verify", "ann", "ann@example.org", "--channel", "sms"), 2, "; it is on email"),
    (
        ("override", "add", "", "--all", "bo", "--for", "1h", "--why", "x"),
        2,
        "the name of a rotation is empty",
    ),
    (
        ("override", "remove", "o1", "--by", "support"),
        2,
        "there is no person support, it is a team; name its",
    ),
    (
        ("override", "swap", "ask", "primary", "--ask", "bo", "--why", "x", *TOMORROW),
        2,
        "is no person of the configuration, and has no shift to give; say whose it is: --of PERSON, or act",
    ),
    (("contact", "confirm", "ann", "ann@example.org", "12"), 2, "a code has six digits, as 123456"),
    (("ticket", "show", "99"), 1, "there is no ticket 99; `monitord ticket list --state all` lists them"),
    (("page", "primry", "hello"), 2, "did you mean `primary`?"),
    (("silence", "add", "service=shp", *HOUR), 2, "there is no service shp; did you mean `shop`?"),
    (("silence", "add", "probe=carts", *HOUR), 2, "there is no probe carts; did you mean `cards`?"),
    (("silence", "add", "heartbeat=x", *HOUR), 2, "there is no heartbeat x; there are none; for a label"),
    (("silence", "add", "service=x", *HOUR), 2, "that an integration reports, write =~ for =\n"),
    (("silence", "add", "service", *HOUR), 2, "`service` is no condition; write NAME=VALUE, NAME!=VALUE"),
    (("silence", "add", f"x={'y' * 999}", *HOUR), 2, "`value` is too long; at most 200 characters are read"),
    (("page", "", "hi"), 2, "WHO is empty; name a person, a rotation or a team"),
    (
        ("token", "create", "ann", "--scope", ""),
        2,
        "`--scope` is empty; at least 1 character must stand here",
    ),
    (("token", "create", ""), 2, "`owner` is empty"),
    (("ticket", "open", "stuck", "--service", ""), 2, "`--service` is empty"),
    (("silence", "end", "s9"), 1, "`monitord silence list` lists the silences"),
    (("event", "list", "--integration", "prom"), 2, "nothing came from one of that name; there are none"),
    (("account", "revoke", "an"), 1, "an has no password, no passkey and no session"),
    (("account", "link", "an"), 1, "did you mean `ann`?"),
    (("account", "passkey", "remove", "0" * 12), 1, "there is no passkey 000000000000"),
    (("account", "passkey", "remove", "x"), 2, "`x` cannot be `passkey`"),
    (("token", "create", "anne"), 2, "did you mean `ann`?; for a program say that it is a machine's"),
    (("token", "revoke", "abc"), 2, "`abc` cannot be `token`; the id of a token has 12 digits"),
    (("ticket", "comment", "3", ""), 2, "`text` is empty; at least 1 character must stand here"),
    (("ticket", "open", " ", "--service", "shop"), 2, "`title` is blank; write at least one word"),
    (("status", "post", "a", "b", "--affects", "shp=degraded", "--yes"), 2, "did you mean `shop`?"),
]


@pytest.mark.parametrize(("words", "code", "says"), UNKNOWN)
async def test_an_unknown_name_is_refused_with_the_nearest(
    words: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    tree = named_tree(tmp_path)
    async with night(tmp_path / "var") as sources, terminal(sources, tmp_path / "var"):
        result = await typed(CliRunner().invoke, cli, ["--config", str(tree), *words])

    assert (code, True) == (result.exit_code, says in result.output), result.output
    assert not {"String", "pattern", "openapi"} & set(result.output.replace("'", " ").split())


async def test_a_label_of_somebody_elses_can_be_called_like_ours(tmp_path: Path) -> None:
    tree = named_tree(tmp_path)
    words = ["silence", "add", "service=~billing", "instance=web1", *HOUR, "--by", "dee"]
    async with night(tmp_path / "var") as sources, terminal(sources, tmp_path / "var"):
        result = await typed(CliRunner().invoke, cli, ["--config", str(tree), *words])

    assert 0 == result.exit_code, result.output


@pytest.mark.parametrize(("label", "warned"), [("prob", True), ("severity", False), ("instance", False)])
async def test_a_label_that_is_nearly_a_word_of_ours_is_warned_of(
    label: str, warned: bool, tmp_path: Path
) -> None:
    tree = named_tree(tmp_path)
    words = ["silence", "add", f"{label}=cards", *HOUR, "--by", "dee"]
    async with night(tmp_path / "var") as sources, terminal(sources, tmp_path / "var"):
        result = await typed(CliRunner().invoke, cli, ["--config", str(tree), *words])

    assert (0, warned) == (result.exit_code, "did you mean `probe`?" in result.output), result.output


@pytest.mark.parametrize("tree_is", ["bad", "gone"])
async def test_a_tree_that_cannot_be_read_keeps_nobody_from_the_daemon(tree_is: str, tmp_path: Path) -> None:
    tree = named_tree(tmp_path)
    async with night(tmp_path / "var") as sources, terminal(sources, tmp_path / "var"):
        if tree_is == "gone":
            tree.unlink()
        else:
            tree.write_text("organization: [half")
        result = await typed(CliRunner().invoke, cli, ["--config", str(tree), "ticket", "list", "--json"])

    assert 0 == result.exit_code, result.output
    assert 2 == len(json.loads(result.stdout))
    assert f"the daemon that is running at {tmp_path / 'var'} is asked all the same" in result.stderr
