"""The words and tones of the screens: states, deliveries, events; each tone is one of base.css."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from monitord.client.shapes import DeliveryRow, Line, ProbeNow, TicketRow
from monitord.core.check import Instant
from monitord.core.wording import spell
from monitord.web import text
from monitord.web.ops.sparkline import duration

GOOD, BAD, WORSE, WARN, PLANNED, PLAIN = (
    "operational",
    "major_outage",
    "partial_outage",
    "degraded",
    "maintenance",
    "unknown",
)

PROBE_TONES = {
    "up": GOOD,
    "down": BAD,
    "recovering": WORSE,
    "failing": WARN,
    "blind": PLAIN,
    "new": PLAIN,
}
TICKET_TONES = {"open": BAD, "acknowledged": WARN, "resolved": GOOD}
EVENT_TONES = {
    "ticket_opened": BAD,
    "ticket_reopened": BAD,
    "ticket_acknowledged": GOOD,
    "acknowledgement_renewed": GOOD,
    "ticket_taken_over": GOOD,
    "ticket_resolved": GOOD,
    "person_declined": WARN,
    "tier_skipped": WARN,
    "acknowledgement_lapsed": WORSE,
    "delivery_put_off": WARN,
    "delivery_failed": BAD,
    "person_unreachable": BAD,
    "nobody_reached": BAD,
    "nobody_to_page": BAD,
}
SAID_TWICE = ("page_requested",)  # its messages say so too
STEPS = ("tier_reached", "tier_repeated", "last_resort_joined", "ticket_handed_over", "ticket_commented")


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that a ticket's timeline says of one instant, in the order it was said."""

    at: Instant
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Times as people at the organisation's wall clock say them, at `now`."""

    now: Instant
    zone: str

    def clock(self, at: Instant) -> str:
        """`03:12 CST` today, with the day otherwise."""
        same_day = text.day(at, self.zone) == text.day(self.now, self.zone)
        return text.clock(at, self.zone) if same_day else text.moment(at, self.zone)

    def seconds(self, at: Instant) -> str:
        return text.at_zone(at, self.zone).strftime("%H:%M:%S")

    def precisely(self, at: Instant) -> str:
        """With seconds today, with the day otherwise."""
        same_day = text.day(at, self.zone) == text.day(self.now, self.zone)
        return self.seconds(at) if same_day else text.at_zone(at, self.zone).strftime("%-d %b, %H:%M")

    def day(self, at: Instant) -> str:
        return text.at_zone(at, self.zone).strftime("%A, %-d %B %Y, %Z")

    def weekday(self, at: Instant) -> str:
        """`Mon 24 Nov, 09:00 CST`."""
        return text.at_zone(at, self.zone).strftime("%a %-d %b, %H:%M %Z")

    def lasted(self, start: Instant, end: Instant | None = None) -> str:
        return spell((end or self.now) - start)

    def ago(self, at: Instant) -> str:
        return f"{spell(self.now - at)} ago"

    def until(self, at: Instant) -> str:
        return f"in {spell(at - self.now)}" if at > self.now else "now"

    # What is so.

    def probe(self, probe: ProbeNow) -> str:
        """`failing, 2 of 3`."""
        match probe.state:
            case "failing":
                return f"failing, {probe.streak} of {probe.needed}"
            case "recovering":
                return f"down, {probe.streak} of {probe.needed} passed"
            case "blind":
                return "nobody can tell"
            case "new":
                return "not checked yet"
        return probe.state

    def holder(self, ticket: TicketRow) -> str:
        """Who has it, as a sentence."""
        if ticket.resolved is not None:
            return f"Over since {self.clock(ticket.resolved)}: {ticket.resolution}"
        if ticket.holder is None:
            return "Nobody has this yet"
        since = f" since {self.clock(ticket.acknowledged)}" if ticket.acknowledged else ""
        return f"{ticket.holder} has this{since}"

    def delivery(self, delivery: DeliveryRow) -> str:
        """What became of a message."""
        why = f": {delivery.why}" if delivery.why else ""
        match delivery.state:
            case "sent":
                return "handed over"
            case "failed":
                return f"refused{why}"
            case "withdrawn":
                return f"withdrawn{why}"
            case "sending":
                return "being sent"
        due = self.until(delivery.due) if delivery.due else "now"
        return f"put off{why}; again {due}" if delivery.attempts else f"waits its turn, {due}"

    def took(self, milliseconds: float) -> str:
        return duration(milliseconds)


DELIVERY_TONES = {"sent": GOOD, "failed": BAD, "withdrawn": PLAIN, "pending": PLANNED, "sending": PLANNED}


def moments(timeline: Sequence[Line]) -> list[Moment]:
    """A timeline, newest first; what was decided together stays together, in its order."""
    shown = [line for line in timeline if line.kind not in SAID_TWICE]
    together = [Moment(at, tuple(lines)) for at, lines in groupby(shown, key=lambda line: line.at)]
    return together[::-1]


def tone_of(line: Line) -> str:
    return EVENT_TONES.get(line.kind, "step" if line.kind in STEPS else "")
