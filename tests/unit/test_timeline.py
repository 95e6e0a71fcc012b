"""The timeline: every event that anything in the core can tell has a sentence, and knows what it is about."""

import importlib
import pkgutil
import re
from dataclasses import is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import monitord.core
from monitord.core import (
    acts,
    delivery,
    escalation,
    health,
    organization,
    paging,
    severity,
    signal,
    silence,
    statuspage,
    subscription,
    swap,
    ticket,
)
from monitord.core.timeline import EVENTS, REASONS, about, by_of, sentence, ticket_of
from monitord.core.verdict import Action, Judged, Reason, Verdict

NOW = datetime(2026, 1, 5, 3, 12, tzinfo=UTC)
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
DOWN = signal.Signal("probe/web", "down", "shop", True, NOW, NOW, "503", "web")
POST = statuspage.Post("i1", 1, NOW, statuspage.Phase.IDENTIFIED, "Shop: major outage", "The database.")


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_has_a_sentence(kind: type[Any]) -> None:
    @settings(max_examples=10)
    @given(st.builds(kind))
    def check(event: Any) -> None:
        assert sentence(event)
        assert isinstance(about(event), str)
        number = ticket_of(event)
        assert number is None or number == event.ticket

    check()


def told_in_the_core() -> set[type[Any]]:
    """Every member of a union of events, and every dataclass of the core named in the past tense."""
    unions = (acts.TicketEvent, escalation.EscalationEvent, delivery.DeliveryEvent, health.Flip)
    found = {member for union in unions for member in union.__args__}
    for module in modules():
        found |= {kind for name, kind in vars(module).items() if called(name, kind, module)}
    return found


def modules() -> list[Any]:
    return [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(monitord.core.__path__, "monitord.core.")
    ]


PAST = re.compile(
    r"(ed|Went\w+|Came\w+|Saw\w+|Left|HandedOver|TakenOver|PutOff|Reached|Skipped|Unreachable|ToPage|ToClimb"
    r"|Withdrawn|BroughtForward)$"
)
FACTS = {"AttemptStarted", "DeliveryRefused", "DeliveryInterrupted", "ConfigurationAccepted", "Pinged"}


def called(name: str, kind: Any, module: Any) -> bool:
    """Is it a dataclass of that module whose name says that something has happened?"""
    ours = isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
    return ours and bool(PAST.search(name)) and name not in FACTS


def test_no_event_is_missing_from_the_table() -> None:
    assert set() == told_in_the_core() - set(EVENTS)


def test_no_reason_is_without_words() -> None:
    assert set(Reason) == set(REASONS)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ticket.TicketOpened(7, organization.Priority.URGENT, "down"), "opened, urgent: down"),
        (ticket.TicketOpened(7, organization.Priority.LOW, "Fire", "cem"), "opened, low: Fire (by cem)"),
        (
            ticket.TicketResolved(7, ticket.Resolution.BY_HAND, "bo", "rebooted"),
            "resolved by hand (by bo): rebooted",
        ),
        (ticket.TicketResolved(7, ticket.Resolution.CLEARED), "resolved: it has recovered"),
        (ticket.TicketTakenOver(7, "bo", "ann", "link"), "taken over by bo from ann (link)"),
        (ticket.TicketTakenOver(7, "bo", None, "link"), "taken over by bo from nobody (link)"),
        (
            ticket.CommandIgnored(7, "Acknowledge", "ann", "resolved"),
            "Acknowledge by ann changed nothing: the ticket is resolved",
        ),
        (
            ticket.CommandIgnored(7, "Acknowledge", "ann", "resolved", "it is over"),
            "Acknowledge by ann changed nothing: it is over",
        ),
        (ticket.TicketHandedOver(7, "bo", "cem", "cli", "bo"), "handed over by bo to cem (cli)"),
        (
            ticket.TicketHandedOver(7, "bo", "cem", "cli", "ann"),
            "handed over by bo to cem (cli); ann had it or was being asked",
        ),
        (
            ticket.TicketSnoozed(7, "ann", NOW, "cli", "ann"),
            "snoozed by ann until 2026-01-05 03:12:00 UTC (cli)",
        ),
        (
            ticket.TicketSnoozed(7, "ann", NOW, "cli", "bo", NOW - timedelta(hours=1)),
            "snoozed by ann until 2026-01-05 03:12:00 UTC (cli); bo has it; "
            "before that until 2026-01-05 02:12:00 UTC",
        ),
        (ticket.TicketWoken(7, "ann", "link"), "woken by ann, who is on it (link)"),
        (escalation.SnoozeEnded(7, "ann"), "the snooze is over; ann had it"),
        (escalation.HolderLeft(7, "ann"), "ann had it, and is no longer in the configuration"),
        (
            ticket.PriorityRaised(
                7, organization.Priority.LOW, organization.Priority.URGENT, "ann", "bo", "raised by bo"
            ),
            "priority raised from low to urgent: raised by bo",
        ),
        (
            ticket.PriorityLowered(7, organization.Priority.URGENT, organization.Priority.LOW, "bo"),
            "priority lowered from urgent to low by bo; nobody is paged for that",
        ),
        (ticket.UrgencyStressed(7, "bo", "api"), "bo says that it is urgent, as it is (api)"),
        (severity.SeveritySet(7, "bo", None, 2, "cli"), "severity set to 2 by bo (cli)"),
        (severity.SeveritySet(7, "bo", 3, 2, "cli"), "severity set to 2 by bo (cli), no longer 3"),
        (
            severity.CatastropheDeclared(7, "bo", "ann", "fire", "cli"),
            "a CATASTROPHE, by bo (cli): everybody is called; ann had it: fire",
        ),
        (
            severity.CatastropheCalledOff(7, "bo", 2, organization.Priority.HIGH, "cli"),
            "no catastrophe any more, by bo (cli): severity 2, high",
        ),
        (ticket.PeopleCalled(7, "ann", ("bo", "cem"), "", "cli"), "ann pages bo, cem (cli)"),
        (
            ticket.PeopleCalled(7, "ann", ("bo", "cem"), "please come", "cli", ("cem",)),
            "ann pages bo, cem (cli) (cem not for the first time): please come",
        ),
        (ticket.PersonJoined(7, "bo", "ann", "link"), "bo comes, as asked (link); ann has it"),
        (
            ticket.PageRefused("ann", ("cem",), "cem has no contact method"),
            "ann wanted to page cem: cem has no contact method",
        ),
        (escalation.PageRequested(7, 1, 2, "bo"), "page for bo (step 2)"),
        (escalation.PageRequested(7, 1, 2, "bo", "ann", "x"), "page for bo (step 2, ann asks for them)"),
        (escalation.TierReached(7, 1, 2, ("bo", "cem")), "tier 2 reached: bo, cem"),
        (escalation.TierReached(7, 1, 2, ()), "tier 2 reached: nobody new"),
        (escalation.TierReached(7, 2, 0, ("bo",)), "asked first: bo"),
        (
            escalation.TierSkipped(7, 2, ("night", "day")),
            "tier 2 skipped: nobody is on call in night, day",
        ),
        (escalation.TierSkipped(7, 2, ()), "tier 2 skipped: it names nobody"),
        (
            escalation.NobodyToPage(7, "up"),
            "NOBODY to page: policy up and the last resort are empty",
        ),
        (
            delivery.DeliveryHandedOver(7, "d", "ann", "email", "ann@x", delivery.Purpose.PAGE),
            "page to ann by email (ann@x): handed over",
        ),
        (
            delivery.DeliveryHandedOver(None, "d", None, "email", "s@x", delivery.Purpose.POST),
            "post to a subscriber by email (s@x): handed over",
        ),
        (
            delivery.DeliveryPutOff(None, "d", None, "email", "greylisted", NOW),
            "message to a subscriber by email did not leave: greylisted; tried again at 03:12:00 UTC",
        ),
        (
            delivery.DeliveryFailed(7, "d", "ann", "email", "no such mailbox"),
            "message to ann by email FAILED: no such mailbox",
        ),
        (
            delivery.DeliveryWithdrawn(None, "d", None, "email", "unsubscribed"),
            "message to a subscriber by email withdrawn: unsubscribed",
        ),
        (
            paging.NobodyReached(7, 2),
            "nobody could be reached in step 2; the next tier follows at once",
        ),
        (
            Judged(
                DOWN,
                Verdict(
                    DOWN.key, Action.HOLD, Reason.MAINTENANCE, NOW, NOW + timedelta(hours=1), (), "upgrade"
                ),
                None,
            ),
            "probe/web:down held: maintenance (upgrade) until 2026-01-05 04:12:00 UTC",
        ),
        (
            Judged(
                replace(DOWN, once=True, resolved_count=1),
                Verdict(
                    DOWN.key, Action.HOLD, Reason.RESOLVED_BY_HAND, NOW, NOW + timedelta(hours=1), (), "ann"
                ),
                None,
            ),
            "probe/web:down: resolved by hand (ann), over unless it is said again",
        ),
        (
            Judged(DOWN, Verdict(DOWN.key, Action.RAISE, Reason.DOWN, NOW), None),
            "probe/web:down acted upon: it is down",
        ),
        (
            Judged(DOWN, Verdict(DOWN.key, Action.CLEAR, Reason.RECOVERED, NOW), None),
            "probe/web:down over: it recovered",
        ),
        (statuspage.PostPublished(POST), "posted (identified): Shop: major outage"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_sentence_reads_well(event: Any, expected: str) -> None:
    assert expected == sentence(event)


@pytest.mark.parametrize(
    ("event", "number", "expected"),
    [
        (ticket.TicketCommented(7, "bo", "x"), 7, ""),
        (health.ProbeWentDown("web", NOW, "503"), None, "web"),
        (signal.SignalRaised(DOWN), None, "probe/web:down"),
        (Judged(DOWN, Verdict(DOWN.key, Action.RAISE, Reason.DOWN, NOW), None), None, "probe/web:down"),
        (statuspage.PostPublished(POST), None, "i1"),
        (statuspage.ComponentsChanged("i1", ("shop",)), None, "i1"),
        (subscription.SubscriptionConfirmed("s1"), None, "s1"),
        (subscription.BroadcastStarted("i1/1", "i1"), None, "i1"),
        (subscription.BroadcastExpanded("i1/1", 500, False), None, "i1/1"),
        (delivery.DeliveryFailed(None, "d1", None, "email", "x"), None, "d1"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_an_event_knows_what_it_is_about(event: Any, number: int | None, expected: str) -> None:
    assert (number, expected) == (ticket_of(event), about(event))


# Who did it.

BY_TIME = (silence.SilenceBegan, swap.SwapLapsed)  # nobody's doing, whoever made what it happens to


def made_by_somebody() -> list[tuple[type[Any], str]]:
    """Each event that tells of what somebody has made, without saying by itself who did it; and its name."""
    found = []
    for kind in EVENTS:
        types = get_type_hints(kind)
        made = [name for name, of in types.items() if is_dataclass(of) and "by" in get_type_hints(of)]
        if made and "by" not in types and kind not in BY_TIME:
            found.append((kind, made[0]))
    return found


@pytest.mark.parametrize(("kind", "made"), made_by_somebody(), ids=str)
def test_what_somebody_has_made_was_done_by_whoever_made_it(kind: type[Any], made: str) -> None:
    @settings(max_examples=10)
    @given(st.builds(kind))
    def check(event: Any) -> None:
        assert getattr(event, made).by == by_of(event)

    check()


def test_who_silences_is_who_did_it() -> None:
    quiet = silence.Silence("s1", (), "ann", "upgrade", NOW, NOW + timedelta(hours=1))

    assert "ann" == by_of(silence.SilenceAdded(quiet, "console"))


@pytest.mark.parametrize("kind", BY_TIME, ids=lambda kind: kind.__name__)
def test_what_time_does_is_done_by_nobody(kind: type[Any]) -> None:
    @settings(max_examples=10)
    @given(st.builds(kind))
    def check(event: Any) -> None:
        assert by_of(event) is None

    check()
