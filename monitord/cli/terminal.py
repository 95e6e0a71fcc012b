"""What is printed steers no terminal: names and words from outside lose their control characters here, in the
one place that every line passes on its way out.

Colors and bold, which are ours, stay. A stream is cleaned wherever it leads, because what goes into a file is
read at a terminal later.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they can make a sentence say its opposite
STEERING = re.compile(
    rf"(\x1b\[(?!8m)\d{{1,2}}m)|[\x00-\x08\x0b-\x1f\x7f-\x9f{DIRECTIONS}]"  # 8 would hide what follows
)
UNSEEN = re.compile(rf"[\x7f-\x9f{DIRECTIONS}]")  # what JSON lets stand as it is


def harmless(text: str) -> str:
    """The text with a mark where it would have steered."""
    return STEERING.sub(lambda found: found[1] or "\N{REPLACEMENT CHARACTER}", text)


def escaped(json: str) -> str:
    """The same JSON, with escapes for what would steer: whoever reads it gets every character."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


class Harmless:
    """A stream that is written to; everything else is as it was."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        return self.stream.write(harmless(text))

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def harmless_streams() -> Iterator[None]:
    """What is printed within the block is cleaned; a stream that was closed before the start is None."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, stream and Harmless(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
