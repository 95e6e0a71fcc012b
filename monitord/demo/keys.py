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
    """The keys that were pressed and not yet asked for; `ending` is what the end of the input means."""

    def __init__(self, ending: str) -> None:
        self.pressed: asyncio.Queue[str] = asyncio.Queue()
        self.ending = ending

    def read(self, descriptor: int) -> None:
        """There is something to read, or nothing any more."""
        try:
            text = os.read(descriptor, 64).decode("utf-8", "replace")
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # the terminal was closed
            text = ""
        for key in text.lower() or (self.ending,):
            self.pressed.put_nowait(key)
        if not text:
            asyncio.get_running_loop().remove_reader(descriptor)


@contextmanager
def keyboard() -> Iterator[Keys]:
    """Keys without Enter where there is a terminal, which is left as it was found; else what is piped in.

    Without a terminal the end of the input means that nobody will press anything; a terminal that ends was
    closed by whoever sat there.
    """
    if sys.stdin is None or sys.stdin.closed:
        yield ended()
        return
    descriptor = sys.stdin.fileno()
    keys = Keys(CTRL_D if os.isatty(descriptor) else NOBODY)
    with unbuffered(descriptor), watched(descriptor, keys):
        yield keys


def ended() -> Keys:
    keys = Keys(NOBODY)
    keys.pressed.put_nowait(NOBODY)
    return keys


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
        with suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
