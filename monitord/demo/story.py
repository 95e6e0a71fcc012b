"""The story of an outage: what is seen of it, and in which order it must have happened.

Theory of operation. Whoever watches takes views: everything that the daemon, the public page and the mailbox
say at one moment. Two views in a row make sights: what is in the later one and was not in the earlier. Some
sights are milestones; a demo is right if its milestones came exactly in the order of `script`. The public is
told in parallel to the pages, so `published` only has its place between the ticket and the answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile, zip_longest

from monitord.client.shapes import CheckRow
from monitord.core.check import Instant
from monitord.demo.cast import CAST, FAILURES, SUBSCRIBER, person_of
from monitord.demo.mailbox import NEWS, PAGE, Mail
from monitord.demo.view import NOTHING, PASSED, View

CHECK_FAILED = "check failed"
TICKET_OPENED = "ticket opened"
PUBLISHED = "published"
ACKNOWLEDGED = "acknowledged"
RECOVERED = "recovered"
RESOLVED = "resolved"


# Sights.


@dataclass(frozen=True, slots=True)
class CheckFailed:
    """`streak` in a row; what fails while the ticket is open is not told."""

    at: Instant
    streak: int
    found: str


@dataclass(frozen=True, slots=True)
class CheckPassed:
    """On the way back; `streak` in a row."""

    at: Instant
    streak: int
    found: str


@dataclass(frozen=True, slots=True)
class TicketOpened:
    at: Instant
    number: int
    title: str
    priority: str


@dataclass(frozen=True, slots=True)
class PagedSomebody:
    """`circles` are those who were asked, tier after tier; `times` counts the pages to this person."""

    at: Instant
    person: str
    times: int
    circles: tuple[tuple[str, ...], ...]
    mail: Mail


@dataclass(frozen=True, slots=True)
class NewsSent:
    at: Instant
    person: str
    mail: Mail


@dataclass(frozen=True, slots=True)
class SubscriberTold:
    at: Instant
    mail: Mail


@dataclass(frozen=True, slots=True)
class Posted:
    """`number` counts the posts of the story from 1."""

    at: Instant
    number: int
    phase: str
    heading: str
    body: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    at: Instant
    by: str


@dataclass(frozen=True, slots=True)
class Recovered:
    at: Instant
    says: str


@dataclass(frozen=True, slots=True)
class Resolved:
    at: Instant
    number: int
    why: str


Sight = (
    CheckFailed
    | CheckPassed
    | TicketOpened
    | Acknowledged
    | Recovered
    | Resolved
    | Posted
    | PagedSomebody
    | NewsSent
    | SubscriberTold
)
# What belongs to one instant is told in this order.
ORDER = tuple(Sight.__args__)


def sights(before: View, after: View) -> list[Sight]:
    """What has happened between two views, in its order."""
    seen = [*checked(before, after), *ticketed(before, after), *posted(before, after), *mailed(before, after)]
    return sorted(seen, key=lambda sight: (sight.at, ORDER.index(type(sight))))


def checked(before: View, after: View) -> Iterable[Sight]:
    """The checks that count: failures until there is a ticket, then passes until it is resolved."""
    known = {check.at for check in before.checks}
    for place, check in enumerate(after.checks):
        if check.at not in known and counts(check, after):
            yield checked_once(check, streak(after.checks[: place + 1]))


def counts(check: CheckRow, view: View) -> bool:
    ticket = view.ticket.ticket if view.ticket else None
    if check.outcome not in PASSED:
        return ticket is None or check.at <= ticket.opened
    return (
        ticket is not None
        and check.at > ticket.opened
        and (not ticket.resolved or check.at <= ticket.resolved)
    )


def checked_once(check: CheckRow, streak: int) -> CheckFailed | CheckPassed:
    kind = CheckPassed if check.outcome in PASSED else CheckFailed
    return kind(check.at, streak, check.summary)


def streak(checks: Sequence[CheckRow]) -> int:
    """How many of the last ones came out like the last."""
    passed = checks[-1].outcome in PASSED
    return len(list(takewhile(lambda check: (check.outcome in PASSED) == passed, reversed(checks))))


def ticketed(before: View, after: View) -> Iterable[Sight]:
    """What became of the ticket; once recovered, its line on the timeline says so."""
    if after.ticket is None:
        return
    row = after.ticket.ticket
    if before.ticket is None:
        yield TicketOpened(row.opened, row.number, row.title, row.priority)
    known = before.ticket.ticket if before.ticket else None
    if row.acknowledged and not (known and known.acknowledged):
        yield Acknowledged(row.acknowledged, row.holder or "somebody")
    lines = before.ticket.timeline if before.ticket else ()
    for line in after.ticket.timeline[len(lines) :]:
        if line.kind == "signal_left":
            yield Recovered(line.at, line.says)
    if row.resolved and not (known and known.resolved):
        yield Resolved(row.resolved, row.number, row.resolution or "")


def posted(before: View, after: View) -> Iterable[Sight]:
    for number, post in enumerate(after.posts[len(before.posts) :], start=len(before.posts) + 1):
        yield Posted(post.at, number, post.phase, post.heading, post.body)


def mailed(before: View, after: View) -> Iterable[Sight]:
    """The mails of the outage, each with whom it makes the circle."""
    for place in range(len(before.mails), len(after.mails)):
        mail = after.mails[place]
        if mail.event == PAGE:
            yield paged(mail, View(mails=after.mails[: place + 1]))
        elif mail.event == NEWS:
            yield NewsSent(mail.at, person_of(mail.to), mail)
        elif mail.to == SUBSCRIBER:
            yield SubscriberTold(mail.at, mail)


def paged(mail: Mail, until_then: View) -> PagedSomebody:
    asked = until_then.asked
    circles = tuple(asked[: size + 1] for size in range(len(asked)))
    times = sum(page.to == mail.to for page in until_then.pages)
    return PagedSomebody(mail.at, person_of(mail.to), times, circles, mail)


# Milestones.


@dataclass(frozen=True, slots=True)
class Milestone:
    at: Instant
    what: str


def script(failures: int = FAILURES, people: Sequence[str] = CAST) -> tuple[str, ...]:
    """What must have happened, in this order; `published` stands beside it."""
    paging = tuple(f"paged {person}" for person in people)
    return (*(CHECK_FAILED,) * failures, TICKET_OPENED, *paging, ACKNOWLEDGED, RECOVERED, RESOLVED)


def what(sight: Sight) -> str | None:
    """The milestone's name; None for what is none."""
    match sight:
        case CheckFailed():
            return CHECK_FAILED
        case TicketOpened():
            return TICKET_OPENED
        case PagedSomebody(times=1):
            return f"paged {sight.person}"
        case Posted(number=1):
            return PUBLISHED
        case Acknowledged():
            return ACKNOWLEDGED
        case Recovered():
            return RECOVERED
        case Resolved():
            return RESOLVED
    return None


def milestones(last: View) -> tuple[Milestone, ...]:
    """All of them, from the view at the end: in the order of their own times, whenever they were noticed."""
    told = counted_anew(sights(NOTHING, last))
    return tuple(Milestone(sight.at, name) for sight in told if (name := what(sight)))


def counted_anew(told: Sequence[Sight]) -> list[Sight]:
    """Without the failures that a pass in between made void."""
    first = max((place for place, sight in enumerate(told) if begins(sight)), default=0)
    return [sight for place, sight in enumerate(told) if place >= first or not isinstance(sight, CheckFailed)]


def begins(sight: Sight) -> bool:
    return isinstance(sight, CheckFailed) and sight.streak == 1


def objection(told: Sequence[Milestone], expected: Sequence[str]) -> str:
    """What is wrong with the order, in a sentence; nothing if it is right."""
    names = [each.what for each in told]
    for due, came in zip_longest(expected, (name for name in names if name != PUBLISHED)):
        if came is None:
            return f"“{due}” never happened"
        if due is None:
            return f"“{came}” came after the end"
        if due != came:
            return f"“{due}” was due, but “{came}” came"
    if names.count(PUBLISHED) != 1:
        return f"“{PUBLISHED}” happened {names.count(PUBLISHED)} times, not once"
    if not names.index(TICKET_OPENED) < names.index(PUBLISHED) < names.index(ACKNOWLEDGED):
        return f"“{PUBLISHED}” came outside of the outage"
    return ""
