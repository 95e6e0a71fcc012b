"""Every word that a person reads because of a decision: pages, news, posts, and the timeline's sentences.

A page is read at 3 a.m. on a phone: what is broken, since when, what was found, who was asked, the link; the
subject fits into 60 characters. Nothing here knows a channel: a `Text` is lines and links, a channel makes a
message of it.
"""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from monitord.core import escalation as climbing
from monitord.core.check import Instant, PersonId
from monitord.core.escalation import Escalation
from monitord.core.organization import ComponentState, Person, Service
from monitord.core.signal import UNKNOWN, Signal
from monitord.core.ticket import Resolution, Ticket

SUBJECT_LENGTH_MAX = 60


@dataclass(frozen=True, slots=True)
class Link:
    """Where a text leads: `answer` (ticket, person), `confirm` and `unsubscribe` (subscriber), `incident`,
    `page`.
    """

    purpose: str
    words: str
    ticket: int = 0
    round: int = 0
    who: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """What a delivery says: a subject, paragraphs, and the links that belong to them."""

    subject: str
    lines: tuple[str, ...]
    links: tuple[Link, ...] = ()
    more: tuple[tuple[str, str], ...] = ()


def subject(text: str) -> str:
    """One line of at most 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT_LENGTH_MAX else line[: SUBJECT_LENGTH_MAX - 1].rstrip() + "…"


def title(signal: Signal) -> str:
    """What is broken, in two words: `web is down`."""
    subject_of = signal.probe or signal.source
    return f"{subject_of} cannot be judged" if signal.name == UNKNOWN else f"{subject_of} is down"


def clock(at: Instant, zone: str) -> str:
    """`03:12` on the wall of that zone, with its abbreviation."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M %Z")


def spell(span: timedelta) -> str:
    """A duration as people say it: `45 s`, `4 min`, `2 h 5 min`, `3 d 2 h`."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 90:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def names(people: tuple[PersonId, ...]) -> str:
    return ", ".join(people) or "nobody"


# Pages and news: to people on a rotation.


def page(ticket: Ticket, escalation: Escalation, person: Person, service: Service, now: Instant) -> Text:
    """What wakes somebody."""
    return Text(
        subject=subject(f"{page_word(escalation)}{ticket.title} (ticket {ticket.number})"),
        lines=(
            f"{ticket.title}, since {clock(ticket.since, person.time_zone)} ({spell(now - ticket.since)}).",
            *((f"Found: {ticket.summary}",) if ticket.summary else ()),
            f"Ticket {ticket.number}, {ticket.priority.value}, service {service.name or service.id}.",
            whats_new(escalation),
        ),
        links=(answer_link(ticket, escalation, person),),
        more=service.links,
    )


def page_word(escalation: Escalation) -> str:
    return "Still: " if escalation.step > 1 else ""


def whats_new(escalation: Escalation) -> str:
    """What changed since the last page: how far the circle has widened, or why there is a new round."""
    asked = f"Asked so far: {names(escalation.circle)}; nobody has answered."
    if escalation.repeats:
        return f"The top was told {spell_times(escalation.repeats + 1)}. {asked}"
    if escalation.step > 1:
        return f"Tier {escalation.tier + 1} of {len(escalation.policy.tiers)}. {asked}"
    if escalation.reason is not climbing.RoundReason.OPENED:
        return f"Round {escalation.round}: {escalation.reason.value}. Asked now: {names(escalation.circle)}."
    return f"Asked now: {names(escalation.circle)}."


def spell_times(times: int) -> str:
    return "twice" if times == 2 else f"{times} times"


def answer_link(ticket: Ticket, escalation: Escalation, person: Person) -> Link:
    return Link("answer", "Answer", ticket.number, escalation.round, person.id)


def still_on_it(
    ticket: Ticket, escalation: Escalation, person: Person, lapses: Instant, now: Instant
) -> Text:
    """To the holder, before the acknowledgement lapses."""
    return Text(
        subject=subject(f"Still on it? {ticket.title} (ticket {ticket.number})"),
        lines=(
            f"You have ticket {ticket.number}: {ticket.title}, for {spell(now - ticket.since)} now.",
            f"Without a word from you by {clock(lapses, person.time_zone)} the others are asked again.",
        ),
        links=(answer_link(ticket, escalation, person),),
    )


def acknowledged(ticket: Ticket, by: PersonId) -> Text:
    return Text(
        subject=subject(f"{by} has ticket {ticket.number}: {ticket.title}"),
        lines=(f"{by} has acknowledged ticket {ticket.number} ({ticket.title}).", "Nothing to do for you."),
    )


def over(ticket: Ticket, resolution: Resolution, by: PersonId | None, now: Instant) -> Text:
    """It is over: to everybody who was paged."""
    how = f"{resolution.value} ({by})" if by else resolution.value
    return Text(
        subject=subject(f"Resolved: {ticket.title} (ticket {ticket.number})"),
        lines=(
            f"Ticket {ticket.number} ({ticket.title}) is resolved: {how}.",
            f"It lasted {spell(now - ticket.since)}. Nothing to do for you.",
        ),
    )


# The public side.


def incident_title(components: tuple[str, ...], effect: ComponentState) -> str:
    """`Shop: major outage`."""
    return f"{' and '.join(components)}: {effect.words}"


AUTOMATIC = {
    "investigating": "Our monitoring has found a problem with {components}. We are looking into it.",
    "back": "The problem with {components} is back. We are working on it.",
    "resolved": "{components} is back to normal. It lasted {lasted}.",
    "monitoring": "{components} answers normally again. We keep watching it.",
}


def post_body(word: str, components: tuple[str, ...], lasted: timedelta = timedelta(0)) -> str:
    """What an automated post says."""
    return AUTOMATIC[word].format(components=" and ".join(components), lasted=spell(lasted))


def post_text(page_name: str, incident: str, heading: str, state: str, body: str, subscriber: str) -> Text:
    """A post, as a subscriber reads it."""
    return Text(
        subject=subject(heading if state != "resolved" else f"Resolved: {heading}"),
        lines=(f"{page_name}: {heading} ({state})", body),
        links=(
            Link("incident", "The whole story", who=incident),
            Link("unsubscribe", "Unsubscribe", who=subscriber),
        ),
    )


def confirm_text(page_name: str, subscriber: str) -> Text:
    """Double opt-in: only a click in this mail subscribes."""
    return Text(
        subject=subject(f"Confirm: updates from {page_name}"),
        lines=(
            f"Somebody, hopefully you, asked to send updates from {page_name} to this address.",
            "If it was not you, do nothing: no further mail follows.",
        ),
        links=(Link("confirm", "Yes, send me updates", who=subscriber),),
    )
