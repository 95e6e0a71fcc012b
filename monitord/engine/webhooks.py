"""Webhooks that are disabled raise an alarm, so that somebody mends what they refuse."""

from collections.abc import Sequence
from typing import Any

from monitord.core.check import Instant
from monitord.core.facts import Record
from monitord.core.webhook import WebhookDisabled, WebhookStanding
from monitord.engine.alarms import Alarms
from monitord.engine.engine import Engine


class WebhookAlarms:
    """Follows the commits: one alarm a webhook, as long as it is disabled."""

    def __init__(self, engine: Engine, alarms: Alarms) -> None:
        self.engine, self.alarms = engine, alarms
        engine.listen(self.hear)

    def hear(self, records: Sequence[Record], events: Sequence[Any]) -> None:
        why = {event.webhook: event.why for event in events if isinstance(event, WebhookDisabled)}
        for record in records:
            if isinstance(record, WebhookStanding):
                self.tell(record, why.get(record.webhook, ""))

    def adopt(self) -> None:
        """What the last process may have had no time to say."""
        for standing in self.engine.world.all(WebhookStanding):
            if self.alarms.standing(name(standing)) is None:
                self.tell(standing, "see its deliveries")

    def tell(self, standing: WebhookStanding, why: str) -> None:
        """Raised until it is enabled again; a notice that is taken before that clears it."""
        if standing.disabled_until is None:
            self.alarms.clear(name(standing), "it takes notices again")
            return
        left = standing.disabled_until - self.engine.clock.now()
        if why and left.total_seconds() > 0:
            title = f"the webhook {standing.webhook} is disabled: it refused three notices in a row"
            self.alarms.raise_(name(standing), title, f"{why}; enabled again at {shown(standing)}", left)


def name(standing: WebhookStanding) -> str:
    return f"webhook/{standing.webhook}"


def shown(standing: WebhookStanding) -> str:
    until: Instant | None = standing.disabled_until
    return f"{until:%Y-%m-%d %H:%M:%S} UTC" if until else ""
