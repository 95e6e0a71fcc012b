"""Every word that a person reads because of a decision: pages, news, posts, and the timeline's sentences.

A page is read at 3 a.m. on a phone: what is broken, since when, what was found, who was asked, the link; the
subject fits into 60 characters, for which names are shortened, never what has happened. Nothing here knows a
channel: a `Text` is lines and links, a channel makes a message of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from monitord.core.check import Instant, PersonId
from monitord.core.escalation import Escalation, RoundReason
from monitord.core.organization import ComponentState, Person, Service
from monitord.core.quorum import have, nearest
from monitord.core.signal import UNKNOWN, Signal
from monitord.core.ticket import Resolution, Ticket
from monitord.core.wallclock import on_wall

NameOf = Callable[[PersonId], str]  # how people call somebody

SUBJECT_LENGTH_MAX = 60
SAFE = ("https://", "http://")  # what a page may lead to, of what somebody outside has written
DETAILS_MAX = 8
DETAIL_LENGTH_MAX = 120
# What titles end with, behind the names of whatever it is so of.
SAID_LAST = (
    " is down",
    " is silent",
    " cannot be judged",
    ": no longer watched",
    ": under maintenance",
    *(f": {state.words}" for state in ComponentState),
)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a text leads: `answer` (ticket, person), `swap` (its number, who is asked), `confirm` and
    `unsubscribe` (subscriber), `incident`, `page`, `calendar` (whose shifts).
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


def subject(text: str, end: str = "") -> str:
    """One line of at most 60 characters; `end` is never cut."""
    return shortened(text, SUBJECT_LENGTH_MAX - len(end)) + end


def naming(words: str, number: int = 0, /, **named: str) -> str:
    """A subject of which `words` and the `number` stay whole; of what they name the longest is shortened."""
    lines = {key: " ".join(each.split()) for key, each in named.items()}
    room = SUBJECT_LENGTH_MAX - len(words.format(number=number, **dict.fromkeys(named, "")))
    fits = (
        most for most in range(room, 1, -1) if sum(min(len(each), most) for each in lines.values()) <= room
    )
    most = next(fits, 1)
    shares = {key: shortened(each, most) for key, each in lines.items()}
    return words.format(number=number, **shares).strip()


def shortened(text: str, most: int) -> str:
    """A name, or what is broken, in so many characters: that it is down is said all the same."""
    line = " ".join(text.split())
    said = next((each for each in SAID_LAST if line.endswith(each)), "")
    if len(said) + 2 > most:
        return cut(line, most)
    return cut(line.removesuffix(said), most - len(said)) + said


def ticket_subject(ticket: Ticket, word: str = "") -> str:
    """`Still: web is down (ticket 42)`."""
    return subject(f"{word} {ticket.title}", f" (ticket {ticket.number})").strip()


def of_ticket(verb: str, ticket: Ticket, by: str) -> str:
    """`Ann is coming: web is down (ticket 42)`."""
    return naming(f"{verb} {{title}} (ticket {{number}})", ticket.number, by=by, title=ticket.title)


def title(signal: Signal) -> str:
    """What is broken, in two words: `web is down`."""
    if signal.title:
        return signal.title
    subject_of = signal.probe or signal.source
    return f"{subject_of} cannot be judged" if signal.name == UNKNOWN else f"{subject_of} is down"


def clock(at: Instant, zone: str) -> str:
    """`03:12 CET` on the wall of that zone; in UTC if there is no such zone, because a page must leave."""
    return on_wall(at, zone).strftime("%H:%M %Z")


def shown(at: Instant, person: Person) -> str:
    """`Mon 9 Feb 2026, 09:00 CET`, on their own wall."""
    local = on_wall(at, person.time_zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M %Z}"


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


def names(people: tuple[PersonId, ...], name_of: NameOf = str) -> str:
    return ", ".join(map(name_of, people)) or "nobody"


def listed(things: tuple[str, ...]) -> str:
    """`Shop, Cart and Checkout`."""
    *most, last = things or ("our services",)
    return f"{', '.join(most)} and {last}" if most else last


# Pages and news: to people on a rotation.


def page(
    ticket: Ticket,
    escalation: Escalation,
    person: Person,
    service: Service,
    now: Instant,
    name_of: NameOf = str,
) -> Text:
    """What wakes somebody."""
    return Text(
        subject=ticket_subject(ticket, shouted(ticket, escalation)),
        lines=(
            f"{ticket.title}, since {clock(ticket.since, person.time_zone)} ({spell(now - ticket.since)}).",
            *((f"Found: {ticket.summary}",) if ticket.summary else ()),
            *details(ticket),
            f"Ticket {ticket.number}, {ticket.priority.value}{rated(ticket)}{named(service)}.",
            whats_new(escalation, name_of),
        ),
        links=(answer_link(ticket, escalation, person),),
        more=(*service.links, *(link for link in ticket.links if link[1].startswith(SAFE))),
    )


def shouted(ticket: Ticket, escalation: Escalation) -> str:
    """What the subject begins with."""
    if ticket.catastrophic:
        return "EVERYBODY:"
    return "Still:" if escalation.step > 1 else ""


def rated(ticket: Ticket) -> str:
    """How bad somebody says it is."""
    if ticket.catastrophic:
        return ", a catastrophe: everybody is called in until it is remedied"
    return f", severity {ticket.severity}" if ticket.severity else ""


def details(ticket: Ticket) -> tuple[str, ...]:
    """What its source says besides, as far as it can be read at night; and how much else is on it."""
    shown = [f"{name}: {cut(value, DETAIL_LENGTH_MAX)}" for name, value in ticket.details[:DETAILS_MAX]]
    left = len(ticket.details) - len(shown)
    more = (f"{left} more details are on the ticket.",) if left > 0 else ()
    several = (f"{len(ticket.signals)} signals are raised.",) if len(ticket.signals) > 1 else ()
    return (*several, *((" · ".join(shown),) if shown else ()), *more)


def cut(text: str, most: int) -> str:
    """One line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def named(service: Service) -> str:
    """A ticket that somebody opened for certain people has no service."""
    name = service.name or service.id
    return f", service {name}" if name else ""


def called(text: Text, ticket: Ticket, by: str, words: str) -> Text:
    """The same page, for somebody whom `by` wants by name."""
    wish = f"{by} asks for you: {words}" if words else f"{by} asks for you."
    return replace(text, subject=of_ticket("{by} asks for you:", ticket, by), lines=(wish, *text.lines))


def whats_new(escalation: Escalation, name_of: NameOf) -> str:
    """What changed since the last page: how far the circle has widened, or why there is a new round."""
    circle = names(escalation.circle, name_of)
    asked = f"Asked so far: {circle}; {counted(escalation, name_of) or 'nobody has answered'}."
    if escalation.repeats:
        return f"The top was told {spell_times(escalation.repeats + 1)}. {asked}"
    if escalation.step > 1:
        return f"Tier {escalation.tier + 1} of {len(escalation.policy.tiers)}. {asked}"
    if escalation.reason is not RoundReason.OPENED:
        return f"Round {escalation.round}: {escalation.reason.value}. Asked now: {circle}."
    return f"Asked now: {circle}."


def counted(escalation: Escalation, name_of: NameOf = str) -> str:
    """`ann has it; 1 of 2 needed`; empty while nobody has, or one is enough."""
    found, people = nearest(escalation.quorums, escalation.acknowledged), escalation.acknowledged
    if not people or escalation.holder is not None:
        return ""
    verb = "has" if len(people) == 1 else "have"
    return f"{names(people, name_of)} {verb} it; {have(found, people)} of {found.needed} needed"


def spell_times(times: int) -> str:
    return "twice" if times == 2 else f"{times} times"


def answer_link(ticket: Ticket, escalation: Escalation, person: Person) -> Link:
    return Link("answer", "Answer", ticket.number, escalation.round, person.id)


def still_on_it(
    ticket: Ticket, escalation: Escalation, person: Person, lapses: Instant, now: Instant
) -> Text:
    """To the holder, before the acknowledgement lapses."""
    return Text(
        subject=ticket_subject(ticket, "Still on it?"),
        lines=(
            f"You have ticket {ticket.number}: {ticket.title}, for {spell(now - ticket.since)} now.",
            f"Without a word from you by {clock(lapses, person.time_zone)} the others are asked again.",
        ),
        links=(answer_link(ticket, escalation, person),),
    )


def acknowledged(ticket: Ticket, by: str) -> Text:
    return Text(
        subject=naming("{by} has ticket {number}: {title}", ticket.number, by=by, title=ticket.title),
        lines=(f"{by} has acknowledged ticket {ticket.number} ({ticket.title}).", "Nothing to do for you."),
    )


def sleeping(ticket: Ticket, by: str, until: Instant, person: Person) -> Text:
    return Text(
        subject=naming(
            "{by} put ticket {number} to sleep: {title}", ticket.number, by=by, title=ticket.title
        ),
        lines=(
            f"{by} put ticket {ticket.number} ({ticket.title}) to sleep until {shown(until, person)}.",
            "Nobody is paged for it until then. Nothing to do for you.",
        ),
    )


def called_off(ticket: Ticket, by: str, holder: str) -> Text:
    """To whoever was called in."""
    has = f"{holder} has it." if holder else "Whoever is on call is asked."
    return Text(
        subject=ticket_subject(ticket, "No catastrophe any more:"),
        lines=(
            f"{by} says that ticket {ticket.number} ({ticket.title}) is no catastrophe any more: "
            f"it is {ticket.priority.value}, severity {ticket.severity}.",
            f"{has} Nothing to do for you.",
        ),
    )


def sent_up(ticket: Ticket, by: str) -> Text:
    """To whoever had it."""
    return Text(
        subject=of_ticket("{by} sent to the next tier:", ticket, by),
        lines=(f"{by} has sent ticket {ticket.number} ({ticket.title}) to the next tier.", "You had it."),
    )


def coming(ticket: Ticket, by: str) -> Text:
    return Text(
        subject=of_ticket("{by} is coming:", ticket, by),
        lines=(f"{by} was called for ticket {ticket.number} ({ticket.title}), and is coming.",),
    )


def over(ticket: Ticket, resolution: Resolution, by: str | None, now: Instant) -> Text:
    """It is over: to everybody who was paged."""
    how = f"{resolution.value} ({by})" if by else resolution.value
    return Text(
        subject=ticket_subject(ticket, "Resolved:"),
        lines=(
            f"Ticket {ticket.number} ({ticket.title}) is resolved: {how}.",
            f"It lasted {spell(now - ticket.since)}. Nothing to do for you.",
        ),
    )


# The public side.


def incident_title(components: tuple[str, ...], effect: ComponentState) -> str:
    """`Shop: major outage`."""
    return f"{listed(components)}: {effect.words}"


# What is no longer watched has not recovered: what ends for such a reason must not say so.
AUTOMATIC = {
    "investigating": "Our monitoring has found a problem with {components}. We are looking into it.",
    "back": "The problem with {components} is back. We are working on it.",
    "resolved": "{components} {are} back to normal. It lasted {lasted}.",
    "monitoring": "{components} {answer} normally again. We keep watching {them}.",
    "unwatched": "Our monitoring no longer watches {components}; these automated updates end here.",
    "unwatched, people write": "Our monitoring no longer watches {components}; our team goes on from here.",
    "maintenance": "{components} {are} under planned maintenance now; these automated updates end here.",
    "maintenance, people write": "{components} {are} under planned maintenance now.",
    "another": "Our monitoring no longer sees this problem. Another one with {components} goes on.",
}
HEADINGS = {
    "unwatched": "{components}: no longer watched",
    "maintenance": "{components}: under maintenance",
}
ONE = {"are": "is", "answer": "answers", "them": "it"}
MANY = {"are": "are", "answer": "answer", "them": "them"}


def post_body(word: str, components: tuple[str, ...], lasted: timedelta = timedelta(0)) -> str:
    """What an automated post says."""
    forms = ONE if len(components) == 1 else MANY
    return AUTOMATIC[word].format(components=listed(components), lasted=spell(lasted), **forms)


def post_heading(word: str, components: tuple[str, ...], title: str) -> str:
    """Usually the incident's title."""
    return HEADINGS[word].format(components=listed(components)) if word in HEADINGS else title


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
