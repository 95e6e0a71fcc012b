"""Room on the disk: told early, once, and again when it is back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from monitord.engine.room import ALARM, LOOK_EVERY, MIB, Room, threshold
from tests.fakes.shop import Shop

GIB = 1024 * MIB


@dataclass
class Hold:
    """A store whose ballast comes back when it may."""

    full: bool = False
    fits: bool = False

    async def keep_room(self) -> None:
        self.full = self.full and not self.fits


@dataclass
class Board:
    said: list[str] = field(default_factory=list)

    def hold(self, name: str, title: str, wrong: str) -> None:
        if not self.said or self.said[-1] != wrong:
            self.said.append(wrong)


@pytest.mark.parametrize(
    ("total", "expected"),
    [(16 * MIB, 4 * MIB), (400 * MIB, 20 * MIB), (10 * GIB, 512 * MIB), (1000 * GIB, GIB), (0, 0)],
)
def test_short_depends_on_how_much_there_is(total: int, expected: int) -> None:
    assert expected == threshold(total)


def room(tmp_path: Path, hold: Hold) -> tuple[Room, Board, Shop]:
    shop, board = Shop(), Board()
    return Room(tmp_path, hold, board, shop.clock, shop.log, shop.metrics), board, shop


async def test_a_full_disk_is_told_and_its_end_is_noticed(tmp_path: Path) -> None:
    hold = Hold(full=True)
    looking, board, shop = room(tmp_path, hold)
    looking.limit = lambda total: 0
    await looking.look()
    await looking.look()
    hold.fits = True
    await looking.look()

    assert [f"{tmp_path} is full", ""] == [words[: len(f"{tmp_path} is full")] for words in board.said]
    assert 1 == len(shop.told("ballast is back"))
    assert LOOK_EVERY < 5 and ALARM == "disk"


async def test_what_is_short_is_told_until_there_is_enough(tmp_path: Path) -> None:
    looking, board, shop = room(tmp_path, Hold())
    limits: list[Callable[[int], int]] = [lambda total: 0, lambda total: 2**62, lambda total: 0]
    for looking.limit in limits:
        await looking.look()

    assert ["", f"{tmp_path} has less than {2**62 // MIB} MB left; make room", ""] == board.said
    assert b"monitord_store_free_bytes" in shop.metrics.text()
