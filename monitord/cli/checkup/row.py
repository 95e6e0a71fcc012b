"""One line of a checkup, and what every examination is given."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from monitord.cli.checkup.here import Machine
from monitord.client.shapes import StatusNow
from monitord.config.loading import Loaded
from monitord.config.problem import ConfigurationRefused
from monitord.core.check import Instant


class State(Enum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Row:
    """`what` was looked at, what was `found`, and what would be right."""

    what: str
    state: State
    found: str
    remedy: str = ""


def fine(what: str, found: str) -> Row:
    return Row(what, State.OK, found)


def doubtful(what: str, found: str, remedy: str) -> Row:
    return Row(what, State.WARN, found, remedy)


def wrong(what: str, found: str, remedy: str) -> Row:
    return Row(what, State.FAIL, found, remedy)


@dataclass(frozen=True, slots=True)
class Patient:
    """`loaded` is what a start would go by now, `refused` why that is not the tree; `status` is the daemon's
    own word, `unreachable` why there is none; `send_to` an address for a mail; `machine` is around us.
    """

    environ: Mapping[str, str] = field(repr=False)
    now: Instant
    loaded: Loaded | None
    refused: ConfigurationRefused | None = None
    status: StatusNow | None = None
    unreachable: str = ""
    send_to: str = ""
    machine: Machine = field(default_factory=Machine)


Examination = Callable[[Patient], Iterable[Row]]
