"""What an answer asks for: a fact for the engine, or a sentence why there is nothing to do.

Theory of operation. ACTIONS names every button. A link may be opened twice, a form sent a hundred times, a
phone may post again when it finds its network: so whatever has happened already is said, and not done again.
An answer never takes a ticket away from somebody else by accident; that has a button of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitord.core.command import Acknowledge, Decline, Escalate, HandOver, Resolve
from monitord.core.escalation import RoundReason
from monitord.core.flow import Decision
from monitord.core.ticket import PersonJoined
from monitord.web.edge.case import Case
from monitord.web.limits import NOTE_CHARS_MAX

Answering = Acknowledge | Decline | Escalate | HandOver | Resolve
Form = Mapping[str, str]
UNTIL_CLEAR = "until_clear"


@dataclass(frozen=True, slots=True)
class Notice:
    """Nothing is done, and why; without words the page says it already."""

    status: int
    words: str = ""


SAID_ALREADY = Notice(200)
CHANGED_MEANWHILE = Notice(
    409, "Something has happened since you opened this page. Nothing was done; this is how it is now."
)


def acknowledge(case: Case, form: Form) -> Answering | Notice:
    """Only the open ticket, a holder who was asked or lets it sleep, or a call can be answered so."""
    if case.standing == "theirs":
        return Notice(200, f"{case.ticket.holder} was faster. Nothing to do for you.")
    if case.by.id in case.acknowledged:
        return Notice(200, f"You have said so already: {case.counted}.")
    asleep = case.ticket.snoozed_until is not None
    if case.standing == "mine" and not case.asked_again and not asleep:
        return SAID_ALREADY
    return Acknowledge(case.ticket.number, case.by.id, case.via)


def take_over(case: Case, form: Form) -> Answering | Notice:
    if case.standing == "theirs":
        return Acknowledge(case.ticket.number, case.by.id, case.via)
    return acknowledge(case, form)


def decline(case: Case, form: Form) -> Answering | Notice:
    if case.standing == "theirs":
        return Notice(200, f"{case.ticket.holder} has this. Nothing to do for you.")
    if case.by.id in case.declined:
        return Notice(200, "You have said so already; the others go on being asked.")
    return Decline(case.ticket.number, case.by.id, case.via)


def hand_over(case: Case, form: Form) -> Answering | Notice:
    to = form.get("to", "")
    if to not in {person.id for person in case.others}:
        return Notice(422, "Please choose whom to hand it over to.")
    if case.standing in ("theirs", "called"):
        return Notice(200, f"{case.ticket.holder} has this; you can take it over first.")
    if handed_to(case) == to:
        return Notice(200, f"{to} is being asked already.")
    return stale(case, form) or HandOver(case.ticket.number, case.by.id, to, case.via)


def handed_to(case: Case) -> str | None:
    """Who is asked alone, because it was handed to them."""
    climbing = case.escalation
    if climbing is None or climbing.reason is not RoundReason.HANDED_OVER or climbing.holder is not None:
        return None
    return climbing.first[0] if climbing.first else None


def resolve(case: Case, form: Form) -> Answering | Notice:
    return stale(case, form) or Resolve(
        ticket=case.ticket.number,
        by=case.by.id,
        note=form.get("note", "").strip()[:NOTE_CHARS_MAX],
        hold_until_clear=form.get("hold") == UNTIL_CLEAR,
        via=case.via,
    )


def escalate(case: Case, form: Form) -> Answering | Notice:
    """Once, however often it is sent: a step that was taken meanwhile is that of which the form speaks."""
    if case.standing not in ("open", "mine"):
        return Notice(200, f"{case.ticket.holder} has this; you can take it over first.")
    if form.get("reached", str(case.reached)) != str(case.reached):
        return Notice(200, "Others have been paged since you opened this page; this is how it is now.")
    return stale(case, form) or Escalate(case.ticket.number, case.by.id, case.via)


def stale(case: Case, form: Form) -> Notice | None:
    """A page that shows what no longer is must not decide."""
    return CHANGED_MEANWHILE if form.get("seen", case.stamp) != case.stamp else None


ACTIONS: dict[str, Callable[[Case, Form], Answering | Notice]] = {
    "acknowledge": acknowledge,
    "take_over": take_over,
    "decline": decline,
    "hand_over": hand_over,
    "escalate": escalate,
    "resolve": resolve,
}


def wanted(case: Case, form: Form) -> Answering | Notice:
    """What the form asks for; without a word about it, "I have it"."""
    act = ACTIONS.get(form.get("action", "acknowledge"))
    if act is None:
        return Notice(422, f"There is no such answer; there are {', '.join(ACTIONS)}.")
    if case.standing == "ended":
        return SAID_ALREADY
    return act(case, form)


def thanks(done: Answering, after: Case, decision: Decision) -> str:
    """What came of it, from the ticket as it is now."""
    if any(isinstance(event, PersonJoined) for event in decision.events):
        return f"Thank you. {after.ticket.holder} has it, and hears that you are coming."
    match done:
        case Decline() if after.standing == "theirs":
            return f"Noted. {after.ticket.holder} has it."
        case Acknowledge() if after.standing == "mine":
            return "Thank you. Nobody else is paged now, and the others are told that you have it."
        case Acknowledge() if after.by.id in after.acknowledged:
            return f"Thank you: {after.counted}. You are paged no more; the others are."
        case Decline() if after.standing == "open":
            return "Noted. The others go on being asked."
        case HandOver() if after.standing == "open":
            return f"{done.to} is being asked now. If nobody answers, the tiers follow."
        case Escalate() if after.standing == "open":
            return "The next tier is paged now, and everybody who was asked so far and has not answered."
        case Resolve() if after.standing == "ended":
            return "Resolved. If it still fails, or is reported again, it comes back under the same number."
    return "Nothing has changed: somebody else was faster."
