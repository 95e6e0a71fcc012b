"""One key at a time: what somebody at the terminal presses."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CTRL_D = "\x04"
NOBODY = ""  # the input has ended: no key will ever be pressed


class Keys:
    """The keys that were pressed and not yet asked for."""

    def __init__(self) -> None:
        self.pressed: asyncio.Queue[str] = asyncio.Queue()

    def read(self, descriptor: int) -> None:
        """There is something to read."""
        with suppress(BlockingIOError, InterruptedError):
            text = os.read(descriptor, 64).decode("utf-8", "replace")
            for key in text.lower() or (NOBODY,):
                self.pressed.put_nowait(key)
            if not text:
                asyncio.get_running_loop().remove_reader(descriptor)


@contextmanager
def keyboard() -> Iterator[Keys]:
    """Keys without Enter where there is a terminal, which is left as it was found; else what is piped in."""
    keys = Keys()
    if sys.stdin is None or sys.stdin.closed:
        keys.pressed.put_nowait(NOBODY)
        yield keys
        return
    descriptor = sys.stdin.fileno()
    with unbuffered(descriptor), watched(descriptor, keys):
        yield keys


@contextmanager
def watched(descriptor: int, keys: Keys) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    try:
        loop.add_reader(descriptor, keys.read, descriptor)
    except PermissionError:  # a file and /dev/null are always ready: nobody will press anything
        keys.pressed.put_nowait(NOBODY)
        yield
        return
    try:
        yield
    finally:
        loop.remove_reader(descriptor)


@contextmanager
def unbuffered(descriptor: int) -> Iterator[None]:
    """Ctrl-C still interrupts."""
    if not os.isatty(descriptor):
        yield
        return
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
