"""react(): one fact, through its stages, becomes one decision.

Theory of operation. A stage is a table: what has happened on the left, what follows from it on the right. It
is shown the fact and the events of the stages before it, in order, and puts records and tells events into the
draft. Nothing flows up the list, so reading it once from top to bottom is reading everything that monitord
can ever do.
"""

from dataclasses import dataclass
from typing import Any

from monitord.core.check import Instant
from monitord.core.facts import Fact, Record
from monitord.core.stages.absent import ABSENT
from monitord.core.stages.announce import ANNOUNCE
from monitord.core.stages.arrange import ARRANGE
from monitord.core.stages.consult import CONSULT
from monitord.core.stages.duty import DUTY
from monitord.core.stages.escalate import ESCALATE
from monitord.core.stages.exchange import EXCHANGE
from monitord.core.stages.foresee import FORESEE
from monitord.core.stages.inform import INFORM
from monitord.core.stages.judge import JUDGE
from monitord.core.stages.observe import OBSERVE
from monitord.core.stages.page import PAGE
from monitord.core.stages.publish import PUBLISH
from monitord.core.stages.reconsider import RECONSIDER
from monitord.core.stages.staff import EMPLOY
from monitord.core.stages.track import TRACK
from monitord.core.stages.verify import VERIFY
from monitord.core.stages.warn import WARN
from monitord.core.world import Draft, Stage, World

STAGES: tuple[Stage, ...] = (
    EMPLOY,
    ARRANGE,
    ABSENT,
    CONSULT,
    EXCHANGE,
    OBSERVE,
    JUDGE,
    TRACK,
    ESCALATE,
    RECONSIDER,
    PAGE,
    VERIFY,
    WARN,
    DUTY,
    FORESEE,
    PUBLISH,
    ANNOUNCE,
    INFORM,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """New values to store, and why they are there; empty when the fact changed nothing."""

    records: tuple[Record, ...]
    events: tuple[Any, ...]


NOTHING_CHANGED = Decision((), ())


def react(world: World | Draft, fact: Fact, now: Instant) -> Decision:
    """Decide what follows from `fact` at `now` (UTC); the world is only read.

    Raises whatever a bug raises; then nothing of the decision exists.
    """
    draft = Draft(world, now)
    for stage in STAGES:
        run(stage, draft, fact)
    if not draft.order and not draft.events:
        return NOTHING_CHANGED
    return Decision(draft.records, tuple(draft.events))


def run(stage: Stage, draft: Draft, fact: Fact) -> None:
    """Show the stage the fact and every event told before it."""
    for happened in (fact, *draft.events):
        follow = stage.get(type(happened))
        if follow is not None:
            follow(draft, happened)
