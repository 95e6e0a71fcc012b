"""Events as log lines: the only place where what happened is logged."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from logging import DEBUG, INFO, WARNING
from re import sub
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.core.delivery import DeliveryFailed, DeliveryHandedOver, Purpose
from monitord.core.escalation import NobodyToPage
from monitord.core.paging import NobodyReached, PersonUnreachable
from monitord.core.timeline import about, sentence, ticket_of
from monitord.core.webhook import WebhookDisabled

OTHERWISE = {"event": "arrival", "level": "how_bad", "says": "said"}  # names that a log line has itself
ALARMING = (DeliveryFailed, NobodyReached, NobodyToPage, PersonUnreachable, WebhookDisabled)


class Journalist:
    """Writes a line an event: that somebody cannot be reached at WARNING, what concerns a ticket or a message
    at INFO, everything else at DEBUG.
    """

    def __init__(self, log: FilteringBoundLogger) -> None:
        self.log = log

    def write(self, events: Iterable[Any]) -> None:
        for event in events:
            try:
                self.line(event)
            except Exception:  # it has happened, and is stored: a line about it must not end who decides
                self.log.exception("event not told", kind=type(event).__name__)

    def line(self, event: Any) -> None:
        level = level_of(event)
        if self.log.is_enabled_for(level):
            self.log.log(level, words(type(event).__name__), **told(event), says=sentence(event))


def level_of(event: Any) -> int:
    """Mails to subscribers are many and nobody's emergency."""
    if isinstance(event, DeliveryHandedOver) and event.purpose in (Purpose.POST, Purpose.CONFIRM):
        return DEBUG
    if isinstance(event, ALARMING):
        return WARNING
    return INFO if ticket_of(event) is not None else DEBUG


@cache
def words(name: str) -> str:
    """`TicketOpened` is `ticket opened`."""
    return sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def told(event: Any) -> dict[str, Any]:
    """The event's own fields, as far as a log line can hold them; for the others, what it is about."""
    plain = {field.name: spelled(getattr(event, field.name)) for field in fields(event)}
    found = {OTHERWISE.get(name, name): value for name, value in plain.items() if value is not None}
    return found if "ticket" in found else {"about": about(event), **found}


def spelled(value: Any) -> Any:
    """A value as a log line shows it; None for what does not belong into one."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case tuple():
            return ", ".join(map(str, value)) or None
        case str() | int() | float():
            return value
    return None
