"""Webhooks against a real server: signatures over the raw body, one id over all attempts, order, limits."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter

from monitord.channels.webhook import BODY_BYTES_MAX, KIND, Options, body
from monitord.core.check import CheckResult, Outcome, Probe
from monitord.core.command import Acknowledge, Comment, PageAlso
from monitord.core.delivery import Delivery, DeliveryRefused, DeliverySent, DeliveryState, Purpose
from monitord.core.organization import ContactMethod, Person, Priority, Service
from monitord.core.policy import Policy, Tier
from monitord.core.webhook import Notice, Webhook
from monitord.core.world import Configuration
from monitord.engine.letters import compose
from monitord.engine.links import Links
from monitord.kinds import Letter, Refused, Sent
from monitord.net import Net
from tests.fakes.house import House, delivered
from tests.fakes.receiver import SECRET, Receiver, receiving
from tests.fakes.shop import DOORS, SETTINGS
from tests.fakes.shop import SECRET as STORES

NOW = datetime(2026, 11, 22, 9, 12, 5, 250_000, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOTICE = Notice(
    id="e1/7/1",
    event="incident.triggered",
    at=NOW,
    agent=("ann", "Ann Example"),
    number=7,
    title="shop is down",
    state="open",
    key="e1/7",
    created=NOW - MINUTE,
    service=("shop", "The shop"),
    priority=Priority.URGENT,
    summary="503 Service Unavailable",
    team="support",
    policy="up",
    assignees=(("bo", "Bo Example"),),
    details=(("pod", "web-1"),),
    links=(("Runbook", "https://wiki.example.org/shop"),),
)
LETTER = Letter(
    id="e1/7/webhook/audit/000001",
    address="audit",
    subject="incident.triggered: shop is down",
    text="",
    html=None,
    headers=(),
    date=NOW,
    message_id="<x@example.org>",
    notice=NOTICE,
    ops="http://ops.example.org",
)


def options(to: Receiver, *secrets: str, timeout: float = 5.0) -> Options:
    keys = tuple(map(SecretStr, secrets or (SECRET,)))
    return Options(to.url, keys, timeout=timedelta(seconds=timeout))


def sent(to: Receiver, letter: Letter = LETTER, **more: Any) -> Sent | Refused:
    return asyncio.run(posted(options(to, **more), letter))


async def posted(given: Options, letter: Letter) -> Sent | Refused:
    net = Net()
    try:
        return await KIND.send(given, letter, net)
    finally:
        await net.close()


# One message.


def test_a_notice_is_an_incident_as_pagerduty_says_it() -> None:
    with receiving() as it:
        assert Sent("202") == sent(it)

    event = it.heard[0].body["event"]
    assert {
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": "2026-11-22T09:12:05.250Z",
        "client": {"name": "monitord"},
    }.items() <= event.items()
    assert ("ann", "user_reference", "Ann Example") == tuple(
        event["agent"][key] for key in ("id", "type", "summary")
    )
    data = event["data"]
    assert {
        "id": "7",
        "type": "incident",
        "self": "http://ops.example.org/api/v1/tickets/7",
        "html_url": "http://ops.example.org/tickets/7",
        "number": 7,
        "status": "triggered",
        "incident_key": "e1/7",
        "created_at": "2026-11-22T09:11:05.250Z",
        "title": "shop is down",
        "urgency": "high",
        "conference_bridge": None,
        "resolve_reason": None,
        "details": {"pod": "web-1"},
    }.items() <= data.items()
    assert ["shop", "up", "support", "urgent", "bo"] == [
        data["service"]["id"],
        data["escalation_policy"]["id"],
        data["teams"][0]["id"],
        data["priority"]["id"],
        data["assignees"][0]["id"],
    ]


def test_every_secret_signs_the_raw_body() -> None:
    with receiving(keys=(SECRET, "the-next-secret-of-it")) as it:
        sent(it)
        asyncio.run(posted(options(it, SECRET, "the-next-secret-of-it"), LETTER))
        asyncio.run(posted(options(it, "somebody-elses-secret"), LETTER))

    assert [(SECRET,), (SECRET, "the-next-secret-of-it"), ()] == [each.signed for each in it.heard]


def test_a_note_and_a_call_are_found_where_others_look_for_them() -> None:
    noted = replace(NOTICE, event="incident.annotated", note="looking")
    wanted = replace(NOTICE, event="incident.responder.added", note="please", called=(("cem", "Cem"),))
    with receiving() as it:
        sent(it, replace(LETTER, notice=noted))
        sent(it, replace(LETTER, notice=wanted))

    assert ("looking", "7") == (
        it.heard[0].body["event"]["data"]["content"],
        it.heard[0].body["event"]["data"]["incident"]["id"],
    )
    called = it.heard[1].body["event"]["data"]
    assert ("cem", "please", "pending") == (called["user"]["id"], called["message"], called["state"])


def test_what_is_too_long_leaves_its_details_out_first() -> None:
    long = replace(
        NOTICE,
        summary="ß" * 9_000,
        note="\ud800" * 9_000,
        details=tuple((f"key {number}", "€" * 20_000) for number in range(50)),
        links=tuple((f"link {number}", "https://example.org/" + "a" * 1900) for number in range(50)),
    )
    with receiving() as it:
        sent(it, replace(LETTER, notice=long))
        sent(it, replace(LETTER, notice=replace(long, links=())))

    assert all(each.size <= BODY_BYTES_MAX and each.signed for each in it.heard)
    assert [0, 50] == [len(each.body["event"]["data"]["details"]) for each in it.heard]
    assert 7 == it.heard[0].body["event"]["data"]["number"]


def test_a_page_for_a_person_may_go_this_way_too() -> None:
    page = replace(LETTER, notice=None, address="ann", subject="shop is down", text="It is.\n")
    with receiving() as it:
        sent(it, page)

    event = it.heard[0].body["event"]
    assert ("monitord.message", "ann", "shop is down", "It is.\n") == (
        event["event_type"],
        event["data"]["to"],
        event["data"]["subject"],
        event["data"]["text"],
    )


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(500, False), (503, False), (429, False), (408, False), (400, True), (404, True), (410, True)],
)
def test_what_is_tried_again_and_what_is_not(status: int, permanent: bool) -> None:
    with receiving(status) as it:
        outcome = sent(it)

    assert isinstance(outcome, Refused)
    assert (permanent, False) == (outcome.permanent, outcome.ambiguous)
    assert f"answered {status}" in outcome.why


def test_a_redirect_is_not_followed() -> None:
    with receiving(302) as it:
        outcome = sent(it)

    assert isinstance(outcome, Refused) and outcome.permanent
    assert "a redirect, which is not followed" in outcome.why
    assert 1 == len(it.heard)


def test_who_does_not_answer_is_waited_for_only_so_long() -> None:
    with receiving(0) as it:
        outcome = asyncio.run(posted(options(it, timeout=0.2), LETTER))

    assert isinstance(outcome, Refused)
    assert (False, False) == (outcome.permanent, outcome.ambiguous)
    assert outcome.why.endswith("did not answer within 0.2 s")


@pytest.mark.parametrize("secrets", [[], ["short"], ["a-secret-that-signs"] * 3])
def test_one_or_two_secrets_sign_and_none_is_short(secrets: Sequence[str]) -> None:
    with pytest.raises(ValueError, match="secrets"):
        TypeAdapter(Options).validate_python({"url": "https://example.org/", "secrets": secrets})


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert body(LETTER) == body(LETTER)


# A ticket's story.


class Outside(House):
    """A house whose webhooks post to a real server."""

    def __init__(self, to: Receiver) -> None:
        super().__init__(
            Configuration(
                probes={"web": Probe("web", "shop", MINUTE, failures=1, passes=1)},
                services={"shop": Service("shop", policies=(("default", "up"),))},
                people={
                    name: Person(name, name, reach=(ContactMethod("email", name),)) for name in ("ann", "bo")
                },
                policies={"up": Policy("up", (Tier(("ann",), 5 * MINUTE),))},
                webhooks={"audit": Webhook("audit")},
            )
        )
        self.to = to
        self.answer = self.post
        self.links = Links(STORES, DOORS)
        self.do(CheckResult("web", Outcome.CRITICAL, self.now, "503"))

    def post(self, delivery: Delivery) -> DeliverySent | DeliveryRefused:
        if delivery.purpose is not Purpose.WEBHOOK:
            return delivered(delivery)
        outcome = sent(self.to, compose(delivery, self.links, SETTINGS))
        if isinstance(outcome, Sent):
            return DeliverySent(delivery.id, outcome.receipt)
        return DeliveryRefused(delivery.id, outcome.why, outcome.permanent, outcome.ambiguous)


def test_an_error_and_its_repetition_have_one_id_and_the_order_is_kept() -> None:
    with receiving(500, 503) as it:
        house = Outside(it)
        house.do(Acknowledge(1, "ann"))
        house.do(PageAlso(1, "ann", ("bo",), "please"))
        house.do(CheckResult("web", Outcome.OK, house.now, "200"))
        house.deliver()
        house.wait(MINUTE)

    assert [*["triggered"] * 3, "acknowledged", "responder.added", "resolved"] == it.events
    assert 4 == len({each.id for each in it.heard})
    assert 1 == len({each.id for each in it.heard[:3]})
    assert all(each.signed for each in it.heard)


def test_one_that_refuses_for_good_is_left_alone_for_a_day() -> None:
    with receiving(400, 400, 400) as it:
        house = Outside(it)
        for words in ("one", "two", "three", "four"):
            house.do(Comment(1, "ann", words))
        house.deliver()
        house.wait(60 * MINUTE)

    assert 3 == len(it.heard)
    assert [] == [d for d in house.world.all(Delivery) if d.state is DeliveryState.PENDING and d.notice]
