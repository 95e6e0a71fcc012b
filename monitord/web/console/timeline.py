"""A ticket's timeline on its screen: newest first, by the viewer's days, with walls of the same folded.

Theory of operation. A dead mail server says the same thing a hundred times, and what matters drowns in it. So
what is said of one instant in the same words is said once; many lines of one routine kind become a *bundle*,
which can be opened; and instants in a row in which nothing but attempts were made become a *wall*. Nothing is
left out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from monitord.client.shapes import Line
from monitord.core.check import Instant
from monitord.web import text
from monitord.web.console.words import SAID_TWICE, Words, times

ROUTINE = {
    "delivery_put_off": "did not leave, and are tried again",
    "delivery_handed_over": "handed over",
    "delivery_withdrawn": "withdrawn",
    "delivery_failed": "refused for good",
    "next_method_brought_forward": "brought forward",
}
ATTEMPTS = ("delivery_put_off", "tier_repeated", "next_method_brought_forward", "delivery_withdrawn")
BUNDLE_MIN = 3
WALL_MIN = 3


@dataclass(frozen=True, slots=True)
class Bundle:
    """Lines of one kind and instant; `says` is what stands for them. A single one stands for itself."""

    id: str
    lines: tuple[Line, ...]
    says: str

    @property
    def first(self) -> Line:
        return self.lines[0]

    @property
    def folded(self) -> bool:
        return len({line.says for line in self.lines}) > 1


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that a ticket's timeline says of one instant, in the order it was said."""

    at: Instant
    bundles: tuple[Bundle, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for bundle in self.bundles for line in bundle.lines)

    @property
    def of_attempts(self) -> bool:
        return all(line.kind in ATTEMPTS for line in self.lines)


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
        """`Tried again to send 14 times; told again 6 times`."""
        counts = Counter(line.kind for moment in self.moments for line in moment.lines)
        tried, told, gone = (
            counts[kind] for kind in ("delivery_put_off", "tier_repeated", "delivery_withdrawn")
        )
        parts = (
            f"tried again to send {times(tried)}" if tried else "",
            f"told again {times(told)}" if told else "",
            f"{text.counted(gone, 'message')} withdrawn" if gone else "",
        )
        said = "; ".join(filter(None, parts)) or text.counted(len(self.moments), "step")
        return f"{said[0].upper()}{said[1:]}"


Part = Moment | Wall


def moments(timeline: Sequence[Line]) -> list[Moment]:
    """A timeline, newest first."""
    shown = [line for line in timeline if line.kind not in SAID_TWICE]
    together = [(at, tuple(lines)) for at, lines in groupby(shown, key=lambda line: line.at)]
    return [Moment(at, bundled(at, lines)) for at, lines in reversed(together)]


def bundled(at: Instant, lines: Sequence[Line]) -> tuple[Bundle, ...]:
    """The lines of one instant: those in the same words together, and many of one routine kind."""
    many = Counter(line.kind for line in lines)
    found: dict[str, list[Line]] = {}
    for line in lines:
        routine = line.kind in ROUTINE and many[line.kind] >= BUNDLE_MIN
        found.setdefault(line.kind if routine else line.says, []).append(line)
    return tuple(
        Bundle(f"bundle-{text.machine(at)}-{place}", tuple(several), stands_for(several))
        for place, several in enumerate(found.values())
    )


def stands_for(lines: Sequence[Line]) -> str:
    first = lines[0]
    if len(lines) == 1:
        return first.says
    if len({line.says for line in lines}) == 1:
        return f"{first.says} ({times(len(lines))})"
    return f"{text.counted(len(lines), 'message')} {ROUTINE[first.kind]}"


def days(timeline: Sequence[Line], words: Words) -> list[tuple[str, list[Part]]]:
    """The timeline by the viewer's days, newest first, with its walls folded."""
    shown = moments(timeline)
    return [
        (day, folded(list(of_day))) for day, of_day in groupby(shown, key=lambda each: words.day(each.at))
    ]


def folded(shown: Sequence[Moment]) -> list[Part]:
    parts: list[Part] = []
    for of_attempts, run in groupby(shown, key=lambda each: each.of_attempts):
        several = tuple(run)
        parts += [Wall(several)] if of_attempts and len(several) >= WALL_MIN else several
    return parts
