"""The words and tones of the screens: states, deliveries, events; each tone is one of base.css."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from markupsafe import Markup, escape

from monitord.client.shapes import DeliveryRow, Line, ProbeNow, TicketRow
from monitord.core.check import Instant
from monitord.core.ticket import Ticket
from monitord.core.wording import spell
from monitord.web import text
from monitord.web.console.sparkline import duration

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
    "target_missed": BAD,
    "acknowledgement_counted": GOOD,
    "team_mobilised": WORSE,
    "ticket_escalated": WORSE,
    "catastrophe_declared": BAD,
    "catastrophe_called_off": GOOD,
    "acknowledgement_lapsed": WORSE,
    "holder_left": WORSE,
    "delivery_put_off": WARN,
    "delivery_failed": BAD,
    "person_unreachable": BAD,
    "nobody_reached": BAD,
    "nobody_to_page": BAD,
}
FAR = timedelta(days=5 * 365)  # a shift is searched for its edges not much further than that
SAID_TWICE = ("page_requested",)  # its messages say so too
STEPS = ("tier_reached", "tier_repeated", "last_resort_joined", "ticket_handed_over", "ticket_commented")


@dataclass(frozen=True, slots=True)
class Words:
    """Times as people at the viewer's wall clock say them, at `now`."""

    now: Instant
    zone: str

    def day_of(self, at: Instant) -> str:
        return text.day(at, self.zone)

    def clock(self, at: Instant) -> str:
        """`03:12` today, `22 Nov, 03:12` otherwise; the page says in which zone."""
        local = text.at_zone(at, self.zone)
        same_day = self.day_of(at) == self.day_of(self.now)
        return f"{local:%H:%M}" if same_day else f"{local.day} {local:%b, %H:%M}"

    def seconds(self, at: Instant) -> str:
        return text.at_zone(at, self.zone).strftime("%H:%M:%S")

    def precisely(self, at: Instant) -> str:
        """With seconds today, with the day otherwise."""
        return self.seconds(at) if self.day_of(at) == self.day_of(self.now) else self.clock(at)

    def day(self, at: Instant) -> str:
        return text.at_zone(at, self.zone).strftime("%A, %-d %B %Y")

    def weekday(self, at: Instant) -> str:
        """`Mon 24 Nov, 09:00`."""
        return text.at_zone(at, self.zone).strftime("%a %-d %b, %H:%M")

    def short_zone(self, at: Instant) -> str:
        """`CST`; whoever reads at night need not look for the zone at the end of the page."""
        return text.at_zone(at, self.zone).strftime("%Z")

    @property
    def zone_now(self) -> str:
        """`America/Chicago (CST)`; `UTC`."""
        short = text.at_zone(self.now, self.zone).strftime("%Z")
        return self.zone if short == self.zone else f"{self.zone} ({short})"

    def lasted(self, start: Instant, end: Instant | None = None) -> str:
        return spell((end or self.now) - start)

    def ago(self, at: Instant) -> str:
        return f"{spell(self.now - at)} ago"

    def until(self, at: Instant) -> str:
        return f"in {spell(at - self.now)}" if at > self.now else "now"

    # Sentences of the core say instants in UTC, because they do not know who reads them.

    def local(self, sentence: str, said: Instant | None = None) -> str:
        """The sentence with the viewer's times; `said` is when it was said."""
        base = said or self.now
        return IN_UTC.sub(
            lambda found: " to ".join(self.precisely(at) for at in instants(found, base)), sentence
        )

    def marked(self, sentence: str, said: Instant | None = None) -> Markup:
        """The same as markup: each instant says UTC to whoever points at it."""
        parts, end, base = [], 0, said or self.now
        for found in IN_UTC.finditer(sentence):
            parts.append(escape(sentence[end : found.start()]))
            parts.append(
                Markup(" to ").join(self.time(at, self.precisely(at)) for at in instants(found, base))
            )
            end = found.end()
        return Markup("").join((*parts, escape(sentence[end:])))

    def linked(self, sentence: str, said: Instant | None = None) -> Markup:
        """The same, and a ticket that it names is one press away."""
        escaped = str(self.marked(sentence, said))
        return Markup(TICKET.sub(r'<a href="/tickets/\1">\g<0></a>', escaped))  # noqa: S704 - it is

    def time(self, at: Instant, shown: str) -> Markup:
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            text.machine(at), at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"), shown
        )

    def span(self, start: Instant, end: Instant) -> Markup:
        """`Mon 24 Nov, 09:00 – Tue 25 Nov, 09:00`; without an edge that is so far away that it was not looked
        for."""
        first, last = self.time(start, self.weekday(start)), self.time(end, self.weekday(end))
        if end - start <= FAR:
            return Markup("{} – {}").format(first, last)
        if end - self.now <= FAR:
            return Markup("until {}").format(last)
        begins = Markup(", from {}").format(first) if self.now - start <= FAR else ""
        return Markup("without an end{}").format(begins)

    def lasting(self, start: Instant, end: Instant) -> str:
        """How long a span is; empty if it has an edge that was not looked for."""
        return spell(end - start) if end - start <= FAR else ""

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

    def holder(self, ticket: TicketRow, me: str = "") -> str:
        """Who has it, as a sentence."""
        if ticket.resolved is not None:
            return f"Over since {self.clock(ticket.resolved)}: {self.local(ticket.resolution or 'resolved')}"
        if ticket.holder is None:
            return self.not_enough(ticket) or "Nobody has this yet"
        since = f" since {self.clock(ticket.acknowledged)}" if ticket.acknowledged else ""
        return f"You have this{since}" if ticket.holder == me else f"{ticket.holder} has this{since}"

    def not_enough(self, ticket: TicketRow) -> str:
        """Who has it while more are needed."""
        if ticket.needed == 1:
            return ""
        people = ticket.acknowledged_by
        verb = "has" if len(people) == 1 else "have"
        who = f"{', '.join(people)} {verb} this" if people else "Nobody has this yet"
        return f"{who}; {ticket.counted} of {ticket.needed} needed"

    def stands(self, ticket: Ticket) -> str:
        """How a ticket stands, in the middle of a sentence."""
        if ticket.resolved is not None:
            by = f" by {ticket.resolved_by}" if ticket.resolved_by else ""
            return f"it is over since {self.clock(ticket.resolved)}{by}"
        if ticket.holder is None:
            return f"it is open, {ticket.priority.value}, and nobody has it"
        since = f" since {self.clock(ticket.acknowledged)}" if ticket.acknowledged else ""
        return f"{ticket.holder} has it{since}"

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

    def times(self, count: int) -> str:
        return times(count)

    def took(self, milliseconds: float) -> str:
        return duration(milliseconds)


def times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


TICKET = re.compile(r"\bticket (\d{1,16})\b")
DELIVERY_TONES = {"sent": GOOD, "failed": BAD, "withdrawn": PLAIN, "pending": PLANNED, "sending": PLANNED}
IN_UTC = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d )?(?P<time>\d\d:\d\d(?::\d\d)?)"
    r"(?: to (?P<end>\d{4}-\d\d-\d\d \d\d:\d\d))? UTC\b"
)


def instants(found: "re.Match[str]", said: Instant) -> list[Instant]:
    """What stands in a sentence; a time without a day is the next one after the sentence."""
    day = found["day"] or f"{said.astimezone(UTC):%Y-%m-%d} "
    try:
        first = datetime.fromisoformat(f"{day}{found['time']}").replace(tzinfo=UTC)
        last = [datetime.fromisoformat(found["end"]).replace(tzinfo=UTC)] if found["end"] else []
    except ValueError:
        return [said]
    if not found["day"] and first < said - timedelta(hours=1):
        first += timedelta(days=1)
    return [first, *last]


def tone_of(line: Line) -> str:
    return EVENT_TONES.get(line.kind, "step" if line.kind in STEPS else "")
