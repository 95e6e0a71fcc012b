"""Ctrl-C, a closed terminal, a polite kill: all three end the play in order, and never the tidying up."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Cancels the play while there is one; otherwise a signal is a KeyboardInterrupt, as usual."""

    def __init__(self) -> None:
        self.cancel: Callable[[], object] | None = None
        self.number = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        if self.cancel is None:
            raise KeyboardInterrupt
        self.cancel()

    @contextmanager
    def cancelling(self, task: asyncio.Task[object]) -> Iterator[None]:
        """As long as the block lasts, a signal cancels the task."""
        loop = asyncio.get_running_loop()
        self.cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        try:
            yield
        finally:
            self.cancel = None


@contextmanager
def interruptible() -> Iterator[Interrupts]:
    """Signals that are ignored stay so."""
    interrupts = Interrupts()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, usual in before.items():
        if usual is not signal.SIG_IGN:
            signal.signal(number, interrupts)
    try:
        yield interrupts
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)
