"""Other systems hear of tickets: what, in which order, and what becomes of one that refuses."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core.check import CheckResult, Outcome, Probe
from monitord.core.command import (
    Acknowledge,
    Comment,
    Decline,
    HandOver,
    OpenTicket,
    PageAlso,
    Resolve,
    SetPriority,
    Snooze,
)
from monitord.core.delivery import Delivery, DeliveryRefused, DeliveryState, Purpose
from monitord.core.facts import ConfigurationAccepted
from monitord.core.invariants import violations
from monitord.core.organization import ContactMethod, Person, Priority, Service
from monitord.core.policy import Policy, Tier
from monitord.core.webhook import (
    DISABLED_FOR,
    Webhook,
    WebhookDisabled,
    WebhookStanding,
    place_of,
    refused_for_good,
)
from monitord.core.world import Configuration
from tests.fakes.house import START, House, delivered

MINUTE = timedelta(minutes=1)
PEOPLE = {
    name: Person(name, name.title(), reach=(ContactMethod("email", name),)) for name in ("ann", "bo", "cem")
}
SHOP = Configuration(
    probes={"web": Probe("web", "shop", MINUTE, failures=1, passes=1)},
    services={"shop": Service("shop", "The shop", "support", policies=(("default", "up"),))},
    people=PEOPLE,
    policies={"up": Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("bo",), 5 * MINUTE)))},
    webhooks={"audit": Webhook("audit")},
)


class Outside(House):
    """A house whose notices can be read, and whose webhooks may refuse."""

    def __init__(self, configuration: Configuration = SHOP) -> None:
        super().__init__(configuration)
        self.refusing: dict[str, bool] = {}
        self.answer = self.answered

    def answered(self, delivery: Delivery) -> Any:
        permanent = self.refusing.get(delivery.address)
        if delivery.purpose is Purpose.WEBHOOK and permanent is not None:
            return DeliveryRefused(delivery.id, "no", permanent=permanent)
        return delivered(delivery)

    def fails(self) -> None:
        self.do(CheckResult("web", Outcome.CRITICAL, self.now, "503"))

    def passes(self) -> None:
        self.do(CheckResult("web", Outcome.OK, self.now, "200"))

    def heard(self, hook: str = "audit") -> list[str]:
        """The events that this webhook has got since this was asked last, in order."""
        sent = [each for each in self.deliver() if each.address == hook]
        return [each.notice.event.removeprefix("incident.") for each in sent if each.notice]

    def rows(self, state: DeliveryState) -> list[Delivery]:
        found = {
            record.id: record
            for _, _, decision in self.journal
            for record in decision.records
            if isinstance(record, Delivery) and record.purpose is Purpose.WEBHOOK
        }
        return [each for each in found.values() if each.state is state]


def burning(**changes: Any) -> Outside:
    house = Outside(replace(SHOP, **changes))
    house.fails()
    return house


# What they hear.


def test_a_whole_story_is_heard_in_its_order() -> None:
    house = burning()
    house.wait(5 * MINUTE)
    house.do(Acknowledge(1, "bo"))
    house.do(Comment(1, "bo", "looking"))
    house.do(HandOver(1, "bo", "cem"))
    house.do(Acknowledge(1, "cem"))
    house.do(Acknowledge(1, "ann"))
    house.do(PageAlso(1, "ann", ("bo",), "please"))
    house.do(Acknowledge(1, "bo"))
    house.do(SetPriority(1, "ann", Priority.LOW))
    house.do(Snooze(1, "ann", house.now + 60 * MINUTE))
    house.do(Decline(1, "ann"))
    house.passes()
    house.fails()

    notices = [each.notice for each in house.sent if each.notice] + [
        each.notice for each in house.deliver() if each.notice
    ]
    assert [
        "triggered",
        "escalated",
        "acknowledged",
        "annotated",
        "reassigned",
        "acknowledged",
        "reassigned",
        "responder.added",
        "responder.replied",
        "priority_updated",
        "acknowledged",
        "unacknowledged",
        "escalated",
        "resolved",
        "reopened",
    ] == [notice.event.removeprefix("incident.") for notice in notices]
    assert list(range(1, 16)) == [int(notice.id.rpartition("/")[2]) for notice in notices]
    assert [] == violations(house.world, house.now)


def test_what_is_given_back_is_heard_though_others_cannot_come_either() -> None:
    """In a catastrophe who has declined stays so, round after round."""
    house = Outside()
    house.do(OpenTicket("fire", "shop", Priority.LOW, "cem", catastrophic=True))
    for person in ("ann", "bo", "cem"):
        house.do(Acknowledge(1, person))
    house.do(PageAlso(1, "ann", ("bo",), "please"))
    house.do(Decline(1, "bo"))
    house.deliver()

    house.do(Decline(1, "cem"))

    assert ["unacknowledged"] == house.heard()


def test_what_nobody_has_is_not_given_back_twice() -> None:
    house = burning(policies={"up": Policy("up", (Tier(("ann", "bo"), 5 * MINUTE),))})
    house.do(Acknowledge(1, "ann"))
    house.do(Decline(1, "ann"))
    house.heard()

    house.do(Decline(1, "ann"))

    assert [] == house.heard()


def test_what_lapses_and_what_wakes_is_nobodys_again() -> None:
    house = burning()
    house.do(Acknowledge(1, "ann"))
    house.deliver()
    house.wait(30 * MINUTE)
    house.do(Snooze(1, "ann", house.now + 60 * MINUTE))
    house.wait(60 * MINUTE)

    events = [each.notice.event.removeprefix("incident.") for each in house.sent if each.notice]
    assert ["triggered", "acknowledged", "unacknowledged", "acknowledged", "unacknowledged"] == events


def test_a_notice_is_the_ticket_as_the_decision_left_it() -> None:
    house = burning()
    house.do(Acknowledge(1, "ann"))
    house.do(Resolve(1, "ann", "rebooted"))
    triggered, acknowledged, resolved = [each.notice for each in house.deliver() if each.notice]

    assert ("e1/1/1", 1, "web is down", "open", "e1/1", "503") == (
        triggered.id,
        triggered.number,
        triggered.title,
        triggered.state,
        triggered.key,
        triggered.summary,
    )
    assert (("shop", "The shop"), "support", "up", Priority.URGENT, (("ann", "Ann"),), None) == (
        triggered.service,
        triggered.team,
        triggered.policy,
        triggered.priority,
        triggered.assignees,
        triggered.agent,
    )
    assert ("acknowledged", ("ann", "Ann")) == (acknowledged.state, acknowledged.agent)
    assert ("resolved", "resolved by hand", "rebooted", ()) == (
        resolved.state,
        resolved.resolution,
        resolved.note,
        resolved.assignees,
    )


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (Webhook("audit"), ["triggered", "annotated", "resolved"]),
        (Webhook("audit", events=("incident.resolved",)), ["resolved"]),
        (Webhook("audit", services=("shop",)), ["triggered", "annotated", "resolved"]),
        (Webhook("audit", services=("desk",)), []),
        (Webhook("audit", priorities=(Priority.LOW,)), []),
        (Webhook("audit", priorities=(Priority.URGENT,), events=("incident.triggered",)), ["triggered"]),
    ],
)
def test_a_webhook_hears_what_it_wants(hook: Webhook, expected: list[str]) -> None:
    house = burning(webhooks={"audit": hook})
    house.do(Comment(1, "ann", "looking"))
    house.passes()

    assert expected == house.heard()


def test_nobody_listens_and_nothing_is_written() -> None:
    house = burning(webhooks={})

    assert [] == [each for each in house.deliver() if each.purpose is Purpose.WEBHOOK]
    assert [] == house.world.all(WebhookStanding)


def test_the_same_event_has_one_id_for_all_and_a_delivery_for_each() -> None:
    house = burning(webhooks={"audit": Webhook("audit"), "desk": Webhook("desk")})
    notices = [each for each in house.deliver() if each.notice]

    assert ["e1/1/webhook/audit/000001", "e1/1/webhook/desk/000001"] == [each.id for each in notices]
    assert ["webhook/audit", "webhook/desk"] == [each.channel for each in notices]
    assert 1 == len({each.notice.id for each in notices if each.notice})


# One after the other.


def test_what_comes_later_waits_for_what_came_before() -> None:
    house = burning()
    house.refusing["audit"] = False
    house.do(Acknowledge(1, "ann"))
    house.do(Comment(1, "ann", "looking"))
    assert [] == house.heard()
    first, *others = house.rows(DeliveryState.PENDING)
    assert (1, START + timedelta(seconds=5), [None, None]) == (
        first.attempts,
        first.due,
        [each.due for each in others],
    )

    house.refusing.clear()
    house.now += timedelta(seconds=5)

    assert ["triggered", "acknowledged", "annotated"] == house.heard()


def test_another_ticket_and_another_webhook_do_not_wait() -> None:
    hooks = {"audit": Webhook("audit"), "desk": Webhook("desk")}
    probes = {**SHOP.probes, "db": Probe("db", "shop", MINUTE, failures=1)}
    house = burning(webhooks=hooks, probes=probes)
    house.refusing["audit"] = False
    house.do(Acknowledge(1, "ann"))
    house.deliver()

    assert [] == house.heard("audit")
    house.refusing.clear()
    house.do(CheckResult("db", Outcome.CRITICAL, house.now, "refused"))
    (other,) = [each for each in house.deliver() if each.address == "audit"]
    assert (2, 2) == (other.ticket, len([each for each in house.sent if each.address == "desk"]) - 1)


def test_a_page_never_waits_for_a_webhook() -> None:
    house = burning()
    house.refusing["audit"] = False
    house.deliver()
    house.wait(5 * MINUTE)

    assert ["ann", "ann", "bo"] == [each.person for each in house.sent if each.purpose is Purpose.PAGE]


def test_a_webhook_is_no_line_of_the_timeline_until_it_fails() -> None:
    house = burning()
    house.refusing["audit"] = False
    house.deliver()
    house.refusing["audit"] = True
    house.now += timedelta(seconds=5)
    house.deliver()

    told = [type(event).__name__ for _, _, decision in house.journal for event in decision.events]
    assert (0, 1) == (told.count("DeliveryPutOff"), told.count("DeliveryFailed"))


# One that refuses for good.


def test_three_refused_for_good_in_a_row_disable_it_for_a_day() -> None:
    house = burning()
    house.refusing["audit"] = True
    for words in ("one", "two", "three", "four"):
        house.do(Comment(1, "ann", words))
    house.deliver()

    (standing,) = house.world.all(WebhookStanding)
    (disabled,) = [
        event for _, _, d in house.journal for event in d.events if isinstance(event, WebhookDisabled)
    ]
    assert WebhookStanding("audit", 0, house.now + DISABLED_FOR) == standing
    assert WebhookDisabled("audit", house.now + DISABLED_FOR, "no") == disabled
    assert (3, 2) == (len(house.rows(DeliveryState.FAILED)), len(house.rows(DeliveryState.WITHDRAWN)))

    house.refusing.clear()
    house.do(Comment(1, "ann", "five"))
    assert [] == house.heard()
    assert "the webhook is disabled" == house.rows(DeliveryState.WITHDRAWN)[-1].why

    house.now += DISABLED_FOR
    house.do(Comment(1, "ann", "six"))
    assert ["annotated"] == house.heard()
    assert [] == house.world.all(WebhookStanding)


def test_one_that_was_taken_in_between_begins_the_count_anew() -> None:
    house = burning()
    for permanent in (True, True, None, True, True):
        if permanent:
            house.refusing["audit"] = True
        else:
            house.refusing.clear()
        house.deliver()
        house.do(Comment(1, "ann", "a word"))

    assert [WebhookStanding("audit", 2)] == house.world.all(WebhookStanding)


def test_one_that_is_removed_hears_no_more() -> None:
    house = burning()
    house.refusing["audit"] = False
    house.deliver()
    house.world.accept(replace(SHOP, webhooks={}))
    house.do(ConfigurationAccepted("next"))

    assert ["the webhook was removed from the configuration"] == [
        each.why for each in house.rows(DeliveryState.WITHDRAWN)
    ]


def test_the_count_goes_up_to_three_and_begins_anew() -> None:
    standing = WebhookStanding("audit")
    for drops in (1, 2):
        standing = refused_for_good(standing, START)
        assert (drops, False) == (standing.drops, standing.disabled(START))

    standing = refused_for_good(standing, START)
    assert (0, True, False) == (
        standing.drops,
        standing.disabled(START),
        standing.disabled(START + DISABLED_FOR),
    )


@pytest.mark.parametrize(
    ("delivery", "expected"),
    [
        ("e1/7/webhook/audit/000001", ("e1/7/webhook/audit", "audit")),
        ("e1/7/1/1/ann/0.email", None),
        ("e1/7/1/resolved/ann", None),
        ("e1/s1/confirm", None),
    ],
)
def test_a_delivery_says_which_webhook_it_is_for(delivery: str, expected: tuple[str, str] | None) -> None:
    assert expected == place_of(delivery)
