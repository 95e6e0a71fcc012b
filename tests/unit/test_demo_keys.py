"""The demo's keys: what is pressed, and what the end of the input means."""

import os

from monitord.demo.keys import CTRL_D, NOBODY, Keys


def all_of(keys: Keys) -> list[str]:
    return [keys.pressed.get_nowait() for _ in range(keys.pressed.qsize())]


async def test_each_key_counts_without_enter_large_or_small() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"aQ")
    keys = Keys(NOBODY)
    keys.read(reading)
    os.close(writing)
    keys.read(reading)
    os.close(reading)

    assert ["a", "q", NOBODY] == all_of(keys)


async def test_a_terminal_that_is_closed_says_good_bye() -> None:
    ours, theirs = os.openpty()
    os.close(ours)
    keys = Keys(CTRL_D)
    keys.read(theirs)
    os.close(theirs)

    assert [CTRL_D] == all_of(keys)
