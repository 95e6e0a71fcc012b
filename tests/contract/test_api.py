"""The API through its control socket: questions, acts that are done once and say what they did, mistakes."""

import asyncio
import json
import os
import pwd
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitord.client import Client, Refused, WrongUse
from monitord.client.wire import Question, Reply, ask
from monitord.core.check import Outcome
from monitord.core.ticket import State, Ticket
from monitord.engine.clock import VirtualClock
from monitord.engine.engine import FactRefused
from monitord.web.ops.sources import Sources
from tests.fakes.night import Play, opened
from tests.fakes.terminal import Terminal, terminal, typed


@pytest.fixture
def client(beside: Terminal) -> Client:
    return beside.client()


def ticket(sources: Sources, number: int) -> Ticket:
    found = sources.world.get(Ticket, number)
    assert found is not None
    return found


async def told(
    beside: Terminal, path: str, body: Mapping[str, Any] | None = None, **headers: str
) -> tuple[int, Any]:
    """What the API answers, word for word."""
    spelled = {name.replace("_", "-"): value for name, value in headers.items()}
    reply: Reply = await typed(ask, beside.place, Question(path, {}, body, spelled), 10.0)
    return reply.status, json.loads(reply.body)


# Questions.


async def test_the_daemon_in_one_look(client: Client) -> None:
    status = await typed(client.status)

    assert ("Example Shop", "4f1c2e9a77b0", True, ()) == (
        status.organization,
        status.revision,
        status.ready,
        status.missing,
    )
    assert (1, 1, 7, 3, 1, 1) == (
        status.counts.tickets_open,
        status.counts.tickets_acknowledged,
        status.counts.probes,
        status.counts.probes_down,
        status.counts.probes_failing,
        status.counts.held,
    )
    assert ["urgent", "reports", "results", "bulk"] == [queue.name for queue in status.queues]


async def test_tickets_are_listed_newest_first(client: Client) -> None:
    everything = await typed(client.tickets)
    older = await typed(client.tickets, before=3, limit=1)

    assert [3, 2, 1] == [row.number for row in everything]
    assert [2] == [row.number for row in older]
    assert "cem is paged in 1 min, and bo, ann again" == (everything[0].next and everything[0].next.says)
    assert everything[2].next is None


async def test_tickets_are_found_by_state_and_service(client: Client) -> None:
    assert [1] == [row.number for row in await typed(client.tickets, state="resolved")]
    assert [2] == [row.number for row in await typed(client.tickets, service="database")]


async def test_a_ticket_comes_with_its_timeline_and_messages(client: Client) -> None:
    story = await typed(client.ticket, 1)

    assert ["ticket_opened", "ticket_acknowledged", "ticket_resolved"] == [
        line.kind for line in story.timeline if line.kind.startswith("ticket_")
    ]
    assert {"sent", "withdrawn"} == {delivery.state for delivery in story.deliveries}
    assert story.deliveries == await typed(client.deliveries, 1)


async def test_an_escalation_says_how_far_it_is(client: Client) -> None:
    escalation = (await typed(client.ticket, 3)).escalation

    assert escalation is not None
    assert (1, 2, 4, ("bo", "ann")) == (
        escalation.round,
        escalation.tier,
        escalation.tiers,
        escalation.circle,
    )


async def test_probes_come_with_streak_and_reason(client: Client) -> None:
    probes = {probe.id: probe for probe in await typed(client.probes)}

    assert ("failing", 2, 3) == (probes["search"].state, probes["search"].streak, probes["search"].needed)
    assert ("what it depends on is down", "db1") == (
        probes["orders"].held[0].reason,
        probes["orders"].held[0].because,
    )
    assert (2,) == probes["db1"].tickets


async def test_a_probe_comes_with_its_checks_newest_first(client: Client) -> None:
    story = await typed(client.probe, "db1")

    assert (56, "critical", 10_000.0, 3_000.0) == (
        len(story.checks),
        story.checks[0].outcome,
        story.checks[0].took,
        story.checks[0].phases.tls,
    )


async def test_who_is_on_call_now_and_then(sources: Sources, client: Client) -> None:
    now = {each.rotation: each for each in await typed(client.oncall)}
    in_a_week = await typed(client.oncall, sources.now + timedelta(days=7))
    then = {each.rotation: each for each in in_a_week}

    assert ((), ("bo",), ("ann",)) == tuple(
        now[name].now.people for name in ("database", "primary", "secondary")
    )
    assert ("ann",) == then["primary"].now.people
    assert ("eve",) == now["database"].unreachable


async def test_public_stories_come_with_their_entries(client: Client) -> None:
    (row,) = [row for row in await typed(client.incidents) if row.phase == "investigating"]
    story = await typed(client.incident, row.id)

    assert ("pay", "major_outage") == (row.affects[0].component, row.affects[0].state)
    assert [1] == [post.number for post in story.posts]
    assert story.posts[0].by is None


async def test_the_api_describes_itself(beside: Terminal) -> None:
    status, document = await told(beside, "openapi.json")

    assert 200 == status
    assert {"get", "post"} == document["paths"]["/api/v1/tickets"].keys()


# Acts.


async def test_an_act_is_answered_after_its_commit_with_what_it_did(
    sources: Sources, beside: Terminal
) -> None:
    done = await typed(beside.client("cem").acknowledge, 3)
    story = await typed(beside.client().ticket, 3)

    assert ("cem", 3, "acknowledged by cem (cli)") == (done.by, done.ticket, done.did[0])
    assert (State.ACKNOWLEDGED, "cem") == (ticket(sources, 3).state, ticket(sources, 3).holder)
    assert "acknowledged by cem (cli)" in [line.says for line in story.timeline], "the store has it"


async def test_without_a_name_it_is_the_account_that_acted(client: Client) -> None:
    done = await typed(client.comment, 2, "still looking")

    assert pwd.getpwuid(os.geteuid()).pw_name == done.by


async def test_a_ticket_goes_from_hand_to_hand(sources: Sources, beside: Terminal) -> None:
    bo = beside.client("bo")
    await typed(bo.acknowledge, 3)
    handed = await typed(bo.hand_over, 3, "dee")
    assert "handed over by bo to dee (cli)" == handed.did[0]

    await typed(beside.client("dee").decline, 3)
    resolved = await typed(beside.client("ann").resolve, 3, "a certificate", hold_until_clear=True)

    assert "resolved by hand (by ann): a certificate" in resolved.did
    assert State.RESOLVED is ticket(sources, 3).state


async def test_a_ticket_is_opened_by_hand(sources: Sources, beside: Terminal) -> None:
    done = await typed(beside.client("ann").open_ticket, "the lift is stuck", "shop", text="second floor")

    assert 4 == done.ticket
    assert ("the lift is stuck", "second floor", "urgent") == (
        ticket(sources, 4).title,
        ticket(sources, 4).summary,
        ticket(sources, 4).priority.value,
    )


async def test_a_person_writes_a_public_story(beside: Terminal) -> None:
    dee = beside.client("dee")
    begun = await typed(dee.begin_incident, "Slow search", "We look into it.", {"shop": "degraded"})
    assert begun.incident is not None
    await typed(dee.post, begun.incident, "All is well.", "resolved")
    story = await typed(dee.incident, begun.incident)

    assert [("investigating", "dee"), ("resolved", "dee")] == [(post.phase, post.by) for post in story.posts]


async def test_what_came_too_late_is_refused_with_the_sentence(beside: Terminal) -> None:
    with pytest.raises(Refused, match=r"Acknowledge by ann changed nothing: it is over since .*: it has rec"):
        await typed(beside.client("ann").acknowledge, 1)


async def test_a_post_that_would_not_be_true_is_refused(beside: Terminal) -> None:
    dee = beside.client("dee")
    (story,) = [row for row in await typed(dee.incidents) if row.phase == "investigating"]

    with pytest.raises(Refused, match="our monitoring still sees it"):
        await typed(dee.post, story.id, "All is well.", "resolved")
    with pytest.raises(Refused, match="there is no current incident"):
        await typed(dee.post, "nowhere", "Hello.")


async def test_what_never_was_is_not_found(client: Client) -> None:
    for question in (client.ticket, client.acknowledge):
        with pytest.raises(Refused, match="there is no ticket 99"):
            await typed(question, 99)
    with pytest.raises(Refused, match="there is no probe serch; did you mean `search`"):
        await typed(client.probe, "serch")
    with pytest.raises(Refused, match="there is no incident"):
        await typed(client.incident, "nowhere")


# Once.


async def test_the_same_key_acts_once_and_is_answered_alike(sources: Sources, beside: Terminal) -> None:
    body = {"title": "the lift is stuck", "service": "shop"}
    first = await told(beside, "tickets", body, idempotency_key="k1")
    again = await told(beside, "tickets", body, idempotency_key="k1")
    another = await told(beside, "tickets", body, idempotency_key="k2")

    assert first == again
    assert (4, 5) == (first[1]["ticket"], another[1]["ticket"])
    assert sources.world.get(Ticket, 6) is None


async def test_two_at_once_under_one_key_are_one(beside: Terminal) -> None:
    body = {"title": "the lift is stuck", "service": "shop"}
    answers = await asyncio.gather(*(told(beside, "tickets", body, idempotency_key="k1") for _ in range(4)))

    assert [4] * 4 == [answer[1]["ticket"] for answer in answers]


async def test_a_refusal_is_remembered_too(beside: Terminal) -> None:
    first = await told(beside, "tickets/1/acknowledge", {}, idempotency_key="k1")
    again = await told(beside, "tickets/1/acknowledge", {}, idempotency_key="k1")

    assert (409, first) == (first[0], again)


async def test_a_key_is_for_one_act_and_one_person(beside: Terminal) -> None:
    said = {"text": "looking"}
    await told(beside, "tickets/3/comment", said, idempotency_key="k1", monitord_by="ann")
    other = await told(beside, "tickets/3/comment", {"text": "no"}, idempotency_key="k1", monitord_by="ann")
    of_bo = await told(beside, "tickets/3/comment", said, idempotency_key="k1", monitord_by="bo")

    assert (422, "this Idempotency-Key was used for something else") == (other[0], other[1]["error"]["what"])
    assert (200, "bo") == (of_bo[0], of_bo[1]["by"])


async def test_a_key_is_forgotten_after_a_day(sources: Sources, beside: Terminal) -> None:
    body = {"title": "the lift is stuck", "service": "shop"}
    first = await told(beside, "tickets", body, idempotency_key="k1")
    assert isinstance(sources.clock, VirtualClock)
    sources.clock.passed += 25 * 3600
    later = await told(beside, "tickets", body, idempotency_key="k1")

    assert (4, 5) == (first[1]["ticket"], later[1]["ticket"])


async def test_what_could_not_be_decided_may_be_asked_again(
    sources: Sources, beside: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(fact: object) -> "asyncio.Future[Any]":
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        answer.set_exception(FactRefused("Comment could not be decided: KeyError"))
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(sources.engine, "post", refusing)
        first = await told(beside, "tickets/3/comment", {"text": "a"}, idempotency_key="k1")
    again = await told(beside, "tickets/3/comment", {"text": "a"}, idempotency_key="k1")

    assert (500, 200) == (first[0], again[0])


# What is wrong is said: what, where, and what would be right.

ABOUT_NOTHING = {
    "matchers": [{"name": "service", "value": "shp"}],
    "reason": "a",
    "end": "2026-11-22T08:00:00Z",
}


@pytest.mark.parametrize(
    ("path", "body", "where", "what"),
    [
        ("tickets", {"title": "a", "service": "shpo"}, "body.service", "there is no service shpo"),
        ("tickets", {"title": " ", "service": "shop"}, "body.title", "`title` is blank"),
        ("tickets", {"title": "a" * 201, "service": "shop"}, "body.title", "`title` is too long"),
        ("tickets", {"title": "a", "service": "shop", "urgent": 1}, "body.urgent", "is unknown here"),
        ("tickets", {"title": "\ud800", "service": "shop"}, "body.title", "`title` is not valid text"),
        ("tickets", {"title": "a", "service": "shop", "priority": "now"}, "body.priority", "`now` is not"),
        ("tickets/3/hand_over", {"to": "ben"}, "body.to", "there is no person ben"),
        ("tickets/3/comment", {"text": "a" * 4001}, "body.text", "`text` is too long"),
        ("tickets/three/comment", {"text": "a"}, "path.number", "`number` is `three`, not a whole number"),
        ("tickets/0/comment", {"text": "a"}, "path.number", "`number` is `0`"),
        ("incidents", {"title": "a", "body": "b", "affects": {}}, "body.affects", "`affects` is empty"),
        ("incidents", {"title": "a", "body": "b", "affects": {"x": "degraded"}}, "body.affects", "nent x"),
        ("tickets/3/comment", {"text": ""}, "body.text", "`text` is empty"),
        ("tickets/3/comment", {}, "body.text", "`text` is missing"),
        ("tickets/3/comment", {"text": ["a"]}, "body.text", "`text` is a list, not a text"),
        ("tickets/3/snooze", {"until": "soon"}, "body.until", "`until` is `soon`, not an instant"),
        ("tickets/3/snooze", {"until": "2026-01-05T09:00:00"}, "body.until", "is without a time zone"),
        ("tickets/3/snooze", {"until": "9999-12-31T23:59:59-14:00"}, "body.until", "the calendar ends"),
        ("tickets/3/resolve", {"hold_until_clear": "si"}, "body.hold_until_clear", "`si`, not true or false"),
        ("tickets/3/page", {"whom": "bo"}, "body.whom", "`whom` is `bo`, not a list"),
        ("tokens/x/revoke", {}, "path.token", "`x` cannot be `token`"),
        ("silences", ABOUT_NOTHING, "body.matchers.0.value", "there is no service shp"),
        ("incidents/x/posts", {"body": "b", "phase": "waiting"}, "body.phase", "`waiting` is not possible"),
    ],
)  # fmt: skip
async def test_a_mistake_is_named(
    beside: Terminal, path: str, body: dict[str, Any], where: str, what: str
) -> None:
    status, said = await told(beside, path, body)

    assert (422, where) == (status, said["error"]["where"])
    assert what in said["error"]["what"]
    assert said["error"]["remedy"] not in ("", "see /api/v1/openapi.json")


@pytest.mark.parametrize(
    ("path", "body", "remedy"),
    [
        ("tickets", {"title": "a", "service": "shop", "prority": "low"}, "did you mean `priority`?"),
        ("tickets", {"titel": "a", "service": "shop"}, "did you mean `title`?"),
        ("tickets", {"title": "a", "service": "shop", "priority": "urgnt"}, "did you mean `urgent`?"),
        ("tickets", {"title": "a" * 201, "service": "shop"}, "at most 200 characters are read"),
        ("tickets/3/snooze", {"until": "soon"}, "write it like 2026-01-05T09:00:00Z"),
        ("tickets/3/resolve", {"hold_until_clear": "si"}, "write true or false"),
        ("silences", {"matchers": [{"nam": "a"}], "reason": "a", "end": "2026-11-22T08:00:00Z"}, "`name`"),
    ],
)
async def test_what_would_be_right_is_said(
    beside: Terminal, path: str, body: dict[str, Any], remedy: str
) -> None:
    status, said = await told(beside, path, body)

    assert 422 == status
    assert remedy in f"{said['error']['what']}; {said['error']['remedy']}"


async def test_a_body_that_is_no_object_is_said(beside: Terminal) -> None:
    status, said = await told(beside, "tickets/3/comment", [])  # type: ignore[arg-type]

    assert (422, "body", "the body is a list, not an object") == (
        status,
        said["error"]["where"],
        said["error"]["what"],
    )


async def test_a_question_that_is_none_of_ours_is_refused(beside: Terminal) -> None:
    for path, where, remedy in (
        ("tickets?sate=open", "query.sate", "did you mean `state`?"),
        ("status?x=1", "query.x", "this address takes none"),
        ("oncall?when=2026-01-05T09:00:00Z", "query.when", "possible are: at"),
    ):
        status, said = await told(beside, path)
        assert (400, where) == (status, said["error"]["where"])
        assert "unknown here" in said["error"]["what"] and remedy in said["error"]["remedy"]


async def test_a_question_has_its_limits_too(beside: Terminal) -> None:
    for path, where in (
        ("tickets?limit=501", "query.limit"),
        ("tickets?state=odd", "query.state"),
        ("tickets?cursor=x", "query.cursor"),
        ("deliveries?cursor=WyJ4IiwieCJd", "query.cursor"),
        ("results", "query.probe"),
        ("oncall?at=2026-01-05T09:00:00", "query.at"),
        ("oncall?at=0001-01-01T00:00:00Z", "query.at"),
    ):
        status, said = await told(beside, path)
        assert (422, where) == (status, said["error"]["where"])


async def test_nobody_acts_in_a_strangers_name(beside: Terminal) -> None:
    with pytest.raises(WrongUse, match="there is no person ben; there are ann, bo, cem"):
        await typed(beside.client("ben").acknowledge, 3)


async def test_a_body_has_a_limit(beside: Terminal) -> None:
    status, said = await told(beside, "tickets/3/comment", {"text": "a" * 70_000})

    assert (413, "body") == (status, said["error"]["where"])


async def test_an_unknown_address_is_said(beside: Terminal) -> None:
    status, said = await told(beside, "tickets/3/explode", {})

    assert (404, "/api/v1/tickets/3/explode") == (status, said["error"]["where"])


async def test_what_is_asked_about_a_bug_is_sorry(tmp_path: Path) -> None:
    play = Play()
    play.check("mail", Outcome.OK, "fine", 3)
    async with opened(tmp_path / "store", play) as sources, terminal(sources, tmp_path / "store") as beside:
        sources.engine.latest["mail"] = object()  # type: ignore[assignment]
        status, said = await told(beside, "probes")

    assert (500, "something went wrong here, and it has been noted") == (status, said["error"]["what"])
