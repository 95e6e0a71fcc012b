"""What systemd is told: ready after a full cycle, alive only while the engine goes round."""

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitord.core.check import Outcome
from monitord.engine.notify import Notifier, Supervision, notifier, patience, status
from monitord.engine.timer import Timer
from monitord.store.batch import Batch
from monitord.store.faults import StoreFull
from tests.fakes.memory_store import MemoryStore
from tests.fakes.shop import Shop


class Manager:
    """The other end of $NOTIFY_SOCKET."""

    def __init__(self, name: str) -> None:
        self.address = name
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(name.replace("@", "\0", 1))
        self.sock.setblocking(False)

    def hear(self) -> list[str]:
        """Every line since the last look."""
        lines: list[str] = []
        while True:
            try:
                lines += self.sock.recv(4096).decode().splitlines()
            except BlockingIOError:
                return lines


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(str(tmp_path / "notify"))
    yield manager
    manager.sock.close()


class Disk:
    full = False

    def write(self, batch: Batch) -> None:
        if self.full:
            raise StoreFull("no space left")


def supervised(shop: Shop, manager: Manager, seconds: float | None = 4.0) -> Supervision:
    return Supervision(Notifier(manager.address, seconds), shop.engine, shop.clock)


async def test_ready_is_said_after_the_first_full_cycle_and_not_before(manager: Manager) -> None:
    shop, called = Shop(), []
    it = supervised(shop, manager)
    it.on_ready.append(lambda: called.append("ready"))
    it.look()
    assert [] == manager.hear()

    async with shop.running(it, Timer(shop.engine, shop.clock)):
        await shop.minutes(1 / 20)

    heard = manager.hear()
    assert "READY=1" == heard[0]
    assert (1, ["ready"]) == (heard.count("READY=1"), called)
    assert "STATUS=1 probe, no open tickets" in heard


async def test_an_engine_that_stands_still_is_not_fed(manager: Manager) -> None:
    shop = Shop()
    it = supervised(shop, manager)
    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.minutes(1 / 20)
        it.look()
        assert "WATCHDOG=1" in manager.hear()

    it.look()
    it.look()
    assert [] == manager.hear()


async def test_a_fight_with_the_disk_is_a_sign_of_life(manager: Manager) -> None:
    """A restart mends no disk."""
    disk = Disk()
    shop = Shop(store=MemoryStore(weather=disk.write))
    it = supervised(shop, manager, 40.0)
    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.minutes(1 / 20)
        it.look()
        disk.full = True
        shop.check(Outcome.CRITICAL, 3)
        await shop.minutes(1)
        manager.hear()
        it.look()

    assert ["WATCHDOG=1", "STATUS=the store cannot be written; 1 probe, no open tickets"] == manager.hear()


async def test_the_status_line_has_the_urgent_first() -> None:
    shop = Shop()
    async with shop.running():
        shop.check(Outcome.CRITICAL, 3)
        await shop.settle()

        assert "1 probe, 1 urgent ticket" == status(shop.engine)


async def test_a_reload_has_a_beginning_and_an_end(manager: Manager) -> None:
    """And the line says afterwards what it said before."""
    shop = Shop()
    it = supervised(shop, manager)
    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.minutes(1 / 20)
        it.look()
        manager.hear()
        with it.reloading():
            first, second, third = manager.hear()

    assert ("RELOADING=1", "STATUS=reloading") == (first, third)
    assert second.removeprefix("MONOTONIC_USEC=").isdecimal()
    assert ["READY=1", "STATUS=1 probe, no open tickets"] == manager.hear()


def test_who_was_never_ready_is_not_made_ready_by_a_reload(manager: Manager) -> None:
    with supervised(Shop(), manager).reloading():
        pass

    assert [] == manager.hear()


async def test_who_is_told_that_we_are_ready_can_read_how_we_are(manager: Manager) -> None:
    """`systemctl start` comes back at that word."""
    shop = Shop()
    async with shop.running(Timer(shop.engine, shop.clock)):
        await shop.minutes(1 / 20)
        supervised(shop, manager).look()

    heard = manager.sock.recv(4096).decode().splitlines()
    assert ["READY=1", "STATUS=1 probe, no open tickets"] == heard


def test_an_abstract_socket_is_one_too(tmp_path: Path) -> None:
    manager = Manager(f"@monitord-test-{os.getpid()}-{tmp_path.name}")
    notifier({"NOTIFY_SOCKET": manager.address}).say(STATUS="two\nlines")

    assert ["STATUS=two lines"] == manager.hear()
    manager.sock.close()


@pytest.mark.parametrize("address", ["", "/nobody/listens", "vsock:2:1234", "@nobody-listens"])
def test_where_nobody_listens_nothing_happens(address: str) -> None:
    Notifier(address).say(READY="1")


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
    ],
)
def test_how_long_systemd_waits(environ: dict[str, str], seconds: float | None) -> None:
    assert seconds == patience(environ)


def test_it_is_fed_four_times_as_often_as_it_must(manager: Manager) -> None:
    assert 0.5 == supervised(Shop(), manager, 2.0).pause
    assert 1.0 == supervised(Shop(), manager, 30.0).pause == supervised(Shop(), manager, None).pause
    assert timedelta(seconds=30) > timedelta(seconds=supervised(Shop(), manager, 30.0).pause)
