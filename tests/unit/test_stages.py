"""The stages: what follows from what. Stories are in tests/transcripts; here are the corners."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core.check import CheckResult, ClockSet, Outcome, Probe
from monitord.core.command import Acknowledge, Comment, Decline, HandOver, OpenTicket, Resolve
from monitord.core.delivery import (
    AttemptStarted,
    Delivery,
    DeliveryInterrupted,
    DeliveryRefused,
    DeliverySent,
    DeliveryState,
    Purpose,
)
from monitord.core.escalation import Escalation, NobodyToPage, TierSkipped
from monitord.core.facts import ConfigurationAccepted
from monitord.core.health import Health
from monitord.core.organization import (
    Component,
    ComponentState,
    ContactMethod,
    Person,
    Priority,
    PublicEffect,
    Service,
    StatusPage,
)
from monitord.core.paging import PersonUnreachable
from monitord.core.policy import DeadlineKind, Policy, Tier
from monitord.core.signal import Signal
from monitord.core.stages.judge import circumstances
from monitord.core.statuspage import ComponentsChanged, Incident, Phase, Post, PostRefused, WritePost
from monitord.core.subscription import (
    Broadcast,
    ConfirmSubscription,
    ExpandBroadcast,
    Subscribe,
    Subscriber,
    SubscriberDue,
    Unsubscribe,
    subscriber_id,
)
from monitord.core.ticket import State, Ticket, TicketDue, TicketOpened
from monitord.core.verdict import Action, Reason, Verdict, VerdictDue, Window
from monitord.core.world import Configuration, Draft
from tests.fakes.house import START, House

MINUTE = timedelta(minutes=1)
WEB, DB = "probe/web:down", "probe/db:down"


def person(name: str, *methods: ContactMethod) -> Person:
    return Person(name, name, reach=methods or (ContactMethod("email", f"{name}@example.org"),))


PEOPLE = {name: person(name) for name in ("ann", "bo", "cem", "dee")}
UP = Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("bo",), 5 * MINUTE)))
SHOP = Configuration(
    organization="Example",
    probes={
        "web": Probe("web", "shop", MINUTE, failures=1, passes=1, unknowns=1, depends_on=("db",)),
        "db": Probe("db", "db", MINUTE, failures=1, passes=1),
    },
    services={
        "shop": Service(
            "shop",
            policies=(("default", "up"),),
            components=("shop",),
            public=PublicEffect(publish_after=MINUTE),
        ),
        "db": Service("db", policies=(("default", "up"),)),
    },
    people=PEOPLE,
    policies={"up": UP},
    status_pages=(StatusPage("public", "Example status", (Component("shop", "Shop"),)),),
)
ALONE = replace(SHOP, probes={"web": replace(SHOP.probes["web"], depends_on=())})


def tiers(*policy: tuple[str, ...]) -> Configuration:
    """The same with these tiers of five minutes."""
    up = Policy("up", tuple(Tier(page, 5 * MINUTE) for page in policy))
    return replace(ALONE, policies={"up": up})


class Night(House):
    """A house with short words for what happens in it."""

    def check(self, probe: str, outcome: Outcome, after: float = 0) -> tuple[Any, ...]:
        self.now += after * MINUTE
        return self.do(CheckResult(probe, outcome, self.now, outcome.value)).events

    def fails(self, probe: str, after: float = 0) -> tuple[Any, ...]:
        return self.check(probe, Outcome.CRITICAL, after)

    def passes(self, probe: str, after: float = 0) -> tuple[Any, ...]:
        return self.check(probe, Outcome.OK, after)

    def accept(self, **changes: Any) -> tuple[Any, ...]:
        self.world.accept(replace(self.world.accepted, **changes))
        return self.do(ConfigurationAccepted("next")).events

    def set_clock(self, minutes: float) -> None:
        self.now += minutes * MINUTE
        self.do(ClockSet(minutes * MINUTE))

    def reason(self, signal: str) -> Reason | None:
        verdict = self.world.get(Verdict, signal)
        return verdict.reason if verdict else None

    def ticket(self, number: int = 1) -> Ticket:
        found = self.world.get(Ticket, number)
        assert found is not None
        return found

    def paged(self) -> list[str | None]:
        """Who was paged since this was last asked, in order."""
        return [each.person for each in self.deliver() if each.purpose is Purpose.PAGE]

    def story(self) -> Incident:
        (found,) = self.world.all(Incident)
        return found

    def posts(self) -> list[Post]:
        return [
            record
            for _, _, decision in self.journal
            for record in decision.records
            if isinstance(record, Post)
        ]


# observe


def test_a_probe_that_was_removed_begins_anew_when_it_returns() -> None:
    night = Night(replace(ALONE, probes={"web": Probe("web", "shop", failures=3)}))
    night.fails("web")
    night.fails("web", after=1)

    night.accept(probes={})
    night.accept(probes={"web": Probe("web", "shop", failures=3)})
    night.fails("web", after=60)

    assert Health("web", streak=1, streak_since=night.now) == night.world.get(Health, "web")


def test_a_probe_that_was_removed_while_it_is_down_is_up_when_it_returns() -> None:
    night = Night(ALONE)
    night.fails("web")

    night.accept(probes={})

    assert Health("web") == night.world.get(Health, "web")
    assert [] == night.world.all(Signal)


# judge


def test_a_cause_that_cleared_is_not_held_when_it_comes_back() -> None:
    """`Hold until it clears` ends when it clears; what fails afterwards is news."""
    night = Night(ALONE)
    night.fails("web")
    night.do(Resolve(1, "ann", hold_until_clear=True))
    night.deliver()
    night.passes("web", after=60)

    night.fails("web", after=60)

    assert Reason.DOWN is night.reason(WEB)
    assert ["ann"] == night.paged()


def test_what_was_held_until_it_clears_is_told_again_after_a_day() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(Resolve(1, "ann", hold_until_clear=True))
    night.deliver()

    night.wait(timedelta(hours=24))

    assert (State.OPEN, 1) == (night.ticket().state, night.ticket().reopened)
    assert "ann" == night.sent[-1].person


def test_the_newest_resolution_by_hand_counts() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(Resolve(1, "ann"))
    night.passes("web", after=1)
    night.fails("web", after=60)
    night.do(Resolve(2, "ann", hold_until_clear=True))

    night.accept()

    assert Reason.RESOLVED_BY_HAND is night.reason(WEB)


def test_a_hold_goes_on_in_the_name_of_whoever_resolved() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(Acknowledge(1, "bo"))
    night.do(Resolve(1, "cem"))

    night.accept()

    verdict = night.world.get(Verdict, WEB)
    assert verdict is not None
    assert "cem" == verdict.because


@pytest.mark.parametrize("by", [-60, 60])
def test_a_hold_by_hand_lasts_as_long_as_was_meant_whatever_the_clock_does(by: float) -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(Resolve(1, "ann"))

    night.set_clock(by)
    night.wait(9 * MINUTE)
    before = night.reason(WEB)
    night.wait(2 * MINUTE)

    assert (Reason.RESOLVED_BY_HAND, Reason.DOWN) == (before, night.reason(WEB))


def test_a_maintenance_window_is_on_the_wall_clock() -> None:
    window = Window("upgrade", START, START + 30 * MINUTE, services=("shop",))
    night = Night(replace(ALONE, windows=(window,)))
    night.fails("web", after=5)

    night.set_clock(10)

    verdict = night.world.get(Verdict, WEB)
    assert verdict is not None
    assert START + 30 * MINUTE == verdict.until


def test_a_child_that_recovers_after_its_parent_is_not_paged_on_its_way_up() -> None:
    """It needs two passes; the first one is no reason to wake somebody."""
    patient = replace(SHOP.probes["web"], passes=2)
    night = Night(replace(SHOP, probes={**SHOP.probes, "web": patient}))
    night.fails("db")
    night.fails("web", after=0.1)
    night.passes("db", after=1)

    night.passes("web", after=0.5)
    waiting = night.reason(WEB)
    night.wait(MINUTE)
    night.passes("web")

    assert Reason.DEPENDENCY_RECOVERED is waiting
    assert (None, 2) == (night.reason(WEB), night.world.installation.next_ticket)


def test_a_child_that_fails_again_after_its_parent_came_back_is_paged_at_once() -> None:
    night = Night(SHOP)
    night.fails("db")
    night.fails("web", after=0.1)
    night.passes("db", after=1)

    night.fails("web", after=0.5)

    assert Reason.DOWN is night.reason(WEB)


def test_a_child_whose_check_tells_nothing_goes_on_waiting_for_one_that_does() -> None:
    night = Night(replace(SHOP, probes={**SHOP.probes, "web": replace(SHOP.probes["web"], unknowns=9)}))
    night.fails("db")
    night.fails("web", after=0.1)
    night.passes("db", after=1)

    night.check("web", Outcome.UNKNOWN, after=0.5)
    waiting = night.reason(WEB)
    night.wait(2 * MINUTE)

    assert (Reason.DEPENDENCY_RECOVERED, Reason.DOWN) == (waiting, night.reason(WEB))


def test_a_blind_child_that_is_still_blind_after_its_parent_came_back_is_told() -> None:
    night = Night(SHOP)
    night.fails("db")
    night.check("web", Outcome.UNKNOWN, after=0.1)
    night.passes("db", after=1)

    night.check("web", Outcome.UNKNOWN, after=0.5)

    assert Reason.UNKNOWN is night.reason("probe/web:unknown")


def test_a_check_of_a_parent_that_stays_down_decides_nothing_anew() -> None:
    night = Night(SHOP)
    night.fails("db")
    night.fails("web", after=0.1)

    decision = night.do(CheckResult("db", Outcome.CRITICAL, night.now, "refused"))

    assert (Reason.DEPENDENCY_DOWN, ()) == (night.reason(WEB), decision.records)


def test_a_hold_remembers_since_when_it_holds_for_this_reason() -> None:
    """Its end may move while the parent is counting; that it holds is told once."""
    counting = replace(SHOP.probes["db"], failures=3)
    night = Night(replace(SHOP, probes={**SHOP.probes, "db": counting}))
    night.fails("web")
    before = night.world.get(Verdict, WEB)

    events = night.fails("db", after=0.5)
    after = night.world.get(Verdict, WEB)

    assert before is not None
    assert after is not None
    assert ((), START, START) == (events, before.at, after.at)
    assert [START + 70 * MINUTE / 60, START + 3.5 * MINUTE + timedelta(seconds=10)] == [
        before.until,
        after.until,
    ]


def test_a_parent_that_has_passed_is_not_suspected_again_while_another_is() -> None:
    patient = replace(SHOP.probes["db"], failures=3)
    probes = {
        "web": replace(SHOP.probes["web"], depends_on=("db", "dns")),
        "db": patient,
        "dns": replace(patient, id="dns", service="dns"),
    }
    night = Night(replace(SHOP, probes=probes))
    night.fails("web")

    night.passes("db", after=0.2)
    night.fails("db", after=0.2)
    night.fails("dns", after=0.2)
    verdict = night.world.get(Verdict, WEB)
    night.passes("dns", after=0.2)

    assert verdict is not None
    assert ("dns",) == verdict.waits_on
    assert Reason.DOWN is night.reason(WEB)


def test_a_parent_that_nobody_configured_holds_nothing() -> None:
    night = Night(replace(SHOP, probes={"web": SHOP.probes["web"]}))

    night.fails("web")

    assert Reason.DOWN is night.reason(WEB)


def test_a_hold_is_judged_again_when_the_configuration_changes() -> None:
    window = Window("upgrade", START, START + 30 * MINUTE, services=("shop",))
    night = Night(replace(ALONE, windows=(window,)))
    night.fails("web")

    night.accept(windows=())

    assert Reason.DOWN is night.reason(WEB)


def test_a_hold_that_is_looked_at_in_vain_stays() -> None:
    night = Night(SHOP)
    night.fails("db")
    night.fails("web", after=0.1)

    night.do(VerdictDue(WEB))
    night.do(VerdictDue("probe/gone:down"))

    assert Reason.DEPENDENCY_DOWN is night.reason(WEB)


def test_a_signal_without_a_probe_has_no_parents_and_no_next_check() -> None:
    mail = Signal("mail/desk", "down", "shop", True, START, START)

    around = circumstances(Draft(House(SHOP).world, START), mail)

    assert ((), None) == (around.parents, around.next_check_by)


# track


def test_two_causes_are_two_tickets() -> None:
    night = Night(replace(ALONE, probes={**ALONE.probes, "db": SHOP.probes["db"]}))

    night.fails("web")
    night.fails("db")

    assert ["web is down", "db is down"] == [each.title for each in night.world.all(Ticket)]


def test_a_ticket_is_archived_a_day_after_its_end_and_its_number_is_never_used_again() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.passes("web", after=1)

    night.wait(timedelta(hours=24))
    night.fails("web")

    assert [2] == [each.number for each in night.world.all(Ticket)]


def test_a_ticket_that_is_due_too_early_stays() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.passes("web", after=1)

    night.do(TicketDue(1))

    assert State.RESOLVED is night.ticket().state


def test_a_command_for_a_ticket_that_is_unknown_is_recorded() -> None:
    night = Night(ALONE)

    (event,) = night.do(Acknowledge(99, "ann")).events

    assert "not known" == event.state


def test_a_ticket_that_a_person_opens_pages_by_its_priority() -> None:
    night = Night(ALONE)

    night.do(OpenTicket("Fire", "shop", Priority.URGENT, "cem"))

    assert ["ann"] == night.paged()
    assert "cem" == night.journal[-3][2].events[0].by


# escalate


def test_what_is_not_urgent_and_has_no_policy_pages_nobody_and_is_looked_at_daily() -> None:
    night = Night(replace(ALONE, policies={}))

    night.do(OpenTicket("Slow", "gone", Priority.LOW, "cem"))

    assert [] == night.paged()
    assert DeadlineKind.REVIEW is night.world.all(Escalation)[0].deadline.kind


def test_a_tier_whose_people_cannot_be_reached_is_skipped_at_once() -> None:
    night = Night(replace(tiers(("ann",), ("bo",)), people={**PEOPLE, "ann": Person("ann", "Ann")}))

    events = night.fails("web")

    assert PersonUnreachable(1, "ann", "has no contact method") in events
    assert TierSkipped(1, 1, ("ann",)) in events
    assert ["bo"] == night.paged()


def test_a_person_who_is_no_longer_configured_is_passed_over_and_that_is_said() -> None:
    night = Night(tiers(("eve", "bo")))

    events = night.fails("web")

    assert PersonUnreachable(1, "eve", "no longer in the configuration") in events
    assert ["bo"] == night.paged()


@pytest.mark.parametrize("to", ["eve", "dee"])
def test_what_is_handed_over_to_somebody_who_cannot_be_reached_goes_to_tier_one_at_once(to: str) -> None:
    night = Night(replace(ALONE, people={**PEOPLE, "dee": Person("dee", "Dee")}))
    night.fails("web")
    night.deliver()

    events = night.do(HandOver(1, "ann", to)).events

    assert [to] == [event.person for event in events if isinstance(event, PersonUnreachable)]
    assert ["ann"] == night.paged()


def test_the_last_resort_joins_only_what_is_urgent() -> None:
    night = Night(replace(ALONE, last_resort=("dee",)))
    night.do(OpenTicket("Slow", "shop", Priority.LOW, "cem"))
    night.do(OpenTicket("Fire", "shop", Priority.URGENT, "cem"))

    night.wait(60 * MINUTE)

    assert {(2, "dee")} == {(each.ticket, each.person) for each in night.sent if each.person == "dee"}


def test_where_there_is_nobody_else_the_last_resort_takes_whatever_it_is() -> None:
    night = Night(replace(tiers(()), last_resort=("dee",)))

    night.do(OpenTicket("Slow", "shop", Priority.LOW, "cem"))

    assert ["dee"] == night.paged()


def test_the_worst_configuration_says_so() -> None:
    assert NobodyToPage(1, "up") in Night(tiers(())).fails("web")


@pytest.mark.parametrize(("holder", "expected"), [("dee", ["dee"]), (None, ["ann"])])
def test_what_comes_back_is_asked_of_whoever_had_it_or_of_tier_one(
    holder: str | None, expected: list[str]
) -> None:
    night = Night(ALONE)
    night.fails("web")
    if holder:
        night.do(Acknowledge(1, holder))
    night.passes("web", after=1)
    night.deliver()

    night.fails("web", after=1)

    assert expected == night.paged()


def test_what_has_ended_goes_up_no_further() -> None:
    night = Night(ALONE)
    night.fails("web")

    night.passes("web", after=1)
    night.wait(60 * MINUTE)

    assert [] == night.world.all(Escalation)
    assert {"ann"} == {each.person for each in night.sent}


def test_only_the_holders_word_renews_an_acknowledgement() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(Acknowledge(1, "ann"))
    night.now += 10 * MINUTE

    night.do(Comment(1, "bo", "I am watching"))
    (before,) = night.world.all(Escalation)
    night.do(Comment(1, "ann", "still looking"))
    (after,) = night.world.all(Escalation)

    assert (1, START + 25 * MINUTE) == (before.renewals, before.deadline.at)
    assert (2, START + 35 * MINUTE) == (after.renewals, after.deadline.at)


def test_a_ticket_whose_acknowledgement_lapsed_is_open_again_and_its_holder_is_asked() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(Acknowledge(1, "bo"))
    night.deliver()

    night.wait(29 * MINUTE)
    asked = night.ticket().state
    night.wait(MINUTE)

    assert State.ACKNOWLEDGED is asked
    assert (State.OPEN, None, "bo") == (
        night.ticket().state,
        night.ticket().holder,
        night.ticket().last_holder,
    )
    assert {"ann", "bo"} == {each.person for each in night.sent if each.round == 2}
    assert "e1/1/1/asked-1/bo" in {each.id for each in night.sent}


def test_a_declined_round_goes_on_with_the_policy_of_today() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(Acknowledge(1, "ann"))
    night.deliver()
    night.accept(policies={"up": Policy("up", (Tier(("ann",), MINUTE), Tier(("dee",), MINUTE)))})

    night.do(Decline(1, "ann"))

    assert ["dee"] == night.paged()


# page


def test_an_answer_withdraws_what_has_not_left() -> None:
    ann = person("ann", ContactMethod("email", "a@x"), ContactMethod("sms", "+1", 2 * MINUTE))
    night = Night(replace(ALONE, people={**PEOPLE, "ann": ann}))
    night.fails("web")
    night.deliver()

    night.do(Acknowledge(1, "bo"))
    night.wait(10 * MINUTE)

    assert [] == [each for each in night.sent if each.channel == "sms"]


def test_a_receipt_never_cancels_the_next_method() -> None:
    ann = person("ann", ContactMethod("email", "a@x"), ContactMethod("sms", "+1", 2 * MINUTE))
    night = Night(replace(ALONE, people={**PEOPLE, "ann": ann}))
    night.fails("web")

    night.wait(2 * MINUTE)

    assert ["email", "sms"] == [each.channel for each in night.sent]


def test_whoever_has_a_ticket_hears_its_end_even_if_nobody_paged_them() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(Acknowledge(1, "dee"))
    night.deliver()

    night.passes("web", after=1)

    assert ["ann", "dee"] == [each.person for each in night.deliver()]


def test_whoever_resolves_is_not_told_what_they_did() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(Acknowledge(1, "ann"))
    night.deliver()

    night.do(Resolve(1, "ann"))

    assert [] == night.deliver()


def test_a_page_that_was_being_sent_when_the_answer_came_is_not_sent_again() -> None:
    night = Night(ALONE)
    night.fails("web")
    (page,) = night.world.all(Delivery)
    night.do(AttemptStarted(page.id))
    night.do(Acknowledge(1, "bo"))

    night.do(DeliveryInterrupted(page.id))

    assert None is night.world.get(Delivery, page.id)


@pytest.mark.parametrize(
    "fact",
    [
        AttemptStarted("gone"),
        DeliverySent("gone"),
        DeliveryRefused("gone", "x"),
        DeliveryInterrupted("gone"),
        DeliverySent("e1/1/1/1/ann/0.email"),  # it was never begun
        DeliveryRefused("e1/1/1/1/ann/0.email", "x"),
        DeliveryInterrupted("e1/1/1/1/ann/0.email"),
        ExpandBroadcast("gone"),
        ConfirmSubscription("gone"),
        Unsubscribe("gone"),
        SubscriberDue("gone"),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_word_of_what_is_not_on_its_way_changes_nothing(fact: Any) -> None:
    night = Night(ALONE)
    night.fails("web")

    assert ((), ()) == (night.do(fact).records, night.do(fact).events)


def test_an_attempt_too_early_may_not_be_sent() -> None:
    ann = person("ann", ContactMethod("sms", "+1", 2 * MINUTE))
    night = Night(replace(ALONE, people={**PEOPLE, "ann": ann}))
    night.fails("web")
    (page,) = night.world.all(Delivery)

    assert () == night.do(AttemptStarted(page.id)).records


@pytest.mark.parametrize("by", [-60, 60])
def test_what_was_due_stays_due_when_the_clock_is_set(by: float) -> None:
    ann = person("ann", ContactMethod("email", "a@x"), ContactMethod("sms", "+1", 2 * MINUTE))
    night = Night(replace(ALONE, people={**PEOPLE, "ann": ann}))
    night.fails("web")

    night.set_clock(by)
    at_once = [each.channel for each in night.deliver()]
    night.wait(2 * MINUTE)

    assert ["email"] == at_once
    assert ["email", "sms"] == [each.channel for each in night.sent]


def test_when_every_message_of_a_step_is_refused_the_next_tier_follows_at_once() -> None:
    night = Night(ALONE)
    night.answer = lambda each: (
        DeliveryRefused(each.id, "no such mailbox", permanent=True)
        if each.person == "ann"
        else DeliverySent(each.id)
    )
    night.fails("web")

    night.wait(MINUTE)

    assert ["bo"] == [each.person for each in night.sent]


def test_a_refused_method_brings_the_next_one_forward() -> None:
    ann = person("ann", ContactMethod("email", "a@x"), ContactMethod("sms", "+1", 4 * MINUTE))
    night = Night(replace(ALONE, people={**PEOPLE, "ann": ann}))
    night.answer = lambda each: (
        DeliveryRefused(each.id, "busy") if each.channel == "email" else DeliverySent(each.id)
    )
    night.fails("web")

    night.wait(timedelta(0))

    assert [("ann", "sms")] == [(each.person, each.channel) for each in night.sent]


def test_a_mail_server_that_comes_back_delivers_one_page_a_person() -> None:
    night = Night(tiers(("ann",)))
    night.answer = lambda each: DeliveryRefused(each.id, "down")
    night.fails("web")
    night.wait(60 * MINUTE)

    waiting = [each for each in night.world.all(Delivery) if each.state is DeliveryState.PENDING]

    assert 1 == len(waiting)


# publish


def test_a_failure_is_shown_at_once_and_posted_after_its_time() -> None:
    night = Night(ALONE)
    night.fails("web")
    shown, posted = night.story().affects, night.posts()

    night.wait(MINUTE)

    assert ((("shop", ComponentState.DEGRADED),), []) == (shown, posted)
    assert [(START + MINUTE, Phase.INVESTIGATING)] == [(post.at, post.phase) for post in night.posts()]


def test_two_signals_of_a_service_are_one_story_and_the_last_ends_it() -> None:
    two = {name: Probe(name, "shop", MINUTE, failures=1, passes=1) for name in ("web", "api")}
    night = Night(replace(ALONE, probes=two))
    night.fails("web")
    night.fails("api", after=2)
    night.tick()

    night.passes("web", after=1)
    still = night.story().phase
    night.passes("api", after=1)

    assert (Phase.INVESTIGATING, []) == (still, night.world.all(Incident))
    assert [Phase.INVESTIGATING, Phase.RESOLVED] == [post.phase for post in night.posts()]


def test_what_is_held_for_a_parent_is_shown_but_not_posted() -> None:
    night = Night(SHOP)
    night.fails("db")

    events = night.fails("web", after=0.1)
    night.wait(5 * MINUTE)

    assert ComponentsChanged(night.story().id, ("shop",)) in events
    assert [] == night.posts()


def test_what_is_in_maintenance_is_not_shown_as_failing() -> None:
    window = Window("upgrade", START, START + 30 * MINUTE, services=("shop",))
    night = Night(replace(ALONE, windows=(window,)))

    night.fails("web")

    assert [] == night.world.all(Incident)


def test_a_story_that_ends_in_maintenance_does_not_claim_a_recovery() -> None:
    two = {**SHOP.probes, "api": Probe("api", "shop", MINUTE, failures=1, passes=1)}
    night = Night(replace(SHOP, probes=two))
    night.fails("api")
    night.fails("db")
    night.fails("web", after=0.1)
    night.wait(2 * MINUTE)
    night.passes("api")

    night.accept(windows=(Window("upgrade", START, START + 90 * MINUTE, probes=("web",)),))

    assert "Shop: under maintenance" == night.posts()[-1].heading


def test_a_removed_probe_does_not_claim_a_recovery() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.wait(2 * MINUTE)

    night.accept(probes={})

    assert ("Shop: no longer watched", Phase.RESOLVED) == (
        night.posts()[-1].heading,
        night.posts()[-1].phase,
    )


def test_what_customers_never_felt_heals_nothing_that_a_person_wrote() -> None:
    night = Night(ALONE)
    night.fails("web")
    night.do(WritePost("cem", "We see it.", Phase.IDENTIFIED, night.story().id))
    night.passes("web", after=1)
    affects = (("shop", ComponentState.PARTIAL_OUTAGE),)
    night.do(WritePost("cem", "Payments fail.", Phase.IDENTIFIED, night.story().id, affects=affects))
    night.accept(windows=(Window("upgrade", START, START + 90 * MINUTE, services=("shop",)),))
    night.fails("web", after=1)

    night.passes("web", after=1)

    assert (affects, "cem") == (night.story().affects, night.posts()[-1].by)


def test_trouble_that_comes_back_is_shown_even_if_a_person_wrote_of_something_else() -> None:
    pages = (StatusPage("public", "P", (Component("shop", "Shop"), Component("cart", "Cart"))),)
    night = Night(replace(ALONE, status_pages=pages))
    night.fails("web")
    night.do(WritePost("cem", "We see it.", Phase.IDENTIFIED, night.story().id))
    night.passes("web", after=1)
    cart = ("cart", ComponentState.DEGRADED)
    night.do(WritePost("cem", "The cart.", Phase.IDENTIFIED, night.story().id, affects=(cart,)))

    night.fails("web", after=1)

    assert (cart, ("shop", ComponentState.DEGRADED)) == night.story().affects
    assert "The problem with Shop is back. We are working on it." == night.posts()[-1].body


def test_a_component_that_joins_a_service_during_an_outage_is_shown() -> None:
    night = Night(ALONE)
    night.fails("web")

    night.accept(services={"shop": replace(ALONE.services["shop"], components=("shop", "cart"))})

    assert ["shop", "cart"] == [component for component, _ in night.story().affects]


def test_a_post_that_would_not_be_true_is_refused_with_the_first_signal_by_name() -> None:
    two = {name: Probe(name, "shop", MINUTE, failures=1, passes=1) for name in ("web", "api")}
    night = Night(replace(ALONE, probes=two))
    night.fails("web")
    night.fails("api")
    story = night.story().id

    (event,) = night.do(WritePost("cem", "Fine.", Phase.RESOLVED, story)).events

    why = "our monitoring still sees it (probe/api:down); post `monitoring`, or wait until it clears"
    assert PostRefused(story, "cem", why) == event


def test_the_clock_moves_the_first_post_along() -> None:
    night = Night(ALONE)
    night.fails("web")

    night.set_clock(-60)
    night.wait(MINUTE)

    assert 1 == len(night.posts())


# announce


def subscribed(night: Night, *addresses: str) -> None:
    for address in addresses:
        night.do(Subscribe(address))
        night.do(ConfirmSubscription(subscriber_id("e1", "email", address)))
    night.deliver()


def test_a_post_reaches_every_confirmed_subscriber() -> None:
    night = Night(ALONE)
    subscribed(night, "a@example.org", "b@example.org")
    night.do(Subscribe("c@example.org"))

    night.fails("web")
    night.wait(MINUTE)

    assert {"a@example.org", "b@example.org"} == {
        each.address for each in night.sent if each.purpose is Purpose.POST
    }


def test_a_post_without_subscribers_is_no_broadcast() -> None:
    night = Night(ALONE)
    night.fails("web")

    night.wait(MINUTE)

    assert [] == [r for _, _, decision in night.journal for r in decision.records if isinstance(r, Broadcast)]


def test_who_unsubscribes_gets_nothing_more_and_is_forgotten() -> None:
    night = Night(ALONE)
    subscribed(night, "a@example.org")
    sub = subscriber_id("e1", "email", "a@example.org")
    night.do(WritePost("cem", "Hello.", title="Fire", affects=(("shop", ComponentState.DEGRADED),)))
    (post,) = night.posts()
    night.do(ExpandBroadcast(post.key))

    night.do(Unsubscribe(sub))

    assert ([], None) == (night.deliver(), night.world.get(Subscriber, sub))


def test_who_does_not_confirm_is_forgotten_in_time() -> None:
    night = Night(ALONE)
    night.do(Subscribe("a@example.org"))
    sub = subscriber_id("e1", "email", "a@example.org")

    night.do(SubscriberDue(sub))
    known = night.world.get(Subscriber, sub)
    night.wait(timedelta(hours=48))

    assert known is not None
    assert None is night.world.get(Subscriber, sub)


def test_confirming_twice_is_confirming_once() -> None:
    night = Night(ALONE)
    subscribed(night, "a@example.org")

    assert () == night.do(ConfirmSubscription(subscriber_id("e1", "email", "a@example.org"))).events


def test_mails_are_sent_in_the_name_of_the_first_page_or_else_of_the_organization() -> None:
    without = Night(replace(ALONE, status_pages=()))

    with_page, no_page = Night(ALONE), without
    with_page.do(Subscribe("a@example.org"))
    no_page.do(Subscribe("a@example.org"))

    assert [
        "Confirm: updates from Example status",
        "Confirm: updates from Example",
    ] == [night.deliver()[0].text.subject for night in (with_page, no_page)]


def test_a_ticket_tells_why_it_was_opened() -> None:
    events = Night(ALONE).fails("web")

    assert TicketOpened(1, Priority.URGENT, "down") in events
    assert [Action.RAISE] == [event.verdict.action for event in events if hasattr(event, "verdict")]
