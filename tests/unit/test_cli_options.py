"""What all commands have in common: `--config` wherever it stands, help, exit codes 0, 1, 2 and 3."""

from pathlib import Path

import pytest

from monitord.cli import COMMANDS
from tests.unit.cli import run, run_in
from tests.unit.config_tree import tree

ROTATION = "rotation: primary\nlayers: [{people: [ann]}]\n"
PLACES = [
    "--config FILE oncall shifts primary",
    "oncall --config FILE shifts primary",
    "oncall --config=FILE shifts primary",
    "oncall shifts --config FILE primary",
    "oncall shifts primary --config FILE",
]
SPAN = ("--from", "2026-01-05T00:00:00Z", "--to", "2026-01-06T00:00:00Z")


@pytest.mark.parametrize("words", PLACES)
def test_config_may_stand_anywhere(words: str, tmp_path: Path) -> None:
    main = tree(tmp_path, ROTATION)

    ran = run(*(word.replace("FILE", str(main)) for word in words.split()), *SPAN)

    assert (0, "") == (ran.exit_code, ran.stderr)


def test_the_nearest_config_counts(tmp_path: Path) -> None:
    main = tree(tmp_path, ROTATION)

    assert 0 == run("--config", "nowhere.yaml", "oncall", "--config", main, "primary").exit_code


@pytest.mark.parametrize("group", ["config check", "ticket list", "status list"])
def test_every_group_understands_config(group: str, tmp_path: Path) -> None:
    name, verb = group.split()

    refused = run(name, "--config", tmp_path / "nowhere.yaml", verb)

    assert 2 == refused.exit_code
    assert "nowhere.yaml does not exist; name the main file" in refused.stderr


def test_without_a_configuration_the_places_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    refused = run("config", "check")

    assert 2 == refused.exit_code
    assert "$MONITORD_CONFIG (not set), /etc/monitord/config/monitord.yaml and config/monitord.yaml" in (
        refused.stderr
    )


@pytest.mark.parametrize(
    "words", ["conquer", "check --what", "ticket show zero", "status post", "oncall --config"]
)
def test_wrong_use_is_2(words: str) -> None:
    assert 2 == run(*words.split()).exit_code


@pytest.mark.parametrize("words", ["ticket list", "ticket ack 1", "status list"])
def test_no_daemon_is_3_and_says_how_to_start_one(words: str, tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()

    ran = run_in(tmp_path, "", *words.split())

    assert (3, "") == (ran.exit_code, ran.stdout)
    assert f"no daemon answers at {tmp_path}/var/control.sock" in ran.stderr
    assert "start it with `monitord run`" in ran.stderr


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"demo", "run"}))
def test_every_command_explains_itself(name: str) -> None:
    helped = run(name, "--help")

    assert 0 == helped.exit_code
    assert "..." not in helped.stdout.partition("Commands:")[2], "A verb is explained in one whole sentence."


def test_help_shows_the_commands_in_groups() -> None:
    helped = run("--help").stdout

    assert helped.index("The daemon:") < helped.index("Before anything") < helped.index("When something")
