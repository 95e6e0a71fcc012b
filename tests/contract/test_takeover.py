"""Whoever has edited the tree hears what has the running daemon take it over."""

import os
from pathlib import Path

from click.testing import CliRunner, Result

from monitord.cli import cli
from monitord.cli.takeover import how_to_reload
from monitord.store.lock import FolderLock
from tests.fakes.night import night
from tests.fakes.terminal import named_tree, terminal, typed


async def check(main: Path, *words: str) -> Result:
    return await typed(CliRunner().invoke, cli, ["--config", str(main), "config", "check", *words])


async def test_a_check_ends_with_what_is_left_to_do(tmp_path: Path) -> None:
    main, var = named_tree(tmp_path), tmp_path / "var"
    async with night(var) as sources, terminal(sources, var):
        checked, json = await check(main), await check(main, "--json")
        how = f"to have it take this one: {how_to_reload(var)}"

    last = checked.stdout.splitlines()[-1]
    assert (0, True, True) == (checked.exit_code, last.startswith("The running daemon goes by"), how in last)
    assert "The running daemon" not in json.stdout


async def test_without_a_daemon_nothing_is_left_to_do(tmp_path: Path) -> None:
    checked = await check(named_tree(tmp_path))

    assert 1 == len(checked.stdout.splitlines())


def test_a_daemon_without_systemd_is_sent_a_signal(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    told = how_to_reload(tmp_path)
    lock.release()

    assert f"kill -HUP {os.getpid()}" == told


def test_one_that_nobody_can_see_is_left_to_systemd(tmp_path: Path) -> None:
    assert "systemctl reload monitord" == how_to_reload(tmp_path)


def test_the_number_of_one_that_has_ended_may_be_a_strangers(tmp_path: Path) -> None:
    FolderLock(tmp_path).release()

    assert (f"{os.getpid()}\n", "systemctl reload monitord") == (
        (tmp_path / "lock").read_text(encoding="ascii"),
        how_to_reload(tmp_path),
    )
