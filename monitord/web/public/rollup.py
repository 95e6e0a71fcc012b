"""From the states of components to one headline: Statuspage's table, the first line that fits."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from monitord.core.organization import ComponentState


@dataclass(frozen=True, slots=True)
class Headline:
    """`indicator` is for programs (none, minor, major, critical, maintenance), `words` for people."""

    indicator: str
    words: str
    state: ComponentState


WELL = Headline("none", "All Systems Operational", ComponentState.OPERATIONAL)

ROLL_UP: tuple[tuple[Callable[[Iterable[bool]], bool], ComponentState, str, str], ...] = (
    (all, ComponentState.MAJOR_OUTAGE, "critical", "Major System Outage"),
    (any, ComponentState.MAJOR_OUTAGE, "major", "Partial System Outage"),
    (all, ComponentState.PARTIAL_OUTAGE, "major", "Partial System Outage"),
    (any, ComponentState.PARTIAL_OUTAGE, "minor", "Minor Service Outage"),
    (all, ComponentState.DEGRADED, "minor", "Degraded System Service"),
    (any, ComponentState.DEGRADED, "minor", "Partially Degraded Service"),
    (any, ComponentState.MAINTENANCE, "maintenance", "Service Under Maintenance"),
)

IMPACTS = {
    ComponentState.OPERATIONAL: "none",
    ComponentState.MAINTENANCE: "maintenance",
    ComponentState.DEGRADED: "minor",
    ComponentState.PARTIAL_OUTAGE: "major",
    ComponentState.MAJOR_OUTAGE: "critical",
}


def headline(states: Sequence[ComponentState]) -> Headline:
    """What the page says first; without components all is well."""
    if not states:
        return WELL
    for quantifier, state, indicator, words in ROLL_UP:
        if quantifier(each is state for each in states):
            return Headline(indicator, words, state)
    return WELL


def impact(states: Iterable[ComponentState]) -> str:
    """How bad an incident is, by the worst of what it touches; this is not the page's indicator."""
    return IMPACTS[max(states, key=lambda state: state.rank, default=ComponentState.OPERATIONAL)]
