"""A ticket's timeline on its screen: newest first, by the viewer's days, with walls of the same folded."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from monitord.client.shapes import Line
from monitord.core.check import Instant
from monitord.web import text
from monitord.web.console.words import SAID_TWICE, Words

WALL = (
    "delivery_put_off",
    "tier_repeated",
    "next_method_brought_forward",
    "delivery_withdrawn",
    "page_requested",
)
WALL_MIN = 4


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that a ticket's timeline says of one instant, in the order it was said."""

    at: Instant
    lines: tuple[Line, ...]

    @property
    def of_a_wall(self) -> bool:
        return all(line.kind in WALL for line in self.lines)


@dataclass(frozen=True, slots=True)
class Wall:
    """Moments in a row, newest first, in which nothing but attempts were made."""

    moments: tuple[Moment, ...]

    @property
    def at(self) -> Instant:
        return self.moments[0].at

    @property
    def begun(self) -> Instant:
        return self.moments[-1].at

    @property
    def id(self) -> str:
        """The same as long as it grows."""
        return f"wall-{text.machine(self.begun)}"

    @property
    def says(self) -> str:
        """`Tried again 14 times; the top was told again 6 times`."""
        counts = Counter(line.kind for moment in self.moments for line in moment.lines)
        tried = counts["delivery_put_off"]
        parts = [f"tried again to send {times(tried)}" if tried else ""]
        parts += [f"told again {times(counts['tier_repeated'])}" if counts["tier_repeated"] else ""]
        withdrawn = counts["delivery_withdrawn"]
        parts += [f"{text.counted(withdrawn, 'message')} withdrawn" if withdrawn else ""]
        return (
            "; ".join(filter(None, parts)) or f"{text.counted(len(self.moments), 'step')} of the escalation"
        )


def times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def moments(timeline: Sequence[Line]) -> list[Moment]:
    """A timeline, newest first."""
    shown = [line for line in timeline if line.kind not in SAID_TWICE]
    together = [Moment(at, tuple(lines)) for at, lines in groupby(shown, key=lambda line: line.at)]
    return together[::-1]


def days(timeline: Sequence[Line], words: Words) -> list[tuple[str, list[Moment | Wall]]]:
    """The timeline by the viewer's days, newest first, with its walls folded."""
    shown = moments(timeline)
    return [
        (day, folded(list(of_day))) for day, of_day in groupby(shown, key=lambda each: words.day(each.at))
    ]


def folded(shown: Sequence[Moment]) -> list[Moment | Wall]:
    parts: list[Moment | Wall] = []
    for is_wall, run in groupby(shown, key=lambda each: each.of_a_wall):
        several = tuple(run)
        parts += [Wall(several)] if is_wall and len(several) >= WALL_MIN else several
    return parts
