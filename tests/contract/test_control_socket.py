"""The control socket: the kernel says who asks; the file is its owner's, never in a living one's place."""

import os
import stat
from pathlib import Path

import pytest

from monitord.client import Client, DaemonUnreachable, Place, Refused
from monitord.web.doors import DoorRefused
from monitord.web.ops.listening import bound_control
from monitord.web.ops.sources import Sources
from tests.fakes.terminal import Terminal, terminal, typed

EVERY_LOOP = True


async def test_a_question_and_an_act_are_answered(beside: Terminal) -> None:
    ann = beside.client("ann")

    assert "acknowledged by ann (cli)" == (await typed(ann.acknowledge, 3)).did[0]
    assert "ann" == (await typed(ann.ticket, 3)).ticket.holder


async def test_only_root_and_the_daemons_own_account_are_let_in(sources: Sources, tmp_path: Path) -> None:
    async with terminal(sources, tmp_path / "other", uids=frozenset({os.geteuid() + 1})) as beside:
        with pytest.raises(Refused, match="this account may not speak to monitord"):
            await typed(beside.client().status)


async def test_the_socket_is_for_its_owner_only(beside: Terminal) -> None:
    place = beside.place.socket
    assert place is not None

    assert (0o600, 0o700) == (
        stat.S_IMODE(place.stat().st_mode),
        stat.S_IMODE(place.parent.stat().st_mode),
    )


async def test_a_dead_socket_is_replaced_and_a_live_one_is_not(sources: Sources, tmp_path: Path) -> None:
    dead, path = bound_control({}, tmp_path / "var")
    dead.close()
    async with terminal(sources, tmp_path / "var") as beside:
        assert (await typed(beside.client().status)).ready
        with pytest.raises(DoorRefused, match="a monitord answers there already; stop that one first"):
            bound_control({}, tmp_path / "var")

    assert not path.exists(), "it is gone when we are"


async def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "control.sock").write_text("mine")

    with pytest.raises(DoorRefused, match="there is a file of that name; move it away"):
        bound_control({}, tmp_path)


async def test_a_path_of_any_length_will_do(sources: Sources, tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    async with terminal(sources, deep) as beside:
        assert (await typed(beside.client().status)).ready


async def test_the_store_leads_to_the_runtime_directory(tmp_path: Path) -> None:
    store, run = tmp_path / "var", tmp_path / "run"
    store.mkdir()
    listening, path = bound_control({"RUNTIME_DIRECTORY": str(run)}, store)
    listening.close()

    assert run / "control.sock" == path == (store / "control.sock").readlink()


async def test_a_daemon_that_is_gone_is_said(beside: Terminal, tmp_path: Path) -> None:
    with pytest.raises(DaemonUnreachable, match="no such file or directory"):
        await typed(Client(Place(tmp_path / "none.sock")).status)
