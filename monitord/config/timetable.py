"""Times of a cron expression, on the wall clock of a zone; DST as Debian's cron treats it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

from monitord.config.problem import Wrong, quoted
from monitord.core.check import Instant
from monitord.core.wallclock import zone_of

FORM = 'write five fields, as "30 3 * * *" for every day at 03:30'
CHARS_MAX = 100
FIELDS = 5
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
NEVER = timedelta(days=3650)  # what has no next time by the calendar is not awaited for that long


@dataclass(frozen=True, slots=True)
class Cron:
    """When a job is due: minute, hour, day of the month, month, day of the week."""

    expression: str
    zone: str = "UTC"

    def following(self, after: Instant) -> Instant:
        """The first time after `after`, in UTC."""
        found = next(CronSim(self.expression, after.astimezone(zone_of(self.zone))), None)
        return found.astimezone(UTC) if found is not None else after + NEVER


def cron_expression(value: object) -> str:
    """An expression that names times which exist. Raises Wrong."""
    if not isinstance(value, str):
        raise Wrong("a cron expression is a text", FORM)
    expression = " ".join(value.split())
    if len(expression) > CHARS_MAX:
        raise Wrong(f"this expression has {len(expression)} characters", f"at most {CHARS_MAX} are read")
    if expression.count(" ") != FIELDS - 1:
        raise Wrong(f"{quoted(expression)} has {len(expression.split())} fields", FORM)
    try:
        found = next(CronSim(expression, SOME_DAY), None)
    except CronSimError as error:
        raise Wrong(f"{quoted(expression)} is not a cron expression: {error}", FORM) from None
    if found is None:
        raise Wrong(f"{quoted(expression)} names no day that exists", FORM)
    return expression
