"""One ticket, as it is open, acknowledged and resolved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitord.core.organization import Priority
from monitord.core.signal import DOWN, Signal
from monitord.core.ticket import Resolution, State, Ticket

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=4)
MINUTE = timedelta(minutes=1)
SIGNAL = Signal("probe/web", DOWN, "shop", True, SINCE, NOW, "refused", "web")
OPEN = Ticket(
    number=7,
    title="web is down",
    cause=SIGNAL.key,
    service="shop",
    priority=Priority.URGENT,
    state=State.OPEN,
    since=SINCE,
    opened=NOW,
    signals=(SIGNAL.key,),
    probe="web",
    summary="refused",
)
BOS = replace(OPEN, state=State.ACKNOWLEDGED, holder="bo", last_holder="bo", acknowledged=NOW - MINUTE)
ENDED = replace(
    OPEN, state=State.RESOLVED, last_holder="bo", resolved=NOW - MINUTE, resolution=Resolution.CLEARED
)
TICKETS = {State.OPEN: OPEN, State.ACKNOWLEDGED: BOS, State.RESOLVED: ENDED}
