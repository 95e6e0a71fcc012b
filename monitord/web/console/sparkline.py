"""A small line of how long checks took, as geometry; a template draws it, and words say what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from monitord.client.shapes import CheckRow

WIDTH, HEIGHT, EDGE = 240.0, 40.0, 3.0
CHECKS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`lines` are the points of each stretch without a failure, `failures` the places of those between."""

    lines: tuple[str, ...]
    failures: tuple[str, ...]
    words: str
    width: float = WIDTH
    height: float = HEIGHT


def sparkline(checks: Sequence[CheckRow]) -> Sparkline | None:
    """Of checks that are newest first; None if there are too few to say anything."""
    shown = list(checks[:CHECKS_SHOWN])[::-1]
    if len(shown) < 2:
        return None
    top = max((check.took for check in shown if passed(check)), default=0.0) or 1.0
    step = (WIDTH - 2 * EDGE) / (len(shown) - 1)
    stretches: list[list[str]] = [[]]
    failures = []
    for place, check in enumerate(shown):
        x = EDGE + place * step
        if passed(check):
            y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(check.took / top, 1.0)
            stretches[-1].append(f"{x:.1f},{y:.1f}")
        else:
            failures.append(f"{x:.1f}")
            stretches.append([])
    return Sparkline(
        tuple(" ".join(dots(each)) for each in stretches if each), tuple(failures), said_of(shown)
    )


def dots(stretch: list[str]) -> list[str]:
    """A lonely point is a line to itself, so that it can be seen."""
    return stretch if len(stretch) > 1 else stretch * 2


def said_of(shown: Sequence[CheckRow]) -> str:
    """`The last 60 checks: usually 85 ms, at most 118 ms; 11 failed`."""
    took = [check.took for check in shown if passed(check)]
    failed = len(shown) - len(took)
    said = f"The last {len(shown)} checks"
    if took:
        said += f": usually {duration(median(took))}, at most {duration(max(took))}"
    return f"{said}; {failed or 'none'} failed"


def passed(check: CheckRow) -> bool:
    return check.outcome in ("ok", "warning")


def duration(milliseconds: float) -> str:
    """`8 ms`, `0.4 ms`, `1.25 s`."""
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.3g} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.2g} ms"
