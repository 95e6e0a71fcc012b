"""The agent interface: what is to be checked goes in, what was found comes out, in batches.

Theory of operation. Whoever checks, here or elsewhere, is an agent. It keeps its own schedule, because only
it knows when it was late, and it decides nothing. It is given the whole list of probes whenever the
configuration changes and says what it found by calling `report`, which never blocks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitord.core.check import CheckResult, Phases, Probe, ProbeId


@dataclass(frozen=True, slots=True)
class Observation:
    """One check: the fact for the core, and how long each phase took, which is only for people."""

    result: CheckResult
    phases: Phases | None = None


Report = Callable[[Sequence[Observation]], None]


class Agent(Protocol):
    """Somebody who checks."""

    def update(self, probes: Mapping[ProbeId, Probe], hush: Callable[[str], str] = str) -> None:
        """From now on, check these; the schedule of those that stay goes on. `hush` takes secrets out of what
        is found: a finding may quote what was asked for.
        """

    def hurry(self, probes: Iterable[ProbeId]) -> None:
        """Check these now, beside their schedule; one that is being checked is not checked twice."""

    async def run(self, report: Report) -> None:
        """Check until cancelled; nothing that is being checked survives the cancellation."""
