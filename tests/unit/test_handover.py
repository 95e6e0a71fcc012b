"""Sockets that systemd hands over are matched to doors by name, and what is of no use is said."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from monitord.web.handover import Handover, address, handed_over

DOORS = ("public", "edge", "ops")
FIRST = 700  # where a process of tests has nothing of its own


@pytest.fixture
def listening() -> Iterator[list[socket.socket]]:
    """Four sockets that listen, at descriptors that follow each other."""
    with ExitStack() as stack:
        opened = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(4)]
        for place, sock in enumerate(opened):
            assert FIRST + place == fcntl.fcntl(sock, fcntl.F_DUPFD, FIRST + place)
        yield opened
    for place in range(4):
        try:
            os.close(FIRST + place)
        except OSError:
            continue


def handover(count: int, names: str, pid: int | None = None) -> Handover:
    """What is found when so many sockets were passed under these names."""
    environ = {"LISTEN_PID": str(pid or os.getpid()), "LISTEN_FDS": str(count), "LISTEN_FDNAMES": names}
    found = handed_over(environ, DOORS, FIRST)
    for socks in found.doors.values():
        for sock in socks:
            sock.close()
    return found


def places(sockets: list[socket.socket]) -> list[str]:
    return [address(sock) for sock in sockets]


def test_the_name_decides_and_not_the_order(listening: list[socket.socket]) -> None:
    environ = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "3", "LISTEN_FDNAMES": "ops:public:edge"}
    found = handed_over(environ, DOORS, FIRST)

    assert places(listening[:3]) == [address(found.doors[name][0]) for name in ("ops", "public", "edge")]
    assert not any(sock.get_inheritable() for socks in found.doors.values() for sock in socks)
    assert ([], []) == (found.missing(DOORS), found.problems)
    for name in DOORS:
        found.doors[name][0].close()


def test_a_door_may_have_several_addresses(listening: list[socket.socket]) -> None:
    found = handover(4, "public:public:edge:ops")

    assert {"public": 2, "edge": 1, "ops": 1} == {name: len(socks) for name, socks in found.doors.items()}


def test_a_door_that_was_forgotten_is_named(listening: list[socket.socket]) -> None:
    assert ["edge"] == handover(2, "public:ops").missing(DOORS)


def test_a_name_that_no_door_has_is_said_with_a_remedy(listening: list[socket.socket]) -> None:
    found = handover(4, "public:edge:ops:metrics")
    (problem,) = found.problems

    assert f"called 'metrics' ({address(listening[3])}), and no door has that name" in problem
    assert "FileDescriptorName= with one of public, edge, ops" in problem


def test_sockets_without_names_are_nobodys(listening: list[socket.socket]) -> None:
    found = handover(3, "")

    assert 3 == len(found.problems)
    assert ["public", "edge", "ops"] == found.missing(DOORS)


def test_what_accepts_no_connections_is_no_door() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        fcntl.fcntl(datagrams, fcntl.F_DUPFD, FIRST)
        (problem,) = handover(1, "ops").problems

    assert "accepts no connections: use ListenStream= and Accept=no in monitord-ops.socket" in problem


def test_a_descriptor_that_is_no_socket_is_said(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        fcntl.fcntl(file, fcntl.F_DUPFD, FIRST)
        (problem,) = handover(1, "ops").problems
        os.close(FIRST)

    assert f"descriptor {FIRST} of systemd cannot be used" in problem


def test_what_was_meant_for_our_parent_is_left_alone(listening: list[socket.socket]) -> None:
    assert Handover() == handover(3, "public:edge:ops", pid=1)
    assert [] == Handover().missing(DOORS)


@pytest.mark.parametrize("count", ["", "many", "-1", "0"])
def test_without_sockets_there_is_no_handover(count: str) -> None:
    environ = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": count}

    assert not handed_over(environ, DOORS, FIRST).missing(DOORS)


def test_an_address_is_written_as_people_do(tmp_path: Path) -> None:
    with (
        socket.socket(socket.AF_UNIX) as local,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as six,
    ):
        local.bind(str(tmp_path / "x.sock"))

        assert str(tmp_path / "x.sock") == address(local)
        assert f"[::1]:{six.getsockname()[1]}" == address(six)
